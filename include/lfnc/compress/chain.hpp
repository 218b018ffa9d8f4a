// lfnc floor 5: compress/chain: an adapter made of a list of layers and of what runs one of them.
//
// A chain keeps the state of a batch for an engine that can run one layer after another, so that
// the engine need not: what has run, who reads which value, when a value may go, what it takes. It
// is a stateful_adapter (compress/adapter.hpp): give it to compress(). You describe
//
//   the layers      std::vector<chain_layer>, in the order in which they run. A layer names those
//                   that it reads, so residual sums and concatenations need nothing special.
//   the engine      a class of yours around it (chain_engine) with
//
//     value               a type: what one layer makes of a batch of images.
//     images()            how many calibration images there are.
//     load(first, count)  a value: images first .. first + count - 1.
//     run(layer, inputs)  runs a layer of the list and returns what it makes. `inputs` are
//                         std::span<chain_input<value>>, in the order of its chain_layer::inputs.
//                         What it returns shares memory with no input but one that is last().
//     view(value&)        a view of a value: axis 0 the images, axis 1 the channels, any other axes
//                         behind, any strides, float, double or 16-bit.
//
//   and, where it wants to,
//
//     changed(layer)      the method has written to the layer's weights or statistics: renew what
//                         was made of them (packed or folded weights).
//     set_codes(layer, layer_codes)      the codes of the weights just written, for engines that
//                         run or store integers; before changed(layer).
//     set_quantizer(layer, activation_grid)    the engine itself quantizes what an activation point
//                         makes from now on. Where this is missing, the chain does it: it calls
//                         fake_quantize on the view, which must be one that can be written to.
//     bytes(value)        memory of a value, where it is not size() elements of its view: padding.
//     overhead()          bytes that the engine holds besides: images, parameters, buffers.
//
// An engine without a batch dimension makes values of one image each; set options.batch to 1. An
// engine that runs convolution, batch norm and activation as one layer lists them as three, and
// runs the parts: the method looks at what goes into the batch norm.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../activations.hpp"
#include "../exec/cpu.hpp"
#include "adapter.hpp"

namespace lfnc {

// Read by a layer in place of another layer's output: the images.
inline constexpr std::size_t chain_images = static_cast<std::size_t>(-1);

// A layer of the list. Views must stay good as long as the chain is used; a layer has weights or
// statistics, or neither, not both.
template <class T = float, int Rank = 2>
struct chain_layer {
  std::string name = {};                 // for messages and reports
  std::vector<std::size_t> inputs = {};  // whose outputs it reads: places in the list, chain_images
  tensor_view<T, Rank> weights = {};     // to be quantized: output channels along axis 0
  norm_statistics<compute_t<T>> norm = {};  // of a batch norm
  bool is_point = false;   // its output is an activation point, quantized where compress() does
  bool is_signed = false;  // of a point: whether values below 0 matter (not after ReLU)
};

inline namespace LFNC_ABI {

// A value that a layer reads.
template <class Value>
class chain_input {
 public:
  // The value, and whether nobody reads it later.
  chain_input(Value& value, bool last) : value_(&value), last_(last) {}

  // The value, to be read.
  const Value& operator*() const { return *value_; }
  const Value* operator->() const { return value_; }

  // Whether nobody reads the value after this layer, so that its memory may become the output's.
  bool last() const { return last_; }

  // A value to change in place: the input itself where last(), whose place is empty then; a copy
  // otherwise, by its clone() where it has one, since copies of such types share memory.
  Value take() {
    if (last_) return std::move(*value_);
    if constexpr (requires { Value(std::as_const(*value_).clone()); }) {
      return Value(std::as_const(*value_).clone());
    } else {
      return std::as_const(*value_);
    }
  }

 private:
  Value* value_;
  bool last_;
};

// An engine that a chain runs: the calls at the top of this file.
template <class E>
concept chain_engine = requires(E& engine, typename E::value& value, std::size_t number,
                                std::span<chain_input<typename E::value>> inputs) {
  { engine.images() } -> std::convertible_to<std::size_t>;
  { engine.load(number, number) } -> std::same_as<typename E::value>;
  { engine.run(number, inputs) } -> std::same_as<typename E::value>;
  { engine.view(value) } -> detail::value_view;
};

// The adapter. Keeps a reference to the engine. What run() throws gets the layer's name
// (layer_error, with what was thrown nested in it); so does an output that does not hold the images
// fed, or has other channels than the batch norm that reads it. After that the state is of no use.
template <chain_engine E, class T = float, int Rank = 2>
class chain {
 public:
  // `policy` is for the activation quantizers of an engine without its own. Throws argument_error
  // for an empty list, and layer_error for a layer that reads what is not there, what comes later,
  // or in a cycle, for one with weights and statistics, and for a batch norm that reads not one
  // value.
  chain(E& engine, std::vector<chain_layer<T, Rank>> layers, const cpu& policy = {})
      : engine_(engine),
        layers_(std::move(layers)),
        policy_(policy),
        last_reader_(layers_.size() + 1, nobody),
        norm_reader_(layers_.size() + 1, nobody),
        grids_(layers_.size()) {
    detail::require(!layers_.empty(), "layers", "there are none");
    for (std::size_t k = 0; k < layers_.size(); ++k) list(k);
  }

  // What network_adapter asks for, as the top of adapter.hpp has it.
  std::vector<layer_info> layers() const { return listed_; }
  tensor_view<T, Rank> weights(std::size_t index) { return layers_[places_[index]].weights; }
  norm_statistics<compute_t<T>> statistics(std::size_t index) {
    return layers_[places_[index]].norm;
  }
  void changed(std::size_t index) {
    if constexpr (requires { engine_.changed(index); }) engine_.changed(places_[index]);
  }
  void set_codes(std::size_t index, layer_codes codes)
    requires requires(E& engine) { engine.set_codes(index, std::move(codes)); }
  {
    engine_.set_codes(places_[index], std::move(codes));
  }
  void set_quantizer(std::size_t index, const activation_grid& grid) {
    if constexpr (own_quantizers) {
      engine_.set_quantizer(places_[index], grid);
    } else {
      grids_[places_[index]] = grid;
    }
  }
  std::size_t images() const { return engine_.images(); }

  // A batch before layer `next`. Copies share values, which no one changes then.
  class state {
    friend chain;
    std::size_t count = 0;
    std::size_t next = 0;
    // The images, then what each layer made; null where it has not run, and where all who read its
    // value have. What nobody reads is kept: it is what the network makes.
    std::vector<std::shared_ptr<typename E::value>> made = {};
  };

  // What stateful_adapter asks for: images first .. first + count - 1 before the first layer.
  state start(std::size_t first, std::size_t count) {
    state at;
    at.count = count;
    at.made.resize(layers_.size() + 1);
    at.made[0] = std::make_shared<typename E::value>(engine_.load(first, count));
    detail::in_layer("images", [&] { check(at, 0); });
    return at;
  }

  // Runs the layers up to entry `index` of layers(), an activation point itself included.
  void advance(state& at, std::size_t index) {
    const bool through = listed_[index].kind == layer_kind::activation;
    run_to(at, places_[index] + (through ? 1 : 0));
  }

  // A view of what entry `index` reads, or makes where it is an activation point.
  auto values(const state& at, std::size_t index) {
    const std::size_t place = places_[index];
    const bool made = listed_[index].kind == layer_kind::activation;
    const auto& value = at.made[made ? place + 1 : layers_[place].inputs[0] + 1];
    detail::require(value != nullptr, "index", [&] {
      return detail::sentence({"the state is not at '", layers_[place].name, "'"});
    });
    return engine_.view(*value);
  }

  // What a layer makes, after running those that are left up to it. To compare the last one's with
  // what the engine makes as a whole is the test of a list. Throws argument_error where the value
  // is gone.
  const typename E::value& output(state& at, std::size_t layer) {
    detail::require(layer < layers_.size(), "layer", "there is none of that number");
    run_to(at, layer + 1);
    detail::require(at.made[layer + 1] != nullptr, "layer", [&] {
      return detail::sentence({"all that read '", layers_[layer].name, "' have run"});
    });
    return *at.made[layer + 1];
  }

  // Memory that a state holds, and that the engine needs besides its network.
  std::size_t bytes(const state& at) {
    std::size_t sum = 0;
    for (const auto& value : at.made) {
      if (value == nullptr) continue;
      if constexpr (requires { engine_.bytes(*value); }) {
        sum += engine_.bytes(*value);
      } else {
        const auto view = engine_.view(*value);
        sum += static_cast<std::size_t>(view.size()) * sizeof(*view.data);
      }
    }
    return sum;
  }
  std::size_t overhead() const {
    if constexpr (requires { engine_.overhead(); }) {
      return engine_.overhead();
    } else {
      return 0;
    }
  }

 private:
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
  static constexpr bool own_quantizers = requires(E& engine, const activation_grid& grid) {
    engine.set_quantizer(std::size_t{0}, grid);
  };

  [[noreturn]] void refuse(std::size_t layer, const std::string& reason) const {
    detail::raise(layer_error(layers_[layer].name, reason));
  }

  // Whether layer `from` reads what `of` makes, itself or by others.
  bool reads(std::size_t from, std::size_t of, std::vector<bool>& seen) const {
    if (from == of) return true;
    if (from >= layers_.size() || seen[from]) return false;
    seen[from] = true;
    for (const std::size_t input : layers_[from].inputs) {
      if (reads(input, of, seen)) return true;
    }
    return false;
  }

  void list(std::size_t k) {
    const chain_layer<T, Rank>& here = layers_[k];
    const bool has_weights = here.weights.data != nullptr;
    const bool has_norm = !here.norm.mean.empty() || !here.norm.variance.empty();
    if (has_weights && has_norm) refuse(k, "has weights and statistics; list it as two layers");
    if (has_norm && here.inputs.size() != 1) {
      refuse(k, "is a batch norm that reads " + std::to_string(here.inputs.size()) + " values");
    }
    for (const std::size_t input : here.inputs) {
      if (input == chain_images) {
        last_reader_[0] = k;
      } else if (input >= layers_.size()) {
        refuse(k, "reads layer " + std::to_string(input) + " of " + std::to_string(layers_.size()));
      } else if (input >= k) {
        std::vector<bool> seen(layers_.size());
        refuse(k, "reads layer '" + layers_[input].name + "', which " +
                      (reads(input, k, seen) ? "reads it, itself or by others: a cycle"
                                             : "comes later than it"));
      }
      last_reader_[input + 1] = k;
      if (has_norm) norm_reader_[input + 1] = k;
    }
    const auto enter = [&](layer_kind kind, bool is_signed) {
      listed_.push_back({kind, here.name, is_signed});
      places_.push_back(k);
    };
    if (has_weights) enter(layer_kind::weights, false);
    if (has_norm) enter(layer_kind::batch_norm, false);
    if (here.is_point) enter(layer_kind::activation, here.is_signed);
  }

  // Refuses a value that the method looks at, in `made`, where it is not of the right shape.
  void check(const state& at, std::size_t slot) {
    const std::size_t norm = norm_reader_[slot];
    if (norm == nobody && (slot == 0 || !layers_[slot - 1].is_point)) return;
    const auto view = engine_.view(*at.made[slot]);
    detail::check_view(view, "output");
    detail::require(view.extents[0] == static_cast<index_t>(at.count), "output", [&] {
      return detail::sentence({"holds ", view.extents[0], " images where ", at.count,
                               " were fed; without a batch dimension, options.batch is 1"});
    });
    if (norm == nobody) return;
    const std::size_t channels = layers_[norm].norm.mean.size();
    detail::require(view.extents[1] == static_cast<index_t>(channels), "output", [&] {
      return detail::sentence({"has ", view.extents[1], " channels where batch norm '",
                               layers_[norm].name, "', which reads it, has ", channels});
    });
  }

  typename E::value call(std::size_t layer, std::span<chain_input<typename E::value>> inputs) {
#if LFNC_EXCEPTIONS
    try {
      return engine_.run(layer, inputs);
    } catch (const error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& problem) {
      std::throw_with_nested(layer_error(layers_[layer].name, problem.what()));
    }
#else
    return engine_.run(layer, inputs);
#endif
  }

  void run_to(state& at, std::size_t end) {
    for (; at.next < end; ++at.next) {
      detail::in_layer(layers_[at.next].name, [&] { step(at, at.next); });
    }
  }

  void step(state& at, std::size_t k) {
    std::vector<chain_input<typename E::value>> inputs;
    const std::vector<std::size_t>& from = layers_[k].inputs;
    // The images may lie in memory that the engine keeps; a value may be read twice by one layer.
    for (const std::size_t input : from) {
      const auto& value = at.made[input + 1];
      const bool last = input != chain_images && last_reader_[input + 1] == k &&
                        value.use_count() == 1 && std::count(from.begin(), from.end(), input) == 1;
      inputs.emplace_back(*value, last);
    }
    at.made[k + 1] = std::make_shared<typename E::value>(call(k, inputs));
    check(at, k + 1);
    if constexpr (!own_quantizers) {
      if (grids_[k].alpha > 0) {
        const auto view = engine_.view(*at.made[k + 1]);
        static_assert(!std::is_const_v<std::remove_reference_t<decltype(*view.data)>>,
                      "an engine whose views are read-only offers set_quantizer()");
        fake_quantize(policy_, view, view, grids_[k]);
      }
    }
    for (const std::size_t input : from) {
      if (last_reader_[input + 1] == k) at.made[input + 1].reset();
    }
  }

  E& engine_;
  std::vector<chain_layer<T, Rank>> layers_;
  cpu policy_;
  std::vector<layer_info> listed_;
  std::vector<std::size_t> places_;       // of the entries among the layers
  std::vector<std::size_t> last_reader_;  // of each value of a state, as they lie in `made`
  std::vector<std::size_t> norm_reader_;  // the batch norm that reads it
  std::vector<activation_grid> grids_;    // of each layer; alpha 0: not quantized
};

}  // namespace LFNC_ABI
}  // namespace lfnc
