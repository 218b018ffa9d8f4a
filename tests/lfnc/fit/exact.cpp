#include <lfnc/fit/exact.hpp>

#include <lfnc/weights.hpp>
#include <span>

#include "support/brute_force.hpp"
#include "support/check.hpp"

namespace {

// Errors are compared to this share of |w|^2. It covers the rounding of alpha to the precision of
// the weights (a relative step of 6e-8 in alpha costs its square, 4e-15) and that of the sums.
constexpr long double tolerance = 1e-12L;

struct tally {
  int rows = 0;
  int beaten = 0;       // a better alpha exists
  int impossible = 0;   // the error is below what brute force says is possible
  int misreported = 0;  // squared_error is not the error of the codes
  int lloyd_better = 0;
  long double worst = 0;
};

template <class T, class Codebook>
void check_rows(const std::vector<std::vector<T>>& rows, const Codebook& book, tally& found,
                bool compare_lloyd) {
  const std::size_t length = rows.front().size();
  std::vector<T> memory;
  for (const auto& row : rows) memory.insert(memory.end(), row.begin(), row.end());
  const auto view = lfnc::channels(lfnc::as_view(memory, {rows.size(), length}), 0);
  const auto exact = lfnc::quantize_weights(view, book);
  const auto lloyd = lfnc::quantize_weights(
      view, book,
      {compare_lloyd ? lfnc::solver::lloyd : lfnc::solver::abs_max, {.max_iterations = 20}});
  for (std::size_t r = 0; r < rows.size(); ++r) {
    ++found.rows;
    const optimum least = brute_force(rows[r], book);
    const long double reached =
        error_of(rows[r], book, exact.rows[r].alpha, exact.codes.data() + r * length);
    const long double slack = tolerance * least.ww;
    // alpha is a double: where it is subnormal itself, its last bit costs at most |q| times that of
    // the distance |w - alpha q|.
    long double top = 0;
    for (int l = 0; l < book.level_count(); ++l) {
      top = std::max(top, std::abs(static_cast<long double>(book.level(l))));
    }
    const long double last_bit =
        top * std::sqrt(static_cast<long double>(length)) *
        static_cast<long double>(std::numeric_limits<double>::denorm_min());
    const auto beats = [&](long double error) {
      const long double distance = std::sqrt(std::max(error, 0.0L)) + last_bit;
      return !(reached <= distance * distance + slack);
    };
    found.beaten += beats(least.error);
    found.impossible += !(reached >= least.error - slack);
    if (least.ww > 0) found.worst = std::max(found.worst, (reached - least.error) / least.ww);
    const long double relative = least.ww > 0 ? reached / least.ww : 0;
    found.misreported += !(std::abs(exact.rows[r].relative_error - relative) <= 1e-12L);
    if (least.ww < std::numeric_limits<double>::max() &&
        least.ww > std::numeric_limits<double>::min() * 1e20L) {
      found.misreported += !(std::abs(exact.rows[r].squared_error - reached) <= slack);
    }
    const long double other =
        error_of(rows[r], book, lloyd.rows[r].alpha, lloyd.codes.data() + r * length);
    found.lloyd_better += beats(other);
  }
}

template <class T>
void check_random_rows(int rows_each) {
  for_each_codebook([&](const auto& book) {
    CAPTURE(book.name());
    generator random(11);
    for (int k = 0; k < static_cast<int>(row_kind::count); ++k) {
      tally found;
      for (int done = 0; done < rows_each; done += 8) {
        const int length = 1 + random.below(64);
        std::vector<std::vector<T>> rows;
        for (int r = 0; r < 8; ++r) {
          rows.push_back(make_row<T>(random, static_cast<row_kind>(k), length));
        }
        check_rows(rows, book, found, true);
      }
      CAPTURE(k);
      CAPTURE(found.worst);
      CHECK(found.beaten == 0);
      CHECK(found.impossible == 0);
      CHECK(found.misreported == 0);
      CHECK(found.lloyd_better == 0);
      CHECK(found.rows == rows_each);
    }
  });
}

}  // namespace

TEST_CASE("no alpha beats the exact solver on float rows") { check_random_rows<float>(144); }

TEST_CASE("no alpha beats the exact solver on double rows") { check_random_rows<double>(72); }

TEST_CASE("long rows, where most of the sweep is pruned") {
  for_each_codebook([](const auto& book) {
    CAPTURE(book.name());
    generator random(12);
    tally found;
    for (const row_kind kind : {row_kind::gaussian, row_kind::laplacian, row_kind::uniform,
                                row_kind::outliers, row_kind::ties}) {
      check_rows(std::vector<std::vector<float>>{make_row<float>(random, kind, 4608)}, book, found,
                 false);
    }
    CAPTURE(found.worst);
    CHECK(found.beaten == 0);
    CHECK(found.impossible == 0);
    CHECK(found.misreported == 0);
    CHECK(found.lloyd_better == 0);
  });
}

TEST_CASE("rows whose elements lie on the grid are met exactly") {
  generator random(13);
  for_each_codebook([&](const auto& book) {
    CAPTURE(book.name());
    std::vector<float> row(40);
    for (float& w : row) {
      w = static_cast<float>(0.0625 * book.level(random.below(book.level_count())));
    }
    const auto result = lfnc::quantize_weights(lfnc::whole(lfnc::as_view(row)), book);
    CHECK(result.rows[0].relative_error < 1e-14);
  });
}

TEST_CASE("rows that no alpha helps keep alpha 0 and their own length as error") {
  const std::vector<float> negative{-1, -2, -3};
  const auto result =
      lfnc::quantize_weights(lfnc::whole(lfnc::as_view(negative)), lfnc::unsigned_uniform(4));
  CHECK(result.rows[0].alpha == 0);
  CHECK(result.rows[0].squared_error == 14);
  CHECK(result.rows[0].relative_error == 1);
  CHECK(result.codes == std::vector<std::uint8_t>{0, 0, 0});
  const std::vector<float> zeros(5);
  const auto nothing = lfnc::quantize_weights(lfnc::whole(lfnc::as_view(zeros)), lfnc::uniform(4));
  CHECK(nothing.rows[0].alpha == 0);
  CHECK(nothing.rows[0].squared_error == 0);
  CHECK(nothing.rows[0].relative_error == 0);
  CHECK(nothing.codes == std::vector<std::int8_t>(5));
}

TEST_CASE("an encoder that does not cut midway is refused") {
  const std::vector<float> row{1, 2, 3};
  CHECK_REFUSED(
      lfnc::quantize_weights(lfnc::whole(lfnc::as_view(row)), lfnc::power_of_two::published(4)),
      "codebook: published-power-of-two-4 does not encode to the nearest level");
}

TEST_CASE("the published encoder's alternation never beats the optimum of its levels") {
  generator random(14);
  std::vector<float> memory(64 * 200);
  for (float& w : memory) w = static_cast<float>(0.05 * random.gaussian());
  const auto view = lfnc::channels(lfnc::as_view(memory, {64, 200}), 0);
  const auto published =
      lfnc::quantize_weights(view, lfnc::power_of_two::published(4), {lfnc::solver::lloyd, {}});
  const auto best = lfnc::quantize_weights(view, lfnc::power_of_two(4));
  for (std::size_t r = 0; r < 64; ++r) {
    CHECK(best.rows[r].squared_error <= published.rows[r].squared_error);
  }
}

TEST_CASE("short rows have the same bits on every instruction set") {
  for_each_codebook([](const auto& book) {
    CAPTURE(book.name());
    generator random(15);
    std::vector<double> memory;
    for (const row_kind kind : {row_kind::gaussian, row_kind::laplacian, row_kind::ties,
                                row_kind::sparse, row_kind::outliers}) {
      const auto row = make_row<double>(random, kind, 40 * 32);
      memory.insert(memory.end(), row.begin(), row.end());
    }
    const auto groups = lfnc::groups(lfnc::as_view(memory, {1, memory.size()}), 0, 32);
    const auto fit = [&](lfnc::instruction_set most) {
      lfnc::limit_instruction_set(most);
      return lfnc::quantize_weights(groups, book).rows;
    };
    const auto expected = fit(lfnc::instruction_set::baseline);
    for (const auto set : {lfnc::instruction_set::avx2, lfnc::instruction_set::avx512}) {
      const auto found = fit(set);
      int different = 0;
      for (std::size_t r = 0; r < expected.size(); ++r) {
        different += expected[r].alpha != found[r].alpha;
      }
      CHECK(different == 0);
    }
  });
}
