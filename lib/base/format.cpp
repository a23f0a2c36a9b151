// SPDX-License-Identifier: Apache-2.0
// The one translation unit that carries fmt's out-of-line code: Debian ships no libfmt.a. Without locales, which we never format
// by and which would be 600 kB of the device binary.
#define FMT_STATIC_THOUSANDS_SEPARATOR ','
#include <fmt/format-inl.h>

template auto fmt::detail::thousands_sep_impl<char>(locale_ref) -> thousands_sep_result<char>;
template auto fmt::detail::decimal_point_impl(locale_ref) -> char;
