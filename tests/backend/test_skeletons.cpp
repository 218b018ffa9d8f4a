// The skeletons against the CPU's, on tensors of every layout: equal bits.
#include <cstdint>
#include <vector>

#include "../support/random.hpp"
#include "../support/shape.hpp"
#include "compare.hpp"

using lfnc::index_t;

namespace {

// Nothing that could be fused, which an operator of map has to see to.
struct add_row {
  float row;
  template <class T>
  LFNC_HD T operator()(T x) const {
    return (x + static_cast<T>(row)) * 3;
  }
};
struct make_add_row {
  LFNC_HD add_row operator()(index_t row) const { return {static_cast<float>(row)}; }
};

// Bits that depend on the order of additions, and on every element.
struct sums {
  static constexpr int fields = 2;
  LFNC_HD void add(float x, double* field, index_t stride) const {
    field[0] += lfnc::detail::rounded(static_cast<double>(x) * 1e-3);
    field[stride] = field[stride] * 0.5 + static_cast<double>(x);
  }
  LFNC_HD double merge(int k, double a, double b) const { return k == 0 ? a + b : a * 0.25 + b; }
};
struct store {
  double* first;
  double* second;
  template <class Fields>
  LFNC_HD void operator()(index_t row, const Fields& field) const {
    first[row] = field[0];
    second[row] = field[1];
  }
};

struct key_of {
  bool magnitude;
  LFNC_HD float operator()(float x) const { return magnitude && x < 0 ? -x : x; }
};
struct make_key {
  LFNC_HD key_of operator()(index_t row) const { return {row % 2 != 0}; }
};

// Copies what a sink sees to where its row begins.
struct copy_sorted {
  struct work_area {
    double last[3000];
  };
  lfnc::group_view<const char> layout;
  float* keys;
  double* totals;

  LFNC_HD void operator()(index_t row, const float* key, const double* total, index_t count,
                          work_area& area) const {
    const index_t begin = layout.first_of(row);
    for (index_t k = 0; k < count; ++k) keys[begin + k] = key[k];
    for (index_t k = 0; k <= count; ++k) area.last[k % 3000] = total[k];
    for (index_t k = 0; k <= count; ++k) {
      totals[begin + row + k] = k + 3000 > count ? area.last[k % 3000] : total[k];
    }
  }
};

struct bin_of {
  LFNC_HD int operator()(float x) const { return x < -1 ? 0 : x < 0 ? 1 : x < 1 ? 2 : 299; }
};

struct square {
  index_t* out;
  LFNC_HD void operator()(index_t k) const { out[k] += k * k; }
};

template <int Rank>
void check_skeletons(generator& random, const shape<Rank>& extents, bool repeats,
                     int longest = 60) {
  auto tensor = random_layout<float, Rank>(random, extents, repeats);
  for (float& x : tensor.memory) x = static_cast<float>(random.gaussian());
  auto target = random_layout<double, Rank>(random, extents, false);
  const backend::memory<float> values(tensor.memory);

  for (int axis = 0; axis < Rank; ++axis) {
    const auto size = static_cast<index_t>(1 + longest / 8 + random.below(longest));
    const auto host = lfnc::groups(tensor.view, axis, size);
    const auto view =
        lfnc::groups(backend::same_layout(tensor.view, tensor.memory.data(), values), axis, size);
    const auto rows = static_cast<std::size_t>(host.rows());
    const auto elements = static_cast<std::size_t>(host.base.size());

    std::vector<double> first(rows);
    std::vector<double> second(rows);
    const backend::memory<double> first_there(first);
    const backend::memory<double> second_there(second);
    lfnc::reduce(lfnc::cpu{1}, host, lfnc::for_all_rows<sums>{},
                 store{first.data(), second.data()});
    backend::run([&](const auto& policy) {
      lfnc::reduce(policy, view, lfnc::for_all_rows<sums>{},
                   store{first_there.data(), second_there.data()});
    });
    CHECK_SAME_BITS(first, first_there.host());
    CHECK_SAME_BITS(second, second_there.host());

    std::vector<float> keys(elements);
    std::vector<double> totals(elements + rows);
    const backend::memory<float> keys_there(keys);
    const backend::memory<double> totals_there(totals);
    const std::vector<char> nothing(elements);
    const lfnc::group_view<const char> layout{
        backend::dense<lfnc::host_space>(nothing.data(), host.base.channels, host.base.row_size()),
        host.group_size};
    lfnc::sort_rows(lfnc::cpu{1}, host, make_key{},
                    copy_sorted{layout, keys.data(), totals.data()});
    backend::run([&](const auto& policy) {
      sort_rows(policy, view, make_key{},
                copy_sorted{layout, keys_there.data(), totals_there.data()});
    });
    CHECK_SAME_BITS(keys, keys_there.host());
    CHECK_SAME_BITS(totals, totals_there.host());

    const backend::memory<double> out_there(target.memory);
    const auto out = lfnc::groups(
        backend::same_layout(target.view, target.memory.data(), out_there), axis, size);
    backend::run([&](const auto& policy) { map(policy, view, out, make_add_row{}); });
    lfnc::map(lfnc::cpu{1}, host, lfnc::groups(target.view, axis, size), make_add_row{});
    CHECK_SAME_BITS(target.memory, out_there.host());

    std::vector<std::uint64_t> counts(300, 7);
    const backend::memory<std::uint64_t> counts_there(counts);
    lfnc::tally(lfnc::cpu{1}, host.base, bin_of{}, counts.data(), 300);
    backend::run(
        [&](const auto& policy) { tally(policy, view.base, bin_of{}, counts_there.data(), 300); });
    CHECK_SAME_BITS(counts, counts_there.host());
  }
}

// Dense map of `count` elements in `channels` rows, beginning `offset` elements into the memory.
template <class In, class Out>
void check_dense_map(index_t channels, index_t count, index_t offset) {
  generator random(static_cast<std::uint64_t>(count));
  std::vector<In> in(static_cast<std::size_t>(offset + channels * count));
  for (In& x : in) x = as<In>(random.uniform(-100, 100));
  std::vector<Out> out(in.size());
  const backend::memory<In> in_there(in);
  const backend::memory<Out> out_there(out);
  const auto rows = [&]<class T, class Space>(T* data, Space) {
    const auto view = backend::dense<Space>(data + offset, channels, count);
    return lfnc::groups(view);
  };
  lfnc::map(lfnc::cpu{1}, rows(in.data(), lfnc::host_space{}), rows(out.data(), lfnc::host_space{}),
            make_add_row{});
  backend::run([&](const auto& policy) {
    map(policy, rows(in_there.data(), backend::space{}), rows(out_there.data(), backend::space{}),
        make_add_row{});
  });
  CHECK_SAME_BITS(out, out_there.host());
}

}  // namespace

TEST_CASE("reduce, sort_rows, map and tally over layouts of several ranks") {
  for_random_shapes<1, 2, 4, 7>(
      4, [&]<int Rank>(generator& random, const shape<Rank>& extents, bool repeats) {
        check_skeletons<Rank>(random, extents, repeats);
      });
}

TEST_CASE("rows that are longer than any batch or tile") {
  generator random(9);
  check_skeletons<3>(random, {3, 70, 31}, false, 1000);
  check_skeletons<1>(random, {5000}, false, 3000);
  check_skeletons<2>(random, {2, 2170}, false, 5000);
}

TEST_CASE("dense tensors of every length around a chunk, aligned or not") {
  for (index_t count = 1; count < 300; count += count < 40 ? 1 : 37) {
    check_dense_map<float, float>(1, count, 0);
    check_dense_map<float, float>(3, count, 0);
    check_dense_map<float, float>(1, count, 1);
  }
  check_dense_map<double, float>(5, 1001, 0);
  check_dense_map<lfnc::float16, float>(1, 4099, 0);
  check_dense_map<float, lfnc::bfloat16>(2, 4099, 0);
}

TEST_CASE("map may write where it reads") {
  std::vector<float> values(10007);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(k);
  const backend::memory<float> there(values);
  const auto view = lfnc::groups(backend::dense<backend::space>(there.data(), 1, 10007));
  backend::run([&](const auto& policy) { map(policy, view, view, make_add_row{}); });
  for (float& x : values) x = x * 3;
  CHECK_SAME_BITS(values, there.host());
}

TEST_CASE("for_each visits every index once") {
  for (const index_t count : {1, 31, 1000, 70001}) {
    const backend::memory<index_t> there(std::vector<index_t>(static_cast<std::size_t>(count), 1));
    backend::run([&](const auto& policy) { for_each(policy, count, square{there.data()}); });
    const std::vector<index_t> values = there.host();
    int wrong = 0;
    for (index_t k = 0; k < count; ++k) wrong += values[static_cast<std::size_t>(k)] != 1 + k * k;
    CHECK(wrong == 0);
  }
}

TEST_CASE("scratch memory is zero and gives back what was taken last") {
  backend::run([&](const auto& policy) {
    for (int round = 0; round < 3; ++round) {
      auto outer = open_scratch(policy);
      index_t* squares = outer.template take<index_t>(100);
      for_each(policy, 100, square{squares});
      auto inner = open_scratch(policy);
      index_t* others = inner.template take<index_t>(100);
      for_each(policy, 100, square{others});
      const backend::memory<index_t> there(std::vector<index_t>(100, 0));
      if constexpr (backend::has_workspace) {
        if (policy.counting()) continue;
      }
      std::vector<index_t> values(100);
      backend::download(values.data(), others, 100 * sizeof(index_t));
      CHECK(values[9] == 81);
      CHECK(values[99] == 9801);
    }
  });
}
