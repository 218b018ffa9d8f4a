// From a changed network back to a Caffe network.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "../network_changes.hpp"
#include "messages.hpp"
#include "reader.hpp"

namespace compress {

class caffe_writer {
 public:
  // `net` and `weights` are what `reading` was read from; `changed` is reading.net with changes.
  caffe_writer(NetParameter net, NetParameter weights, const caffe_reading& reading,
               const network& changed);

  // Applies all changes. Throws std::invalid_argument where find_changes does.
  void write();

  const NetParameter& net() const { return net_; }
  const NetParameter& weights() const { return weights_; }

 private:
  std::string fresh(const std::string& wanted);
  LayerParameter& weights_of(const std::string& name);
  void write_codes(const layer& at);
  void write_statistics(const layer& at);
  void write_quantizer(std::size_t value, const activation_quantizer& quantizer);
  void rebuild();

  NetParameter net_, weights_;
  const caffe_reading& reading_;
  const network& changed_;
  std::set<std::string> names_;                          // of all layers
  std::map<int, std::vector<LayerParameter>> after_;     // by index in net_; -1: the input
  std::map<std::string, LayerParameter> weights_after_;  // by name of the layer ahead
};

}  // namespace compress
