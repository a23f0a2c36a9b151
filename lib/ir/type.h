// SPDX-License-Identifier: Apache-2.0
// The type of what a sequence, an optional or a map holds. A type may nest: optional(seq(float[N])), seq(map(int64, float)).
#pragma once
#include <memory>

#include "lib/base/dtype.h"
#include "lib/ir/shape.h"

namespace hone {

struct ValueType;
using TypePtr = std::shared_ptr<const ValueType>;
struct ValueType {
  DType dtype = DType::undefined;
  Shape shape{};                 // of a tensor; a sequence, an optional and a map have none
  TypePtr element{};             // what a sequence, an optional or a map holds; null: not known
  DType key = DType::undefined;  // of what a map holds: the type of the map's keys
};
bool operator==(const ValueType&, const ValueType&);
bool same(const TypePtr&, const TypePtr&);

// What both say; unknown where they differ.
Shape common(const Shape&, const Shape&);
ValueType common(const ValueType&, const ValueType&);
TypePtr common(const TypePtr&, const TypePtr&);

}  // namespace hone
