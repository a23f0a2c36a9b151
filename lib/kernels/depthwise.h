// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution: one routine per ISA and dtype, and one driver. The routine computes a run of output pixels of one row,
// over all channels; every tap is a pointer to the input pixel of the run's first output, and the step to the next one. A tap
// outside the image points to the zero row, with step 0. Packed: bias[c], multiplier[c] (u8), weight[ceil(taps/group)][c][group],
// with c rounded up to a multiple of `block`, then the zero row (of the same length).
#pragma once
#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"

namespace hone {

struct DepthwiseTile {
  const std::byte* const* rows;  // [taps rounded up to group]
  const std::size_t* steps;      // bytes, for each tap
  std::size_t pixels, taps, channels;
  bool adjacent;                 // 3 taps in a kernel row, and each is the tap before it one output pixel later
  const std::byte* packed;
  std::byte* y;                  // pixel i at y + i * channels elements; the residual likewise
  const std::byte* residual;     // null: none
  Clamp clamp;
  Requant quant;
};

struct Depthwise {
  DType dtype;
  std::size_t block, group;
  // Position in the packed arrays of a channel; null: the channel itself.
  std::size_t (*position)(std::size_t channel);
  void (*run)(const DepthwiseTile&);
};

bool depthwise_accepts(const void* params);
std::size_t depthwise_packed_bytes(const ConvParams&, const Depthwise&);
void depthwise_pack(const ConvParams&, const Depthwise&, std::span<const void* const> constants, void* packed);
std::size_t depthwise_scratch_bytes(const ConvParams&, const Depthwise&, int threads);
void depthwise_run(const KernelArgs&, const Depthwise&);

template <const Depthwise& depthwise>
constexpr Kernel depthwise_kernel(std::string_view name, DType dtype, Isa isa) {
  return {.name = name, .op = "depthwise", .dtype = dtype, .isa = isa, .accepts = depthwise_accepts,
          .packed_bytes = [](const void* p) { return depthwise_packed_bytes(*static_cast<const ConvParams*>(p), depthwise); },
          .pack = [](const void* p, std::span<const void* const> c, void* packed) {
            depthwise_pack(*static_cast<const ConvParams*>(p), depthwise, c, packed);
          },
          .scratch_bytes = [](const void* p, int threads) {
            return depthwise_scratch_bytes(*static_cast<const ConvParams*>(p), depthwise, threads);
          },
          .run = [](const KernelArgs& a) { depthwise_run(a, depthwise); }};
}

}  // namespace hone
