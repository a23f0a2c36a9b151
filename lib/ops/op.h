// SPDX-License-Identifier: Apache-2.0
// The operator table. One file lib/ops/<name>.cpp defines `extern const Op <name>_op` (several forms of one idea may share a
// file name stem only if each has its own file): schema, shape rule, reference loop, and the upgrade of its older forms.
// Every operator has ONE internal form: the newest ONNX form that is a superset of the older ones. Import upgrades nodes to
// it, so passes, kernels and the interpreter see that form only; `since` is the first opset in which the form is valid, and
// a model is written with an opset of at least the largest `since` among its nodes.
#pragma once
#include <functional>
#include <list>
#include <span>
#include <string_view>

#include "lib/ir/graph.h"

namespace hone {

// What is known of a value at some point: its type, and perhaps its content.
struct Fact {
  DType dtype = DType::undefined;
  Shape shape;
  std::optional<Tensor> constant;           // the whole content
  std::optional<std::vector<Dim>> content;  // elements of a small int64/int32 tensor (rank 0 or 1), each known or symbolic
  TypePtr element{};                        // what a sequence, an optional or a map holds
  ValueType type() const { return {dtype, shape, element}; }
};
// What a tensor at hand says of itself.
inline Fact fact_of(const Tensor& t) { return {t.dtype(), t.shape(), t, std::nullopt}; }

// One shape inference of one node. A rule that does not know enough sets what it knows and returns Ok; it returns an error
// only for a node that can never be valid (message without the node's name: the caller adds it).
class InferCall {
 public:
  InferCall(const Node& n, std::span<const Fact* const> in, std::span<Fact> out) : node(n), in_(in), out_(out) {}
  const Node& node;
  std::size_t inputs() const { return in_.size(); }
  std::size_t outputs() const { return out_.size(); }
  bool has(std::size_t i) const { return i < in_.size() && in_[i]; }
  const Fact& in(std::size_t i) const { return *in_[i]; }                         // REQUIRES: has(i)
  DType dtype(std::size_t i) const { return has(i) ? in_[i]->dtype : DType::undefined; }
  const Shape& shape(std::size_t i) const;                                        // unknown rank when absent
  const Tensor* constant(std::size_t i) const { return has(i) && in_[i]->constant ? &*in_[i]->constant : nullptr; }
  // The elements of input i as dimensions (from its constant or its symbolic content); nothing when not known.
  std::optional<std::vector<Dim>> content(std::size_t i) const;
  // The elements of input i when every one is a known integer.
  std::optional<std::vector<std::int64_t>> integers(std::size_t i) const;
  ValueType type(std::size_t i) const { return has(i) ? in_[i]->type() : ValueType{}; }
  // What input i holds, as far as known: a sequence, an optional or a map.
  ValueType element(std::size_t i) const { return has(i) && in_[i]->element ? *in_[i]->element : ValueType{}; }
  bool wants(std::size_t i) const { return i < out_.size(); }
  void set(std::size_t i, DType, Shape);               // ignored when output i is not asked for
  void set(std::size_t i, ValueType);
  void set_content(std::size_t i, std::vector<Dim>);   // and that of output i
  Fact& out(std::size_t i) { return out_[i]; }
  // For If, Loop, Scan: infers a body given facts for its inputs; returns the facts of its outputs.
  std::function<Result<std::vector<Fact>>(const Graph& body, std::vector<Fact> inputs)> infer_body;

 private:
  std::span<const Fact* const> in_;
  std::span<Fact> out_;
};

// One execution of one node by its reference loop. Absent optional inputs are null. A loop may trust what the schema and the
// shape rule check statically, but tests whatever depends on run-time values or shapes, and returns an error for it.
class OpCall {
 public:
  OpCall(const Node& n, std::span<const Tensor* const> in, std::span<Tensor> out) : node(n), in_(in), out_(out) {}
  const Node& node;
  std::size_t inputs() const { return in_.size(); }
  std::size_t outputs() const { return out_.size(); }
  bool has(std::size_t i) const { return i < in_.size() && in_[i]; }
  const Tensor& in(std::size_t i) const { return assert(has(i)), *in_[i]; }
  const Tensor* find(std::size_t i) const { return has(i) ? in_[i] : nullptr; }
  bool wants(std::size_t i) const { return i < out_.size() && node.output(i); }
  // Allocates output i (or takes the memory the planner gave it) and returns it for writing. When the output is not asked
  // for it is still allocated, so that a loop need not test.
  Tensor& make(std::size_t i, DType, const Dims&);
  // Output i is this tensor; bytes are shared (Identity, Reshape, ...).
  void set(std::size_t i, Tensor t);
  Tensor& out(std::size_t i) { return out_[i]; }  // what make() or set() gave it. REQUIRES: i < outputs()
  // Runs a body of this node (If, Loop, Scan); captured values are found by the interpreter.
  std::function<Result<std::vector<Tensor>>(const Graph& body, std::vector<Tensor> inputs)> run_body;
  // Memory for output i when a planner provides it: must match dtype and dims exactly, else it is not used.
  std::function<std::byte*(std::size_t i, DType, const Dims&)> planned;

 private:
  std::span<const Tensor* const> in_;
  std::span<Tensor> out_;
  std::list<Tensor> unwanted_;  // outputs that no one asked for are written here
};

// The schema is text, as in the ONNX specification's tables, and is parsed once by lib/ops/schema.h for the checks:
//   inputs  "X: T, W: T, B?: T"      "?" optional, "..." after the last name variadic ("inputs...: T")
//   outputs "Y: T"
//   attributes "auto_pad: string = NOTSET, dilations: ints, group: int = 1, alpha: float = 0.01, body: graph, value: tensor"
//              (a name followed by "!" is required: "axis!: int")
//   types   "T: float16 float double bfloat16; I: int32 int64"   (groups allowed: "floats", "numeric", "integers", "all")
struct Op {
  std::string_view name;
  std::string_view domain = "";
  int since = 1;  // first opset (of the domain) where this form is valid
  std::string_view inputs = "", outputs = "", attributes = "", types = "";
  Status (*infer)(InferCall&) = nullptr;
  Status (*reference)(OpCall&) = nullptr;  // null: only an interpreter of bodies or a pass can treat it
  // Rewrites a node written for `opset` (< since) into this form, in place or by adding nodes before it. May be null when
  // every older form is a valid instance of this one.
  Status (*upgrade)(Graph&, Node&, int opset) = nullptr;
  bool deterministic = true;  // false: RandomNormal and its kin; never folded, merged or proven by execution
};

// Every operator known, sorted by (domain, name).
std::span<const Op* const> all_ops();
const Op* find_op(std::string_view name, std::string_view domain);

// Sets node->schema for every node, subgraphs too.
void resolve(Graph&);

}  // namespace hone
