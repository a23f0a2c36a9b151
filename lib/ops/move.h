// SPDX-License-Identifier: Apache-2.0
// Moving elements from tensor to tensor whatever their type: whole bytes, packed bits or strings. One loop by element size, so
// that an operator that only moves data costs the device binary one copy of its code.
#pragma once
#include "lib/ops/rule.h"

namespace hone {

// Writes one output of a call.
class Mover {
 public:
  Mover(OpCall& c, std::size_t output, DType dtype, Dims dims);
  // For output i, allocated as the operator's shape rule says.
  static Result<Mover> by_rule(OpCall& c, std::size_t output = 0);
  const Dims& dims() const { return dims_; }
  std::int64_t count() const { return count_; }
  // src[from, from + n) to [to, to + n). REQUIRES: src has this output's dtype; both ranges exist.
  void copy(const Tensor& src, std::int64_t from, std::int64_t to, std::int64_t n = 1);
  // src[from] to every element of [to, to + n).
  void fill(const Tensor& src, std::int64_t from, std::int64_t to, std::int64_t n);
  // Every element, in row-major order: src[offset + sum of index * stride], one stride for each axis of the output.
  void copy_strided(const Tensor& src, std::int64_t offset, const Dims& strides) { copy_strided(src, offset, dims_, strides); }
  // The same over `dims` (of the same count as the output's): a view of the output that has more axes.
  void copy_strided(const Tensor& src, std::int64_t offset, const Dims& dims, const Dims& strides);
  // Hands the output over. REQUIRES: every element was written (plain types: else it is zero).
  Status finish();

 private:
  OpCall& call_;
  std::size_t output_;
  Dims dims_;
  std::int64_t count_;
  int bits_;  // of one element; 0: strings
  std::byte* data_ = nullptr;
  std::vector<std::string> strings_;
};

// Calls f(index) for every index of `dims` in row-major order; never when a dimension is 0.
template <class F>
void each_index(const Dims& dims, F f) {
  if (count_of(dims) == 0) return;
  Dims index(dims.size(), 0);
  for (;;) {
    f(std::as_const(index));
    std::size_t axis = dims.size();
    while (axis > 0 && ++index[axis - 1] == dims[axis - 1]) index[--axis] = 0;
    if (axis == 0) return;
  }
}

// The product of dims[from, to).
std::int64_t product(std::span<const std::int64_t> dims, std::size_t from, std::size_t to);
// index in [-size, size) to [0, size); an error otherwise.
Result<std::int64_t> normalize_index(std::int64_t index, std::int64_t size);
// The product of symbolic dimensions: known, or the one symbol among factors of 1, or unknown.
Dim product(std::span<const Dim> dims);

}  // namespace hone
