// SPDX-License-Identifier: Apache-2.0
// Two passes: contexts and counts first; then contexts that are alike share a table, as long as a table of their own costs more than it saves; then the
// elements are coded backwards, as rANS wants it.
#include "lib/bundle/rans_encode.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "lib/bundle/residual.h"

namespace hone {
namespace rans {
namespace {

using Counts = std::array<std::uint32_t, 256>;
constexpr unsigned cost_bits = 16;  // costs are in bits << cost_bits
constexpr unsigned usual_rate = 6;
constexpr std::size_t small = 96 * 1024;  // elements

// log2(n) << cost_bits, by repeated squaring.
std::uint32_t log2_of(std::uint64_t n) {
  const auto whole = static_cast<unsigned>(std::bit_width(n)) - 1;
  std::uint64_t x = whole >= 31 ? n >> (whole - 31) : n << (31 - whole);  // in [1, 2) << 31
  std::uint32_t result = whole;
  for (unsigned i = 0; i < cost_bits; ++i) {
    x = x * x >> 31;
    result = result << 1 | static_cast<std::uint32_t>(x >> 32 & 1);
    if (x >> 32 & 1) x >>= 1;
  }
  return result;
}
std::uint64_t n_log_n(std::uint32_t n) {
  static const std::vector<std::uint32_t> table = [] {
    std::vector<std::uint32_t> logs(8192);
    for (std::size_t i = 1; i < logs.size(); ++i) logs[i] = log2_of(i);
    return logs;
  }();
  if (n < table.size()) return std::uint64_t{n} * table[n];
  const auto shift = static_cast<unsigned>(std::bit_width(n)) - 13;
  return std::uint64_t{n} * (table[n >> shift] + (shift << cost_bits));
}

// The cost of a table and of what is coded with it.
std::uint64_t cost_of(const Counts& counts, std::size_t tokens, std::uint32_t sum) {
  std::uint64_t cost = n_log_n(sum), used = 0;
  for (std::size_t t = 0; t < tokens; ++t)
    if (counts[t] > 0) {
      cost -= std::min(cost, n_log_n(counts[t]));
      ++used;
    }
  return cost + ((16 + 6 * used) << cost_bits);
}

class BitWriter {
 public:
  explicit BitWriter(std::size_t likely = 0) : bytes_(likely) {}
  void put(std::uint64_t value, unsigned n) {
    if (n > 32) {
      put(value & 0xffffffff, 32);
      return put(value >> 32, n - 32);
    }
    buffer_ |= value << held_;
    held_ += n;
    if (held_ < 32) return;
    if (used_ + 4 > bytes_.size()) bytes_.resize(2 * bytes_.size() + 4096);
    std::memcpy(bytes_.data() + used_, &buffer_, 4);
    used_ += 4;
    buffer_ >>= 32;
    held_ -= 32;
  }
  std::vector<std::byte> finish() {
    bytes_.resize(used_);
    for (; held_ > 0; held_ -= std::min(held_, 8U), buffer_ >>= 8) bytes_.push_back(static_cast<std::byte>(buffer_));
    return std::move(bytes_);
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t used_ = 0;
  std::uint64_t buffer_ = 0;
  unsigned held_ = 0;  // below 32
};

// Elements as tokens in contexts.
struct Tokens {
  RansShape shape;
  Bytes values;
  std::size_t kinds;                   // token_count
  std::vector<std::uint8_t> tokens, classes, context;
  unsigned rate = usual_rate;
  Exponent exponent;
  Thresholds thresholds{};
};

// The exponent of class 0: few elements have a larger one.
template <class T> std::uint16_t reference_of(Bytes base, unsigned shift) {
  std::vector<std::uint32_t> counts(4096);
  const std::size_t n = base.size() / sizeof(T);
  for (std::size_t i = 0; i < n; ++i) ++counts[static_cast<std::size_t>(static_cast<T>(static_cast<T>(load<T>(base, i) << 1) >> 1) >> shift) & 4095];
  std::size_t e = counts.size() - 1;
  for (std::size_t above = counts[e]; e > 0 && above <= n / 1024; above += counts[e]) --e;
  return static_cast<std::uint16_t>(e);
}

template <class T> T value_at(const Tokens& t, std::size_t i) {
  const T v = load<T>(t.values, i);
  return t.shape.kind == RansKind::plain && sizeof(T) > 1 ? std::rotl(v, 1) : v;
}

template <class T> void tokenize(Tokens& t, unsigned exponent_bits, Bytes base) {
  const std::size_t n = t.values.size() / sizeof(T);
  t.tokens.resize(n);
  if (t.shape.kind == RansKind::plain) {
    for (std::size_t i = 0; i < n; ++i) t.tokens[i] = static_cast<std::uint8_t>(value_at<T>(t, i) >> (8 * sizeof(T) - 8));
    return;
  }
  if (t.shape.kind == RansKind::ordered) {
    t.exponent.shift = static_cast<std::uint8_t>(8 * sizeof(T) - 1 - exponent_bits);
    t.exponent.reference = reference_of<T>(base, t.exponent.shift);
  }
  t.classes.resize(n);
  classify(t.shape, t.exponent, base, 0, t.classes);
  const bool zero = has_zero(t.shape);
  for (std::size_t i = 0; i < n; ++i) {
    const T v = value_at<T>(t, i);
    const bool to_zero = zero && v >= 16 && v == residual_of_zero(load<T>(base, i));
    t.tokens[i] = static_cast<std::uint8_t>(to_zero ? t.kinds - 1 : index_of_value(v));
  }
}

Tokens tokenize(RansShape shape, unsigned exponent_bits, Bytes values, Bytes base) {
  Tokens t{.shape = shape, .values = values, .kinds = token_count(shape), .tokens = {}, .classes = {}, .context = {}, .exponent = {}};
  by_width(shape.width, [&](auto type) { tokenize<decltype(type)>(t, exponent_bits, base); });
  return t;
}

// Calls f(element, level) for every element, in its lane.
template <class F> void each_level(const Tokens& t, int start, F f) {
  std::array<std::uint8_t, 256> size{};
  for (std::size_t i = 0; i < t.kinds; ++i) size[i] = static_cast<std::uint8_t>(size_of(t.shape, i));
  const std::size_t n = t.tokens.size(), lanes = lane_count(n), length = n / lanes;
  for (std::size_t l = 0; l < lanes; ++l) {
    int level = start;
    for (std::size_t i = l * length; i < (l + 1 == lanes ? n : (l + 1) * length); ++i) {
      f(i, level);
      level = next_level(level, size[t.tokens[i]] + (t.classes.empty() ? 0 : size_in_class(t.shape, t.classes[i])), t.rate);
    }
  }
}

// Thresholds that part the elements in four equal shares, and the context of each element.
void choose_contexts(Tokens& t) {
  std::array<std::uint32_t, 4096> counts{};  // of levels, in steps of 16
  each_level(t, 0, [&](std::size_t, int level) { ++counts[static_cast<std::size_t>(std::clamp(level / 16, 0, 4094))]; });
  std::uint64_t below = 0;
  std::size_t next = 0;
  for (std::size_t step = 0; step < counts.size() && next < t.thresholds.size(); ++step) {
    below += counts[step];
    while (next < t.thresholds.size() && below * levels >= (next + 1) * t.tokens.size()) t.thresholds[next++] = static_cast<std::uint16_t>(16 * (step + 1));
  }
  t.context.resize(t.tokens.size());
  each_level(t, t.thresholds[1], [&](std::size_t i, int level) {
    const std::size_t c = t.classes.empty() ? 0 : t.classes[i];
    t.context[i] = static_cast<std::uint8_t>(c * levels + level_of(level, t.thresholds));
  });
}

std::vector<Counts> counts_of(const Tokens& t) {
  std::vector<Counts> counts(contexts);
  for (std::size_t i = 0; i < t.tokens.size(); ++i) ++counts[t.context[i]][t.tokens[i]];
  return counts;
}

// Contexts with the usual rate; of the differences of a small model, with the rate that would cost least if each context had its table.
void choose_rate(Tokens& t) {
  unsigned best = usual_rate;
  std::uint64_t least = UINT64_MAX;
  if (t.shape.kind != RansKind::plain && t.tokens.size() <= small)
    for (t.rate = 2; t.rate <= 7; ++t.rate) {
      choose_contexts(t);
      std::uint64_t cost = 0;
      for (const Counts& c : counts_of(t))
        if (const std::uint32_t sum = std::accumulate(c.begin(), c.end(), 0U); sum > 0) cost += cost_of(c, t.kinds, sum);
      if (cost < least) least = cost, best = t.rate;
    }
  t.rate = best;
  choose_contexts(t);
}

struct Clusters {
  std::vector<Counts> counts;
  std::array<std::uint8_t, contexts> of{};
};

// Joins the pair that saves most, until none does.
Clusters cluster(const Tokens& t) {
  struct Group {
    Counts counts{};
    std::uint32_t sum = 0;
    std::uint64_t cost = 0;
    std::vector<std::size_t> members;
  };
  std::vector<Group> groups(contexts);
  const auto counts = counts_of(t);
  for (std::size_t c = 0; c < contexts; ++c) groups[c].counts = counts[c], groups[c].members = {c};
  for (Group& g : groups) g.sum = std::accumulate(g.counts.begin(), g.counts.end(), 0U), g.cost = cost_of(g.counts, t.kinds, g.sum);
  std::erase_if(groups, [](const Group& g) { return g.sum == 0; });
  const auto gain_of = [&](const Group& a, const Group& b) {
    Counts both;
    for (std::size_t i = 0; i < t.kinds; ++i) both[i] = a.counts[i] + b.counts[i];
    return static_cast<std::int64_t>(a.cost + b.cost) - static_cast<std::int64_t>(cost_of(both, t.kinds, a.sum + b.sum));
  };
  std::vector<std::vector<std::int64_t>> gains(groups.size());
  for (std::size_t a = 0; a < groups.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) gains[a].push_back(gain_of(groups[a], groups[b]));
  std::vector<bool> gone(groups.size());
  for (std::size_t left = groups.size(); left > 1; --left) {
    std::int64_t best = INT64_MIN;
    std::size_t from = 0, to = 0;
    for (std::size_t a = 0; a < groups.size(); ++a)
      for (std::size_t b = 0; b < a && !gone[a]; ++b)
        if (!gone[b] && gains[a][b] > best) best = gains[a][b], from = a, to = b;
    if (best < 0 && left <= max_clusters) break;
    Group &a = groups[to], &b = groups[from];
    for (std::size_t i = 0; i < t.kinds; ++i) a.counts[i] += b.counts[i];
    a.sum += b.sum;
    a.cost = cost_of(a.counts, t.kinds, a.sum);
    a.members.insert(a.members.end(), b.members.begin(), b.members.end());
    gone[from] = true;
    for (std::size_t other = 0; other < groups.size(); ++other)
      if (!gone[other] && other != to) gains[std::max(other, to)][std::min(other, to)] = gain_of(groups[to], groups[other]);
  }
  Clusters out;
  std::vector<bool> known(contexts);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (gone[g]) continue;
    for (const std::size_t c : groups[g].members) out.of[c] = static_cast<std::uint8_t>(out.counts.size()), known[c] = true;
    out.counts.push_back(groups[g].counts);
  }
  for (std::size_t c = 0; c < contexts; ++c) {  // what no element needs is what is cheapest to write: as another level of the class, or as before
    if (known[c]) continue;
    const auto first = known.begin() + static_cast<std::ptrdiff_t>(c - c % levels), same = std::find(first, first + levels, true);
    if (same != first + levels) out.of[c] = out.of[static_cast<std::size_t>(same - known.begin())];
    else if (c > 0) out.of[c] = out.of[c - 1];
  }
  return out;
}

struct Table {
  std::array<std::uint32_t, 256> frequency{}, start{};
  std::size_t implied = 0, last = 0;
};

// To `precision` bits below the first.
std::uint32_t rounded(std::uint64_t frequency, unsigned precision) {
  const auto n = static_cast<unsigned>(std::bit_width(frequency));
  const unsigned drop = n > precision + 1 ? n - precision - 1 : 0;
  return static_cast<std::uint32_t>(((frequency + (drop ? UINT64_C(1) << (drop - 1) : 0)) >> drop) << drop);
}

// Frequencies near the counts' shares; the commonest token has what the others leave.
Table make_table(const Counts& counts, std::size_t tokens, unsigned precision) {
  Table t;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < tokens; ++i) {
    sum += counts[i];
    if (counts[i] > counts[t.implied]) t.implied = i;
    if (counts[i] > 0) t.last = i;
  }
  if (sum == 0) sum = 1;
  const std::uint64_t wanted = total * (sum - counts[t.implied]) / sum;
  std::uint64_t scale = (std::uint64_t{total} << 20) / sum, others = 0;
  for (int round = 0; round < 8; ++round) {
    others = 0;
    for (std::size_t i = 0; i < tokens; ++i) {
      if (counts[i] == 0 || i == t.implied) continue;
      t.frequency[i] = std::min(std::max(rounded((counts[i] * scale + (1U << 19)) >> 20, precision), 1U), total / 2);
      others += t.frequency[i];
    }
    if (others == 0 || (others < total && (others > wanted ? others - wanted : wanted - others) <= total / 256)) break;
    scale = scale * std::max<std::uint64_t>(wanted, 1) / others;
  }
  while (others >= total) {  // only where nearly every frequency is 1 already
    const auto largest = static_cast<std::size_t>(std::ranges::max_element(t.frequency) - t.frequency.begin());
    const std::uint32_t less = rounded(t.frequency[largest] / 2, precision);
    others -= t.frequency[largest] - less;
    t.frequency[largest] = less;
  }
  t.frequency[t.implied] = static_cast<std::uint32_t>(total - others);
  for (std::size_t i = 1; i < tokens; ++i) t.start[i] = t.start[i - 1] + t.frequency[i - 1];
  return t;
}

void write_table(BitWriter& bits, const Table& t, unsigned precision) {
  bits.put(t.implied, 8);
  bits.put(t.last, 8);
  int before = 0;
  for (std::size_t i = 0; i <= t.last; ++i) {
    if (i == t.implied) continue;
    const int length = std::bit_width(t.frequency[i]);
    const std::uint32_t step = zigzag(static_cast<std::uint32_t>(length - before));
    bits.put(0, step);
    bits.put(1, 1);
    before = length;
    const auto below = static_cast<unsigned>(std::max(length - 1, 0)), sent = std::min(below, precision);
    if (length > 0) bits.put(t.frequency[i] >> (below - sent) & ((1U << sent) - 1), sent);
  }
}

template <class T> void put(std::vector<std::byte>& out, T value) {
  const auto* p = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), p, p + sizeof(T));
}

void write_tables(std::vector<std::byte>& out, const Tokens& t, const Clusters& clusters, const std::vector<Table>& tables, unsigned precision) {
  put(out, static_cast<std::uint8_t>(t.rate));
  put(out, t.exponent.shift);
  put(out, t.exponent.reference);
  put(out, static_cast<std::uint8_t>(precision << 4 | (tables.size() - 1)));
  if (t.rate > 0)
    for (const std::uint16_t threshold : t.thresholds) put(out, threshold);
  BitWriter bits;
  std::uint8_t current = 0;
  for (std::size_t i = 0; i < (t.shape.kind == RansKind::plain ? levels : contexts) && tables.size() > 1; ++i) {
    if (t.rate == 0 && i % levels != 0) continue;
    bits.put(clusters.of[i] == current, 1);
    if (clusters.of[i] != current) bits.put(clusters.of[i], 4);
    current = clusters.of[i];
  }
  for (const Table& table : tables) write_table(bits, table, precision);
  const auto bytes = bits.finish();
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Element `i` of every lane, then i + 1, ...; then the last lane's rest: the order of decoding. Calls f(element, lane).
template <class F> void each_backwards(std::size_t n, F f) {
  const std::size_t lanes = lane_count(n), length = n / lanes;
  for (std::size_t i = n; i > lanes * length; --i) f(i - 1, lanes - 1);
  for (std::size_t i = length; i > 0; --i)
    for (std::size_t l = lanes; l > 0; --l) f((l - 1) * length + i - 1, l - 1);
}

// What follows the tokens, in the order of decoding.
template <class T> std::vector<std::byte> extra_bits(const Tokens& t, const Clusters& clusters) {
  struct Meaning {
    T first, mask;
    unsigned extra;
  };
  std::array<Meaning, 256> meaning{};
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < t.kinds; ++i) {
    const Token token = rans::token(t.shape, i);
    meaning[i] = {static_cast<T>(token.first), static_cast<T>((UINT64_C(1) << token.extra) - 1), token.extra};
    for (const Counts& c : clusters.counts) sum += std::uint64_t{c[i]} * token.extra;
  }
  BitWriter bits(sum / 8 + 8);
  const unsigned low = low_bits(t.shape);
  const auto put = [&](std::size_t i) {
    const Meaning& m = meaning[t.tokens[i]];
    bits.put(static_cast<T>(static_cast<T>(value_at<T>(t, i) - m.first) >> low) & m.mask, m.extra);
  };
  const std::size_t n = t.tokens.size(), lanes = lane_count(n), length = n / lanes;
  for (std::size_t i = 0; i < length; ++i)
    for (std::size_t l = 0; l < lanes; ++l) put(l * length + i);
  for (std::size_t i = lanes * length; i < n; ++i) put(i);
  return bits.finish();
}

void write_elements(std::vector<std::byte>& out, const Tokens& t, const Clusters& clusters, const std::vector<Table>& tables) {
  const std::size_t n = t.tokens.size(), lanes = lane_count(n);
  std::vector<std::uint16_t> words(n);  // at most one each, filled from the end
  std::uint16_t* word = words.data() + n;
  std::array<std::uint32_t, 4> states;
  states.fill(lowest);
  each_backwards(n, [&](std::size_t i, std::size_t lane) {
    const Table& table = tables[clusters.of[t.context[i]]];
    const std::uint32_t frequency = table.frequency[t.tokens[i]];
    std::uint32_t x = states[lane];
    if (x >= std::uint64_t{frequency} << (32 - probability_bits)) {
      *--word = static_cast<std::uint16_t>(x);
      x >>= 16;
    }
    states[lane] = (x / frequency << probability_bits) + x % frequency + table.start[t.tokens[i]];
  });
  for (std::size_t l = 0; l < lanes; ++l) put(out, states[l]);
  const auto coded = std::as_bytes(std::span(word, words.data() + n));
  put(out, static_cast<std::uint32_t>(coded.size() / 2));
  out.insert(out.end(), coded.begin(), coded.end());
  const auto bytes = by_width(t.shape.width, [&](auto type) { return extra_bits<decltype(type)>(t, clusters); });
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::vector<std::byte> nibbles_of(Bytes packed) {
  std::vector<std::byte> out;
  for (const std::byte b : packed) {
    out.push_back(b & std::byte{15});
    out.push_back(b >> 4);
  }
  return out;
}

}  // namespace
}  // namespace rans

std::vector<std::byte> rans_encode(RansShape shape, unsigned exponent_bits, Bytes values, Bytes base) {
  using namespace rans;
  std::vector<std::byte> out;
  const std::size_t rest = values.size() % shape.width;
  out.assign(values.end() - static_cast<std::ptrdiff_t>(rest), values.end());
  values = values.first(values.size() - rest);
  base = base.first(base.size() - std::min(rest, base.size()));
  if (values.empty()) return out;
  const auto nibbles = shape.nibbles ? nibbles_of(values) : std::vector<std::byte>();
  Tokens t = tokenize(shape, exponent_bits, shape.nibbles ? nibbles : values, base);
  choose_rate(t);
  const Clusters clusters = cluster(t);
  bool leveled = false;
  for (std::size_t c = 0; c < contexts; ++c) leveled |= clusters.of[c] != clusters.of[c - c % levels];
  if (!leveled) t.rate = 0;
  const unsigned precision = t.tokens.size() < 4096 ? 2 : 3;
  std::vector<Table> tables;
  for (const Counts& counts : clusters.counts) tables.push_back(make_table(counts, t.kinds, precision));
  write_tables(out, t, clusters, tables, precision);
  write_elements(out, t, clusters, tables);
  return out;
}

std::uint64_t rans_estimate(RansShape shape, unsigned exponent_bits, Bytes values, Bytes base) {
  using namespace rans;
  values = values.first(values.size() - values.size() % shape.width);
  base = base.first(std::min(base.size(), values.size()));
  const auto nibbles = shape.nibbles ? nibbles_of(values) : std::vector<std::byte>();
  const Tokens t = tokenize(shape, exponent_bits, shape.nibbles ? nibbles : values, base);
  std::array<Counts, classes> counts{};
  std::uint64_t bits = 0, cost = 0;
  for (std::size_t i = 0; i < t.tokens.size(); ++i) {
    ++counts[t.classes.empty() ? 0 : t.classes[i]][t.tokens[i]];
    bits += token(shape, t.tokens[i]).extra;
  }
  for (const Counts& c : counts) {
    const std::uint32_t sum = std::accumulate(c.begin(), c.end(), 0U);
    if (sum > 0) cost += cost_of(c, t.kinds, sum);
  }
  return (bits + (cost >> cost_bits)) / 8;
}

}  // namespace hone
