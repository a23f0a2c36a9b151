// SPDX-License-Identifier: Apache-2.0
// How far a tensor is from the one expected: the tolerance test of `run --test-data` and `conformance`.
#pragma once
#include "lib/ir/tensor.h"

namespace hone {

struct Tolerance {
  double relative = 1e-4, absolute = 1e-5;
};

struct Difference {
  bool same = true;          // dtype, dims, and every element within tolerance; of a sequence every item, of a map every key's value
  std::string what;          // when not the same: why, in words, with the worst element
  std::int64_t count = 0;    // elements out of tolerance
  double max_absolute = 0;   // over finite pairs; 0 when the shapes differ
  double max_relative = 0;   // |got - want| / |want| where want is not 0
};

// Within tolerance: |got - want| <= absolute + relative * |want|. NaN equals NaN; infinities must be the same.
Difference difference(const Tensor& got, const Tensor& want, const Tolerance& = {});

}  // namespace hone
