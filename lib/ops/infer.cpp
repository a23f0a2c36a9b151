// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/dim_math.h"
#include "lib/ops/infer.h"

#include <algorithm>
#include <map>

#include "lib/ops/schema.h"

namespace hone {
namespace {

constexpr std::int64_t max_folded = 4096;       // elements in and out of a node that is evaluated here
constexpr std::size_t max_body_passes = 10000;   // loops within loops infer the innermost body again and again
constexpr std::size_t max_body_nodes = 1000000;  // in all these passes

bool small(const Shape& shape) {
  const auto dims = shape.concrete();
  if (!dims) return false;
  const auto count = element_count(*dims);
  return count && *count <= max_folded;
}

// Fully known content becomes a constant, so that there is one representation of "known".
void settle(Fact& fact) {
  if (fact.constant) {
    fact.dtype = fact.constant->dtype();
    fact.shape = fact.constant->shape();
    fact.content.reset();
  }
  if (!fact.content) return;
  const bool vector = fact.shape.ranked && fact.shape.rank() <= 1 && (fact.dtype == DType::i64 || fact.dtype == DType::i32);
  const auto count = static_cast<std::int64_t>(fact.content->size());
  const bool agrees = vector && (fact.shape.rank() == 0 ? count == 1 : !fact.shape.dims[0].known() || fact.shape.dims[0].value == count);
  if (!agrees) return fact.content.reset();
  if (fact.shape.rank() == 1) fact.shape.dims[0] = Dim(count);
  if (!std::ranges::all_of(*fact.content, &Dim::known)) return;
  std::vector<std::int64_t> values;
  for (const Dim& d : *fact.content) values.push_back(d.value);
  const Dims dims = *fact.shape.concrete();
  if (fact.dtype == DType::i64)
    fact.constant = Tensor::of<std::int64_t>(dims, values);
  else
    fact.constant = Tensor::of<std::int32_t>(dims, std::vector<std::int32_t>(values.begin(), values.end()));
  fact.content.reset();
}

// Completes `fact` by what was declared; returns what contradicts, or "".
std::string complete(Fact& fact, const Value& v, const Shape& shape) {
  const DType dtype = v.dtype;
  std::string wrong;
  if (fact.dtype == DType::undefined)
    fact.dtype = dtype;
  else if (dtype != DType::undefined && dtype != fact.dtype)
    wrong = format("is declared {} but is {}", name(dtype), name(fact.dtype));
  if (!fact.element)
    fact.element = v.element;
  else if (v.element && v.element->dtype != DType::undefined && fact.element->dtype != DType::undefined && v.element->dtype != fact.element->dtype)
    wrong = format("is declared to hold {} but holds {}", name(v.element->dtype), name(fact.element->dtype));
  if (!shape.ranked) return wrong;
  if (!fact.shape.ranked) {
    fact.shape = shape;
    return wrong;
  }
  bool fits = shape.rank() == fact.shape.rank();
  for (std::size_t i = 0; fits && i < shape.rank(); ++i) {
    Dim& d = fact.shape.dims[i];
    if (d.known())
      fits = !shape.dims[i].known() || shape.dims[i].value == d.value;
    else if (!is_named(d) && (shape.dims[i].known() || d.symbol.empty()))  // what is inferred by name stands: a batch declared 1 is stale
      d = shape.dims[i];
  }
  if (!fits && wrong.empty()) wrong = format("is declared {} but its shape is {}", to_string(shape), to_string(fact.shape));
  return wrong;
}

Error as_error(const Contradiction& c) {
  Error e = invalid("{}", c.what);
  return c.node ? std::move(e).in(describe(*c.node)) : e;
}

class Inference {
 public:
  Inference(Facts given, std::vector<Contradiction>& found) : facts_(std::move(given)), found_(found) {}
  Facts take() { return std::move(facts_); }

  Status main_graph(const Graph& graph) {
    for (const Value* v : graph.inputs) {
      const auto it = facts_.find(v);
      if (it == facts_.end()) {
        name_unknown(facts_.emplace(v, declared_fact(*v)).first->second);
        continue;
      }
      bind_symbols(v->shape, it->second.shape);
      Fact& given = it->second;
      if (given.dtype == DType::undefined) given.dtype = v->dtype;
      if (!given.shape.ranked) given.shape = v->shape;
      if (!given.element) given.element = v->element;
      settle(given);
      name_unknown(given);
    }
    return run(graph);
  }

 private:
  // A dimension that nothing is known of gets a name of its own, so that rules can follow it; it never leaves for a file.
  void name_unknown(Fact& fact) {
    for (Dim& d : fact.shape.dims)
      if (!d.known() && d.symbol.empty()) d = Dim(format("?{}", ++names_));
  }

  // A symbol of a declared input shape stands for the given number everywhere.
  void bind_symbols(const Shape& declared, const Shape& given) {
    if (declared.rank() != given.rank()) return;
    for (std::size_t i = 0; i < given.rank(); ++i)
      if (given.dims[i].known() && !declared.dims[i].symbol.empty()) symbols_[declared.dims[i].symbol] = given.dims[i].value;
  }
  Shape bound(Shape shape) const {
    for (Dim& d : shape.dims)
      if (const auto it = symbols_.find(d.symbol); !d.known() && it != symbols_.end()) d = Dim(it->second);
    return shape;
  }

  const Fact& fact_of(const Value* v) {
    const auto it = facts_.find(v);
    if (it != facts_.end()) return it->second;
    Fact f = declared_fact(*v);
    f.shape = bound(std::move(f.shape));
    return facts_.emplace(v, std::move(f)).first->second;
  }

  Status run(const Graph& graph) {
    for (const Node* node : graph.nodes()) CHECK_OK(infer_node(*node));
    for (const Value* v : graph.values()) fact_of(v);
    return Ok{};
  }

  Status infer_node(const Node& node) {
    std::vector<const Fact*> in;
    for (const Value* v : node.inputs) in.push_back(v ? &fact_of(v) : nullptr);
    std::vector<Fact> out(node.outputs.size());
    if (node.schema) {
      Status formed = check_form_and_types(node, in);
      if (!formed) {  // no branch may hold such a node, whether it runs or not
        found_.push_back({&node, formed.error().message});
      } else if (Status s = apply_rule(node, in, out); !s) {
        found_.push_back({&node, s.error().message, conditional_});
        out.assign(node.outputs.size(), {});
      }
    }
    CHECK_OK(visit_bodies(node));
    for (std::size_t i = 0; i < out.size(); ++i)
      if (const Value* v = node.outputs[i]) record(node, *v, std::move(out[i]));
    return Ok{};
  }

  static Status check_form_and_types(const Node& node, std::span<const Fact* const> in) {
    std::vector<DType> dtypes;
    for (const Fact* f : in) dtypes.push_back(f ? f->dtype : DType::undefined);
    return check_node(node, dtypes);
  }

  Status apply_rule(const Node& node, std::span<const Fact* const> in, std::vector<Fact>& out) {
    if (!node.schema->infer) return Ok{};
    InferCall call(node, in, out);
    call.infer_body = [&](const Graph& body, std::vector<Fact> inputs) { return infer_body(node, body, std::move(inputs)); };
    CHECK_OK(node.schema->infer(call));
    for (Fact& f : out) settle(f);
    fold(node, in, out);
    return Ok{};
  }

  // Evaluates a node whose inputs are all known. An error of the loop is left for the run to report.
  void fold(const Node& node, std::span<const Fact* const> in, std::vector<Fact>& out) {
    const Op& op = *node.schema;
    if (!op.reference || !op.deterministic || out.empty()) return;
    if (std::ranges::all_of(out, [](const Fact& f) { return f.constant.has_value(); })) return;
    std::int64_t total = 0;
    std::vector<const Tensor*> tensors;
    for (const Fact* f : in) {
      if (f && !f->constant) return;
      tensors.push_back(f ? &*f->constant : nullptr);
      if (f) total += f->constant->count();
    }
    if (total > max_folded || !std::ranges::all_of(out, [](const Fact& f) { return small(f.shape); })) return;
    bool bodies = false;
    node.each_body([&](Graph&) { bodies = true; });
    if (bodies) return;
    std::vector<Tensor> results(out.size());
    OpCall call(node, tensors, results);
    if (!op.reference(call)) return;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!results[i]) continue;
      out[i].constant = std::move(results[i]);
      settle(out[i]);
    }
  }

  Result<std::vector<Fact>> infer_body(const Node& node, const Graph& body, std::vector<Fact> inputs) {
    visited_.push_back(&body);
    body_nodes_ += body.nodes().size();
    if (visited_.size() > max_body_passes || body_nodes_ > max_body_nodes) return invalid("its bodies nest too deep");
    for (std::size_t i = 0; i < body.inputs.size() && i < inputs.size(); ++i) {
      const Value* v = body.inputs[i];
      complete(inputs[i], *v, bound(v->shape));
      settle(inputs[i]);
      name_unknown(inputs[i]);
      facts_.insert_or_assign(v, std::move(inputs[i]));
    }
    const std::size_t before = found_.size();
    conditional_ += node.is("If");
    Status s = run(body);
    conditional_ -= node.is("If");
    CHECK_OK(std::move(s));
    for (std::size_t i = before; node.is("If") && i < found_.size(); ++i)  // its rule decides what a branch that fails means
      if (const Contradiction& c = found_[i]; c.conditional == conditional_ + 1 && !c.declared) return as_error(c);
    std::vector<Fact> out;
    for (const Value* v : body.outputs) out.push_back(fact_of(v));
    return out;
  }

  // Bodies that no rule asked for (the operator is unknown, or its rule failed before): from their declarations.
  Status visit_bodies(const Node& node) {
    Status status = Ok{};
    node.each_body([&](const Graph& body) {
      if (!status || std::ranges::find(visited_, &body) != visited_.end()) return;
      std::vector<Fact> inputs;
      for (const Value* v : body.inputs) inputs.push_back(declared_fact(*v));
      auto facts = infer_body(node, body, std::move(inputs));
      if (!facts && !node.is("If")) status = std::move(facts).error();
    });
    return status;
  }

  void record(const Node& node, const Value& v, Fact fact) {
    const std::string wrong = complete(fact, v, bound(v.shape));
    if (!wrong.empty()) found_.push_back({&node, format("output '{}' {}", v.name, wrong), conditional_, true});
    settle(fact);
    name_unknown(fact);
    facts_.insert_or_assign(&v, std::move(fact));
  }

  Facts facts_;
  std::vector<Contradiction>& found_;
  std::map<std::string, std::int64_t, std::less<>> symbols_;
  std::vector<const Graph*> visited_;  // bodies
  std::size_t body_nodes_ = 0;         // of these
  int names_ = 0;                      // given by name_unknown
  int conditional_ = 0;                // depth of If
};

// Writes a fact into its value; dimensions that the file named keep their names, and those named here only have none.
void write(Value& v, const Fact& fact) {
  if (fact.dtype != DType::undefined) v.dtype = fact.dtype;
  if (fact.element) v.element = fact.element;
  if (!fact.shape.ranked) return;
  if (!v.shape.ranked || v.shape.rank() != fact.shape.rank()) v.shape = Shape::unknown(fact.shape.rank());
  for (std::size_t i = 0; i < v.shape.rank(); ++i) {
    const Dim& found = fact.shape.dims[i];
    if (found.known() || (v.shape.dims[i].symbol.empty() && is_named(found))) v.shape.dims[i] = found;
  }
}

void write_all(Graph& graph, const Facts& facts) {
  for (Value* v : graph.values())
    if (const auto it = facts.find(v); it != facts.end()) write(*v, it->second);
  for (Node* node : graph.nodes()) node->each_body([&](Graph& body) { write_all(body, facts); });
}

}  // namespace

Fact declared_fact(const Value& v) {
  Fact f;
  f.dtype = v.dtype;
  f.shape = v.shape;
  f.element = v.element;
  f.constant = v.constant;
  settle(f);
  return f;
}

Result<Facts> infer(const Graph& graph, Facts given) {
  std::vector<Contradiction> found;
  Facts facts = infer(graph, std::move(given), found);
  for (const Contradiction& c : found)
    if (c.conditional == 0 && !c.declared) return as_error(c);
  return facts;
}

Facts infer(const Graph& graph, Facts given, std::vector<Contradiction>& found) {
  Inference inference(std::move(given), found);
  const Status s = inference.main_graph(graph);
  if (!s) found.push_back({nullptr, s.error().message});
  return inference.take();
}

Status infer_shapes(Graph& graph) {
  std::vector<Contradiction> found;
  const Facts facts = infer(graph, {}, found);
  for (const Contradiction& c : found)
    if (c.conditional == 0) return as_error(c);
  write_all(graph, facts);
  return Ok{};
}

}  // namespace hone
