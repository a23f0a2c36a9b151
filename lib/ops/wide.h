// SPDX-License-Identifier: Apache-2.0
// Loops that accumulate run in few types (float, double, an integer) whatever the tensors hold, to keep the device binary small.
#pragma once
#include "lib/ops/dispatch.h"
#include "lib/ops/op.h"

namespace hone {

// Computes double in double and every narrower float in float.
template <class F>
Status dispatch_real(DType dtype, F&& f) {
  return dtype == DType::f16 || dtype == DType::bf16 ? dispatch(DType::f32, Types<float>{}, f) : dispatch(dtype, Types<float, double>{}, f);
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
    const Status ok = dispatch(t.dtype(), NumbersAndBool{}, [&]<class T>(Type<T>) {
      for (std::int64_t i = 0; i < t.count(); ++i)
        copy_[static_cast<std::size_t>(i)] = static_cast<A>(static_cast<Wide<T>>(t.data<T>()[i]));
    });
    assert(ok);
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
    if (copy_.empty()) return;
    const Status ok = dispatch(tensor_.dtype(), Numbers{}, [&]<class T>(Type<T>) {
      for (std::int64_t i = 0; i < tensor_.count(); ++i) tensor_.data<T>()[i] = static_cast<T>(static_cast<Wide<T>>(data_[i]));
    });
    assert(ok);
  }
  A* data() { return data_; }
  A& operator[](std::int64_t i) { return data_[i]; }

 private:
  Tensor& tensor_;
  A* data_ = nullptr;
  std::vector<A> copy_;
};

}  // namespace hone
