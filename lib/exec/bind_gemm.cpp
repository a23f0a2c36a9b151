// SPDX-License-Identifier: Apache-2.0
// Matrix products: Gemm, MatMul, and hone.Gemm, hone.QGemm, which add an activation or requantization.
#include "lib/exec/bind.h"
#include "lib/exec/quant.h"

namespace hone {
namespace {

// Constants or inputs {b, bias}, as the kernel's contract says.
bool set_operands(const Site& s, GemmParams& p, Binding& b) {
  p.constant_b = p.shared_b && s.data(1);
  if (p.constant_b) {
    if (s.has(2) && !s.data(2)) return false;
    b.inputs = {0};
    b.constants = {s.data(1), s.data(2)};
    return true;
  }
  p.has_bias = s.has(2);
  b.inputs = {0, 1};
  if (p.has_bias) b.inputs.push_back(2);
  return true;
}

bool is_row(const Site& s, std::size_t i, std::int64_t n) {
  const Dims dims = s.dims(i);
  return count_of(dims) == n && !dims.empty() && dims.back() == n;
}

bool bind_integer(const Site& s, GemmParams& p, Binding& b) {
  p.quant = requant_of(s.node);
  const Tensor *w = s.constant(1), *multiplier = s.constant(2), *bias = s.constant(3);
  if (!w || !multiplier || (s.has(3) && !bias) || !safe_integers(p.k, *multiplier, bias)) return false;
  b.inputs = {0};
  b.constants = {s.data(1), s.data(3), s.data(2)};
  return b.choose("gemm", DType::u8, p);
}

}  // namespace

bool bind_gemm(const Site& s, Binding& b) {
  const Dims a = s.dims(0), out = s.out_dims();
  const Node& n = s.node;
  if (a.back() == 0) return false;
  GemmParams p{.m = count_of(a) / a.back(), .n = out.back(), .k = a.back()};
  if (n.op == "QGemm") return bind_integer(s, p, b);
  if (s.dtype(0) != DType::f32 || n.integer("transA") != 0) return false;
  if (s.has(2) && (n.number("beta", 1) != 1 || !is_row(s, 2, p.n))) return false;
  p.transpose_b = n.integer("transB") != 0;
  p.alpha = n.number("alpha", 1);
  p.clamp = {n.number("low", Clamp{}.low), n.number("high", Clamp{}.high)};
  return set_operands(s, p, b) && b.choose("gemm", DType::f32, p);
}

bool bind_matmul(const Site& s, Binding& b) {
  const Dims x = s.dims(0), w = s.dims(1);
  if (s.dtype(0) != DType::f32 || x.size() < 2 || w.size() < 2) return false;
  GemmParams p{.m = x[x.size() - 2], .n = w.back(), .k = x.back()};
  if (p.k == 0) return false;
  const std::int64_t batch = count_of(x) / (p.m * p.k);
  if (count_of(w) == p.k * p.n) {
    p.m *= batch;
  } else {
    const bool same = x.size() == w.size() && std::ranges::equal(std::span(x).first(x.size() - 2), std::span(w).first(x.size() - 2));
    if (!same) return false;
    p.batch = batch;
    p.shared_b = false;
  }
  return set_operands(s, p, b) && b.choose("gemm", DType::f32, p);
}

}  // namespace hone
