// SPDX-License-Identifier: Apache-2.0
// float32 functions of one element, and tables over uint8.
#include "lib/exec/bind.h"

namespace hone {
namespace {

struct Family {
  std::string_view op, family;
  float alpha = 0, beta = 0;  // the operator's defaults
};
constexpr Family families[] = {
    {"Abs", "abs"}, {"Clip", "clip"}, {"Elu", "elu", 1}, {"Erf", "erf"}, {"Exp", "exp"}, {"Gelu", "gelu"},
    {"HardSigmoid", "hardsigmoid", 0.2f, 0.5f}, {"HardSwish", "hardswish"}, {"LeakyRelu", "leakyrelu", 0.01f}, {"Log", "log"},
    {"Neg", "neg"}, {"Reciprocal", "reciprocal"}, {"Relu", "relu"}, {"Sigmoid", "sigmoid"}, {"Softplus", "softplus"},
    {"Sqrt", "sqrt"}, {"Tanh", "tanh"},
};

// Clip's bound: the constant's value, or `otherwise` when it is absent; nothing when it is known only at run time.
std::optional<float> bound(const Site& s, std::size_t i, float otherwise) {
  if (!s.has(i)) return otherwise;
  const Tensor* t = s.constant(i);
  if (!t || t->count() != 1) return std::nullopt;
  return t->to_floats()[0];
}

}  // namespace

bool bind_unary(const Site& s, Binding& b) {
  if (s.dtype(0) != DType::f32) return false;
  const auto* f = std::ranges::find(families, s.node.op, &Family::op);
  assert(f != std::end(families));
  UnaryParams p{.n = count_of(s.out_dims()), .alpha = s.node.number("alpha", f->alpha), .beta = s.node.number("beta", f->beta)};
  std::string_view family = f->family;
  if (s.node.op == "Gelu" && s.node.text("approximate", "none") == "tanh") family = "gelu_tanh";
  if (s.node.op == "Clip") {
    const auto low = bound(s, 1, Clamp{}.low), high = bound(s, 2, Clamp{}.high);
    if (!low || !high) return false;
    p.alpha = *low;
    p.beta = *high;
  }
  b.inputs = b.in_place = {0};
  return b.choose(family, DType::f32, p);
}

bool bind_lut(const Site& s, Binding& b) {
  if (!s.data(1)) return false;
  b.inputs = b.in_place = {0};
  b.constants = {s.data(1)};
  return b.choose("lut", DType::u8, LutParams{.n = count_of(s.out_dims())});
}

}  // namespace hone
