// SPDX-License-Identifier: Apache-2.0
// Indirect GEMM: dense and grouped convolution and matrix products as one tile routine per ISA and dtype, and one driver.
//
// The input is seen as rows: row r, tap t is a pointer to k consecutive elements (the channels under tap t of output pixel r; a
// row of zeros where the tap falls on padding). A tile is up to `mr` rows by up to `max_vectors` vectors of output channels.
// Weights are packed in blocks of channels: {bias[], multiplier[] (u8), weight[taps][ceil(k/group)][channels][group]}, where the
// channels of a block are a multiple of `lanes` and every block starts on 64 bytes. After the blocks comes the zero row.
// Each output is accumulated over taps and k in order, so no result depends on tiling or threads.
#pragma once
#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"

namespace hone {

struct IgemmTile {
  const std::byte* const* rows;  // [taps][row_stride]
  std::size_t row_stride;        // pointers from tap to tap
  std::size_t offset;            // bytes added to every row pointer
  std::size_t m, vectors, n;     // rows, vectors of channels, channels to store: (vectors - 1) * lanes < n <= vectors * lanes
  std::size_t taps, k;
  const std::byte* panel;        // a packed block
  std::byte* y;
  std::size_t y_stride;          // bytes from row to row of y; of residual too
  const std::byte* residual;     // null: none
  Clamp clamp;
  Requant quant;
};

struct Igemm {
  DType dtype;
  std::size_t mr, lanes, max_vectors;
  std::size_t group;         // consecutive k's kept together
  std::size_t weight_bytes;  // 4: f32; 1 or 2: int8 as it is or widened
  void (*tile)(const IgemmTile&);
};

// conv and groupconv.
bool conv_accepts_f32(const void* params);
bool conv_accepts_u8(const void* params);
std::size_t conv_packed_bytes(const ConvParams&, const Igemm&);
void conv_pack(const ConvParams&, const Igemm&, std::span<const void* const> constants, void* packed);
std::size_t conv_scratch_bytes(const ConvParams&, const Igemm&, int threads);
void conv_run(const KernelArgs&, const Igemm&);

// gemm.
bool gemm_accepts_f32(const void* params);
bool gemm_accepts_u8(const void* params);
std::size_t gemm_packed_bytes(const GemmParams&, const Igemm&);
void gemm_pack(const GemmParams&, const Igemm&, std::span<const void* const> constants, void* packed);
std::size_t gemm_scratch_bytes(const GemmParams&, const Igemm&, int threads);
void gemm_run(const KernelArgs&, const Igemm&);

// The rows of the table that one Igemm gives: `op` is conv, groupconv or gemm.
template <const Igemm& igemm>
constexpr Kernel conv_kernel(std::string_view name, std::string_view op, DType dtype, Isa isa) {
  return {.name = name, .op = op, .dtype = dtype, .isa = isa, .accepts = dtype == DType::f32 ? conv_accepts_f32 : conv_accepts_u8,
          .packed_bytes = [](const void* p) { return conv_packed_bytes(*static_cast<const ConvParams*>(p), igemm); },
          .pack = [](const void* p, std::span<const void* const> c, void* packed) {
            conv_pack(*static_cast<const ConvParams*>(p), igemm, c, packed);
          },
          .scratch_bytes = [](const void* p, int threads) {
            return conv_scratch_bytes(*static_cast<const ConvParams*>(p), igemm, threads);
          },
          .run = [](const KernelArgs& a) { conv_run(a, igemm); }};
}
template <const Igemm& igemm>
constexpr Kernel gemm_kernel(std::string_view name, DType dtype, Isa isa) {
  return {.name = name, .op = "gemm", .dtype = dtype, .isa = isa, .accepts = dtype == DType::f32 ? gemm_accepts_f32 : gemm_accepts_u8,
          .packed_bytes = [](const void* p) { return gemm_packed_bytes(*static_cast<const GemmParams*>(p), igemm); },
          .pack = [](const void* p, std::span<const void* const> c, void* packed) {
            gemm_pack(*static_cast<const GemmParams*>(p), igemm, c, packed);
          },
          .scratch_bytes = [](const void* p, int threads) {
            return gemm_scratch_bytes(*static_cast<const GemmParams*>(p), igemm, threads);
          },
          .run = [](const KernelArgs& a) { gemm_run(a, igemm); }};
}

extern const Igemm igemm_f32_generic, igemm_u8_generic;
#if defined(__x86_64__)
extern const Igemm igemm_f32_avx2, igemm_u8_avx2, igemm_f32_avx512, igemm_u8_avx512vnni;
#elif defined(__aarch64__)
extern const Igemm igemm_f32_neon, igemm_u8_neon;
#endif

}  // namespace hone
