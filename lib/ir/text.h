// SPDX-License-Identifier: Apache-2.0
// ONNX textual syntax (docs/Syntax.md of onnx/onnx) in and out. Printing is deterministic: floats in shortest round-trip form;
// constants of more than 32 elements print as `name = ["sha256": "..."]`, which parse_text refuses with a clear error.
#pragma once
#include "lib/ir/draft.h"

namespace hone {

// Larger constants are printed by their hash.
inline constexpr std::int64_t print_limit = 32;

// A model ("<ir_version: 8, opset_import: ["" : 17]> name (...) => (...) {...}") or a bare graph (opset 21 is assumed).
// Operators are neither resolved nor upgraded; Constant nodes become constants; functions are inlined, and `written` is told their
// nodes. Errors carry line and column.
Result<Model> parse_text(std::string_view text, NodeOpsets* written = nullptr);
std::string print(const Model&, std::int64_t max_elements = print_limit);
// The same under other versions: a model whose nodes were upgraded needs newer ones than its file declared.
std::string print(const Model&, int ir_version, const Opsets&, std::int64_t max_elements = print_limit);
std::string print(const Graph&);
std::string print(const Node&);  // one line, bodies included
std::string print(const ValueType&);  // "float[N,3]", "seq(float[])", "map(int64, float)"
// "float[2] y = {0, 2}"
std::string print_constant(std::string_view name, const Tensor&, std::int64_t max_elements = print_limit);

}  // namespace hone
