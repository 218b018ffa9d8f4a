#include <iostream>
#include <lfnc/quantize.hpp>

int main() {
  std::cout << "lfnc " << LFNC_VERSION_MAJOR << '.' << LFNC_VERSION_MINOR << '.'
            << LFNC_VERSION_PATCH << '\n';
}
