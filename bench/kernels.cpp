// SPDX-License-Identifier: Apache-2.0
// Every kernel of the table that this CPU can run, on layers of real networks; one thread. Prints GFLOP/s (or GOP/s) and the share
// of this core's peak for the dtype, measured at the start of the same run, or GB/s for what only moves bytes.
//   bench_kernels --benchmark_filter='conv_f32_avx512' --benchmark_min_time=0.05
#include <benchmark/benchmark.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"

namespace hone {
namespace {

// Operations per second of a loop that does nothing but multiply and add in registers; the best of several short runs.
double best_rate(double operations, const std::function<void()>& loop) {
  double best = 0;
  for (int i = 0; i < 30; ++i) {
    const auto start = std::chrono::steady_clock::now();
    loop();
    best = std::max(best, operations / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

constexpr int rounds = 20000, chains = 24;
#if defined(__x86_64__)
// In assembly, so that every sum stays in its register.
__attribute__((target("avx512f"))) void fma_loop() {
  __m512 acc[chains] = {}, x = _mm512_set1_ps(1.0f);
  for (int i = 0; i < rounds; ++i)
#pragma GCC unroll 24
    for (int j = 0; j < chains; ++j) asm volatile("vfmadd231ps %1, %1, %0" : "+v"(acc[j]) : "v"(x));
}
__attribute__((target("avx512f,avx512vnni"))) void dot_loop() {
  __m512i acc[chains] = {}, x = _mm512_set1_epi32(1);
  for (int i = 0; i < rounds; ++i)
#pragma GCC unroll 24
    for (int j = 0; j < chains; ++j) asm volatile("vpdpbusd %1, %1, %0" : "+v"(acc[j]) : "v"(x));
}
__attribute__((target("avx2,fma"))) void fma_loop_avx2() {
  __m256 acc[12] = {}, x = _mm256_set1_ps(1.0f);
  for (int i = 0; i < rounds * 2; ++i)
#pragma GCC unroll 12
    for (int j = 0; j < 12; ++j) asm volatile("vfmadd231ps %1, %1, %0" : "+v"(acc[j]) : "v"(x));
}
#endif

// 0 when this CPU has no such loop here. u8 is measured against vpdpbusd, or four times the float rate without it.
double peak(DType dtype) {
  static const auto rates = [] {
    std::pair<double, double> r{0, 0};
#if defined(__x86_64__)
    if (supported(Isa::avx512)) r.first = best_rate(2.0 * 16 * chains * rounds, fma_loop);
    else if (supported(Isa::avx2)) r.first = best_rate(2.0 * 8 * 12 * rounds * 2, fma_loop_avx2);
    r.second = supported(Isa::avx512vnni) ? best_rate(2.0 * 64 * chains * rounds, dot_loop) : 4 * r.first;
#endif
    return r;
  }();
  return dtype == DType::f32 ? rates.first : rates.second;
}

struct Free { void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{64}); } };
using Bytes = std::shared_ptr<std::byte[]>;
Bytes bytes(std::size_t n) {
  Bytes b(new (std::align_val_t{64}) std::byte[n + 64], Free{});
  std::fill(b.get(), b.get() + n + 64, std::byte{1});
  return b;
}

// One layer: what it computes, what it moves, its parameters and the sizes of its buffers.
struct Layer {
  std::string name;
  double operations = 0;  // 0: bytes are what counts
  std::shared_ptr<const void> params;
  std::vector<std::size_t> in, constants;
  std::size_t out = 0;
};

template <class P>
std::shared_ptr<const void> shared(P p) { return std::make_shared<const P>(p); }

Layer conv_layer(std::string name, std::int64_t size, std::int64_t ic, std::int64_t oc, std::int64_t k, std::int64_t stride, std::int64_t group = 1) {
  const std::int64_t pad = k / 2, out = (size + 2 * pad - k) / stride + 1;
  const ConvParams p{.n = 1, .ih = size, .iw = size, .ic = ic, .oh = out, .ow = out, .oc = oc, .kh = k, .kw = k, .stride_h = stride, .stride_w = stride,
                     .pad_top = pad, .pad_left = pad, .group = group};
  const auto u = [](std::int64_t n) { return static_cast<std::size_t>(n) * 4; };
  const std::int64_t weights = oc * k * k * ic / group;
  return {std::move(name), 2.0 * static_cast<double>(out * out * weights), shared(p), {u(size * size * ic)}, {u(weights), u(oc), u(oc)}, u(out * out * oc)};
}

Layer gemm_layer(std::string name, std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t batch = 0, bool transposed = false) {
  GemmParams p{.m = m, .n = n, .k = k};
  if (batch) p.batch = batch, p.constant_b = p.shared_b = false, p.transpose_b = transposed;
  const std::int64_t b = std::max<std::int64_t>(batch, 1);
  const auto u = [](std::int64_t count) { return static_cast<std::size_t>(count) * 4; };
  return {std::move(name), 2.0 * static_cast<double>(b * m * n * k), shared(p), {u(b * m * k), u(b * n * k)}, {u(n * k), u(n), u(n)}, u(b * m * n)};
}

std::vector<Layer> layers(const Kernel& k) {
  if (k.op == "conv")
    return {conv_layer("stem7x7_224x3_64", 224, 3, 64, 7, 2), conv_layer("stem3x3_224x3_32", 224, 3, 32, 3, 2), conv_layer("3x3_56x64_64", 56, 64, 64, 3, 1),
            conv_layer("3x3_28x128_128", 28, 128, 128, 3, 1), conv_layer("3x3_14x256_256", 14, 256, 256, 3, 1), conv_layer("3x3_7x512_512", 7, 512, 512, 3, 1),
            conv_layer("1x1_56x64_256", 56, 64, 256, 1, 1), conv_layer("1x1_56x24_144", 56, 24, 144, 1, 1), conv_layer("1x1_14x96_576", 14, 96, 576, 1, 1),
            conv_layer("1x1_14x576_96", 14, 576, 96, 1, 1), conv_layer("1x1_7x960_320", 7, 960, 320, 1, 1), conv_layer("1x1_112x32_16", 112, 32, 16, 1, 1)};
  if (k.op == "groupconv") return {conv_layer("3x3_28x256_256_g32", 28, 256, 256, 3, 1, 32)};
  if (k.op == "depthwise")
    return {conv_layer("3x3_112x32", 112, 32, 32, 3, 1, 32), conv_layer("3x3_56x144", 56, 144, 144, 3, 1, 144), conv_layer("3x3s2_56x144", 56, 144, 144, 3, 2, 144),
            conv_layer("3x3_14x576", 14, 576, 576, 3, 1, 576), conv_layer("5x5_14x240", 14, 240, 240, 5, 1, 240), conv_layer("3x3_7x960", 7, 960, 960, 3, 1, 960)};
  if (k.op == "gemm") {
    std::vector<Layer> list{gemm_layer("1024x1024x1024", 1024, 1024, 1024), gemm_layer("197x192x768", 197, 192, 768), gemm_layer("197x768x192", 197, 768, 192),
                            gemm_layer("128x312x1200", 128, 312, 1200), gemm_layer("1x1000x512", 1, 1000, 512), gemm_layer("1x4096x4096", 1, 4096, 4096)};
    if (k.dtype == DType::f32) {
      list.push_back(gemm_layer("attention_qk_197x197x64_b3", 197, 197, 64, 3, true));
      list.push_back(gemm_layer("attention_pv_197x64x197_b3", 197, 64, 197, 3));
    }
    return list;
  }
  const std::int64_t n = 14 * 14 * 576;
  const auto size = static_cast<std::size_t>(n) * 4;
  if (k.op == "maxpool" || k.op == "avgpool") {
    const PoolParams three{.n = 1, .ih = 112, .iw = 112, .c = 64, .oh = 56, .ow = 56, .kh = 3, .kw = 3, .stride_h = 2, .stride_w = 2, .pad_top = 1, .pad_left = 1};
    const PoolParams global{.n = 1, .ih = 7, .iw = 7, .c = 512, .oh = 1, .ow = 1, .kh = 7, .kw = 7};
    return {{"3x3s2_112x64", 0, shared(three), {112 * 112 * 64 * 4}, {}, 56 * 56 * 64 * 4}, {"global_7x512", 0, shared(global), {7 * 7 * 512 * 4}, {}, 512 * 4}};
  }
  if (k.op == "softmax" || k.op.ends_with("norm") || k.op.starts_with("reduce"))
    return {{"591x197", 0, shared(RowParams{.rows = 591, .n = 197}), {591 * 197 * 4, 1024, 1024}, {}, 591 * 197 * 4}};
  if (k.op == "transpose") {
    const TransposeParams nhwc{.rank = 3, .dims = {64, 56, 56}, .perm = {1, 2, 0}, .element_bytes = 4}, heads{.rank = 3, .dims = {197, 3, 64}, .perm = {1, 0, 2}, .element_bytes = 4};
    return {{"chw_64x56x56_hwc", 0, shared(nhwc), {64 * 56 * 56 * 4}, {}, 64 * 56 * 56 * 4}, {"heads_197x3x64", 0, shared(heads), {197 * 3 * 64 * 4}, {}, 197 * 3 * 64 * 4}};
  }
  if (k.op == "quantize" || k.op == "dequantize") return {{"14x14x576", 0, shared(QuantizeParams{.n = n, .scale = 0.1f, .zero = 3}), {size}, {}, size}};
  if (k.op == "lut") return {{"14x14x576", 0, shared(LutParams{n}), {size}, {256}, size}};
  if (k.op.starts_with("resize")) return {};
  const BinaryParams same{.rank = 1, .dims = {n}, .a_strides = {1}, .b_strides = {1}}, channel{.rank = 2, .dims = {196, 576}, .a_strides = {576, 1}, .b_strides = {0, 1}};
  static const std::vector<std::string_view> binary{"add", "sub", "mul", "div", "min", "max", "pow"};
  if (std::ranges::find(binary, k.op) != binary.end())
    return {{"14x14x576", 0, shared(same), {size, size}, {}, size}, {"14x14x576_by_channel", 0, shared(channel), {size, size}, {}, size}};
  return {{"14x14x576", 0, shared(UnaryParams{.n = n, .alpha = 0.1f, .beta = 0.5f}), {size}, {}, size}};
}

void measure(benchmark::State& state, const Kernel& k, const Layer& layer) {
  const void* params = layer.params.get();
  std::vector<Bytes> held;
  const auto hold = [&](std::size_t n) { return held.emplace_back(bytes(n)).get(); };
  std::vector<const void*> in, constants;
  for (std::size_t n : layer.in) in.push_back(hold(n));
  for (std::size_t n : layer.constants) constants.push_back(hold(n));
  std::vector<void*> out{hold(layer.out)};
  const std::size_t packed_bytes = k.packed_bytes ? k.packed_bytes(params) : 0;
  void* packed = packed_bytes ? hold(packed_bytes) : nullptr;
  if (packed) k.pack(params, constants, packed);
  void* scratch = hold(k.scratch_bytes ? k.scratch_bytes(params, 1) : 0);
  ThreadPool pool(1);
  const KernelArgs args{in, out, params, packed, scratch, pool};
  double best = 1e9;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    k.run(args);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  state.counters["best_us"] = best * 1e6;
  if (layer.operations > 0) {
    state.counters["Gop/s"] = layer.operations / best / 1e9;
    if (peak(k.dtype) > 0) state.counters["%peak"] = 100 * layer.operations / best / peak(k.dtype);
  } else {
    const std::size_t element = k.dtype == DType::f32 || k.op == "transpose" ? 4 : 1;
    state.counters["GB/s"] = static_cast<double>((layer.in[0] + layer.out) / 4 * element) / best / 1e9;
  }
}

}  // namespace
}  // namespace hone

int main(int argc, char** argv) {
  using namespace hone;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  std::fprintf(stderr, "peak of one core: float32 %.0f GFLOP/s, uint8 %.0f GOP/s\n", peak(DType::f32) / 1e9, peak(DType::u8) / 1e9);
  for (const Kernel* k : all_kernels()) {
    if (!supported(k->isa)) continue;
    for (const Layer& layer : layers(*k)) {
      if (k->accepts && !k->accepts(layer.params.get())) continue;
      benchmark::RegisterBenchmark((std::string(k->name) + "/" + layer.name).c_str(), [k, layer](benchmark::State& s) { measure(s, *k, layer); })
          ->Unit(benchmark::kMicrosecond);
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
