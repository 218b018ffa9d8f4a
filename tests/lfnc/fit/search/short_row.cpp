#include <lfnc/fit/search/short_row.hpp>

#include <doctest/doctest.h>

#include <lfnc/exec/cpu/float_lanes.hpp>
#include <memory>

#include "support/sorted_row.hpp"
#include "support/steps.hpp"

namespace {

constexpr row_kind all_kinds[] = {row_kind::gaussian,    row_kind::laplacian,   row_kind::uniform,
                                  row_kind::sparse,      row_kind::ties,        row_kind::outliers,
                                  row_kind::one_value,   row_kind::one_element, row_kind::one_sign,
                                  row_kind::on_the_grid, row_kind::huge_ratios, row_kind::zeros};

}  // namespace

TEST_CASE("what is looked at in float changes no bit of what a sweep over all alphas finds") {
  const auto area = std::make_unique<lfnc::detail::short_row_area>();
  for_each_codebook([&](const auto& book) {
    CAPTURE(book.name());
    generator random(31);
    int short_rows = 0;
    int different = 0;
    for (const row_kind kind : all_kinds) {
      for (int round = 0; round < 60; ++round) {
        const sorted_row row(
            make_row<double>(random, kind, 1 + random.below(round % 4 == 0 ? 256 : 64)), book);
        if (!lfnc::detail::is_short_row(row.sides, row.side_count)) continue;
        ++short_rows;
        lfnc::detail::short_sweep<double> all(row.sides[0], row.ww);
        all(0, 1e3 * row.sides[0].magnitude_at(0) / row.steps[0].threshold[0]);
        const double alpha =
            lfnc::detail::best_alpha_of_short_row<float>(row.sides[0], row.ww, *area);
        different += alpha != all.alpha();
#if LFNC_SHUFFLES
        using vector = lfnc::detail::float_vector<16>;
        const double on_vectors =
            lfnc::detail::best_alpha_of_short_row<vector>(row.sides[0], row.ww, *area);
        different += on_vectors != all.alpha();
#endif
      }
    }
    CHECK(different == 0);
    const int thresholds = make_steps(book, false).thresholds;
    CHECK((short_rows > 300) == (book.symmetric() && thresholds >= 1 && thresholds <= 15));
  });
}
