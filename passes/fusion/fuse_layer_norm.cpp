// SPDX-License-Identifier: Apache-2.0
// A layer normalization spelt out becomes LayerNormalization (opset 17).
//
//   m = ReduceMean (x, [-1])   d = Sub (x, m)   p = Pow (d, 2)   v = ReduceMean (p, [-1])
//   s = Sqrt (v + epsilon)     n = Div (d, s)   y = Mul (n, scale)       =>     y = LayerNormalization <axis = -1> (x, scale)
//   y = Add (LayerNormalization (x, scale), bias)                        =>     y = LayerNormalization (x, scale, bias)
//
// Declines unless both means run over the same last axes with their dimensions kept, and scale and bias have exactly their shape.
#include <algorithm>

#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

// The first of the axes over which `mean` runs, when they are all from there to the last; counted from the end.
std::optional<std::int64_t> first_axis(const Node* mean, std::size_t rank) {
  auto axes = integers(mean->input(1));
  if (!axes || axes->empty() || mean->integer("keepdims", 1) == 0) return std::nullopt;
  for (std::int64_t& a : *axes) a = a < 0 ? a : a - static_cast<std::int64_t>(rank);
  std::ranges::sort(*axes);
  for (std::size_t i = 0; i < axes->size(); ++i)
    if ((*axes)[i] != static_cast<std::int64_t>(i) - static_cast<std::int64_t>(axes->size())) return std::nullopt;
  return axes->front();
}

bool spans_last(const Shape& x, const Tensor& t, std::int64_t axis) {
  if (t.rank() != static_cast<std::size_t>(-axis) || x.rank() < t.rank()) return false;
  for (std::size_t i = 0; i < t.rank(); ++i)
    if (!(x.dims[x.rank() - t.rank() + i] == Dim(t.dims()[i]))) return false;
  return true;
}

bool normalize(const Match& m, Edit& edit) {
  const Value* x = m.value("x");
  if (!x->shape.ranked) return false;
  const auto axis = first_axis(m.maker("m"), x->shape.rank()), other = first_axis(m.maker("v"), x->shape.rank());
  const auto epsilon = scalar(m.constant("epsilon"));
  const Tensor& scale = *m.constant("scale");
  if (m.constant("epsilon")->rank() > x->shape.rank()) return false;
  if (!axis || axis != other || !epsilon || *epsilon < 0 || !spans_last(x->shape, scale, *axis) || scale.dtype() != x->dtype) return false;
  Node* norm = edit.add("LayerNormalization", {m.value("x"), m.value("scale")}, m.value("y")->name);
  if (*axis != -1) edit.set_attribute(norm, "axis", *axis);
  edit.set_attribute(norm, "epsilon", static_cast<float>(*epsilon));
  return edit.replace(m.value("y"), norm->outputs[0]);
}
bool normalize_pow(const Match& m, Edit& edit) { return is_number(m.constant("two"), 2, m.value("x")->shape) && normalize(m, edit); }

bool add_bias(const Match& m, Edit& edit) {
  Node* norm = m.node("LayerNormalization");
  if (m.constant("bias")->dims() != m.constant("scale")->dims()) return false;
  edit.set_input(norm, 2, m.value("bias"));
  return edit.replace(m.value("y"), m.value("t"));
}

constexpr Rule rules[] = {{R"(
  m = ReduceMean (x, const axes)
  d = Sub (x, m)
  p = Pow (d, const two)
  v = ReduceMean (p, const axes2)
  e = Add (v, const epsilon)
  s = Sqrt (e)
  n = Div (d, s)
  y = Mul (n, const scale)
)", normalize_pow}, {R"(
  m = ReduceMean (x, const axes)
  d = Sub (x, m)
  p = Mul (d, d)
  v = ReduceMean (p, const axes2)
  e = Add (v, const epsilon)
  s = Sqrt (e)
  n = Div (d, s)
  y = Mul (n, const scale)
)", normalize}, {R"(
  t = LayerNormalization (x, const scale)
  y = Add (t, const bias)
)", add_bias}};

}  // namespace

extern const Pass fuse_layer_norm_pass{
    .name = "fuse-layer-norm", .help = "make a layer normalization that is spelt out one node (opset 17)", .rules = rules, .approximate = true};

}  // namespace hone
