// Codebooks by the names that options, reports and files give them.
#pragma once

#include <lfnc/codebook.hpp>
#include <stdexcept>
#include <string>

namespace compress {

// Calls run(codebook) with the codebook of that name. Throws std::invalid_argument where there is
// none.
template <class Run>
void with_codebook(const std::string& name, Run run) {
  if (name == "ternary") return run(lfnc::ternary());
  if (name == "fixed-8") return run(lfnc::fixed_point());
  for (int bits = 2; bits <= 8; ++bits) {
    if (name == lfnc::uniform(bits).name()) return run(lfnc::uniform(bits));
  }
  for (int bits = 3; bits <= 4; ++bits) {
    if (name == lfnc::power_of_two(bits).name()) return run(lfnc::power_of_two(bits));
    const auto published = lfnc::power_of_two::published(bits);
    if (name == published.name()) return run(published);
  }
  throw std::invalid_argument("there is no codebook '" + name +
                              "': ternary, uniform-2 .. uniform-8, power-of-two-3, power-of-two-4, "
                              "published-power-of-two-3, published-power-of-two-4, fixed-8");
}

}  // namespace compress
