// SPDX-License-Identifier: Apache-2.0
// For each region of interest (x1, y1, x2, y2) of an image, a grid of averages (or maxima) of bilinear samples.
#include <algorithm>
#include <cmath>

#include "lib/ops/convert.h"
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 4, "X"));
  CHECK_OK(expect_rank(c, 1, 2, "rois"));
  const std::int64_t height = c.node.integer("output_height", 1), width = c.node.integer("output_width", 1);
  if (height <= 0 || width <= 0) return invalid("the output has {}x{} cells", height, width);
  if (const std::int64_t ratio = c.node.integer("sampling_ratio"); ratio < 0 || ratio > 4096) return invalid("sampling_ratio is {}", ratio);
  const Shape &x = c.shape(0), &rois = c.shape(1);
  if (rois.ranked && rois.dims[1].known() && rois.dims[1].value != 4)
    return invalid("rois has shape {}, expected 4 numbers each", to_string(rois));
  c.set(0, c.dtype(0), {rois.ranked ? rois.dims[0] : Dim(), x.ranked ? x.dims[1] : Dim(), Dim(height), Dim(width)});
  return Ok{};
}

namespace {

struct Corner {
  std::int64_t at;  // offset in the plane
  double weight;
};
// The four corners around (y, x), none when it lies outside.
struct Sample {
  Corner corners[4] = {};
};

Sample sample_at(double y, double x, std::int64_t height, std::int64_t width) {
  Sample s;
  if (y < -1 || y > static_cast<double>(height) || x < -1 || x > static_cast<double>(width)) return s;
  y = std::clamp(y, 0.0, static_cast<double>(height - 1));
  x = std::clamp(x, 0.0, static_cast<double>(width - 1));
  const auto top = static_cast<std::int64_t>(y), left = static_cast<std::int64_t>(x);
  const std::int64_t bottom = std::min(top + 1, height - 1), right = std::min(left + 1, width - 1);
  const double fy = y - static_cast<double>(top), fx = x - static_cast<double>(left);
  s.corners[0] = {top * width + left, (1 - fy) * (1 - fx)};
  s.corners[1] = {top * width + right, (1 - fy) * fx};
  s.corners[2] = {bottom * width + left, fy * (1 - fx)};
  s.corners[3] = {bottom * width + right, fy * fx};
  return s;
}

struct Cell {
  const Tensor& x;
  bool maximum;
  bool wide;  // places are computed in double; else in float, as everyone does: a place on the border is inside for all or for none
  double low_y, low_x, height, width;  // of the cell
  std::int64_t rows, columns;          // of samples
  static double rounded(double v, bool wide) { return wide ? v : static_cast<double>(static_cast<float>(v)); }
  double place(double low, std::int64_t i, double size, std::int64_t n) const {
    const double step = rounded(rounded((static_cast<double>(i) + 0.5) * size, wide) / static_cast<double>(n), wide);
    return rounded(low + step, wide);
  }
  double value(std::int64_t plane, std::int64_t image_height, std::int64_t image_width) const {
    double total = 0, most = -INFINITY;
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t q = 0; q < columns; ++q) {
        const Sample s = sample_at(place(low_y, r, height, rows), place(low_x, q, width, columns), image_height, image_width);
        for (const Corner& corner : s.corners) {
          const double v = corner.weight == 0 ? 0 : corner.weight * element(x, plane + corner.at);
          total += v;
          most = std::max(most, v);  // the standard's maximum is over weighted corners, not over samples
        }
      }
    return maximum ? most : total / static_cast<double>(std::max<std::int64_t>(1, rows * columns));
  }
};

}  // namespace

static Status run(OpCall& c) {
  const Tensor &x = c.in(0), &rois = c.in(1);
  TRY(Tensor* const y, make_by_rule(c));
  const std::vector<std::int64_t> batch = c.in(2).to_ints();
  const std::int64_t n = y->dims()[0], channels = y->dims()[1], out_h = y->dims()[2], out_w = y->dims()[3];
  const std::int64_t height = x.dims()[2], width = x.dims()[3], ratio = c.node.integer("sampling_ratio");
  if (static_cast<std::int64_t>(batch.size()) != n) return invalid("{} batch indices for {} regions", batch.size(), n);
  if (height * width == 0) return invalid("the image is empty");
  const bool half_pixel = c.node.text("coordinate_transformation_mode", "half_pixel") == "half_pixel";
  const double scale = static_cast<double>(c.node.number("spatial_scale", 1)), offset = half_pixel ? 0.5 : 0;
  std::int64_t to = 0;
  for (std::int64_t r = 0; r < n; ++r) {
    const std::int64_t image = batch[static_cast<std::size_t>(r)];
    if (image < 0 || image >= x.dims()[0]) return invalid("batch index {} of {} images", image, x.dims()[0]);
    const bool wide = rois.dtype() == DType::f64;
    const auto rounded = [&](double v) { return Cell::rounded(v, wide); };
    const auto edge = [&](std::int64_t k) { return rounded(rounded(element(rois, r * 4 + k) * scale) - offset); };
    double roi_w = rounded(edge(2) - edge(0)), roi_h = rounded(edge(3) - edge(1));
    if (!half_pixel) roi_w = std::max(roi_w, 1.0), roi_h = std::max(roi_h, 1.0);
    const double cell_h = rounded(roi_h / static_cast<double>(out_h)), cell_w = rounded(roi_w / static_cast<double>(out_w));
    if (!(std::abs(cell_h) < 1e4 && std::abs(cell_w) < 1e4)) return invalid("region {} is too large", r);
    const std::int64_t rows = ratio > 0 ? ratio : static_cast<std::int64_t>(std::ceil(cell_h));
    const std::int64_t columns = ratio > 0 ? ratio : static_cast<std::int64_t>(std::ceil(cell_w));
    for (std::int64_t ch = 0; ch < channels; ++ch)
      for (std::int64_t i = 0; i < out_h; ++i)
        for (std::int64_t j = 0; j < out_w; ++j) {
          const Cell cell{x,
                          c.node.text("mode", "avg") == "max",
                          wide,
                          rounded(edge(1) + rounded(static_cast<double>(i) * cell_h)),
                          rounded(edge(0) + rounded(static_cast<double>(j) * cell_w)),
                          cell_h,
                          cell_w,
                          rows,
                          columns};
          store(*y, to++, cell.value((image * x.dims()[1] + ch) * height * width, height, width));
        }
  }
  return Ok{};
}

static Status upgrade(Graph&, Node& n, int) {  // before opset 16 there was no half-pixel shift
  n.attributes.emplace("coordinate_transformation_mode", "output_half_pixel");
  return Ok{};
}
extern const Op roialign_op{.name = "RoiAlign",
                            .since = 16,
                            .inputs = "X: T, rois: T, batch_indices: int64",
                            .outputs = "Y: T",
                            .attributes =
                                "coordinate_transformation_mode: string = half_pixel, mode: string = avg, output_height: int = 1, "
                                "output_width: int = 1, sampling_ratio: int = 0, spatial_scale: float = 1",
                            .types = "T: floats",
                            .infer = infer,
                            .reference = run,
                            .upgrade = upgrade};

}  // namespace hone
