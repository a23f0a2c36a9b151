// SPDX-License-Identifier: Apache-2.0
// Loops run in few types (float, double, int64, uint64), whatever the tensors hold: elements of other types are carried in one of these,
// so that the device binary has one copy of a loop for each carrier, not for each element type.
#pragma once
#include "lib/ops/dispatch.h"
#include "lib/ops/op.h"

namespace hone {

// out[i] = element from + i * step of t, for i < n. REQUIRES: t is numeric or boolean; A is float, double, int64 or uint64.
template <class A>
void read_elements(const Tensor& t, std::int64_t from, std::int64_t step, std::int64_t n, A* out);
// Elements [at, at + n) of t become these: integers by their low bits, reals rounded half to even, booleans whatever is not 0.
template <class A>
void write_elements(Tensor& t, std::int64_t at, std::int64_t n, const A* values);

// Computes double in double and every narrower float in float.
template <class F>
Status dispatch_real(DType dtype, F&& f) {
  return dispatch(is_float(dtype) && dtype != DType::f64 ? DType::f32 : dtype, Types<float, double>{}, f);
}
// The same, and integers as uint64, whose arithmetic wraps and holds the low bits of every narrower type.
template <class F>
Status dispatch_wide(DType dtype, F&& f) {
  return is_integer(dtype) ? dispatch(DType::u64, Types<std::uint64_t>{}, f) : dispatch_real(dtype, f);
}

// The elements of a tensor as A. Copied only when the tensor holds another type.
template <class A>
class ReadAs {
 public:
  ReadAs() = default;  // an absent input: data() is null
  explicit ReadAs(const Tensor* t) {
    if (t) *this = ReadAs(*t);
  }
  explicit ReadAs(const Tensor& t) {
    if (t.dtype() == dtype_of<A>) {
      data_ = t.data<A>();
      return;
    }
    copy_.resize(static_cast<std::size_t>(t.count()) + 1);  // never empty: data() is not null
    read_elements(t, 0, 1, t.count(), copy_.data());
    data_ = copy_.data();
  }
  const A* data() const { return data_; }
  explicit operator bool() const { return data_ != nullptr; }
  const A& operator[](std::int64_t i) const { return data_[i]; }

 private:
  const A* data_ = nullptr;
  std::vector<A> copy_;
};

// The elements of an output as A, zero at first; converted when this object ends if the tensor holds another type.
template <class A>
class WriteAs {
 public:
  explicit WriteAs(Tensor& t) : tensor_(t) {
    if (t.dtype() == dtype_of<A>) {
      data_ = t.data<A>();
      std::fill_n(data_, t.count(), A(0));  // memory from a planner is not zeroed
      return;
    }
    copy_.resize(static_cast<std::size_t>(t.count()) + 1);
    data_ = copy_.data();
  }
  WriteAs(const WriteAs&) = delete;
  ~WriteAs() {
    if (!copy_.empty()) write_elements(tensor_, 0, tensor_.count(), copy_.data());
  }
  A* data() { return data_; }
  A& operator[](std::int64_t i) { return data_[i]; }

 private:
  Tensor& tensor_;
  A* data_ = nullptr;
  std::vector<A> copy_;
};
extern template class ReadAs<float>;
extern template class ReadAs<double>;
extern template class ReadAs<std::int64_t>;
extern template class ReadAs<std::uint64_t>;
extern template class WriteAs<float>;
extern template class WriteAs<double>;
extern template class WriteAs<std::int64_t>;
extern template class WriteAs<std::uint64_t>;

}  // namespace hone
