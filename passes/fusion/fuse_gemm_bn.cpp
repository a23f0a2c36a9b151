// SPDX-License-Identifier: Apache-2.0
// Folds BatchNormalization, or a constant factor or addition for each column, into the Gemm before it.
//
//   t = Gemm (x, W, b?)
//   y = BatchNormalization (t, s, B, u, v)     =>     y = Gemm (x, W * scale, shift)      (beta becomes 1)
//   y = Mul (t, c)                             =>     y = Gemm (x, W * c, b * c)
//   y = Add (t, c)                             =>     y = Gemm (x, W, b + c)
//
// Declines when W must change and serves another node too, and when b or c varies along the rows.
#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

struct Columns {
  std::size_t axis = 1;  // of W
  std::int64_t count = 0;
  std::vector<double> bias;  // beta * b
};

std::optional<Columns> columns_of(const Match& m) {
  const Node* gemm = m.node("Gemm");
  const Tensor &w = *m.constant("W"), *b = m.constant("b");
  if (w.rank() != 2 || !is_float(w.dtype())) return std::nullopt;
  Columns c;
  c.axis = gemm->integer("transB") != 0 ? 0 : 1;
  c.count = w.dims()[c.axis];
  const auto bias = b ? per_channel(*b, 2, 1, c.count) : std::vector<double>(static_cast<std::size_t>(c.count), 0.0);
  if (!bias) return std::nullopt;
  for (const double v : *bias) c.bias.push_back(v * static_cast<double>(gemm->number("beta", 1)));
  return c;
}

// y = t * scale + shift, as Gemm (x, W * scale, bias) with beta 1. An empty scale leaves W alone.
bool fold(const Match& m, Edit& edit, const Columns& c, std::span<const double> scale, std::span<const double> bias, const Value* like) {
  Node* gemm = m.node("Gemm");
  const Tensor& w = *m.constant("W");
  if (!scale.empty() && m.value("W")->users.size() > 1) return false;
  if (!scale.empty()) edit.set_input(gemm, 1, edit.constant(m.value("W"), scale_axis(w, c.axis, scale)));
  if (like) {
    edit.set_input(gemm, 2, edit.constant(m.value("b") ? m.value("b") : like, from_doubles(w.dtype(), {c.count}, bias)));
    edit.drop_attribute(gemm, "beta");
  }
  return edit.replace(m.value("y"), m.value("t"));
}

bool fold_bn(const Match& m, Edit& edit) {
  const auto c = columns_of(m);
  if (!c) return false;
  const Tensor bias = Tensor::vector<double>(c->bias);
  const auto affine = affine_of(*m.node("BatchNormalization"), &bias);
  return affine && fold(m, edit, *c, affine->scale, affine->shift, m.value("B"));
}

bool scaled(const Match& m, Edit& edit, bool divide) {
  const auto c = columns_of(m);
  auto factors = c ? per_channel(*m.constant("c"), 2, 1, c->count) : std::nullopt;
  if (!factors) return false;
  for (double& f : *factors) {
    if (divide && f == 0) return false;
    if (divide) f = 1 / f;
  }
  std::vector<double> bias = c->bias;
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] *= (*factors)[i];
  return fold(m, edit, *c, *factors, bias, m.value("b"));
}
bool fold_mul(const Match& m, Edit& edit) { return scaled(m, edit, false); }
bool fold_div(const Match& m, Edit& edit) { return scaled(m, edit, true); }

bool fold_add(const Match& m, Edit& edit) {
  auto c = columns_of(m);
  const auto added = c ? per_channel(*m.constant("c"), 2, 1, c->count) : std::nullopt;
  if (!added || (!m.value("b") && m.constant("c")->count() == 1 && c->count > 64)) return false;
  for (std::size_t i = 0; i < added->size(); ++i) c->bias[i] += (*added)[i];
  return fold(m, edit, *c, {}, c->bias, m.value("c"));
}

constexpr Rule rules[] = {{R"(
  t = Gemm (x, const W, const b?)
  y = BatchNormalization (t, const s, const B, const u, const v)
)", fold_bn}, {R"(
  t = Gemm (x, const W, const b?)
  y = Mul (t, const c)
)", fold_mul}, {R"(
  t = Gemm (x, const W, const b?)
  y = Div (t, const c)
)", fold_div}, {R"(
  t = Gemm (x, const W, const b?)
  y = Add (t, const c)
)", fold_add}};

}  // namespace

extern const Pass fuse_gemm_bn_pass{
    .name = "fuse-gemm-bn", .help = "fold BatchNormalization, Mul or Add for each column into the Gemm before it", .rules = rules, .approximate = true};

}  // namespace hone
