// SPDX-License-Identifier: Apache-2.0
// The boxes kept, best score first, when those that overlap a better one too much are dropped: rows of (batch, class, box).
#include <algorithm>

#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 3, "boxes"));
  CHECK_OK(expect_rank(c, 1, 3, "scores"));
  const Shape &boxes = c.shape(0), &scores = c.shape(1);
  if (boxes.ranked && scores.ranked) {
    const bool fit = unify(boxes.dims[0], scores.dims[0]) && unify(boxes.dims[1], scores.dims[2]) && unify(boxes.dims[2], Dim(4));
    if (!fit)
      return invalid("boxes of shape {} do not fit scores of shape {}: expected (batch, boxes, 4) and (batch, classes, boxes)",
                     to_string(boxes), to_string(scores));
  }
  c.set(0, DType::i64, {Dim(), Dim(3)});
  return Ok{};
}

namespace {

struct Box {
  float top, left, bottom, right;
  float area() const { return (bottom - top) * (right - left); }
};

Box box_at(const float* b, bool centred) {
  if (centred) return {b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2, b[0] + b[2] / 2};
  return {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
}

// Intersection over union above the threshold.
bool overlaps(const Box& a, const Box& b, float threshold) {
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top), width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (height <= 0 || width <= 0 || a.area() <= 0 || b.area() <= 0) return false;
  const float common = height * width;
  return common / (a.area() + b.area() - common) > threshold;
}

}  // namespace

static Result<double> scalar(OpCall& c, std::size_t i, double otherwise) {
  if (!c.has(i)) return otherwise;
  if (c.in(i).count() != 1) return invalid("input {} has {} elements, expected 1", i, c.in(i).count());
  return element(c.in(i), 0);
}

static Status run(OpCall& c) {
  const Tensor &boxes = c.in(0), &scores = c.in(1);
  TRY(const double most, scalar(c, 2, 0));
  TRY(const double overlap, scalar(c, 3, 0));
  TRY(const double least, scalar(c, 4, -1e300));
  const bool centred = c.node.integer("center_point_box") != 0;
  const std::int64_t batches = scores.dims()[0], classes = scores.dims()[1], n = scores.dims()[2];
  std::vector<std::int64_t> rows;
  for (std::int64_t b = 0; b < batches; ++b)
    for (std::int64_t k = 0; k < classes; ++k) {
      const float* score = scores.data<float>() + (b * classes + k) * n;
      std::vector<std::int64_t> order;
      for (std::int64_t i = 0; i < n; ++i)
        if (static_cast<double>(score[i]) > least) order.push_back(i);
      std::ranges::stable_sort(order, [&](std::int64_t p, std::int64_t q) { return score[p] > score[q]; });
      std::vector<Box> kept;
      for (const std::int64_t i : order) {
        if (static_cast<double>(kept.size()) >= most) break;
        const Box box = box_at(boxes.data<float>() + (b * n + i) * 4, centred);
        if (std::ranges::any_of(kept, [&](const Box& other) { return overlaps(box, other, static_cast<float>(overlap)); })) continue;
        kept.push_back(box);
        rows.insert(rows.end(), {b, k, i});
      }
    }
  c.set(0, Tensor::of<std::int64_t>({static_cast<std::int64_t>(rows.size()) / 3, 3}, rows));
  return Ok{};
}
extern const Op nonmaxsuppression_op{
    .name = "NonMaxSuppression",
    .since = 10,
    .inputs = "boxes: float, scores: float, max_output_boxes_per_class?: int64, iou_threshold?: float, score_threshold?: float",
    .outputs = "selected_indices: int64",
    .attributes = "center_point_box: int = 0",
    .infer = infer,
    .reference = run};

}  // namespace hone
