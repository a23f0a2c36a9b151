// SPDX-License-Identifier: Apache-2.0
// Sums blocks, the columns of the input, into the image they were cut from: the reverse of unfolding for a convolution.
#include "lib/ops/convert.h"
#include "lib/ops/move.h"
#include "lib/ops/parts.h"

namespace hone {

namespace {

struct Geometry {
  std::vector<std::int64_t> image, block, dilations, pads, strides, blocks;  // per spatial axis; blocks: places of the block
};

Result<Geometry> geometry(const Node& node, const std::vector<std::int64_t>& image, const std::vector<std::int64_t>& block) {
  const std::size_t n = image.size();
  Geometry g{image,
             block,
             node.integers("dilations", std::vector<std::int64_t>(n, 1)),
             node.integers("pads", std::vector<std::int64_t>(2 * n, 0)),
             node.integers("strides", std::vector<std::int64_t>(n, 1)),
             {}};
  if (block.size() != n || g.dilations.size() != n || g.strides.size() != n || g.pads.size() != 2 * n)
    return invalid("image_shape has {} values; block_shape, dilations and strides need as many, pads twice as many", n);
  for (std::size_t k = 0; k < n; ++k) {
    if (image[k] <= 0 || block[k] <= 0 || g.dilations[k] <= 0 || g.strides[k] <= 0 || g.pads[k] < 0 || g.pads[n + k] < 0 ||
        std::max({image[k], block[k], g.dilations[k], g.pads[k], g.pads[n + k]}) > INT32_MAX)
      return invalid("axis {} has an image of {}, a block of {}, dilation {} and stride {}", k, image[k], block[k], g.dilations[k],
                     g.strides[k]);
    const std::int64_t room = image[k] + g.pads[k] + g.pads[n + k] - g.dilations[k] * (block[k] - 1) - 1;
    if (room < 0) return invalid("the block is larger than the image on axis {}", k);
    g.blocks.push_back(room / g.strides[k] + 1);
  }
  return g;
}

}  // namespace

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 3, "the input"));
  const Shape& in = c.shape(0);
  const auto image = c.integers(1), block = c.integers(2);
  if (!image || !block || !in.ranked) {
    c.set(0, c.dtype(0), {});
    return Ok{};
  }
  TRY(const Geometry g, geometry(c.node, *image, *block));
  TRY(const std::int64_t cells, element_count(*block));
  TRY(const std::int64_t places, element_count(g.blocks));
  if (in.dims[1].known() && in.dims[1].value % cells != 0)
    return invalid("{} rows do not divide by the {} cells of a block", in.dims[1].value, cells);
  if (in.dims[2].known() && in.dims[2].value != places) return invalid("the input has {} columns, expected {}", in.dims[2].value, places);
  Shape out{in.dims[0], in.dims[1].known() ? Dim(in.dims[1].value / cells) : Dim()};
  out.dims.insert(out.dims.end(), image->begin(), image->end());
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const result, make_by_rule(c));
  if (c.in(0).dtype() == DType::string) return invalid("strings cannot be added");
  const Tensor x = complex_parts(c.in(0)).value_or(c.in(0));
  const std::int64_t parts = x.rank() > c.in(0).rank() ? 2 : 1;
  Tensor whole = complex_parts(*result).value_or(*result), *const y = &whole;  // over the same bytes
  TRY(const Geometry g, geometry(c.node, c.in(1).to_ints(), c.in(2).to_ints()));
  const Dims strides = strides_of(g.image);
  const std::int64_t planes = result->dims()[0] * result->dims()[1], size = count_of(g.image);
  std::vector<double> image(static_cast<std::size_t>(parts * size));
  std::int64_t from = 0;
  for (std::int64_t p = 0; p < planes; ++p) {
    std::ranges::fill(image, 0);
    each_index(g.block, [&](const Dims& cell) {
      each_index(g.blocks, [&](const Dims& place) {
        std::int64_t to = 0;
        bool inside = true;
        for (std::size_t k = 0; k < cell.size(); ++k) {
          const std::int64_t at = place[k] * g.strides[k] + cell[k] * g.dilations[k] - g.pads[k];
          inside = inside && at >= 0 && at < g.image[k];
          to += at * strides[k];
        }
        for (std::int64_t part = 0; part < parts; ++part, ++from)
          if (inside) image[static_cast<std::size_t>(to * parts + part)] += element(x, from);
      });
    });
    for (std::int64_t i = 0; i < parts * size; ++i) store(*y, p * parts * size + i, image[static_cast<std::size_t>(i)]);
  }
  return Ok{};
}
extern const Op col2im_op{.name = "Col2Im",
                          .since = 18,
                          .inputs = "input: T, image_shape: int64, block_shape: int64",
                          .outputs = "output: T",
                          .attributes = "dilations: ints, pads: ints, strides: ints",
                          .types = "T: all",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
