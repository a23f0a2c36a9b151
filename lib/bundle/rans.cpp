// SPDX-License-Identifier: Apache-2.0
// The loop over the elements never stops early: where the frame is used up it goes on with zeros, and at the end what was used is compared with what there was.
// So hostile bytes steer no branch in it.
#include "lib/bundle/rans.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <optional>
#include <vector>

#include "lib/bundle/residual.h"

namespace hone {
namespace rans {

void classify(RansShape shape, Exponent e, Bytes base, std::size_t first, std::span<std::uint8_t> out) {
  if (shape.kind == RansKind::plain) return;
  if (shape.nibbles) {
    for (std::size_t i = first; std::uint8_t& c : out) c = class_of_integer(std::to_integer<std::uint8_t>(base[i / 2] >> (i % 2 * 4) & std::byte{15}), 4), ++i;
    return;
  }
  base = base.subspan(first * shape.width);
  if (shape.kind == RansKind::integer && shape.width == 1) {
    static constexpr auto table = [] {
      std::array<std::uint8_t, 256> t{};
      for (std::size_t i = 0; i < t.size(); ++i) t[i] = class_of_integer(static_cast<std::uint8_t>(i), 8);
      return t;
    }();
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = table[std::to_integer<std::size_t>(base[i])];
    return;
  }
  by_width(shape.width, [&](auto type) {
    using T = decltype(type);
    if (shape.kind == RansKind::ordered)
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = class_of_float(load<T>(base, i), e);
    else
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = class_of_integer(load<T>(base, i), shape.bits());
  });
}

namespace {

// Bits from the lowest of the first byte on.
class BitReader {
 public:
  explicit BitReader(Bytes bytes) : bytes_(bytes) {}
  // n <= 56.
  std::uint64_t take(unsigned n) {
    if (held_ < n) refill();
    const std::uint64_t value = buffer_ & ((UINT64_C(1) << n) - 1);
    buffer_ >>= n;
    held_ -= n;
    return value;
  }
  std::size_t bytes_used() const { return at_ - held_ / 8; }  // may be past the end
  bool rest_of_byte_is_zero() const { return (buffer_ & ((1U << held_ % 8) - 1)) == 0; }

 private:
  void refill() {
    std::uint64_t next = 0;
    if (bytes_.size() >= 8 && at_ <= bytes_.size() - 8) std::memcpy(&next, bytes_.data() + at_, 8);
    else if (at_ < bytes_.size()) std::memcpy(&next, bytes_.data() + at_, bytes_.size() - at_);
    buffer_ |= next << held_;
    const unsigned taken = (63 - held_) / 8;
    at_ += taken;
    held_ += 8 * taken;
    if (held_ < 64) buffer_ &= (UINT64_C(1) << held_) - 1;
  }
  Bytes bytes_;
  std::size_t at_ = 0;
  std::uint64_t buffer_ = 0;
  unsigned held_ = 0;
};

struct Cluster {
  struct Symbol {
    std::uint16_t frequency = 0, start = 0;
  };
  std::array<std::uint8_t, total> tokens;  // by slot
  std::array<Symbol, 256> symbols;
};

struct Tables {
  unsigned rate = 0;
  Exponent exponent;
  Thresholds thresholds{};
  std::array<std::uint8_t, contexts> cluster_of{};
  std::vector<Cluster> clusters;
};

Error damaged(std::string_view what) { return untrusted("an entropy-coded block has {}", what); }

bool read_cluster(BitReader& bits, std::size_t tokens, unsigned precision, Cluster& c) {
  const auto implied = static_cast<std::size_t>(bits.take(8)), last = static_cast<std::size_t>(bits.take(8));
  if (last >= tokens || implied > last) return false;
  std::uint32_t sum = 0;
  int length = 0;
  for (std::size_t t = 0; t <= last; ++t) {
    if (t == implied) continue;
    unsigned step = 0;
    while (bits.take(1) == 0)
      if (++step > 2 * probability_bits) return false;
    length += static_cast<int>(unzigzag(static_cast<std::uint32_t>(step)));
    if (length < 0 || length > static_cast<int>(probability_bits)) return false;
    const auto below = static_cast<unsigned>(std::max(length - 1, 0)), sent = std::min(below, precision);
    const auto frequency = length == 0 ? 0U : (1U << sent | static_cast<unsigned>(bits.take(sent))) << (below - sent);
    c.symbols[t].frequency = static_cast<std::uint16_t>(frequency);
    sum += frequency;
  }
  if (sum >= total) return false;
  c.symbols[implied].frequency = static_cast<std::uint16_t>(total - sum);
  std::uint32_t start = 0;
  for (std::size_t t = 0; t <= last; ++t) {
    c.symbols[t].start = static_cast<std::uint16_t>(start);
    std::fill_n(c.tokens.begin() + start, c.symbols[t].frequency, static_cast<std::uint8_t>(t));
    start += c.symbols[t].frequency;
  }
  return true;
}

// The header and the tables; takes them off the frame.
Result<Tables> read_tables(RansShape shape, Bytes& frame) {
  Reader reader(frame);
  const auto rate = reader.get<std::uint8_t>(), shift = reader.get<std::uint8_t>();
  const auto reference = reader.get<std::uint16_t>();
  const auto counts = reader.get<std::uint8_t>();
  if (!counts || *rate > 7) return damaged("an impossible header");
  if (shape.kind == RansKind::ordered ? *shift + 1U >= 8 * shape.width : *shift != 0 || *reference != 0) return damaged("an impossible header");
  Tables t{.rate = *rate, .exponent = {*shift, *reference}, .thresholds = {}, .cluster_of = {}, .clusters = {}};
  for (std::uint16_t& threshold : t.thresholds)
    if (t.rate > 0) {
      const auto value = reader.get<std::uint16_t>();
      if (!value) return damaged("an impossible header");
      threshold = *value;
    }
  if (t.rate == 0) t.thresholds.fill(UINT16_MAX);  // beyond every level
  if (!std::ranges::is_sorted(t.thresholds)) return damaged("levels out of order");
  const Bytes rest = frame.last(reader.left());
  BitReader bits(rest);
  const std::size_t clusters = (*counts & 15) + 1U;
  if (clusters > 1) {
    std::uint8_t current = 0;
    for (std::size_t i = 0; i < (shape.kind == RansKind::plain ? levels : contexts); ++i) {
      if (t.rate == 0 && i % levels != 0) continue;
      if (bits.take(1) == 0) current = static_cast<std::uint8_t>(bits.take(4));
      if (current >= clusters) return damaged("a context without a table");
      t.cluster_of[i] = current;
    }
  }
  t.clusters.resize(clusters);
  for (Cluster& c : t.clusters)
    if (!read_cluster(bits, token_count(shape), *counts >> 4, c)) return damaged("an impossible table");
  if (bits.bytes_used() > rest.size() || !bits.rest_of_byte_is_zero()) return damaged("a table cut short");
  frame = rest.subspan(bits.bytes_used());
  return t;
}

// Elements go through the decoder in chunks: tokens first, then their bits.
constexpr std::size_t chunk = 1024;

// A part of a frame, and zeros after it: enough for a chunk that goes on past its end, for what was used is looked at between chunks only.
template <std::size_t most_per_element> class Padded {
 public:
  explicit Padded(Bytes bytes) : bytes_(bytes) {}
  const std::byte* from(std::size_t at) {
    const Bytes left = bytes_.subspan(at);
    if (left.size() >= tail_.size()) return left.data();
    std::ranges::fill(std::ranges::copy(left, tail_.begin()).out, tail_.end(), std::byte{0});
    return tail_.data();
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
  std::array<std::byte, chunk * most_per_element + 8> tail_;
};

template <class T> T load_at(const std::byte* p) {
  T value;
  std::memcpy(&value, p, sizeof(T));
  return value;
}

struct Lane {
  std::uint32_t state = 0;
  int level = 0;
  std::size_t begin = 0;
};

// Elements of T; the base is looked at only where a token stands for a result of zero. `word` and `bit` count what was used.
template <class T> struct Decoder {
  struct Meaning {
    T first, mask;
    std::uint32_t extra;
  };
  RansShape shape;
  const Tables& tables;
  Padded<2> words;
  Padded<8> extra;
  Bytes base;
  std::byte* out;
  std::size_t word = 0, bit = 0;
  bool overrun = false;
  std::array<Meaning, 256> meanings{};
  std::array<std::uint8_t, 256> sizes{};

  void fill() {
    for (std::size_t i = 0; i < token_count(shape); ++i) {
      const Token t = token(shape, i);
      meanings[i] = {static_cast<T>(t.first), static_cast<T>((UINT64_C(1) << t.extra) - 1), t.extra};
      sizes[i] = static_cast<std::uint8_t>(size_of(shape, i));
    }
  }

  void run(std::span<Lane> lanes, std::size_t elements) {
    if (lanes.size() == 1) return run_lanes<1>(lanes, elements);
    run_lanes<4>(lanes, elements / 4);
    run_lanes<1>(lanes.last(1), elements % 4);
  }

 private:
  template <std::size_t N> void run_lanes(std::span<Lane> lanes, std::size_t count) {
    std::array<std::uint8_t, chunk> tokens, classes{};
    while (count > 0) {
      const std::size_t n = std::min(count, chunk / N);
      for (std::size_t l = 0; l < N; ++l) classify(shape, tables.exponent, base, lanes[l].begin, std::span(classes).subspan(l * n, n));
      read_tokens<N>(lanes, n, classes.data(), tokens.data());
      read_values<N>(lanes, n, tokens.data());
      for (Lane& l : lanes) l.begin += n;
      count -= n;
      overrun = overrun || word > words.size() || bit > 8 * extra.size();
      word = std::min(word, words.size());
      bit = std::min(bit, 8 * extra.size());
    }
  }

  // All that changes is in local variables, for what is written may alias anything else.
  template <std::size_t N> void read_tokens(std::span<Lane> lanes, std::size_t count, const std::uint8_t* classes, std::uint8_t* tokens) {
    std::array<const Cluster*, contexts> cluster_of;
    for (std::size_t i = 0; i < contexts; ++i) cluster_of[i] = tables.clusters.data() + tables.cluster_of[i];
    const Thresholds thresholds = tables.thresholds;
    const std::array<std::uint8_t, 256> size = sizes;
    const unsigned rate = tables.rate ? tables.rate : 16;
    const bool in_class = shape.kind == RansKind::ordered;
    const std::byte* const from = words.from(word);
    const std::byte* at = from;
    std::array<std::uint32_t, N> state;
    std::array<int, N> level;
    for (std::size_t l = 0; l < N; ++l) state[l] = lanes[l].state, level[l] = lanes[l].level;
    for (std::size_t i = 0; i < count; ++i)
#pragma GCC unroll 4
      for (std::size_t l = 0; l < N; ++l) {
        const unsigned c = classes[l * count + i];
        const Cluster& table = *cluster_of[c * levels + level_of(level[l], thresholds)];
        const std::uint32_t slot = state[l] & (total - 1);
        const std::uint8_t t = table.tokens[slot];
        const auto [frequency, start] = table.symbols[t];
        const std::uint32_t x = frequency * (state[l] >> probability_bits) + slot - start;
        const std::uint32_t more = x < lowest ? 1 : 0;  // without a branch: it would be a coin's
        state[l] = x << (16 * more) | (load_at<std::uint16_t>(at) & (0U - more));
        at += 2 * more;
        level[l] = next_level(level[l], size[t] + (in_class ? size_in_class(shape, static_cast<std::uint8_t>(c)) : 0), rate);
        tokens[i * N + l] = t;
      }
    for (std::size_t l = 0; l < N; ++l) lanes[l].state = state[l], lanes[l].level = level[l];
    word += static_cast<std::size_t>(at - from);
  }

  template <std::size_t N> void read_values(std::span<const Lane> lanes, std::size_t count, const std::uint8_t* tokens) {
    const std::array<Meaning, 256> meaning = meanings;
    const std::byte* const from = extra.from(bit / 8);
    const std::size_t zero = has_zero(shape) ? token_count(shape) - 1 : 256;
    const unsigned low = low_bits(shape);
    std::size_t bits = bit % 8;
    std::array<std::byte*, N> to;
    for (std::size_t l = 0; l < N; ++l) to[l] = out + lanes[l].begin * sizeof(T);
    for (std::size_t i = 0; i < count; ++i)
#pragma GCC unroll 4
      for (std::size_t l = 0; l < N; ++l) {
        const std::uint8_t t = tokens[i * N + l];
        const Meaning m = meaning[t];
        T value = static_cast<T>(m.first + ((take(from, bits, m.extra) & m.mask) << low));
        bits += m.extra;
        if constexpr (sizeof(T) == 2 || sizeof(T) == 4)
          if (t == zero) [[unlikely]] value = residual_of_zero(load<T>(base, lanes[l].begin + i));
        std::memcpy(to[l] + i * sizeof(T), &value, sizeof(T));
      }
    bit += bits - bit % 8;
  }

  // `n` bits, and more above them.
  static T take(const std::byte* from, std::size_t at, unsigned n) {
    const auto value = load_at<std::uint64_t>(from + at / 8) >> at % 8;
    if constexpr (sizeof(T) == 8)
      if (n > 56) return (value & 0xffffffff) | load_at<std::uint64_t>(from + (at + 32) / 8) >> at % 8 << 32;
    return static_cast<T>(value);
  }
};

template <class T> Status decode_elements(RansShape shape, const Tables& tables, Bytes frame, Bytes base, std::span<std::byte> out) {
  const std::size_t elements = out.size() / sizeof(T);
  Reader reader(frame);
  std::array<Lane, 4> all{};
  const std::span<Lane> lanes = std::span(all).first(lane_count(elements));
  for (std::size_t l = 0; l < lanes.size(); ++l) {
    const auto state = reader.get<std::uint32_t>();
    if (!state || *state < lowest) return damaged("an impossible state");
    lanes[l] = {*state, tables.rate ? tables.thresholds[1] : 0, l * (elements / lanes.size())};
  }
  const auto count = reader.get<std::uint32_t>();
  const auto words = count ? reader.take(2 * std::uint64_t{*count}) : std::nullopt;
  if (!words) return damaged("more words than bytes");
  const Bytes extra = frame.last(reader.left());
  Decoder<T> decoder{shape, tables, Padded<2>(*words), Padded<8>(extra), base, out.data()};
  decoder.fill();
  decoder.run(lanes, elements);
  const bool ended = std::ranges::all_of(lanes, [](const Lane& l) { return l.state == lowest; });
  const bool used = !decoder.overrun && decoder.word == words->size() && (decoder.bit + 7) / 8 == extra.size();
  if (!ended || !used || (decoder.bit % 8 && std::to_integer<unsigned>(extra.back()) >> decoder.bit % 8 != 0)) return damaged("another length than declared");
  return Ok{};
}

}  // namespace
}  // namespace rans

Status rans_decode(RansShape shape, Bytes frame, Bytes base, std::span<std::byte> out) {
  assert(shape.kind == RansKind::plain ? base.empty() : base.size() == out.size());
  assert(!shape.nibbles || (shape.width == 1 && shape.kind == RansKind::integer));
  const std::size_t rest = out.size() % shape.width;
  if (frame.size() < rest) return rans::damaged("fewer bytes than a rest");
  std::ranges::copy(frame.first(rest), out.last(rest).begin());
  frame = frame.subspan(rest);
  out = out.first(out.size() - rest);
  base = base.first(base.size() - std::min(rest, base.size()));
  if (out.empty()) return frame.empty() ? Status(Ok{}) : rans::damaged("another length than declared");
  TRY(const rans::Tables tables, rans::read_tables(shape, frame));
  if (shape.nibbles) {
    std::vector<std::byte> values(2 * out.size());
    CHECK_OK(rans::decode_elements<std::uint8_t>(shape, tables, frame, base, values));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = values[2 * i] | values[2 * i + 1] << 4;
    return Ok{};
  }
  CHECK_OK(by_width(shape.width, [&](auto type) { return rans::decode_elements<decltype(type)>(shape, tables, frame, base, out); }));
  if (shape.kind == RansKind::plain && shape.width > 1)
    by_width(shape.width, [&](auto type) {
      using T = decltype(type);
      for (std::size_t i = 0; i < out.size() / sizeof(T); ++i) store(out, i, std::rotr(load<T>(out, i), 1));
    });
  return Ok{};
}

}  // namespace hone
