// The steps of a codebook's levels, by value.
#pragma once

#include <lfnc/detail/level_steps.hpp>

template <lfnc::codebook_type Codebook>
lfnc::detail::level_steps make_steps(const Codebook& codebook, bool negative) {
  lfnc::detail::level_steps steps;
  lfnc::detail::fill_steps(codebook, negative, &steps);
  return steps;
}
