// SPDX-License-Identifier: Apache-2.0
// Strings without stop words, in lower or upper case (ASCII; other letters stay as they are).
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

static std::string in_case(std::string_view word, std::string_view mode) {
  std::string out(word);
  for (char& ch : out) {
    if (mode == "LOWER" && ch >= 'A' && ch <= 'Z') ch = static_cast<char>(ch + 32);
    if (mode == "UPPER" && ch >= 'a' && ch <= 'z') ch = static_cast<char>(ch - 32);
  }
  return out;
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  const std::string_view mode = c.node.text("case_change_action", "NONE");
  const bool sensitive = c.node.integer("is_case_sensitive") != 0;
  std::vector<std::string> stop, kept;
  if (const auto* given = c.node.find<std::vector<std::string>>("stopwords"))
    for (const std::string& w : *given) stop.push_back(sensitive ? w : in_case(w, "LOWER"));
  for (const std::string& w : x.string_values())
    if (std::ranges::find(stop, sensitive ? w : in_case(w, "LOWER")) == stop.end()) kept.push_back(in_case(w, mode));
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
