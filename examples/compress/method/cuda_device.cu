#include <cstddef>
#include <lfnc/compress/options.hpp>
#include <lfnc/cuda.hpp>
#include <stdexcept>
#include <string>
#include <variant>

#include "device.hpp"

namespace compress {

namespace {

void check_call(cudaError_t code, const char* call) {
  if (code != cudaSuccess) throw lfnc::cuda_error(call, code);
}

// Device memory that grows and is kept.
class buffer {
 public:
  buffer() = default;
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;
  ~buffer() { cudaFree(place_); }

  template <class T>
  T* of(std::size_t count) {
    const std::size_t wanted = count * sizeof(T);
    if (wanted > bytes_) {
      check_call(cudaFree(place_), "cudaFree");
      place_ = nullptr;
      bytes_ = 0;
      check_call(cudaMalloc(&place_, wanted), "cudaMalloc");
      bytes_ = wanted;
    }
    return static_cast<T*>(place_);
  }

 private:
  void* place_ = nullptr;
  std::size_t bytes_ = 0;
};

class on_cuda final : public device {
 public:
  on_cuda() { check_call(cudaStreamCreate(&stream_), "cudaStreamCreate"); }
  on_cuda(const on_cuda&) = delete;
  on_cuda& operator=(const on_cuda&) = delete;
  ~on_cuda() override { cudaStreamDestroy(stream_); }

  codes quantize_weights(const lfnc::channel_view<const float>& weights,
                         const std::string& codebook, const lfnc::fit_options& options) override {
    const lfnc::index_t rows = weights.channels;
    const lfnc::index_t length = weights.row_size();
    const std::span<const float> values(weights.data, static_cast<std::size_t>(weights.size()));
    codes result;
    result.codes.resize(values.size());
    result.rows.resize(static_cast<std::size_t>(rows));
    const auto in = lfnc::as_device_view(upload(in_, values), {rows, length});
    const auto out = lfnc::as_device_view(out_.of<std::int8_t>(values.size()), {rows, length});
    const lfnc::list_view<lfnc::row_fit, lfnc::device_space> fits(
        state_.of<lfnc::row_fit>(result.rows.size()), rows);
    std::visit(
        [&](const auto& book) {
          run([&](const lfnc::cuda& gpu) {
            lfnc::quantize_weights(gpu, lfnc::channels(in, 0), book, lfnc::channels(out, 0), fits,
                                   options);
          });
        },
        lfnc::codebook_named(codebook));
    download(std::span(result.codes), out.data);
    download(std::span(result.rows), fits.data);
    return result;
  }

  void dequantize_weights(std::span<const std::int8_t> from, const std::string& codebook,
                          std::span<const lfnc::row_fit> rows,
                          const lfnc::channel_view<float>& weights) override {
    const lfnc::index_t length = weights.row_size();
    const auto in = lfnc::as_device_view(upload(in_, from), {weights.channels, length});
    const auto out = lfnc::as_device_view(out_.of<float>(from.size()), {weights.channels, length});
    const lfnc::list_view<const lfnc::row_fit, lfnc::device_space> fits(upload(state_, rows),
                                                                        weights.channels);
    std::visit(
        [&](const auto& book) {
          run([&](const lfnc::cuda& gpu) {
            lfnc::dequantize_weights(gpu, lfnc::channels(in, 0), book, fits,
                                     lfnc::channels(out, 0));
          });
        },
        lfnc::codebook_named(codebook));
    download(std::span(weights.data, from.size()), out.data);
  }

  void accumulate_moments(const lfnc::tensor_view<const float, 3>& batch,
                          std::span<lfnc::channel_moments> moments) override {
    const std::span<const float> values(batch.data, static_cast<std::size_t>(batch.size()));
    const auto& e = batch.extents;
    const auto in = lfnc::as_device_view(upload(in_, values), {e[0], e[1], e[2]});
    const lfnc::list_view<lfnc::channel_moments, lfnc::device_space> there(
        upload(state_, std::span<const lfnc::channel_moments>(moments)),
        static_cast<std::int64_t>(moments.size()));
    run([&](const lfnc::cuda& gpu) {
      lfnc::accumulate_moments(gpu, lfnc::channels(in, 1), there);
    });
    download(moments, there.data);
  }

  void accumulate_histogram(const lfnc::tensor_view<const float, 3>& batch,
                            lfnc::activation_histogram& counts) override {
    const std::span<const float> values(batch.data, static_cast<std::size_t>(batch.size()));
    const auto in = lfnc::as_device_view(upload(in_, values), {values.size()});
    auto* there = upload(state_, std::span<const lfnc::activation_histogram>(&counts, 1));
    run([&](const lfnc::cuda& gpu) { lfnc::accumulate_histogram(gpu, in, there); });
    download(std::span(&counts, 1), there);
  }

 private:
  template <class T>
  T* upload(buffer& to, std::span<const T> from) {
    T* place = to.of<T>(from.size());
    check_call(
        cudaMemcpyAsync(place, from.data(), from.size_bytes(), cudaMemcpyHostToDevice, stream_),
        "cudaMemcpyAsync");
    return place;
  }

  template <class T>
  void download(std::span<T> to, const T* from) {
    check_call(cudaMemcpyAsync(to.data(), from, to.size_bytes(), cudaMemcpyDeviceToHost, stream_),
               "cudaMemcpyAsync");
    check_call(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
  }

  // Calls verb with the memory that it asks for, and throws what it found.
  template <class Verb>
  void run(Verb verb) {
    lfnc::workspace needed;
    verb(lfnc::cuda(stream_, needed));
    lfnc::workspace memory(work_.of<std::byte>(needed.bytes()), needed.bytes());
    const lfnc::cuda gpu(stream_, memory);
    verb(gpu);
    lfnc::check(gpu);
  }

  cudaStream_t stream_ = nullptr;
  buffer in_;
  buffer out_;
  buffer state_;
  buffer work_;
};

}  // namespace

std::shared_ptr<device> cuda_device() {
  int devices = 0;
  const cudaError_t code = cudaGetDeviceCount(&devices);
  if (code != cudaSuccess || devices == 0) {
    throw std::runtime_error(std::string("device cuda: ") +
                             (code != cudaSuccess ? cudaGetErrorString(code) : "there is none"));
  }
  return std::make_shared<on_cuda>();
}

}  // namespace compress
