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

void classify(RansShape shape, Exponent e, Bytes base, std::span<std::uint8_t> out) {
  if (shape.kind == RansKind::plain) return;
  if (shape.nibbles) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = class_of_integer(std::to_integer<std::uint8_t>(base[i / 2] >> (i % 2 * 4) & std::byte{15}), 4);
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

// What is left of a frame, with zeros after it: where it is used up, zeros are read.
class Padded {
 public:
  explicit Padded(Bytes bytes) : bytes_(bytes.size() + 8), size_(bytes.size()) { std::ranges::copy(bytes, bytes_.begin()); }
  template <class T> T at(std::size_t offset) const {
    T value;
    std::memcpy(&value, bytes_.data() + std::min(offset, size_), sizeof(T));
    return value;
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t size_;
};

struct Lane {
  std::uint32_t state = 0;
  int level = 0;
  std::size_t begin = 0;
};

// Elements of T; the base is looked at only where a token stands for a result of zero. `word` and `bit` count what was used.
template <class T> struct Decoder {
  RansShape shape;
  const Tables& tables;
  const Padded& words;
  const Padded& extra;
  const std::uint8_t* classes;
  const std::byte* base;
  std::byte* out;
  std::size_t word = 0, bit = 0;
  std::array<T, 256> first{};
  std::array<std::uint8_t, 256> extra_bits{}, size{};

  void fill() {
    for (std::size_t i = 0; i < token_count(shape); ++i) {
      const Token t = token(shape, i);
      first[i] = static_cast<T>(t.first);
      extra_bits[i] = static_cast<std::uint8_t>(t.extra);
      size[i] = static_cast<std::uint8_t>(size_of(shape, i));
    }
  }

  void run(std::span<Lane> lanes, std::size_t elements) {
    if (lanes.size() == 1) return run_lanes<1>(lanes, elements);
    run_lanes<4>(lanes, elements / 4);
    lanes[3].begin += elements / 4;
    run_lanes<1>(lanes.last(1), elements % 4);
  }

  // All that changes is in local variables: `out` may alias anything else.
  template <std::size_t N> void run_lanes(std::span<Lane> all, std::size_t count) {
    const Decoder d = *this;
    const Cluster* const clusters = d.tables.clusters.data();
    std::array<const Cluster*, contexts> cluster_of;
    for (std::size_t i = 0; i < contexts; ++i) cluster_of[i] = clusters + d.tables.cluster_of[i];
    const Thresholds thresholds = d.tables.thresholds;
    const unsigned rate = d.tables.rate ? d.tables.rate : 16;
    const int class_size = size_in_class(d.shape, 0);
    const std::size_t zero = has_zero(d.shape) ? token_count(d.shape) - 1 : 256;
    std::array<std::uint32_t, N> state;
    std::array<int, N> level;
    for (std::size_t l = 0; l < N; ++l) state[l] = all[l].state, level[l] = all[l].level;
    std::size_t at = word, bits = bit;
    const std::size_t stride = N == 1 ? 0 : all[1].begin - all[0].begin;
    for (std::size_t i = all[0].begin; i < all[0].begin + count; ++i)
      for (std::size_t l = 0; l < N; ++l) {
        const std::size_t e = i + l * stride;
        const unsigned c = d.classes ? d.classes[e] : 0U;
        const Cluster& table = *cluster_of[c * levels + level_of(level[l], thresholds)];
        const std::uint32_t slot = state[l] & (total - 1);
        const std::uint8_t t = table.tokens[slot];
        const auto [frequency, start] = table.symbols[t];
        const std::uint32_t x = frequency * (state[l] >> probability_bits) + slot - start;
        const bool more = x < lowest;
        state[l] = more ? x << 16 | d.words.template at<std::uint16_t>(at) : x;
        at += more ? 2 : 0;
        level[l] = next_level(level[l], d.size[t] + (class_size ? class_size - static_cast<int>(c) : 0), rate);
        const unsigned n = d.extra_bits[t];
        T value = static_cast<T>(d.first[t] + take(d.extra, bits, n));
        bits += n;
        if constexpr (sizeof(T) == 2 || sizeof(T) == 4)
          if (t == zero) [[unlikely]] {
            T b;
            std::memcpy(&b, d.base + e * sizeof(T), sizeof(T));
            value = zigzag(static_cast<T>(to_ordered(T{0}) - to_ordered(b)));
          }
        std::memcpy(d.out + e * sizeof(T), &value, sizeof(T));
      }
    for (std::size_t l = 0; l < N; ++l) all[l].state = state[l], all[l].level = level[l];
    word = at;
    bit = bits;
  }

  static T take(const Padded& from, std::size_t at, unsigned n) {
    const std::uint64_t value = from.at<std::uint64_t>(at / 8) >> at % 8;
    if (sizeof(T) == 8 && n > 56) return static_cast<T>((value & 0xffffffff) | take(from, at + 32, n - 32) << (sizeof(T) == 8 ? 32 : 0));
    return static_cast<T>(value & ((UINT64_C(1) << n) - 1));
  }
};

template <class T> Status decode_elements(RansShape shape, const Tables& tables, Bytes frame, Bytes base, std::span<std::byte> out) {
  const std::size_t elements = out.size() / sizeof(T);
  std::vector<std::uint8_t> classes(shape.kind == RansKind::plain ? 0 : elements);
  classify(shape, tables.exponent, base, classes);
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
  const Padded padded_words(*words), padded_extra(extra);
  Decoder<T> decoder{shape, tables, padded_words, padded_extra, classes.empty() ? nullptr : classes.data(), base.data(), out.data()};
  decoder.fill();
  decoder.run(lanes, elements);
  const bool ended = std::ranges::all_of(lanes, [](const Lane& l) { return l.state == lowest; });
  const bool used = decoder.word == words->size() && (decoder.bit + 7) / 8 == extra.size();
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
