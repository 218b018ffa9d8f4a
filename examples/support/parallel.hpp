// Independent jobs on all cores.
#pragma once

#include <cstddef>
#include <functional>

namespace support {

// Calls job(0) .. job(count - 1), each once, from several threads, and waits. Where jobs throw,
// the exception of the lowest index is thrown again after all threads have stopped; jobs that had
// not begun by then may be left out.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& job);

}  // namespace support
