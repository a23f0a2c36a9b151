// SPDX-License-Identifier: Apache-2.0
// Y = (X - mean) / sqrt(var + epsilon) * scale + B for each channel (axis 1): with the stored statistics, or in training with those of
// the batch, of which running averages are then returned. Training is what training_mode says, or a second output (before opset 14).
#include <cmath>

#include "lib/ops/convert.h"
#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

static bool trains(const Node& node) {
  if (node.integer("training_mode") != 0) return true;
  for (std::size_t i = 1; i < node.outputs.size(); ++i)
    if (node.outputs[i]) return true;
  return false;
}

static Status infer(InferCall& c) {
  const Shape& x = c.shape(0);
  if (x.ranked && x.rank() < 1) return invalid("the input is a scalar, expected batch, channels and spatial axes");
  const Dim channels = !x.ranked ? Dim() : x.rank() == 1 ? Dim(1) : x.dims[1];
  for (const std::size_t i : {1, 2, 3, 4}) {
    CHECK_OK(expect_rank(c, i, 1, "a parameter"));
    if (!x.ranked || !c.shape(i).ranked) continue;
    if (!unify(channels, c.shape(i).dims[0]))
      return invalid("input {} has {} elements, expected {} (one for each channel)", i, to_string(c.shape(i)), channels.value);
  }
  for (const std::size_t i : {1, 2, 3, 4}) c.set(i, c.dtype(i % 2 == 1 ? 3 : 4), Shape{channels});
  return infer_same(c);
}

// Mean and variance of each channel of x (n, channels, size), and the outputs 1 to 4 that follow from them.
template <class A>
static void take_statistics(OpCall& c, const ReadAs<A>& x, std::int64_t n, std::int64_t channels, std::int64_t size, std::vector<A>& mean, std::vector<A>& var) {
  for (std::int64_t k = 0; k < channels; ++k) {
    const auto moment = [&](double about, auto power) {
      double sum = 0;
      for (std::int64_t b = 0; b < n; ++b)
        for (std::int64_t p = (b * channels + k) * size; p < (b * channels + k + 1) * size; ++p) sum += power(static_cast<double>(x[p]) - about);
      return sum / static_cast<double>(n * size);
    };
    const double m = moment(0, [](double v) { return v; });
    mean.push_back(static_cast<A>(m));
    var.push_back(static_cast<A>(moment(m, [](double v) { return v * v; })));
  }
  const auto momentum = static_cast<double>(c.node.number("momentum", 0.9f));
  for (std::size_t i = 1; i < 5; ++i) {
    if (!c.wants(i)) continue;
    const std::vector<A>& now = i % 2 == 1 ? mean : var;
    const Tensor& before = c.in(i % 2 == 1 ? 3 : 4);
    const ReadAs<A> old(before);
    WriteAs<A> out(c.make(i, before.dtype(), {channels}));
    for (std::int64_t k = 0; k < channels; ++k) {
      const A current = now[static_cast<std::size_t>(k)];
      out[k] = i > 2 ? current : static_cast<A>(static_cast<double>(old[k]) * momentum + static_cast<double>(current) * (1 - momentum));
    }
  }
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& t = c.in(0);
  const float epsilon = c.node.number("epsilon", 1e-5f);
  return dispatch_real(t.dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(t), scale(c.in(1)), bias(c.in(2)), stored_mean(c.in(3)), stored_var(c.in(4));
    const std::int64_t n = t.dims()[0], channels = t.rank() == 1 ? 1 : t.dims()[1], size = n * channels == 0 ? 0 : t.count() / (n * channels);
    std::vector<A> batch_mean, batch_var;
    const bool training = trains(c.node);
    if (training) take_statistics(c, x, n, channels, size, batch_mean, batch_var);
    const A *mean = training ? batch_mean.data() : stored_mean.data(), *var = training ? batch_var.data() : stored_var.data();
    WriteAs<A> out(*y);
    for (std::int64_t i = 0; i < n * channels; ++i) {
      const std::int64_t k = i % channels;
      const A factor = scale[k] / std::sqrt(var[k] + static_cast<A>(epsilon));
      for (std::int64_t p = i * size; p < (i + 1) * size; ++p) out[p] = (x[p] - mean[k]) * factor + bias[k];
    }
  });
}

// Opset 7 had `spatial`: 0 meant statistics for each element of the plane.
//   y = BatchNormalization <spatial = 0> (x, s, b, m, v)   =>   y = (x - m) / Sqrt (v + epsilon) * s + b
static Status by_element(Graph& g, Node& n) {
  for (std::size_t i = 0; i < 5; ++i)
    if (!n.input(i)) return invalid("needs 5 inputs");
  for (std::size_t i = 1; i < n.outputs.size(); ++i)
    if (n.outputs[i]) return invalid("training with spatial = 0 is not supported");
  TRY(Tensor epsilon, convert(Tensor::scalar<float>(n.number("epsilon", 1e-5f)), element_type_of(n.input(4))));
  const auto step = [&](std::string_view op, Value* a, Value* b) {
    Value* out = g.value(op);
    add_before(g, n, op, b ? std::vector<Value*>{a, b} : std::vector<Value*>{a}, out);
    return out;
  };
  Value* deviation = step("Sqrt", step("Add", n.inputs[4], g.constant("epsilon", std::move(epsilon))), nullptr);
  Value* scaled = step("Mul", step("Div", step("Sub", n.inputs[0], n.inputs[3]), deviation), n.inputs[1]);
  Value* bias = n.inputs[2];
  for (std::size_t i = 0; i < 5; ++i) g.set_input(&n, i, nullptr);
  n.inputs.clear();
  g.set_input(&n, 0, scaled);
  g.set_input(&n, 1, bias);
  n.attributes.clear();
  become(n, "Add");
  return Ok{};
}

static Status upgrade(Graph& g, Node& n, int) {
  if (n.integer("spatial", 1) == 0) return by_element(g, n);
  if (const auto it = n.attributes.find("spatial"); it != n.attributes.end()) n.attributes.erase(it);
  return Ok{};
}
extern const Op batchnormalization_op{.name = "BatchNormalization",
                                      .since = 9,
                                      .inputs = "X: T, scale: T1, B: T1, input_mean: T2, input_var: T2",
                                      .outputs = "Y: T, running_mean?: T2, running_var?: T2, saved_mean?: T2, saved_var?: T2",
                                      .attributes = "epsilon: float = 1e-5, momentum: float = 0.9, training_mode: int = 0",
                                      .types = "T: floats; T1: floats; T2: floats",
                                      .infer = infer,
                                      .reference = run,
                                      .upgrade = upgrade};

}  // namespace hone
