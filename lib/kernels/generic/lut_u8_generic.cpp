// SPDX-License-Identifier: Apache-2.0
// y[i] = table[x[i]]: any function of one byte.
#include <cassert>
#include <cstring>

#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"

namespace hone {
static void run(const KernelArgs& a) {
  assert(a.packed);
  const auto *x = static_cast<const std::uint8_t*>(a.in[0]), *table = static_cast<const std::uint8_t*>(a.packed);
  auto* y = static_cast<std::uint8_t*>(a.out[0]);
  a.pool.parallel(static_cast<std::size_t>(a.as<LutParams>().n), 32768, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i) y[i] = table[x[i]];
  });
}

extern const Kernel lut_u8_generic_kernel{
    .name = "lut_u8_generic", .op = "lut", .dtype = DType::u8, .isa = Isa::generic,
    .packed_bytes = [](const void*) { return std::size_t{256}; },
    .pack = [](const void*, std::span<const void* const> constants, void* packed) { std::memcpy(packed, constants[0], 256); },
    .run = run};
}  // namespace hone
