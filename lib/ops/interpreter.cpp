// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/interpreter.h"

#include <algorithm>
#include <unordered_map>

#include "lib/base/closest.h"
#include "lib/ir/limits.h"
#include "lib/ops/infer.h"
#include "lib/ops/schema.h"

namespace hone {
namespace {

using RunBody = std::function<Result<std::vector<Tensor>>(const Graph&, std::vector<Tensor>)>;

bool agrees(const Fact& fact, const Tensor& t) {
  if (fact.dtype == DType::optional) return true;  // a present one is its content
  if (fact.dtype != DType::undefined && fact.dtype != t.dtype()) return false;
  if (!fact.shape.ranked) return true;
  if (fact.shape.rank() != t.rank()) return false;
  for (std::size_t i = 0; i < t.rank(); ++i)
    if (fact.shape.dims[i].known() && fact.shape.dims[i].value != t.dims()[i]) return false;
  return true;
}

// What the shape rule says of these very inputs: the loops rely on what it checks.
Result<std::vector<Fact>> rule(const Node& node, std::span<const Tensor* const> inputs) {
  std::vector<Fact> facts(inputs.size());
  std::vector<const Fact*> in;
  std::vector<DType> dtypes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i]) facts[i] = fact_of(*inputs[i]);
    in.push_back(inputs[i] ? &facts[i] : nullptr);
    dtypes.push_back(facts[i].dtype);
  }
  CHECK_OK(check_node(node, dtypes));
  std::vector<Fact> out(node.outputs.size());
  if (!node.schema->infer) return out;
  InferCall call(node, in, out);
  // Bodies are checked node by node as they run; until then nothing is known of what they return.
  call.infer_body = [](const Graph& body, std::vector<Fact>) -> Result<std::vector<Fact>> {
    return std::vector<Fact>(body.outputs.size());
  };
  CHECK_OK(node.schema->infer(call));
  return out;
}

// A shape rule that knows its outputs' shapes answers for the memory that its loop will ask for.
Status check_outputs(std::span<const Fact> outputs) {
  std::uint64_t bytes = 0;
  for (const Fact& f : outputs) {
    const auto dims = f.shape.concrete();
    if (!dims || bits(f.dtype) == 0) continue;
    TRY(const std::int64_t count, element_count(*dims));
    const auto more = checked_add(bytes, count > INT64_MAX / 32 ? UINT64_MAX : bytes_of(f.dtype, static_cast<std::size_t>(count)));
    bytes = more.value_or(UINT64_MAX);
  }
  return check_memory(bytes);
}

Result<std::vector<Tensor>> run_node(const Node& node, std::span<const Tensor* const> inputs, const RunBody& run_body) {
  if (!node.schema) {
    return invalid("unknown operator{}; Hone cannot run it", node.domain.empty() ? "" : format(" of domain '{}'", node.domain));
  }
  if (!node.schema->reference) return invalid("the operator cannot be run by itself");
  TRY(const std::vector<Fact> expected, rule(node, inputs));
  CHECK_OK(check_outputs(expected));
  std::vector<Tensor> outputs(node.outputs.size());
  OpCall call(node, inputs, outputs);
  call.run_body = run_body;
  CHECK_OK(node.schema->reference(call));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!node.output(i)) continue;
    if (!outputs[i]) return bug("output {} was not computed", i);
    if (!agrees(expected[i], outputs[i]))
      return bug("output {} is {} {}, but its shape rule says {} {}", i, name(outputs[i].dtype()), to_string(outputs[i].dims()),
                 name(expected[i].dtype), to_string(expected[i].shape));
  }
  return outputs;
}

// Calls f for each value that node reads, captures of its bodies included.
void each_read(const Node& node, const std::function<void(const Value*)>& f) {
  for (const Value* v : node.inputs)
    if (v) f(v);
  node.each_body([&](const Graph& body) {
    for (const Node* inner : body.nodes()) each_read(*inner, f);
    for (const Value* v : body.outputs) f(v);
  });
}

class Interpreter {
 public:
  explicit Interpreter(const Observer& observe) : observe_(observe) {}

  // `inputs` in graph order; an empty tensor stands for an input left out (its initializer is used).
  Result<std::vector<Tensor>> run(const Graph& graph, std::vector<Tensor> inputs) {
    for (std::size_t i = 0; i < graph.inputs.size(); ++i)
      if (i < inputs.size() && inputs[i]) live_.insert_or_assign(graph.inputs[i], std::move(inputs[i]));
    const Releases& releases = releases_of(graph);
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
      const Node& node = *graph.nodes()[i];
      if (Status s = step(node); !s) return std::move(s).error().in(describe(node));
      for (const Value* v : releases[i]) live_.erase(v);
    }
    std::vector<Tensor> outputs;
    for (const Value* v : graph.outputs) {
      const Tensor* t = find(v);
      if (!t) return invalid("output '{}' has no value", v->name);
      outputs.push_back(*t);
    }
    for (const Value* v : graph.outputs)
      if (v->graph == &graph) live_.erase(v);
    for (const Value* v : graph.inputs) live_.erase(v);
    return outputs;
  }

 private:
  using Releases = std::vector<std::vector<const Value*>>;  // after node i, these values of its graph are no longer needed

  const Tensor* find(const Value* v) const {
    const auto it = live_.find(v);
    if (it != live_.end()) return &it->second;
    return v->constant ? &*v->constant : nullptr;
  }

  Status step(const Node& node) {
    if (++steps_ > limits().steps) return invalid("the model ran {} nodes and came to no end", limits().steps);
    std::vector<const Tensor*> inputs;
    for (const Value* v : node.inputs) {
      inputs.push_back(v ? find(v) : nullptr);
      if (v && !inputs.back()) return invalid("input '{}' has no value", v->name);
    }
    const RunBody run_body = [this](const Graph& body, std::vector<Tensor> in) { return run(body, std::move(in)); };
    TRY(std::vector<Tensor> outputs, run_node(node, inputs, run_body));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Value* v = node.output(i);
      if (!v) continue;
      const Tensor& t = live_.insert_or_assign(v, std::move(outputs[i])).first->second;
      if (observe_) observe_(*v, t);
    }
    return Ok{};
  }

  const Releases& releases_of(const Graph& graph) {
    const auto [it, fresh] = releases_.try_emplace(&graph);
    if (!fresh) return it->second;
    std::unordered_map<const Value*, std::size_t> last;
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
      const auto see = [&](const Value* v) {
        if (v && v->graph == &graph) last[v] = i;
      };
      each_read(*graph.nodes()[i], see);
      for (const Value* v : graph.nodes()[i]->outputs) see(v);
    }
    for (const Value* v : graph.outputs) last.erase(v);
    it->second.resize(graph.nodes().size());
    for (const auto& [v, i] : last) it->second[i].push_back(v);
    return it->second;
  }

  const Observer& observe_;
  std::uint64_t steps_ = 0;
  std::unordered_map<const Value*, Tensor> live_;
  std::unordered_map<const Graph*, Releases> releases_;
};

std::string names_of(const Graph& graph) {
  std::string text;
  for (const Value* v : graph.inputs) text += format("{}'{}'", text.empty() ? "" : ", ", v->name);
  return text.empty() ? "none" : text;
}

bool fits(const Shape& shape, std::span<const std::int64_t> dims) {
  if (!shape.ranked) return true;
  if (shape.rank() != dims.size()) return false;
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (shape.dims[i].known() && shape.dims[i].value != dims[i]) return false;
  return true;
}

// Whether t, or every item in it, is of the type.
bool holds(const ValueType& type, const Tensor& t) {
  if (!is_aggregate(type.dtype)) return (type.dtype == DType::undefined || type.dtype == t.dtype()) && fits(type.shape, t.dims());
  if (type.dtype == DType::optional && t.dtype() != DType::optional) return !type.element || holds(*type.element, t);
  if (type.dtype != t.dtype()) return false;
  const std::span<const Tensor> items = type.dtype == DType::map && t.items()[1].dtype() == DType::sequence ? t.items()[1].items() : t.items();
  if (!type.element || t.count() == 0) return true;
  if (type.dtype == DType::map && items.data() == t.items().data()) return type.element->dtype == DType::undefined || type.element->dtype == items[1].dtype();
  return std::ranges::all_of(items, [&](const Tensor& item) { return holds(*type.element, item); });
}

// A channels-last image for a channels-first input, or the reverse; or a batch axis that is missing.
std::string shape_hint(const Shape& shape, const Dims& dims) {
  if (dims.size() == 4 && fits(shape, Dims{dims[0], dims[3], dims[1], dims[2]}))
    return "; the data looks like NHWC and the model wants NCHW: transpose it by (0, 3, 1, 2)";
  if (dims.size() == 4 && fits(shape, Dims{dims[0], dims[2], dims[3], dims[1]}))
    return "; the data looks like NCHW and the model wants NHWC: transpose it by (0, 2, 3, 1)";
  Dims batched = dims;
  batched.insert(batched.begin(), 1);
  if (shape.ranked && fits(shape, batched)) return "; the batch axis is missing: add a first axis of size 1";
  return "";
}

Status check_input(const Value& v, const Tensor& t) {
  if (is_aggregate(v.dtype)) {
    if (holds(v.type(), t)) return Ok{};
    if (v.dtype == DType::optional || is_aggregate(t.dtype()))
      return invalid("input '{}' is not the {} that the model declares: another element type or shape", v.name, name(v.dtype));
    return invalid("input '{}' is a {}, which no array can carry; run the model with --test-data", v.name, name(v.dtype));
  }
  if (v.dtype != DType::undefined && v.dtype != t.dtype())
    return invalid("input '{}' is {}, but the model wants {}: convert the data", v.name, name(t.dtype()), name(v.dtype));
  if (fits(v.shape, t.dims())) return Ok{};
  return invalid("input '{}' has shape {}, but the model wants {}{}", v.name, to_string(t.dims()), to_string(v.shape),
                 shape_hint(v.shape, t.dims()));
}

}  // namespace

Status check_inputs(const Graph& graph, const NamedTensors& inputs) {
  for (const auto& [name, tensor] : inputs) {
    const auto it = std::ranges::find(graph.inputs, name, &Value::name);
    if (it != graph.inputs.end()) {
      CHECK_OK(check_input(**it, tensor));
      continue;
    }
    std::vector<std::string> known;
    for (const Value* v : graph.inputs) known.push_back(v->name);
    const std::string meant = closest(name, known);
    return invalid("the model has no input '{}'{}; its inputs are: {}", name, meant.empty() ? "" : format(": did you mean '{}'?", meant),
                   names_of(graph));
  }
  for (const Value* v : graph.inputs)
    if (!v->constant && !inputs.contains(v->name))
      return is_aggregate(v->dtype) ? invalid("input '{}' (a {}) is missing; run the model with --test-data, for no array can carry it", v->name, name(v->dtype))
                                    : invalid("input '{}' ({} {}) is missing", v->name, name(v->dtype), to_string(v->shape));
  return Ok{};
}

Result<std::vector<Tensor>> run_reference(const Node& node, std::span<const Tensor* const> inputs) {
  const Observer unobserved;
  Interpreter interpreter(unobserved);
  const RunBody run_body = [&](const Graph& body, std::vector<Tensor> in) { return interpreter.run(body, std::move(in)); };
  return run_node(node, inputs, run_body).in(describe(node));
}

Result<std::vector<Tensor>> interpret(const Graph& graph, const NamedTensors& inputs, const Observer& observe) {
  CHECK_OK(check_inputs(graph, inputs));
  std::vector<Tensor> in;
  for (const Value* v : graph.inputs) {
    const auto it = inputs.find(v->name);
    in.push_back(it == inputs.end() ? Tensor() : it->second);
  }
  return Interpreter(observe).run(graph, std::move(in));
}

}  // namespace hone
