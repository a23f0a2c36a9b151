// SPDX-License-Identifier: Apache-2.0
// ONNX textual syntax (docs/Syntax.md of onnx/onnx) in and out. Printing is deterministic: floats in shortest round-trip form;
// constants of more than 32 elements print as `name = ["sha256": "..."]`, which parse_text refuses with a clear error.
#pragma once
#include "lib/ir/graph.h"

namespace hone {

// A model ("<ir_version: 8, opset_import: ["" : 17]> name (...) => (...) {...}") or a bare graph (opset 21 is assumed).
// Operators are neither resolved nor upgraded. Errors carry line and column.
Result<Model> parse_text(std::string_view text);
std::string print(const Model&);
std::string print(const Graph&);
std::string print(const Node&);  // one line, bodies included

}  // namespace hone
