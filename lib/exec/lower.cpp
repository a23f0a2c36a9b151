// SPDX-License-Identifier: Apache-2.0
// What the steps of compile() share, and constant folding.
#include "lib/exec/lower.h"

#include "lib/ops/infer.h"

namespace hone {
namespace {

void write_shapes(Graph& graph, const Facts& facts) {
  for (Value* v : graph.values()) {
    const auto it = facts.find(v);
    if (it == facts.end() || !v->producer) continue;
    if (it->second.dtype != DType::undefined) v->dtype = it->second.dtype;
    const bool declared = !graph.owner && graph.is_output(v) && v->shape.ranked;
    if (!declared) v->shape = it->second.shape;
    if (it->second.element) v->element = it->second.element;
  }
  for (Node* n : graph.nodes()) n->each_body([&](Graph& body) { write_shapes(body, facts); });
}

bool has_body(const Node& node) {
  bool any = false;
  node.each_body([&](const Graph&) { any = true; });
  return any;
}

// Whether evaluating the node now costs no more memory than its inputs do.
bool worth_folding(const Node& node) {
  if (!node.schema || !node.schema->reference || !node.schema->deterministic || has_body(node) || node.inputs.empty()) return false;
  std::int64_t in = 0;
  for (const Value* v : node.inputs) {
    if (v && !v->constant) return false;
    if (v) in += v->constant->count();
  }
  for (const Value* v : node.outputs) {
    if (!v) continue;
    const auto dims = v->shape.concrete();
    const auto count = dims ? element_count(*dims) : Result<std::int64_t>(Error{});
    if (!count || *count > std::max<std::int64_t>(4096, 2 * in) || v->graph->is_output(v)) return false;
  }
  return true;
}

void fold(Graph& graph, Node* node) {
  std::vector<const Tensor*> in;
  for (const Value* v : node->inputs) in.push_back(v ? &*v->constant : nullptr);
  auto results = run_reference(*node, in);
  if (!results) return;  // the run will report it
  for (std::size_t i = 0; i < node->outputs.size(); ++i) {
    Value* v = node->outputs[i];
    if (!v) continue;
    graph.replace_uses(v, graph.constant(v->name, std::move((*results)[i])));
  }
  graph.erase(node);
}

}  // namespace

void refresh_shapes(Graph& main_graph) {
  std::vector<Contradiction> contradictions;
  write_shapes(main_graph, infer(main_graph, {}, contradictions));
}

Status fold_constants(Graph& graph, bool weights) {
  const std::vector<Node*> nodes = graph.nodes();
  for (Node* node : nodes)
    if (worth_folding(*node) || (node->is("Constant") && !graph.is_output(node->output(0))))
      if (weights || !node->is("DequantizeLinear")) fold(graph, node);
  return Ok{};
}

Node* supersede(Graph& graph, Node* old, std::string_view op, std::string_view domain, std::vector<Value*> inputs) {
  Value* before = old->outputs[0];
  Value* after = graph.value(before->name, before->dtype, before->shape);
  after->opaque = before->opaque;
  Node* node = graph.add(op, domain, std::move(inputs), {after}, old);
  node->schema = find_op(op, domain);
  assert(node->schema);
  node->name = old->name;
  const std::string name = before->name;
  graph.replace_uses(before, after);
  graph.erase(old);
  graph.rename(after, name);
  return node;
}

Value* insert(Graph& graph, Node* before, std::string_view op, std::string_view domain, std::vector<Value*> inputs, std::string_view hint, DType dtype, Shape shape) {
  Value* out = graph.value(hint, dtype, std::move(shape));
  Node* node = graph.add(op, domain, std::move(inputs), {out}, before);
  node->schema = find_op(op, domain);
  assert(node->schema);
  node->name = before->name;
  return out;
}

Tensor transpose(const Tensor& t, const std::vector<std::int64_t>& perm) {
  Node node;
  node.op = "Transpose";
  node.schema = find_op("Transpose", "");
  node.attributes["perm"] = perm;
  Value from, to;
  node.inputs = {&from};
  node.outputs = {&to};
  const Tensor* in[] = {&t};
  return std::move(run_reference(node, in).value()[0]);
}

bool is_elementwise(const Node& node) {
  static constexpr std::string_view names[] = {
      "Abs", "Add", "Ceil", "Clip", "Div", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Log",
      "Max", "Min", "Mish", "Mul", "Neg", "PRelu", "Pow", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Softplus", "Softsign", "Sqrt",
      "Sub", "Sum", "Swish", "Tanh"};
  return node.domain.empty() && node.outputs.size() == 1 && std::ranges::find(names, node.op) != std::end(names);
}

void copy_attributes(const Node& from, Node& to, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string key(name);
    if (const auto* list = from.find<std::vector<std::int64_t>>(name)) to.attributes[key] = *list;
    if (const auto* one = from.find<std::int64_t>(name)) to.attributes[key] = *one;
    if (const auto* text = from.find<std::string>(name)) to.attributes[key] = *text;
  }
}

bool is_inner(const Value* v) {
  return v->users.size() == 1 && v->users[0]->graph == v->graph && !v->graph->is_output(v);
}

std::optional<float> scalar(const Value* v) {
  if (!v || !v->constant || v->constant->count() != 1 || v->constant->dtype() == DType::string) return std::nullopt;
  return v->constant->to_floats()[0];
}

}  // namespace hone
