// lfnc floor 5: interop/mdspan: as_view and as_device_view for mdspan, std's and everybody else's.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <type_traits>

#include "../view.hpp"

namespace lfnc {

// std::mdspan, cuda::std::mdspan and Kokkos::mdspan, by what they offer: their headers are left to
// those who use them. Of rank 1 or more, with elements behind a pointer, and with a layout that has
// strides at least sometimes.
template <class T>
concept mdspan_strided = requires(const T& span) {
  typename T::element_type;
  typename T::extents_type;
  requires(T::rank() >= 1 && T::rank() <= static_cast<std::size_t>(max_rank));
  { span.data_handle() } -> std::convertible_to<typename T::element_type*>;
  requires std::is_lvalue_reference_v<typename T::reference>;
  requires std::same_as<std::remove_reference_t<typename T::reference>, typename T::element_type>;
  span.accessor().access(span.data_handle(), 0);
  span.extent(0);
  span.mapping().stride(0);
  span.mapping().is_strided();
};

inline namespace LFNC_ABI {
namespace detail {

template <class Space, class Span>
auto view_of_mdspan(const Span& span) {
  using value = typename Span::element_type;
  constexpr auto rank = static_cast<std::size_t>(Span::rank());
  require(span.mapping().is_strided(), "mdspan", "its layout has no strides");
  tensor_view<value, static_cast<int>(rank), Space> view{span.data_handle(), {}, {}};
  for (std::size_t d = 0; d < rank; ++d) {
    view.extents[d] = extent(span.extent(d)).value;
    view.strides[d] = extent(span.mapping().stride(d)).value;
  }
  check_view(view, "mdspan");
  if (view.size() > 1) {
    // An accessor may lead anywhere; one that leads elsewhere shows at the last element.
    const index_t last = extent(span.mapping().required_span_size()).value - 1;
    require(last <= 0 || std::addressof(span.accessor().access(
                             view.data, static_cast<std::size_t>(last))) == view.data + last,
            "mdspan", "its accessor does not lead to the elements behind its pointer");
  }
  return view;
}

}  // namespace detail

// The elements of an mdspan in their own memory, of its rank, extents and strides. Elements that
// are const stay so. What an mdspan points to must outlive the view, the mdspan need not. Throws
// argument_error for a layout without strides, an accessor of its own mind and null data,
// overflow_error beyond 64 bits. O(1), no copy.
template <mdspan_strided Span>
auto as_view(const Span& span) {
  return detail::view_of_mdspan<host_space>(span);
}

// The same where it points to memory of a device, which its type does not say.
template <mdspan_strided Span>
auto as_device_view(const Span& span) {
  return detail::view_of_mdspan<device_space>(span);
}

}  // namespace LFNC_ABI
}  // namespace lfnc
