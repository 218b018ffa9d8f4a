// lfnc floor 5: compress/adapter: what a network must offer for the whole method to be run on it.
//
// An adapter is a class of yours around your engine and your images. The method asks it which
// layers there are, reads and writes weights and statistics in the adapter's own memory, and has
// images fed through the network up to a layer. Where the engine can run one layer after another,
// compress/chain.hpp makes an adapter of a list of layers, as in examples/own_engine. All calls
// come from the thread that called compress(), one at a time. Anything that an adapter throws ends
// compress() and reaches its caller.
//
// Every adapter (network_adapter):
//
//   layers()            std::vector<layer_info>, in the order of execution: layers with weights to
//                       be quantized, batch norms, and activation points. Other layers are the
//                       adapter's own business. `index` below counts in this list.
//   weights(index)      of a layer with weights: a view of them, output channels along axis 0, any
//                       strides, float, double or 16-bit. It is written through. Groups and biases
//                       play no part: a scale belongs to an output channel, the bias stays.
//   statistics(index)   of a batch norm: norm_statistics, written through as well. gamma and beta
//                       stay. The variance is the one that is stored, epsilon not added.
//   changed(index)      the method has written to that layer; before the next image is fed the
//                       adapter renews what it derived from it (packed weights, folded batch norm).
//   set_quantizer(index, activation_grid)
//                       of an activation point: from now on its values are replaced by
//                       alpha * clamp(floor(x / alpha + 0.5), low, high).
//   images()            how many calibration images there are.
//
// and, where it wants to:
//
//   set_codes(index, layer_codes)   the codes that the weights just written stand for, for engines
//                       that run or store integers, who may keep them without a copy; comes before
//                       changed(index).
//   overhead()          bytes that the adapter holds besides its states: images, parameters,
//                       buffers. They are taken off options.memory.
//
// An adapter that can stop between two layers (stateful_adapter) feeds batches like this:
//
//   state               a type: a batch of images somewhere in the network. Copies are independent;
//                       they may share memory that neither changes.
//   start(first, count) a state: images first .. first + count - 1 before the first layer.
//   advance(state&, index)   runs the layers that are left up to that place: the layer is about to
//                       read its input (weights, batch norm), or the point's values have been made
//                       (activation). Places come in the order of the list.
//   values(state, index)     a state that was advanced to that batch norm or activation point: a
//                       view of the batch norm's input, or the point's values; axis 0 the images of
//                       the batch, axis 1 the channels, any other axes behind, any strides. It is
//                       read before the next call of the adapter.
//   bytes(state)        memory that the state keeps. compress() keeps as many states as fit into
//                       options.memory, lets go of others, and computes those again.
//
// An adapter that can only run whole forward passes (pass_adapter) offers in place of these
//
//   forward(first, count, observer)   runs images first .. first + count - 1 through the network
//                       and calls observer(index, values), values as above, at every batch norm and
//                       activation point, in order. Where the observer returns false, the rest of
//                       the pass is of no use and may be left out.
//
// It costs more: with L batch norms re-normalization takes L passes over the images where a
// stateful adapter with enough memory needs one (about L / 2 where the rest is left out).
//
// Results do not depend on batches, threads or memory as long as the adapter's own arithmetic gives
// an image the same values in every batch.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "../batch_norm.hpp"
#include "../channels.hpp"
#include "../weights.hpp"
#include "options.hpp"

namespace lfnc {

// What an entry of the adapter's list is.
enum class layer_kind { weights, batch_norm, activation };

// An entry of the adapter's list.
struct layer_info {
  layer_kind kind = layer_kind::weights;  // what is done to it
  std::string name;                       // for messages and reports
  bool is_signed = false;  // activation: whether values below 0 matter (not after ReLU)
};

// A batch norm's statistics in the adapter's memory, one entry a channel.
template <class T>
struct norm_statistics {
  std::span<T> mean;      // written by re-normalization
  std::span<T> variance;  // likewise; without epsilon
  double epsilon = 1e-5;  // what the layer adds to the variance
};

// Something that went wrong at one layer: what it was, with the layer's name.
class layer_error : public error {
 public:
  // The layer's name, and what went wrong there.
  LFNC_INLINE layer_error(std::string_view layer, std::string_view reason)
      : error("lfnc: layer '" + std::string(layer) + "': " + std::string(reason)), layer_(layer) {}
  // Copies, as exceptions are.
  LFNC_INLINE layer_error(const layer_error&) = default;
  LFNC_INLINE layer_error& operator=(const layer_error&) = default;

  // The name of the layer.
  LFNC_INLINE const std::string& layer() const noexcept { return layer_; }

 private:
  std::string layer_;
};

inline namespace LFNC_ABI {

// What a layer's weights were turned into: w = rows[channel].alpha * decode(code). Codes are in the
// row-major order of the weights, output channel by output channel.
struct layer_codes {
  codebook_choice codebook = uniform(4);  // what decodes them
  std::vector<std::int8_t> codes;         // one a weight
  std::vector<row_fit> rows;              // one an output channel
};

namespace detail {

template <class T>
struct is_statistics : std::false_type {};
template <class T>
struct is_statistics<norm_statistics<T>> : std::is_floating_point<T> {};

// What forward() is called with, as far as the concept is concerned.
struct any_observer {
  template <class View>
  bool operator()(std::size_t index, const View& values) const;
};

// A view of host memory that can be written, output channels along axis 0.
template <class V>
concept weight_view = requires(const V& view) {
  channels(view, 0);
  requires std::same_as<decltype(channels(view, 0)),
                        channel_view<std::remove_reference_t<decltype(*view.data)>>>;
  requires !std::is_const_v<std::remove_reference_t<decltype(*view.data)>>;
  requires element<std::remove_reference_t<decltype(*view.data)>>;
};

// A view of host memory with channels along axis 1.
template <class V>
concept value_view = requires(const V& view) {
  requires std::same_as<decltype(channels(view, 1)),
                        channel_view<std::remove_reference_t<decltype(*view.data)>>>;
  requires element<std::remove_const_t<std::remove_reference_t<decltype(*view.data)>>>;
};

}  // namespace detail

template <class A>
concept network_adapter = requires(A& adapter, std::size_t index, const activation_grid& grid) {
  { adapter.layers() } -> std::convertible_to<std::vector<layer_info>>;
  { adapter.weights(index) } -> detail::weight_view;
  requires detail::is_statistics<std::remove_cvref_t<decltype(adapter.statistics(index))>>::value;
  adapter.changed(index);
  adapter.set_quantizer(index, grid);
  { adapter.images() } -> std::convertible_to<std::size_t>;
};

template <class A>
concept stateful_adapter =
    network_adapter<A> && requires(A& adapter, typename A::state& state, std::size_t number) {
      requires std::copy_constructible<typename A::state>;
      { adapter.start(number, number) } -> std::same_as<typename A::state>;
      adapter.advance(state, number);
      { adapter.values(state, number) } -> detail::value_view;
      { adapter.bytes(state) } -> std::convertible_to<std::size_t>;
    };

template <class A>
concept pass_adapter = network_adapter<A> && requires(A& adapter, std::size_t number,
                                                      const detail::any_observer& observer) {
  adapter.forward(number, number, observer);
};

namespace detail {

// Runs something; what lfnc throws meanwhile gets the name of the layer.
template <class Run>
void in_layer(std::string_view layer, Run run) {
#if LFNC_EXCEPTIONS
  try {
    run();
  } catch (const layer_error&) {
    throw;
  } catch (const cancelled&) {
    throw;
  } catch (const error& problem) {
    std::string_view reason = problem.what();
    constexpr std::string_view prefix = "lfnc: ";
    if (reason.starts_with(prefix)) reason.remove_prefix(prefix.size());
    throw layer_error(layer, reason);
  }
#else
  static_cast<void>(layer);
  run();
#endif
}

// Feeds images first .. first + count - 1 and calls visit(index, values) for each of `wanted`,
// indices of batch norms and activation points in the order of the list.
template <class A, class Visit>
  requires stateful_adapter<A> || pass_adapter<A>
void feed(A& adapter, std::size_t first, std::size_t count, std::span<const std::size_t> wanted,
          Visit visit) {
  if constexpr (stateful_adapter<A>) {
    auto state = adapter.start(first, count);
    for (const std::size_t index : wanted) {
      adapter.advance(state, index);
      visit(index, adapter.values(state, index));
    }
  } else {
    std::size_t next = 0;
    adapter.forward(first, count, [&](std::size_t index, const auto& values) {
      static_assert(value_view<std::remove_cvref_t<decltype(values)>>);
      if (next < wanted.size() && index == wanted[next]) {
        visit(index, values);
        ++next;
      }
      return next < wanted.size();
    });
    require(next == wanted.size(), "adapter", [&] {
      return sentence({"forward() did not come to layer ", wanted[next], " of its list"});
    });
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
