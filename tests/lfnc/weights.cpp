#include <lfnc/weights.hpp>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "support/brute_force.hpp"
#include "support/check.hpp"
#include "support/random_weights.hpp"
#include "support/shape.hpp"

using lfnc::as_view;
using lfnc::cpu;
using lfnc::index_t;
using lfnc::row_fit;

TEST_CASE("per tensor, per channel and per group") {
  const auto weights = random_weights(4 * 6 * 3 * 3, 1);
  const auto view = as_view(weights, {4, 6, 3, 3});
  const lfnc::uniform book(4);
  const auto tensor = lfnc::quantize_weights(lfnc::whole(view), book);
  CHECK(tensor.rows.size() == 1);
  CHECK(tensor.codes.size() == 216);
  const auto channel = lfnc::quantize_weights(lfnc::channels(view, 0), book);
  CHECK(channel.rows.size() == 4);
  const auto group = lfnc::quantize_weights(lfnc::groups(view, 0, 32), book);
  CHECK(group.rows.size() == 8);  // 54 = 32 + 22
  const auto error = [](const auto& result) {
    double sum = 0;
    for (const row_fit& row : result.rows) sum += row.squared_error;
    return sum;
  };
  CHECK(error(group) < error(channel));
  CHECK(error(channel) < error(tensor));
  // Codes stand in the order (row, element), here that of the weights; each is the nearest level.
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const row_fit& row = group.rows[k / 54 * 2 + (k % 54 >= 32 ? 1 : 0)];
    const auto inverse = static_cast<float>(1 / row.alpha);
    CHECK(group.codes[k] == book.encode(weights[k] * inverse));
  }
}

TEST_CASE("codes and dequantized weights in the caller's memory, of any layout") {
  generator random(2);
  const std::array<index_t, 4> extents{5, 4, 3, 2};
  const auto weights = random_layout<float, 4>(random, extents, false);
  for_each_position(extents, [&](const auto& p) {
    element_at(weights.view, p) = static_cast<float>(random.gaussian());
  });
  for_each_codebook([&](const auto& book) {
    using code = typename std::decay_t<decltype(book)>::code_type;
    CAPTURE(book.name());
    for (int axis = 0; axis < 4; ++axis) {
      const auto codes = random_layout<code, 4>(random, extents, false);
      const auto rows_view = lfnc::channels(weights.view, axis);
      const auto codes_view = lfnc::channels(codes.view, axis);
      std::vector<row_fit> rows(static_cast<std::size_t>(rows_view.channels));
      lfnc::quantize_weights(cpu{2}, rows_view, book, codes_view, std::span<row_fit>(rows));
      const auto plain = lfnc::quantize_weights(rows_view, book);
      const auto back = random_layout<double, 4>(random, extents, false);
      lfnc::dequantize_weights(cpu{1}, codes_view, book, std::span<const row_fit>(rows),
                               lfnc::channels(back.view, axis));
      int wrong = 0;
      std::vector<double> error(rows.size());
      std::vector<std::size_t> met(rows.size());
      for_each_position(extents, [&](const auto& p) {
        const auto r = static_cast<std::size_t>(p[static_cast<std::size_t>(axis)]);
        const code c = element_at(codes.view, p);
        const std::size_t place = r * static_cast<std::size_t>(rows_view.row_size()) + met[r]++;
        wrong += c != plain.codes[place];
        wrong += element_at(back.view, p) != rows[r].alpha * book.decode(c);
        const double rest =
            static_cast<double>(element_at(weights.view, p)) - element_at(back.view, p);
        error[r] += rest * rest;
      });
      CHECK(wrong == 0);
      for (std::size_t r = 0; r < rows.size(); ++r) {
        CHECK(rows[r].alpha == plain.rows[r].alpha);
        CHECK(std::abs(rows[r].squared_error - error[r]) < 1e-10);
      }
    }
  });
}

TEST_CASE("constant and changeable codes are both dequantized") {
  std::vector<std::int8_t> codes{1, -2, 3, 0};
  const std::vector<std::int8_t>& constant = codes;
  const std::vector<row_fit> rows{{0.5, 0, 0}, {2, 0, 0}};
  std::vector<lfnc::float16> out(4);
  const auto target = lfnc::groups(as_view(out, {2, 2}), 0, 2);
  lfnc::dequantize_weights(cpu{1}, lfnc::groups(as_view(codes, {2, 2}), 0, 2), lfnc::uniform(4),
                           std::span<const row_fit>(rows), target);
  CHECK(static_cast<float>(out[1]) == -1);
  CHECK(static_cast<float>(out[2]) == 6);
  lfnc::dequantize_weights(cpu{1}, lfnc::groups(as_view(constant, {2, 2}), 0, 2), lfnc::uniform(4),
                           std::span<const row_fit>(rows), target);
  CHECK(static_cast<float>(out[0]) == 0.5F);
}

TEST_CASE("codes at a given alpha") {
  const std::vector<float> weights{0.5F, -0.5F, 0.24F, 100, -100, 0.26F};
  std::vector<std::int8_t> codes(6);
  const auto target = lfnc::groups(as_view(codes, {2, 3}), 0, 3);
  const std::vector<double> alpha{0.5, 0};
  lfnc::encode_weights(cpu{1}, lfnc::groups(as_view(weights, {2, 3}), 0, 3), lfnc::uniform(4),
                       std::span<const double>(alpha), target);
  CHECK(codes == std::vector<std::int8_t>{1, -1, 0, 0, 0, 0});
}

TEST_CASE("rows of extreme scale are encoded as if they were of ordinary scale") {
  generator random(3);
  for (const int power : {-140, -130, -100, 100, 120}) {
    CAPTURE(power);
    std::vector<float> plain(64);
    std::vector<float> scaled(64);
    for (std::size_t k = 0; k < 64; ++k) {
      // Few bits, so that they survive where floats are subnormal.
      plain[k] = static_cast<float>(random.below(127) - 63);
      scaled[k] = std::ldexp(plain[k], power);
    }
    const auto a = lfnc::quantize_weights(lfnc::whole(as_view(plain)), lfnc::uniform(4));
    const auto b = lfnc::quantize_weights(lfnc::whole(as_view(scaled)), lfnc::uniform(4));
    CHECK(a.codes == b.codes);
    CHECK(std::abs(b.rows[0].alpha / std::ldexp(a.rows[0].alpha, power) - 1) < 1e-6);
    CHECK(std::abs(a.rows[0].relative_error - b.rows[0].relative_error) < 1e-9);
  }
}

TEST_CASE("an all-zero row has alpha 0 and codes that mean 0") {
  const std::vector<double> weights(6);
  const auto result =
      lfnc::quantize_weights(lfnc::channels(as_view(weights, {2, 3}), 0), lfnc::fixed_point());
  for (const row_fit& row : result.rows) {
    CHECK(row.alpha == 0);
    CHECK(row.squared_error == 0);
    CHECK(row.relative_error == 0);
  }
  CHECK(result.codes == std::vector<std::int8_t>(6));
}

TEST_CASE("what cannot be quantized is refused, and nothing is written") {
  const auto weights = random_weights(12, 4);
  const row_fit untouched{-1, -1, -1};
  std::vector<row_fit> rows(3, untouched);
  std::vector<std::int8_t> codes(12, 99);
  const lfnc::uniform book(4);
  const auto run = [&](const auto& from, const auto& to, std::span<row_fit> into) {
    lfnc::quantize_weights(cpu{1}, from, book, to, into);
  };
  const auto view = lfnc::channels(as_view(weights, {3, 4}), 0);
  const auto target = lfnc::channels(as_view(codes, {3, 4}), 0);
  CHECK_REFUSED(run(view, lfnc::channels(as_view(codes, {4, 3}), 0), rows),
                "codes: their shape (4 channels of 3, groups of 3) is not that of the weights");
  CHECK_REFUSED(run(lfnc::groups(view), lfnc::groups(as_view(codes, {3, 4}), 0, 2), rows),
                "codes: their shape");
  CHECK_REFUSED(run(view, lfnc::channel_view<std::int8_t>{}, rows), "codes: null data");
  CHECK_REFUSED(run(view, lfnc::channels(as_view(codes.data(), {3, 4}, {0, 1}), 0), rows),
                "codes: its elements share memory");
  CHECK_REFUSED(run(view, target, std::span(rows).first(2)), "holds 2 entries for 3 rows");
  for (const double bad : {std::nan(""), -std::numeric_limits<double>::infinity()}) {
    auto poisoned = weights;
    poisoned[2 * 4 + 1] = static_cast<float>(bad);
    CHECK_REFUSED(run(lfnc::channels(as_view(poisoned, {3, 4}), 0), target, rows),
                  "weights: element 1 of channel 2 is NaN or infinite");
    const std::vector<double> alpha(3, 1);
    CHECK_REFUSED(lfnc::encode_weights(cpu{1}, lfnc::groups(as_view(poisoned, {3, 4}), 0, 4), book,
                                       std::span<const double>(alpha), lfnc::groups(target)),
                  "weights: element 1 of channel 2");
    std::vector<double> bad_alpha{1, 1, bad};
    CHECK_REFUSED(lfnc::encode_weights(cpu{1}, lfnc::groups(view), book,
                                       std::span<const double>(bad_alpha), lfnc::groups(target)),
                  "alpha: entry 2 is ");
  }
  const std::vector<double> negative{1, -0.5, 1};
  CHECK_REFUSED(lfnc::encode_weights(cpu{1}, lfnc::groups(view), book,
                                     std::span<const double>(negative), lfnc::groups(target)),
                "alpha: entry 1 is -0.5");
  CHECK_REFUSED(
      lfnc::encode_weights(cpu{1}, lfnc::groups(view), book,
                           std::span<const double>(negative).first(2), lfnc::groups(target)),
      "alpha: holds 2 entries for 3 rows");
  CHECK(codes == std::vector<std::int8_t>(12, 99));
  for (const row_fit& row : rows) CHECK(row.alpha == -1);

  const float nothing[1] = {};
  for (const auto& empty :
       {lfnc::channels(as_view(nothing, {0, 4}), 0), lfnc::channels(as_view(nothing, {4, 0}), 0)}) {
    CHECK_REFUSED(lfnc::quantize_weights(empty, book), "weights: there are no elements");
  }
  std::vector<float> back(12, 5);
  CHECK_REFUSED(lfnc::dequantize_weights(cpu{1}, target, book, std::span<const row_fit>(rows),
                                         lfnc::channels(as_view(back, {4, 3}), 0)),
                "weights");
  CHECK_REFUSED(
      lfnc::dequantize_weights(cpu{1}, target, book, std::span<const row_fit>(rows).first(1),
                               lfnc::channels(as_view(back, {3, 4}), 0)),
      "rows: holds 1 entries for 3 rows");
  CHECK(back == std::vector<float>(12, 5));
}

TEST_CASE("groups, channels and tensors, with a policy or without, in memory or as vectors") {
  auto weights = random_weights(6 * 8, 77);
  const auto view = as_view(weights, {6, 2, 2, 2});
  const lfnc::uniform book(4);
  std::vector<std::int8_t> codes(48);
  std::vector<row_fit> rows(6);
  lfnc::quantize_weights(cpu{1}, lfnc::groups(view, 0, 8), book,
                         lfnc::groups(as_view(codes, {6, 8}), 0, 8), rows);
  const auto is_expected = [&](const auto& made) {
    CHECK(made.codes == codes);
    REQUIRE(made.rows.size() == 6);
    for (std::size_t r = 0; r < 6; ++r) CHECK(made.rows[r].alpha == rows[r].alpha);
  };
  is_expected(lfnc::quantize_weights(view, book));
  is_expected(lfnc::quantize_weights(view, book, lfnc::fit_options{}));
  is_expected(lfnc::quantize_weights(cpu{1}, view, book));
  is_expected(lfnc::quantize_weights(cpu{1}, lfnc::channels(view, 0), book, lfnc::fit_options{}));
  is_expected(lfnc::quantize_weights(cpu{1}, lfnc::groups(view, 0, 8), book));

  lfnc::weight_quantization<std::int8_t> made{std::vector<std::int8_t>(48),
                                              std::vector<row_fit>(6)};
  const auto cleared = [&](auto run) {
    made = {std::vector<std::int8_t>(48), std::vector<row_fit>(6)};
    const auto at = as_view(made.codes, {6, 2, 2, 2});
    run(at);
    is_expected(made);
  };
  cleared([&](const auto& at) { lfnc::quantize_weights(view, book, at, made.rows); });
  cleared([&](const auto& at) { lfnc::quantize_weights(cpu{1}, view, book, at, made.rows); });
  cleared([&](const auto& at) {
    lfnc::quantize_weights(lfnc::channels(view, 0), book, lfnc::channels(at, 0), made.rows);
  });

  std::vector<double> alpha;
  for (const row_fit& row : rows) alpha.push_back(row.alpha);
  for (const bool with : {false, true}) {
    std::vector<std::int8_t> encoded(48);
    const auto at = as_view(encoded, {6, 2, 2, 2});
    if (with) lfnc::encode_weights(cpu{1}, view, book, alpha, at);
    if (!with) lfnc::encode_weights(view, book, alpha, at);
    CHECK(encoded == codes);
  }

  std::vector<float> expected(48);
  lfnc::dequantize_weights(cpu{1}, lfnc::groups(as_view(codes, {6, 8}), 0, 8), book, rows,
                           lfnc::groups(as_view(expected, {6, 8}), 0, 8));
  const auto gives = [&](auto run) {
    std::vector<float> back(48);
    run(as_view(back, {6, 2, 2, 2}));
    CHECK(back == expected);
  };
  const auto stored = as_view(std::as_const(codes), {6, 2, 2, 2});
  gives([&](auto at) { lfnc::dequantize_weights(stored, book, rows, at); });
  gives([&](auto at) { lfnc::dequantize_weights(cpu{1}, stored, book, rows, at); });
  const auto kept = lfnc::quantize_weights(view, book);
  gives([&](auto at) { lfnc::dequantize_weights(kept, book, at); });
  gives([&](auto at) { lfnc::dequantize_weights(cpu{1}, kept, book, lfnc::channels(at, 0)); });
  std::vector<float> few(40);
  CHECK_REFUSED(lfnc::dequantize_weights(kept, book, as_view(few, {5, 8})),
                "codes: holds 48 codes for 40 weights");
}
