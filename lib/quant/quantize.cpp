// SPDX-License-Identifier: Apache-2.0
#include "lib/quant/quantize.h"

#include <algorithm>
#include <cmath>

#include "lib/ops/infer.h"

namespace hone {
namespace {

constexpr double bias_limit = 1 << 30;  // leaves room in int32 for the products that are added to it

// Writes QuantizeLinear and DequantizeLinear into the graph.
class Rewriter {
 public:
  Rewriter(Graph& graph, const Scheme& scheme, const std::vector<Affine>& affines, const QuantizeOptions& options, QuantizeReport& report)
      : graph_(graph), scheme_(scheme), affines_(affines), options_(options), report_(report) {
    for (std::size_t i = 0; i < scheme.tensors.size(); ++i) index_[scheme.tensors[i]] = i;
  }

  void run() {
    for (const QuantizedNode& q : scheme_.nodes) q.heavy ? weights(q) : constants(q);
    for (Value* v : scheme_.tensors) activation(v);
  }
  Value* dequantized(const Value* v) const { return dequantized_.at(v); }

 private:
  struct Parameters {
    Value *scale, *zero;
  };

  Node* add(std::string_view op, std::vector<Value*> in, Value* out, Node* before) {
    Node* node = graph_.add(op, "", std::move(in), {out}, before);
    node->name = out->name;
    node->schema = find_op(op, "");
    assert(node->schema);
    return node;
  }
  // The value of a constant stored as integers.
  Value* dequantize(const Value* like, Tensor integers, const Tensor& scale, int axis, Node* before) {
    const Shape shape = Shape::of(integers.dims());
    std::vector<Value*> in{graph_.constant(like->name + "_quantized", std::move(integers)), graph_.constant(like->name + "_scale", scale)};
    Value* out = graph_.value(like->name + "_dequantized", DType::f32, shape);
    Node* node = add("DequantizeLinear", std::move(in), out, before);
    if (scale.rank() == 1) node->attributes["axis"] = static_cast<std::int64_t>(axis);
    return out;
  }

  void weights(const QuantizedNode& q) {
    Node* n = q.node;
    Value* w = n->input(1);
    Value* bias = q.bias_add ? (q.bias_add->input(0)->constant ? q.bias_add->input(0) : q.bias_add->input(1)) : n->input(2);
    const float x_scale = affines_[index_.at(n->input(0))].scale;
    const int axis = options_.per_channel ? channel_axis(*n) : -1;
    const bool own = w->users.size() == 1;
    std::vector<float> at_least;  // so that the bias fits an int32
    if (bias && own) {
      for (const float b : bias->constant->to_floats()) at_least.push_back(static_cast<float>(std::abs(static_cast<double>(b)) / (static_cast<double>(x_scale) * bias_limit)));
      if (axis < 0) at_least = {*std::ranges::max_element(at_least)};
    }
    auto [it, fresh] = stored_.try_emplace({w, axis});
    if (fresh) {
      QuantizedWeights qw = quantize_weights(*w->constant, axis, at_least);
      record(*n, *w->constant, qw, axis);
      it->second = {dequantize(w, std::move(qw.values), qw.scales, axis, n), qw.scales};
    }
    graph_.set_input(n, 1, it->second.first);
    if (!bias) return;
    Tensor scale = Tensor::allocate(DType::f32, it->second.second.dims());
    for (std::int64_t i = 0; i < scale.count(); ++i) scale.data<float>()[i] = x_scale * it->second.second.values<float>()[static_cast<std::size_t>(i)];
    Tensor integers = Tensor::allocate(DType::i32, {bias->constant->count()});  // a Gemm's may be (1, n)
    for (std::int64_t i = 0; i < integers.count(); ++i) {
      const double exact = static_cast<double>(bias->constant->values<float>()[static_cast<std::size_t>(i)]) / static_cast<double>(scale.data<float>()[scale.count() == 1 ? 0 : i]);
      integers.data<std::int32_t>()[i] = static_cast<std::int32_t>(std::clamp(std::nearbyint(exact), -bias_limit, bias_limit));
    }
    Node* user = q.bias_add ? q.bias_add : n;
    const std::size_t slot = q.bias_add ? (user->input(0) == bias ? 0 : 1) : 2;
    graph_.set_input(user, slot, dequantize(bias, std::move(integers), scale, 0, user));
  }

  void record(const Node& n, const Tensor& w, const QuantizedWeights& q, int axis) {
    Tensor back = Tensor::allocate(DType::f32, w.dims());
    std::int64_t inner = 1;
    for (std::size_t i = static_cast<std::size_t>(axis + 1); axis >= 0 && i < w.rank(); ++i) inner *= w.dims()[i];
    for (std::int64_t i = 0; i < w.count(); ++i)
      back.data<float>()[i] = static_cast<float>(q.values.data<std::int8_t>()[i]) * q.scales.data<float>()[axis < 0 ? 0 : i / inner % q.scales.count()];
    DistanceSum sum;
    sum.add(back, w);
    report_.weights.push_back({n.name.empty() ? describe(n) : n.name, q.scales.count(), sum.get().sqnr_db});
  }

  // Constant operands of Add, Mul and Concat are stored as the activations' type.
  void constants(const QuantizedNode& q) {
    for (std::size_t i = 0; i < q.node->inputs.size(); ++i) {
      const Value* v = q.node->input(i);
      const bool data = q.node->is("Add") || q.node->is("Mul") || q.node->is("Concat");
      if (!data || !v || !v->constant || v->constant->dtype() != DType::f32) continue;
      // A Concat's parts share one scale.
      const std::vector<float> values = v->constant->to_floats();
      Range range;
      for (const float x : values) range = {std::min(range.low, static_cast<double>(x)), std::max(range.high, static_cast<double>(x))};
      const Affine a = q.node->is("Concat") ? affines_[index_.at(q.result)] : affine_of(range, options_.activations);
      Tensor integers = Tensor::allocate(options_.activations, v->constant->dims());
      const float low = options_.activations == DType::u8 ? 0 : -127, high = options_.activations == DType::u8 ? 255 : 127;
      for (std::size_t j = 0; j < values.size(); ++j) {
        const float rounded = std::fmin(high, std::fmax(low, std::nearbyint(values[j] / a.scale) + static_cast<float>(a.zero)));
        integers.writable()[j] = static_cast<std::byte>(static_cast<int>(rounded));
      }
      const Parameters p = parameters(v->name, a);
      Value* out = graph_.value(v->name + "_dequantized", DType::f32, Shape::of(integers.dims()));
      add("DequantizeLinear", {graph_.constant(v->name + "_quantized", std::move(integers)), p.scale, p.zero}, out, q.node);
      graph_.set_input(q.node, i, out);
    }
  }

  Parameters parameters(const std::string& name, const Affine& a) {
    const Tensor zero = options_.activations == DType::u8 ? Tensor::scalar<std::uint8_t>(static_cast<std::uint8_t>(a.zero)) : Tensor::scalar<std::int8_t>(static_cast<std::int8_t>(a.zero));
    return {graph_.constant(name + "_scale", Tensor::scalar<float>(a.scale)), graph_.constant(name + "_zero_point", zero)};
  }

  void activation(Value* v) {
    const std::size_t group = scheme_.group[index_.at(v)];
    auto [shared, fresh] = shared_.try_emplace(group);
    if (fresh) shared->second = parameters(scheme_.tensors[group]->name, affines_[group]);
    const auto& order = graph_.nodes();
    auto at = v->producer ? std::ranges::find(order, v->producer) + 1 : order.begin();
    Node* before = at == order.end() ? nullptr : *at;
    const std::string given = v->name;
    std::string name = given + "_dequantized";
    if (graph_.is_output(v)) {  // the model's interface keeps its names
      name = given;
      Value* spare = graph_.value(given + "_float");
      const std::string free = spare->name;
      graph_.erase(spare);
      graph_.rename(v, free);
    }
    Value* integers = graph_.value(given + "_quantized", options_.activations, v->shape);
    Node* quantize = add("QuantizeLinear", {v, shared->second.scale, shared->second.zero}, integers, before);
    Value* back = graph_.value(name, DType::f32, v->shape);
    add("DequantizeLinear", {integers, shared->second.scale, shared->second.zero}, back, before);
    graph_.replace_uses(v, back);
    graph_.set_input(quantize, 0, v);
    dequantized_[v] = back;
  }

  Graph& graph_;
  const Scheme& scheme_;
  const std::vector<Affine>& affines_;
  const QuantizeOptions& options_;
  QuantizeReport& report_;
  std::map<const Value*, std::size_t> index_;
  std::map<std::pair<const Value*, int>, std::pair<Value*, Tensor>> stored_;
  std::map<std::size_t, Parameters> shared_;
  std::map<const Value*, Value*> dequantized_;
};

// The ranges of a group's members become one.
std::vector<Affine> choose_affines(const Scheme& scheme, const std::vector<Histogram>& seen, const QuantizeOptions& o, QuantizeReport& report) {
  std::vector<Range> ranges(seen.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Range r = choose_range(seen[i], o.method, o.percentile);
    Range& shared = ranges[scheme.group[i]];
    shared = {std::min(shared.low, r.low), std::max(shared.high, r.high)};
  }
  std::vector<Affine> affines;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Value* v = scheme.tensors[i];
    const Range& r = ranges[scheme.group[i]];
    affines.push_back(affine_of(r, o.activations));
    const std::string maker = !v->producer ? "input" : v->producer->name.empty() ? describe(*v->producer) : v->producer->name;
    report.tensors.push_back({v->name, maker, static_cast<double>(seen[i].min()), static_cast<double>(seen[i].max()), r, affines.back()});
  }
  return affines;
}

// Runs both models and fills in how far they are apart, tensor by tensor and at the outputs.
Status measure(const Graph& before, const std::map<const Value*, Value*>& copies, const Graph& after, const Scheme& scheme, const Rewriter& rewriter,
               const std::vector<const Value*>& outputs_before, const Dataset& data, QuantizeReport& report) {
  ValuePairs pairs;
  for (const Value* v : scheme.tensors) pairs.emplace_back(copies.at(v), rewriter.dequantized(v));
  for (std::size_t i = 0; i < outputs_before.size(); ++i) pairs.emplace_back(outputs_before[i], after.outputs[i]);
  TRY(const std::vector<Distance> distances, measure_distances(before, after, pairs, data));
  for (std::size_t i = 0; i < scheme.tensors.size(); ++i) report.tensors[i].sqnr_db = distances[i].sqnr_db;
  for (std::size_t i = 0; i < outputs_before.size(); ++i) report.outputs.emplace_back(after.outputs[i]->name, distances[scheme.tensors.size() + i]);
  return Ok{};
}

}  // namespace

Result<QuantizeReport> quantize(Model& model, const Dataset& data, const QuantizeOptions& options) {
  Graph& graph = *model.graph;
  for (const Node* n : graph.nodes())
    if (n->is("QuantizeLinear")) return invalid("the model is quantized already ({}); quantize the float model instead", describe(*n));
  CHECK_OK(infer_shapes(graph));
  TRY(const Scheme scheme, make_scheme(graph, options.scheme));
  QuantizeReport report;
  report.nodes = static_cast<std::int64_t>(graph.nodes().size());
  report.integer_nodes = static_cast<std::int64_t>(scheme.nodes.size());
  report.skipped = scheme.skipped;
  if (std::ranges::none_of(scheme.nodes, &QuantizedNode::heavy))
    return invalid("nothing to quantize: no Conv, ConvTranspose, Gemm or MatMul with constant float32 weights{}", scheme.skipped.empty() ? "" : format("; '{}': {}", scheme.skipped[0].first, scheme.skipped[0].second));
  FeedOptions feeding = options.feed;
  feeding.batch = std::min(feeding.batch, observation_batch(scheme.tensors));
  TRY(const std::vector<Histogram> seen, observe(graph, scheme.tensors, data, feeding));
  const std::vector<Affine> affines = choose_affines(scheme, seen, options, report);
  std::map<const Value*, Value*> copies;
  const GraphPtr before = graph.clone(&copies);
  Rewriter rewriter(graph, scheme, affines, options, report);
  rewriter.run();
  graph.drop_dead();
  CHECK_OK(verify(graph));
  CHECK_OK(infer_shapes(graph));
  CHECK_OK(measure(*before, copies, graph, scheme, rewriter, {before->outputs.begin(), before->outputs.end()}, data.subset(options.check_samples, 0), report));
  return report;
}

}  // namespace hone
