// SPDX-License-Identifier: Apache-2.0
// Reading untrusted bytes: every length is tested against what is left before anything is read or allocated.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace hone {

using Bytes = std::span<const std::byte>;

inline Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// a * b and a + b, or nothing on overflow.
template <class T> constexpr std::optional<T> checked_mul(T a, T b) {
  T r{};
  if (__builtin_mul_overflow(a, b, &r)) return std::nullopt;
  return r;
}
template <class T> constexpr std::optional<T> checked_add(T a, T b) {
  T r{};
  if (__builtin_add_overflow(a, b, &r)) return std::nullopt;
  return r;
}

// A cursor over little-endian bytes. A read past the end yields nothing and leaves the cursor where it was.
class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}
  std::size_t left() const { return rest_.size(); }
  std::optional<Bytes> take(std::uint64_t n) {
    if (n > rest_.size()) return std::nullopt;
    const Bytes head = rest_.first(static_cast<std::size_t>(n));
    rest_ = rest_.subspan(static_cast<std::size_t>(n));
    return head;
  }
  template <class T> std::optional<T> get() {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto head = take(sizeof(T));
    if (!head) return std::nullopt;
    T value;
    std::memcpy(&value, head->data(), sizeof(T));
    return value;
  }

 private:
  Bytes rest_;
};

}  // namespace hone
