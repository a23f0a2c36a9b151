// SPDX-License-Identifier: Apache-2.0
// Two Casts in a row become one when the first loses nothing.
//
//   t = Cast <to = float> (x)      x is uint8
//   y = Cast <to = float16> (t)    =>     y = Cast <to = float16> (x)
#include "lib/rewrite/pass.h"

namespace hone {
namespace {

// Integers of so many bits that a type holds exactly: the significand of a float.
int exact_bits(DType dtype) {
  switch (dtype) {
    case DType::f16: return 11;
    case DType::bf16: return 8;
    case DType::f32: return 24;
    case DType::f64: return 53;
    default: return is_integer(dtype) ? bits(dtype) - is_signed(dtype) : 0;
  }
}

// Whether every value of `from` survives in `to`.
bool lossless(DType from, DType to) {
  if (from == DType::boolean) return is_float(to) || is_integer(to);
  if (is_integer(from)) return exact_bits(to) >= exact_bits(from) && (is_float(to) || !is_signed(from) || is_signed(to));
  return (from == DType::f16 && (to == DType::f32 || to == DType::f64)) || (from == DType::bf16 && (to == DType::f32 || to == DType::f64)) ||
         (from == DType::f32 && to == DType::f64);
}

bool merge(const Match& m, Edit& edit) {
  const DType x = m.value("x")->dtype, t = m.value("t")->dtype;
  if (x == DType::undefined || !lossless(x, t) || m.value("y")->dtype == DType::string) return false;  // text tells the types apart
  edit.set_input(m.maker("y"), 0, m.value("x"));
  return true;
}

constexpr Rule rules[] = {{R"(
  t = Cast (x)
  y = Cast (t)
)", merge}};

}  // namespace

extern const Pass merge_casts_pass{.name = "merge-casts", .help = "merge two Casts in a row when the first loses nothing", .rules = rules};

}  // namespace hone
