// SPDX-License-Identifier: Apache-2.0
// Prepares QDQ graphs for the integer step. int8 activations are held as uint8 with the zero point shifted by 128, which is
// exact; where an int8 value is still wanted (a graph output), hone.Lut turns the top bit. And what only moves or selects
// elements works on the quantized values:
//   t = DequantizeLinear(q, s, z)   y = Reshape(t, shape)    =>   u = Reshape(q, shape)   y = DequantizeLinear(u, s, z)
#include <map>

#include "lib/exec/lower.h"

namespace hone {
namespace {

Tensor flip_table(DType to) {
  Tensor t = Tensor::allocate(to, {256});
  for (int i = 0; i < 256; ++i) t.writable()[i] = static_cast<std::byte>(i ^ 0x80);
  return t;
}

class Unsigned {
 public:
  explicit Unsigned(Graph& graph) : graph_(graph) {}

  void run() {
    std::vector<Node*> nodes = graph_.nodes();
    for (Node* node : nodes) {
      if (node->is("QuantizeLinear")) quantize(node);
      else if (node->is("DequantizeLinear")) dequantize(node);
    }
    nodes = graph_.nodes();
    for (Node* node : nodes)
      if (keeps_elements(*node)) move(node);
  }

 private:
  static bool one_scale(const Node& n) { return scalar(n.input(1)) && (!n.input(2) || scalar(n.input(2))); }
  Value* shifted_zero(const Node& n) {
    const int zero = n.input(2) ? static_cast<int>(*scalar(n.input(2))) : 0;
    return graph_.constant(n.input(2) ? n.input(2)->name : n.input(1)->name, Tensor::scalar(static_cast<std::uint8_t>(zero + 128)));
  }

  void quantize(Node* node) {
    if (node->output(0)->dtype != DType::i8 || node->input(0)->dtype != DType::f32 || !one_scale(*node)) return;
    const Value* y = node->output(0);
    Value* u = insert(graph_, node, "QuantizeLinear", "", {node->input(0), node->input(1), shifted_zero(*node)}, y->name, DType::u8, y->shape);
    Node* back = supersede(graph_, node, "Lut", "hone", {u, graph_.constant("int8_of_uint8", flip_table(DType::i8))});
    unsigned_[back->output(0)] = u;
  }

  void dequantize(Node* node) {
    Value* q = node->input(0);
    if (q->dtype != DType::i8 || q->constant || node->output(0)->dtype != DType::f32 || !one_scale(*node)) return;
    Value*& u = unsigned_[q];
    if (!u) u = insert(graph_, node, "Lut", "hone", {q, graph_.constant("uint8_of_int8", flip_table(DType::u8))}, q->name, DType::u8, q->shape);
    graph_.set_input(node, 0, u);
    graph_.set_input(node, 2, shifted_zero(*node));
  }

  // The output holds elements of the first input, so it does not matter when they are dequantized. The largest element of a
  // window is the same before and after: scales are positive.
  static bool keeps_elements(const Node& n) {
    static constexpr std::string_view names[] = {"DepthToSpace", "Expand", "Flatten", "Gather", "Identity", "Reshape", "Slice", "SpaceToDepth", "Squeeze",
                                                 "Tile", "Transpose", "Unsqueeze"};
    if (n.outputs.size() != 1 || !n.output(0)) return false;
    return n.is("MaxPool", "hone") || (n.is("Resize") && n.text("mode", "nearest") == "nearest" && n.text("coordinate_transformation_mode") != "tf_crop_and_resize") ||
           (n.domain.empty() && std::ranges::find(names, n.op) != std::end(names));
  }

  void move(Node* node) {
    const Value* t = node->input(0);
    const Node* dq = t ? t->producer : nullptr;
    if (!dq || !dq->is("DequantizeLinear") || dq->input(0)->dtype != DType::u8 || dq->input(0)->constant || t->dtype != DType::f32 || !one_scale(*dq)) return;
    if (!(*scalar(dq->input(1)) > 0)) return;
    std::vector<Value*> inputs = node->inputs, parameters(dq->inputs.begin() + 1, dq->inputs.end());
    inputs[0] = dq->input(0);
    const Value* y = node->output(0);
    Value* moved = insert(graph_, node, node->op, node->domain, std::move(inputs), y->name, DType::u8, y->shape);
    moved->producer->attributes = std::move(node->attributes);
    parameters.insert(parameters.begin(), moved);
    supersede(graph_, node, "DequantizeLinear", "", std::move(parameters));
  }

  Graph& graph_;
  std::map<const Value*, Value*> unsigned_;  // int8 value -> the same as uint8
};

}  // namespace

Status lower_unsigned(Graph& graph) {
  Unsigned(graph).run();
  return Ok{};
}

}  // namespace hone
