// SPDX-License-Identifier: Apache-2.0
// Nearest-neighbour resize of NHWC pixels: copies whole pixels by the row and column tables.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"

namespace hone {
static void run(const KernelArgs& a) {
  const auto& p = a.as<ResizeParams>();
  assert(a.packed && p.c > 0);
  const auto *rows = static_cast<const std::int32_t*>(a.packed), *columns = rows + p.oh;
  const auto* x = static_cast<const std::uint8_t*>(a.in[0]);
  auto* y = static_cast<std::uint8_t*>(a.out[0]);
  const auto c = static_cast<std::size_t>(p.c), row_bytes = static_cast<std::size_t>(p.ow) * c;
  a.pool.parallel(static_cast<std::size_t>(p.n * p.oh), std::max<std::size_t>(1, 32768 / row_bytes), [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t r = begin; r < end; ++r) {
      const auto n = static_cast<std::int64_t>(r) / p.oh, row = std::int64_t{rows[static_cast<std::int64_t>(r) % p.oh]};
      assert(row >= 0 && row < p.ih);
      const std::uint8_t* from = x + static_cast<std::size_t>((n * p.ih + row) * p.iw) * c;
      for (std::int64_t i = 0; i < p.ow; ++i) {
        assert(columns[i] >= 0 && columns[i] < p.iw);
        std::memcpy(y + r * row_bytes + static_cast<std::size_t>(i) * c, from + static_cast<std::size_t>(columns[i]) * c, c);
      }
    }
  });
}

extern const Kernel resize_nearest_u8_generic_kernel{
    .name = "resize_nearest_u8_generic", .op = "resize_nearest", .dtype = DType::u8, .isa = Isa::generic,
    .packed_bytes = [](const void* params) {
      const auto& p = *static_cast<const ResizeParams*>(params);
      return static_cast<std::size_t>(p.oh + p.ow) * 4;
    },
    .pack = [](const void* params, std::span<const void* const> constants, void* packed) {
      const auto& p = *static_cast<const ResizeParams*>(params);
      auto* y = static_cast<std::int32_t*>(packed);
      std::memcpy(y, constants[0], static_cast<std::size_t>(p.oh) * 4);
      std::memcpy(y + p.oh, constants[1], static_cast<std::size_t>(p.ow) * 4);
    },
    .run = run};
}  // namespace hone
