// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/random.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "lib/ops/convert.h"
#include "lib/ops/trigonometry.h"

namespace hone {

Random::Random(const Node& node) : state_(0xcbf29ce484222325) {
  const float* seed = node.find<float>("seed");
  if (seed) {
    state_ = std::bit_cast<std::uint32_t>(*seed);
    return;
  }
  if (node.output(0))  // FNV-1a
    for (const char ch : node.output(0)->name) state_ = (state_ ^ static_cast<unsigned char>(ch)) * 0x100000001b3;
}

std::uint64_t Random::next() {  // SplitMix64
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

double Random::normal() {  // Box and Muller
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * trigonometry::cos(2 * std::numbers::pi * uniform());
}

static Result<DType> random_dtype(const Node& node, DType otherwise) {
  const std::int64_t given = node.integer("dtype", static_cast<std::int64_t>(otherwise));
  if (given < 0 || given > static_cast<int>(DType::bf16) || (given != 0 && !is_float(static_cast<DType>(given))))
    return invalid("dtype is {}, expected a float type", given);
  return static_cast<DType>(given);
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
  Random random(c.node);
  const double low = static_cast<double>(c.node.number("low", 0)), high = static_cast<double>(c.node.number("high", 1));
  for (std::int64_t i = 0; i < y->count(); ++i) store(*y, i, low + (high - low) * random.uniform());
  return Ok{};
}

Status run_normal(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  Random random(c.node);
  const double mean = static_cast<double>(c.node.number("mean", 0)), scale = static_cast<double>(c.node.number("scale", 1));
  for (std::int64_t i = 0; i < y->count(); ++i) store(*y, i, mean + scale * random.normal());
  return Ok{};
}

}  // namespace hone
