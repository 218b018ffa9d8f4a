#include <lfnc/compress/adapter.hpp>

#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/small_adapter.hpp"

namespace {

template <class Base>
struct without_images : Base {
  void images() const {}
};
struct float_pointers : small::stateful {
  float* weights(std::size_t) { return nullptr; }
};
struct constant_weights : small::stateful {
  lfnc::tensor_view<const float, 2> weights(std::size_t index) {
    return small::stateful::weights(index);
  }
};
struct whole_statistics : small::stateful {
  lfnc::norm_statistics<int> statistics(std::size_t) { return {}; }
};
struct flat_values : small::stateful {
  const double* values(const state&, std::size_t) { return nullptr; }
};
struct half_weights : small::passes {
  lfnc::tensor_view<lfnc::float16, 4> weights(std::size_t) { return {}; }
};

// Moves on, to be fed by no one.
struct unfinished : small::passes {
  template <class Observer>
  void forward(std::size_t first, std::size_t count, const Observer& observer) {
    observer(small::norm1, view(begin(first, count)));
  }
};

// Layers and the sums of their values, as feed() showed them.
template <class Adapter>
std::vector<std::pair<std::size_t, double>> sums(Adapter& adapter,
                                                 const std::vector<std::size_t>& wanted) {
  std::vector<std::pair<std::size_t, double>> seen;
  lfnc::detail::feed(adapter, 2, 3, wanted, [&](std::size_t index, const auto& values) {
    double total = 0;
    for (lfnc::index_t n = 0; n < values.extents[0]; ++n) {
      for (lfnc::index_t c = 0; c < values.extents[1]; ++c) {
        for (lfnc::index_t k = 0; k < values.extents[2]; ++k) total += values(n, c, k);
      }
    }
    seen.emplace_back(index, total);
  });
  return seen;
}

}  // namespace

TEST_CASE("what is an adapter, and what is none") {
  CHECK(lfnc::network_adapter<small::stateful>);
  CHECK(lfnc::network_adapter<small::passes>);
  CHECK(lfnc::network_adapter<half_weights>);
  CHECK_FALSE(lfnc::network_adapter<small::network::batch>);
  CHECK_FALSE(lfnc::network_adapter<without_images<small::stateful>>);
  CHECK_FALSE(lfnc::network_adapter<float_pointers>);
  CHECK_FALSE(lfnc::network_adapter<constant_weights>);
  CHECK_FALSE(lfnc::network_adapter<whole_statistics>);
  CHECK(lfnc::network_adapter<flat_values>);
  CHECK_FALSE(lfnc::stateful_adapter<flat_values>);
  CHECK_FALSE(lfnc::stateful_adapter<small::passes>);
  CHECK_FALSE(lfnc::pass_adapter<small::stateful>);
}

TEST_CASE("both kinds of adapter are fed alike") {
  small::stateful stopping;
  small::passes passing;
  const std::vector<std::size_t> wanted{small::relu1, small::norm2, small::norm3};
  const auto seen = sums(stopping, wanted);
  REQUIRE(seen.size() == 3);
  CHECK(seen[1].first == small::norm2);
  CHECK(seen == sums(passing, wanted));
  // Neither runs what lies behind the last layer wanted.
  CHECK(stopping.steps == small::norm3);
  CHECK(passing.steps <= small::norm3 + 1);
}

TEST_CASE("a pass that ends early is refused") {
  unfinished adapter;
  CHECK(sums(adapter, {small::norm1}).size() == 1);
  CHECK_REFUSED(sums(adapter, {small::norm1, small::norm2}),
                "adapter: forward() did not come to layer 4");
}

TEST_CASE("errors get the name of their layer, once") {
  const auto message = [](auto run) -> std::string {
    try {
      lfnc::detail::in_layer("outer", run);
    } catch (const std::exception& problem) {
      return problem.what();
    }
    return "";
  };
  CHECK(message([] {}) == "");
  CHECK(message([] { throw lfnc::argument_error("weights", "bad"); }) ==
        "lfnc: layer 'outer': weights: bad");
  CHECK(message([] { throw lfnc::error("plain"); }) == "lfnc: layer 'outer': plain");
  CHECK(message([] { throw lfnc::layer_error("inner", "bad"); }) == "lfnc: layer 'inner': bad");
  CHECK(message([] { throw lfnc::cancelled({}); }) == "lfnc: compress: cancelled");
  CHECK(message([] { throw std::runtime_error("the adapter's own"); }) == "the adapter's own");
  CHECK(lfnc::layer_error("x", "y").layer() == "x");
}
