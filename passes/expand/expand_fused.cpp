// SPDX-License-Identifier: Apache-2.0
// Fused operators of com.microsoft become the standard operators that they stand for, so that devices, kernels and the other fusions
// know them. Some of what is made:
//
//   y = FusedConv <activation> (x, w, b, z)         =>   y = activation(Conv (x, w, b) + z)
//   y = FusedMatMul <alpha, transA, ...> (a, b)     =>   y = MatMul (Transpose (a), Transpose (b)) * alpha
//   y = BiasGelu (a, b)                             =>   y = Gelu (a + b)
//   y, , , s = SkipLayerNormalization (x, k, g, b)  =>   s = x + k   y = LayerNormalization (s, g, b)
//   y = DynamicQuantizeMatMul (a, b, bs, bz)        =>   q, s, z = DynamicQuantizeLinear (a)   y = Cast(MatMulInteger (q, b, z, bz)) * (s *
//   bs)
//
// A node stays where a rank that the expansion needs is not known, or a statistic only training wants is used.
#include <algorithm>

#include "lib/rewrite/expansion.h"
#include "lib/rewrite/pass.h"

namespace hone {
namespace {

using Attributes = Expansion::Attributes;

template <class T>
Attributes attribute(std::string name, T value) {
  Attributes a;
  a.emplace(std::move(name), std::move(value));
  return a;
}

bool known_activation(std::string_view name) {
  constexpr std::string_view names[] = {"",     "Relu",        "Tanh", "Sigmoid",  "Silu",     "LeakyRelu",
                                        "Clip", "HardSigmoid", "Elu",  "Softplus", "Softsign", "ThresholdedRelu"};
  return std::ranges::find(names, name) != std::end(names);
}

// The activation by name; parameters in the order in which FusedConv lists them.
Value* activated(Expansion& e, Value* x, std::string_view name, const std::vector<float>& parameters) {
  const auto parameter = [&](std::size_t i) { return i < parameters.size() ? parameters[i] : 0.0f; };
  if (name.empty()) return x;
  if (name == "Silu") return e.add("Mul", {x, e.add("Sigmoid", {x})});
  if (name == "Clip")
    return e.add("Clip",
                 {x, e.number(e.dtype(), static_cast<double>(parameter(0))), e.number(e.dtype(), static_cast<double>(parameter(1)))});
  if (parameters.empty()) return e.add(name, {x});
  Attributes a = attribute("alpha", parameter(0));
  if (name == "HardSigmoid") a.emplace("beta", parameter(1));
  return e.add(name, {x}, std::move(a));
}

Value* fused_conv(Expansion& e, std::vector<Value*>&) {
  const Node& n = e.node();
  const bool last = n.op == "NhwcFusedConv";
  if (!known_activation(n.text("activation")) || (last && !e.in(0)->shape.ranked)) return nullptr;
  std::vector<Value*> inputs{last ? e.channels_first(e.in(0)) : e.in(0), e.in(1)};
  if (e.in(2)) inputs.push_back(e.in(2));
  Value* y = e.add("Conv", std::move(inputs), e.kept("Conv"));
  if (e.in(3)) y = e.add("Add", {y, last ? e.channels_first(e.in(3)) : e.in(3)});
  y = activated(e, y, n.text("activation"), n.numbers("activation_params"));
  if (!last) return y;
  if (!y->shape.ranked) y->shape = Shape::unknown(e.in(0)->shape.rank());
  return e.channels_last(y);
}

Value* fused_gemm(Expansion& e, std::vector<Value*>&) {
  const Node& n = e.node();
  const std::string_view f = n.text("activation");
  if (!known_activation(f) || f == "Clip") return nullptr;
  std::vector<Value*> inputs{e.in(0), e.in(1)};
  if (e.in(2)) inputs.push_back(e.in(2));
  std::vector<float> parameters;
  if (n.attributes.contains("activation_alpha")) parameters.push_back(n.number("activation_alpha"));
  if (f == "HardSigmoid" && parameters.empty()) parameters.push_back(0.2f);
  if (f == "HardSigmoid") parameters.push_back(n.number("activation_beta", 0.5f));
  return activated(e, e.add("Gemm", std::move(inputs), e.kept("Gemm")), f, parameters);
}

// The operand as MatMul wants it; null when its rank is not known.
Value* operand(Expansion& e, std::size_t i) {
  const Node& n = e.node();
  const bool swap = n.integer(i == 0 ? "transA" : "transB") != 0, batch = n.integer(i == 0 ? "transBatchA" : "transBatchB") != 0;
  if (!swap && !batch) return e.in(i);
  std::vector<std::int64_t> order(e.in(i)->shape.rank());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = static_cast<std::int64_t>(k);
  if (batch && order.size() > 2) std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (swap && order.size() > 1) std::swap(order[order.size() - 2], order.back());
  return std::ranges::is_sorted(order) ? e.in(i) : e.transpose(e.in(i), std::move(order));
}
Value* fused_matmul(Expansion& e, std::vector<Value*>&) {
  for (const std::string_view a : {"transA", "transB", "transBatchA", "transBatchB"})
    if (e.node().integer(a) != 0 && !e.in(a.back() == 'A' ? 0 : 1)->shape.ranked) return nullptr;
  Value *a = operand(e, 0), *b = operand(e, 1), *y = e.add("MatMul", {a, b});
  const float alpha = e.node().number("alpha", 1);
  return alpha == 1 ? y : e.add("Mul", {y, e.number(e.dtype(), static_cast<double>(alpha))});
}

Value* with_bias(Expansion& e, Value* x, Value* bias) { return bias ? e.add("Add", {x, bias}) : x; }

Value* gelu(Expansion& e, std::vector<Value*>&) {
  const bool tanh = e.node().op == "FastGelu";
  return e.add("Gelu", {with_bias(e, e.in(0), e.in(1))}, tanh ? attribute("approximate", std::string("tanh")) : Attributes());
}

Value* quick_gelu(Expansion& e, std::vector<Value*>&) {
  if (!is_float(e.dtype())) return nullptr;
  Value* scaled = e.add("Mul", {e.in(0), e.number(e.dtype(), static_cast<double>(e.node().number("alpha", 1.702f)))});
  return e.add("Mul", {e.in(0), e.add("Sigmoid", {scaled})});
}

Value* bias_add(Expansion& e, std::vector<Value*>&) { return e.add("Add", {e.add("Add", {e.in(0), e.in(1)}), e.in(2)}); }

bool used(const Node& n, std::size_t output) {
  return n.output(output) && (!n.output(output)->users.empty() || is_returned(n.output(output)));
}

Value* skip_norm(Expansion& e, std::vector<Value*>& more) {
  const bool simple = e.node().op == "SkipSimplifiedLayerNormalization";
  if (used(e.node(), 1) || used(e.node(), 2)) return nullptr;
  Value* sum = with_bias(e, e.add("Add", {e.in(0), e.in(1)}), e.in(simple ? 3 : 4));
  if (more.size() > 3) more[3] = sum;
  std::vector<Value*> inputs{sum, e.in(2)};
  if (!simple && e.in(3)) inputs.push_back(e.in(3));
  return e.add(simple ? "RMSNormalization" : "LayerNormalization", std::move(inputs),
               attribute("epsilon", e.node().number("epsilon", 1e-12f)));
}

Value* simplified_norm(Expansion& e, std::vector<Value*>&) {
  if (used(e.node(), 1) || e.in(0)->dtype != e.in(1)->dtype) return nullptr;
  return e.add("RMSNormalization", {e.in(0), e.in(1)}, e.kept("RMSNormalization"));
}

// float(product) * scale + bias.
Value* rescaled(Expansion& e, Value* product, Value* scale, Value* bias) {
  Value* real = e.add("Cast", {product}, attribute("to", static_cast<std::int64_t>(DType::f32)));
  return with_bias(e, e.add("Mul", {real, scale}), bias);
}

std::vector<Value*> without_trailing_null(std::vector<Value*> v) {
  while (!v.back()) v.pop_back();
  return v;
}

Value* integer_product(Expansion& e, std::vector<Value*>&) {
  if (e.in(2)->dtype != DType::f32) return nullptr;
  Value* product = e.add("MatMulInteger", without_trailing_null({e.in(0), e.in(1), e.in(4), e.in(5)}));
  return rescaled(e, product, e.add("Mul", {e.in(2), e.in(3)}), e.in(6));
}

Value* dynamic_product(Expansion& e, std::vector<Value*>&) {
  Value* quantized = e.add("DynamicQuantizeLinear", {e.in(0)});
  Node* maker = quantized->producer;
  Graph& graph = *quantized->graph;
  for (const char* what : {"scale", "zero"}) {
    Value* v = new_value(graph, format("{}_{}", quantized->name, what));
    v->producer = maker;
    maker->outputs.push_back(v);
  }
  infer_node(*maker);
  Value* product = e.add("MatMulInteger", without_trailing_null({quantized, e.in(1), maker->outputs[2], e.in(3)}));
  return rescaled(e, product, e.add("Mul", {maker->outputs[1], e.in(2)}), e.in(4));
}

Value* same_name(Expansion& e, std::vector<Value*>&) {
  return e.add(e.node().op, without_trailing_null({e.in(0), e.in(1), e.in(2)}), e.kept(e.node().op));
}

Value* nhwc_max_pool(Expansion& e, std::vector<Value*>&) {
  if (!e.in(0)->shape.ranked) return nullptr;
  Value* y = e.add("MaxPool", {e.channels_first(e.in(0))}, e.kept("MaxPool"));
  return e.channels_last(y);
}

constexpr std::string_view ms = "com.microsoft";
constexpr Expander expanders[] = {
    {"BiasAdd", ms, bias_add},
    {"BiasGelu", ms, gelu},
    {"DequantizeLinear", ms, same_name},
    {"DynamicQuantizeMatMul", ms, dynamic_product},
    {"FastGelu", ms, gelu},
    {"FusedConv", ms, fused_conv},
    {"FusedGemm", ms, fused_gemm},
    {"FusedMatMul", ms, fused_matmul},
    {"Gelu", ms, gelu},
    {"MatMulIntegerToFloat", ms, integer_product},
    {"NhwcFusedConv", ms, fused_conv},
    {"NhwcMaxPool", ms, nhwc_max_pool},
    {"QuantizeLinear", ms, same_name},
    {"QuickGelu", ms, quick_gelu},
    {"SimplifiedLayerNormalization", "", simplified_norm},
    {"SkipLayerNormalization", ms, skip_norm},
    {"SkipSimplifiedLayerNormalization", ms, skip_norm},
    {"TransposeMatMul", ms, fused_matmul},
};

Result<int> run(Graph& graph) { return expand_all(graph, expanders); }

}  // namespace

extern const Pass expand_fused_pass{.name = "expand-fused",
                                    .help = "replace fused operators of com.microsoft by the standard ones they stand for",
                                    .run = run,
                                    .approximate = true};

}  // namespace hone
