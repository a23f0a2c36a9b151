// SPDX-License-Identifier: Apache-2.0
// Whether each whole string matches the pattern, in RE2's syntax, whose matching is linear in the text whatever the pattern.
#include <re2/re2.h>

#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(0, DType::boolean, c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  const std::string_view pattern = c.node.text("pattern");
  const re2::RE2 regex(re2::StringPiece(pattern.data(), pattern.size()), re2::RE2::Quiet);
  if (!regex.ok()) return invalid("pattern '{}': {}", pattern, regex.error());
  Tensor& y = c.make(0, DType::boolean, x.dims());
  for (std::int64_t i = 0; i < x.count(); ++i)
    y.data<bool>()[i] = re2::RE2::FullMatch(x.string_values()[static_cast<std::size_t>(i)], regex);
  return Ok{};
}
extern const Op regexfullmatch_op{.name = "RegexFullMatch",
                                  .since = 20,
                                  .inputs = "X: string",
                                  .outputs = "Y: bool",
                                  .attributes = "pattern!: string",
                                  .infer = infer,
                                  .reference = run};

}  // namespace hone
