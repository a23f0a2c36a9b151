// SPDX-License-Identifier: Apache-2.0
// Operators that the older opset lacks, by what it has: the function bodies of the standard where it gives one.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "lib/onnx/downgrade.h"

namespace hone {
namespace {

bool narrow(DType dtype) { return dtype == DType::f16 || dtype == DType::bf16; }

Value* cast(Descent& d, Value* v, DType to) {
  if (d.dtype(v) == to) return v;
  Value* made = d.add("Cast", {v}, to, d.shape(v));
  d.last()->attributes.emplace("to", static_cast<std::int64_t>(to));
  return made;
}
// The value itself needs a node that can be renamed to the output.
Value* made_by_node(Descent& d, Value* v, const Value* like) { return v->producer && v->users.empty() ? v : d.add("Identity", {v}, like); }

Status need_type(const Descent& d) {
  if (d.dtype(d.node.input(0)) != DType::undefined) return Ok{};
  return invalid("opset {} has no {}, and the type that its parts need is not known; state it in the model", d.opset, d.node.op);
}

Status hard_swish(Descent& d) {
  Value* x = d.node.input(0);
  Value* gate = d.add("HardSigmoid", {x}, x);
  d.last()->attributes.emplace("alpha", 1.0F / 6.0F);
  d.last()->attributes.emplace("beta", 0.5F);
  d.replace(0, d.add("Mul", {x, gate}, x));
  return Ok{};
}
Status mish(Descent& d) {
  Value* x = d.node.input(0);
  d.replace(0, d.add("Mul", {x, d.add("Tanh", {d.add("Softplus", {x}, x)}, x)}, x));
  return Ok{};
}
Status swish(Descent& d) {
  CHECK_OK(need_type(d));
  Value* x = d.node.input(0);
  const float alpha = d.node.number("alpha", 1);
  Value* scaled = alpha == 1 ? x : d.add("Mul", {x, d.number(alpha, d.dtype(x))}, x);
  d.replace(0, d.add("Mul", {x, d.add("Sigmoid", {scaled}, x)}, x));
  return Ok{};
}
Status gelu(Descent& d) {
  CHECK_OK(need_type(d));
  Value* x = d.node.input(0);
  const DType t = d.dtype(x);
  Value* inner = nullptr;
  if (d.node.text("approximate", "none") == "tanh") {
    Value* cube = d.add("Mul", {x, d.add("Mul", {x, x}, x)}, x);
    Value* sum = d.add("Add", {x, d.add("Mul", {cube, d.number(0.044715, t)}, x)}, x);
    inner = d.add("Tanh", {d.add("Mul", {sum, d.number(std::sqrt(2 * std::numbers::inv_pi), t)}, x)}, x);
  } else {
    inner = d.add("Erf", {d.add("Mul", {x, d.number(1 / std::numbers::sqrt2, t)}, x)}, x);
  }
  Value* gate = d.add("Mul", {d.add("Add", {inner, d.number(1, t)}, x), d.number(0.5, t)}, x);
  d.replace(0, d.add("Mul", {x, gate}, x));
  return Ok{};
}
Status celu(Descent& d) {
  CHECK_OK(need_type(d));
  Value* x = d.node.input(0);
  Value* alpha = d.number(d.node.number("alpha", 1), d.dtype(x));
  Value* over = d.add("Exp", {d.add("Div", {x, alpha}, x)}, x);
  Value* below = d.add("Mul", {alpha, d.add("Sub", {over, d.number(1, d.dtype(x))}, x)}, x);
  Value* capped = d.add("Neg", {d.add("Relu", {d.add("Neg", {below}, x)}, x)}, x);  // min(0, below), without broadcasting
  d.replace(0, d.add("Add", {d.add("Relu", {x}, x), capped}, x));
  return Ok{};
}
Status strict_or_equal(Descent& d, std::string_view strict) {
  Value *a = d.node.input(0), *b = d.node.input(1);
  const Value* y = d.node.output(0);
  d.replace(0, d.add("Or", {d.add(strict, {a, b}, y), d.add("Equal", {a, b}, y)}, y));
  return Ok{};
}
Status greater_or_equal(Descent& d) { return strict_or_equal(d, "Greater"); }
Status less_or_equal(Descent& d) { return strict_or_equal(d, "Less"); }

Status cast_like(Descent& d) {
  const DType to = d.dtype(d.node.input(1));
  if (to == DType::undefined) return invalid("opset {} has no CastLike, and the type to cast to is not known; state it in the model", d.opset);
  d.node.attributes.insert_or_assign("to", static_cast<std::int64_t>(to));
  d.drop_inputs_from(1);
  d.become("Cast");
  return Ok{};
}

Status thresholded_relu(Descent& d) {
  CHECK_OK(need_type(d));
  Value* x = d.node.input(0);
  const DType t = d.dtype(x);
  Value* above = d.add("Greater", {x, d.number(d.node.number("alpha", 1), t)}, DType::boolean, d.shape(x));
  d.replace(0, d.add("Where", {above, x, d.number(0, t)}, x));
  return Ok{};
}

// The mask of a known shape is a constant.
Status trilu(Descent& d) {
  const Shape x = d.shape(d.node.input(0));
  const auto k = d.node.input(1) ? d.integers(1) : std::vector<std::int64_t>{0};
  const DType t = d.dtype(d.node.input(0));
  if (!k || k->size() != 1 || x.rank() < 2 || !x.dims.back().known() || !x.dims[x.rank() - 2].known() || bits(t) < 8)
    return invalid("opset {} has no Trilu, and its mask is not known: the last two dimensions and k must be; fix the shape, or convert to opset 14 or later", d.opset);
  const std::int64_t rows = x.dims[x.rank() - 2].value, columns = x.dims.back().value;
  TRY(const std::int64_t count, element_count(Dims{rows, columns}));
  if (count > std::int64_t{1} << 26) return invalid("opset {} has no Trilu, and a mask of {} elements is too large", d.opset, count);
  Tensor mask = Tensor::allocate(DType::boolean, {rows, columns});
  const bool upper = d.node.integer("upper", 1) != 0;
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c) mask.writable()[r * columns + c] = std::byte(upper ? c - r >= k->front() : c - r <= k->front());
  Value* zero = d.graph.constant("zero", Tensor::allocate(t, {}));
  d.replace(0, d.add("Where", {d.graph.constant("mask", std::move(mask)), d.node.input(0), zero}, d.node.input(0)));
  return Ok{};
}

Status expand(Descent& d) {
  const auto target = d.integers(1);
  const DType t = d.dtype(d.node.input(0));
  if (!target || (t != DType::f32 && t != DType::f64 && t != DType::f16)) return invalid("opset {} has no Expand; convert to opset 8 or later", d.opset);
  TRY(const std::int64_t count, element_count(*target));
  if (count > std::int64_t{1} << 26) return invalid("opset {} has no Expand, and {} elements are too many to multiply by", d.opset, count);
  Value* factor = d.number(1, t);
  const Bytes one = factor->constant->bytes();
  Tensor ones = Tensor::allocate(t, *target);
  for (std::size_t i = 0; i < ones.bytes().size(); i += one.size()) std::copy(one.begin(), one.end(), ones.writable() + i);
  d.replace(0, d.add("Mul", {d.node.input(0), d.graph.constant("ones", std::move(ones))}, d.node.output(0)));
  return Ok{};
}

// --- normalizations ---

Value* reduce_mean(Descent& d, Value* x, Value* axes) {
  Shape shape = d.shape(x);
  for (const std::int64_t axis : axes->constant->to_ints())
    if (const auto at = normalize_axis(axis, shape.rank()); shape.ranked && at) shape.dims[*at] = Dim(1);
  return d.add("ReduceMean", {x, axes}, d.dtype(x), std::move(shape));
}
struct Normalized {
  Value *y, *mean, *factor;  // mean: null when nothing was subtracted; factor: 1 / the deviation
};
Normalized normalize(Descent& d, Value* x, Value* axes, double epsilon, bool centre) {
  Normalized n{x, nullptr, nullptr};
  if (centre) {
    n.mean = reduce_mean(d, x, axes);
    n.y = d.add("Sub", {x, n.mean}, x);
  }
  Value* variance = reduce_mean(d, d.add("Mul", {n.y, n.y}, x), axes);
  Value* deviation = d.add("Sqrt", {d.add("Add", {variance, d.number(epsilon, d.dtype(x))}, variance)}, variance);
  n.factor = d.add("Reciprocal", {deviation}, deviation);
  n.y = d.add("Div", {n.y, deviation}, x);
  return n;
}

// LayerNormalization and RMSNormalization: over the axes from `axis` on, in float when the input is narrower.
Status last_axes_normalization(Descent& d) {
  CHECK_OK(need_type(d));
  const bool centre = d.node.op == "LayerNormalization";
  Value* x = d.node.input(0);
  const DType t = d.dtype(x), stash = static_cast<DType>(d.node.integer("stash_type", 1)), inner = narrow(t) ? stash : t;
  const Shape shape = d.shape(x);
  std::int64_t axis = d.node.integer("axis", -1);
  constexpr std::int64_t farthest = -64;  // no tensor has more axes; the list of them is written out below
  if (!shape.ranked && (axis >= 0 || axis < farthest)) return invalid("opset {} has no {}, and the rank of its input is not known; fix the shape", d.opset, d.node.op);
  if (shape.ranked) {
    TRY(const std::size_t from, normalize_axis(axis, shape.rank()));
    axis = static_cast<std::int64_t>(from) - static_cast<std::int64_t>(shape.rank());
  }
  std::vector<std::int64_t> axes(static_cast<std::size_t>(-axis));
  std::iota(axes.begin(), axes.end(), axis);
  const Normalized n = normalize(d, cast(d, x, inner), d.vector_of(axes), d.node.number("epsilon", 1e-5F), centre);
  Value* y = d.add("Mul", {cast(d, n.y, t), d.node.input(1)}, d.node.output(0) ? d.node.output(0) : x);
  if (d.node.input(2)) y = d.add("Add", {y, d.node.input(2)}, x);
  d.replace(0, y);
  if (d.node.output(1)) d.replace(1, made_by_node(d, d.add("Identity", {n.mean}, n.mean), n.mean));
  if (d.node.output(2)) d.replace(2, made_by_node(d, n.factor, n.factor));
  return Ok{};
}

// Channels in groups: normalized over all of a group, then scaled for each channel.
Status group_normalization(Descent& d) {
  CHECK_OK(need_type(d));
  Value* x = d.node.input(0);
  const Shape shape = d.shape(x);
  if (!shape.ranked || shape.rank() < 2) return invalid("opset {} has no {} of this form, and the rank of its input is not known; fix the shape", d.opset, d.node.op);
  const DType t = d.dtype(x), inner = narrow(t) ? static_cast<DType>(d.node.integer("stash_type", 1)) : t;
  const Shape grouped(std::vector<Dim>{shape.dims[0], Dim(d.node.integer("num_groups")), Dim()});
  Value* groups = d.add("Reshape", {cast(d, x, inner), d.vector_of({0, d.node.integer("num_groups"), -1})}, inner, grouped);
  const Normalized n = normalize(d, groups, d.vector_of({2}), d.node.number("epsilon", 1e-5F), true);
  Value* size = d.add("Shape", {x}, DType::i64, Shape{Dim(static_cast<std::int64_t>(shape.rank()))});
  Value* y = cast(d, d.add("Reshape", {n.y, size}, inner, shape), t);
  std::vector<std::int64_t> along(shape.rank() - 1, 1);
  along[0] = -1;
  const auto channels = [&](std::size_t input) { return d.add("Reshape", {d.node.input(input), d.vector_of(along)}, t, Shape::unknown(along.size())); };
  d.replace(0, d.add("Add", {d.add("Mul", {y, channels(1)}, x), channels(2)}, x));
  return Ok{};
}

Status mean_variance_normalization(Descent& d) {
  CHECK_OK(need_type(d));
  Value* x = d.node.input(0);
  Value* axes = d.vector_of(d.node.integers("axes", {0, 2, 3}));
  Value* centred = d.add("Sub", {x, reduce_mean(d, x, axes)}, x);
  Value* variance = reduce_mean(d, d.add("Mul", {centred, centred}, x), axes);
  Value* deviation = d.add("Add", {d.add("Sqrt", {variance}, variance), d.number(1e-9, d.dtype(x))}, variance);
  d.replace(0, d.add("Div", {centred, deviation}, x));
  return Ok{};
}

// --- attention ---

Value* transposed(Descent& d, Value* x, std::vector<std::int64_t> perm) {
  Shape shape = d.shape(x);
  for (std::size_t i = 0; i < perm.size() && shape.ranked; ++i) shape.dims[i] = d.shape(x).dims[static_cast<std::size_t>(perm[i])];
  Value* made = d.add("Transpose", {x}, d.dtype(x), std::move(shape));
  d.last()->attributes.emplace("perm", std::move(perm));
  return made;
}
// (batch, length, heads * size) or (batch, heads, length, size) as the latter.
Value* heads_first(Descent& d, Value* x, std::int64_t heads) {
  const Shape shape = d.shape(x);
  if (shape.rank() == 4) return x;
  const Dim size = shape.dims[2].known() && heads > 0 ? Dim(shape.dims[2].value / heads) : Dim();
  return transposed(d, d.add("Reshape", {x, d.vector_of({0, 0, heads, -1})}, d.dtype(x), Shape{shape.dims[0], shape.dims[1], Dim(heads), size}), {0, 2, 1, 3});
}
Value* minus_infinity(Descent& d, DType t) { return d.number(-INFINITY, t); }

// What is added to the scores: the mask, where a false of bool, and a key after its query when causal, is -inf.
Result<std::vector<Value*>> biases(Descent& d, const Dim& queries, const Dim& keys, DType t) {
  std::vector<Value*> added;
  if (Value* mask = d.node.input(3)) {
    const Shape shape = d.shape(mask);
    if (!shape.ranked || shape.rank() == 0 || !shape.dims.back().same(keys)) return invalid("opset {} has no Attention, and a mask not known to cover every key needs it", d.opset);
    const bool of_bool = d.dtype(mask) == DType::boolean;
    added.push_back(of_bool ? d.add("Where", {mask, d.number(0, t), minus_infinity(d, t)}, t, shape) : cast(d, mask, t));
  }
  if (d.node.integer("is_causal") != 0) {
    if (!queries.known() || !keys.known() || queries.value * keys.value > std::int64_t{1} << 24)
      return invalid("opset {} has no Attention, and the causal mask needs known lengths; fix the shape, or convert to opset 23 or later", d.opset);
    Tensor visible = Tensor::allocate(DType::boolean, {queries.value, keys.value});
    for (std::int64_t q = 0; q < queries.value; ++q)
      for (std::int64_t k = 0; k < keys.value; ++k) visible.writable()[q * keys.value + k] = std::byte(k <= q);
    added.push_back(d.add("Where", {d.graph.constant("causal", std::move(visible)), d.number(0, t), minus_infinity(d, t)}, t, Shape{queries, keys}));
  }
  return added;
}

// Without a past, without keys that are padding, as many heads of keys as of queries.
Status attention(Descent& d) {
  CHECK_OK(need_type(d));
  const auto beyond = [&](std::string_view what) { return invalid("opset {} has no Attention, and {} cannot be said by other operators here; convert to opset 23 or later", d.opset, what); };
  for (const std::size_t i : {4, 5, 6})
    if (d.node.input(i)) return beyond("a past or a number of keys");
  for (const std::size_t i : {1, 2, 3})
    if (d.node.output(i) && !d.node.output(i)->users.empty()) return beyond("a second output");
  if (d.node.outputs.size() > 1) return beyond("a second output");
  if (d.node.integer("left_window_size", -1) >= 0 || d.node.integer("right_window_size", -1) >= 0) return beyond("a window");
  const DType given = d.dtype(d.node.input(0)), t = narrow(given) ? DType::f32 : given;
  const std::int64_t heads = d.node.integer("q_num_heads"), kv_heads = d.node.integer("kv_num_heads");
  const Shape x = d.shape(d.node.input(0)), kv = d.shape(d.node.input(1));
  if ((x.rank() != 3 && x.rank() != 4) || kv.rank() != x.rank() || d.shape(d.node.input(2)).rank() != x.rank()) return beyond("an unknown rank");
  if (x.rank() == 4 ? !x.dims[1].same(kv.dims[1]) : heads < 1 || heads != kv_heads) return beyond("that heads of queries share heads of keys");
  Value* q = heads_first(d, cast(d, d.node.input(0), t), heads);
  Value* k = heads_first(d, cast(d, d.node.input(1), t), kv_heads);
  Value* v = heads_first(d, cast(d, d.node.input(2), t), kv_heads);
  const Dim queries = d.shape(q).dims[2], keys = d.shape(k).dims[2], size = d.shape(q).dims[3];
  const float scale = d.node.number("scale", size.known() ? static_cast<float>(1 / std::sqrt(static_cast<double>(size.value))) : 0.0F);
  if (!d.node.find<float>("scale") && !size.known()) return beyond("a scale by an unknown size");
  const Shape shape{d.shape(q).dims[0], d.shape(q).dims[1], queries, keys};
  Value* scores = d.add("MatMul", {d.add("Mul", {q, d.number(scale, t)}, q), transposed(d, k, {0, 1, 3, 2})}, t, shape);
  if (const float cap = d.node.number("softcap", 0); cap != 0)
    scores = d.add("Mul", {d.add("Tanh", {d.add("Div", {scores, d.number(cap, t)}, scores)}, scores), d.number(cap, t)}, scores);
  TRY(const std::vector<Value*> added, biases(d, queries, keys, t));
  for (Value* bias : added) scores = d.add("Add", {scores, bias}, scores);
  Value* shares = d.add("Softmax", {scores}, scores);
  d.last()->attributes.emplace("axis", std::int64_t{-1});
  // A query that sees no key gives zeros, not NaN.
  if (!added.empty()) shares = d.add("Where", {d.add("IsNaN", {shares}, DType::boolean, shape), d.number(0, t), shares}, shares);
  Value* y = d.add("MatMul", {shares, v}, t, Shape{shape.dims[0], shape.dims[1], queries, d.shape(v).dims[3]});
  if (x.rank() == 3) y = d.add("Reshape", {transposed(d, y, {0, 2, 1, 3}), d.vector_of({0, 0, -1})}, t, d.shape(d.node.output(0)));
  d.replace(0, cast(d, y, given));
  return Ok{};
}

constexpr Step steps[] = {
    {"HardSwish", 14, hard_swish},
    {"Mish", 18, mish},
    {"Swish", 24, swish},
    {"Gelu", 20, gelu},
    {"Celu", 12, celu},
    {"GreaterOrEqual", 12, greater_or_equal},
    {"LessOrEqual", 12, less_or_equal},
    {"CastLike", 15, cast_like},
    {"ThresholdedRelu", 10, thresholded_relu},
    {"Trilu", 14, trilu},
    {"Expand", 8, expand},
    {"Attention", 23, attention},
    {"LayerNormalization", 17, last_axes_normalization},
    {"RMSNormalization", 23, last_axes_normalization},
    {"GroupNormalization", 21, group_normalization},
    {"MeanVarianceNormalization", 9, mean_variance_normalization},
};

}  // namespace

std::span<const Step> body_steps() { return steps; }

}  // namespace hone
