// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/type.h"

namespace hone {

bool same(const TypePtr& a, const TypePtr& b) { return a == b || (a && b && *a == *b); }
bool operator==(const ValueType& a, const ValueType& b) { return a.dtype == b.dtype && a.shape == b.shape && a.key == b.key && same(a.element, b.element); }

Shape common(const Shape& a, const Shape& b) {
  if (!a.ranked || !b.ranked || a.rank() != b.rank()) return Shape();
  Shape both = a;
  for (std::size_t i = 0; i < a.rank(); ++i)
    if (!a.dims[i].same(b.dims[i])) both.dims[i] = Dim();
  return both;
}

ValueType common(const ValueType& a, const ValueType& b) {
  ValueType both{a.dtype == b.dtype ? a.dtype : DType::undefined, common(a.shape, b.shape), nullptr, a.key == b.key ? a.key : DType::undefined};
  if (both.dtype != DType::undefined) both.element = common(a.element, b.element);
  return both;
}

TypePtr common(const TypePtr& a, const TypePtr& b) {
  if (a == b) return a;
  return a && b ? std::make_shared<const ValueType>(common(*a, *b)) : nullptr;
}

}  // namespace hone
