// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/matmul.h"

namespace hone {

Result<Shape> matmul_shape(const Shape& a, const Shape& b) {
  if (!a.ranked || !b.ranked) return Shape();
  if (a.rank() == 0 || b.rank() == 0)
    return invalid("shapes {} and {} cannot be multiplied: a scalar has no rows", to_string(a), to_string(b));
  const Dim &inner_a = a.dims.back(), &inner_b = b.dims[b.rank() == 1 ? 0 : b.rank() - 2];
  if (!unify(inner_a, inner_b))
    return invalid("shapes {} and {} cannot be multiplied: {} columns against {} rows", to_string(a), to_string(b), inner_a.value,
                   inner_b.value);
  const auto batch = [](const Shape& s) {
    return Shape(std::vector<Dim>(s.dims.begin(), s.dims.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(s.rank(), 2))));
  };
  TRY(Shape y, broadcast(batch(a), batch(b)));
  if (a.rank() > 1) y.dims.push_back(a.dims[a.rank() - 2]);
  if (b.rank() > 1) y.dims.push_back(b.dims.back());
  return y;
}

}  // namespace hone
