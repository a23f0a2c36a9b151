// SPDX-License-Identifier: Apache-2.0
// What shape rules and reference loops of many operators share.
#pragma once
#include "lib/ops/op.h"

namespace hone {

// An error when inputs a and b have different known element types.
Status same_dtype(const InferCall&, std::size_t a, std::size_t b);
// An error unless input i has `rank` axes or is not known.
Status expect_rank(const InferCall&, std::size_t i, std::size_t rank, std::string_view what);
// The common part of two descriptions of one dimension; an error when they contradict.
Result<Dim> unify(const Dim&, const Dim&);
// Numpy broadcasting where dimensions may be unknown.
Result<Shape> broadcast(const Shape&, const Shape&);

// Output 0 is like input 0.
Status infer_same(InferCall&);
// Output 0 has input 0's type and the broadcast shape of all inputs.
Status infer_broadcast(InferCall&);

// An error for a size computed from run-time values that no memory holds.
Status check_size(const Dims&);

// What the operator's own shape rule says of the outputs, given the actual inputs. Loops allocate by it, so that every check
// of the rule also guards the loop.
Result<std::vector<Fact>> outputs_by_rule(const OpCall&);
// Allocates output 0 by the rule.
Result<Tensor*> make_by_rule(OpCall&);

// For upgrades: the integers of an old form's attribute become an int64 input; nothing happens when the attribute is absent.
void attribute_to_input(Graph&, Node&, std::string_view attribute, std::size_t input);
// The element type of a value before inference: its own, or that of the first input of its producers. float when there is none.
DType element_type_of(const Value*);
// Adds a node of the default domain around `n`; `out` has no producer yet.
Node* add_before(Graph&, Node& n, std::string_view op, std::vector<Value*> in, Value* out);
Node* add_after(Graph&, Node& n, std::string_view op, std::vector<Value*> in, Value* out);
// Gives output i of the node a fresh value and returns the old one, which then has no producer.
Value* divert_output(Graph&, Node&, std::size_t i);
// Turns the node into an instance of another operator of the default domain (Upsample into Resize).
void become(Node&, std::string_view op);

}  // namespace hone
