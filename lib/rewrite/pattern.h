// SPDX-License-Identifier: Apache-2.0
// The pattern language (described in lib/rewrite/pass.h), parsed: ONNX node text plus `const`, `?` and `|`.
#pragma once
#include "lib/ir/graph.h"

namespace hone {

struct PatternInput {
  std::string_view name;
  bool constant = false, optional = false;
};
struct PatternAttribute {
  std::string_view name;
  std::variant<std::int64_t, float, std::string_view, std::vector<std::int64_t>> value;
};
struct PatternNode {
  std::vector<std::string_view> outputs;
  std::vector<std::string_view> ops;  // "Conv", or "com.microsoft.Gelu"
  std::vector<PatternAttribute> attributes;
  std::vector<PatternInput> inputs;
};
struct Pattern {
  std::vector<PatternNode> nodes;  // the last is the root
  const PatternNode* maker(std::string_view value) const;  // the line that makes it; null for an input of the pattern
};

// The names in the result point into `text`. An error carries the line. Every line but the last must make a value that a later line
// uses: else it could never be reached from the root.
Result<Pattern> parse_pattern(std::string_view text);

// The value of an attribute as the pattern language writes it: `1`, `0.5`, `"text"`, `[1, 2]`; the whole of `text` must be one.
Result<decltype(PatternAttribute::value)> parse_literal(std::string_view text);

}  // namespace hone
