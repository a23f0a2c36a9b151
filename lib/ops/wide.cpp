// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/wide.h"

#include "lib/ops/convert.h"
#include "lib/ops/saturate.h"

namespace hone {

Error unsupported(DType dtype) { return invalid("element type {} is not supported", name(dtype)); }

template <class A>
void read_elements(const Tensor& t, std::int64_t from, std::int64_t step, std::int64_t n, A* out) {
  const bool plain = visit(t.dtype(), NumbersAndBool{}, [&]<class T>(Type<T>) {
    const T* in = t.data<T>() + from;
    for (std::int64_t i = 0; i < n; ++i) out[i] = to<A>(static_cast<Wide<T>>(in[i * step]));
  });
  for (std::int64_t i = 0; !plain && i < n; ++i) out[i] = to<A>(element(t, from + i * step));
}

template <class A>
void write_elements(Tensor& t, std::int64_t at, std::int64_t n, const A* values) {
  const auto into = [&]<class T>(Type<T>) {
    T* out = t.data<T>() + at;
    for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(static_cast<Wide<T>>(values[i]));
  };
  bool plain = false;
  if constexpr (std::is_floating_point_v<A>)
    plain = visit(t.dtype(), std::conditional_t<std::is_same_v<A, float>, Types<float, double, Half, BFloat>, Types<float, double>>{}, into);
  else
    plain = visit(t.dtype(), Types<std::int64_t, std::int32_t, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::uint32_t,
                                   std::uint64_t, bool>{}, into);
  using Stored = std::conditional_t<std::is_floating_point_v<A>, double, std::int64_t>;
  for (std::int64_t i = 0; !plain && i < n; ++i) store(t, at + i, static_cast<Stored>(values[i]));
}

template void read_elements(const Tensor&, std::int64_t, std::int64_t, std::int64_t, float*);
template void read_elements(const Tensor&, std::int64_t, std::int64_t, std::int64_t, double*);
template void read_elements(const Tensor&, std::int64_t, std::int64_t, std::int64_t, std::int64_t*);
template void read_elements(const Tensor&, std::int64_t, std::int64_t, std::int64_t, std::uint64_t*);
template void write_elements(Tensor&, std::int64_t, std::int64_t, const float*);
template void write_elements(Tensor&, std::int64_t, std::int64_t, const double*);
template void write_elements(Tensor&, std::int64_t, std::int64_t, const std::int64_t*);
template void write_elements(Tensor&, std::int64_t, std::int64_t, const std::uint64_t*);
template class ReadAs<float>;
template class ReadAs<double>;
template class ReadAs<std::int64_t>;
template class ReadAs<std::uint64_t>;
template class WriteAs<float>;
template class WriteAs<double>;
template class WriteAs<std::int64_t>;
template class WriteAs<std::uint64_t>;

}  // namespace hone
