// SPDX-License-Identifier: Apache-2.0
#include "lib/onnx/downgrade.h"

#include <algorithm>
#include <charconv>

#include "lib/onnx/history.h"
#include "lib/ops/schema.h"
#include "lib/ops/upgrade.h"

namespace hone {

DType Descent::dtype(const Value* v) const {
  const auto it = facts_.find(v);
  return it != facts_.end() && it->second.dtype != DType::undefined ? it->second.dtype : v->dtype;
}
Shape Descent::shape(const Value* v) const {
  const auto it = facts_.find(v);
  return it != facts_.end() && it->second.shape.ranked ? it->second.shape : v->shape;
}
const Tensor* Descent::constant(const Value* v) const {
  if (!v) return nullptr;
  if (v->constant) return std::ranges::find(v->graph->inputs, v) == v->graph->inputs.end() ? &*v->constant : nullptr;
  const auto it = facts_.find(v);
  return it != facts_.end() && it->second.constant ? &*it->second.constant : nullptr;
}
std::optional<std::vector<std::int64_t>> Descent::integers(std::size_t input) const {
  const Tensor* t = constant(node.input(input));
  if (!t || !is_integer(t->dtype())) return std::nullopt;
  return t->to_ints();
}

Value* Descent::add(std::string_view op, std::vector<Value*> in, const Value* like) { return add(op, std::move(in), dtype(like), shape(like)); }
Value* Descent::add(std::string_view op, std::vector<Value*> in, DType dtype, Shape shape) {
  Value* out = graph.value(format("{}_{}", node.output(0) ? node.output(0)->name : node.op, op), dtype, std::move(shape));
  added_.push_back(graph.add(op, "", std::move(in), {out}, &node));
  return out;
}
Value* Descent::number(double value, DType type) {
  Tensor t = Tensor::allocate(type, {});
  switch (type) {
    case DType::f64: *t.data<double>() = value; break;
    case DType::f16: *t.data<Half>() = Half(static_cast<float>(value)); break;
    case DType::bf16: *t.data<BFloat>() = BFloat(static_cast<float>(value)); break;
    default: t = Tensor::scalar(static_cast<float>(value)); break;
  }
  return graph.constant(format("{}_{}", node.output(0) ? node.output(0)->name : "c", "factor"), std::move(t));
}
Value* Descent::vector_of(std::vector<std::int64_t> values) { return graph.constant("indices", Tensor::vector<std::int64_t>(values)); }

void Descent::replace(std::size_t output, Value* made) {
  Value* old = node.output(output);
  replaced = true;
  if (!old) return;
  // The node that made the new value makes the old one instead: names and declared types of outputs stay.
  Node* maker = made->producer;
  assert(maker && made->users.empty());
  Node* again = nullptr;
  node.outputs[output] = nullptr;
  old->producer = nullptr;
  again = graph.add(maker->op, maker->domain, maker->inputs, {old}, &node);
  again->attributes = std::move(maker->attributes);
  std::ranges::replace(added_, maker, again);
  graph.erase(maker);
}
void Descent::become(std::string_view op) {
  node.op = op;
  node.schema = nullptr;
}
void Descent::drop_inputs_from(std::size_t count) {
  while (node.inputs.size() > count) graph.set_input(&node, node.inputs.size() - 1, nullptr);
}
bool Descent::takes(std::string_view op, DType type) const {
  const Form* form = form_at(op, opset);
  return form && form->input(0) && (type == DType::undefined || (form->input(0)->allowed & set_of(type)));
}

namespace {

// An attribute that says what is meant without it.
bool says_default(const Node& node, std::string_view name, const Attribute& value) {
  const Op* op = find_op(node.op, "");
  const FormalAttribute* formal = op ? schema_of(*op).find(name) : nullptr;
  if (name == "dilations")
    if (const auto* v = std::get_if<std::vector<std::int64_t>>(&value)) return std::ranges::all_of(*v, [](std::int64_t d) { return d == 1; });
  if (!formal) return false;
  const std::string_view fallback = formal->fallback;
  if (const auto* i = std::get_if<std::int64_t>(&value)) return fallback.empty() ? *i == 0 : fallback == format("{}", *i);
  if (const auto* s = std::get_if<std::string>(&value)) return *s == fallback;
  if (const auto* f = std::get_if<float>(&value)) {
    float expected = 0;
    const auto [end, code] = std::from_chars(fallback.data(), fallback.data() + fallback.size(), expected);
    return code == std::errc() && expected == *f;
  }
  return false;
}

class Lowering {
 public:
  Lowering(int opset, const Facts& facts) : opset_(opset), facts_(facts) {}

  Status graph(Graph& g) {
    for (Node* node : std::vector<Node*>(g.nodes())) CHECK_OK(lower(g, node, 0));
    return Ok{};
  }

 private:
  Status lower(Graph& g, Node* node, int depth) {
    Status bodies = Ok{};
    node->each_body([&](Graph& body) {
      if (bodies) bodies = graph(body);
    });
    CHECK_OK(std::move(bodies));
    if (!node->domain.empty()) return Ok{};
    const std::string where = describe(*node);
    std::vector<Node*> added;
    Descent d(g, *node, opset_, facts_, added);
    if (Status s = descend(d); !s) {
      if (!fold(d)) return std::move(s).error().in(where);
      added.clear();
    }
    if (d.replaced) remove(g, node);
    if (depth > 8) return bug("{}: its replacements need replacements without end", where);
    for (Node* n : added)
      if (Status s = lower(g, n, depth + 1); !s) return std::move(s).error().in(where);
    return Ok{};
  }

  // Outputs that no one wants stay as values without a maker: facts_ is keyed by addresses, which must not be used again.
  static void remove(Graph& g, Node* node) {
    for (Value*& v : node->outputs) {
      if (v) v->producer = nullptr;
      v = nullptr;
    }
    g.erase(node);
  }

  Status descend(Descent& d) {
    for (bool again = true; again && !d.replaced;) {
      again = false;
      const std::string op = d.node.op;
      for (const Step& step : form_steps()) {
        if (step.op != op || step.from <= opset_ || d.node.op != op || d.replaced) continue;
        CHECK_OK(step.apply(d));
      }
      for (const Step& step : body_steps())
        if (!d.replaced && step.op == op && d.node.op == op && step.from > opset_) CHECK_OK(step.apply(d));
      again = d.node.op != op;
    }
    if (d.replaced) return Ok{};
    if (opset_ < 11) CHECK_OK(count_axes_from_the_front(d));
    return check(d);
  }

  // Axes below 0 are of opset 11.
  Status count_axes_from_the_front(Descent& d) {
    const auto normal = [&](std::int64_t& axis) -> Status {
      if (axis >= 0 || d.node.op == "TopK" || d.node.op == "OneHot" || d.node.op == "Hardmax") return Ok{};
      const Shape x = d.node.input(0) ? d.shape(d.node.input(0)) : Shape();
      if (!x.ranked) return invalid("axis {} counts from the end, which opset 10 does not know, and the rank of '{}' is not known", axis, d.node.input(0) ? d.node.input(0)->name : "");
      axis += static_cast<std::int64_t>(d.node.op == "Unsqueeze" && d.node.output(0) && d.shape(d.node.output(0)).ranked ? d.shape(d.node.output(0)).rank() : x.rank());
      return Ok{};
    };
    if (const auto it = d.node.attributes.find("axis"); it != d.node.attributes.end())
      if (auto* axis = std::get_if<std::int64_t>(&it->second)) CHECK_OK(normal(*axis));
    if (const auto it = d.node.attributes.find("axes"); it != d.node.attributes.end())
      if (auto* axes = std::get_if<std::vector<std::int64_t>>(&it->second))
        for (std::int64_t& axis : *axes) CHECK_OK(normal(axis));
    return Ok{};
  }

  // Whether the node, as it is now, is a node of the target opset.
  Status check(Descent& d) const {
    Node& node = d.node;
    if (first_opset_of(node.op) == 0) return Ok{};  // unknown: another tool may know it
    const Form* form = form_at(node.op, opset_);
    const int first = first_opset_of(node.op);
    if (!form)
      return invalid("opset {} has no {}; convert to opset {} or later", opset_, node.op, first > opset_ ? first : 21);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (!node.inputs[i]) continue;
      const Formal* formal = form->input(i);
      if (!formal) return invalid("{} of opset {} takes {} inputs, not {}", node.op, opset_, form->inputs.size(), node.inputs.size());
      CHECK_OK(check_type(node, *formal, d.dtype(node.inputs[i]), "input"));
    }
    for (std::size_t i = 0; i < form->inputs.size(); ++i)
      if (!form->inputs[i].optional && !form->inputs[i].variadic && !node.input(i))
        return invalid("{} of opset {} needs its input {} ('{}')", node.op, opset_, i, form->inputs[i].name);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (!node.outputs[i]) continue;
      const Formal* formal = form->output(i);
      if (!formal) return invalid("{} of opset {} has {} outputs, not {}", node.op, opset_, form->outputs.size(), node.outputs.size());
      CHECK_OK(check_type(node, *formal, d.dtype(node.outputs[i]), "output"));
    }
    return check_attributes(node, *form);
  }
  Status check_type(const Node& node, const Formal& formal, DType dtype, std::string_view what) const {
    if (dtype == DType::undefined || (formal.allowed & set_of(dtype))) return Ok{};
    int later = opset_;
    for (int version = opset_ + 1; later == opset_ && version <= 28; ++version) {
      const Form* form = form_at(node.op, version);
      for (const auto& list : {form ? form->inputs : std::vector<Formal>(), form ? form->outputs : std::vector<Formal>()})
        for (const Formal& f : list)
          if (f.name == formal.name && (f.allowed & set_of(dtype))) later = version;
    }
    return invalid("{} '{}' is {}, which {} does not take in opset {}; {}", what, formal.name, name(dtype), node.op, opset_,
                   later > opset_ ? format("convert to opset {} or later, or give the model another type", later) : "give the model another type");
  }
  Status check_attributes(Node& node, const Form& form) const {
    for (auto it = node.attributes.begin(); it != node.attributes.end();) {
      if (form.find(it->first)) {
        ++it;
      } else if (says_default(node, it->first, it->second)) {
        it = node.attributes.erase(it);
      } else {
        int later = opset_ + 1;
        for (const Form* f = form_at(node.op, later); later < 28 && (!f || !f->find(it->first)); f = form_at(node.op, later)) ++later;
        return invalid("{} of opset {} has no attribute '{}', and its value is not the default; convert to opset {} or later", node.op, opset_, it->first, later);
      }
    }
    for (const Form::Parameter& p : form.attributes)
      if (p.required && !node.attributes.contains(p.name)) return invalid("{} of opset {} needs the attribute '{}'", node.op, opset_, p.name);
    return Ok{};
  }

  // A node whose outputs are known makes them constants.
  bool fold(Descent& d) const {
    for (const Value* v : d.node.outputs) {
      const auto it = v ? facts_.find(v) : facts_.end();
      if (v && (it == facts_.end() || !it->second.constant)) return false;
    }
    for (std::size_t i = 0; i < d.node.outputs.size(); ++i) {
      Value* v = d.node.outputs[i];
      if (!v) continue;
      d.node.outputs[i] = nullptr;
      v->producer = nullptr;
      d.graph.set_constant(v, *facts_.find(v)->second.constant);
    }
    d.replaced = true;
    return true;
  }

  int opset_;
  const Facts& facts_;
};

void forget_schemas(Graph& g) {
  for (Node* node : g.nodes()) {
    if (node->domain.empty()) node->schema = nullptr;
    node->each_body(forget_schemas);
  }
}

void constants_as_nodes(Graph& body) {
  Node* first = body.nodes().empty() ? nullptr : body.nodes().front();
  for (Value* v : body.values()) {
    if (!v->constant || (v->users.empty() && !body.is_output(v))) continue;
    Tensor t = std::move(*v->constant);
    v->constant.reset();
    body.add("Constant", "", {}, {v}, first)->attributes.emplace("value", std::move(t));
  }
  for (Node* node : body.nodes()) node->each_body(constants_as_nodes);
}

}  // namespace

// Older forms are made of nodes that have what their schemas require.
static Status check_forms(const Graph& graph) {
  Status status = Ok{};
  for (const Node* node : graph.nodes()) {
    if (status && node->schema) status = check_node(*node, {}).in(describe(*node));
    node->each_body([&](const Graph& body) {
      if (status) status = check_forms(body);
    });
  }
  return status;
}

Status downgrade(Model& model, int opset) {
  resolve(*model.graph);
  CHECK_OK(check_forms(*model.graph));
  TRY(const Facts facts, infer(*model.graph));  // nor trust the steps an axis or a shape that a rule has not checked
  CHECK_OK(Lowering(opset, facts).graph(*model.graph));
  forget_schemas(*model.graph);
  model.graph->drop_dead();
  model.opsets[""] = opset;
  return Ok{};
}

void constants_as_inputs(Model& model) {
  Graph& g = *model.graph;
  for (Value* v : g.values())
    if (v->constant && std::ranges::find(g.inputs, v) == g.inputs.end()) g.inputs.push_back(v);
  for (Node* node : g.nodes()) node->each_body(constants_as_nodes);
}

}  // namespace hone
