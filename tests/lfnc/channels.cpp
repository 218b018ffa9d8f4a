#include <lfnc/channels.hpp>

#include <limits>
#include <vector>

#include "support/check.hpp"
#include "support/shape.hpp"

using lfnc::as_view;
using lfnc::index_t;

namespace {

// Element `index` of channel c, plane p must be the one that a walk over the tensor meets.
template <int Rank>
void check_against_walk(const lfnc::tensor_view<int, Rank>& tensor, int axis) {
  const auto view = lfnc::channels(tensor, axis);
  const auto a = static_cast<std::size_t>(axis);
  REQUIRE(view.channels == tensor.extents[a]);
  REQUIRE(view.size() == tensor.size());
  if (tensor.size() == 0) return;
  REQUIRE(view.planes == (axis == 0 ? 1 : tensor.extents[0]));
  std::vector<index_t> met(static_cast<std::size_t>(view.channels));
  int wrong = 0;
  for_each_position(tensor.extents, [&](const auto& position) {
    const index_t c = position[a];
    const index_t index = met[static_cast<std::size_t>(c)]++;
    int* const place = &element_at(tensor, position);
    wrong += view.address(c, index / view.plane_size, index % view.plane_size) != place;
    wrong += view.address(c, index) != place;
    wrong += view.address(c * view.row_size() + index) != place;
  });
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("channels and whole walk tensors of every rank and layout in row-major order") {
  for_random_shapes<1, 2, 3, 4, 5, 6, 7, 8>(
      60, [&]<int Rank>(generator& random, const shape<Rank>& extents, bool repeats) {
        const auto tensor = random_layout<int, Rank>(random, extents, repeats);
        for (int axis = 0; axis < Rank; ++axis) check_against_walk(tensor.view, axis);

        const auto all = lfnc::whole(tensor.view);
        CHECK(all.channels == 1);
        CHECK(all.planes == 1);
        index_t index = 0;
        int wrong = 0;
        for_each_position(extents, [&](const auto& position) {
          wrong += all.address(0, 0, index++) != &element_at(tensor.view, position);
        });
        CHECK(wrong == 0);
      });
}

TEST_CASE("NCHW, NHWC and OIHW come down to one inner dimension") {
  std::vector<int> memory(2 * 3 * 4 * 5);
  const auto nchw = lfnc::channels(as_view(memory.data(), {2, 3, 4, 5}), 1);
  CHECK(nchw.channels == 3);
  CHECK(nchw.planes == 2);
  CHECK(nchw.plane_size == 20);
  CHECK(nchw.rank == 1);
  CHECK(nchw.strides[0] == 1);
  CHECK(nchw.channel_stride == 20);
  const auto nhwc = lfnc::channels(as_view(memory.data(), {2, 4, 5, 3}), 3);
  CHECK(nhwc.planes == 2);
  CHECK(nhwc.plane_size == 20);
  CHECK(nhwc.rank == 1);
  CHECK(nhwc.strides[0] == 3);
  const auto oihw = lfnc::channels(as_view(memory.data(), {2, 3, 4, 5}), 0);
  CHECK(oihw.planes == 1);
  CHECK(oihw.plane_size == 60);
  CHECK(oihw.rank == 1);
}

TEST_CASE("groups cut a channel, and the last one may be shorter") {
  std::vector<int> memory(2 * 10);
  const auto tensor = as_view(memory.data(), {2, 5, 2});
  const auto view = lfnc::groups(tensor, 0, 4);
  CHECK(view.groups_per_channel() == 3);
  CHECK(view.rows() == 6);
  CHECK(view.row_begin(4) == 4);
  CHECK(view.row_length(4) == 4);
  CHECK(view.row_length(5) == 2);
  CHECK(view.address(5, 1) == &memory[19]);
  // Every element, numbered channel by channel, in the row that begins at or before it.
  index_t next = 0;
  for (index_t row = 0; row < view.rows(); ++row) {
    CHECK(view.first_of(row) == next);
    for (index_t k = 0; k < view.row_length(row); ++k) {
      CHECK(view.base.address(next) == view.address(row, k));
      CHECK(view.row_of(next++) == row);
    }
  }
  CHECK(next == 20);
  CHECK(lfnc::groups(tensor, 0, 10).rows() == 2);
  CHECK(lfnc::groups(tensor, 0, 1000).row_length(1) == 10);
  CHECK(lfnc::groups(tensor, 0, std::numeric_limits<index_t>::max()).rows() == 2);
  const auto one_each = lfnc::groups(lfnc::channels(tensor, 1));
  CHECK(one_each.rows() == 5);
  CHECK(one_each.row_length(0) == 4);
  // Groups may run over the planes of a channel.
  const auto across = lfnc::groups(tensor, 1, 3);
  CHECK(across.address(0, 2) == &memory[10]);
}

TEST_CASE("the views of constant elements follow from those of elements") {
  float memory[4] = {};
  const lfnc::channel_view<const float> channel = lfnc::channels(as_view(memory, {2, 2}), 0);
  CHECK(channel.address(1, 0, 1) == memory + 3);
  const lfnc::group_view<const float> group = lfnc::groups(as_view(memory, {2, 2}), 0, 1);
  CHECK(group.address(3, 0) == memory + 3);
}

TEST_CASE("empty tensors have empty channels") {
  float memory[1] = {};
  const auto none = lfnc::channels(as_view(memory, {2, 0, 3}), 0);
  CHECK(none.size() == 0);
  CHECK(lfnc::groups(none).rows() == 0);
  CHECK(lfnc::channels(as_view(memory, {0, 3}), 0).channels == 0);
  CHECK(lfnc::whole(as_view(memory, {3, 0, 2})).size() == 0);
}

TEST_CASE("axes, sizes and views that are not there are refused") {
  float memory[6] = {};
  const auto tensor = as_view(memory, {2, 3});
  CHECK_REFUSED(lfnc::channels(tensor, 2), "axis: 2 is not a dimension of a tensor of rank 2");
  CHECK_REFUSED(lfnc::channels(tensor, -1), "axis: -1 is not");
  CHECK_REFUSED(lfnc::groups(tensor, 0, 0), "size: a group holds at least one element");
  CHECK_REFUSED(lfnc::groups(tensor, 0, -3), "size");
  CHECK_REFUSED(lfnc::channels(lfnc::tensor_view<float, 1>{nullptr, {3}, {1}}, 0),
                "tensor: null data");
  CHECK_REFUSED(lfnc::whole(lfnc::tensor_view<float, 2>{memory, {3, -1}, {1, 1}}),
                "tensor: extent 1 is negative");
}

TEST_CASE("extreme strides of single elements and of empty tensors do no harm") {
  std::int8_t memory[2] = {};
  const index_t top = std::numeric_limits<index_t>::max();
  CHECK(lfnc::whole(as_view(memory, {2, 1, 0}, {top, top, top})).size() == 0);
  CHECK(lfnc::whole(as_view(memory, {1, 2}, {top, 1})).size() == 2);
  CHECK(lfnc::whole(as_view(memory, {2, 2}, {top / 2, 0})).rank == 2);
  CHECK(lfnc::whole(as_view(memory, {2, 2}, {0, top / 2 + 1})).rank == 2);
}

TEST_CASE("a view in one piece is told from one that must be walked") {
  float memory[24] = {};
  const auto one_piece = [](const auto& tensor) {
    return lfnc::detail::in_one_piece(lfnc::whole(tensor));
  };
  CHECK(one_piece(lfnc::as_view(memory, {24})));
  CHECK(one_piece(lfnc::as_view(memory, {2, 3, 4})));
  CHECK(one_piece(lfnc::as_view(memory, {1, 1})));
  CHECK(!one_piece(lfnc::as_view(memory, {2, 3}, {4, 1})));
  CHECK(!one_piece(lfnc::as_view(memory, {12}, {2})));
  CHECK(!one_piece(lfnc::as_view(memory, {3, 4}, {1, 3})));
  CHECK(!one_piece(lfnc::as_view(memory + 23, {24}, {-1})));
  CHECK(!lfnc::detail::in_one_piece(lfnc::channels(lfnc::as_view(memory, {4, 6}), 0)));
  CHECK(!lfnc::detail::in_one_piece(lfnc::channels(lfnc::as_view(memory, {4, 1, 6}), 1)));
}

TEST_CASE("one row holds what the groups of the whole hold") {
  float memory[24] = {};
  for (const index_t extent : {0, 1, 4}) {
    const auto tensor = lfnc::as_view(memory, {extent, index_t{3}}, {6, 2});
    const auto expected = lfnc::groups(lfnc::whole(tensor));
    const auto row = lfnc::detail::one_row(tensor);
    CHECK(row.group_size == expected.group_size);
    CHECK(row.rows() == expected.rows());
    CHECK(row.base.size() == expected.base.size());
    for (index_t k = 0; k < row.base.size(); ++k) {
      CHECK(row.base.address(k) == expected.base.address(k));
    }
  }
}
