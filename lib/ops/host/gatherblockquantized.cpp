// SPDX-License-Identifier: Apache-2.0
// Gather along gather_axis of data that are quantized in blocks of block_size along quantize_axis, dequantized: (q - zero_point) * scale.
// uint8 data hold 8 / bits elements a byte along the last axis, the first in the low bits, and so do their zero points, which are
// 2^(bits - 1) when left out; those of int4 and uint4 are then 0.
#include "lib/ops/move.h"
#include "lib/ops/wide.h"

namespace hone {
namespace {

struct Sizes {
  std::int64_t packed;  // elements in one element of the data
  std::size_t gather, quantize;
  std::int64_t block;
};
Result<Sizes> sizes_of(const Node& node, std::size_t rank, DType data) {
  const std::int64_t bits = node.integer("bits", 4), block = node.integer("block_size", 128);
  if (bits != 2 && bits != 4 && bits != 8) return invalid("bits is {}, expected 2, 4 or 8", bits);
  if (block < 16 || (block & (block - 1)) != 0) return invalid("block_size is {}, expected a power of two from 16 on", block);
  TRY(const std::size_t gather, normalize_axis(node.integer("gather_axis", 0), rank));
  TRY(const std::size_t quantize, normalize_axis(node.integer("quantize_axis", 1), rank));
  if (data == DType::u8 && gather != 0) return invalid("gather_axis is {}, expected 0 for uint8 data", gather);
  return Sizes{data == DType::u8 ? 8 / bits : 1, gather, quantize, block};
}

// The dims of the data as elements.
Dims element_dims(Dims data, const Sizes& s) {
  if (!data.empty()) data.back() *= s.packed;
  return data;
}

Status infer(InferCall& c) {
  const Shape &data = c.shape(0), &indices = c.shape(1);
  if (!data.ranked || !indices.ranked || c.dtype(0) == DType::undefined) {
    c.set(0, c.dtype(2), Shape());
    return Ok{};
  }
  TRY(const Sizes s, sizes_of(c.node, data.rank(), c.dtype(0)));
  Shape y = data;
  if (y.dims.back().known()) {
    const auto last = checked_mul(y.dims.back().value, s.packed);
    if (!last) return invalid("the data of shape {} are too large", to_string(data));
    y.dims.back() = *last;
  } else if (s.packed != 1) {
    y.dims.back() = Dim();
  }
  if (const auto whole = y.concrete(), scales = c.shape(2).concrete(); whole && scales) {
    Dims wanted = *whole;
    wanted[s.quantize] = (wanted[s.quantize] + s.block - 1) / s.block;
    if (*scales != wanted) return invalid("scales have shape {}, expected {}", to_string(*scales), to_string(wanted));
    wanted.back() = (wanted.back() + s.packed - 1) / s.packed;
    if (const auto zeros = c.shape(3).concrete(); zeros && *zeros != wanted)
      return invalid("zero_points have shape {}, expected {}", to_string(*zeros), to_string(wanted));
  }
  y.dims.erase(y.dims.begin() + static_cast<std::ptrdiff_t>(s.gather));
  y.dims.insert(y.dims.begin() + static_cast<std::ptrdiff_t>(s.gather), indices.dims.begin(), indices.dims.end());
  c.set(0, c.dtype(2), std::move(y));
  return Ok{};
}

// Element `index` of a tensor whose last axis is packed.
float stored(const Tensor& t, const Dims& index, const Sizes& s) {
  std::int64_t at = 0;
  for (std::size_t i = 0; i < index.size(); ++i) at = at * t.dims()[i] + (i + 1 == index.size() ? index[i] / s.packed : index[i]);
  if (s.packed == 1) return static_cast<float>(element(t, at));
  const std::int64_t bits = 8 / s.packed;
  return static_cast<float>((t.data<std::uint8_t>()[at] >> (index.back() % s.packed * bits)) & ((1 << bits) - 1));
}

Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& data = c.in(0);
  TRY(const Sizes s, sizes_of(c.node, data.rank(), data.dtype()));
  const Dims dims = element_dims(data.dims(), s);
  const std::vector<std::int64_t> indices = c.in(1).to_ints();
  const ReadAs<float> scales(c.in(2));
  const float middle = data.dtype() == DType::u8 ? static_cast<float>(1 << (8 / s.packed - 1)) : 0;
  const std::size_t taken = c.in(1).rank();  // axes of the result that stand for the gathered one
  WriteAs<float> out(*y);
  std::int64_t at = 0;
  each_index(y->dims(), [&](const Dims& place) {
    std::int64_t which = 0;
    for (std::size_t i = 0; i < taken; ++i) which = which * c.in(1).dims()[i] + place[s.gather + i];
    const std::int64_t i = indices[static_cast<std::size_t>(which)], size = dims[s.gather], chosen = i < 0 ? i + size : i;
    Dims index(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(s.gather));
    index.push_back(chosen);
    index.insert(index.end(), place.begin() + static_cast<std::ptrdiff_t>(s.gather + taken), place.end());
    if (chosen < 0 || chosen >= size) {  // unlike Gather: zeros
      out[at++] = 0;
      return;
    }
    Dims block = index;
    block[s.quantize] /= s.block;
    std::int64_t scale = 0;
    for (std::size_t k = 0; k < block.size(); ++k) scale = scale * c.in(2).dims()[k] + block[k];
    const float zero = c.has(3) ? stored(c.in(3), block, s) : middle;
    out[at++] = (stored(data, index, s) - zero) * scales[scale];
  });
  return Ok{};
}

}  // namespace

extern const Op gatherblockquantized_op{.name = "GatherBlockQuantized",
                                        .domain = "com.microsoft",
                                        .inputs = "data: T1, indices: I, scales: T2, zero_points?: T1",
                                        .outputs = "output: T2",
                                        .attributes = "bits: int = 4, block_size: int = 128, gather_axis: int = 0, quantize_axis: int = 1",
                                        .types = "T1: int4 uint4 uint8; I: int32 int64; T2: float float16 bfloat16",
                                        .infer = infer,
                                        .reference = run};

}  // namespace hone
