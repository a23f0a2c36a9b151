// SPDX-License-Identifier: Apache-2.0
// Drops nodes that return their first input unchanged.
//
//   y = Identity (x)                           Cast to x's own type; Dropout at inference
//   y = Transpose <perm = [0, 1]> (x)          Reshape, Flatten, Expand, Slice, Resize, ... to x's own shape
//   y = Add (x, 0), Mul (x, 1), Pow (x, 1)     Pad by nothing; Concat, Sum, Max of one input; a 1x1 pool
//
// Declines where x would have to take the name of a graph output and cannot (lib/rewrite/graph_edit.h, can_replace).
#include <algorithm>

#include "lib/rewrite/matcher.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

// Certainly the same shape at run time.
bool same_shape(const Value* a, const Value* b) {
  return a->shape.ranked && b->shape.ranked && std::ranges::equal(a->shape.dims, b->shape.dims, &Dim::same);
}

bool drop(const Match& m, Edit& edit) { return edit.replace(m.value("y"), m.value("x")); }

bool drop_dropout(const Match& m, Edit& edit) {
  const Tensor* training = m.constant("training");
  if (m.value("training") && !is_scalar(training, 0)) return false;
  return drop(m, edit);
}

bool drop_cast(const Match& m, Edit& edit) {
  const Value* x = m.value("x");
  return x->dtype != DType::undefined && x->dtype == m.value("y")->dtype && drop(m, edit);
}

bool drop_transpose(const Match& m, Edit& edit) {
  const std::vector<std::int64_t> perm = m.maker("y")->integers("perm");
  for (std::size_t i = 0; i < perm.size(); ++i)
    if (perm[i] != static_cast<std::int64_t>(i)) return false;
  return !perm.empty() && drop(m, edit);
}

// Operators that keep the elements in order: the same shape means the same tensor.
bool drop_view(const Match& m, Edit& edit) { return same_shape(m.value("x"), m.value("y")) && drop(m, edit); }

// Positive steps and the same shape leave no choice but start 0, step 1.
bool drop_slice(const Match& m, Edit& edit) {
  const auto steps = integers(m.value("steps"));
  if (m.value("steps") && !steps) return false;
  if (steps && std::ranges::any_of(*steps, [](std::int64_t s) { return s < 0; })) return false;
  return drop_view(m, edit);
}

bool drop_pad(const Match& m, Edit& edit) {
  const auto pads = integers(m.value("pads"));
  return pads && std::ranges::all_of(*pads, [](std::int64_t p) { return p == 0; }) && drop(m, edit);
}

// A Split into one part.
bool drop_split(const Match& m, Edit& edit) { return m.maker("y")->outputs.size() == 1 && drop(m, edit); }

// A scale of 1.05 may round to the same size, yet it moves every pixel.
bool drop_resize(const Match& m, Edit& edit) {
  const Tensor* scales = m.constant("scales");
  const bool unscaled = m.value("sizes") || (scales && std::ranges::all_of(scales->to_floats(), [](float s) { return s == 1; }));
  return unscaled && m.maker("y")->text("coordinate_transformation_mode") != "tf_crop_and_resize" && drop_view(m, edit);
}

// A pool of one pixel, or a reduction over axes of one element.
bool drop_pool(const Match& m, Edit& edit) {
  const Node* node = m.maker("y");
  const auto all = [&](std::string_view attribute, std::int64_t want) {
    return std::ranges::all_of(node->integers(attribute), [&](std::int64_t v) { return v == want; });
  };
  return all("kernel_shape", 1) && all("strides", 1) && all("pads", 0) && drop_view(m, edit);
}
bool drop_reduce(const Match& m, Edit& edit) {
  const auto axes = integers(m.value("axes"));
  const Shape& shape = m.value("x")->shape;
  if (!axes || !shape.ranked || m.maker("y")->integer("keepdims", 1) == 0) return false;
  for (const std::int64_t axis : *axes) {
    const auto a = normalize_axis(axis, shape.rank());
    if (!a || !(shape.dims[*a] == Dim(1))) return false;
  }
  return !axes->empty() && drop(m, edit);
}

// c holds one number only, and broadcasting it does not enlarge x.
bool neutral(const Match& m, double number) {
  const Tensor& c = *m.constant("c");
  const Value *x = m.value("x"), *y = m.value("y");
  if (c.count() == 0 || c.dtype() == DType::string || c.dtype() == DType::c64 || c.dtype() == DType::c128) return false;
  if (c.count() > 1 << 20 || element(c, 0) != number) return false;
  if (!std::ranges::all_of(c.to_doubles(), [&](double v) { return v == number; })) return false;
  return (c.count() == 1 && (c.rank() == 0 || (x->shape.ranked && x->shape.rank() >= c.rank()))) || same_shape(x, y);
}
bool drop_zero(const Match& m, Edit& edit) { return neutral(m, 0) && drop(m, edit); }
bool drop_one(const Match& m, Edit& edit) { return neutral(m, 1) && drop(m, edit); }

constexpr Rule rules[] = {
    {"y = Identity|Concat|Sum|Max|Min|Mean (x)", drop},
    {"y = Split (x, split?)", drop_split},
    {"y = Dropout (x, ratio?, training?)", drop_dropout},
    {"y = Cast (x)", drop_cast},
    {"y = CastLike (x, other)", drop_cast},
    {"y = Transpose (x)", drop_transpose},
    {"y = Reshape|Expand|Squeeze|Unsqueeze (x, shape?)", drop_view},
    {"y = Flatten (x)", drop_view},
    {"y = Slice (x, starts, ends, axes?, steps?)", drop_slice},
    {"y = Pad (x, pads, value?, axes?)", drop_pad},
    {"y = Resize (x, roi?, scales?, sizes?)", drop_resize},
    {"y = MaxPool|AveragePool (x)", drop_pool},
    {"y = ReduceMean|ReduceSum|ReduceMax|ReduceMin|ReduceProd (x, axes)", drop_reduce},
    {"y = Add (x, const c)", drop_zero},
    {"y = Sub (x, const c)", drop_zero},
    {"y = Mul (x, const c)", drop_one},
    {"y = Div|Pow (x, const c)", drop_one},
};

}  // namespace

extern const Pass drop_identity_pass{.name = "drop-identity", .help = "drop nodes that return their input unchanged", .rules = rules};

}  // namespace hone
