// SPDX-License-Identifier: Apache-2.0
// The wire format (protobuf.dev, "Encoding"): fields of tag = number << 3 | type, then a varint, 8 bytes, a length and bytes, or 4 bytes.
#include "lib/onnx/wire.h"

#include <algorithm>
#include <cassert>

namespace hone {
namespace {

enum class Kind { model, graph, function, node, attribute, tensor, sparse, other };
constexpr int max_depth = 100;  // protobuf's own
enum : int { varint_type = 0, eight_type = 1, bytes_type = 2, four_type = 5 };

// What a field of bytes holds, where tensors can lie in it that import.cpp reads. Numbers are those of onnx.proto.
Kind child(Kind parent, std::uint64_t field) {
  switch (parent) {
    case Kind::model: return field == 7 ? Kind::graph : field == 25 ? Kind::function : Kind::other;
    case Kind::function: return field == 7 ? Kind::node : field == function_attribute_proto ? Kind::attribute : Kind::other;
    case Kind::graph: return field == 1 ? Kind::node : field == 5 ? Kind::tensor : field == 15 ? Kind::sparse : Kind::other;
    case Kind::node: return field == 5 ? Kind::attribute : Kind::other;
    case Kind::attribute:
      return field == 5 || field == 10 ? Kind::tensor : field == 6 || field == 11 ? Kind::graph : field == 22 ? Kind::sparse : Kind::other;
    case Kind::sparse: return field == 1 || field == 2 ? Kind::tensor : Kind::other;
    default: return Kind::other;
  }
}

std::optional<std::uint64_t> read_varint(Reader& r) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = r.get<std::uint8_t>();
    if (!byte) return std::nullopt;
    value |= static_cast<std::uint64_t>(*byte & 0x7f) << shift;
    if (*byte < 0x80) return value;
  }
  return std::nullopt;
}

void add_varint(std::string& out, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
  out += static_cast<char>(n);
}
std::string header(std::uint64_t field, std::size_t length) {
  std::string out;
  add_varint(out, field << 3 | bytes_type);
  add_varint(out, length);
  return out;
}

struct Field {
  std::uint64_t number = 0, value = 0;
  int type = 0;
  Bytes whole, content;  // content: of a field of bytes
};

// Nothing when the bytes are no field, or a group (which ONNX never had).
std::optional<Field> read_field(Reader& r, Bytes message) {
  Field f;
  const std::size_t start = message.size() - r.left();
  const auto tag = read_varint(r);
  if (!tag || *tag >> 3 == 0 || *tag >> 32 != 0) return std::nullopt;
  f.number = *tag >> 3;
  f.type = static_cast<int>(*tag & 7);
  if (f.type == varint_type) {
    const auto value = read_varint(r);
    if (!value) return std::nullopt;
    f.value = *value;
  } else if (f.type == bytes_type) {
    const auto length = read_varint(r);
    const auto content = length ? r.take(*length) : std::nullopt;
    if (!content) return std::nullopt;
    f.content = *content;
  } else if ((f.type != eight_type && f.type != four_type) || !r.take(f.type == eight_type ? 8 : 4)) {
    return std::nullopt;
  }
  f.whole = message.subspan(start, message.size() - r.left() - start);
  return f;
}

// Calls f for each field; false when the message is not well formed or f says so.
template <class F> bool each_field(Bytes message, F f) {
  for (Reader r(message); r.left() > 0;) {
    const auto field = read_field(r, message);
    if (!field || !f(*field)) return false;
  }
  return true;
}

bool is_data(const Field& f) { return f.type == bytes_type && (f.number == 9 || f.number == 4 || f.number == 10); }

class Slimmer {
 public:
  // The message without large data; nothing when it has none.
  std::optional<std::string> slim(Bytes message, Kind kind, int depth) {
    if (message.size() < taken_from || depth == max_depth) return std::nullopt;
    if (kind == Kind::tensor) return tensor(message);
    std::string out;
    bool changed = false;
    const bool whole = each_field(message, [&](const Field& f) {
      const Kind inner = f.type == bytes_type ? child(kind, f.number) : Kind::other;
      const auto made = inner == Kind::other ? std::nullopt : slim(f.content, inner, depth + 1);
      if (made) out.append(header(f.number, made->size())).append(*made), changed = true;
      else out.append(as_text(f.whole));
      return true;
    });
    return whole && changed ? std::optional(std::move(out)) : std::nullopt;
  }
  std::vector<TakenData> taken;

 private:
  // Data in several pieces (the last, or all of them, would count) stays.
  std::optional<std::string> tensor(Bytes message) {
    int pieces = 0;
    if (!each_field(message, [&](const Field& f) { return pieces += is_data(f), true; }) || pieces != 1) return std::nullopt;
    std::string out;
    const bool large = each_field(message, [&](const Field& f) {
      if (!is_data(f)) return out.append(as_text(f.whole)), true;
      add_varint(out, static_cast<std::uint64_t>(taken_field) << 3 | varint_type);
      add_varint(out, taken.size());
      if (f.content.size() >= taken_from) taken.push_back({static_cast<int>(f.number), f.content});
      return f.content.size() >= taken_from;
    });
    return large ? std::optional(std::move(out)) : std::nullopt;
  }
};

class Filler {
 public:
  explicit Filler(const std::vector<Bytes>& taken) : taken_(taken) {}

  Pieces fill(Bytes message, Kind kind) {
    Pieces pieces;
    [[maybe_unused]] const bool whole = each_field(message, [&](const Field& f) {
      const Kind inner = f.type == bytes_type ? child(kind, f.number) : Kind::other;
      if (kind == Kind::tensor && f.number == taken_field && f.type == varint_type) {
        const Bytes data = taken_.at(static_cast<std::size_t>(f.value));
        add(pieces, own(header(9, data.size())));
        add(pieces, data);
      } else if (inner != Kind::other) {
        const Pieces part = fill(f.content, inner);
        add(pieces, own(header(f.number, part.size)));
        for (const Bytes b : part.list) add(pieces, b);
      } else {
        add(pieces, f.whole);
      }
      return true;
    });
    assert(whole);
    return pieces;
  }
  std::deque<std::string> own_;

 private:
  Bytes own(std::string text) { return as_bytes(own_.emplace_back(std::move(text))); }
  // Neighbours in memory become one piece.
  static void add(Pieces& pieces, Bytes b) {
    if (b.empty()) return;
    pieces.size += b.size();
    if (!pieces.list.empty() && pieces.list.back().data() + pieces.list.back().size() == b.data())
      pieces.list.back() = {pieces.list.back().data(), pieces.list.back().size() + b.size()};
    else
      pieces.list.push_back(b);
  }
  const std::vector<Bytes>& taken_;
};

}  // namespace

SlimModel take_out(Bytes model) {
  Slimmer slimmer;
  auto message = slimmer.slim(model, Kind::model, 0);
  if (!message) return {};
  return {std::move(*message), true, std::move(slimmer.taken)};
}

Pieces put_in(Bytes slim, const std::vector<Bytes>& taken) {
  if (taken.empty()) return {{slim}, slim.size()};
  Filler filler(taken);
  Pieces pieces = filler.fill(slim, Kind::model);
  pieces.own = std::move(filler.own_);
  return pieces;
}

std::vector<Bytes> fields_of(std::string_view message, int number) {
  std::vector<Bytes> found;
  each_field(as_bytes(message), [&](const Field& f) {
    if (f.type == bytes_type && f.number == static_cast<std::uint64_t>(number)) found.push_back(f.content);
    return true;
  });
  return found;
}

std::string text_field(std::string_view message, int number) {
  const auto found = fields_of(message, number);
  return found.empty() ? std::string() : std::string(as_text(found.back()));
}

}  // namespace hone
