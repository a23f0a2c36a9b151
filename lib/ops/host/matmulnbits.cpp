// SPDX-License-Identifier: Apache-2.0
// Y = A W' + bias, where W (N, K) is kept in 2, 4 or 8 bits: blocks of block_size elements along K, each with a scale and a zero point,
// (q - zero_point) * scale. A block fills whole bytes, the first element in the low bits. Zero points are packed the same way, row by row,
// or of A's type, one for each block; without them they are 2^(bits - 1). g_idx names the block of scales of each element along K.
#include "lib/ops/elementwise.h"
#include "lib/ops/matmul.h"
#include "lib/ops/wide.h"

namespace hone {

namespace {
struct Packing {
  std::int64_t n, k, bits, block, blocks, block_bytes, zero_row;  // zero_row: bytes of one row's packed zero points
};
}  // namespace

static Result<Packing> packing_of(const Node& node) {
  constexpr std::int64_t limit = std::int64_t{1} << 31;
  Packing p{node.integer("N"), node.integer("K"), node.integer("bits", 4), node.integer("block_size"), 0, 0, 0};
  if (p.n < 0 || p.k < 0 || p.n >= limit || p.k >= limit) return invalid("N is {} and K {}, expected sizes", p.n, p.k);
  if (p.bits != 2 && p.bits != 4 && p.bits != 8) return invalid("bits is {}, expected 2, 4 or 8", p.bits);
  if (p.block < 16 || p.block >= limit || (p.block & (p.block - 1)) != 0)
    return invalid("block_size is {}, expected a power of two from 16 on", p.block);
  if (node.integer("weight_prepacked") != 0)
    return invalid("weight_prepacked is {}: that layout belongs to one GPU; export the model without it", node.integer("weight_prepacked"));
  p.blocks = (p.k + p.block - 1) / p.block;
  p.block_bytes = p.block * p.bits / 8;
  p.zero_row = (p.blocks * p.bits + 7) / 8;
  return p;
}

static Status expect_count(const InferCall& c, std::size_t i, std::int64_t count, std::string_view what) {
  const auto dims = c.shape(i).concrete();
  if (!dims || count_of(*dims) == count) return Ok{};
  return invalid("{} has shape {}, expected {} elements", what, to_string(*dims), count);
}

static Status infer(InferCall& c) {
  TRY(const Packing p, packing_of(c.node));
  Shape y = c.shape(0);
  if (y.ranked) {
    if (y.rank() == 0) return invalid("A is a scalar, expected {} columns (K)", p.k);
    CHECK_OK(unify(y.dims.back(), Dim(p.k)).in("columns of A and K"));
    y.dims.back() = p.n;
  }
  CHECK_OK(expect_count(c, 1, p.n * p.blocks * p.block_bytes, "B"));
  CHECK_OK(expect_count(c, 2, p.n * p.blocks, "scales"));
  if (c.has(3)) CHECK_OK(expect_count(c, 3, p.n * (c.dtype(3) == DType::u8 ? p.zero_row : p.blocks), "zero_points"));
  if (const auto dims = c.shape(4).concrete(); dims && count_of(*dims) != p.k && count_of(*dims) != p.blocks * p.block)
    return invalid("g_idx has shape {}, expected {} elements (K)", to_string(*dims), p.k);
  if (c.has(5)) CHECK_OK(expect_count(c, 5, p.n, "bias"));
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

// Number i of those packed from `bytes` on.
static float unpack(const std::uint8_t* bytes, std::int64_t i, std::int64_t bits) {
  const std::int64_t each = 8 / bits;
  return static_cast<float>((bytes[i / each] >> (i % each * bits)) & ((1 << bits) - 1));
}

// W, dequantized.
static Result<std::vector<float>> weights(const OpCall& c, const Packing& p) {
  const std::uint8_t *b = c.in(1).data<std::uint8_t>(),
                     *packed = c.has(3) && c.in(3).dtype() == DType::u8 ? c.in(3).data<std::uint8_t>() : nullptr;
  const ReadAs<float> scales(c.in(2)), zeros(packed ? nullptr : c.find(3));
  std::vector<float> w(static_cast<std::size_t>(p.n * p.k) + 1);
  for (std::int64_t row = 0; row < p.n; ++row)
    for (std::int64_t i = 0; i < p.k; ++i) {
      const std::int64_t group = c.has(4) ? c.in(4).data<std::int32_t>()[i] : i / p.block;
      if (group < 0 || group >= p.blocks) return invalid("g_idx holds {}, but a row has {} blocks", group, p.blocks);
      const float q = unpack(b + (row * p.blocks + i / p.block) * p.block_bytes, i % p.block, p.bits);
      const float zero = packed  ? unpack(packed + row * p.zero_row, group, p.bits)
                         : zeros ? zeros[row * p.blocks + group]
                                 : static_cast<float>(1 << (p.bits - 1));
      w[static_cast<std::size_t>(row * p.k + i)] = (q - zero) * scales[row * p.blocks + group];
    }
  return w;
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  TRY(const Packing p, packing_of(c.node));
  TRY(const std::vector<float> w, weights(c, p));
  const ReadAs<float> a(c.in(0)), bias(c.find(5));
  WriteAs<float> out(*y);
  const std::int64_t m = p.n ? y->count() / p.n : 0;
  multiply(m, p.k, p.n, Matrix<float>{a.data(), p.k, 1}, Matrix<float>{w.data(), 1, p.k}, out.data());
  for (std::int64_t i = 0; bias && i < y->count(); ++i) out[i] += bias[i % p.n];
  return Ok{};
}
extern const Op matmulnbits_op{
    .name = "MatMulNBits",
    .domain = "com.microsoft",
    .inputs = "A: T1, B: T2, scales: T1, zero_points?: T3, g_idx?: T4, bias?: T1",
    .outputs = "Y: T1",
    .attributes = "K!: int, N!: int, accuracy_level: int = 0, bits: int = 4, block_size!: int, weight_prepacked: int = 0",
    .types = "T1: float float16 bfloat16; T2: uint8; T3: uint8 float16 float bfloat16; T4: int32",
    .infer = infer,
    .reference = run};

}  // namespace hone
