// lfnc floor 2: scratch: memory that a verb on the host needs while it runs.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "../error.hpp"
#include "../scalar.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Zero-initialized arrays that live as long as this object.
class host_scratch {
 public:
  template <class T>
  T* take(index_t count) {
    auto block = std::make_shared<T[]>(static_cast<std::size_t>(count));
    blocks_.push_back(block);
    return block.get();
  }

 private:
  std::vector<std::shared_ptr<void>> blocks_;
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
