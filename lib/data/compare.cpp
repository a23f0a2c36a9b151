// SPDX-License-Identifier: Apache-2.0
#include "lib/data/compare.h"

#include <cmath>
#include <limits>

namespace hone {
namespace {

std::string place(const Dims& dims, std::int64_t index) {
  std::vector<std::int64_t> at(dims.size());
  for (std::size_t i = dims.size(); i-- > 0;) at[i] = index % dims[i], index /= dims[i];
  return format("[{}]", fmt::join(at, ", "));
}

Difference of_strings(const Tensor& got, const Tensor& want) {
  Difference d;
  for (std::size_t i = 0; i < got.string_values().size(); ++i) {
    if (got.string_values()[i] == want.string_values()[i]) continue;
    if (d.count++ == 0) d.what = format("at {}: \"{}\", expected \"{}\"", place(got.dims(), static_cast<std::int64_t>(i)), got.string_values()[i], want.string_values()[i]);
  }
  d.same = d.count == 0;
  return d;
}

// Complex elements are compared part by part.
Tensor as_parts(const Tensor& t) {
  if (t.dtype() != DType::c64 && t.dtype() != DType::c128) return t;
  Dims dims = t.dims();
  dims.push_back(2);
  return std::move(Tensor::view(t.dtype() == DType::c64 ? DType::f32 : DType::f64, dims, t.bytes(), t.owner())).value();
}

}  // namespace

Difference difference(const Tensor& got_any, const Tensor& want_any, const Tolerance& tolerance) {
  Difference d;
  if (got_any.dtype() != want_any.dtype() || got_any.dims() != want_any.dims()) {
    d.same = false;
    d.what = format("is {} {}, expected {} {}", name(got_any.dtype()), to_string(got_any.dims()), name(want_any.dtype()), to_string(want_any.dims()));
    return d;
  }
  if (got_any.dtype() == DType::string) return of_strings(got_any, want_any);
  const Tensor got = as_parts(got_any), want = as_parts(want_any);
  const bool wide = got.dtype() == DType::i64 || got.dtype() == DType::u64;  // differences a double cannot see still count
  double worst = -1;
  for (std::int64_t i = 0; i < got.count(); ++i) {
    const double g = element(got, i), w = element(want, i);
    const bool identical_bits = !wide || std::memcmp(got.bytes().data() + 8 * i, want.bytes().data() + 8 * i, 8) == 0;
    if ((std::isnan(g) && std::isnan(w)) || (g == w && identical_bits)) continue;
    const bool finite = std::isfinite(g) && std::isfinite(w);
    const double error = finite ? std::abs(g - w) : std::numeric_limits<double>::infinity();
    if (finite) {
      d.max_absolute = std::max(d.max_absolute, error);
      if (w != 0) d.max_relative = std::max(d.max_relative, error / std::abs(w));
    }
    const double allowed = tolerance.absolute + tolerance.relative * std::abs(w);
    if (finite && error <= allowed && (identical_bits || allowed >= 1)) continue;
    ++d.count;
    const double excess = finite ? error - allowed : std::numeric_limits<double>::infinity();
    if (excess > worst) {
      worst = excess;
      d.what = format("at {}: {}, expected {}", place(got.dims(), i), g, w);
    }
  }
  d.same = d.count == 0;
  if (!d.same) d.what = format("{} of {} elements differ, worst {}", d.count, got.count(), d.what);
  return d;
}

}  // namespace hone
