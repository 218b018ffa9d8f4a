#include <lfnc/exec/skeletons.hpp>

#include <doctest/doctest.h>

namespace {

struct sum {
  static constexpr int fields = 1;
  void add(float x, double* field, lfnc::index_t) const { field[0] += static_cast<double>(x); }
  double merge(int, double a, double b) const { return a + b; }
};
struct no_merge {
  static constexpr int fields = 1;
  void add(float x, double* field, lfnc::index_t) const { field[0] += static_cast<double>(x); }
};
struct wrong_merge : no_merge {
  float merge(int, double a, double b) const { return static_cast<float>(a + b); }
};

}  // namespace

TEST_CASE("what a reduction takes") {
  CHECK(lfnc::lanes == 16);
  CHECK(lfnc::reducer<sum, float>);
  CHECK_FALSE(lfnc::reducer<no_merge, float>);
  CHECK_FALSE(lfnc::reducer<wrong_merge, float>);
  CHECK_FALSE(lfnc::reducer<int, float>);
}
