// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or an Error that says what, where and what to do. Member names follow std::expected (C++23).
// Whatever an input, a file or a device can cause is a Result; whatever only a bug can cause is an assert.
#pragma once
#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "lib/base/format.h"

namespace hone {

// The exit status of the tools; see DESIGN, section 4.
enum class Code { no = 1, usage = 2, invalid = 3, untrusted = 4, io = 5, bug = 70 };

struct [[nodiscard]] Error {
  Code code = Code::bug;
  std::string message;
  // Puts `where` in front: error.in("node 'conv1'") reads "node 'conv1': <message>".
  Error in(std::string_view where) && {
    message = format("{}: {}", where, message);
    return std::move(*this);
  }
};

template <class... A> Error invalid(fmt::format_string<A...> f, A&&... a) { return {Code::invalid, format(f, std::forward<A>(a)...)}; }
template <class... A> Error usage_error(fmt::format_string<A...> f, A&&... a) { return {Code::usage, format(f, std::forward<A>(a)...)}; }
template <class... A> Error untrusted(fmt::format_string<A...> f, A&&... a) { return {Code::untrusted, format(f, std::forward<A>(a)...)}; }
template <class... A> Error io_error(fmt::format_string<A...> f, A&&... a) { return {Code::io, format(f, std::forward<A>(a)...)}; }
template <class... A> Error bug(fmt::format_string<A...> f, A&&... a) { return {Code::bug, format(f, std::forward<A>(a)...)}; }

template <class T> class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  const T& value() const& { return assert(has_value()), *std::get_if<0>(&state_); }
  T& value() & { return assert(has_value()), *std::get_if<0>(&state_); }
  T&& value() && { return assert(has_value()), std::move(*std::get_if<0>(&state_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  const Error& error() const& { return assert(!has_value()), *std::get_if<1>(&state_); }
  Error&& error() && { return assert(!has_value()), std::move(*std::get_if<1>(&state_)); }
  // The same result, its error placed: read(path).in(path).
  Result in(std::string_view where) && {
    if (has_value()) return std::move(*this);
    return std::move(*this).error().in(where);
  }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};
using Status = Result<Ok>;

#define HONE_CAT_(a, b) a##b
#define HONE_CAT(a, b) HONE_CAT_(a, b)
#define HONE_TRY_(r, decl, ...)                  \
  auto r = (__VA_ARGS__);                        \
  if (!r) return std::move(r).error();           \
  decl = std::move(r).value()
// TRY(const auto x, f()); returns f's error to the caller, or binds its value to x.
#define TRY(decl, ...) HONE_TRY_(HONE_CAT(hone_try_, __COUNTER__), decl, __VA_ARGS__)
// CHECK_OK(f()); returns f's error to the caller.
#define CHECK_OK(...)                                                          \
  do {                                                                         \
    if (auto hone_status = (__VA_ARGS__); !hone_status) return std::move(hone_status).error(); \
  } while (false)

}  // namespace hone
