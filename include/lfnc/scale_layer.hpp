// lfnc floor 4: scale_layer: the layer added after integer weights: alpha and (1 - alpha) b.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

#include "error.hpp"
#include "fit/row.hpp"
#include "scalar.hpp"
#include "view.hpp"

namespace lfnc {
inline namespace LFNC_ABI {

// The two blobs of the Scale layer that follows a layer with integer weights Q and bias b:
//   alpha Q x + b = alpha (Q x + b) + (1 - alpha) b
// so scale[c] = alpha[c] and shift[c] = (1 - alpha[c]) b[c]. An empty bias stands for b = 0 (shift
// is then 0). Host memory, one entry an output channel; shift may be bias itself. Throws
// argument_error, before anything is written, where sizes differ or an alpha is negative or not
// finite (0, of an all-zero row, is fine), overflow_error where T cannot hold a result. Source: He
// & Cheng, ECCV 2018, section 3.3.
template <class T>
void make_scale_layer(std::span<const row_fit> rows, std::type_identity_t<std::span<const T>> bias,
                      std::span<T> scale, std::type_identity_t<std::span<T>> shift) {
  detail::require(bias.empty() || bias.size() == rows.size(), "bias", [&] {
    return detail::sentence({"holds ", bias.size(), " entries for ", rows.size(), " rows"});
  });
  detail::require(scale.size() == rows.size(), "scale", [&] {
    return detail::sentence({"holds ", scale.size(), " entries for ", rows.size(), " rows"});
  });
  detail::require(shift.size() == rows.size(), "shift", [&] {
    return detail::sentence({"holds ", shift.size(), " entries for ", rows.size(), " rows"});
  });
  for (std::size_t c = 0; c < rows.size(); ++c) {
    detail::require(rows[c].alpha >= 0 && detail::finite(rows[c].alpha), "rows", [&] {
      return detail::sentence({"alpha of row ", c, " is ", detail::shortest(rows[c].alpha)});
    });
  }
  const auto shift_of = [&](std::size_t c) {
    return (1 - rows[c].alpha) * (bias.empty() ? 0 : static_cast<double>(bias[c]));
  };
  for (std::size_t c = 0; c < rows.size(); ++c) {
    const auto check = [&](double value, const char* argument) {
      if (detail::finite(value) && !detail::finite(static_cast<double>(static_cast<T>(value)))) {
        detail::raise(overflow_error("lfnc: " + std::string(argument) + ": entry " +
                                     std::to_string(c) + " would be " + detail::shortest(value) +
                                     ", beyond the range of its type"));
      }
    };
    check(rows[c].alpha, "scale");
    check(shift_of(c), "shift");
  }
  for (std::size_t c = 0; c < rows.size(); ++c) {
    const double moved = shift_of(c);
    scale[c] = static_cast<T>(rows[c].alpha);
    shift[c] = static_cast<T>(moved);
  }
}

// The same of vectors and arrays.
template <detail::writable_list Scale>
void make_scale_layer(std::span<const row_fit> rows,
                      std::type_identity_t<std::span<const detail::element_of<Scale>>> bias,
                      Scale&& scale,
                      std::type_identity_t<std::span<detail::element_of<Scale>>> shift) {
  make_scale_layer<detail::element_of<Scale>>(rows, bias, std::span(scale), shift);
}

}  // namespace LFNC_ABI
}  // namespace lfnc
