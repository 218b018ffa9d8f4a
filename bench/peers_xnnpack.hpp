// XNNPACK's convert operator on the calling thread, in the instruction set that it chooses itself.
#pragma once

#include <xnnpack.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>

namespace peer {

inline void xnnpack_check(xnn_status status) {
  if (status != xnn_status_success) throw std::runtime_error("XNNPACK refuses to convert");
}

// out = saturate(x / scale) for `count` numbers: what is called is xnn_run_operator. x has
// XNN_EXTRA_BYTES behind it.
inline std::shared_ptr<xnn_operator> xnnpack_quantize(const float* x, std::uint8_t* out,
                                                      std::size_t count, float scale) {
  xnnpack_check(xnn_initialize(nullptr));
  xnn_operator_t convert = nullptr;
  xnnpack_check(xnn_create_convert_nc_f32_qu8(count, count, count, scale, 0, 0, 255, 0, &convert));
  const std::shared_ptr<xnn_operator> owner(convert, xnn_delete_operator);
  xnnpack_check(xnn_setup_convert_nc_f32_qu8(convert, 1, x, out, nullptr));
  return owner;
}

}  // namespace peer
