#include <iostream>
#include <lfnc/quantize.hpp>

int main() {
  const float weights[8] = {0.7F, -0.3F, 0.1F, 0.4F, -1.4F, 0.2F, 0.6F, -0.8F};
  const auto w = lfnc::as_view(weights, {2, 4});
  const auto q = lfnc::quantize_weights(lfnc::channels(w, 0), lfnc::uniform(4));
  std::cout << "lfnc " << LFNC_VERSION_MAJOR << '.' << LFNC_VERSION_MINOR << '.'
            << LFNC_VERSION_PATCH << ": first code " << int{q.codes[0]} << '\n';
}
