// SPDX-License-Identifier: Apache-2.0
// From the internal form (lib/ops/op.h) to that of an older opset of ai.onnx: the reverse of lib/ops/upgrade.h, for writing only.
#pragma once
#include "lib/ops/infer.h"

namespace hone {

// Every node gets a form that `opset` has, and the model declares that opset. Errors name the node that prevents it, why, and what to
// do. Afterwards the model can only be written: its nodes have no schema.
Status downgrade(Model&, int opset);

// IR 3 knows initializers only as defaults of inputs, and none in bodies: they become inputs, and Constant nodes.
void constants_as_inputs(Model&);

// --- between the files of the downgrade ---

// One node on its way down.
class Descent {
 public:
  Descent(Graph& g, Node& n, int target, const Facts& f, std::vector<Node*>& added) : graph(g), node(n), opset(target), facts_(f), added_(added) {}
  Graph& graph;
  Node& node;
  const int opset;
  bool replaced = false;  // other nodes make its outputs now; it is erased

  DType dtype(const Value*) const;
  Shape shape(const Value*) const;
  // What is known of a value at conversion time; null when it is computed, or could be fed.
  const Tensor* constant(const Value*) const;
  std::optional<std::vector<std::int64_t>> integers(std::size_t input) const;

  // A node before this one, in the newest form; its output has the type and shape of `like`, or of what is given.
  Value* add(std::string_view op, std::vector<Value*> in, const Value* like);
  Value* add(std::string_view op, std::vector<Value*> in, DType, Shape);
  Node* last() const { return added_.back(); }  // what add() made, to set its attributes
  Value* number(double value, DType);            // a scalar constant
  Value* vector_of(std::vector<std::int64_t>);    // an int64 vector
  void replace(std::size_t output, Value* made);  // `made` takes over name and users of this output
  void become(std::string_view op);
  void drop_inputs_from(std::size_t count);       // the node keeps its first `count` inputs
  bool takes(std::string_view op, DType) const;   // the target opset has this operator for this type

 private:
  const Facts& facts_;
  std::vector<Node*>& added_;
};

// Takes a node of this operator from the form of version `from` (or newer) to the one before. Reports what prevents it.
struct Step {
  std::string_view op;
  int from;
  Status (*apply)(Descent&);
};
std::span<const Step> form_steps();  // the same operator in an older form, by descending version within an operator
std::span<const Step> body_steps();  // operators that the older opset lacks, by others

}  // namespace hone
