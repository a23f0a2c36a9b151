// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/random.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "lib/ops/convert.h"

namespace hone {
namespace {

thread_local std::uint64_t iterations = 0;

Result<DType> random_dtype(const Node& node, DType otherwise) {
  const std::int64_t given = node.integer("dtype", static_cast<std::int64_t>(otherwise));
  if (given < 0 || given > static_cast<int>(DType::bf16) || (given != 0 && !is_float(static_cast<DType>(given))))
    return invalid("dtype is {}, expected a float type", given);
  return static_cast<DType>(given);
}

// By the series of artanh on a mantissa in [0.7, 1.4]. REQUIRES: x > 0, finite.
double portable_log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.70710678118654752) mantissa *= 2, --exponent;
  const double s = (mantissa - 1) / (mantissa + 1), square = s * s;
  double sum = 0;
  for (int k = 21; k > 0; k -= 2) sum = sum * square + 1.0 / k;
  return 2 * s * sum + exponent * std::numbers::ln2;
}

}  // namespace

Random random_of(const Node& node) {
  std::uint64_t state = 0xcbf29ce484222325;  // FNV-1a
  if (const float* seed = node.find<float>("seed")) {
    state = std::bit_cast<std::uint32_t>(*seed);
  } else if (node.output(0)) {
    for (const char ch : node.output(0)->name) state = (state ^ static_cast<unsigned char>(ch)) * 0x100000001b3;
    if (process_seed) state ^= Random(process_seed).next();
  }
  if (iterations) state ^= Random(iterations).next();
  return Random(state);
}

RandomIteration::RandomIteration(std::int64_t iteration) : outer_(iterations) {
  iterations = iterations * 0x100000001b3 + static_cast<std::uint64_t>(iteration) + 1;
}
RandomIteration::~RandomIteration() { iterations = outer_; }

double draw_normal(Random& random) {  // Marsaglia's polar method
  for (;;) {
    const double u = 2 * random.uniform() - 1, v = 2 * random.uniform() - 1, s = u * u + v * v;
    if (s > 0 && s < 1) return u * std::sqrt(-2 * portable_log(s) / s);
  }
}

double portable_exp(double x) {
  if (!(x > -745)) return x != x ? x : 0;
  if (x > 709) return INFINITY;
  const double power = std::floor(x / std::numbers::ln2 + 0.5), rest = x - power * std::numbers::ln2;
  double sum = 1;
  for (int k = 16; k > 0; --k) sum = 1 + sum * rest / k;
  return std::ldexp(sum, static_cast<int>(power));
}

Status infer_random(InferCall& c) {
  TRY(const DType dtype, random_dtype(c.node, DType::f32));
  const std::vector<std::int64_t> dims = c.node.integers("shape");
  CHECK_OK(check_size(dims));
  c.set(0, dtype, Shape::of(dims));
  return Ok{};
}

Status infer_random_like(InferCall& c) {
  TRY(const DType dtype, random_dtype(c.node, is_float(c.dtype(0)) ? c.dtype(0) : DType::f32));
  c.set(0, dtype, c.shape(0));
  return Ok{};
}

Status run_uniform(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  Random random = random_of(c.node);
  const double low = static_cast<double>(c.node.number("low", 0)), high = static_cast<double>(c.node.number("high", 1));
  for (std::int64_t i = 0; i < y->count(); ++i) {
    store(*y, i, low + (high - low) * random.uniform());
    for (int again = 0; again < 64 && low < high && element(*y, i) >= high; ++again)  // a narrow type rounded it up to `high`
      store(*y, i, low + (high - low) * random.uniform());
  }
  return Ok{};
}

Status run_normal(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  Random random = random_of(c.node);
  const double mean = static_cast<double>(c.node.number("mean", 0)), scale = static_cast<double>(c.node.number("scale", 1));
  for (std::int64_t i = 0; i < y->count(); ++i) store(*y, i, mean + scale * draw_normal(random));
  return Ok{};
}

}  // namespace hone
