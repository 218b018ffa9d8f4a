// What the tests of model files share.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "../support/temporary_folder.hpp"
#include "files/model_file.hpp"

namespace compress::test {

// What `action` throws says all of `parts`; otherwise the message, or that nothing was thrown.
template <typename Error = model_error, typename Action>
std::string complaint(Action action, const std::vector<std::string>& parts) {
  try {
    action();
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const std::string& part : parts) {
      if (message.find(part) == std::string::npos) return "'" + part + "' not in: " + message;
    }
    return "";
  }
  return "nothing was thrown";
}

// 0.5, 1, 1.5 ... times sign.
inline std::vector<float> numbers(std::size_t count, float step = 0.5F) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = step * static_cast<float>(i + 1);
  return values;
}

inline std::vector<std::string> names_of(const network& net) {
  std::vector<std::string> names;
  for (const layer& at : net.layers) names.push_back(at.name);
  return names;
}

inline const layer& layer_named(const network& net, const std::string& name) {
  for (const layer& at : net.layers) {
    if (at.name == name) return at;
  }
  throw std::runtime_error("no layer '" + name + "'");
}

template <typename Operation>
const Operation& op_of(const network& net, const std::string& name) {
  return std::get<Operation>(layer_named(net, name).op);
}

// Gives a layer codes -7 ... 7 in turn, alpha 0.25, 0.5 ... by output, and the weight they mean.
template <typename Weighted>
void set_codes(Weighted& op) {
  const auto outputs = static_cast<std::size_t>(op.weight.dims[0]);
  const std::size_t row = op.weight.values.size() / outputs;
  weight_codes codes{.codebook = "test", .bits = 4, .codes = {}, .alpha = {}};
  for (std::size_t o = 0; o < outputs; ++o)
    codes.alpha.push_back(0.25F * static_cast<float>(o + 1));
  for (std::size_t i = 0; i < op.weight.values.size(); ++i) {
    codes.codes.push_back(static_cast<std::int8_t>(static_cast<int>(i % 15) - 7));
    op.weight.values[i] = codes.alpha[i / row] * static_cast<float>(codes.codes.back());
  }
  op.codes = codes;
}

}  // namespace compress::test
