// SPDX-License-Identifier: Apache-2.0
// Any permutation of axes. Axes that stay together are merged first; then either the last axis stays (rows are copied), or the
// output's last axis and the input's last axis are walked in square tiles, so that neither side strides through memory alone.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"

namespace hone {
namespace {

struct Axis { std::size_t size, stride; };  // stride: in the input, bytes

struct Walk {
  Axis axes[9];  // of the output, outermost first
  std::size_t rank = 0, bytes = 0;  // bytes of an element
};

Walk walk(const TransposeParams& p) {
  assert(p.rank >= 0 && p.rank <= 8 && p.element_bytes > 0);
  std::size_t strides[8], stride = static_cast<std::size_t>(p.element_bytes);
  for (std::int64_t i = p.rank; i-- > 0; stride *= static_cast<std::size_t>(p.dims[i])) strides[i] = stride;
  Walk w;
  w.bytes = static_cast<std::size_t>(p.element_bytes);
  for (std::int64_t i = 0; i < p.rank; ++i) {
    const Axis axis{static_cast<std::size_t>(p.dims[p.perm[i]]), strides[p.perm[i]]};
    if (axis.size == 1) continue;
    if (w.rank > 0 && w.axes[w.rank - 1].stride == axis.stride * axis.size) w.axes[w.rank - 1] = {w.axes[w.rank - 1].size * axis.size, axis.stride};
    else w.axes[w.rank++] = axis;
  }
  if (w.rank == 0) w.axes[w.rank++] = {1, w.bytes};
  return w;
}

// y[i * columns + j] = x[i * element + j * stride] in bytes, for rows x columns elements of y, the rows contiguous in x.
template <class T>
void tile(const std::byte* x, std::byte* y, std::size_t rows, std::size_t columns, std::size_t row_stride, std::size_t column_stride) {
  constexpr std::size_t side = 64 / sizeof(T) < 16 ? 16 : 64 / sizeof(T);
  for (std::size_t i0 = 0; i0 < rows; i0 += side)
    for (std::size_t j0 = 0; j0 < columns; j0 += side)
      for (std::size_t i = i0; i < std::min(i0 + side, rows); ++i)
        for (std::size_t j = j0; j < std::min(j0 + side, columns); ++j)
          std::memcpy(y + i * row_stride + j * sizeof(T), x + i * sizeof(T) + j * column_stride, sizeof(T));
}

void tile_of(std::size_t bytes, const std::byte* x, std::byte* y, std::size_t rows, std::size_t columns, std::size_t row_stride, std::size_t column_stride) {
  if (bytes == 1) tile<std::uint8_t>(x, y, rows, columns, row_stride, column_stride);
  else if (bytes == 2) tile<std::uint16_t>(x, y, rows, columns, row_stride, column_stride);
  else if (bytes == 4) tile<std::uint32_t>(x, y, rows, columns, row_stride, column_stride);
  else if (bytes == 8) tile<std::uint64_t>(x, y, rows, columns, row_stride, column_stride);
  else
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) std::memcpy(y + i * row_stride + j * bytes, x + i * bytes + j * column_stride, bytes);
}

void run(const KernelArgs& a) {
  const auto& p = a.as<TransposeParams>();
  for (std::int64_t i = 0; i < p.rank; ++i)
    if (p.dims[i] == 0) return;
  const Walk w = walk(p);
  const auto* x = static_cast<const std::byte*>(a.in[0]);
  auto* y = static_cast<std::byte*>(a.out[0]);
  const Axis last = w.axes[w.rank - 1];
  const bool copies = last.stride == w.bytes;
  // The axis that is contiguous in the input; the tile spans it and the output's last one.
  std::size_t contiguous = w.rank;
  for (std::size_t i = 0; i + 1 < w.rank; ++i)
    if (w.axes[i].stride == w.bytes) contiguous = i;
  assert(copies || contiguous < w.rank);
  std::size_t y_strides[9], stride = w.bytes;
  for (std::size_t i = w.rank; i-- > 0; stride *= w.axes[i].size) y_strides[i] = stride;
  std::size_t count = 1;  // of rows, or of tiles
  for (std::size_t i = 0; i + 1 < w.rank; ++i)
    if (copies || i != contiguous) count *= w.axes[i].size;
  const std::size_t work = copies ? last.size * w.bytes : last.size * w.axes[contiguous].size * w.bytes;
  a.pool.parallel(count, std::max<std::size_t>(1, 32768 / work), [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t r = begin; r < end; ++r) {
      std::size_t from = 0, to = 0, rest = r;
      for (std::size_t i = w.rank - 1; i-- > 0;) {
        if (!copies && i == contiguous) continue;
        from += rest % w.axes[i].size * w.axes[i].stride;
        to += rest % w.axes[i].size * y_strides[i];
        rest /= w.axes[i].size;
      }
      if (copies) std::memcpy(y + to, x + from, last.size * w.bytes);
      else tile_of(w.bytes, x + from, y + to, w.axes[contiguous].size, last.size, y_strides[contiguous], last.stride);
    }
  });
}

}  // namespace

extern const Kernel transpose_u8_generic_kernel{.name = "transpose_u8_generic", .op = "transpose", .dtype = DType::u8, .isa = Isa::generic, .run = run};
}  // namespace hone
