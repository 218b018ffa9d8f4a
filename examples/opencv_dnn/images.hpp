// Images of one size, ready to be made into batches.
#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <vector>

namespace dnn_adapter {

// A pixel p of 0 .. 255 becomes (p scale - mean) / std; mean and std in units of p scale.
struct preprocessing {
  int crop = 0;      // side of a square out of the middle; 0 for the whole image
  bool bgr = false;  // order of the channels, otherwise RGB
  float scale = 1;
  std::vector<float> mean;  // one a channel, or one for all, or none for 0
  std::vector<float> std;   // the same, or none for 1
  cv::Mat mean_image;       // 3 x H x W in float, in place of mean; or empty
};

class images {
 public:
  // pixels: N x 3 x H x W of 8 bits, the channels in the network's order. Throws
  // std::invalid_argument naming what does not fit in steps.
  images(cv::Mat pixels, preprocessing steps);

  std::size_t size() const { return static_cast<std::size_t>(pixels_.size[0]); }
  std::size_t bytes() const { return pixels_.total(); }

  // Images first .. first + count - 1 as count x 3 x H x W in float.
  cv::Mat batch(std::size_t first, std::size_t count) const;

 private:
  cv::Mat pixels_;
  preprocessing steps_;
};

}  // namespace dnn_adapter
