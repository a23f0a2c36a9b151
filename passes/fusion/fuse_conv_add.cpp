// SPDX-License-Identifier: Apache-2.0
// Folds an addition for each channel into the bias of the Conv or ConvTranspose before it.
//
//   t = Conv (x, W, b?)
//   y = Add (t, c)       =>     y = Conv (x, W, b + c)
//
// c must vary along the channels only. Declines when there is no b yet and c is one number for so many channels that a bias is larger.
#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

bool fold(const Match& m, Edit& edit, double sign) {
  Node* conv = m.maker("t");
  const Tensor &w = *m.constant("W"), *b = m.constant("b"), &c = *m.constant("c");
  if (w.rank() < 3) return false;
  const std::int64_t channels = conv->is("Conv") ? w.dims()[0] : w.dims()[1] * conv->integer("group", 1);
  const auto added = per_channel(c, w.rank(), 1, channels);
  if (!added || (!b && c.count() == 1 && channels > 64)) return false;
  std::vector<double> bias = b ? b->to_doubles() : std::vector<double>(added->size(), 0.0);
  if (bias.size() != added->size()) return false;
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] += sign * (*added)[i];
  edit.set_input(conv, 2, edit.constant(m.value(b ? "b" : "c"), from_doubles(w.dtype(), {channels}, bias)));
  return edit.replace(m.value("y"), m.value("t"));
}
bool fold_add(const Match& m, Edit& edit) { return fold(m, edit, 1); }
bool fold_sub(const Match& m, Edit& edit) { return fold(m, edit, -1); }

constexpr Rule rules[] = {{R"(
  t = Conv|ConvTranspose (x, const W, const b?)
  y = Add (t, const c)
)", fold_add}, {R"(
  t = Conv|ConvTranspose (x, const W, const b?)
  y = Sub (t, const c)
)", fold_sub}};

}  // namespace

extern const Pass fuse_conv_add_pass{
    .name = "fuse-conv-add", .help = "fold an Add for each channel into the bias of the Conv before it", .rules = rules, .approximate = true};

}  // namespace hone
