#include <lfnc/compress/steps/weights.hpp>
#include <lfnc/pack.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/small_job.hpp"

namespace {

struct keeper : small::stateful {
  void set_codes(std::size_t index, lfnc::layer_codes codes) {
    CHECK((changes.empty() || changes.back() != index));
    kept.emplace_back(index, std::move(codes));
  }
  std::vector<std::pair<std::size_t, lfnc::layer_codes>> kept;
};

}  // namespace

TEST_CASE("codes are fitted first and written then") {
  small::run<keeper> at;
  const keeper before;
  auto codes = lfnc::detail::fit_codes(at.job);
  REQUIRE(codes.size() == 4);
  CHECK(at.adapter == before);
  CHECK(at.adapter.changes.empty());
  CHECK(at.job.code_bytes >= 72 + 144 + 180 + 15);
  CHECK(lfnc::name_of(codes[0].codebook) == "uniform-8");
  CHECK(lfnc::name_of(codes[1].codebook) == "uniform-4");
  CHECK(lfnc::name_of(codes[2].codebook) == "uniform-4");
  CHECK(lfnc::name_of(codes[3].codebook) == "uniform-8");

  const auto expected = codes;
  lfnc::detail::write_codes(at.job, std::move(codes));
  CHECK(at.job.code_bytes == 0);
  CHECK(at.adapter.changes ==
        std::vector<std::size_t>{small::conv1, small::conv2, small::conv3, small::scores});
  REQUIRE(at.adapter.kept.size() == 4);
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(at.adapter.kept[k].second.codes == expected[k].codes);
    const std::vector<float>& weights = at.adapter.convolutions[k].weight;
    const std::size_t row = weights.size() / expected[k].rows.size();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      CHECK(weights[i] == static_cast<float>(expected[k].rows[i / row].alpha) *
                              static_cast<float>(expected[k].codes[i]));
    }
  }
}

TEST_CASE("the numbers of a layer") {
  small::run at;
  const auto codes = lfnc::detail::fit_codes(at.job);
  const lfnc::weight_report& report = at.job.report.weights[1];
  const std::vector<float>& weights = at.adapter.convolutions[1].weight;
  double error = 0;
  double norm = 0;
  double least = 1;
  double greatest = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double alpha = codes[1].rows[i / 36].alpha;
    const auto w = static_cast<double>(weights[i]);
    error += std::pow(w - alpha * codes[1].codes[i], 2);
    norm += w * w;
    least = std::min(least, alpha);
    greatest = std::max(greatest, alpha);
  }
  CHECK(report.layer == "conv2");
  CHECK(report.codebook == "uniform-4");
  CHECK(report.weights == 144);
  CHECK(report.squared_norm == doctest::Approx(norm));
  CHECK(report.relative_error == doctest::Approx(error / norm));
  CHECK(report.least_alpha == least);
  CHECK(report.greatest_alpha == greatest);
  CHECK(report.saturated == 0);
  CHECK(report.bytes_before == 144 * 4);
  CHECK(report.bytes_after == 72 + 4 * 4);
  CHECK(at.job.report.weights[0].bytes_after == 72 + 4 * 4);  // 8 bits
}

TEST_CASE("what weights beyond the last level and other codebooks come to") {
  const std::vector<float> weights{1, -2, 0.5F, 4};
  const auto view = lfnc::channels(lfnc::as_view(weights, {1, 4}), 0);
  const std::vector<lfnc::row_fit> rows{{1, 0, 0}};
  const auto of = [&](const auto& book) { return lfnc::detail::describe(view, book, rows); };
  CHECK(of(lfnc::ternary()).saturated == 0.5);
  CHECK(of(lfnc::uniform(3)).saturated == 0.25);
  CHECK(of(lfnc::uniform(4)).saturated == 0);
  CHECK(of(lfnc::ternary()).bytes_after == 1 + 4);   // five a byte
  CHECK(of(lfnc::uniform(3)).bytes_after == 2 + 4);  // 12 bits
  CHECK(of(lfnc::fixed_point()).bytes_after == 4 + 4);
  const std::vector<float> zeros(4);
  const auto none = lfnc::channels(lfnc::as_view(zeros, {1, 4}), 0);
  CHECK(lfnc::detail::describe(none, lfnc::ternary(), {{0, 0, 0}}).relative_error == 0);
}

TEST_CASE("what is reported of packed codes is what pack makes of them, for every codebook") {
  std::vector<lfnc::codebook_choice> books{lfnc::ternary(), lfnc::fixed_point()};
  for (int bits = 2; bits <= 8; ++bits) books.emplace_back(lfnc::uniform(bits));
  for (int bits = 3; bits <= 4; ++bits) {
    books.emplace_back(lfnc::power_of_two(bits));
    books.emplace_back(lfnc::power_of_two::published(bits));
  }
  for (const std::size_t count : {2U, 3U, 4U, 5U, 8U, 9U, 128U}) {
    std::vector<double> own(count);
    for (std::size_t k = 0; k < count; ++k) own[k] = 0.5 * static_cast<double>(k) - 1;
    books.emplace_back(lfnc::levels(own));
  }
  for (const lfnc::codebook_choice& chosen : books) {
    std::visit(
        [&](const auto& book) {
          CAPTURE(std::string(book.name()));
          // Every level three times, in two channels.
          std::vector<float> weights;
          std::vector<std::int8_t> codes;
          for (int k = 0; k < 6 * book.level_count(); ++k) {
            weights.push_back(static_cast<float>(book.level(k % book.level_count())));
            codes.push_back(book.encode(weights.back()));
          }
          const auto view =
              lfnc::channels(lfnc::as_view(weights, {std::size_t{2}, weights.size() / 2}), 0);
          const auto report =
              lfnc::detail::describe(view, book, std::vector<lfnc::row_fit>(2, {1, 0, 0}));
          std::vector<std::uint8_t> bytes(static_cast<std::size_t>(report.bytes_after - 2 * 4));
          lfnc::pack(report.packing, codes, bytes);
          std::vector<std::int8_t> back(codes.size());
          lfnc::unpack(report.packing, bytes, back);
          CHECK(back == codes);
        },
        chosen);
  }
}

TEST_CASE("who is told of each layer may cancel, with nothing written") {
  small::run at;
  std::vector<std::string> names;
  at.options.progress = [&](const lfnc::compress_progress& now) {
    names.emplace_back(now.layer);
    return names.size() < 3;
  };
  CHECK_THROWS_AS(lfnc::detail::fit_codes(at.job), lfnc::cancelled);
  CHECK(names == std::vector<std::string>{"conv1", "conv2", "conv3"});
  CHECK(at.adapter.changes.empty());
}

TEST_CASE("weights whose squares are beyond the range of double are refused") {
  for (const double size : {1.0, 1e100, 1e160, 1e300}) {
    CAPTURE(size);
    std::vector<double> weights;
    for (int k = 1; k <= 24; ++k) weights.push_back(size * std::sin(0.7 * k));
    const auto view = lfnc::channels(lfnc::as_view(weights, {2, 12}), 0);
    const std::vector<lfnc::row_fit> rows(2, {size / 7, 0.125, 0.01});
    if (size < 1e150) {
      const auto report = lfnc::detail::describe(view, lfnc::uniform(4), rows);
      CHECK(std::isfinite(report.relative_error));
      CHECK(report.squared_norm > 0);
    } else {
      CHECK_OVERFLOW(lfnc::detail::describe(view, lfnc::uniform(4), rows),
                     "weights: their sum of squares is beyond the range of double");
    }
  }
}
