// SPDX-License-Identifier: Apache-2.0
// Operators on quantized tensors become the real operator between DequantizeLinear and QuantizeLinear, the form that other quantized
// models have and that compile turns into integer arithmetic:
//
//   c = QLinearAdd (a, as, az, b, bs, bz, cs, cz)   =>   c = QuantizeLinear (Add (DequantizeLinear (a, as, az),
//                                                             DequantizeLinear (b, bs, bz)), cs, cz)
//
// and so for QLinearConv, QLinearMatMul, QGemm, the other QLinear operators. Rounding may differ by a step where a result lies between
// two. A node stays where scales that must be constants are none, or the real operator cannot say the same.
#include "lib/rewrite/expansion.h"
#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

using Attributes = Expansion::Attributes;

template <class T>
Attributes attribute(std::string name, T value) {
  Attributes a;
  a.emplace(std::move(name), std::move(value));
  return a;
}

bool one_element(const Value* v) { return !v || (v->shape.known() && count_of(*v->shape.concrete()) == 1); }

// Inputs i, i + 1 and i + 2: tensor, scale, zero point. `axis` is that of a scale with several elements.
Value* real(Expansion& e, std::size_t i, std::int64_t axis = 0) {
  std::vector<Value*> inputs{e.in(i), e.in(i + 1)};
  if (e.in(i + 2)) inputs.push_back(e.in(i + 2));
  return e.add("DequantizeLinear", std::move(inputs), one_element(e.in(i + 1)) ? Attributes() : attribute("axis", axis));
}

// By the scale in input i and the zero point in the next one; without a zero point it is 0 of this type.
Value* quantized(Expansion& e, Value* x, std::size_t i, DType dtype) {
  Value* zero = e.in(i + 1) ? e.in(i + 1) : e.constant(format("{}_zero", e.node().outputs[0]->name), Tensor::allocate(dtype, {}));
  return e.add("QuantizeLinear", {x, e.in(i), zero});
}

bool eight_bits(const Expansion& e, std::size_t i = 0) { return e.in(i)->dtype == DType::i8 || e.in(i)->dtype == DType::u8; }

Value* binary(Expansion& e, std::vector<Value*>&) {
  if (!eight_bits(e)) return nullptr;
  Value *a = real(e, 0), *b = real(e, 3);
  return quantized(e, e.add(e.node().op == "QLinearAdd" ? "Add" : "Mul", {a, b}), 6, e.dtype());
}

Value* unary(Expansion& e, std::vector<Value*>&) {
  const std::string_view op = e.node().op;
  const bool pool = op == "QLinearAveragePool" || op == "QLinearGlobalAveragePool";
  if (!eight_bits(e) || (pool && e.node().integer("channels_last") != 0 && !e.in(0)->shape.ranked)) return nullptr;
  if (op == "QLinearSoftmax" && e.node().integer("opset", 13) < 13) return nullptr;
  if (pool && e.node().integer("ceil_mode") != 0 && e.node().integer("count_include_pad") != 0) return nullptr;  // see the operator
  const std::string_view standard = op.substr(std::string_view("QLinear").size());
  const bool last = pool && e.node().integer("channels_last") != 0;
  Value* x = real(e, 0);
  if (last) x = e.channels_first(x);
  Value* y = e.add(standard, {x}, e.kept(standard));
  return quantized(e, last ? e.channels_last(y) : y, 3, e.dtype());
}

Value* reduce_mean(Expansion& e, std::vector<Value*>&) {
  if (!eight_bits(e)) return nullptr;
  Value* axes = e.constant("axes", Tensor::vector<std::int64_t>(e.node().integers("axes")));
  return quantized(e, e.add("ReduceMean", {real(e, 0), axes}, e.kept("ReduceMean")), 3, e.dtype());
}

Value* where(Expansion& e, std::vector<Value*>&) {
  Value *x = real(e, 1), *y = real(e, 4);
  return quantized(e, e.add("Where", {e.in(0), x, y}), 7, e.in(1)->dtype);
}

Value* concat(Expansion& e, std::vector<Value*>&) {
  if (e.node().inputs.size() < 5 || (e.node().inputs.size() - 2) % 3 != 0) return nullptr;
  std::vector<Value*> parts;
  for (std::size_t i = 2; i < e.node().inputs.size(); i += 3) parts.push_back(real(e, i));
  return quantized(e, e.add("Concat", std::move(parts), e.kept("Concat")), 0, e.in(1)->dtype);
}

// The int32 bias in input i, whose scale is that of the product; it must be constant.
Value* real_bias(Expansion& e, std::size_t i, const Tensor& x_scale, const Tensor& w_scale) {
  const float x = x_scale.to_floats()[0];
  std::vector<float> scales = w_scale.to_floats();
  for (float& s : scales) s *= x;
  const bool one = scales.size() == 1;
  const Tensor scale = one ? Tensor::scalar(scales[0]) : Tensor::vector<float>(scales);
  return e.add("DequantizeLinear", {e.in(i), e.constant(format("{}_scale", e.in(i)->name), scale)},
               one ? Attributes() : attribute("axis", std::int64_t{0}));
}

bool float_constant(const Value* v) { return v && v->constant && v->constant->dtype() == DType::f32; }

Value* conv(Expansion& e, std::vector<Value*>&) {
  const bool last = e.node().integer("channels_last") != 0, bias = e.in(8) != nullptr;
  if (!eight_bits(e) || (last && !e.in(0)->shape.ranked) || !e.in(4)->shape.known()) return nullptr;
  if (bias && (!float_constant(e.in(1)) || !float_constant(e.in(4)) || !one_element(e.in(1)))) return nullptr;
  Value* x = real(e, 0);
  if (last) x = e.channels_first(x);
  std::vector<Value*> inputs{x, real(e, 3)};
  if (bias) inputs.push_back(real_bias(e, 8, *e.in(1)->constant, *e.in(4)->constant));
  Value* y = e.add("Conv", std::move(inputs), e.kept("Conv"));
  return quantized(e, last ? e.channels_last(y) : y, 6, e.dtype());
}

Value* matmul(Expansion& e, std::vector<Value*>&) {
  if (!eight_bits(e) || !one_element(e.in(1)) || !e.in(3)->shape.ranked || e.in(3)->shape.rank() < 2 || !e.in(4)->shape.known())
    return nullptr;
  if (e.in(4)->shape.rank() > 1 || e.in(1)->dtype != DType::f32) return nullptr;
  Value *a = real(e, 0), *b = real(e, 3, static_cast<std::int64_t>(e.in(3)->shape.rank()) - 1);
  return quantized(e, e.add("MatMul", {a, b}), 6, e.dtype());
}

Value* gemm(Expansion& e, std::vector<Value*>&) {
  const Node& n = e.node();
  if (!eight_bits(e) || !e.in(4)->shape.known() || n.number("alpha", 1) != 1) return nullptr;
  if (e.in(6) && (!float_constant(e.in(1)) || !float_constant(e.in(4)) || !e.in(6)->shape.ranked || e.in(6)->shape.rank() != 1))
    return nullptr;
  std::vector<Value*> inputs{real(e, 0), real(e, 3, n.integer("transB") != 0 ? 0 : 1)};
  if (e.in(6)) inputs.push_back(real_bias(e, 6, *e.in(1)->constant, *e.in(4)->constant));
  Value* y = e.add("Gemm", std::move(inputs), e.kept("Gemm"));
  return e.in(8) ? quantized(e, y, 7, e.dtype()) : y;
}

constexpr std::string_view ms = "com.microsoft";
constexpr Expander expanders[] = {
    {"QGemm", ms, gemm},           {"QLinearAdd", ms, binary},  {"QLinearAveragePool", ms, unary},       {"QLinearConcat", ms, concat},
    {"QLinearConv", "", conv},     {"QLinearConv", ms, conv},   {"QLinearGlobalAveragePool", ms, unary}, {"QLinearLeakyRelu", ms, unary},
    {"QLinearMatMul", "", matmul}, {"QLinearMul", ms, binary},  {"QLinearReduceMean", ms, reduce_mean},  {"QLinearSigmoid", ms, unary},
    {"QLinearSoftmax", ms, unary}, {"QLinearWhere", ms, where},
};

Result<int> run(Graph& graph) { return expand_all(graph, expanders); }

}  // namespace

extern const Pass expand_qlinear_pass{
    .name = "expand-qlinear",
    .help =
        "replace operators on quantized tensors (QLinearConv, QLinearAdd, ...) by real ones between DequantizeLinear and QuantizeLinear",
    .run = run,
    .approximate = true};

}  // namespace hone
