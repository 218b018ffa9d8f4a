// lfnc floor 2: grouping_reader: rows that are grouped once and then reduced again and again.
#pragma once

#include <concepts>
#include <optional>

#include "step_groups.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// A reader of the host that answers step reducers from groups. All those of one row must differ in
// their factor alone.
template <class Reader, std::floating_point Key>
class grouping_reader : public Reader {
 public:
  grouping_reader(const Reader& reader, instruction_set used, step_groups<Key>& groups)
      : Reader(reader), used_(used), groups_(groups) {}

  template <class Reducer>
  reduced<Reducer::fields> reduce(const Reducer& reducer) const {
    if constexpr (step_reducer<Reducer>) {
      if (!taken_) groups_.take(used_, this->rows, this->row, reducer);
      taken_ = true;
      reduced<Reducer::fields> sums;
      if (groups_.reduce(used_, reducer, sums)) return sums;
    }
    return Reader::reduce(reducer);
  }

 private:
  instruction_set used_;
  step_groups<Key>& groups_;
  mutable bool taken_ = false;
};

// Calls a task with one row after another.
template <std::floating_point Key, class Task>
class row_caller {
 public:
  row_caller(const Task& task, instruction_set, index_t) : task_(task) {}

  template <class Reader>
  void operator()(index_t row, const Reader& reader) {
    task_(row, reader);
  }

 private:
  const Task& task_;
};

// Groups those rows of which task.groups(length) holds; they have up to `longest` elements.
template <std::floating_point Key, grouping_task Task>
class row_caller<Key, Task> {
 public:
  row_caller(const Task& task, instruction_set used, index_t longest)
      : task_(task), used_(used), longest_(longest) {}

  template <class Reader>
  void operator()(index_t row, const Reader& reader) {
    if (task_.groups(reader.rows.row_length(row))) {
      if (!groups_) groups_.emplace(longest_);
      task_(row, grouping_reader(reader, used_, *groups_));
    } else {
      task_(row, reader);
    }
  }

 private:
  const Task& task_;
  instruction_set used_;
  index_t longest_;
  std::optional<step_groups<Key>> groups_;
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
