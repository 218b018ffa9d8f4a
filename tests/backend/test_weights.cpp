// quantize_weights against the CPU's: equal codes, alpha and errors, bit by bit.
#include <cstdint>
#include <vector>

#include "../support/brute_force.hpp"
#include "compare.hpp"

using lfnc::index_t;

namespace {

template <class T>
std::vector<T> random_weights(std::uint64_t seed, index_t rows, index_t length) {
  generator random(seed);
  std::vector<T> weights;
  for (index_t row = 0; row < rows; ++row) {
    const auto kind = static_cast<row_kind>(random.below(static_cast<int>(row_kind::count)));
    for (const float w : make_row<float>(random, kind, static_cast<int>(length))) {
      weights.push_back(as<T>(static_cast<double>(w)));
    }
  }
  for (T& w : weights) {
    // Halves overflow where floats do not.
    if (!lfnc::detail::finite(lfnc::detail::to_compute(w))) w = T{};
  }
  return weights;
}

template <class T, class Codebook>
void check_weights(const Codebook& book, lfnc::solver solver, index_t rows, index_t length,
                   index_t group) {
  using code = typename Codebook::code_type;
  CAPTURE(book.name());
  CAPTURE(length);
  CAPTURE(group);
  const auto weights =
      random_weights<T>(static_cast<std::uint64_t>(rows * 1000 + length), rows, length);
  lfnc::fit_options options;
  options.solver = solver;
  options.lloyd.max_iterations = 200;
  const auto expected = lfnc::quantize_weights(
      lfnc::groups(lfnc::as_view(weights, {rows, length}), 0, group), book, options);

  const backend::memory<T> there(weights);
  const backend::memory<code> codes(std::vector<code>(weights.size(), 99));
  const backend::memory<lfnc::row_fit> fits(std::vector<lfnc::row_fit>(expected.rows.size()));
  const auto grouped = [&]<class E>(E* data) {
    return lfnc::groups(lfnc::tensor_view<E, 2, backend::space>{data, {rows, length}, {length, 1}},
                        0, group);
  };
  backend::run([&](const auto& policy) {
    quantize_weights(policy, grouped(there.data()), book, grouped(codes.data()), fits.list(),
                     options);
  });
  CHECK_SAME_BITS(expected.rows, fits.host());
  CHECK_SAME_BITS(expected.codes, codes.host());

  // And back.
  std::vector<T> values(weights.size());
  lfnc::dequantize_weights(
      lfnc::cpu{1}, lfnc::groups(lfnc::as_view(expected.codes, {rows, length}), 0, group), book,
      expected.rows, lfnc::groups(lfnc::as_view(values, {rows, length}), 0, group));
  const backend::memory<T> values_there{std::vector<T>(weights.size())};
  backend::run([&](const auto& policy) {
    dequantize_weights(policy, grouped(codes.data()), book, fits.list(),
                       grouped(values_there.data()));
  });
  CHECK_SAME_BITS(values, values_there.host());
}

template <class T, class Codebook>
void check_solvers(const Codebook& book) {
  for (const auto solver : {lfnc::solver::exact, lfnc::solver::lloyd, lfnc::solver::abs_max}) {
    check_weights<T>(book, solver, 15, 37, 37);
    check_weights<T>(book, solver, 6, 300, 32);
  }
}

}  // namespace

TEST_CASE("weights of every kind, every codebook and solver") {
  check_solvers<float>(lfnc::ternary());
  check_solvers<float>(lfnc::uniform(4));
  check_solvers<float>(lfnc::power_of_two(4));
  check_solvers<float>(lfnc::fixed_point());
}

TEST_CASE("weights of other element types") {
  check_solvers<double>(lfnc::uniform(4));
  check_solvers<lfnc::float16>(lfnc::uniform(4));
}

TEST_CASE("a long row, and one row in all") {
  check_weights<float>(lfnc::uniform(4), lfnc::solver::exact, 2, 4608, 4608);
  check_weights<float>(lfnc::uniform(4), lfnc::solver::lloyd, 1, 20000, 20000);
  check_weights<float>(lfnc::power_of_two::published(4), lfnc::solver::lloyd, 15, 700, 700);
  check_weights<double>(lfnc::ternary(), lfnc::solver::lloyd, 15, 1200, 600);
}

TEST_CASE("encoding at a given alpha") {
  const lfnc::uniform book(4);
  const auto weights = random_weights<float>(5, 8, 50);
  const std::vector<double> alpha{0, 1e-3, 0.1, 0.25, 1, 3, 1e10, 1e-30};
  std::vector<std::int8_t> expected(weights.size());
  lfnc::encode_weights(lfnc::cpu{1}, lfnc::groups(lfnc::as_view(weights, {8, 50}), 0, 50), book,
                       alpha, lfnc::groups(lfnc::as_view(expected, {8, 50}), 0, 50));
  const backend::memory<float> there(weights);
  const backend::memory<double> alpha_there(alpha);
  const backend::memory<std::int8_t> codes(std::vector<std::int8_t>(weights.size()));
  const auto rows = [&]<class E>(E* data) {
    return lfnc::groups(backend::dense<backend::space>(data, 8, 50));
  };
  backend::run([&](const auto& policy) {
    encode_weights(policy, rows(there.data()), book, alpha_there.list(), rows(codes.data()));
  });
  CHECK_SAME_BITS(expected, codes.host());
}

#if defined(LFNC_TEST_FIBERS)

TEST_CASE("rows that are sorted in several parts") {
  const auto weights = random_weights<float>(6, 7, 300);
  const auto expected = lfnc::quantize_weights(
      lfnc::groups(lfnc::as_view(weights, {7, 300}), 0, 64), lfnc::uniform(4));
  const backend::memory<float> there(weights);
  const backend::memory<lfnc::row_fit> fits(std::vector<lfnc::row_fit>(expected.rows.size()));
  const lfnc::group_view<float, backend::space> rows{
      backend::dense<backend::space>(there.data(), 7, 300), 64};
  for (const index_t most : {64, 65, 200, 1000}) {
    fibers::machine machine;
    machine.sorts_at_a_time = most;
    lfnc::workspace needed;
    fit(backend::policy(machine, needed), rows, lfnc::uniform(4), fits.list());
    const backend::memory<std::byte> place(std::vector<std::byte>(needed.bytes()));
    lfnc::workspace work(place.data(), needed.bytes());
    fit(backend::policy(machine, work), rows, lfnc::uniform(4), fits.list());
    CHECK_SAME_BITS(expected.rows, fits.host());
  }
}

#endif
