// SPDX-License-Identifier: Apache-2.0
// Folds BatchNormalization into the Conv before it.
//
//   t = Conv (x, W, b?)                              y = Conv (x, W', b')
//   y = BatchNormalization (t, s, B, u, v)    =>     W' = W * s / sqrt(v + epsilon),  b' = (b - u) * s / sqrt(v + epsilon) + B
//
// Declines when W serves another node too (a second copy would grow the model), or when v + epsilon is not positive in some channel.
#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {

static bool apply(const Match& m, Edit& edit) {
  Node* conv = m.node("Conv");
  const Tensor& w = *m.constant("W");
  const auto affine = affine_of(*m.node("BatchNormalization"), m.constant("b"));
  if (!affine || m.value("W")->users.size() > 1 || w.rank() < 3 || w.dims()[0] != static_cast<std::int64_t>(affine->scale.size())) return false;
  edit.set_input(conv, 1, edit.constant(m.value("W"), scale_axis(w, 0, affine->scale)));
  edit.set_input(conv, 2, edit.constant(m.value("b") ? m.value("b") : m.value("B"), from_doubles(w.dtype(), {w.dims()[0]}, affine->shift)));
  return edit.replace(m.value("y"), m.value("t"));
}

static constexpr Rule rules[] = {{R"(
  t = Conv (x, const W, const b?)
  y = BatchNormalization (t, const s, const B, const u, const v)
)", apply}};

extern const Pass fuse_conv_bn_pass{
    .name = "fuse-conv-bn", .help = "fold BatchNormalization into the Conv before it", .rules = rules, .approximate = true};

}  // namespace hone
