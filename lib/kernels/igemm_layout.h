// SPDX-License-Identifier: Apache-2.0
// How indirect GEMM lays out its packed weights and its work (lib/kernels/igemm.h): shared by the packing and the driver.
#pragma once
#include <algorithm>

#include "lib/kernels/igemm.h"

namespace hone::igemm {

inline constexpr std::size_t cache_line = 64;
inline std::size_t aligned(std::size_t bytes) { return (bytes + cache_line - 1) / cache_line * cache_line; }
inline std::size_t ceil_div(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

// Input bytes of one chunk of rows, which stays in the second-level cache while every block of weights passes over it.
inline constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
inline constexpr std::size_t chunk_rows = 512;

// Taps side by side in a row of the kernel are one run of memory; they are merged into one tap of kw * ic elements when that is
// short enough to copy where the run crosses the border of the image.
inline constexpr std::size_t merged_bytes = 512;

// What the driver derives from a convolution (a matrix product is one with a 1x1 kernel).
struct Layout {
  const ConvParams& p;
  const Igemm& isa;
  std::size_t element, groups, group_in, group_out, rows, taps, k, blocks, chunk, tap_bytes, copies;
  bool merged;

  Layout(const ConvParams& params, const Igemm& i) : p(params), isa(i) {
    element = isa.dtype == DType::f32 ? 4 : 1;
    groups = static_cast<std::size_t>(p.group);
    group_in = static_cast<std::size_t>(p.ic) / groups;
    group_out = static_cast<std::size_t>(p.oc) / groups;
    rows = static_cast<std::size_t>(p.n * p.oh * p.ow);
    merged = p.kw > 1 && groups == 1 && p.dilation_w == 1 && static_cast<std::size_t>(p.kw * p.ic) * element <= merged_bytes;
    taps = static_cast<std::size_t>(merged ? p.kh : p.kh * p.kw);
    k = merged ? static_cast<std::size_t>(p.kw * p.ic) : group_in;
    blocks = ceil_div(vectors(), isa.max_vectors);
    const std::size_t pixel_bytes = static_cast<std::size_t>(p.ic) * element;
    chunk = std::clamp(chunk_bytes / pixel_bytes, isa.mr, chunk_rows) / isa.mr * isa.mr;
    // A copy of a tap has room for the last group of k to be read whole.
    tap_bytes = (merged ? k * element : pixel_bytes) + (isa.group - 1) * element;
    // The last group of k of the last pixels would be read past the end of x: as many pixels as a group has elements at most.
    const auto ow = static_cast<std::size_t>(p.ow);
    copies = merged ? std::min(chunk, (chunk / ow + 2) * (border_columns() + isa.group)) * taps : isa.group;
  }
  // Output columns whose window crosses the left or right border.
  std::size_t border_columns() const {
    std::size_t count = 0;
    for (std::int64_t ow = 0; ow < p.ow; ++ow) {
      const std::int64_t x = ow * p.stride_w - p.pad_left;
      count += x < 0 || x + p.kw > p.iw;
    }
    return count;
  }
  std::size_t vectors() const { return ceil_div(group_out, isa.lanes); }  // of one group
  std::size_t block_bytes(std::size_t block_vectors) const {
    const std::size_t channels = block_vectors * isa.lanes;
    return aligned(channels * (element == 4 ? 4 : 8) + taps * ceil_div(k, isa.group) * isa.group * channels * isa.weight_bytes);
  }
  // The blocks of a group share its vectors evenly; the first ones take the remainder.
  struct Block {
    std::size_t group, first_vector, vectors, offset;
  };
  Block block(std::size_t index) const {
    const std::size_t group = index / blocks, b = index % blocks, base = vectors() / blocks, larger = vectors() % blocks;
    const std::size_t large = std::min(b, larger);
    const auto bytes = [&](std::size_t big, std::size_t small) {
      return (big ? big * block_bytes(base + 1) : 0) + small * block_bytes(base);
    };
    return {group, b * base + large, base + (b < larger), group * bytes(larger, blocks - larger) + bytes(large, b - large)};
  }
  std::size_t panels_bytes() const { return block(groups * blocks).offset; }
  std::size_t zero_row_bytes() const { return aligned(tap_bytes); }
  std::size_t worker_bytes() const { return aligned(chunk * taps * sizeof(void*)) + aligned(copies * tap_bytes); }
};

// Where weight (channel, tap * k + i) lies in the constant.
struct Strides {
  std::size_t channel, k;
};

// One block of float weights: bias, then weight[k][channels]; channels past the end are zero.
void pack_block(const Layout& l, const Layout::Block& b, const float* weight, Strides s, const float* bias, float alpha, std::byte* out);
// Every block of weights with its bias (and, for integers, its multipliers), then the row of zeros that padding reads.
void pack_all(const Layout& l, std::span<const void* const> constants, Strides s, float alpha, std::byte* packed);

}  // namespace hone::igemm
