#include "accuracy.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace dnn_adapter {

accuracy evaluate(network& net, const images& set, const std::vector<int>& labels) {
  constexpr std::size_t batch = 50;
  std::size_t right = 0;
  std::size_t among_five = 0;
  for (std::size_t first = 0; first < set.size(); first += batch) {
    const std::size_t count = std::min(batch, set.size() - first);
    const cv::Mat scores = net.forward(set.batch(first, count)).reshape(1, static_cast<int>(count));
    for (std::size_t k = 0; k < count; ++k) {
      const int label = labels[first + k];
      if (label >= scores.cols) {
        throw std::runtime_error("labelled image " + std::to_string(first + k) + ": class " +
                                 std::to_string(label) + " of a network with " +
                                 std::to_string(scores.cols) + " classes");
      }
      const auto* row = scores.ptr<float>(static_cast<int>(k));
      const auto better = std::count_if(row, row + scores.cols,
                                        [&](float score) { return !(score <= row[label]); }) +
                          std::count(row, row + label, row[label]);
      right += better == 0 ? 1 : 0;
      among_five += better < 5 ? 1 : 0;
    }
  }
  const double share = 100 / static_cast<double>(set.size());
  return {static_cast<double>(right) * share, static_cast<double>(among_five) * share};
}

}  // namespace dnn_adapter
