// SPDX-License-Identifier: Apache-2.0
// Complex numbers as pairs, for loops that know only reals.
#pragma once
#include "lib/ir/tensor.h"

namespace hone {

// The real and imaginary parts of a complex tensor, one after the other: the same bytes as floats or doubles with a last axis of 2.
std::optional<Tensor> complex_parts(const Tensor&);

}  // namespace hone
