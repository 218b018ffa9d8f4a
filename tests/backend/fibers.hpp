// A machine that runs the grid's kernels without a device: every thread of a block is a fiber, and
// a fiber that waits for others lets them run. So the device backend's own code (index arithmetic,
// teams, shared memory, the order of additions) is tested wherever the library is; what is left to
// a real device is CUDA's own: memory ordering, CUB's sort, the compiler.
#pragma once

#include <ucontext.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <lfnc/exec/grid/grid.hpp>
#include <memory>
#include <stdexcept>
#include <vector>

namespace fibers {

using lfnc::index_t;

// The threads of a block, of which one runs at a time.
class group {
 public:
  explicit group(int threads, bool backwards)
      : threads_(threads),
        backwards_(backwards),
        contexts_(static_cast<std::size_t>(threads)),
        finished_(static_cast<std::size_t>(threads)),
        stacks_(stacks(static_cast<std::size_t>(threads) * stack_bytes)) {}

  // Runs body(thread) in every fiber until all have returned. Throws where all of them wait.
  void run(const std::function<void(int)>& body) {
    body_ = &body;
    std::fill(finished_.begin(), finished_.end(), false);
    for (int t = 0; t < threads_; ++t) prepare(t);
    int left = threads_;
    while (left > 0) {
      progress_ = false;
      for (int k = 0; k < threads_; ++k) {
        const int t = backwards_ ? threads_ - 1 - k : k;
        if (finished_[static_cast<std::size_t>(t)]) continue;
        now_ = t;
        current_ = this;
        swapcontext(&scheduler_, &contexts_[static_cast<std::size_t>(t)]);
        if (finished_[static_cast<std::size_t>(t)]) {
          --left;
          progress_ = true;
        }
      }
      if (!progress_) throw std::logic_error("the threads of a block wait for one another");
    }
  }

  // Called by a fiber: lets the others run until ready() holds.
  template <class Ready>
  void wait(Ready ready) {
    while (!ready()) swapcontext(&contexts_[static_cast<std::size_t>(now_)], &scheduler_);
    progress_ = true;
  }

 private:
  static constexpr std::size_t stack_bytes = 256 * 1024;

  void prepare(int thread) {
    ucontext_t& context = contexts_[static_cast<std::size_t>(thread)];
    getcontext(&context);
    context.uc_stack.ss_sp = stacks_ + static_cast<std::size_t>(thread) * stack_bytes;
    context.uc_stack.ss_size = stack_bytes;
    context.uc_link = &scheduler_;
    makecontext(&context, reinterpret_cast<void (*)()>(&group::enter), 0);
  }

  static void enter() {
    group& self = *current_;
    const int thread = self.now_;
    (*self.body_)(thread);
    self.finished_[static_cast<std::size_t>(thread)] = true;
  }

  // Memory that is kept, since zeroing and returning it would take longer than the kernels.
  static std::byte* stacks(std::size_t bytes) {
    static std::unique_ptr<std::byte[]> memory;
    static std::size_t size = 0;
    if (size < bytes) {
      memory = std::make_unique_for_overwrite<std::byte[]>(bytes);
      size = bytes;
    }
    return memory.get();
  }

  static inline group* current_ = nullptr;

  int threads_;
  bool backwards_;
  bool progress_ = false;
  int now_ = 0;
  const std::function<void(int)>* body_ = nullptr;
  std::vector<ucontext_t> contexts_;
  std::vector<bool> finished_;
  std::byte* stacks_;
  ucontext_t scheduler_{};
};

// What the threads of a block share.
struct block_state {
  group& threads_;
  int count;
  index_t index;
  index_t blocks;
  std::vector<std::byte> shared;
  std::vector<std::int64_t> arrivals;   // of every thread at sync()
  std::vector<std::int64_t> exchanges;  // of every thread
  std::vector<double> slots;            // two a thread, used in turn
};

struct block {
  block_state* state;
  int number;

  int thread() const { return number; }
  int threads() const { return state->count; }
  index_t index() const { return state->index; }
  index_t blocks() const { return state->blocks; }
  void sync() const {
    const std::int64_t mine = ++state->arrivals[static_cast<std::size_t>(number)];
    state->threads_.wait([&] {
      return std::ranges::all_of(state->arrivals, [&](std::int64_t a) { return a >= mine; });
    });
  }
  double exchange(double value, int distance) const {
    const auto self = static_cast<std::size_t>(number);
    const auto other = static_cast<std::size_t>(number ^ distance);
    const std::int64_t mine = ++state->exchanges[self];
    const auto turn = static_cast<std::size_t>(mine % 2) * static_cast<std::size_t>(state->count);
    state->slots[turn + self] = value;
    const auto first = static_cast<std::ptrdiff_t>(number / lfnc::lanes * lfnc::lanes);
    state->threads_.wait([&] {
      const auto team = state->exchanges.begin() + first;
      return std::all_of(team, team + lfnc::lanes, [&](std::int64_t e) { return e >= mine; });
    });
    return state->slots[turn + other];
  }
  void* shared() const { return state->shared.data(); }
  void add(std::uint32_t* place, std::uint32_t n) const { *place += n; }
  void add(std::uint64_t* place, std::uint64_t n) const { *place += n; }
  void lower(index_t* place, index_t n) const { *place = std::min(*place, n); }
};

struct machine {
  std::size_t shared_bytes = 227 * 1024;
  // Whether the threads of a block take turns backwards, which must make no difference.
  bool backwards = false;

  template <class Kernel>
  void launch(const char*, const Kernel& kernel, index_t blocks, int threads,
              std::size_t shared) const {
    group all(threads, backwards);
    const auto count = static_cast<std::size_t>(threads);
    for (index_t b = 0; b < blocks; ++b) {
      block_state state{all,
                        threads,
                        backwards ? blocks - 1 - b : b,
                        blocks,
                        std::vector<std::byte>(shared, std::byte{0xA5}),
                        std::vector<std::int64_t>(count),
                        std::vector<std::int64_t>(count),
                        std::vector<double>(2 * count)};
      all.run([&](int thread) { kernel(block{&state, thread}); });
    }
  }
  void clear(void* place, std::size_t bytes) const { std::memset(place, 0, bytes); }
  void fetch(const void* place, std::size_t bytes, void* target) const {
    std::memcpy(target, place, bytes);
  }
  std::size_t shared_limit() const { return shared_bytes; }

  index_t sorts_at_a_time = 0x7FFFFFFF;
  index_t most_keys() const { return sorts_at_a_time; }

  template <class Key>
  std::size_t sort_bytes(index_t keys, index_t rows) const {
    return static_cast<std::size_t>(keys + rows);
  }
  template <class Key>
  void sort(const lfnc::detail::key_segments& segments, const Key* in, Key* out, void* memory,
            std::size_t bytes) const {
    if (sort_bytes<Key>(segments.keys(), segments.rows) > bytes) {
      throw std::logic_error("too little memory to sort");
    }
    std::memset(memory, 0xA5, bytes);
    std::copy(in, in + segments.keys(), out);
    for (index_t row = 0; row < segments.rows; ++row) {
      std::sort(out + segments.begin(row), out + segments.end(row), std::greater<>());
    }
  }
};

}  // namespace fibers
