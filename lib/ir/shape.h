// SPDX-License-Identifier: Apache-2.0
// Shapes of which parts may be unknown or symbolic, and concrete dimensions with checked arithmetic.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace hone {

using Dims = std::vector<std::int64_t>;  // concrete: every entry >= 0

// The number of elements, or an error when it is negative in a dimension or does not fit 63 bits.
Result<std::int64_t> element_count(std::span<const std::int64_t> dims);
// The same for dims known to be valid.
std::int64_t count_of(std::span<const std::int64_t> dims);
// "2x3x4"; "scalar" for rank 0.
std::string to_string(std::span<const std::int64_t> dims);
// ONNX multidirectional (numpy) broadcasting; an error names the axis that does not fit.
Result<Dims> broadcast(std::span<const std::int64_t> a, std::span<const std::int64_t> b);
// Row-major strides, in elements.
Dims strides_of(std::span<const std::int64_t> dims);
// axis in [-rank, rank) to [0, rank); an error otherwise.
Result<std::size_t> normalize_axis(std::int64_t axis, std::size_t rank);

// One dimension: known, or a name that stands for the same number wherever it appears, or neither.
struct Dim {
  std::int64_t value = -1;  // -1: not known
  std::string symbol;       // empty: no name
  Dim() = default;
  Dim(std::int64_t v) : value(v) {}  // NOLINT: a number is a dimension
  explicit Dim(std::string name) : symbol(std::move(name)) {}
  bool known() const { return value >= 0; }
  // Certainly equal: both known and the same, or the same symbol.
  bool same(const Dim& o) const { return known() ? value == o.value : !symbol.empty() && !o.known() && symbol == o.symbol; }
  bool operator==(const Dim&) const = default;
};

struct Shape {
  bool ranked = false;
  std::vector<Dim> dims;
  Shape() = default;  // unknown rank
  Shape(std::vector<Dim> d) : ranked(true), dims(std::move(d)) {}  // NOLINT
  Shape(std::initializer_list<Dim> d) : ranked(true), dims(d) {}
  static Shape of(std::span<const std::int64_t> d) { return Shape(std::vector<Dim>(d.begin(), d.end())); }
  static Shape unknown(std::size_t rank) { return Shape(std::vector<Dim>(rank)); }
  std::size_t rank() const { return dims.size(); }
  bool known() const;                // rank and every dimension
  std::optional<Dims> concrete() const;  // the dims when known()
  bool operator==(const Shape&) const = default;
};
// "batchx3x224x224", "?" for an unknown dimension, "unknown rank".
std::string to_string(const Shape&);

}  // namespace hone
