// SPDX-License-Identifier: Apache-2.0
// Y = A W', where W (N, K) is kept in 4 bits as the library bitsandbytes does: each number is a place in a table of 16 (FP4 or NF4) times the
// largest magnitude of its block; blocks of block_size numbers run on over the rows. Two numbers fill a byte, the first in the high bits.
#include "lib/ops/elementwise.h"
#include "lib/ops/matmul.h"
#include "lib/ops/wide.h"

namespace hone {

// Dettmers et al.: QLoRA, 2023. FP4: sign, two bits of exponent, one of fraction, scaled to 1. NF4: quantiles of the normal distribution.
constexpr float tables[2][16] = {
    {0, 0.005208333333f, 0.66666667f, 1, 0.33333333f, 0.5f, 0.16666667f, 0.25f, -0.0f, -0.005208333333f, -0.66666667f, -1, -0.33333333f, -0.5f,
     -0.16666667f, -0.25f},
    {-1, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0,
     0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f,
     0.7229568362236023f, 1}};

static Status expect_count(const InferCall& c, std::size_t i, std::int64_t count, std::string_view what) {
  const auto dims = c.shape(i).concrete();
  if (!dims || count_of(*dims) == count) return Ok{};
  return invalid("{} has shape {}, expected {} elements", what, to_string(*dims), count);
}

static Status infer(InferCall& c) {
  const std::int64_t n = c.node.integer("N"), k = c.node.integer("K"), block = c.node.integer("block_size"), type = c.node.integer("quant_type");
  constexpr std::int64_t limit = std::int64_t{1} << 31;
  if (n < 0 || k < 0 || n >= limit || k >= limit) return invalid("N is {} and K {}, expected sizes", n, k);
  if (block < 16 || block >= limit || (block & (block - 1)) != 0) return invalid("block_size is {}, expected a power of two from 16 on", block);
  if (type != 0 && type != 1) return invalid("quant_type is {}, expected 0 (FP4) or 1 (NF4)", type);
  if (c.node.integer("transB", 1) == 0) return invalid("transB is 0, which is for training: export the model for inference");
  Shape y = c.shape(0);
  if (y.ranked) {
    if (y.rank() == 0) return invalid("A is a scalar, expected {} columns (K)", k);
    CHECK_OK(unify(y.dims.back(), Dim(k)).in("columns of A and K"));
    y.dims.back() = n;
  }
  CHECK_OK(expect_count(c, 1, (n * k + 1) / 2, "B"));
  CHECK_OK(expect_count(c, 2, (n * k + block - 1) / block, "absmax"));
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t n = c.node.integer("N"), k = c.node.integer("K"), block = c.node.integer("block_size");
  const float* table = tables[c.node.integer("quant_type")];
  const std::uint8_t* b = c.in(1).data<std::uint8_t>();
  const ReadAs<float> a(c.in(0)), largest(c.in(2));
  std::vector<float> w(static_cast<std::size_t>(n * k) + 1);
  for (std::int64_t i = 0; i < n * k; ++i) w[static_cast<std::size_t>(i)] = table[i % 2 ? b[i / 2] & 15 : b[i / 2] >> 4] * largest[i / block];
  WriteAs<float> out(*y);
  multiply(n ? y->count() / n : 0, k, n, Matrix<float>{a.data(), k, 1}, Matrix<float>{w.data(), 1, k}, out.data());
  return Ok{};
}
extern const Op matmulbnb4_op{.name = "MatMulBnb4",
                              .domain = "com.microsoft",
                              .inputs = "A: T1, B: T2, absmax: T1",
                              .outputs = "Y: T1",
                              .attributes = "K!: int, N!: int, block_size!: int, quant_type!: int, training_mode: int = 0, transB: int = 1",
                              .types = "T1: float float16 bfloat16; T2: uint8",
                              .infer = infer,
                              .reference = run};

}  // namespace hone
