// SPDX-License-Identifier: Apache-2.0
// Arithmetic on constants, for passes that fold one into another. Computed in double and rounded once.
#pragma once
#include "lib/ir/graph.h"

namespace hone {

// A floating-point tensor from doubles.
Tensor from_doubles(DType, Dims, std::span<const double>);
// The value of a tensor of one element, whatever its rank; nothing when it has more, or is null, or not numeric.
std::optional<double> scalar(const Tensor*);
inline bool is_scalar(const Tensor* t, double value) { return scalar(t) == value; }
// Whether a constant of one element is `value` as its type can hold it: 1/6 in float16 is as good as in float32. And it must not give a
// result more axes than x has.
bool is_number(const Tensor*, double value, const Shape& x);
// The integers of a constant (axes, shapes); nothing when the value is absent or not a constant integer tensor.
std::optional<std::vector<std::int64_t>> integers(const Value*);

// A tensor that, broadcast against a result of `rank` axes, varies along `axis` only: its `channels` values (one element is repeated).
// Nothing when it varies along another axis, has another number of channels, or more axes than the result.
std::optional<std::vector<double>> per_channel(const Tensor&, std::size_t rank, std::size_t axis, std::int64_t channels);

// w times factors[i] for index i along `axis`. REQUIRES: factors has one entry for each index, w is of a floating-point type.
Tensor scale_axis(const Tensor& w, std::size_t axis, std::span<const double> factors);

// y = x * scale + shift for each channel: what BatchNormalization does at inference.
struct Affine {
  std::vector<double> scale, shift;
};
// From the constants of a BatchNormalization; nothing when var + epsilon is not positive somewhere or the lengths differ: such a model
// is broken and must fail as it would have. `bias`, b in BatchNormalization(conv + b), may be null.
std::optional<Affine> affine_of(const Node& batch_normalization, const Tensor* bias);

}  // namespace hone
