// SPDX-License-Identifier: Apache-2.0
// Strings without stop words, in lower or upper case: one letter for one, by the table below, whatever the machine's locale. A locale of
// Turkish or Azeri pairs i with a dotted capital.
#include <algorithm>

#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  if (in.ranked && in.rank() != 1 && !(in.rank() == 2 && (!in.dims[0].known() || in.dims[0].value == 1)))
    return invalid("the input has shape {}, expected words or 1xwords", to_string(in));
  const std::string_view mode = c.node.text("case_change_action", "NONE");
  if (mode != "NONE" && mode != "LOWER" && mode != "UPPER")
    return invalid("unknown case_change_action '{}'; known are NONE, LOWER, UPPER", mode);
  const auto* stop = c.node.find<std::vector<std::string>>("stopwords");
  Shape out = in;
  if (out.ranked && stop && !stop->empty()) out.dims.back() = Dim();
  if (out.ranked && out.dims.back().known() && out.dims.back().value == 0) out.dims.back() = Dim(1);
  c.set(0, DType::string, std::move(out));
  return Ok{};
}

namespace {

// Capital letters first, first + step, ..., last; the small letter of each is `distance` further on.
struct Letters {
  char32_t first, last;
  int distance, step;
};
constexpr Letters letters[] = {
    {U'A', U'Z', 32, 1},      {0xc0, 0xd6, 32, 1},      {0xd8, 0xde, 32, 1},       {0x100, 0x12e, 1, 2},    {0x132, 0x136, 1, 2},
    {0x139, 0x147, 1, 2},     {0x14a, 0x176, 1, 2},     {0x178, 0x178, -121, 1},   {0x179, 0x17d, 1, 2},    {0x1cd, 0x1db, 1, 2},
    {0x1de, 0x1ee, 1, 2},     {0x1f8, 0x21e, 1, 2},     {0x222, 0x232, 1, 2},      {0x370, 0x372, 1, 2},    {0x386, 0x386, 38, 1},
    {0x388, 0x38a, 37, 1},    {0x38c, 0x38c, 64, 1},    {0x38e, 0x38f, 63, 1},     {0x391, 0x3a1, 32, 1},   {0x3a3, 0x3ab, 32, 1},
    {0x3d8, 0x3ee, 1, 2},     {0x400, 0x40f, 80, 1},    {0x410, 0x42f, 32, 1},     {0x460, 0x480, 1, 2},    {0x48a, 0x4be, 1, 2},
    {0x4c0, 0x4c0, 15, 1},    {0x4c1, 0x4cd, 1, 2},     {0x4d0, 0x52e, 1, 2},      {0x531, 0x556, 48, 1},   {0x1e00, 0x1e94, 1, 2},
    {0x1ea0, 0x1efe, 1, 2},   {0x2160, 0x216f, 16, 1},  {0x24b6, 0x24cf, 26, 1},   {0xff21, 0xff3a, 32, 1}, {0x10400, 0x10427, 40, 1}};

char32_t in_case(char32_t c, bool lower, bool turkish) {
  if (lower && c == 0x130) return U'i';
  if (!lower && c == 0x131) return U'I';
  if (turkish && c == (lower ? U'I' : U'i')) return lower ? 0x131 : 0x130;
  if (!lower && c == 0x3c2) return 0x3a3;  // the final sigma
  for (const Letters& l : letters) {
    const char32_t capital = lower ? c : c - static_cast<char32_t>(l.distance);
    if (capital >= l.first && capital <= l.last && (capital - l.first) % static_cast<char32_t>(l.step) == 0)
      return lower ? c + static_cast<char32_t>(l.distance) : capital;
  }
  return c;
}

void append_utf8(std::string& out, char32_t c) {
  const auto add = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) return add(c);
  if (c >= 0x10000) add(0xf0 | c >> 18), add(0x80 | (c >> 12 & 63));
  else if (c >= 0x800) add(0xe0 | c >> 12);
  else return add(0xc0 | c >> 6), add(0x80 | (c & 63));
  add(0x80 | (c >> 6 & 63)), add(0x80 | (c & 63));
}

// Bytes that are no UTF-8 stay as they are.
std::string in_case(std::string_view word, bool lower, bool turkish) {
  std::string out;
  for (std::size_t i = 0; i < word.size();) {
    const auto lead = static_cast<unsigned char>(word[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    char32_t c = length == 1 ? lead : lead & (0x7f >> length);
    bool valid = i + length <= word.size() && (lead < 0x80 || (lead >= 0xc2 && lead <= 0xf4));
    for (std::size_t k = 1; valid && k < length; ++k) {
      const auto next = static_cast<unsigned char>(word[i + k]);
      valid = (next & 0xc0) == 0x80;
      c = c << 6 | (next & 63);
    }
    valid = valid && (length < 3 || c >= (length == 3 ? 0x800 : 0x10000));
    if (valid) append_utf8(out, in_case(c, lower, turkish));
    else out += word[i];
    i += valid ? length : 1;
  }
  return out;
}

}  // namespace

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  const std::string_view mode = c.node.text("case_change_action", "NONE");
  const bool sensitive = c.node.integer("is_case_sensitive") != 0;
  const std::string_view locale = c.node.text("locale").substr(0, 2);
  const bool turkish = locale == "tr" || locale == "az";
  const auto folded = [&](const std::string& w) { return sensitive ? w : in_case(w, true, turkish); };
  std::vector<std::string> stop, kept;
  if (const auto* given = c.node.find<std::vector<std::string>>("stopwords"))
    for (const std::string& w : *given) stop.push_back(folded(w));
  for (const std::string& w : x.string_values())
    if (std::ranges::find(stop, folded(w)) == stop.end()) kept.push_back(mode == "NONE" ? w : in_case(w, mode == "LOWER", turkish));
  if (kept.empty()) kept.emplace_back();  // the standard asks for one empty string
  Dims dims = x.dims();
  dims.back() = static_cast<std::int64_t>(kept.size());
  c.set(0, Tensor::strings(dims, std::move(kept)));
  return Ok{};
}
extern const Op stringnormalizer_op{
    .name = "StringNormalizer",
    .since = 10,
    .inputs = "X: string",
    .outputs = "Y: string",
    .attributes = "case_change_action: string = NONE, is_case_sensitive: int = 0, locale: string, stopwords: strings",
    .infer = infer,
    .reference = run};

}  // namespace hone
