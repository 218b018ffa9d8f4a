#include <lfnc/exec/cpu/grouping_reader.hpp>

#include <lfnc/exec/common/row_reader.hpp>

#include <doctest/doctest.h>

#include <type_traits>
#include <vector>

using lfnc::index_t;

namespace {

// A reducer that has no steps.
struct count_elements {
  static constexpr int fields = 1;
  void add(float, double* field, index_t) const { field[0] += 1; }
  double merge(int, double a, double b) const { return a + b; }
};

using plain_reader = lfnc::detail::row_reader<const float, lfnc::host_space>;

// Counts the elements of a row, and the rows that came by way of groups.
struct count_rows {
  int* elements;
  int* grouped;

  static bool groups(index_t length) { return length >= 8; }

  template <class Reader>
  void operator()(index_t, const Reader& reader) const {
    *elements += static_cast<int>(reader.reduce(count_elements())[0]);
    *grouped += !std::is_same_v<Reader, plain_reader>;
  }
};

// The same without an opinion on groups.
struct count_plainly : private count_rows {
  explicit count_plainly(const count_rows& counts) : count_rows(counts) {}
  using count_rows::operator();
};

}  // namespace

TEST_CASE("other reducers read the row") {
  const std::vector<float> memory(20, 3);
  const auto rows = lfnc::groups(lfnc::as_view(memory, {1, 20}), 0, 20);
  const lfnc::detail::row_reader<const float, lfnc::host_space> reader{rows, 0};
  lfnc::detail::step_groups<float> groups(20);
  const lfnc::detail::grouping_reader grouped(reader, lfnc::used_instruction_set(), groups);
  CHECK(grouped.reduce(count_elements())[0] == 20);
}

TEST_CASE("rows are grouped where the task wants it") {
  const std::vector<float> memory(20, 3);
  const auto rows = lfnc::groups(lfnc::as_view(memory, {1, 20}), 0, 8);
  const auto set = lfnc::used_instruction_set();
  int elements = 0;
  int grouped = 0;
  const count_rows task{&elements, &grouped};
  lfnc::detail::row_caller<float, count_rows> call(task, set, 8);
  for (index_t row = 0; row < 3; ++row) call(row, plain_reader{rows, row});
  CHECK(elements == 20);
  CHECK(grouped == 2);  // the last one has 4 elements
  const count_plainly plainly(task);
  lfnc::detail::row_caller<float, count_plainly> call_plainly(plainly, set, 8);
  for (index_t row = 0; row < 3; ++row) call_plainly(row, plain_reader{rows, row});
  CHECK(elements == 40);
  CHECK(grouped == 2);
}
