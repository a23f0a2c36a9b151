// SPDX-License-Identifier: Apache-2.0
// Channels last. One pass in topological order: a value that was computed channels last has a twin; nodes that can work on
// twins do, and a Transpose back gives the old value to whoever still wants it. Unwanted Transposes die with drop_dead.
//
//   y = Conv(x, W, b)            xl = Transpose <perm = [0, 2, 3, 1]> (x)
//   z = Relu(y)           =>     yl = hone.Conv(xl, W', b)     (oc, kh, kw, c / group)
//                                zl = Relu(yl)
//                                z = Transpose <perm = [0, 3, 1, 2]> (zl)
#include <algorithm>
#include <map>

#include "lib/exec/bind.h"
#include "lib/exec/lower.h"

namespace hone {
namespace {

using Perm = std::vector<std::int64_t>;

Perm to_last(std::size_t rank) { return rank == 3 ? Perm{0, 2, 1} : Perm{0, 2, 3, 1}; }
Perm to_first(std::size_t rank) { return rank == 3 ? Perm{0, 2, 1} : Perm{0, 3, 1, 2}; }
bool is_image(const Value* v) { return v && v->shape.ranked && (v->shape.rank() == 3 || v->shape.rank() == 4); }

template <class T> std::vector<T> permuted(const std::vector<T>& v, const Perm& perm) {
  std::vector<T> out;
  for (const std::int64_t i : perm) out.push_back(v[static_cast<std::size_t>(i)]);
  return out;
}
Shape permuted(const Shape& s, const Perm& perm) { return Shape(permuted(s.dims, perm)); }

class Layout {
 public:
  explicit Layout(Graph& graph) : graph_(graph) {}

  void run() {
    const std::vector<Node*> nodes = graph_.nodes();
    for (Node* node : nodes) {
      at_ = node;
      if (node->outputs.size() != 1 || !node->output(0)) continue;
      convert(*node);
    }
  }

 private:
  bool has_twin(const Value* v) const { return twins_.contains(v); }

  // The value channels last; at the border a Transpose of it, or a transposed constant.
  Value* last(Value* v) {
    if (const auto it = twins_.find(v); it != twins_.end()) return it->second;
    const Perm perm = to_last(v->shape.rank());
    if (Value* pulled = before_dequantize(v)) return twins_[v] = pulled;
    Value* twin = v->constant ? graph_.constant(v->name, transpose(*v->constant, perm)) : nullptr;
    if (!twin) {
      twin = insert(graph_, at_, "Transpose", "", {v}, v->name, v->dtype, permuted(v->shape, perm));
      twin->producer->attributes["perm"] = perm;
    }
    return twins_[v] = twin;
  }

  // DequantizeLinear with one scale works in any layout: what is transposed is its input, so that it stays next to its user.
  Value* before_dequantize(Value* v) {
    Node* dq = v->producer;
    if (!dq || dq->graph != &graph_ || !dq->is("DequantizeLinear") || dq->input(0)->constant || !scalar(dq->input(1))) return nullptr;
    std::vector<Value*> inputs = dq->inputs;
    inputs[0] = last(inputs[0]);
    Value* moved = insert(graph_, at_, "DequantizeLinear", "", std::move(inputs), v->name, v->dtype, permuted(v->shape, to_last(v->shape.rank())));
    copy_attributes(*dq, *moved->producer, {"output_dtype"});
    return moved;
  }

  // `made` (channels last) takes the place of the current node, which goes.
  void done(Value* made) {
    const std::size_t rank = made->shape.rank();
    Node* back = supersede(graph_, at_, "Transpose", "", {made});
    back->attributes["perm"] = to_first(rank);
    twins_[back->output(0)] = made;
  }
  Value* make(std::string_view op, std::string_view domain, std::vector<Value*> inputs) {
    const Value* y = at_->output(0);
    return insert(graph_, at_, op, domain, std::move(inputs), y->name, y->dtype, permuted(y->shape, to_last(y->shape.rank())));
  }
  void convert(Node& node) {
    if (!node.domain.empty() || !is_image(node.input(0)) || !is_image(node.output(0))) return;
    if (node.op == "Conv") conv(node);
    else if (node.op == "MaxPool" || node.op == "AveragePool" || node.op == "GlobalAveragePool" || node.op == "GlobalMaxPool") pool(node);
    else if (node.op == "ReduceMean") mean(node);
    else if (node.op == "Transpose") compose(node);
    else if (node.op == "Concat") concat(node);
    else if (node.op == "Resize") by_axis(node, {2, 3});
    else if (node.op == "Softmax" || node.op == "LogSoftmax") softmax(node);
    else if (is_elementwise(node) || node.op == "Cast" || node.op == "DequantizeLinear" || node.op == "QuantizeLinear") elementwise(node);
  }

  // A weight that is constant, or dequantized from a constant: the same with the input channels last.
  Value* weight(Value* w) {
    if (const auto it = weights_.find(w); it != weights_.end()) return it->second;
    const Perm perm = to_last(w->shape.rank());
    if (w->constant) return weights_[w] = graph_.constant(w->name, transpose(*w->constant, perm));
    const Node* dq = w->producer;
    if (!dq || !dq->is("DequantizeLinear") || !dq->input(0)->constant || dq->integer("block_size") != 0) return nullptr;
    const bool whole = dq->input(1)->constant && dq->input(1)->constant->count() == 1;
    if (!whole && dq->integer("axis", 1) != 0) return nullptr;
    std::vector<Value*> inputs = dq->inputs;
    inputs[0] = graph_.constant(dq->input(0)->name, transpose(*dq->input(0)->constant, perm));
    Value* moved = insert(graph_, at_, "DequantizeLinear", "", inputs, w->name, w->dtype, permuted(w->shape, perm));
    moved->producer->attributes["axis"] = std::int64_t{0};
    return weights_[w] = moved;
  }

  void conv(Node& node) {
    if (node.input(0)->dtype != DType::f32 || !is_image(node.input(1)) || !node.input(1)->shape.known()) return;
    if (node.input(1)->shape.rank() != node.input(0)->shape.rank() || (node.input(2) && node.input(2)->shape.rank() != 1)) return;
    Value* w = weight(node.input(1));
    if (!w) return;
    std::vector<Value*> inputs{last(node.input(0)), w};
    if (node.input(2)) inputs.push_back(node.input(2));
    Value* y = make("Conv", "hone", std::move(inputs));
    copy_attributes(node, *y->producer, {"auto_pad", "dilations", "group", "pads", "strides"});
    done(y);
  }

  void pool(Node& node) {
    const bool maximum = node.op.ends_with("MaxPool"), global = node.op.starts_with("Global");
    const DType dtype = node.input(0)->dtype;
    if (dtype != DType::f32 && !(maximum && dtype == DType::u8)) return;
    const std::vector<std::int64_t> kernel = node.integers("kernel_shape"), pads = node.integers("pads");
    for (const std::int64_t d : node.integers("dilations"))
      if (d != 1) return;
    for (std::size_t i = 0; i < pads.size(); ++i)
      if (kernel.empty() || pads[i] >= kernel[i % kernel.size()]) return;  // some window may see padding only
    Value* y = make(maximum ? "MaxPool" : "AveragePool", "hone", {last(node.input(0))});
    if (!global) copy_attributes(node, *y->producer, {"auto_pad", "ceil_mode", "kernel_shape", "pads", "strides"});
    if (!global && !maximum) copy_attributes(node, *y->producer, {"count_include_pad"});
    done(y);
  }

  // The mean over exactly the spatial axes is a global pool.
  void mean(Node& node) {
    const std::size_t rank = node.input(0)->shape.rank();
    if (!has_twin(node.input(0)) || node.input(0)->dtype != DType::f32 || node.integer("keepdims", 1) != 1 || !node.input(1) || !node.input(1)->constant) return;
    std::vector<std::int64_t> axes = node.input(1)->constant->to_ints(), spatial{2, 3};
    for (std::int64_t& a : axes) a += a < 0 ? static_cast<std::int64_t>(rank) : 0;
    std::ranges::sort(axes);
    spatial.resize(rank - 2);
    if (axes == spatial) done(make("AveragePool", "hone", {last(node.input(0))}));
  }

  // A Transpose of a value with a twin reads the twin; one that puts channels first makes a value with a twin.
  void compose(Node& node) {
    Value* x = node.input(0);
    const std::size_t rank = x->shape.rank();
    const Perm perm = permutation(node, rank);
    if (perm.size() != rank || std::ranges::any_of(perm, [&](std::int64_t i) { return i < 0 || static_cast<std::size_t>(i) >= rank; })) return;  // in a branch that never runs
    if (!has_twin(x)) {
      if (perm == to_first(rank)) twins_[node.output(0)] = x;
      return;
    }
    const Perm where = to_first(rank);  // axis a of x is axis where[a] of the twin
    node.attributes["perm"] = permuted(where, perm);
    graph_.set_input(&node, 0, twins_[x]);
  }

  void concat(Node& node) {
    const std::size_t rank = node.output(0)->shape.rank();
    const auto axis = normalize_axis(node.integer("axis"), rank);
    if (!axis || std::ranges::none_of(node.inputs, [&](const Value* v) { return has_twin(v); })) return;
    std::vector<Value*> inputs;
    for (Value* v : node.inputs) {
      if (v->shape.rank() != rank) return;
      inputs.push_back(last(v));
    }
    Value* y = make("Concat", "", std::move(inputs));
    y->producer->attributes["axis"] = to_first(rank)[*axis];
    done(y);
  }

  void softmax(Node& node) {
    const std::size_t rank = node.output(0)->shape.rank();
    const auto axis = normalize_axis(node.integer("axis", -1), rank);
    if (!axis || !has_twin(node.input(0))) return;
    Value* y = make(node.op, "", {last(node.input(0))});
    y->producer->attributes["axis"] = to_first(rank)[*axis];
    done(y);
  }

  // Operators with an input for every axis (Resize: scales, sizes): those inputs are permuted.
  void by_axis(Node& node, std::initializer_list<std::size_t> per_axis) {
    const std::size_t rank = node.output(0)->shape.rank();
    if (!has_twin(node.input(0)) || node.attributes.contains("axes") || node.input(1)) return;
    std::vector<Value*> inputs = node.inputs;
    for (const std::size_t i : per_axis) {
      if (!node.input(i)) continue;
      const auto& t = node.input(i)->constant;
      if (!t || t->count() != static_cast<std::int64_t>(rank)) return;
      const Dims dims = t->dims(), perm = to_last(rank);
      inputs[i] = graph_.constant(node.input(i)->name, t->dtype() == DType::i64 ? Tensor::of<std::int64_t>(dims, permuted(t->to_ints(), perm))
                                                                                : Tensor::of<float>(dims, permuted(t->to_floats(), perm)));
    }
    inputs[0] = last(node.input(0));
    Value* y = make(node.op, "", std::move(inputs));
    y->producer->attributes = std::move(node.attributes);
    done(y);
  }

  // The input for the channels-last node: a twin, a permuted constant, one element as it is.
  Value* operand(Value* v, std::size_t rank) {
    if (!v || (v->constant && v->constant->count() == 1)) return v;
    if (!v->constant) return last(v);
    Dims dims(rank - v->constant->rank(), 1);
    dims.insert(dims.end(), v->constant->dims().begin(), v->constant->dims().end());
    return graph_.constant(v->name, transpose(v->constant->reshaped(dims), to_last(rank)));
  }

  void elementwise(Node& node) {
    const std::size_t rank = node.output(0)->shape.rank();
    if (std::ranges::none_of(node.inputs, [&](const Value* v) { return v && has_twin(v) && v->shape.rank() == rank; })) return;
    for (const Value* v : node.inputs)  // check before anything is made
      if (v && (has_twin(v) || !v->constant) && (!v->shape.ranked || v->shape.rank() != rank)) return;
    const bool linear = node.op == "QuantizeLinear" || node.op == "DequantizeLinear";
    if (linear && (!scalar(node.input(1)) || (node.input(2) && !scalar(node.input(2))))) return;
    std::vector<Value*> inputs;
    for (Value* v : node.inputs) inputs.push_back(operand(v, rank));
    Value* y = make(node.op, "", std::move(inputs));
    y->producer->attributes = std::move(node.attributes);
    done(y);
  }

  Graph& graph_;
  Node* at_ = nullptr;                   // the node being treated
  std::map<const Value*, Value*> twins_;  // value -> the same channels last
  std::map<const Value*, Value*> weights_;
};

}  // namespace

Status lower_layout(Graph& graph) {
  Layout(graph).run();
  graph.drop_dead();
  return Ok{};
}

}  // namespace hone
