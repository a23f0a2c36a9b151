// SPDX-License-Identifier: Apache-2.0
// What the operators on sequences share.
#pragma once
#include "lib/ops/rule.h"

namespace hone {

ValueType sequence_of(ValueType element);

// The place that input i, one integer, names in a sequence of n: negative ones count from the back. `last`: n - 1 for an existing
// item, n for a place to insert. Input i absent: `last`.
Result<std::size_t> position(const OpCall&, std::size_t i, std::int64_t n, std::int64_t last);

// The elements [from, from + n) along an axis, as a tensor of their own.
Tensor part(const Node&, const Tensor& x, std::size_t axis, std::int64_t from, std::int64_t n);

}  // namespace hone
