#include "evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string>

namespace support {

namespace {

void check_labels(const labelled_images& set, std::int64_t classes) {
  for (std::size_t k = 0; k < set.labels.size(); ++k) {
    if (set.labels[k] >= 0 && set.labels[k] < classes) continue;
    throw std::runtime_error("image " + set.files[k].string() + ": class " +
                             std::to_string(set.labels[k]) + " of a network with " +
                             std::to_string(classes) + " classes");
  }
}

void check_scores(std::span<const float> scores, const std::filesystem::path& file) {
  for (std::size_t k = 0; k < scores.size(); ++k) {
    if (std::isfinite(scores[k])) continue;
    throw std::runtime_error("image " + file.string() + ": the score of class " +
                             std::to_string(k) + " is not finite");
  }
}

// Number of classes that come before this one.
std::size_t rank_of(std::span<const float> scores, std::size_t label) {
  std::size_t rank = 0;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    if (scores[k] > scores[label] || (scores[k] == scores[label] && k < label)) ++rank;
  }
  return rank;
}

double percent(std::size_t part, std::size_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

accuracy evaluate(const scores_of& network, const labelled_images& set, std::size_t batch,
                  const std::function<void(std::size_t)>& step) {
  if (batch == 0) throw std::invalid_argument("batches of 0 images");
  accuracy out;
  std::size_t right = 0;
  std::size_t among_five = 0;
  const std::size_t images = set.images.size();
  for (std::size_t first = 0; first < images; first += batch) {
    const std::size_t count = std::min(batch, images - first);
    const std::vector<float> output = network(set.images.batch(first, count));
    const std::size_t classes = output.size() / count;
    if (first == 0) check_labels(set, static_cast<std::int64_t>(classes));
    for (std::size_t k = 0; k < count; ++k) {
      const auto scores = std::span(output).subspan(k * classes, classes);
      check_scores(scores, set.files[first + k]);
      const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
      out.predictions.push_back(best);
      const std::size_t rank = rank_of(scores, static_cast<std::size_t>(set.labels[first + k]));
      right += rank == 0 ? 1 : 0;
      among_five += rank < 5 ? 1 : 0;
    }
    step(count);
  }
  out.top1 = percent(right, images);
  out.top5 = percent(among_five, images);
  return out;
}

}  // namespace support
