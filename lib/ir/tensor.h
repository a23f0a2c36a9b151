// SPDX-License-Identifier: Apache-2.0
// Tensor: dtype, dims and immutable shared bytes, row-major, little-endian. Copying a Tensor shares its bytes, so a weight
// that no pass touched stays byte-identical (and never appears in a delta). A sequence, an empty optional and a map are Tensors
// too, without bytes: they hold other Tensors. A present optional is simply its content.
#pragma once
#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/dtype.h"
#include "lib/ir/shape.h"

namespace hone {

class Tensor {
 public:
  Tensor() = default;  // dtype undefined: "absent"
  // Own, zeroed memory, 64-byte aligned; fill it through data<T>() or writable() before sharing the tensor.
  static Tensor allocate(DType dtype, Dims dims);
  // Bytes kept alive by `owner` (nullptr: the caller keeps them). Error unless bytes.size() is what dtype and dims need.
  static Result<Tensor> view(DType dtype, Dims dims, Bytes bytes, std::shared_ptr<const void> owner);
  static Tensor strings(Dims dims, std::vector<std::string> values);
  static Tensor sequence(std::vector<Tensor> items);
  static Tensor none();  // an optional without content
  // Entry i is keys[i] -> values[i]. Keys are integers or strings of rank 1; values a tensor of rank 1 (a scalar for each key) or
  // a sequence, of as many.
  static Tensor map(Tensor keys, Tensor values);
  template <class T> static Tensor of(Dims dims, std::span<const T> values) {
    assert(static_cast<std::size_t>(count_of(dims)) == values.size());
    Tensor t = allocate(dtype_of<T>, std::move(dims));
    std::copy(values.begin(), values.end(), t.data<T>());
    return t;
  }
  template <class T> static Tensor of(Dims dims, std::initializer_list<T> values) { return of<T>(std::move(dims), std::span<const T>(values.begin(), values.size())); }
  template <class T> static Tensor vector(std::span<const T> values) { return of<T>({static_cast<std::int64_t>(values.size())}, values); }
  template <class T> static Tensor scalar(T value) { return of<T>({}, {value}); }

  explicit operator bool() const { return dtype_ != DType::undefined; }
  DType dtype() const { return dtype_; }
  const Dims& dims() const { return dims_; }  // of a sequence or map: how many it holds; of an empty optional: 0
  Shape shape() const { return is_aggregate(dtype_) ? Shape() : Shape::of(dims_); }
  std::size_t rank() const { return dims_.size(); }
  std::int64_t count() const { return count_; }
  Bytes bytes() const { return {data_, size_}; }
  const std::shared_ptr<const void>& owner() const { return owner_; }
  // The same bytes under other dims of the same count.
  Tensor reshaped(Dims dims) const;

  // REQUIRES: T is the dtype's own C++ type.
  template <class T> const T* data() const { return assert(dtype_ == dtype_of<T>), reinterpret_cast<const T*>(data_); }
  template <class T> std::span<const T> values() const { return {data<T>(), static_cast<std::size_t>(count_)}; }
  std::span<const std::string> string_values() const;  // REQUIRES: dtype is string
  std::span<const Tensor> items() const;  // of a sequence; of a map: keys, values. REQUIRES: is_aggregate(dtype())
  // REQUIRES: made by allocate (or over memory the caller owns and may write), and no one else reads it yet.
  template <class T> T* data() { return assert(dtype_ == dtype_of<T>), reinterpret_cast<T*>(const_cast<std::byte*>(data_)); }
  std::byte* writable() { return const_cast<std::byte*>(data_); }

  // Every element as a double or int64; any numeric or boolean dtype (int64 truncates floats toward zero).
  std::vector<double> to_doubles() const;
  std::vector<std::int64_t> to_ints() const;
  // Every element as float32; shares nothing. f32 stays as it is.
  std::vector<float> to_floats() const;

 private:
  static Tensor holding(DType dtype, std::int64_t count, std::vector<Tensor> items);
  DType dtype_ = DType::undefined;
  Dims dims_;
  std::int64_t count_ = 0;
  std::shared_ptr<const void> owner_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Same dtype, dims and bytes (NaN equals the same NaN bits), or identical items.
bool identical(const Tensor& a, const Tensor& b);
// Element i of packed or whole-byte data, as double. REQUIRES: dtype numeric or boolean.
double element(const Tensor&, std::int64_t i);

}  // namespace hone
