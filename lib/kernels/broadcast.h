// SPDX-License-Identifier: Apache-2.0
// The walk of a broadcasting binary operation: merges dimensions where both strides allow it, and hands out contiguous runs of y.
#pragma once
#include <cstddef>
#include <functional>

#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"

namespace hone {

// n outputs from element y on; the operands start at elements a and b and advance by a_step and b_step.
struct Run { std::size_t y, n; std::int64_t a, b, a_step, b_step; };
void for_each_run(const BinaryParams&, ThreadPool&, const std::function<void(const Run&)>& one);

}  // namespace hone
