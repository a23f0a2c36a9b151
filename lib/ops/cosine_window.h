// SPDX-License-Identifier: Apache-2.0
// The cosine windows of signal processing: their common rule and loop.
#pragma once
#include <array>

#include "lib/ops/rule.h"

namespace hone {

inline constexpr std::string_view window_attributes = "output_datatype: int = 1, periodic: int = 1", window_types = "I: int32 int64; T: numeric";
// Output 0: a vector of input 0's value, of the type that the attribute output_datatype says.
Status infer_window(InferCall&);
// y[i] = a[0] - a[1] cos(2 pi i / n) + a[2] cos(4 pi i / n), where n is the size, less one when not periodic.
Status run_window(OpCall&, std::array<double, 3> a);

}  // namespace hone
