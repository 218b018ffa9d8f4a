// lfnc floor 5: interop/xtensor: as_view for xtensor's arrays, tensors, adaptors and strided views.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>

#include "../view.hpp"

namespace xt {
struct no_ownership;
}

namespace lfnc {

// xarray, xtensor, xtensor_fixed, their adaptors, and the views of them that have strides; by what
// they offer, which has been the same while the names of xtensor's headers were not. Expressions
// that are yet to be computed are none.
template <class T>
concept xtensor_strided = requires(T& array) {
  typename T::shape_type;
  array.data() + array.data_offset();
  array.shape(0);
  array.strides()[0];
  array.dimension();
};

// Of these, the ones whose type tells their rank.
template <class T>
concept xtensor_ranked =
    xtensor_strided<T> && requires { std::tuple_size<typename T::shape_type>::value; };

inline namespace LFNC_ABI {
namespace detail {

// Whether an object leaves the elements to somebody else, so that they outlive it. Views and
// adaptors say what they are of, first among their template's arguments: a reference, or another
// object of which the same is asked; adaptors of pointers say whether they own.
template <class T>
struct xtensor_points_elsewhere : std::is_lvalue_reference<T> {};
template <template <class, class...> class View, class Of, class... Rest>
struct xtensor_points_elsewhere<View<Of, Rest...>>
    : std::conditional_t<std::is_pointer_v<std::remove_reference_t<Of>>,
                         std::disjunction<std::is_same<Rest, xt::no_ownership>...>,
                         xtensor_points_elsewhere<Of>> {};
template <class Layout, Layout L, template <class, class, Layout, class> class View, class Of,
          class Shape, class Tag>
struct xtensor_points_elsewhere<View<Of, Shape, L, Tag>> : xtensor_points_elsewhere<Of> {};
template <class Layout, Layout L, template <class, Layout, class, class> class View, class Of,
          class Shape, class Tag>
struct xtensor_points_elsewhere<View<Of, L, Shape, Tag>> : xtensor_points_elsewhere<Of> {};
template <class Layout, Layout L, template <class, std::size_t, Layout, class> class View, class Of,
          std::size_t Rank, class Tag>
struct xtensor_points_elsewhere<View<Of, Rank, L, Tag>> : xtensor_points_elsewhere<Of> {};

}  // namespace detail

// The elements of an xtensor object of dynamic rank, which must be Rank, in its own memory:
// as_view<4>(array). Throws argument_error for another rank. The memory must outlive the view,
// so that temporaries are taken only of objects that point to memory of others (xt::view and
// xt::adapt of what is none). O(1), no copy. (xtensor gives extents of 1 the stride 0, which is as
// good as any.)
template <int Rank, xtensor_strided T>
auto as_view(T& array) {
  using value = std::remove_pointer_t<decltype(array.data())>;
  constexpr auto rank = static_cast<std::size_t>(Rank);
  detail::require(array.dimension() == rank, "array", [&] {
    return "its rank is " + std::to_string(array.dimension()) + ", not " + std::to_string(Rank);
  });
  tensor_view<value, Rank> view{
      array.data() + static_cast<std::ptrdiff_t>(array.data_offset()), {}, {}};
  for (std::size_t d = 0; d < rank; ++d) {
    view.extents[d] = static_cast<index_t>(array.shape(d));
    view.strides[d] = static_cast<index_t>(array.strides()[d]);
  }
  detail::check_view(view, "array");
  return view;
}
template <int Rank, xtensor_strided T>
  requires detail::xtensor_points_elsewhere<T>::value
auto as_view(T&& array) {
  return as_view<Rank>(array);
}
template <int Rank, xtensor_strided T>
  requires(!detail::xtensor_points_elsewhere<T>::value)
void as_view(const T&& array) = delete;

// The same where the type tells the rank: xtensor, xtensor_fixed, adapt with a std::array of
// extents, and views of these.
template <xtensor_ranked T>
auto as_view(T& array) {
  return as_view<static_cast<int>(std::tuple_size<typename T::shape_type>::value)>(array);
}
template <xtensor_ranked T>
  requires detail::xtensor_points_elsewhere<T>::value
auto as_view(T&& array) {
  return as_view(array);
}
template <xtensor_ranked T>
  requires(!detail::xtensor_points_elsewhere<T>::value)
void as_view(const T&& array) = delete;

}  // namespace LFNC_ABI
}  // namespace lfnc
