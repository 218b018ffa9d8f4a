#include <algorithm>
#include <set>
#include <utility>

#include "../model_file.hpp"
#include "blobs.hpp"
#include "reader.hpp"

namespace compress {
namespace {

bool matches(const caffe::NetState& state, const caffe::NetStateRule& rule) {
  const auto in_state = [&state](const std::string& stage) {
    return std::find(state.stage().begin(), state.stage().end(), stage) != state.stage().end();
  };
  return (!rule.has_phase() || rule.phase() == caffe::TEST) &&
         (!rule.has_min_level() || state.level() >= rule.min_level()) &&
         (!rule.has_max_level() || state.level() <= rule.max_level()) &&
         std::all_of(rule.stage().begin(), rule.stage().end(), in_state) &&
         std::none_of(rule.not_stage().begin(), rule.not_stage().end(), in_state);
}

}  // namespace

void caffe_reader::item::refuse(const std::string& why) const {
  throw model_error("layer '" + proto.name() + "' (" + proto.type() + ") " + why);
}

std::map<std::string, const LayerParameter*> layers_by_name(const NetParameter& weights) {
  std::map<std::string, const LayerParameter*> found;
  for (const LayerParameter& layer : weights.layer()) {
    if (!found.emplace(layer.name(), &layer).second && layer.blobs_size() != 0) {
      throw model_error("two layers of the .caffemodel are named '" + layer.name() + "'");
    }
  }
  return found;
}

bool in_test_phase(const NetParameter& net, const LayerParameter& layer) {
  const auto rule = [&net](const caffe::NetStateRule& r) { return matches(net.state(), r); };
  if (layer.include_size() != 0) {
    return std::any_of(layer.include().begin(), layer.include().end(), rule);
  }
  return std::none_of(layer.exclude().begin(), layer.exclude().end(), rule);
}

std::vector<std::string> output_blobs(const NetParameter& net) {
  std::set<std::string> unread(net.input().begin(), net.input().end());
  for (const LayerParameter& layer : net.layer()) {
    if (!in_test_phase(net, layer)) continue;
    for (const std::string& bottom : layer.bottom()) unread.erase(bottom);
    unread.insert(layer.top().begin(), layer.top().end());
  }
  return {unread.begin(), unread.end()};
}

caffe_reading read_caffe(const NetParameter& net, const NetParameter& weights) {
  return caffe_reader(net, weights).read();
}

caffe_reader::caffe_reader(const NetParameter& net, const NetParameter& weights)
    : net_(net), weights_(layers_by_name(weights)) {}

const std::map<std::string_view, caffe_reader::method>& caffe_reader::methods() {
  static const std::map<std::string_view, method> all = {
      {"BatchNorm", &caffe_reader::read_batch_norm},
      {"Clip", &caffe_reader::read_clip},
      {"Concat", &caffe_reader::read_concat},
      {"Convolution", &caffe_reader::read_convolution},
      {"ConvolutionDepthwise", &caffe_reader::read_convolution},
      {"DepthwiseConvolution", &caffe_reader::read_convolution},
      {"Dropout", &caffe_reader::read_identity},
      {"Eltwise", &caffe_reader::read_eltwise},
      {"Flatten", &caffe_reader::read_flatten},
      {"InnerProduct", &caffe_reader::read_inner_product},
      {"PReLU", &caffe_reader::read_prelu},
      {"Pooling", &caffe_reader::read_pooling},
      {"Power", &caffe_reader::read_power},
      {"Quant", &caffe_reader::read_quant},
      {"ReLU", &caffe_reader::read_relu},
      {"ReLU6", &caffe_reader::read_relu6},
      {"Reshape", &caffe_reader::read_reshape},
      {"Scale", &caffe_reader::read_scale},
      {"Slice", &caffe_reader::read_slice},
      {"Softmax", &caffe_reader::read_softmax},
      {"Split", &caffe_reader::read_split},
  };
  return all;
}

caffe_reading caffe_reader::read() {
  const std::vector<item> items = test_phase_layers();
  refuse_unsupported(items);
  const std::vector<std::string> outputs = output_blobs(net_);
  if (outputs.size() != 1) {
    std::string names;
    for (const std::string& name : outputs) names += " '" + name + "'";
    throw model_error("the network has " + std::to_string(outputs.size()) +
                      " outputs, but one is supported:" + names);
  }
  find_live_layers(items, outputs[0]);
  read_inputs(items);
  builder_.net().name = net_.name();
  for (const item& at : items) {
    if (at.proto.type() == "Input" || !live_[at.index]) continue;
    (this->*methods().at(at.proto.type()))(at);
  }
  const auto output = current_.find(outputs[0]);
  if (output == current_.end()) {
    throw model_error("output '" + outputs[0] + "' does not depend on the input");
  }
  return {builder_.finish(output->second), std::move(blobs_)};
}

std::vector<caffe_reader::item> caffe_reader::test_phase_layers() const {
  std::vector<item> items;
  std::set<std::string> names;
  for (int i = 0; i < net_.layer_size(); ++i) {
    const item at{net_.layer(i), static_cast<std::size_t>(i)};
    if (!in_test_phase(net_, at.proto)) continue;
    if (at.proto.has_phase() && at.proto.phase() == caffe::TRAIN) {
      at.refuse("is for the training phase");
    }
    if (!names.insert(at.proto.name()).second) at.refuse("has the name of another layer");
    items.push_back(at);
  }
  return items;
}

void caffe_reader::refuse_unsupported(const std::vector<item>& items) const {
  std::string names;
  for (const item& at : items) {
    const std::string& type = at.proto.type();
    if (type == "Input" || type == "Silence" || methods().contains(type)) continue;
    names += (names.empty() ? "" : ", ") + ("layer '" + at.proto.name() + "' (" + type + ")");
  }
  if (!names.empty()) throw model_error("not supported: " + names);
}

// A layer is live where the output depends on it. Going backwards, writing a blob ends the need
// for it that later layers had; so a blob changed in place is told from what it was before.
void caffe_reader::find_live_layers(const std::vector<item>& items, const std::string& output) {
  std::set<std::string> needed = {output};
  live_.assign(static_cast<std::size_t>(net_.layer_size()), false);
  for (auto at = items.rbegin(); at != items.rend(); ++at) {
    for (const std::string& top : at->proto.top()) {
      if (needed.erase(top) != 0) live_[at->index] = true;
    }
    if (!live_[at->index]) continue;
    needed.insert(at->proto.bottom().begin(), at->proto.bottom().end());
  }
}

void caffe_reader::read_inputs(const std::vector<item>& items) {
  std::vector<std::pair<std::string, shape>> found;
  for (int i = 0; i < net_.input_size(); ++i) {
    shape dims;
    if (i < net_.input_shape_size()) {
      dims.assign(net_.input_shape(i).dim().begin(), net_.input_shape(i).dim().end());
    } else if (net_.input_dim_size() >= 4 * (i + 1)) {
      dims.assign(net_.input_dim().begin() + 4 * i, net_.input_dim().begin() + 4 * (i + 1));
    }
    found.emplace_back(net_.input(i), dims);
  }
  for (const item& at : items) {
    if (at.proto.type() != "Input") continue;
    const auto& shapes = at.proto.input_param().shape();
    for (int k = 0; k < at.proto.top_size(); ++k) {
      shape dims;
      if (!shapes.empty()) {
        const auto& given = shapes.Get(shapes.size() == 1 ? 0 : std::min(k, shapes.size() - 1));
        dims.assign(given.dim().begin(), given.dim().end());
      }
      found.emplace_back(at.proto.top(k), dims);
    }
  }
  if (found.size() != 1) {
    std::string names;
    for (const auto& one : found) names += " '" + one.first + "'";
    throw model_error("the network has " + std::to_string(found.size()) +
                      " inputs, but one is supported:" + names);
  }
  const auto& [name, dims] = found[0];
  if (dims.size() != 4) {
    throw model_error("input '" + name + "' has " + std::to_string(dims.size()) +
                      " axes, but 4 (N, C, H, W) are supported");
  }
  current_[name] = builder_.add_input(name, shape(dims.begin() + 1, dims.end()));
  blobs_.push_back(name);
}

std::vector<std::size_t> caffe_reader::inputs(const item& at) {
  std::vector<std::size_t> values;
  for (const std::string& bottom : at.proto.bottom()) {
    const auto found = current_.find(bottom);
    if (found == current_.end()) {
      at.refuse("reads '" + bottom + "', which no earlier layer produces");
    }
    values.push_back(found->second);
  }
  return values;
}

std::size_t caffe_reader::input(const item& at) {
  if (at.proto.bottom_size() != 1) {
    at.refuse("with " + std::to_string(at.proto.bottom_size()) + " bottoms is not supported");
  }
  return inputs(at)[0];
}

std::size_t caffe_reader::axis_of(const item& at, std::int64_t axis, std::size_t value) const {
  const auto rank = static_cast<std::int64_t>(builder_.shape_of(value).size());
  if (axis < -rank || axis >= rank) {
    at.refuse("has axis " + std::to_string(axis) + " for an input with " + std::to_string(rank) +
              " axes");
  }
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

// Adds a layer with the given tops. A value is named "blob" where this layer makes the blob, and
// "blob:layer" where the layer changes it.
std::vector<std::size_t> caffe_reader::emit_tops(const item& at, operation op,
                                                 std::vector<std::size_t> in,
                                                 const std::vector<int>& tops) {
  std::vector<std::string> names;
  for (const int top : tops) {
    const std::string& blob = at.proto.top(top);
    names.push_back(current_.contains(blob) ? blob + ":" + at.proto.name() : blob);
    blobs_.push_back(blob);
  }
  const std::vector<std::size_t> values =
      builder_.add(at.proto.name(), std::move(op), std::move(in), std::move(names), at.index);
  for (std::size_t k = 0; k < tops.size(); ++k) current_[at.proto.top(tops[k])] = values[k];
  return values;
}

std::size_t caffe_reader::emit(const item& at, operation op, std::vector<std::size_t> in) {
  if (at.proto.top_size() != 1) {
    at.refuse("with " + std::to_string(at.proto.top_size()) + " tops is not supported");
  }
  return emit_tops(at, std::move(op), std::move(in), {0})[0];
}

std::vector<tensor> caffe_reader::blobs(const item& at, std::size_t least, std::size_t most) const {
  const auto found = weights_.find(at.proto.name());
  if (found == weights_.end()) at.refuse("is not in the .caffemodel");
  const auto count = static_cast<std::size_t>(found->second->blobs_size());
  if (count < least || count > most) {
    at.refuse("has " + std::to_string(count) + " blobs in the .caffemodel, not " +
              std::to_string(least));
  }
  std::vector<tensor> result;
  for (int i = 0; i < found->second->blobs_size(); ++i) {
    result.push_back(decode(found->second->blobs(i),
                            "blob " + std::to_string(i) + " of layer '" + at.proto.name() + "'"));
  }
  return result;
}

}  // namespace compress
