// lfnc floor 5: compress/verbs: where the method's own work is done: on the CPU, or elsewhere.
//
// Verbs are an object with four calls on host memory, by default cpu_verbs. Another one may carry
// the data to a GPU and back; the bits of its results must be the same.
//
//   quantize_weights(weights, codebook, options)        codes and alpha of every channel
//   dequantize_weights(codes, codebook, rows, weights)  the way back, into the network
//   accumulate_moments(batch, moments)                  adds a batch to the moments of its channels
//   accumulate_histogram(batch, counts)                 adds a batch to a histogram
//
// Nothing else in compress() is shared out among threads, so that it starts those of the verbs and
// no others.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <variant>

#include "../batch_norm.hpp"
#include "../calibrate.hpp"
#include "../detail/compiled.hpp"
#include "../exec/cpu.hpp"
#include "../weights.hpp"
#include "options.hpp"

namespace lfnc {

// For weights of type T and values that come as Values (a tensor_view).
template <class V, class T, class Values>
concept compress_verbs =
    requires(V& verbs, const channel_view<const T>& weights, const codebook_choice& codebook,
             const fit_options& options, std::span<const std::int8_t> codes,
             std::span<const row_fit> rows, const channel_view<T>& written, const Values& batch,
             std::span<channel_moments> moments, activation_histogram& counts) {
      {
        verbs.quantize_weights(weights, codebook, options)
      } -> std::same_as<weight_quantization<std::int8_t>>;
      verbs.dequantize_weights(codes, codebook, rows, written);
      verbs.accumulate_moments(batch, moments);
      verbs.accumulate_histogram(batch, counts);
    };

inline namespace LFNC_ABI {

// lfnc's verbs on the CPU, with as many threads as `policy` says (all cores by default).
struct cpu_verbs {
  cpu policy;  // threads, or the engine's own loop

  // lfnc::quantize_weights with the codebook that was chosen, into new vectors.
  template <class T>
  weight_quantization<std::int8_t> quantize_weights(const channel_view<T>& weights,
                                                    const codebook_choice& codebook,
                                                    const fit_options& options) const {
    detail::check_weights(groups(weights));
    weight_quantization<std::int8_t> result;
    result.codes.resize(static_cast<std::size_t>(weights.size()));
    result.rows.resize(static_cast<std::size_t>(weights.channels));
    const auto codes =
        channels(as_view(result.codes.data(), {weights.channels, weights.row_size()}), 0);
    std::visit(
        [&](const auto& book) {
          lfnc::quantize_weights(policy, weights, book, codes, result.rows, options);
        },
        codebook);
    return result;
  }

  // `codes` and `rows` as quantize_weights made them of weights of that shape.
  template <class T>
  void dequantize_weights(std::span<const std::int8_t> codes, const codebook_choice& codebook,
                          std::span<const row_fit> rows, const channel_view<T>& weights) const {
    const auto dense = channels(as_view(codes, {weights.channels, weights.row_size()}), 0);
    std::visit(
        [&](const auto& book) { lfnc::dequantize_weights(policy, dense, book, rows, weights); },
        codebook);
  }

  // lfnc::accumulate_moments of a batch with its channels in dimension 1.
  template <class T, int Rank>
  void accumulate_moments(const tensor_view<T, Rank>& batch,
                          std::span<channel_moments> moments) const {
    lfnc::accumulate_moments(policy, channels(batch, 1), moments);
  }

  // lfnc::accumulate_histogram.
  template <class T, int Rank>
  void accumulate_histogram(const tensor_view<T, Rank>& batch, activation_histogram& counts) const {
    lfnc::accumulate_histogram(policy, batch, counts);
  }
};

}  // namespace LFNC_ABI
}  // namespace lfnc
