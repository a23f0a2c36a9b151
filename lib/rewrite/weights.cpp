// SPDX-License-Identifier: Apache-2.0
#include "lib/rewrite/weights.h"

#include <cmath>

#include "lib/rewrite/matcher.h"

namespace hone {

Tensor from_doubles(DType dtype, Dims dims, std::span<const double> values) {
  assert(static_cast<std::size_t>(count_of(dims)) == values.size());
  Tensor t = Tensor::allocate(dtype, std::move(dims));
  const auto store = [&]<class T>(T* data) {
    for (std::size_t i = 0; i < values.size(); ++i)
      if constexpr (std::is_same_v<T, double>) data[i] = values[i];
      else data[i] = T(static_cast<float>(values[i]));
  };
  switch (dtype) {
    case DType::f32: store(t.data<float>()); break;
    case DType::f64: store(t.data<double>()); break;
    case DType::f16: store(t.data<Half>()); break;
    case DType::bf16: store(t.data<BFloat>()); break;
    default: assert(false);
  }
  return t;
}

std::optional<double> scalar(const Tensor* t) {
  if (!t || t->count() != 1 || t->dtype() == DType::string || t->dtype() == DType::c64 || t->dtype() == DType::c128) return std::nullopt;
  return element(*t, 0);
}

bool is_number(const Tensor* t, double value, const Shape& x) {
  const auto s = scalar(t);
  if (!s || (t->rank() > 0 && (!x.ranked || t->rank() > x.rank()))) return false;
  const double digits = t->dtype() == DType::bf16 ? 4e-3 : t->dtype() == DType::f16 ? 5e-4 : 2e-5;  // models write 1.4142 and 0.044715
  return std::abs(*s - value) <= digits * std::abs(value);
}

std::optional<std::vector<std::int64_t>> integers(const Value* v) {
  if (!v || !is_fixed(v) || !is_integer(v->constant->dtype())) return std::nullopt;
  return v->constant->to_ints();
}

std::optional<std::vector<double>> per_channel(const Tensor& t, std::size_t rank, std::size_t axis, std::int64_t channels) {
  if (!is_float(t.dtype()) || t.rank() > rank || axis >= rank) return std::nullopt;
  if (t.count() == 1) return std::vector<double>(static_cast<std::size_t>(channels), element(t, 0));
  const std::size_t missing = rank - t.rank();
  for (std::size_t i = 0; i < t.rank(); ++i)
    if (t.dims()[i] != (i + missing == axis ? channels : 1)) return std::nullopt;
  return axis < missing ? std::nullopt : std::optional(t.to_doubles());
}

Tensor scale_axis(const Tensor& w, std::size_t axis, std::span<const double> factors) {
  assert(static_cast<std::size_t>(w.dims()[axis]) == factors.size());
  std::vector<double> values = w.to_doubles();
  const auto inner = static_cast<std::size_t>(strides_of(w.dims())[axis]);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= factors[i / inner % factors.size()];
  return from_doubles(w.dtype(), w.dims(), values);
}

std::optional<Affine> affine_of(const Node& bn, const Tensor* bias) {
  std::vector<double> parts[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const Value* v = bn.input(i + 1);
    if (!v || !is_fixed(v) || !is_float(v->dtype)) return std::nullopt;
    parts[i] = v->constant->to_doubles();
    if (parts[i].size() != parts[0].size()) return std::nullopt;
  }
  const std::size_t n = parts[0].size();
  const std::vector<double> b = bias ? bias->to_doubles() : std::vector<double>(n, 0.0);
  if (b.size() != n || bn.integer("training_mode") != 0 || bn.outputs.size() != 1) return std::nullopt;
  const auto epsilon = static_cast<double>(bn.number("epsilon", 1e-5f));
  Affine a;
  for (std::size_t i = 0; i < n; ++i) {
    if (!(parts[3][i] + epsilon > 0)) return std::nullopt;
    a.scale.push_back(parts[0][i] / std::sqrt(parts[3][i] + epsilon));
    a.shift.push_back((b[i] - parts[2][i]) * a.scale[i] + parts[1][i]);
  }
  return a;
}

}  // namespace hone
