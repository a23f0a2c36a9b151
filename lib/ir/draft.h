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
// Inside a function: the node's attribute takes what the call gives for the function's parameter.
struct DraftReference {
  std::string attribute, parameter;
};
struct DraftNode {
  std::string name, op, domain, doc, opaque;
  std::string overload;  // which function of this name
  std::vector<std::string> inputs, outputs;  // empty: absent
  std::map<std::string, Attribute, std::less<>> attributes;
  std::vector<DraftBody> bodies;
  std::vector<DraftReference> references;
  std::int64_t opset = 0;  // version of `domain` that it was written for, when it came out of a function; 0: the model's
};
struct DraftGraph {
  std::string name, doc, opaque;
  std::vector<DraftValue> inputs, outputs, infos;  // infos: types of values made inside; a name that no one makes is ignored
  std::vector<DraftConstant> constants;            // initializers; an input of the same name is its overridable form
  std::vector<DraftNode> nodes;                    // in any order
};

// A function local to a model. Without types: what its inputs are depends on the call.
struct DraftFunction {
  std::string name, domain, overload;
  std::vector<std::string> inputs, outputs;
  DraftNode defaults;  // attributes and bodies of parameters that a call may leave out
  std::map<std::string, std::int64_t, std::less<>> opsets;  // what it lacks, the model's stand for
  std::vector<DraftValue> infos;
  std::vector<DraftNode> nodes;
};

// Replaces every call of a function by the function's nodes, bodies and functions within functions included. Names made inside
// become unique in a fixed way; of `opsets`, what the model imports, the domains go that only calls were of. Errors: a function that
// calls itself, a call that does not fit, and more nodes than suit a file of `file_bytes`: functions that double each other again
// and again must not fill the memory.
using Opsets = std::map<std::string, std::int64_t, std::less<>>;
Status inline_functions(DraftGraph&, const std::vector<DraftFunction>&, Opsets& opsets, std::size_t file_bytes);

// The nodes that were written for another version of their domain than the model imports.
using NodeOpsets = std::unordered_map<const Node*, std::int64_t>;

// Errors name the node: a name made twice, an input that nothing makes, a cycle, an output that is missing or listed twice.
// Constant nodes become constants. A name in a body that an enclosing graph also has is renamed inside the body.
Result<GraphPtr> build(DraftGraph, NodeOpsets* opsets = nullptr);

}  // namespace hone
