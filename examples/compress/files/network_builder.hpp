// Collects the layers that a reader finds, checking each on arrival.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "../network.hpp"

namespace compress {

class network_builder {
 public:
  // Images go into a new value of this name. Throws model_error on extents that are not positive.
  std::size_t add_input(std::string name, shape dims);

  // Appends a layer; its name is made unique by a suffix where another layer has it. Returns the
  // new values, one per output name. Throws model_error, naming the layer, on shapes that do not
  // fit, on parameters that are not finite, and on a network that is too large to run.
  std::vector<std::size_t> add(std::string name, operation op, std::vector<std::size_t> inputs,
                               std::vector<std::string> output_names, std::size_t source);

  // The shape of a value for a batch of one image.
  const shape& shape_of(std::size_t value) const { return shapes_[value]; }

  // The network being built; a reader may rename values and change the layers it has added as long
  // as no shape changes.
  network& net() { return net_; }

  // Takes back the layer added last, whose only output is the value added last.
  void drop_last();

  // The layer that produces `value`, or null for the input.
  layer* producer(std::size_t value);

  // The finished network with its output. Throws model_error where a check across the whole
  // network fails.
  network finish(std::size_t output);

 private:
  std::size_t add_value(std::string name, shape dims);

  network net_;
  std::vector<shape> shapes_;
  std::set<std::string> layer_names_;
  std::int64_t total_elements_ = 0;
};

}  // namespace compress
