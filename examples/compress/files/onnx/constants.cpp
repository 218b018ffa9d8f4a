#include "constants.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>

#include "../model_file.hpp"

namespace compress {
namespace {

static_assert(std::endian::native == std::endian::little, "raw tensor data is little-endian");

[[noreturn]] void refuse(const TensorProto& tensor, const std::string& why) {
  throw model_error("tensor '" + tensor.name() + "' " + why);
}

std::size_t element_count(const TensorProto& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t extent : tensor.dims()) {
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count) ||
        count > std::numeric_limits<std::int32_t>::max()) {
      refuse(tensor, "has a negative extent or is too large");
    }
  }
  return static_cast<std::size_t>(count);
}

void check_count(const TensorProto& tensor, std::size_t found, std::size_t wanted) {
  if (found != wanted) {
    refuse(tensor, "holds " + std::to_string(found) + " values, but its extents need " +
                       std::to_string(wanted));
  }
}

// IEEE binary16 to float; value = (-1)^s 2^(e - 15) (1 + m / 1024), subnormal for e == 0.
float from_half(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits >> 15U) << 31U;
  const std::uint32_t exponent = (bits >> 10U) & 0x1FU;
  const std::uint32_t mantissa = bits & 0x3FFU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255U : exponent + 112U;
  return std::bit_cast<float>(sign | (wide << 23U) | (mantissa << 13U));
}

float from_bfloat16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

// Reads `Stored` values out of raw_data or, where that is absent, out of the typed field, and
// converts each.
template <typename Stored, typename Field, typename Convert>
auto read_values(const TensorProto& tensor, const Field& field, Convert convert) {
  using target = decltype(convert(Stored{}));
  const std::size_t count = element_count(tensor);
  std::vector<target> values;
  if (tensor.has_raw_data()) {
    const std::string& raw = tensor.raw_data();
    if (raw.size() % sizeof(Stored) != 0) refuse(tensor, "ends within a value");
    check_count(tensor, raw.size() / sizeof(Stored), count);
    values.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      Stored stored{};
      std::memcpy(&stored, raw.data() + i * sizeof(Stored), sizeof(Stored));
      values[i] = convert(stored);
    }
    return values;
  }
  check_count(tensor, static_cast<std::size_t>(field.size()), count);
  values.reserve(count);
  for (const auto stored : field) values.push_back(convert(static_cast<Stored>(stored)));
  return values;
}

template <typename Value>
TensorProto encode_raw(const std::string& name, TensorProto::DataType type, const shape& dims,
                       const std::vector<Value>& values) {
  TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const std::int64_t extent : dims) tensor.add_dims(extent);
  tensor.set_raw_data(values.data(), values.size() * sizeof(Value));
  return tensor;
}

}  // namespace

constant decode(const TensorProto& tensor) {
  if (tensor.data_location() == TensorProto::EXTERNAL || tensor.external_data_size() != 0) {
    refuse(tensor, "keeps its data outside the file, which is not supported");
  }
  const auto to_float = [](auto x) { return static_cast<float>(x); };
  const auto to_integer = [](auto x) { return static_cast<std::int64_t>(x); };
  constant result;
  result.dims.assign(tensor.dims().begin(), tensor.dims().end());
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      result.values = read_values<float>(tensor, tensor.float_data(), to_float);
      break;
    case TensorProto::DOUBLE:
      result.values = read_values<double>(tensor, tensor.double_data(), to_float);
      break;
    case TensorProto::FLOAT16:
      result.values = read_values<std::uint16_t>(tensor, tensor.int32_data(), from_half);
      break;
    case TensorProto::BFLOAT16:
      result.values = read_values<std::uint16_t>(tensor, tensor.int32_data(), from_bfloat16);
      break;
    case TensorProto::INT64:
      result.values = read_values<std::int64_t>(tensor, tensor.int64_data(), to_integer);
      break;
    case TensorProto::INT32:
      result.values = read_values<std::int32_t>(tensor, tensor.int32_data(), to_integer);
      break;
    case TensorProto::INT16:
      result.values = read_values<std::int16_t>(tensor, tensor.int32_data(), to_integer);
      break;
    case TensorProto::INT8:
      result.values = read_values<std::int8_t>(tensor, tensor.int32_data(), to_integer);
      break;
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      result.values = read_values<std::uint8_t>(tensor, tensor.int32_data(), to_integer);
      break;
    default:
      refuse(tensor,
             "has data type " + std::to_string(tensor.data_type()) + ", which is not supported");
  }
  return result;
}

TensorProto encode(const std::string& name, const shape& dims, const std::vector<float>& values) {
  return encode_raw(name, TensorProto::FLOAT, dims, values);
}

TensorProto encode(const std::string& name, const shape& dims,
                   const std::vector<std::int64_t>& values) {
  return encode_raw(name, TensorProto::INT64, dims, values);
}

TensorProto encode(const std::string& name, const shape& dims,
                   const std::vector<std::int8_t>& values) {
  return encode_raw(name, TensorProto::INT8, dims, values);
}

TensorProto encode(const std::string& name, const shape& dims,
                   const std::vector<std::uint8_t>& values) {
  return encode_raw(name, TensorProto::UINT8, dims, values);
}

}  // namespace compress
