// SPDX-License-Identifier: Apache-2.0
// Element-wise operators of two inputs with broadcasting: float32, and uint8 with requantization.
#include "lib/exec/bind.h"

namespace hone {
namespace {

Dims broadcast_strides(const Dims& dims, const Dims& out) {
  const Dims own = strides_of(dims);
  Dims strides(out.size(), 0);
  const std::size_t missing = out.size() - dims.size();
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (dims[i] != 1) strides[missing + i] = own[i];
  return strides;
}

// Drops axes of size 1 and merges neighbours over which both operands run on evenly. False when more than 8 axes are left.
bool set_axes(BinaryParams& p, const Dims& out, const Dims& a, const Dims& b) {
  const Dims as = broadcast_strides(a, out), bs = broadcast_strides(b, out);
  p.rank = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == 1) continue;
    const std::int64_t last = p.rank - 1;
    if (last >= 0 && p.a_strides[last] == as[i] * out[i] && p.b_strides[last] == bs[i] * out[i]) {
      p.dims[last] *= out[i];
      p.a_strides[last] = as[i];
      p.b_strides[last] = bs[i];
      continue;
    }
    if (p.rank == 8) return false;
    p.dims[p.rank] = out[i];
    p.a_strides[p.rank] = as[i];
    p.b_strides[p.rank++] = bs[i];
  }
  return true;
}

void set_quant(BinaryParams& p, const Node& n) {
  p.a_zero = static_cast<std::int32_t>(n.integer("a_zero"));
  p.b_zero = static_cast<std::int32_t>(n.integer("b_zero"));
  p.y_zero = static_cast<std::int32_t>(n.integer("y_zero"));
  p.low = static_cast<std::int32_t>(n.integer("low", 0));
  p.high = static_cast<std::int32_t>(n.integer("high", 255));
  p.a_multiplier = n.number("a_multiplier");
  p.b_multiplier = n.number("b_multiplier");
}

}  // namespace

bool bind_binary(const Site& s, Binding& b) {
  static constexpr std::pair<std::string_view, std::string_view> families[] = {
      {"Add", "add"}, {"Div", "div"}, {"Max", "max"}, {"Min", "min"}, {"Mul", "mul"}, {"Pow", "pow"}, {"QAdd", "add"}, {"QMul", "mul"}, {"Sub", "sub"}};
  const auto* family = std::ranges::find(families, s.node.op, &std::pair<std::string_view, std::string_view>::first);
  const bool quantized = s.node.op.starts_with('Q');
  const DType dtype = quantized ? DType::u8 : DType::f32;
  if (s.in.size() != 2 || s.dtype(0) != dtype || s.dtype(1) != dtype) return false;  // Min and Max may have other counts
  BinaryParams p{};
  const Dims out = s.out_dims();
  if (!set_axes(p, out, s.dims(0), s.dims(1))) return false;
  if (quantized) set_quant(p, s.node);
  else p.clamp = {s.node.number("low", Clamp{}.low), s.node.number("high", Clamp{}.high)};
  b.inputs = {0, 1};
  for (const std::size_t i : b.inputs)
    if (count_of(s.dims(i)) == count_of(out)) b.in_place.push_back(i);
  return b.choose(family->second, dtype, p);
}

}  // namespace hone
