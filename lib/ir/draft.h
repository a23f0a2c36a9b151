// SPDX-License-Identifier: Apache-2.0
// A graph as a file tells it: by names. Readers (ONNX protobuf, ONNX text) fill a Draft; build() checks what every model must
// satisfy, whatever its format, and makes the Graph.
#pragma once
#include "lib/ir/graph.h"

namespace hone {

struct DraftValue {
  std::string name;
  DType dtype = DType::undefined;
  Shape shape;
  TypePtr element;
  std::string opaque;
};
struct DraftConstant {
  std::string name;
  Tensor tensor;
};
struct DraftGraph;
struct DraftBody {
  std::string attribute;
  bool many = false;  // a list of graphs, even when it holds one
  std::vector<DraftGraph> graphs;
};
struct DraftNode {
  std::string name, op, domain, doc, opaque;
  std::vector<std::string> inputs, outputs;  // empty: absent
  std::map<std::string, Attribute, std::less<>> attributes;
  std::vector<DraftBody> bodies;
};
struct DraftGraph {
  std::string name, doc, opaque;
  std::vector<DraftValue> inputs, outputs, infos;  // infos: types of values made inside; a name that no one makes is ignored
  std::vector<DraftConstant> constants;            // initializers; an input of the same name is its overridable form
  std::vector<DraftNode> nodes;                    // in any order
};

// Errors name the node: a name made twice, an input that nothing makes, a cycle, an output that is missing or listed twice.
// Constant nodes become constants. A name in a body that an enclosing graph also has is renamed inside the body.
Result<GraphPtr> build(DraftGraph);

}  // namespace hone
