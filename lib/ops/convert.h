// SPDX-License-Identifier: Apache-2.0
// Elements of any numeric type to those of any other, as Cast defines it, through double or int64: code grows with the number
// of types, not with its square.
#pragma once
#include "lib/ir/graph.h"

namespace hone {

// All elements of x as `dtype`. Floats truncate toward zero to integers; integers too wide wrap; anything not zero is true;
// too large for a float8 is its largest value when `saturate`, else infinity or NaN. Strings are read and written in decimal.
Result<Tensor> convert(const Tensor& x, DType dtype, bool saturate = true);

// One element. REQUIRES: t was made for writing; its dtype is numeric or boolean.
void store(Tensor& t, std::int64_t i, double value);
void store(Tensor& t, std::int64_t i, std::int64_t value);

// The numeric or boolean type that an attribute names by number; `otherwise` without it.
Result<DType> numeric_attribute(const Node&, std::string_view attribute, DType otherwise);

}  // namespace hone
