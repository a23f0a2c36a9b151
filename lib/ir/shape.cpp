// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/dim_math.h"
#include "lib/ir/shape.h"

#include <algorithm>

#include "lib/base/bytes.h"

namespace hone {

Result<std::int64_t> element_count(std::span<const std::int64_t> dims) {
  std::int64_t count = 1;
  for (const std::int64_t d : dims) {
    if (d < 0) return invalid("dimension {} is negative", d);
    const auto next = checked_mul(count, d);
    if (!next) return invalid("shape {} has more elements than fit 63 bits", to_string(dims));
    count = *next;
  }
  return count;
}

std::int64_t count_of(std::span<const std::int64_t> dims) {
  std::int64_t count = 1;
  for (const std::int64_t d : dims) count *= d;
  return count;
}

std::string to_string(std::span<const std::int64_t> dims) {
  if (dims.empty()) return "scalar";
  return fmt::to_string(fmt::join(dims, "x"));
}

Result<Dims> broadcast(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  Dims out(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {  // i counts from the last axis
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1, y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return invalid("shapes {} and {} do not broadcast: {} against {} on axis -{}", to_string(a), to_string(b), x, y, i + 1);
    out[out.size() - 1 - i] = x == 1 ? y : x;
  }
  return out;
}

Dims strides_of(std::span<const std::int64_t> dims) {
  Dims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

Result<std::size_t> normalize_axis(std::int64_t axis, std::size_t rank) {
  const auto r = static_cast<std::int64_t>(rank);
  if (axis < -r || axis >= r) return invalid("axis {} is outside [-{}, {}]", axis, r, r - 1);
  return static_cast<std::size_t>(axis < 0 ? axis + r : axis);
}

bool Shape::known() const {
  return ranked && std::ranges::all_of(dims, &Dim::known);
}

std::optional<Dims> Shape::concrete() const {
  if (!known()) return std::nullopt;
  Dims out;
  for (const Dim& d : dims) out.push_back(d.value);
  return out;
}

std::string to_string(const Shape& shape) {
  if (!shape.ranked) return "unknown rank";
  if (shape.dims.empty()) return "scalar";
  std::string text;
  for (const Dim& d : shape.dims) {
    if (!text.empty()) text += 'x';
    text += d.known() ? fmt::to_string(d.value) : is_named(d) ? d.symbol : "?";
  }
  return text;
}

}  // namespace hone
