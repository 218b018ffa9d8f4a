#include "build_network.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

#include "files/network_builder.hpp"
#include "random.hpp"

namespace paper {
namespace {

using compress::convolution;
using compress::inner_product;
using compress::operation;
using compress::pool;

struct shape_of_convolution {
  std::int64_t outputs, kernel, stride = 1, pad = 0, groups = 1;
  bool bias = false;
};

// Appends layers; each function returns the value that its last layer makes.
class maker {
 public:
  maker(const std::string& name, const network_options& options)
      : narrow_(options.narrow), bits_(options.seed) {
    builder_.net().name = name;
    input_ = builder_.add_input("data", {3, options.side, options.side});
  }

  std::size_t input() const { return input_; }

  std::size_t convolve(const std::string& name, std::size_t from, shape_of_convolution how) {
    convolution op;
    op.groups = how.groups;
    for (int i = 0; i < 2; ++i) {
      op.area.kernel[i] = how.kernel;
      op.area.stride[i] = how.stride;
      op.area.pad_begin[i] = op.area.pad_end[i] = how.pad;
    }
    const std::int64_t inputs = builder_.shape_of(from)[1] / how.groups;
    op.weight = weight({how.outputs / narrow_, inputs, how.kernel, how.kernel}, std::sqrt(2.0));
    if (how.bias) op.bias = normals(bits_, rows(op.weight), 0, 0.1);
    return add(name, std::move(op), from);
  }

  std::size_t normalize(const std::string& name, std::size_t from, double gamma = 1) {
    const auto channels = static_cast<std::size_t>(builder_.shape_of(from)[1]);
    compress::batch_norm op;
    op.mean.assign(channels, 0);
    op.variance.assign(channels, 1);
    op.gamma = normals(bits_, channels, gamma, 0.2 * gamma);
    for (float& value : op.gamma) value = std::max(value, static_cast<float>(0.1 * gamma));
    op.beta = normals(bits_, channels, 0, 0.2);
    return add(name, std::move(op), from);
  }

  std::size_t rectify(const std::string& name, std::size_t from) {
    return add(name, compress::relu{}, from);
  }

  // Convolution, batch norm and ReLU.
  std::size_t unit(const std::string& name, std::size_t from, shape_of_convolution how) {
    return rectify(name + "_relu", normalize("bn_" + name, convolve(name, from, how)));
  }

  // Rounded up where windows do not fit, as Caffe does.
  std::size_t max_pool(const std::string& name, std::size_t from, std::int64_t kernel) {
    pool op;
    op.ceil_mode = true;
    for (int i = 0; i < 2; ++i) {
      op.area.kernel[i] = kernel;
      op.area.stride[i] = 2;
    }
    return add(name, op, from);
  }

  std::size_t global_average(const std::string& name, std::size_t from) {
    pool op;
    op.what = pool::kind::average;
    op.global = true;
    return add(name, op, from);
  }

  // `gain` is the deviation of an output over the root mean square of the inputs.
  std::size_t connect(const std::string& name, std::size_t from, std::int64_t outputs,
                      double gain) {
    std::int64_t inputs = 1;
    for (const std::int64_t extent : builder_.shape_of(from)) inputs *= extent;
    inner_product op;
    op.weight = weight({outputs / narrow_, inputs}, gain);
    op.bias = normals(bits_, rows(op.weight), 0, 0.1);
    return add(name, std::move(op), from);
  }

  std::size_t add_up(const std::string& name, std::size_t a, std::size_t b) {
    return builder_.add(name, compress::eltwise{}, {a, b}, {name}, 0)[0];
  }

  compress::network finish(std::size_t from) {
    return builder_.finish(add("prob", compress::softmax{}, from));
  }

 private:
  static std::size_t rows(const compress::tensor& weight) {
    return static_cast<std::size_t>(weight.dims[0]);
  }

  compress::tensor weight(const compress::shape& dims, double gain) {
    std::size_t row = 1;
    for (std::size_t i = 1; i < dims.size(); ++i) row *= static_cast<std::size_t>(dims[i]);
    compress::tensor made{dims, {}};
    made.values.reserve(row * rows(made));
    for (std::int64_t o = 0; o < dims[0]; ++o) {
      const double deviation = gain / std::sqrt(static_cast<double>(row));
      const auto some = normals(bits_, row, 0, deviation * std::exp(0.3 * normal(bits_)));
      made.values.insert(made.values.end(), some.begin(), some.end());
    }
    return made;
  }

  std::size_t add(const std::string& name, operation op, std::size_t from) {
    return builder_.add(name, std::move(op), {from}, {name}, 0)[0];
  }

  std::int64_t narrow_;
  support::splitmix64 bits_;
  compress::network_builder builder_;
  std::size_t input_ = 0;
};

// Krizhevsky et al. (2012) in the two groups of its two GPUs, with batch norm in place of local
// response normalization.
std::size_t alexnet(maker& net) {
  std::size_t x = net.unit("conv1", net.input(), {96, 11, 4, 2, 1, true});
  x = net.max_pool("pool1", x, 3);
  x = net.unit("conv2", x, {256, 5, 1, 2, 2, true});
  x = net.max_pool("pool2", x, 3);
  x = net.unit("conv3", x, {384, 3, 1, 1, 1, true});
  x = net.unit("conv4", x, {384, 3, 1, 1, 2, true});
  x = net.unit("conv5", x, {256, 3, 1, 1, 2, true});
  x = net.max_pool("pool5", x, 3);
  for (const std::string name : {"fc6", "fc7"}) {
    x = net.normalize("bn_" + name, net.connect(name, x, 4096, std::sqrt(2.0)));
    x = net.rectify(name + "_relu", x);
  }
  return net.connect("fc8", x, 1000, 1);
}

// Simonyan and Zisserman (2015), configuration D, with batch norm after each convolution.
std::size_t vgg16(maker& net) {
  std::size_t x = net.input();
  const std::vector<std::vector<std::int64_t>> stages = {
      {64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}, {512, 512, 512}};
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const std::string stage = std::to_string(s + 1);
    for (std::size_t k = 0; k < stages[s].size(); ++k) {
      x = net.unit("conv" + stage + "_" + std::to_string(k + 1), x,
                   {stages[s][k], 3, 1, 1, 1, true});
    }
    x = net.max_pool("pool" + stage, x, 2);
  }
  for (const std::string name : {"fc6", "fc7"}) {
    x = net.rectify(name + "_relu", net.connect(name, x, 4096, std::sqrt(2.0)));
  }
  return net.connect("fc8", x, 1000, 1);
}

// What a residual branch adds is small beside what it is added to, in trained networks too.
constexpr double last_gamma = 0.4;

// He et al. (2016): two convolutions a block, or the three of a bottleneck, whose first one has the
// stride, as in the networks that they published.
std::size_t resnet(maker& net, const std::vector<std::int64_t>& blocks, bool bottleneck) {
  std::size_t x = net.unit("conv1", net.input(), {64, 7, 2, 3});
  x = net.max_pool("pool1", x, 3);
  std::int64_t width = 64;
  for (std::size_t s = 0; s < blocks.size(); ++s, width *= 2) {
    for (std::int64_t b = 0; b < blocks[s]; ++b) {
      const std::string block =
          "res" + std::to_string(s + 2) + static_cast<char>('a' + static_cast<char>(b));
      const std::int64_t stride = s > 0 && b == 0 ? 2 : 1;
      const std::int64_t outputs = bottleneck ? 4 * width : width;
      std::size_t shortcut = x;
      if (b == 0 && (bottleneck || s > 0)) {
        const std::string name = block + "_branch1";
        shortcut = net.normalize("bn_" + name, net.convolve(name, x, {outputs, 1, stride}));
      }
      const std::string branch = block + "_branch2";
      std::size_t y = 0;
      if (bottleneck) {
        y = net.unit(branch + "a", x, {width, 1, stride});
        y = net.unit(branch + "b", y, {width, 3, 1, 1});
        y = net.convolve(branch + "c", y, {outputs, 1});
      } else {
        y = net.unit(branch + "a", x, {width, 3, stride, 1});
        y = net.convolve(branch + "b", y, {outputs, 3, 1, 1});
      }
      y = net.normalize("bn_" + branch + (bottleneck ? "c" : "b"), y, last_gamma);
      x = net.rectify(block + "_relu", net.add_up(block, shortcut, y));
    }
  }
  return net.connect("fc1000", net.global_average("pool5", x), 1000, 1);
}

using topology = std::size_t (*)(maker&);

const std::map<std::string, topology>& topologies() {
  static const std::map<std::string, topology> all = {
      {"alexnet-bn", alexnet},
      {"resnet-18", [](maker& net) { return resnet(net, {2, 2, 2, 2}, false); }},
      {"resnet-50", [](maker& net) { return resnet(net, {3, 4, 6, 3}, true); }},
      {"vgg16-bn", vgg16},
  };
  return all;
}

}  // namespace

const std::vector<std::string>& network_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, make] : topologies()) all.push_back(name);
    return all;
  }();
  return names;
}

compress::network build_network(const std::string& name, const network_options& options) {
  const auto found = topologies().find(name);
  if (found == topologies().end()) throw std::invalid_argument("no network '" + name + "'");
  if (options.side < 64 || options.side > 1024 || options.side % 32 != 0) {
    throw std::invalid_argument("side is " + std::to_string(options.side) +
                                ", must be a multiple of 32 within 64 .. 1024");
  }
  const std::int64_t narrow = options.narrow;
  if (narrow != 1 && narrow != 2 && narrow != 4 && narrow != 8) {
    throw std::invalid_argument("narrow is " + std::to_string(narrow) + ", must be 1, 2, 4 or 8");
  }
  maker net(name, options);
  const std::size_t scores = found->second(net);
  return net.finish(scores);
}

}  // namespace paper
