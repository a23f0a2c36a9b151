// SPDX-License-Identifier: Apache-2.0
// Folds BatchNormalization into the Conv after it.
//
//   t = BatchNormalization (x, s, B, u, v)           y = Conv (x, W', b')
//   y = Conv (t, W, b?)                        =>    W'[o,i] = W[o,i] * scale[i],  b'[o] = b[o] + sum over i, k of W[o,i,k] * shift[i]
//
// Declines when the Conv pads: zeros around t are not zeros around x, so the border would change; when W serves another node too; and
// when the new bias is more than 256 bytes that nothing makes up for.
#include <algorithm>

#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {

static bool pads(const Node& conv) {
  const std::string_view automatic = conv.text("auto_pad", "NOTSET");
  return (automatic != "NOTSET" && automatic != "VALID") || std::ranges::any_of(conv.integers("pads"), [](std::int64_t p) { return p != 0; });
}

static bool apply(const Match& m, Edit& edit) {
  Node* conv = m.node("Conv");
  const Tensor &w = *m.constant("W"), *b = m.constant("b");
  const auto affine = affine_of(*m.node("BatchNormalization"), nullptr);
  const std::int64_t groups = conv->integer("group", 1);
  if (!affine || pads(*conv) || m.value("W")->users.size() > 1 || w.rank() < 3 || groups < 1 || w.dims()[0] % groups != 0) return false;
  if (static_cast<std::int64_t>(affine->scale.size()) != w.dims()[1] * groups) return false;
  if (!b && w.dims()[0] > 4 * w.dims()[1] * groups + 64) return false;
  std::vector<double> weight = w.to_doubles(), bias = b ? b->to_doubles() : std::vector<double>(static_cast<std::size_t>(w.dims()[0]), 0.0);
  if (weight.empty() || static_cast<std::int64_t>(bias.size()) != w.dims()[0]) return false;
  const auto per_out = weight.size() / bias.size(), per_in = per_out / static_cast<std::size_t>(w.dims()[1]);
  const auto in_group = static_cast<std::size_t>(w.dims()[1]), out_group = bias.size() / static_cast<std::size_t>(groups);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const std::size_t out = i / per_out, in = out / out_group * in_group + i % per_out / per_in;
    bias[out] += weight[i] * affine->shift[in];
    weight[i] *= affine->scale[in];
  }
  edit.set_input(conv, 0, m.value("x"));
  edit.set_input(conv, 1, edit.constant(m.value("W"), from_doubles(w.dtype(), w.dims(), weight)));
  edit.set_input(conv, 2, edit.constant(m.value(b ? "b" : "B"), from_doubles(w.dtype(), {w.dims()[0]}, bias)));
  return true;
}

static constexpr Rule rules[] = {{R"(
  t = BatchNormalization (x, const s, const B, const u, const v)
  y = Conv (t, const W, const b?)
)", apply}};

extern const Pass fuse_bn_conv_pass{
    .name = "fuse-bn-conv", .help = "fold BatchNormalization into the Conv after it", .rules = rules, .approximate = true};

}  // namespace hone
