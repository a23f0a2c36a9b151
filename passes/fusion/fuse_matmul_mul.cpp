// SPDX-License-Identifier: Apache-2.0
// Folds a constant factor into the weights of the MatMul before it.
//
//   t = MatMul (x, W)
//   y = Mul (t, c)       =>     y = MatMul (x, W * c)
//
// c must be one number, or vary along the columns of W only. Declines when W serves another node too.
#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

bool fold(const Match& m, Edit& edit, bool divide) {
  const Tensor &w = *m.constant("W"), &c = *m.constant("c");
  const Shape& t = m.value("t")->shape;
  if (w.rank() < 2 || !is_float(w.dtype()) || m.value("W")->users.size() > 1 || !t.ranked || t.rank() < 2) return false;
  auto factors = per_channel(c, t.rank(), t.rank() - 1, w.dims().back());
  if (!factors) return false;
  for (double& f : *factors) {
    if (divide && f == 0) return false;
    if (divide) f = 1 / f;
  }
  edit.set_input(m.maker("t"), 1, edit.constant(m.value("W"), scale_axis(w, w.rank() - 1, *factors)));
  return edit.replace(m.value("y"), m.value("t"));
}
bool fold_mul(const Match& m, Edit& edit) { return fold(m, edit, false); }
bool fold_div(const Match& m, Edit& edit) { return fold(m, edit, true); }

constexpr Rule rules[] = {{R"(
  t = MatMul (x, const W)
  y = Mul (t, const c)
)", fold_mul}, {R"(
  t = MatMul (x, const W)
  y = Div (t, const c)
)", fold_div}};

}  // namespace

extern const Pass fuse_matmul_mul_pass{
    .name = "fuse-matmul-mul", .help = "fold a constant factor into the weights of the MatMul before it", .rules = rules, .approximate = true};

}  // namespace hone
