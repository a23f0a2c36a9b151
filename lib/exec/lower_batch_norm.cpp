// SPDX-License-Identifier: Apache-2.0
// BatchNormalization (inference) with constant parameters:
//   t = Conv(x, W, b?)                              y = Conv(x, W * a, b * a + B - u * a)
//   y = BatchNormalization(t, s, B, u, v)    =>     with a = s / sqrt(v + epsilon) for each channel
// Behind anything else: y = x * a + (B - u * a). Also drops Identity and Dropout, which would hide such pairs.
#include <cmath>

#include "lib/exec/lower.h"

namespace hone {
namespace {

struct Affine {
  std::vector<double> scale, shift;
};

// Nothing when a parameter is not constant float32, or a variance is not positive: the model must fail as it would have.
std::optional<Affine> affine(const Node& bn) {
  if (bn.integer("training_mode") != 0 || bn.inputs.size() != 5) return std::nullopt;
  for (std::size_t i = 1; i < 5; ++i)
    if (!bn.input(i) || !bn.input(i)->constant || bn.input(i)->dtype != DType::f32) return std::nullopt;
  const auto s = bn.input(1)->constant->values<float>(), b = bn.input(2)->constant->values<float>();
  const auto mean = bn.input(3)->constant->values<float>(), variance = bn.input(4)->constant->values<float>();
  if (b.size() != s.size() || mean.size() != s.size() || variance.size() != s.size()) return std::nullopt;
  const double epsilon = static_cast<double>(bn.number("epsilon", 1e-5f));
  Affine a;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const double v = static_cast<double>(variance[i]) + epsilon;
    if (!(v > 0)) return std::nullopt;
    a.scale.push_back(static_cast<double>(s[i]) / std::sqrt(v));
    a.shift.push_back(static_cast<double>(b[i]) - static_cast<double>(mean[i]) * a.scale.back());
  }
  return a;
}

bool into_conv(Graph& graph, Node* bn, const Affine& a) {
  Node* conv = bn->input(0)->producer;
  if (!conv || !conv->is("Conv") || !is_inner(bn->input(0)) || conv->graph != &graph) return false;
  const Value *weight = conv->input(1), *bias = conv->input(2);
  if (!weight->constant || weight->dtype != DType::f32 || (bias && (!bias->constant || bias->dtype != DType::f32))) return false;
  const auto channels = static_cast<std::size_t>(weight->constant->dims()[0]);
  if (channels != a.scale.size()) return false;
  Tensor w = Tensor::allocate(DType::f32, weight->constant->dims()), b = Tensor::allocate(DType::f32, {weight->constant->dims()[0]});
  const auto from = weight->constant->values<float>();
  const std::size_t each = channels ? from.size() / channels : 0;
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = c * each; i < (c + 1) * each; ++i) w.data<float>()[i] = static_cast<float>(static_cast<double>(from[i]) * a.scale[c]);
    const double old = bias ? static_cast<double>(bias->constant->values<float>()[c]) : 0;
    b.data<float>()[c] = static_cast<float>(old * a.scale[c] + a.shift[c]);
  }
  Node* merged = supersede(graph, bn, "Conv", "", {conv->input(0), graph.constant(weight->name, std::move(w)), graph.constant(bias ? bias->name : conv->output(0)->name, std::move(b))});
  merged->attributes = std::move(conv->attributes);
  merged->name = conv->name;
  graph.erase(conv);
  return true;
}

void into_arithmetic(Graph& graph, Node* bn, const Affine& a) {
  Value* x = bn->input(0);
  Dims dims(x->shape.rank() - 1, 1);  // (c, 1, 1)
  dims[0] = static_cast<std::int64_t>(a.scale.size());
  const std::vector<float> scale(a.scale.begin(), a.scale.end()), shift(a.shift.begin(), a.shift.end());
  Value* product = insert(graph, bn, "Mul", "", {x, graph.constant(bn->input(1)->name, Tensor::of<float>(dims, scale))}, x->name, DType::f32, x->shape);
  supersede(graph, bn, "Add", "", {product, graph.constant(bn->input(2)->name, Tensor::of<float>(dims, shift))});
}

bool is_identity(const Node& n) {
  const bool training = n.inputs.size() > 2 && n.input(2);  // Dropout whose training mode may be on
  return n.is("Identity") || (n.is("Dropout") && !training && (!n.output(1) || (n.output(1)->users.empty() && !n.graph->is_output(n.output(1)))));
}

}  // namespace

Status lower_batch_norm(Graph& graph) {
  const std::vector<Node*> nodes = graph.nodes();
  for (Node* node : nodes) {
    if (is_identity(*node) && node->output(0) && !graph.is_output(node->output(0))) {
      graph.replace_uses(node->output(0), node->input(0));
      graph.erase(node);
    } else if (node->is("BatchNormalization") && node->outputs.size() == 1 && node->input(0)->dtype == DType::f32 && node->input(0)->shape.rank() >= 2) {
      const auto a = affine(*node);
      if (a && !into_conv(graph, node, *a)) into_arithmetic(graph, node, *a);
    }
  }
  return Ok{};
}

}  // namespace hone
