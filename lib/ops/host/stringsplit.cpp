// SPDX-License-Identifier: Apache-2.0
// Each string cut at a delimiter, or at runs of white space when that is empty; shorter rows are filled up with empty strings. White space
// at either end is no part of a piece, also not of the last one when maxsplit ends the splitting.
#include <algorithm>

#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  Shape pieces = c.shape(0);
  if (pieces.ranked) pieces.dims.emplace_back();
  c.set(0, DType::string, std::move(pieces));
  c.set(1, DType::i64, c.shape(0));
  return Ok{};
}

namespace {

// The length in bytes of the white space at the front of UTF-8 text; 0 when there is none.
std::size_t space_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned a = byte(0);
  if (a == ' ' || (a >= '\t' && a <= '\r') || (a >= 0x1c && a <= 0x1f)) return 1;
  if (a == 0xc2) return byte(1) == 0x85 || byte(1) == 0xa0 ? 2 : 0;
  if (a < 0xe1 || a > 0xe3) return 0;
  const unsigned code = (a & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63);
  const bool space = code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 || code == 0x202f ||
                     code == 0x205f || code == 0x3000;
  return space ? 3 : 0;
}

std::string_view skip_space(std::string_view text) {
  while (const std::size_t n = space_at(text)) text.remove_prefix(n);
  return text;
}

// At most `splits` cuts (negative: no limit); the rest of the text is the last piece.
std::vector<std::string> split_at_space(std::string_view text, std::int64_t splits) {
  std::vector<std::string> pieces;
  for (text = skip_space(text); !text.empty(); text = skip_space(text)) {
    std::size_t end = 0;
    while (end < text.size() && space_at(text.substr(end)) == 0) ++end;
    const bool last = splits >= 0 && static_cast<std::int64_t>(pieces.size()) == splits;
    for (std::size_t i = end; last && i < text.size();) {  // to the end of the last word
      const std::size_t space = space_at(text.substr(i));
      i += space ? space : 1;
      if (!space) end = i;
    }
    pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(last ? text.size() : end);
  }
  return pieces;
}

std::vector<std::string> split_at(std::string_view text, std::string_view delimiter, std::int64_t splits) {
  std::vector<std::string> pieces;
  for (;;) {
    const bool last = splits >= 0 && static_cast<std::int64_t>(pieces.size()) == splits;
    const std::size_t end = last ? std::string_view::npos : text.find(delimiter);
    pieces.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + delimiter.size());
  }
}

}  // namespace

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  const std::string_view delimiter = c.node.text("delimiter");
  const std::int64_t splits = c.node.integer("maxsplit", -1);
  std::vector<std::vector<std::string>> rows;
  Tensor& counts = c.make(1, DType::i64, x.dims());
  std::size_t width = 0;
  for (const std::string& text : x.string_values()) {
    rows.push_back(delimiter.empty() ? split_at_space(text, splits) : split_at(text, delimiter, splits));
    counts.data<std::int64_t>()[rows.size() - 1] = static_cast<std::int64_t>(rows.back().size());
    width = std::max(width, rows.back().size());
  }
  Dims dims = x.dims();
  dims.push_back(static_cast<std::int64_t>(width));
  CHECK_OK(check_size(dims));
  std::vector<std::string> pieces;
  for (std::vector<std::string>& row : rows) {
    row.resize(width);
    std::ranges::move(row, std::back_inserter(pieces));
  }
  c.set(0, Tensor::strings(dims, std::move(pieces)));
  return Ok{};
}
extern const Op stringsplit_op{.name = "StringSplit",
                               .since = 20,
                               .inputs = "X: string",
                               .outputs = "Y: string, Z: int64",
                               .attributes = "delimiter: string, maxsplit: int",
                               .infer = infer,
                               .reference = run};

}  // namespace hone
