// SPDX-License-Identifier: Apache-2.0
// Hone's own entropy coder for weights and their differences (docs/bundle.md, section 6): a token for each element by table rANS (Duda 2013) in up to four
// interleaved states, and the bits below the token as they are. Which of up to 16 tables is used is told by the size of the base's element and of the latest
// differences. Here is the decoder, and what encoder and decoder agree on; the encoder is in rans_encode.h, for the host only.
#pragma once
#include <algorithm>
#include <array>
#include <bit>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace hone {

enum class RansKind : std::uint8_t {
  plain,    // elements as they are: the token is the first byte, of floats with the sign put last
  integer,  // zigzag differences of integers, away from zero
  ordered,  // zigzag differences of IEEE floats in their order
};

struct RansShape {
  RansKind kind = RansKind::plain;
  std::size_t width = 1;  // bytes of an element
  bool nibbles = false;   // of width 1 and kind integer: two elements of four bits in a byte, the low one first
  std::size_t bits() const { return nibbles ? 4 : 8 * width; }
};

// Decodes all of `out`. `base` has the same size; it is empty for RansKind::plain. What comes out of the other kinds goes through decode_residual. Errors: untrusted; every table is checked, and every bit of the frame must have been used. What is allocated (90 KB,
// and a byte for each element of four bits) does not depend on the frame.
Status rans_decode(RansShape, Bytes frame, Bytes base, std::span<std::byte> out);

// What encoder and decoder agree on.
namespace rans {

constexpr unsigned probability_bits = 12;
constexpr std::uint32_t total = 1U << probability_bits, lowest = 1U << 16;  // a state lies in [lowest, lowest << 16)
constexpr std::size_t max_clusters = 16, classes = 16, levels = 4, contexts = classes * levels;
constexpr std::size_t header_bytes = 5, thresholds_bytes = 6;

// Values below 16 have a token each; above, every power of two has four: by the bit below the highest, and by the lowest, which is a difference's sign. The bits
// between follow.
struct Token {
  std::uint64_t first;  // value = first + (the next `extra` bits << low_bits)
  unsigned extra;
};
constexpr unsigned low_bits(RansShape s) { return s.kind == RansKind::plain ? 0 : 1; }
constexpr std::size_t value_tokens(std::size_t bits) { return 16 + 4 * (bits - 4); }
constexpr Token token_of_index(std::size_t index) {
  if (index < 16) return {index, 0};
  const auto octave = static_cast<unsigned>((index - 16) / 4), part = static_cast<unsigned>((index - 16) % 4);
  return {(UINT64_C(2) + part / 2) << (octave + 3) | part % 2, octave + 2};
}
constexpr std::size_t index_of_value(std::uint64_t value) {
  if (value < 16) return static_cast<std::size_t>(value);
  const auto n = static_cast<unsigned>(std::bit_width(value));
  return 16 + 4 * (n - 5) + static_cast<std::size_t>((value >> (n - 2) & 1) << 1 | (value & 1));
}
// The last token of floats of 2 and 4 bytes: the result is zero, whatever the base is.
constexpr bool has_zero(RansShape s) { return s.kind == RansKind::ordered && s.width < 8; }
constexpr std::size_t token_count(RansShape s) { return s.kind == RansKind::plain ? 256 : value_tokens(s.bits()) + (has_zero(s) ? 1 : 0); }
constexpr Token token(RansShape s, std::size_t index) {
  if (s.kind != RansKind::plain) return index < value_tokens(s.bits()) ? token_of_index(index) : Token{0, 0};
  const auto extra = static_cast<unsigned>(8 * s.width - 8);
  return {static_cast<std::uint64_t>(index) << extra, extra};
}
// How large what a token stands for is, for the running level.
constexpr unsigned size_of(RansShape s, std::size_t index) {
  return s.kind == RansKind::plain ? static_cast<unsigned>(index) : static_cast<unsigned>(std::bit_width(token(s, index).first));
}

// The base element's class: by its exponent, 15 for zero; of integers by its size, in steps of half a power of two.
struct Exponent {
  std::uint8_t shift = 0;       // where the exponent begins
  std::uint16_t reference = 0;  // of class 0
};
template <class T> constexpr std::uint8_t class_of_float(T base, Exponent e) {
  const T size = static_cast<T>(static_cast<T>(base << 1) >> 1);
  const std::uint64_t exponent = static_cast<std::uint64_t>(size >> e.shift);  // any number, for the frame chose the shift
  const std::uint64_t below = exponent < e.reference ? e.reference - exponent : 0;
  return static_cast<std::uint8_t>(size == 0 ? 15 : std::min<std::uint64_t>(below, 14));
}
template <class T> constexpr std::uint8_t class_of_integer(T base, std::size_t bits) {
  const bool negative = (base >> (bits - 1) & 1) != 0;
  const auto mask = static_cast<T>(bits < 8 ? 15 : ~T{0});
  const T size = static_cast<T>((negative ? static_cast<T>(T{0} - base) : base) & mask);
  const auto n = static_cast<unsigned>(std::bit_width(size));
  if (bits > 8) return static_cast<std::uint8_t>(std::min(n, 15U));
  if (size < 4) return static_cast<std::uint8_t>(size);
  return static_cast<std::uint8_t>(std::min(2 * n - 2 + static_cast<unsigned>(size >> (n - 2) & 1), 15U));
}
void classify(RansShape, Exponent, Bytes base, std::size_t first, std::span<std::uint8_t> classes);  // one for each element from `first` on

// The running level: 256 times the average size of what came before in the lane. Sizes of float differences count in the exponent of their base.
constexpr int size_in_class(RansShape s, std::uint8_t c) { return s.kind == RansKind::ordered ? 15 - static_cast<int>(c) : 0; }
constexpr int next_level(int level, int size, unsigned rate) { return level + ((256 * size - level) >> rate); }
using Thresholds = std::array<std::uint16_t, levels - 1>;
constexpr std::size_t level_of(int level, const Thresholds& t) { return static_cast<std::size_t>((level >= t[0]) + (level >= t[1]) + (level >= t[2])); }

// A lane is a stretch of elements with a state of its own; the last one has the rest of the division too.
constexpr std::size_t lane_count(std::size_t elements) { return elements < 4096 ? 1 : 4; }

}  // namespace rans
}  // namespace hone
