// SPDX-License-Identifier: Apache-2.0
// Runs its body once for each slice of the scanned inputs. The body takes (state..., slices...) and returns (state..., slices
// of outputs...), which are stacked.
#include <algorithm>

#include "lib/ops/move.h"
#include "lib/ops/random.h"

namespace hone {

namespace {

struct Layout {
  const Graph* body;
  std::size_t states, scans, results;  // inputs = states + scans; outputs = states + results
};
Result<Layout> layout_of(const Node& node, std::size_t inputs, std::size_t outputs) {
  const Graph* body = node.body("body");
  const std::int64_t scans = node.integer("num_scan_inputs");
  if (scans < 1 || scans > static_cast<std::int64_t>(inputs)) return invalid("num_scan_inputs is {} for {} inputs", scans, inputs);
  const std::size_t states = inputs - static_cast<std::size_t>(scans);
  if (body->inputs.size() != inputs) return invalid("the body has {} inputs, but the node has {}", body->inputs.size(), inputs);
  if (body->outputs.size() != outputs || outputs < states)
    return invalid("the body has {} outputs, but the node has {}", body->outputs.size(), outputs);
  return Layout{body, states, static_cast<std::size_t>(scans), outputs - states};
}

std::int64_t listed(const Node& node, std::string_view attribute, std::size_t i) {
  const std::vector<std::int64_t> all = node.integers(attribute);
  return i < all.size() ? all[i] : 0;
}

// Slice i along an axis, without that axis.
Tensor slice(OpCall& c, const Tensor& x, std::size_t axis, std::int64_t i) {
  Dims dims = x.dims();
  dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
  std::vector<Tensor> out(1);
  OpCall inner(c.node, {}, out);
  Mover y(inner, 0, x.dtype(), dims);
  const std::int64_t outer = product(x.dims(), 0, axis), n = product(x.dims(), axis + 1, x.rank());
  for (std::int64_t o = 0; o < outer; ++o) y.copy(x, (o * x.dims()[axis] + i) * n, o * n, n);
  static_cast<void>(y.finish());
  return out[0];
}

Status stack(OpCall& c, std::size_t output, const std::vector<Tensor>& parts, std::int64_t axis, bool backward) {
  if (parts.empty()) return invalid("the scanned inputs have no slices");
  if (is_aggregate(parts[0].dtype())) return invalid("output {} is a {} in each step, which cannot be stacked", output, name(parts[0].dtype()));
  TRY(const std::size_t at, normalize_axis(axis, parts[0].rank() + 1));
  Dims dims = parts[0].dims();
  const std::int64_t outer = product(dims, 0, at), inner = product(dims, at, dims.size());
  const auto n = static_cast<std::int64_t>(parts.size());
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(at), n);
  CHECK_OK(check_size(dims));
  Mover y(c, output, parts[0].dtype(), dims);
  for (std::int64_t i = 0; i < n; ++i) {
    const Tensor& part = parts[static_cast<std::size_t>(backward ? n - 1 - i : i)];
    if (part.dims() != parts[0].dims() || part.dtype() != parts[0].dtype())
      return invalid("output {} changes its shape from step to step", output);
    for (std::int64_t o = 0; o < outer; ++o) y.copy(part, o * inner, (o * n + i) * inner, inner);
  }
  return y.finish();
}

}  // namespace

static Status infer(InferCall& c) {
  TRY(const Layout l, layout_of(c.node, c.inputs(), c.outputs()));
  std::vector<Fact> in;
  Dim length;
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    Fact f{c.dtype(i), c.shape(i), std::nullopt, std::nullopt};
    if (i >= l.states && f.shape.ranked) {
      TRY(const std::size_t axis, normalize_axis(listed(c.node, "scan_input_axes", i - l.states), f.shape.rank()));
      if (!length.known()) length = f.shape.dims[axis];
      f.shape.dims.erase(f.shape.dims.begin() + static_cast<std::ptrdiff_t>(axis));
    }
    in.push_back(std::move(f));
  }
  TRY(const std::vector<Fact> out, c.infer_body(*l.body, std::move(in)));
  for (std::size_t i = 0; i < c.outputs(); ++i) {
    Shape s = out[i].shape;
    if (i >= l.states && s.ranked) {
      TRY(const std::size_t axis, normalize_axis(listed(c.node, "scan_output_axes", i - l.states), s.rank() + 1));
      s.dims.insert(s.dims.begin() + static_cast<std::ptrdiff_t>(axis), length);
    }
    c.set(i, out[i].dtype == DType::undefined && i < l.states ? c.dtype(i) : out[i].dtype, std::move(s));
  }
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const Layout l, layout_of(c.node, c.inputs(), c.outputs()));
  std::vector<Tensor> state;
  for (std::size_t i = 0; i < l.states; ++i) state.push_back(c.in(i));
  std::vector<std::size_t> axes;
  std::int64_t steps = 0;
  for (std::size_t i = 0; i < l.scans; ++i) {
    const Tensor& x = c.in(l.states + i);
    TRY(const std::size_t axis, normalize_axis(listed(c.node, "scan_input_axes", i), x.rank()));
    axes.push_back(axis);
    if (i > 0 && x.dims()[axis] != steps) return invalid("the scanned inputs have {} and {} slices", steps, x.dims()[axis]);
    steps = x.dims()[axis];
  }
  std::vector<std::vector<Tensor>> results(l.results);
  for (std::int64_t t = 0; t < steps; ++t) {
    std::vector<Tensor> in = state;
    for (std::size_t i = 0; i < l.scans; ++i) {
      const bool backward = listed(c.node, "scan_input_directions", i) != 0;
      in.push_back(slice(c, c.in(l.states + i), axes[i], backward ? steps - 1 - t : t));
    }
    const RandomIteration iteration(t);
    TRY(std::vector<Tensor> out, c.run_body(*l.body, std::move(in)));
    for (std::size_t i = 0; i < l.states; ++i) state[i] = std::move(out[i]);
    for (std::size_t i = 0; i < l.results; ++i) results[i].push_back(std::move(out[l.states + i]));
  }
  for (std::size_t i = 0; i < l.states; ++i) c.set(i, state[i]);
  for (std::size_t i = 0; i < l.results; ++i)
    CHECK_OK(stack(c, l.states + i, results[i], listed(c.node, "scan_output_axes", i), listed(c.node, "scan_output_directions", i) != 0));
  return Ok{};
}

namespace {

// Makes the states of a body stay what they are from step `length` on: adds to the body the number of the step as its last input.
void freeze_states(Graph& body, Value* length, std::size_t states) {
  Value* step = body.input("step", DType::i64, Shape{});
  Value* active = body.value("active", DType::boolean, Shape{});
  body.add("Less", "", {step, length}, {active})->schema = find_op("Less", "");
  for (std::size_t i = 0; i < states; ++i) {
    Value* kept = body.value(body.outputs[i]->name + "_kept");
    body.add("Where", "", {active, body.outputs[i], body.inputs[i]}, {kept})->schema = find_op("Where", "");
    body.set_output(i, kept);
  }
}

// Names in a body that the graphs around it use too, now that there is one more of them.
void rename_clashes(Graph& body) {
  for (Value* v : body.values()) {
    if (!body.parent()->lookup(v->name)) continue;
    std::string free;
    for (int i = 1; free.empty() || body.lookup(free); ++i) free = format("{}_{}", v->name, i);
    body.rename(v, free);
  }
  for (const Node* node : body.nodes()) node->each_body(rename_clashes);
}

}  // namespace

// Opset 8 scanned axis 1 of each sample of a batch: a Scan over the batch whose body is the Scan of one sample.
//   Scan <body, directions> (lengths, states..., inputs...)  =>  Scan <body = { Scan <body> (states..., inputs...) }> (states..., inputs...)
// With lengths, the states freeze at a sample's length, and what is read backward is reversed before, up to that length.
static Status upgrade(Graph& g, Node& n, int opset) {
  if (opset != 8 || n.attributes.contains("scan_input_axes")) return Ok{};  // the inner Scan is in the newest form
  const std::int64_t scans = n.integer("num_scan_inputs");
  const Graph* old = n.body("body");
  if (!old || n.inputs.empty() || scans < 1 || scans >= static_cast<std::int64_t>(n.inputs.size()) || old->inputs.size() + 1 != n.inputs.size() || old->outputs.size() < n.outputs.size())
    return invalid("the body does not fit {} inputs, {} of them scanned, and {} outputs", n.inputs.size(), scans, n.outputs.size());
  for (std::size_t i = 1; i < n.inputs.size(); ++i)
    if (!n.inputs[i]) return invalid("input {} is left out", i);
  const std::size_t states = n.inputs.size() - 1 - static_cast<std::size_t>(scans);
  if (old->outputs.size() < states) return invalid("the body has {} outputs for {} states", old->outputs.size(), states);
  std::vector<std::int64_t> directions = n.integers("directions");
  directions.resize(static_cast<std::size_t>(scans), 0);
  Value* lengths = n.inputs[0];
  for (std::size_t i = 1; i < n.inputs.size(); ++i) {  // the states and inputs move to the front, the lengths to the end
    Value* v = n.inputs[i];
    if (lengths && i > states && directions[i - 1 - states] != 0) {
      Value* reversed = g.value(v->name + "_reversed");
      add_before(g, n, "ReverseSequence", {v, lengths}, reversed);
      reversed->producer->attributes.emplace("batch_axis", std::int64_t{0});
      reversed->producer->attributes.emplace("time_axis", std::int64_t{1});
      directions[i - 1 - states] = 0;
      v = reversed;
    }
    g.set_input(&n, i - 1, v);
  }
  const std::size_t last = n.inputs.size() - 1;
  g.set_input(&n, last, lengths);
  n.inputs.resize(last + (lengths ? 1 : 0));

  auto outer = std::make_unique<Graph>();
  Graph& sample = *outer;
  sample.name = "sample";
  GraphPtr body = std::move(std::get<GraphPtr>(n.attributes.find("body")->second));
  n.attributes.clear();
  n.attributes.emplace("num_scan_inputs", static_cast<std::int64_t>(n.inputs.size()));
  g.attach(&n, "body", std::move(outer));
  std::vector<Value*> in, out;
  for (const Value* v : n.inputs) in.push_back(sample.input(v->name + "_sample", DType::undefined, Shape()));
  for (const Value* v : body->outputs) out.push_back(sample.value(v->name + "_sample"));
  if (lengths) {
    Value* shape = sample.value("shape");
    Value* count = sample.value("count");
    Value* steps = sample.value("steps");
    const auto add = [&](std::string_view op, std::vector<Value*> from, Value* to) { sample.add(op, "", std::move(from), {to})->schema = find_op(op, ""); };
    add("Shape", {in[last - 1]}, shape);
    add("Gather", {shape, sample.constant("zero", Tensor::scalar<std::int64_t>(0))}, count);
    add("Range", {sample.constant("first", Tensor::scalar<std::int64_t>(0)), count, sample.constant("step", Tensor::scalar<std::int64_t>(1))}, steps);
    freeze_states(*body, in[last], states);
    in.back() = steps;
    directions.push_back(0);
  }
  Node* inner = sample.add("Scan", "", in, out);
  inner->schema = find_op("Scan", "");
  inner->attributes.emplace("num_scan_inputs", static_cast<std::int64_t>(directions.size()));
  inner->attributes.emplace("scan_input_axes", std::vector<std::int64_t>(directions.size(), 0));
  inner->attributes.emplace("scan_input_directions", directions);
  sample.attach(inner, "body", std::move(body));
  rename_clashes(*inner->body("body"));
  for (std::size_t i = 0; i < out.size(); ++i) sample.outputs.push_back(out[i]);
  return Ok{};
}
extern const Op scan_op{.name = "Scan",
                        .since = 9,
                        .inputs = "initial_state_and_scan_inputs...: all",
                        .outputs = "final_state_and_scan_outputs...: all",
                        .attributes =
                            "body!: graph, num_scan_inputs!: int, scan_input_axes: ints, scan_input_directions: ints, "
                            "scan_output_axes: ints, scan_output_directions: ints",
                        .infer = infer,
                        .reference = run,
                        .upgrade = upgrade};

}  // namespace hone
