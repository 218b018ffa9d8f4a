#include "reference.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>

namespace compress::test {

namespace {

using list = std::vector<exact>;

std::int64_t count(const shape& dims) {
  return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

exact zeros(const shape& dims) {
  return {dims, std::vector<double>(static_cast<std::size_t>(count(dims)))};
}

double& at(exact& x, std::int64_t n, std::int64_t c, std::int64_t i, std::int64_t j) {
  const std::int64_t index = ((n * x.dims[1] + c) * x.dims[2] + i) * x.dims[3] + j;
  return x.values[static_cast<std::size_t>(index)];
}

double at(const exact& x, std::int64_t n, std::int64_t c, std::int64_t i, std::int64_t j) {
  return at(const_cast<exact&>(x), n, c, i, j);
}

bool inside(const exact& x, std::int64_t i, std::int64_t j) {
  return i >= 0 && i < x.dims[2] && j >= 0 && j < x.dims[3];
}

std::size_t channel_of(const exact& x, std::size_t index) {
  const auto inner = static_cast<std::size_t>(count({x.dims.begin() + 2, x.dims.end()}));
  return index / inner % static_cast<std::size_t>(x.dims[1]);
}

list each(const exact& x, const std::function<double(double, std::size_t)>& f) {
  exact out = x;
  for (std::size_t k = 0; k < out.values.size(); ++k) {
    out.values[k] = f(x.values[k], channel_of(x, k));
  }
  return {out};
}

std::int64_t span_of(const window& w, int axis) {
  return (w.kernel[axis] - 1) * w.dilation[axis] + 1;
}

list compute(const convolution& op, const list& in) {
  const exact& x = in[0];
  const window& w = op.area;
  std::int64_t extent[2];
  for (int axis = 0; axis < 2; ++axis) {
    const std::int64_t padded =
        x.dims[static_cast<std::size_t>(axis) + 2] + w.pad_begin[axis] + w.pad_end[axis];
    extent[axis] = (padded - span_of(w, axis)) / w.stride[axis] + 1;
  }
  const exact weight = widen(op.weight);
  const std::int64_t outputs = weight.dims[0];
  const std::int64_t per_group = weight.dims[1];
  exact y = zeros({x.dims[0], outputs, extent[0], extent[1]});
  for (std::int64_t n = 0; n < x.dims[0]; ++n)
    for (std::int64_t o = 0; o < outputs; ++o)
      for (std::int64_t i = 0; i < extent[0]; ++i)
        for (std::int64_t j = 0; j < extent[1]; ++j) {
          double sum =
              op.bias.empty() ? 0.0 : static_cast<double>(op.bias[static_cast<std::size_t>(o)]);
          const std::int64_t first = o / (outputs / op.groups) * per_group;
          for (std::int64_t c = 0; c < per_group; ++c)
            for (std::int64_t a = 0; a < w.kernel[0]; ++a)
              for (std::int64_t b = 0; b < w.kernel[1]; ++b) {
                const std::int64_t row = i * w.stride[0] - w.pad_begin[0] + a * w.dilation[0];
                const std::int64_t column = j * w.stride[1] - w.pad_begin[1] + b * w.dilation[1];
                if (inside(x, row, column))
                  sum += at(weight, o, c, a, b) * at(x, n, first + c, row, column);
              }
          at(y, n, o, i, j) = sum;
        }
  return {y};
}

list compute(const inner_product& op, const list& in) {
  const exact& x = in[0];
  const auto features = static_cast<std::size_t>(op.weight.dims[1]);
  const auto outputs = static_cast<std::size_t>(op.weight.dims[0]);
  exact y = zeros({x.dims[0], op.weight.dims[0]});
  for (std::size_t n = 0; n < static_cast<std::size_t>(x.dims[0]); ++n)
    for (std::size_t o = 0; o < outputs; ++o) {
      double sum = op.bias.empty() ? 0.0 : static_cast<double>(op.bias[o]);
      for (std::size_t k = 0; k < features; ++k)
        sum += static_cast<double>(op.weight.values[o * features + k]) * x.values[n * features + k];
      y.values[n * outputs + o] = sum;
    }
  return {y};
}

list compute(const batch_norm& op, const list& in) {
  return each(in[0], [&](double x, std::size_t c) {
    const double gamma = op.gamma.empty() ? 1.0 : static_cast<double>(op.gamma[c]);
    const double beta = op.beta.empty() ? 0.0 : static_cast<double>(op.beta[c]);
    return gamma * (x - static_cast<double>(op.mean[c])) /
               std::sqrt(static_cast<double>(op.variance[c]) + op.epsilon) +
           beta;
  });
}

list compute(const scale& op, const list& in) {
  return each(in[0], [&](double x, std::size_t c) {
    const double bias = op.bias.empty() ? 0.0 : static_cast<double>(op.bias[c]);
    return static_cast<double>(op.weight[c]) * x + bias;
  });
}

list compute(const relu&, const list& in) {
  return each(in[0], [](double x, std::size_t) { return std::max(x, 0.0); });
}

list compute(const leaky_relu& op, const list& in) {
  return each(in[0],
              [&](double x, std::size_t) { return x > 0 ? x : static_cast<double>(op.slope) * x; });
}

list compute(const prelu& op, const list& in) {
  return each(in[0], [&](double x, std::size_t c) {
    return x > 0 ? x : static_cast<double>(op.slope[op.slope.size() == 1 ? 0 : c]) * x;
  });
}

list compute(const clip& op, const list& in) {
  return each(in[0], [&](double x, std::size_t) {
    return std::min(std::max(x, static_cast<double>(op.low)), static_cast<double>(op.high));
  });
}

// Caffe's arithmetic: the window is cut at the padded input before its size is taken as the
// divisor, then at the input itself before the values are gathered.
list compute(const pool& op, const list& in) {
  const exact& x = in[0];
  window w = op.area;
  if (op.global) {
    w = window{};
    w.kernel[0] = x.dims[2];
    w.kernel[1] = x.dims[3];
  }
  std::int64_t extent[2];
  for (int axis = 0; axis < 2; ++axis) {
    const std::int64_t size = x.dims[static_cast<std::size_t>(axis) + 2];
    const double room =
        static_cast<double>(size + w.pad_begin[axis] + w.pad_end[axis] - span_of(w, axis)) /
        static_cast<double>(w.stride[axis]);
    extent[axis] = static_cast<std::int64_t>(op.ceil_mode ? std::ceil(room) : std::floor(room)) + 1;
    if (op.ceil_mode && (extent[axis] - 1) * w.stride[axis] >= size + w.pad_begin[axis])
      --extent[axis];
  }
  exact y = zeros({x.dims[0], x.dims[1], extent[0], extent[1]});
  for (std::int64_t n = 0; n < x.dims[0]; ++n)
    for (std::int64_t c = 0; c < x.dims[1]; ++c)
      for (std::int64_t i = 0; i < extent[0]; ++i)
        for (std::int64_t j = 0; j < extent[1]; ++j) {
          double greatest = -std::numeric_limits<double>::infinity();
          double sum = 0;
          int seen = 0;
          int in_padded = 0;
          for (std::int64_t a = 0; a < w.kernel[0]; ++a)
            for (std::int64_t b = 0; b < w.kernel[1]; ++b) {
              const std::int64_t row = i * w.stride[0] - w.pad_begin[0] + a * w.dilation[0];
              const std::int64_t column = j * w.stride[1] - w.pad_begin[1] + b * w.dilation[1];
              if (row < x.dims[2] + w.pad_end[0] && column < x.dims[3] + w.pad_end[1]) ++in_padded;
              if (!inside(x, row, column)) continue;
              ++seen;
              sum += at(x, n, c, row, column);
              greatest = std::max(greatest, at(x, n, c, row, column));
            }
          at(y, n, c, i, j) = op.what == pool::kind::max
                                  ? greatest
                                  : sum / (op.count_include_pad ? in_padded : seen);
        }
  return {y};
}

list compute(const eltwise& op, const list& in) {
  exact y = in[0];
  for (std::size_t k = 0; k < y.values.size(); ++k) {
    double total = op.what == eltwise::kind::sum ? 0.0 : in[0].values[k];
    for (std::size_t t = 0; t < in.size(); ++t) {
      const double x = in[t].values[k];
      if (op.what == eltwise::kind::sum)
        total += x * (op.coefficients.empty() ? 1.0 : static_cast<double>(op.coefficients[t]));
      else if (t > 0)
        total = op.what == eltwise::kind::product ? total * x : std::max(total, x);
    }
    y.values[k] = total;
  }
  return {y};
}

struct split {
  std::size_t outer, extent, inner;
};

split around(const shape& dims, std::int64_t axis) {
  return {static_cast<std::size_t>(count({dims.begin(), dims.begin() + axis})),
          static_cast<std::size_t>(dims[static_cast<std::size_t>(axis)]),
          static_cast<std::size_t>(count({dims.begin() + axis + 1, dims.end()}))};
}

list compute(const concat& op, const list& in) {
  shape dims = in[0].dims;
  auto& extent = dims[static_cast<std::size_t>(op.axis)];
  for (std::size_t k = 1; k < in.size(); ++k)
    extent += in[k].dims[static_cast<std::size_t>(op.axis)];
  exact y{dims, {}};
  for (std::size_t outer = 0; outer < around(dims, op.axis).outer; ++outer)
    for (const exact& x : in) {
      const split s = around(x.dims, op.axis);
      const auto begin = x.values.begin() + static_cast<std::ptrdiff_t>(outer * s.extent * s.inner);
      y.values.insert(y.values.end(), begin,
                      begin + static_cast<std::ptrdiff_t>(s.extent * s.inner));
    }
  return {y};
}

list compute(const slice& op, const list& in) {
  const exact& x = in[0];
  const split s = around(x.dims, op.axis);
  list out;
  for (std::size_t k = 0; k < op.begin.size(); ++k) {
    exact y{x.dims, {}};
    y.dims[static_cast<std::size_t>(op.axis)] = op.end[k] - op.begin[k];
    for (std::size_t outer = 0; outer < s.outer; ++outer)
      for (auto e = static_cast<std::size_t>(op.begin[k]); e < static_cast<std::size_t>(op.end[k]);
           ++e)
        for (std::size_t inner = 0; inner < s.inner; ++inner)
          y.values.push_back(x.values[(outer * s.extent + e) * s.inner + inner]);
    out.push_back(y);
  }
  return out;
}

list compute(const pad& op, const list& in) {
  const exact& x = in[0];
  shape dims = x.dims;
  for (std::size_t axis = 0; axis < dims.size(); ++axis)
    dims[axis] += op.begin[axis] + op.end[axis];
  exact y = zeros(dims);
  for (std::size_t k = 0; k < y.values.size(); ++k) {
    auto rest = static_cast<std::int64_t>(k);
    std::int64_t source = 0;
    std::int64_t stride = 1;
    bool data = true;
    for (std::size_t axis = dims.size(); axis-- > 0;) {
      const std::int64_t position = rest % dims[axis] - op.begin[axis];
      rest /= dims[axis];
      data = data && position >= 0 && position < x.dims[axis];
      source += position * stride;
      stride *= x.dims[axis];
    }
    y.values[k] = data ? x.values[static_cast<std::size_t>(source)] : static_cast<double>(op.value);
  }
  return {y};
}

list compute(const power& op, const list& in) {
  return each(in[0], [&](double x, std::size_t) {
    return std::pow(static_cast<double>(op.shift) + static_cast<double>(op.scale) * x,
                    static_cast<double>(op.power));
  });
}

list compute(const reshape& op, const list& in) {
  exact y{op.dims, in[0].values};
  std::int64_t known = 1;
  for (std::size_t axis = 0; axis < y.dims.size(); ++axis) {
    if (y.dims[axis] == 0) y.dims[axis] = in[0].dims[axis];
    if (y.dims[axis] > 0) known *= y.dims[axis];
  }
  for (std::int64_t& extent : y.dims) {
    if (extent == -1) extent = static_cast<std::int64_t>(y.values.size()) / known;
  }
  return {y};
}

list compute(const softmax& op, const list& in) {
  exact y = in[0];
  const split s = around(y.dims, op.axis);
  for (std::size_t outer = 0; outer < s.outer; ++outer)
    for (std::size_t inner = 0; inner < s.inner; ++inner) {
      double total = 0;  // the inputs of the tests are far from overflow
      for (std::size_t e = 0; e < s.extent; ++e)
        total += std::exp(in[0].values[(outer * s.extent + e) * s.inner + inner]);
      for (std::size_t e = 0; e < s.extent; ++e) {
        double& x = y.values[(outer * s.extent + e) * s.inner + inner];
        x = std::exp(x) / total;
      }
    }
  return {y};
}

list compute(const identity&, const list& in) { return in; }

void quantize(exact& x, const value& of) {
  if (!of.quantizer) return;
  const auto alpha = static_cast<double>(of.quantizer->alpha);
  for (double& v : x.values) {
    v = alpha * std::clamp(std::floor(v / alpha + 0.5), static_cast<double>(of.quantizer->low),
                           static_cast<double>(of.quantizer->high));
  }
}

}  // namespace

exact widen(const tensor& from) { return {from.dims, {from.values.begin(), from.values.end()}}; }

std::vector<exact> reference_values(const network& net, const tensor& images) {
  std::vector<exact> all(net.values.size());
  all[net.input] = widen(images);
  quantize(all[net.input], net.values[net.input]);
  for (const layer& node : net.layers) {
    list inputs;
    for (const std::size_t input : node.inputs) inputs.push_back(all[input]);
    list outputs = std::visit([&](const auto& op) { return compute(op, inputs); }, node.op);
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      quantize(outputs[k], net.values[node.outputs[k]]);
      all[node.outputs[k]] = outputs[k];
    }
  }
  return all;
}

}  // namespace compress::test
