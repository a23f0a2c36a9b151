// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/dim_math.h"
#include "lib/ops/rule.h"

#include "lib/ir/limits.h"
#include "lib/ops/schema.h"

namespace hone {

Status same_dtype(const InferCall& c, std::size_t a, std::size_t b) {
  const DType x = c.dtype(a), y = c.dtype(b);
  if (x == y || x == DType::undefined || y == DType::undefined) return Ok{};
  return invalid("inputs {} and {} have element types {} and {}, which must be the same", a, b, name(x), name(y));
}

Status expect_rank(const InferCall& c, std::size_t i, std::size_t rank, std::string_view what) {
  if (!c.shape(i).ranked || c.shape(i).rank() == rank) return Ok{};
  return invalid("{} has shape {}, expected {} axes", what, to_string(c.shape(i)), rank);
}

Result<Dim> unify(const Dim& a, const Dim& b) {
  if (!a.known()) return b.known() || (!is_named(a) && !b.symbol.empty()) ? b : a;
  if (b.known() && a.value != b.value) return invalid("dimensions {} and {} must be the same", a.value, b.value);
  return a;
}

// A dimension that is not known may be 1 or what the other says: only a known one above 1 settles it.
static Result<Dim> broadcast(const Dim& a, const Dim& b) {
  if (a.known() && a.value == 1) return b;
  if (b.known() && b.value == 1) return a;
  if (a.known() && b.known() && a.value != b.value) return invalid("{} against {}", a.value, b.value);
  if (a.known()) return a;
  if (b.known() || a.same(b)) return b;
  return Dim();
}

Result<Shape> broadcast(const Shape& a, const Shape& b) {
  if (!a.ranked || !b.ranked) return Shape();
  Shape out = Shape::unknown(std::max(a.rank(), b.rank()));
  for (std::size_t i = 0; i < out.rank(); ++i) {  // i counts from the last axis
    const Dim one(1);
    auto d = broadcast(i < a.rank() ? a.dims[a.rank() - 1 - i] : one, i < b.rank() ? b.dims[b.rank() - 1 - i] : one);
    if (!d) return invalid("shapes {} and {} do not broadcast: {} on axis -{}", to_string(a), to_string(b), d.error().message, i + 1);
    out.dims[out.rank() - 1 - i] = std::move(d).value();
  }
  return out;
}

Status infer_same(InferCall& c) {
  c.set(0, c.type(0));
  return Ok{};
}

Status infer_broadcast(InferCall& c) {
  Shape shape = c.shape(0);
  for (std::size_t i = 1; i < c.inputs(); ++i) {
    CHECK_OK(same_dtype(c, 0, i));
    TRY(shape, broadcast(shape, c.shape(i)));
  }
  c.set(0, c.dtype(0), std::move(shape));
  return Ok{};
}

Status check_size(const Dims& dims) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  TRY(const std::int64_t count, element_count(dims));
  if (count > most) return invalid("a result of shape {} is too large", to_string(dims));
  return check_memory(static_cast<std::uint64_t>(count));  // of at least a byte each
}

Result<std::vector<Fact>> outputs_by_rule(const OpCall& c) {
  std::vector<Fact> in(c.inputs()), out(std::max<std::size_t>(c.outputs(), 1));
  std::vector<const Fact*> present(c.inputs());
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    const Tensor* t = c.find(i);
    if (!t) continue;
    in[i] = fact_of(*t);
    present[i] = &in[i];
  }
  InferCall rule(c.node, present, out);
  CHECK_OK(c.node.schema->infer(rule));
  return out;
}

Result<Tensor*> make_by_rule(OpCall& c) {
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  const auto dims = facts[0].shape.concrete();
  if (!dims || facts[0].dtype == DType::undefined) return invalid("the inputs do not determine the output, of shape {}", to_string(facts[0].shape));
  CHECK_OK(check_size(*dims));
  return &c.make(0, facts[0].dtype, *dims);
}

void attribute_to_input(Graph& g, Node& n, std::string_view attribute, std::size_t input) {
  const auto* ints = n.find<std::vector<std::int64_t>>(attribute);
  if (!ints) return;
  g.set_input(&n, input, g.constant(attribute, Tensor::vector<std::int64_t>(*ints)));
  n.attributes.erase(n.attributes.find(attribute));
}

// The type of a node's output as its schema tells it, when it is written out; else `from` is the input that has it.
static DType type_by_schema(const Node& node, const Value* output, const Value*& from) {
  from = nullptr;
  if (node.is("Cast")) return static_cast<DType>(node.integer("to", 1));
  const Op* op = find_op(node.op, node.domain);
  if (!op) {
    from = node.input(0);
    return DType::f32;
  }
  const Schema& schema = schema_of(*op);
  const Formal* formal = nullptr;
  for (std::size_t i = 0; i < node.outputs.size(); ++i)
    if (node.outputs[i] == output) formal = schema.output(i);
  if (!formal) return DType::f32;
  for (std::size_t i = 0; i < node.inputs.size() && !formal->variable.empty() && !from; ++i)
    if (const Formal* in = schema.input(i); in && in->variable == formal->variable) from = node.inputs[i];
  for (int d = 1; d <= static_cast<int>(DType::i2); ++d)
    if (formal->allowed == set_of(static_cast<DType>(d))) return static_cast<DType>(d);
  return DType::f32;
}

DType element_type_of(const Value* v) {
  DType dtype = DType::f32;
  while (v) {
    if (v->dtype != DType::undefined) return v->dtype;
    if (v->constant) return v->constant->dtype();
    if (!v->producer) return DType::f32;
    dtype = type_by_schema(*v->producer, v, v);
  }
  return dtype;
}

Node* add_before(Graph& g, Node& n, std::string_view op, std::vector<Value*> in, Value* out) {
  Node* node = g.add(op, "", std::move(in), {out}, &n);
  node->schema = find_op(op, "");
  return node;
}

Node* add_after(Graph& g, Node& n, std::string_view op, std::vector<Value*> in, Value* out) {
  const auto next = std::next(std::ranges::find(g.nodes(), &n));
  Node* node = g.add(op, "", std::move(in), {out}, next == g.nodes().end() ? nullptr : *next);
  node->schema = find_op(op, "");
  return node;
}

Value* divert_output(Graph& g, Node& n, std::size_t i) {
  Value* old = n.outputs[i];
  old->producer = nullptr;
  n.outputs[i] = g.value(old->name);
  n.outputs[i]->producer = &n;
  return old;
}

void become(Node& n, std::string_view op) {
  n.op = op;
  n.schema = find_op(op, "");
}

}  // namespace hone
