// SPDX-License-Identifier: Apache-2.0
// Operators that are a standard operator and something more (an activation, another layout, quantized ends): they infer and run
// an instance of the standard one.
#pragma once
#include "lib/ops/rule.h"

namespace hone {

class Inner {
 public:
  // An instance of the operator of the default domain, with those attributes of `outer` that it knows.
  Inner(const Node& outer, std::string_view op);
  Inner& set(std::string_view attribute, Attribute value);
  // Output 0; null inputs are absent.
  Result<Fact> infer(const std::vector<const Fact*>& in) const;
  Result<Tensor> run(const std::vector<const Tensor*>& in) const;

 private:
  Node node_;
};

// Axis order of an image, from channels last to channels second and back.
Shape channels_first(const Shape&);
Shape channels_last(const Shape&);
Tensor channels_first(const Tensor&);
Tensor channels_last(const Tensor&);
// x with axis order[i] as axis i. REQUIRES: a permutation.
Tensor permuted(const Tensor& x, const std::vector<std::size_t>& order);

// What FusedConv, FusedGemm and their kin apply to their result, by name and parameters: Relu, Tanh, Sigmoid, LeakyRelu (alpha),
// Clip (min, max), HardSigmoid (alpha, beta), Silu, Elu (alpha), Softplus, Softsign, ThresholdedRelu (alpha), Selu (alpha, gamma).
// An empty name changes nothing.
Status activate(Tensor& y, std::string_view name, const std::vector<float>& parameters);
// An error unless it is one of these with as many parameters as it needs.
Status check_activation(std::string_view name, std::size_t parameters);

// FusedConv in both layouts: output 0 = activation(y + input 3, where there is one), y being the convolution.
inline constexpr std::string_view fused_conv_attributes =
    "activation: string, activation_params: floats, auto_pad: string = NOTSET, dilations: ints, group: int = 1, "
    "kernel_shape: ints, pads: ints, strides: ints";
Status finish_fused_conv(OpCall&, Tensor y);

}  // namespace hone
