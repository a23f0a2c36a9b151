// SPDX-License-Identifier: Apache-2.0
// Which kernel runs: the supported entry of the highest ISA that accepts the case.
#include <cstdlib>

#include "lib/kernels/kernel.h"

namespace hone {
namespace {

constexpr std::string_view names[] = {"generic", "avx2", "avx512", "avx512vnni", "neon", "neondot"};

bool cpu_has(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (isa == Isa::avx512) return avx512;
  if (isa == Isa::avx512vnni) return avx512 && __builtin_cpu_supports("avx512vnni");
#elif defined(__aarch64__)
  if (isa == Isa::neon) return true;
#endif
  return isa == Isa::generic;
}

// The level HONE_ISA names; the highest when it is not set.
Isa forced() {
  static const Isa level = [] {
    const char* text = std::getenv("HONE_ISA");
    if (!text) return Isa::neondot;
    for (std::size_t i = 0; i < std::size(names); ++i)
      if (names[i] == text) return static_cast<Isa>(i);
    return Isa::generic;
  }();
  return level;
}

}  // namespace

std::string_view name(Isa isa) { return names[static_cast<std::size_t>(isa)]; }

bool supported(Isa isa) { return isa <= forced() && cpu_has(isa); }

const Kernel* find_kernel(std::string_view op, DType dtype, const void* params) {
  const Kernel* best = nullptr;
  for (const Kernel* k : all_kernels()) {
    if (k->op != op || k->dtype != dtype || (best && k->isa <= best->isa)) continue;
    if (supported(k->isa) && (!k->accepts || k->accepts(params))) best = k;
  }
  return best;
}

}  // namespace hone
