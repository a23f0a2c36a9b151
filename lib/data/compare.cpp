// SPDX-License-Identifier: Apache-2.0
#include "lib/data/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

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

// Takes over what the comparison of one item found.
void merge(Difference& whole, const Difference& item, std::string_view where) {
  whole.max_absolute = std::max(whole.max_absolute, item.max_absolute);
  whole.max_relative = std::max(whole.max_relative, item.max_relative);
  whole.count += item.count;
  if (item.same) return;
  if (whole.same) whole.what = format("{}: {}", where, item.what);
  whole.same = false;
}

Difference of_sequences(std::span<const Tensor> got, std::span<const Tensor> want, const Tolerance& tolerance) {
  Difference d;
  for (std::size_t i = 0; i < got.size(); ++i) merge(d, difference(got[i], want[i], tolerance), format("item {}", i));
  return d;
}

// Element i of a map's keys or values, by itself.
Tensor entry(const Tensor& t, std::size_t i) {
  if (t.dtype() == DType::sequence) return t.items()[i];
  if (t.dtype() == DType::string) return Tensor::strings({}, {t.string_values()[i]});
  Tensor one = Tensor::allocate(t.dtype(), {});
  std::ranges::copy(t.bytes().subspan(i * one.bytes().size(), one.bytes().size()), one.writable());
  return one;
}
std::string key(const Tensor& keys, std::size_t i) {
  return keys.dtype() == DType::string ? format("\"{}\"", keys.string_values()[i]) : fmt::to_string(keys.to_ints()[i]);
}

// The order of a map's entries says nothing.
Difference of_maps(std::span<const Tensor> got, std::span<const Tensor> want, const Tolerance& tolerance) {
  Difference d;
  std::map<std::string, std::size_t> at;
  for (std::size_t i = 0; i < static_cast<std::size_t>(got[0].count()); ++i) at.emplace(key(got[0], i), i);
  for (std::size_t i = 0; i < static_cast<std::size_t>(want[0].count()); ++i) {
    const std::string wanted = key(want[0], i);
    const auto it = at.find(wanted);
    if (it == at.end()) {
      merge(d, {.same = false, .what = "is missing"}, format("key {}", wanted));
      continue;
    }
    // A scalar may be written with one axis.
    Tensor value = entry(got[1], it->second), expected = entry(want[1], i);
    if (value.count() == 1 && expected.count() == 1 && !is_aggregate(value.dtype())) value = value.reshaped(expected.dims());
    merge(d, difference(value, expected, tolerance), format("key {}", wanted));
  }
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
  if (got_any.dtype() == DType::sequence) return of_sequences(got_any.items(), want_any.items(), tolerance);
  if (got_any.dtype() == DType::map) return of_maps(got_any.items(), want_any.items(), tolerance);
  if (got_any.dtype() == DType::optional) return d;  // both empty
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
