// pack and unpack in cache. The limit copies the codes, a byte each: at least the traffic of
// either.
#include <lfnc/pack.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "harness.hpp"

namespace {

constexpr std::size_t count = 1U << 16;

struct layout {
  lfnc::packing kind;
  const char* name;
  int low;
  int levels;
};

std::span<std::int8_t> fill(const layout& to) {
  std::int8_t* codes = bench::output<std::int8_t>(count);
  generator random(count);
  for (std::size_t k = 0; k < count; ++k) {
    codes[k] = static_cast<std::int8_t>(to.low + random.below(to.levels));
  }
  return {codes, count};
}

std::span<std::uint8_t> packed(const layout& to) {
  const auto bytes =
      static_cast<std::size_t>(lfnc::packed_size(to.kind, static_cast<lfnc::index_t>(count)));
  return {bench::output<std::uint8_t>(bytes), bytes};
}

void add_copy_limit(const std::string& work) {
  bench::add(work + "/limit:memcpy", "code", count, [] {
    const std::uint8_t* from = bench::output<std::uint8_t>(count);
    std::int8_t* to = bench::output<std::int8_t>(count);
    return [=] { std::memcpy(to, from, count); };
  });
}

void add_layout(const layout& to) {
  const std::string name = std::to_string(count) + "/" + to.name;
  bench::add("pack/" + name + "/lfnc", "code", count, [to] {
    const std::span<const std::int8_t> codes = fill(to);
    const std::span<std::uint8_t> bytes = packed(to);
    return [=] { lfnc::pack(to.kind, codes, bytes); };
  });
  add_copy_limit("pack/" + name);

  bench::add("unpack/" + name + "/lfnc", "code", count, [to] {
    const std::span<std::int8_t> codes = fill(to);
    const std::span<std::uint8_t> bytes = packed(to);
    lfnc::pack(to.kind, codes, bytes);
    return [=] { lfnc::unpack(to.kind, bytes, codes); };
  });
  add_copy_limit("unpack/" + name);
}

}  // namespace

void register_benchmarks() {
  add_layout({lfnc::packing::int4, "int4", -8, 16});
  add_layout({lfnc::packing::int4_offset8, "int4_offset8", -8, 16});
  add_layout({lfnc::packing::int3, "int3", -4, 8});
  add_layout({lfnc::packing::exponent3, "exponent3", -1, 3});
  add_layout({lfnc::packing::exponent4, "exponent4", -1, 3});
  add_layout({lfnc::packing::ternary2, "ternary2", -1, 3});
  add_layout({lfnc::packing::base3, "base3", -1, 3});
}
