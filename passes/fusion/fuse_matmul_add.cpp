// SPDX-License-Identifier: Apache-2.0
// A product of matrices and an addition become one Gemm.
//
//   t = MatMul (a, b)
//   y = Add (t, c)       =>     y = Gemm (a, b, c)
//
// Only for matrices of rank 2 (Gemm knows no other), and when c broadcasts to t without enlarging it.
#include "lib/rewrite/pass.h"

namespace hone {

// c broadcasts to (m, n).
static bool fits(const Shape& c, const Shape& t) {
  if (!c.ranked || !t.ranked || t.rank() != 2 || c.rank() > 2) return false;
  for (std::size_t i = 0; i < c.rank(); ++i)
    if (!(c.dims[i] == Dim(1)) && !c.dims[i].same(t.dims[i + 2 - c.rank()])) return false;
  return true;
}

static bool apply(const Match& m, Edit& edit) {
  const Value *a = m.value("a"), *b = m.value("b"), *c = m.value("c");
  if (c == m.value("t")) return false;  // t + t: the product would be made twice
  if (a->shape.rank() != 2 || b->shape.rank() != 2 || !is_float(a->dtype) || !fits(c->shape, m.value("t")->shape)) return false;
  Node* gemm = edit.add("Gemm", {m.value("a"), m.value("b"), m.value("c")}, m.value("y")->name);
  return edit.replace(m.value("y"), gemm->outputs[0]);
}

static constexpr Rule rules[] = {{R"(
  t = MatMul (a, b)
  y = Add (t, c)
)", apply}};

extern const Pass fuse_matmul_add_pass{
    .name = "fuse-matmul-add", .help = "make a MatMul of matrices and an Add one Gemm", .rules = rules, .approximate = true};

}  // namespace hone
