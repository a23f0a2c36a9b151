// SPDX-License-Identifier: Apache-2.0
// Fast kernels: plain functions over pointers and sizes. One file lib/kernels/{generic,x86,arm}/<op>_<dtype>_<isa>.cpp defines
// `extern const Kernel <file name>_kernel`. Every (op, dtype) has a generic kernel, so a plan runs on any CPU; the first
// entry by ISA priority that is supported here and accepts the case is chosen. HONE_ISA forces a level.
//
// Layout: images are NHWC. Integer results are exact and equal on every ISA; see requantize below. float32 kernels may use
// FMA and re-association, but their result must not depend on the thread count.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "lib/base/dtype.h"
#include "lib/base/thread_pool.h"

// Compiles what follows for the given ISA (gcc; under clang, which only fuzzes, the generic kernels serve). Use after every include,
// never -m flags on a file: an inline function shared with other files would be compiled for that ISA, and the linker might keep
// that copy for everyone.
#define HONE_PRAGMA_(x) _Pragma(#x)
#define HONE_TARGET_BEGIN(isa) HONE_PRAGMA_(GCC target(isa))
// For the vector layer's functions, and for lambdas (after the parameters).
#define HONE_INLINE [[gnu::always_inline]] inline
#define HONE_INLINED __attribute__((always_inline))

namespace hone {

enum class Isa : std::uint8_t { generic, avx2, avx512, avx512vnni, neon, neondot };
std::string_view name(Isa);
// Whether this CPU has it and HONE_ISA does not forbid it. An unknown HONE_ISA counts as generic.
bool supported(Isa);

struct KernelArgs {
  std::span<const void* const> in;
  std::span<void* const> out;
  const void* params;   // the family's struct of lib/kernels/params.h
  const void* packed;   // what pack() wrote; null when packed_bytes is 0
  void* scratch;        // scratch_bytes() bytes, 64-byte aligned
  ThreadPool& pool;
  template <class P> const P& as() const { return *static_cast<const P*>(params); }
};

struct Kernel {
  std::string_view name;  // "conv_f32_avx512"
  std::string_view op;    // the family: "conv", "gemm", "add", ... (params.h lists each family's struct, inputs, outputs)
  DType dtype;            // f32 or u8 (integer kernels)
  Isa isa = Isa::generic;
  bool (*accepts)(const void* params) = nullptr;                     // null: every case
  std::size_t (*packed_bytes)(const void* params) = nullptr;         // null: nothing is packed
  void (*pack)(const void* params, std::span<const void* const> constants, void* packed) = nullptr;  // constants: as params.h says
  std::size_t (*scratch_bytes)(const void* params, int threads) = nullptr;
  void (*run)(const KernelArgs&) = nullptr;
};

std::span<const Kernel* const> all_kernels();
// The best usable kernel, or null when no family of that name exists or none accepts.
const Kernel* find_kernel(std::string_view op, DType dtype, const void* params);

}  // namespace hone
