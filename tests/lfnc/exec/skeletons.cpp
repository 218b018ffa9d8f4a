#include <lfnc/activations.hpp>
#include <lfnc/batch_norm.hpp>
#include <lfnc/calibrate.hpp>
#include <lfnc/exec/skeletons.hpp>
#include <lfnc/fit.hpp>

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

// One function object with everything that a backend may ask for, and one with nothing.
struct everything : sum {
  static constexpr bool zero_is_neutral = true;
  static constexpr bool saturates = true;
  static constexpr bool divides = false;
  static constexpr bool scales = true;
  using lane_type = float;
  using work_area = int;
  float factor;
  float high;
  float alpha;

  template <class Vector, class Lanes>
  void add_vector(const Vector& x, Lanes* field, int k) const {
    field[0].add(k, x);
  }
  double* column(int) const { return nullptr; }
  template <int Bytes>
  void on_vectors(lfnc::index_t, const float*, const double*, lfnc::index_t, int&) const {}
  template <int Bytes>
  void on_vectors(lfnc::index_t, lfnc::index_t) const {}
  const float* place;
  lfnc::instruction_set set;
  template <class T>
  sum loaded() const {
    return {};
  }
};
struct nothing {};

// What says no by its value, or has a member of the name that is something else.
struct otherwise : everything {
  static constexpr bool saturates = false;
  static constexpr bool scales = false;
  static constexpr nothing zero_is_neutral{};
  static constexpr int place = 1;
  static constexpr int column = 1;
};

}  // namespace

TEST_CASE("what a reduction takes") {
  CHECK(lfnc::lanes == 16);
  CHECK(lfnc::reducer<sum, float>);
  CHECK_FALSE(lfnc::reducer<no_merge, float>);
  CHECK_FALSE(lfnc::reducer<wrong_merge, float>);
  CHECK_FALSE(lfnc::reducer<int, float>);
}

TEST_CASE("what a backend may ask for is found, and nothing else is taken for it") {
  CHECK(lfnc::block_reducer<everything>);
  CHECK(lfnc::vector_reducer<everything>);
  CHECK(lfnc::whole_vector_reducer<everything>);
  CHECK(lfnc::column_sink<everything>);
  CHECK(lfnc::working_sink<everything>);
  CHECK(lfnc::vector_sink<everything, float, int>);
  CHECK(lfnc::memory_reader<everything>);
  CHECK(lfnc::vector_task<everything>);
  CHECK(lfnc::saturating_op<everything>);
  CHECK(lfnc::scaling_op<everything>);
  CHECK(lfnc::loading_bin<everything, float>);

  CHECK_FALSE(lfnc::block_reducer<nothing>);
  CHECK_FALSE(lfnc::vector_reducer<nothing>);
  CHECK_FALSE(lfnc::whole_vector_reducer<nothing>);
  CHECK_FALSE(lfnc::column_sink<nothing>);
  CHECK_FALSE(lfnc::working_sink<nothing>);
  CHECK_FALSE(lfnc::vector_sink<nothing, float, int>);
  CHECK_FALSE(lfnc::memory_reader<nothing>);
  CHECK_FALSE(lfnc::vector_task<nothing>);
  CHECK_FALSE(lfnc::saturating_op<nothing>);
  CHECK_FALSE(lfnc::scaling_op<nothing>);
  CHECK_FALSE(lfnc::loading_bin<nothing, float>);

  CHECK_FALSE(lfnc::vector_reducer<otherwise>);
  CHECK_FALSE(lfnc::whole_vector_reducer<otherwise>);
  CHECK_FALSE(lfnc::column_sink<otherwise>);
  CHECK_FALSE(lfnc::memory_reader<otherwise>);
  CHECK_FALSE(lfnc::saturating_op<otherwise>);
  CHECK_FALSE(lfnc::scaling_op<otherwise>);
}

TEST_CASE("what the verbs hand to backends has what makes it fast") {
  namespace detail = lfnc::detail;
  CHECK(lfnc::saturating_op<detail::grid_encoder<float, false, false>>);
  CHECK(lfnc::saturating_op<detail::grid_encoder<float, true, false>>);
  CHECK_FALSE(lfnc::saturating_op<detail::grid_encoder<float, false, true>>);
  CHECK_FALSE(lfnc::saturating_op<detail::grid_encoder<double, false, false>>);
  CHECK(lfnc::scaling_op<detail::code_scaler<float>>);
  CHECK_FALSE(lfnc::scaling_op<detail::code_scaler<double>>);
  CHECK(lfnc::whole_vector_reducer<detail::float_moments_reducer>);
  CHECK(lfnc::vector_reducer<detail::moments_reducer<double>>);
  CHECK(lfnc::vector_reducer<detail::range_reducer<float>>);
  CHECK(lfnc::column_sink<detail::store_sums>);
  CHECK(lfnc::vector_task<detail::add_planes>);
  CHECK(lfnc::loading_bin<detail::find_bin, float>);
  CHECK(lfnc::working_sink<detail::search_row>);
#if LFNC_SHUFFLES
  CHECK(lfnc::vector_sink<detail::search_row, float, detail::search_area>);
#endif
  CHECK(lfnc::memory_reader<detail::neighbour_reader<float>>);
  CHECK(lfnc::rows_in_memory<lfnc::cpu>);
}
