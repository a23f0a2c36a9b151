// SPDX-License-Identifier: Apache-2.0
// The driver of indirect GEMM: the row pointers and the split into tasks. Written once for every ISA.
#include "lib/kernels/igemm_layout.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "lib/kernels/taps.h"

namespace hone {

using namespace igemm;

namespace {

struct Job {
  const Layout& l;
  const std::byte *x, *residual, *packed;
  std::byte* y;
};

// The tiles of a chunk share its rows evenly, so that none is much smaller than mr: tile i has rows [cut(i), cut(i + 1)).
struct Tiles {
  std::size_t rows, count;
  std::size_t cut(std::size_t i) const { return rows * i / count; }
};

// Fills rows[tile][tap][mr] for the rows [first, first + tiles.rows) of a chunk. Every pointer may be read for k rounded up to a
// group: taps where that would pass the end of x are copied, as are merged taps that cross a border.
class Pointers {
 public:
  Pointers(const Job& job, const Tiles& tiles, std::byte* scratch)
      : l_(job.l),
        x_(job.x),
        zero_(job.packed + l_.panels_bytes()),
        rows_(reinterpret_cast<const std::byte**>(scratch)),
        tiles_(tiles),
        copy_(scratch + aligned(l_.chunk * l_.taps * sizeof(void*))),
        pixel_(static_cast<std::size_t>(l_.p.ic) * l_.element),
        end_(x_ + static_cast<std::size_t>(l_.p.n * l_.p.ih * l_.p.iw) * pixel_) {}

  void fill(std::size_t first) {
    const ConvParams& p = l_.p;
    if (l_.merged) return fill_merged(first);
    if (p.kh * p.kw == 1 && p.stride_h == 1 && p.stride_w == 1 && p.oh == p.ih && p.ow == p.iw) {  // rows of x, one after the other
      for (std::size_t tile = 0; tile < tiles_.count; ++tile)
        for (std::size_t i = tiles_.cut(tile); i < tiles_.cut(tile + 1); ++i)
          rows_[tile * l_.isa.mr + i - tiles_.cut(tile)] = whole(x_ + (first + i) * pixel_);
      return;
    }
    for_each_tap(p, first, first + tiles_.rows, [&](std::size_t i, std::size_t tap, std::int64_t at) {
      *place(i, tap) = at < 0 ? zero_ : whole(x_ + static_cast<std::size_t>(at) * l_.element);
    });
  }

 private:
  const std::byte** place(std::size_t i, std::size_t tap) {
    while (i >= tiles_.cut(tile_ + 1)) ++tile_;
    return rows_ + (tile_ * l_.taps + tap) * l_.isa.mr + i - tiles_.cut(tile_);
  }
  // One pixel, or a copy of it where the last group of k would be read past the end of x.
  const std::byte* whole(const std::byte* pixel) {
    if (pixel + l_.tap_bytes <= end_ || l_.k % l_.isa.group == 0) return pixel;
    const auto from_end = static_cast<std::size_t>(end_ - pixel) / pixel_ - 1;
    assert(from_end < l_.copies);
    std::byte* copy = copy_ + from_end * l_.tap_bytes;
    std::memcpy(copy, pixel, pixel_);
    return copy;
  }
  void fill_merged(std::size_t first) {
    const ConvParams& p = l_.p;
    for (std::size_t i = 0; i < tiles_.rows; ++i) {
      const auto pixel = static_cast<std::int64_t>(first + i), row = pixel / p.ow;
      const std::int64_t x = pixel % p.ow * p.stride_w - p.pad_left, y = row % p.oh * p.stride_h - p.pad_top, image = row / p.oh * p.ih;
      for (std::int64_t kh = 0; kh < p.kh; ++kh) {
        const std::int64_t at = y + kh * p.dilation_h;
        *place(i, static_cast<std::size_t>(kh)) = at < 0 || at >= p.ih ? zero_ : run(image + at, x);
      }
    }
  }
  // kw pixels of an image row from column x on, which may lie outside.
  const std::byte* run(std::int64_t row, std::int64_t x) {
    const std::int64_t width = l_.p.kw, pixel = static_cast<std::int64_t>(pixel_), start = (row * l_.p.iw + x) * pixel;
    const bool inside = x >= 0 && x + width <= l_.p.iw;
    if (inside && start + static_cast<std::int64_t>(l_.tap_bytes) <= end_ - x_) return x_ + start;
    assert(used_ < l_.copies);
    std::byte* copy = copy_ + used_++ * l_.tap_bytes;
    const std::int64_t low = std::clamp<std::int64_t>(-x, 0, width), high = std::clamp<std::int64_t>(l_.p.iw - x, low, width);
    const auto bytes = [&](std::int64_t pixels) { return static_cast<std::size_t>(pixels) * pixel_; };
    std::memcpy(copy, zero_, bytes(low));
    if (low < high) std::memcpy(copy + bytes(low), x_ + start + low * pixel, bytes(high - low));
    std::memcpy(copy + bytes(high), zero_, bytes(width - high));
    return copy;
  }

  const Layout& l_;
  const std::byte *x_, *zero_;
  const std::byte** rows_;
  const Tiles& tiles_;
  std::byte* copy_;
  std::size_t pixel_;  // bytes
  const std::byte* end_;
  std::size_t tile_ = 0, used_ = 0;
};

// Blocks [block_first, block_last) of the rows [first, last).
void run_chunk(const Job& job, std::size_t first, std::size_t last, std::size_t block_first, std::size_t block_last, std::byte* scratch) {
  const Layout& l = job.l;
  const Tiles tiles{last - first, ceil_div(last - first, l.isa.mr)};
  Pointers(job, tiles, scratch).fill(first);
  const std::size_t y_stride = static_cast<std::size_t>(l.p.oc) * l.element;
  for (std::size_t index = block_first; index < block_last; ++index) {
    const Layout::Block b = l.block(index);
    const std::size_t channel = b.first_vector * l.isa.lanes, y_offset = (b.group * l.group_out + channel) * l.element;
    IgemmTile t{.rows = reinterpret_cast<const std::byte* const*>(scratch),
                .row_stride = l.isa.mr,
                .offset = b.group * l.group_in * l.element,
                .m = 0,
                .vectors = b.vectors,
                .n = std::min(b.vectors * l.isa.lanes, l.group_out - channel),
                .taps = l.taps,
                .k = l.k,
                .panel = job.packed + b.offset,
                .y = nullptr,
                .y_stride = y_stride,
                .residual = nullptr,
                .clamp = l.p.clamp,
                .quant = l.p.quant};
    for (std::size_t i = 0; i < tiles.count; ++i, t.rows += l.taps * l.isa.mr) {
      const std::size_t at = (first + tiles.cut(i)) * y_stride + y_offset;
      t.m = tiles.cut(i + 1) - tiles.cut(i);
      t.y = job.y + at;
      t.residual = job.residual ? job.residual + at : nullptr;
      l.isa.tile(t);
    }
  }
}

// All of a job in the caller's thread.
void run_serial(const Job& job, std::byte* scratch) {
  for (std::size_t first = 0; first < job.l.rows; first += job.l.chunk)
    run_chunk(job, first, std::min(first + job.l.chunk, job.l.rows), 0, job.l.groups * job.l.blocks, scratch);
}

void run_parallel(const Job& job, std::byte* scratch, ThreadPool& pool) {
  const Layout& l = job.l;
  const std::size_t threads = static_cast<std::size_t>(pool.threads());
  if (threads == 1) return run_serial(job, scratch);
  // About four tasks for each thread: smaller chunks first (while rows last), then fewer blocks at a time.
  const std::size_t smallest = l.isa.mr * 4, wanted = threads * 4;
  const std::size_t chunk = std::clamp(ceil_div(l.rows, wanted), std::min(smallest, l.chunk), l.chunk), chunks = ceil_div(l.rows, chunk);
  const std::size_t blocks = l.groups * l.blocks, splits = std::clamp<std::size_t>(ceil_div(wanted, chunks), 1, blocks);
  pool.parallel(chunks * splits, 1, [&](std::size_t begin, std::size_t end, int worker) {
    std::byte* own = scratch + static_cast<std::size_t>(worker) * l.worker_bytes();
    for (std::size_t task = begin; task < end; ++task) {
      const std::size_t first = task / splits * chunk, split = task % splits;
      run_chunk(job, first, std::min(first + chunk, l.rows), blocks * split / splits, blocks * (split + 1) / splits, own);
    }
  });
}

ConvParams as_conv(const GemmParams& g) {
  const std::int64_t rows = g.shared_b ? g.batch * g.m : g.m;  // one b: the batches are just more rows
  return {.n = 1, .ih = 1, .iw = rows, .ic = g.k, .oh = 1, .ow = rows, .oc = g.n, .kh = 1, .kw = 1, .clamp = g.clamp, .quant = g.quant};
}

Strides strides(const GemmParams& g) {
  const auto n = static_cast<std::size_t>(g.n), k = static_cast<std::size_t>(g.k);
  return g.transpose_b ? Strides{k, 1} : Strides{1, n};
}

std::size_t packed_bytes(const Layout& l) { return l.panels_bytes() + l.zero_row_bytes(); }

}  // namespace

bool conv_accepts_f32(const void* params) {
  const auto& p = *static_cast<const ConvParams*>(params);
  return p.n > 0 && p.oh > 0 && p.ow > 0 && p.ic > 0 && p.oc > 0 && p.group > 0 && p.ic % p.group == 0 && p.oc % p.group == 0;
}
bool conv_accepts_u8(const void* params) {
  const auto& p = *static_cast<const ConvParams*>(params);
  return conv_accepts_f32(params) && p.kh * p.kw * (p.ic / p.group) <= max_int8_depth;
}

std::size_t conv_packed_bytes(const ConvParams& p, const Igemm& isa) { return packed_bytes(Layout(p, isa)); }

void conv_pack(const ConvParams& p, const Igemm& isa, std::span<const void* const> constants, void* packed) {
  const Layout l(p, isa);
  pack_all(l, constants, {l.taps * l.k, 1}, 1, static_cast<std::byte*>(packed));
}

std::size_t conv_scratch_bytes(const ConvParams& p, const Igemm& isa, int threads) {
  return static_cast<std::size_t>(threads) * Layout(p, isa).worker_bytes();
}

void conv_run(const KernelArgs& a, const Igemm& isa) {
  const auto& p = a.as<ConvParams>();
  assert(a.packed && a.scratch && conv_accepts_f32(&p));
  const Layout l(p, isa);
  const Job job{l, static_cast<const std::byte*>(a.in[0]), p.residual ? static_cast<const std::byte*>(a.in[1]) : nullptr,
                static_cast<const std::byte*>(a.packed), static_cast<std::byte*>(a.out[0])};
  run_parallel(job, static_cast<std::byte*>(a.scratch), a.pool);
}

bool gemm_accepts_f32(const void* params) {
  const auto& g = *static_cast<const GemmParams*>(params);
  return g.batch > 0 && g.m > 0 && g.n > 0 && g.k > 0 && (g.shared_b || !g.constant_b);
}
bool gemm_accepts_u8(const void* params) {
  const auto& g = *static_cast<const GemmParams*>(params);
  return gemm_accepts_f32(params) && g.constant_b && g.k <= max_int8_depth;
}

std::size_t gemm_packed_bytes(const GemmParams& g, const Igemm& isa) { return g.constant_b ? packed_bytes(Layout(as_conv(g), isa)) : 0; }

void gemm_pack(const GemmParams& g, const Igemm& isa, std::span<const void* const> constants, void* packed) {
  const ConvParams p = as_conv(g);
  pack_all(Layout(p, isa), constants, strides(g), g.alpha, static_cast<std::byte*>(packed));
}

std::size_t gemm_scratch_bytes(const GemmParams& g, const Igemm& isa, int threads) {
  const ConvParams p = as_conv(g);
  const Layout l(p, isa);
  const std::size_t worker = l.worker_bytes() + (g.constant_b ? 0 : aligned(packed_bytes(l)));
  return static_cast<std::size_t>(threads) * worker;
}

// b arrives at run time: packed into scratch, by each worker for its own batches, or by all of them when there is one batch.
static void run_dynamic(const KernelArgs& a, const GemmParams& g, const Layout& l) {
  const auto *x = static_cast<const std::byte*>(a.in[0]), *b = static_cast<const std::byte*>(a.in[1]);
  const float* bias = g.has_bias ? static_cast<const float*>(a.in[2]) : nullptr;
  auto *y = static_cast<std::byte*>(a.out[0]), *scratch = static_cast<std::byte*>(a.scratch);
  const std::size_t packed = aligned(packed_bytes(l)), threads = static_cast<std::size_t>(a.pool.threads());
  const std::size_t batches = g.shared_b ? 1 : static_cast<std::size_t>(g.batch);
  const std::size_t b_bytes = static_cast<std::size_t>(g.k * g.n) * 4, x_bytes = l.rows * l.k * 4, y_bytes = l.rows * l.group_out * 4;
  const auto pack = [&](std::size_t batch, std::size_t i, std::byte* to) {
    const Layout::Block block = l.block(i);
    pack_block(l, block, reinterpret_cast<const float*>(b + batch * b_bytes), strides(g), bias, g.alpha, to + block.offset);
  };
  const auto job = [&](std::size_t batch, const std::byte* panels) {
    return Job{l, x + batch * x_bytes, nullptr, panels, y + batch * y_bytes};
  };
  if (batches > 1) {
    a.pool.parallel(batches, 1, [&](std::size_t begin, std::size_t end, int worker) {
      std::byte* panels = scratch + static_cast<std::size_t>(worker) * (packed + l.worker_bytes());
      for (std::size_t batch = begin; batch < end; ++batch) {
        for (std::size_t i = 0; i < l.blocks; ++i) pack(batch, i, panels);
        run_serial(job(batch, panels), panels + packed);
      }
    });
    return;
  }
  std::byte* panels = scratch + threads * l.worker_bytes();
  a.pool.parallel(l.blocks, 1, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i) pack(0, i, panels);
  });
  run_parallel(job(0, panels), scratch, a.pool);
}

void gemm_run(const KernelArgs& a, const Igemm& isa) {
  const auto& g = a.as<GemmParams>();
  assert(a.scratch && gemm_accepts_f32(&g));
  const ConvParams p = as_conv(g);
  const Layout l(p, isa);
  if (!g.constant_b) return run_dynamic(a, g, l);
  assert(a.packed);
  const Job job{l, static_cast<const std::byte*>(a.in[0]), nullptr, static_cast<const std::byte*>(a.packed),
                static_cast<std::byte*>(a.out[0])};
  run_parallel(job, static_cast<std::byte*>(a.scratch), a.pool);
}

}  // namespace hone
