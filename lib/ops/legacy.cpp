// SPDX-License-Identifier: Apache-2.0
// docs/Changelog.md of onnx/onnx tells the old forms. The one that matters: operands were broadcast only when `broadcast` said
// so, and `axis` said where; since opset 7 they align at the last axis, so trailing axes of 1 are added.
#include "lib/ops/legacy.h"

#include <algorithm>
#include <array>

#include "lib/ops/convert.h"
#include "lib/ops/infer.h"
#include "lib/ops/rule.h"

namespace hone {
namespace {

void drop(Node& n, std::string_view attribute) {
  if (const auto it = n.attributes.find(attribute); it != n.attributes.end()) n.attributes.erase(it);
}

Result<std::size_t> rank_of(const Graph& graph, const Value* v) {
  if (v->shape.ranked) return v->shape.rank();
  const Graph* root = &graph;
  while (root->parent()) root = root->parent();
  std::vector<Contradiction> ignored;
  const Facts facts = infer(*root, {}, ignored);
  const auto it = facts.find(v);
  if (it == facts.end() || !it->second.shape.ranked) return invalid("the rank of '{}' is not known, which this form of opset 6 and older depends on", v->name);
  return it->second.shape.rank();
}

// Adds `count` trailing axes of 1 to input i.
void add_trailing_axes(Graph& g, Node& n, std::size_t i, std::size_t rank, std::size_t count) {
  if (count == 0) return;
  if (n.inputs[i]->constant) {
    Dims dims = n.inputs[i]->constant->dims();
    dims.resize(rank + count, 1);
    g.set_input(&n, i, g.constant(n.inputs[i]->name, n.inputs[i]->constant->reshaped(std::move(dims))));
    return;
  }
  std::vector<std::int64_t> axes;
  for (std::size_t a = 0; a < count; ++a) axes.push_back(static_cast<std::int64_t>(rank + a));
  Value* out = g.value(n.inputs[i]->name);
  Node* unsqueeze = g.add("Unsqueeze", "", {n.inputs[i], g.constant(out->name + "_axes", Tensor::vector<std::int64_t>(axes))}, {out}, &n);
  unsqueeze->schema = find_op("Unsqueeze", "");
  g.set_input(&n, i, out);
}

Status align_at_axis(Graph& g, Node& n) {
  const bool placed = n.integer("broadcast") != 0 && n.find<std::int64_t>("axis");
  const std::int64_t axis = n.integer("axis");
  drop(n, "broadcast");
  drop(n, "axis");
  if (!placed || !n.input(0) || !n.input(1)) return Ok{};
  TRY(const std::size_t a, rank_of(g, n.inputs[0]));
  TRY(const std::size_t b, rank_of(g, n.inputs[1]));
  const std::int64_t at = axis < 0 ? axis + static_cast<std::int64_t>(a) : axis;
  if (at < 0 || static_cast<std::size_t>(at) + b > a) return invalid("axis {} does not place {} axes among {}", axis, b, a);
  add_trailing_axes(g, n, 1, b, a - b - static_cast<std::size_t>(at));
  return Ok{};
}

// A slope of one value for each channel lies along axis 1.
Status align_slope(Graph& g, Node& n) {
  if (!n.input(0) || !n.input(1)) return Ok{};
  TRY(const std::size_t slope, rank_of(g, n.inputs[1]));
  TRY(const std::size_t x, rank_of(g, n.inputs[0]));
  if (slope == 1 && x > 2 && n.inputs[1]->shape != Shape{Dim(1)}) add_trailing_axes(g, n, 1, 1, x - 2);
  return Ok{};
}

Status shape_from_attribute(Graph& g, Node& n) {
  if (n.inputs.size() > 1) return Ok{};
  const std::vector<std::int64_t> shape = n.integers("shape");
  drop(n, "shape");
  g.set_input(&n, 1, g.constant("shape", Tensor::vector<std::int64_t>(shape)));
  return Ok{};
}

// Cast named its type: "FLOAT".
Status type_by_number(Node& n) {
  const auto* named = n.find<std::string>("to");
  if (!named) return Ok{};
  static constexpr std::array<std::pair<std::string_view, DType>, 16> names{{
      {"FLOAT", DType::f32}, {"UINT8", DType::u8}, {"INT8", DType::i8}, {"UINT16", DType::u16}, {"INT16", DType::i16}, {"INT32", DType::i32},
      {"INT64", DType::i64}, {"STRING", DType::string}, {"BOOL", DType::boolean}, {"FLOAT16", DType::f16}, {"DOUBLE", DType::f64},
      {"UINT32", DType::u32}, {"UINT64", DType::u64}, {"COMPLEX64", DType::c64}, {"COMPLEX128", DType::c128}, {"BFLOAT16", DType::bf16}}};
  const auto it = std::ranges::find(names, *named, &std::pair<std::string_view, DType>::first);
  if (it == names.end()) return invalid("unknown type '{}'", *named);
  n.attributes.insert_or_assign("to", static_cast<std::int64_t>(it->second));
  return Ok{};
}

// A value of this type made by a Cast before the node.
Value* as(Graph& g, Node& n, Value* v, DType dtype) {
  if (v->constant)
    if (auto t = convert(*v->constant, dtype)) return g.constant(v->name, std::move(t).value());
  Value* out = g.value(v->name + "_cast");
  add_before(g, n, "Cast", {v}, out)->attributes.emplace("to", static_cast<std::int64_t>(dtype));
  return out;
}

// Tile repeated `tiles` times along one axis, both inputs of the data's type:
//   y = Tile (x, tiles, axis)   =>   y = Tile (x, ScatterElements (ones like Shape (x), axis, tiles))
Status tile_one_axis(Graph& g, Node& n) {
  if (!n.input(0) || !n.input(1) || !n.input(2)) return invalid("needs the inputs 'tiles' and 'axis'");
  const auto one = [&](std::size_t i) {
    Value* out = g.value(n.inputs[i]->name + "_flat");
    Value* number = as(g, n, n.inputs[i], DType::i64);
    add_before(g, n, "Reshape", {number, g.constant("one", Tensor::vector<std::int64_t>(std::vector<std::int64_t>{1}))}, out);
    return out;
  };
  Value *tiles = one(1), *axis = one(2), *shape = g.value("shape"), *rank = g.value("rank"), *ones = g.value("ones"), *repeats = g.value("repeats");
  add_before(g, n, "Shape", {n.inputs[0]}, shape);
  add_before(g, n, "Shape", {shape}, rank);
  add_before(g, n, "ConstantOfShape", {rank}, ones)->attributes.emplace("value", Tensor::of<std::int64_t>({1}, {1}));
  add_before(g, n, "ScatterElements", {ones, axis, tiles}, repeats);
  g.set_input(&n, 2, nullptr);
  n.inputs.pop_back();
  g.set_input(&n, 1, repeats);
  return Ok{};
}

// p was a float.
Status whole_p(Node& n) {
  const float* p = n.find<float>("p");
  if (!p) return Ok{};
  if (!(*p >= 1 && *p <= 1e6f) || *p != static_cast<float>(static_cast<std::int64_t>(*p))) return invalid("p is {}, expected a whole number", *p);
  n.attributes.insert_or_assign("p", static_cast<std::int64_t>(*p));
  return Ok{};
}

// height_scale and width_scale became one list, and "bilinear" the general "linear".
void one_list_of_scales(Node& n) {
  if (n.text("mode") == "bilinear") n.attributes.insert_or_assign("mode", std::string("linear"));
  if (!n.find<float>("height_scale")) return;
  n.attributes.insert_or_assign("scales", std::vector<float>{1, 1, n.number("height_scale"), n.number("width_scale", 1)});
  drop(n, "height_scale");
  drop(n, "width_scale");
}

}  // namespace

Status modernize(Graph& g, Node& n, int opset) {
  const auto is_any = [&](std::initializer_list<std::string_view> ops) { return std::ranges::find(ops, n.op) != ops.end(); };
  drop(n, "consumed_inputs");
  if (is_any({"BatchNormalization", "Dropout"})) drop(n, "is_test");
  if (is_any({"GRU", "LSTM", "RNN"})) {
    drop(n, "output_sequence");
    if (n.text("direction") == "foward") drop(n, "direction");  // the default of opset 1, to the letter
  }
  if (n.op == "Gemm") drop(n, "broadcast");
  if (is_any({"Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor"})) return align_at_axis(g, n);
  if (n.op == "PRelu") return align_slope(g, n);
  if (n.op == "Upsample") one_list_of_scales(n);
  if (n.op == "Cast" && opset < 6) return type_by_number(n);
  if (n.op == "Tile" && opset < 6) return tile_one_axis(g, n);
  if (is_any({"LpPool", "GlobalLpPool"}) && opset < 2) return whole_p(n);
  if (n.op == "Split" && opset < 2 && n.input(1)) g.set_input(&n, 1, as(g, n, n.inputs[1], DType::i64));  // was of the data's type
  if (n.op == "Selu" && opset < 6) {  // the defaults had fewer digits
    n.attributes.emplace("alpha", 1.6732f);
    n.attributes.emplace("gamma", 1.0507f);
  }
  if (n.op == "Reshape" && opset < 5) return shape_from_attribute(g, n);
  if (n.op == "Concat" && opset < 4 && !n.find<std::int64_t>("axis")) n.attributes.emplace("axis", std::int64_t{1});
  if (n.op == "Pad" && opset < 2 && n.attributes.contains("paddings")) {
    auto paddings = n.attributes.extract("paddings");
    paddings.key() = "pads";
    n.attributes.insert(std::move(paddings));
  }
  return Ok{};
}

}  // namespace hone
