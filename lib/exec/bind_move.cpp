// SPDX-License-Identifier: Apache-2.0
// Operators that only move elements: Transpose, and Concat, whose loop is here because it is nothing but memcpy.
#include <cstring>

#include "lib/exec/bind.h"

namespace hone {
namespace {

struct ConcatParams {
  std::int64_t outer = 1;
  std::vector<std::size_t> bytes;  // of each input, for one outer index
};

void concat(const KernelArgs& a) {
  const auto& p = a.as<ConcatParams>();
  auto* out = static_cast<std::byte*>(a.out[0]);
  for (std::int64_t o = 0; o < p.outer; ++o)
    for (std::size_t k = 0; k < p.bytes.size(); out += p.bytes[k++])
      if (p.bytes[k] != 0) std::memcpy(out, static_cast<const std::byte*>(a.in[k]) + static_cast<std::size_t>(o) * p.bytes[k], p.bytes[k]);
}
constexpr Kernel concat_kernel{.name = "concat_bytes", .op = "concat", .dtype = DType::u8, .run = concat};

}  // namespace

bool bind_concat(const Site& s, Binding& b) {
  const Dims out = s.out_dims();
  const auto axis = normalize_axis(s.node.integer("axis"), out.size());
  if (bits(s.dtype(0)) < 8 || !axis || s.in.size() > max_kernel_inputs) return false;
  ConcatParams p;
  for (std::size_t i = 0; i < *axis; ++i) p.outer *= out[i];
  for (std::size_t k = 0; k < s.in.size(); ++k) {
    p.bytes.push_back(bytes_of(s.dtype(0), static_cast<std::size_t>(count_of(s.dims(k)) / p.outer)));
    b.inputs.push_back(k);
  }
  b.kernel = &concat_kernel;
  b.params = std::make_shared<const ConcatParams>(std::move(p));
  return true;
}

// Axes of size 1 are dropped and axes that stay neighbours are merged, so that kernels see the simplest form.
bool bind_transpose(const Site& s, Binding& b) {
  const Dims dims = s.dims(0), perm = permutation(s.node, dims.size());
  const int element_bits = bits(s.dtype(0));
  if (element_bits < 8 || element_bits > 64) return false;
  std::vector<std::size_t> order;  // the axes of the input in output order, without those of size 1
  for (const std::int64_t axis : perm)
    if (dims[static_cast<std::size_t>(axis)] != 1) order.push_back(static_cast<std::size_t>(axis));
  std::vector<std::size_t> kept = order;
  std::ranges::sort(kept);
  const auto rank_of = [&](std::size_t axis) { return static_cast<std::size_t>(std::ranges::find(kept, axis) - kept.begin()); };
  // joins[i]: kept axis i continues axis i - 1 in the output too.
  std::vector<bool> joins(kept.size(), false);
  for (std::size_t i = 1; i < order.size(); ++i)
    if (rank_of(order[i]) == rank_of(order[i - 1]) + 1) joins[rank_of(order[i])] = true;
  TransposeParams p{.rank = 0, .dims = {}, .perm = {}, .element_bytes = element_bits / 8};
  std::vector<std::int64_t> group(kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!joins[i]) {
      if (p.rank == 8) return false;
      p.dims[p.rank++] = 1;
    }
    group[i] = p.rank - 1;
    p.dims[p.rank - 1] *= dims[kept[i]];
  }
  std::int64_t at = 0;
  for (const std::size_t axis : order)
    if (!joins[rank_of(axis)]) p.perm[at++] = group[rank_of(axis)];
  b.inputs = {0};
  return b.choose("transpose", DType::u8, p);
}

}  // namespace hone
