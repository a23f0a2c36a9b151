// SPDX-License-Identifier: Apache-2.0
// Folds BatchNormalization into the ConvTranspose before it, whose weights are (in, out / groups, kernel...).
//
//   t = ConvTranspose (x, W, b?)                     y = ConvTranspose (x, W', b')
//   y = BatchNormalization (t, s, B, u, v)    =>     W'[i,o] = W[i,o] * scale[o],  b' as for Conv
//
// Declines when W serves another node too.
#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {

static bool apply(const Match& m, Edit& edit) {
  Node* conv = m.node("ConvTranspose");
  const Tensor& w = *m.constant("W");
  const auto affine = affine_of(*m.node("BatchNormalization"), m.constant("b"));
  const std::int64_t groups = conv->integer("group", 1);
  if (!affine || m.value("W")->users.size() > 1 || w.rank() < 3 || w.count() == 0 || groups < 1 || w.dims()[0] % groups != 0) return false;
  const std::int64_t channels = w.dims()[1] * groups;
  if (channels != static_cast<std::int64_t>(affine->scale.size())) return false;
  std::vector<double> weight = w.to_doubles();
  const auto per_in = weight.size() / static_cast<std::size_t>(w.dims()[0]), out_group = static_cast<std::size_t>(w.dims()[1]);
  const auto per_out = per_in / out_group, in_group = static_cast<std::size_t>(w.dims()[0] / groups);
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] *= affine->scale[i / per_in / in_group * out_group + i % per_in / per_out];
  edit.set_input(conv, 1, edit.constant(m.value("W"), from_doubles(w.dtype(), w.dims(), weight)));
  edit.set_input(conv, 2, edit.constant(m.value(m.value("b") ? "b" : "B"), from_doubles(w.dtype(), {channels}, affine->shift)));
  return edit.replace(m.value("y"), m.value("t"));
}

static constexpr Rule rules[] = {{R"(
  t = ConvTranspose (x, const W, const b?)
  y = BatchNormalization (t, const s, const B, const u, const v)
)", apply}};

extern const Pass fuse_conv_transpose_bn_pass{
    .name = "fuse-conv-transpose-bn", .help = "fold BatchNormalization into the ConvTranspose before it", .rules = rules, .approximate = true};

}  // namespace hone
