// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_composite.h"

#include <cmath>
#include <limits>

#include "lib/ops/move.h"
#include "lib/ops/saturate.h"
#include "lib/ops/schema.h"
#include "lib/ops/wide.h"

namespace hone {
namespace {

std::vector<std::size_t> to_first(std::size_t rank) {  // (n, spatial..., c) to (n, c, spatial...)
  std::vector<std::size_t> order{0, rank - 1};
  for (std::size_t i = 1; i + 1 < rank; ++i) order.push_back(i);
  return order;
}
std::vector<std::size_t> to_last(std::size_t rank) {
  std::vector<std::size_t> order{0};
  for (std::size_t i = 2; i < rank; ++i) order.push_back(i);
  order.push_back(1);
  return order;
}

Shape permuted(const Shape& s, const std::vector<std::size_t>& order) {
  Shape out = s;
  for (std::size_t i = 0; i < order.size(); ++i) out.dims[i] = s.dims[order[i]];
  return out;
}

struct Activated {
  std::string_view name;
  std::size_t parameters;
  double (*f)(double x, float a, float b);
};
constexpr Activated activations[] = {
    {"Relu", 0, [](double x, float, float) { return std::fmax(x, 0.0); }},
    {"Tanh", 0, [](double x, float, float) { return std::tanh(x); }},
    {"Sigmoid", 0, [](double x, float, float) { return 1 / (1 + std::exp(-x)); }},
    {"Silu", 0, [](double x, float, float) { return x / (1 + std::exp(-x)); }},
    {"LeakyRelu", 1, [](double x, float a, float) { return x >= 0 ? x : static_cast<double>(a) * x; }},
    {"Clip", 2, [](double x, float a, float b) { return std::fmin(std::fmax(x, static_cast<double>(a)), static_cast<double>(b)); }},
    {"HardSigmoid", 2,
     [](double x, float a, float b) { return std::fmax(0.0, std::fmin(1.0, static_cast<double>(a) * x + static_cast<double>(b))); }},
    {"Elu", 1, [](double x, float a, float) { return x >= 0 ? x : static_cast<double>(a) * std::expm1(x); }},
    {"Softplus", 0, [](double x, float, float) { return std::fmax(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }},
    {"Softsign", 0, [](double x, float, float) { return x / (1 + std::fabs(x)); }},
    {"ThresholdedRelu", 1, [](double x, float a, float) { return x > static_cast<double>(a) ? x : 0.0; }},
    {"Selu", 2, [](double x, float a, float b) { return static_cast<double>(b) * (x > 0 ? x : static_cast<double>(a) * std::expm1(x)); }},
};

const Activated* find_activation(std::string_view name) {
  const auto it = std::ranges::find(activations, name, &Activated::name);
  return it == std::end(activations) ? nullptr : it;
}

}  // namespace

Inner::Inner(const Node& outer, std::string_view op) {
  node_.op = op;
  node_.schema = find_op(op, "");
  assert(node_.schema);
  const Schema& schema = schema_of(*node_.schema);
  for (const auto& [name, value] : outer.attributes) {
    if (!schema.find(name)) continue;
    std::visit(
        [&](const auto& v) {
          if constexpr (std::is_copy_constructible_v<std::decay_t<decltype(v)>>)
            if constexpr (!std::is_same_v<std::decay_t<decltype(v)>, std::vector<GraphPtr>>) node_.attributes.emplace(name, v);
        },
        value);
  }
}

Inner& Inner::set(std::string_view attribute, Attribute value) {
  node_.attributes.insert_or_assign(std::string(attribute), std::move(value));
  return *this;
}

Result<Fact> Inner::infer(const std::vector<const Fact*>& in) const {
  std::vector<Fact> out(1);
  InferCall call(node_, in, out);
  CHECK_OK(node_.schema->infer(call));
  return out[0];
}

Result<Tensor> Inner::run(const std::vector<const Tensor*>& in) const {
  std::vector<Tensor> out(1);
  OpCall call(node_, in, out);
  CHECK_OK(node_.schema->reference(call));
  return out[0];
}

Shape channels_first(const Shape& s) { return s.ranked && s.rank() > 2 ? permuted(s, to_first(s.rank())) : s; }
Shape channels_last(const Shape& s) { return s.ranked && s.rank() > 2 ? permuted(s, to_last(s.rank())) : s; }
Tensor channels_first(const Tensor& t) { return t.rank() > 2 ? permuted(t, to_first(t.rank())) : t; }
Tensor channels_last(const Tensor& t) { return t.rank() > 2 ? permuted(t, to_last(t.rank())) : t; }

Tensor permuted(const Tensor& x, const std::vector<std::size_t>& order) {
  const Dims from = strides_of(x.dims());
  Dims dims, strides;
  for (const std::size_t axis : order) {
    dims.push_back(x.dims()[axis]);
    strides.push_back(from[axis]);
  }
  const Node node;
  std::vector<Tensor> out(1);
  OpCall call(node, {}, out);
  Mover y(call, 0, x.dtype(), dims);
  y.copy_strided(x, 0, strides);
  const Status ok = y.finish();
  assert(ok);
  return out[0];
}

Status check_activation(std::string_view name, std::size_t parameters) {
  if (name.empty()) return Ok{};
  const Activated* a = find_activation(name);
  if (!a)
    return invalid("activation is '{}', which is not one of those that fuse (Relu, Tanh, Sigmoid, LeakyRelu, Clip, HardSigmoid, ...)",
                   name);
  if (parameters < a->parameters) return invalid("activation {} has {} parameters, expected {}", name, parameters, a->parameters);
  return Ok{};
}

Status activate(Tensor& y, std::string_view name, const std::vector<float>& parameters) {
  if (name.empty()) return Ok{};
  CHECK_OK(check_activation(name, parameters.size()));
  const Activated& f = *find_activation(name);
  const float a = parameters.empty() ? 0 : parameters[0], b = parameters.size() < 2 ? 0 : parameters[1];
  return dispatch(y.dtype(), Numbers{}, [&]<class T>(Type<T>) {
    T* out = y.data<T>();
    for (std::int64_t i = 0; i < y.count(); ++i) {
      const double v = f.f(static_cast<double>(static_cast<Wide<T>>(out[i])), a, b);
      out[i] = static_cast<T>(to<Wide<T>>(v));
    }
  });
}

// y += x, of the same shape and type.
static Status add_to(Tensor& y, const Tensor& x) {
  if (x.dims() != y.dims() || x.dtype() != y.dtype())
    return invalid("a summand has shape {} and type {}, expected {} and {}", to_string(x.dims()), name(x.dtype()), to_string(y.dims()),
                   name(y.dtype()));
  return dispatch(y.dtype(), Floats{}, [&]<class T>(Type<T>) {
    for (std::int64_t i = 0; i < y.count(); ++i)
      y.data<T>()[i] = static_cast<T>(static_cast<Wide<T>>(y.data<T>()[i]) + static_cast<Wide<T>>(x.data<T>()[i]));
  });
}

Status finish_fused_conv(OpCall& c, Tensor y) {
  if (c.has(3)) CHECK_OK(add_to(y, c.in(3)));
  CHECK_OK(activate(y, c.node.text("activation"), c.node.numbers("activation_params")));
  c.set(0, std::move(y));
  return Ok{};
}

}  // namespace hone
