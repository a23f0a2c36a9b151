// SPDX-License-Identifier: Apache-2.0
// The input sampled at the points of a grid, whose coordinates go from -1 to 1: y[n][c][...] = x[n][c] at grid[n][...].
#include <algorithm>
#include <cmath>

#include "lib/ops/convert.h"
#include "lib/ops/move.h"
#include "lib/ops/parts.h"
#include "lib/ops/saturate.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape &x = c.shape(0), &grid = c.shape(1);
  const std::string_view mode = c.node.text("mode", "linear");
  if (mode != "linear" && mode != "nearest" && mode != "cubic") return invalid("unknown mode '{}'; known are linear, nearest, cubic", mode);
  if (!x.ranked || !grid.ranked) {
    c.set(0, c.dtype(0), {});
    return Ok{};
  }
  if (x.rank() < 3 || grid.rank() != x.rank())
    return invalid("X has shape {} and grid {}: they must have as many axes, at least 3", to_string(x), to_string(grid));
  const Dim axes(static_cast<std::int64_t>(x.rank()) - 2);
  if (!unify(grid.dims.back(), axes) || !unify(x.dims[0], grid.dims[0]))
    return invalid("a grid of shape {} does not fit X of shape {}", to_string(grid), to_string(x));
  Shape out = grid;
  out.dims.pop_back();
  out.dims.insert(out.dims.begin() + 1, x.dims[1]);
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

namespace {

// A neighbour along one axis and its weight; place -1: outside.
struct Tap {
  std::int64_t place;
  double weight;
};

struct Axis {
  std::string_view mode, padding;
  bool align_corners;
  std::int64_t size;

  double reflect(double at) const {
    const double low = align_corners ? 0 : -0.5, range = align_corners ? static_cast<double>(size - 1) : static_cast<double>(size);
    if (range <= 0) return 0;
    const double away = std::abs(at - low), turns = std::floor(away / range), rest = away - turns * range;
    return std::fmod(turns, 2) == 0 ? low + rest : low + range - rest;
  }
  std::int64_t place(std::int64_t i) const {
    if (i >= 0 && i < size) return i;
    if (padding == "border") return std::clamp<std::int64_t>(i, 0, size - 1);
    if (padding == "reflection") return std::clamp<std::int64_t>(to<std::int64_t>(std::round(reflect(static_cast<double>(i)))), 0, size - 1);
    return -1;
  }
  std::vector<Tap> taps(double grid) const {
    const double n = static_cast<double>(size);
    double at = align_corners ? (grid + 1) / 2 * (n - 1) : ((grid + 1) * n - 1) / 2;
    if (std::isnan(at)) at = -1e9;
    const double margin = align_corners ? 0 : 0.5;
    if (at < -margin || at > n - 1 + margin) {  // a place outside is moved, and then its neighbours that are outside
      if (padding == "border") at = std::clamp(at, 0.0, n - 1);
      if (padding == "reflection") at = reflect(at);
    }
    at = std::clamp(at, -1e9, 1e9);
    if (mode == "nearest") return {{place(to<std::int64_t>(std::nearbyint(at))), 1}};
    const auto low = to<std::int64_t>(std::floor(at));
    const double f = at - static_cast<double>(low);
    if (mode == "linear") return {{place(low), 1 - f}, {place(low + 1), f}};
    constexpr double a = -0.75;  // the cubic convolution coefficient of the standard
    const auto near = [](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
    const auto far = [](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
    return {{place(low - 1), far(f + 1)}, {place(low), near(f)}, {place(low + 1), near(1 - f)}, {place(low + 2), far(2 - f)}};
  }
};

double sample(const Tensor& x, std::int64_t plane, std::span<const std::vector<Tap>> taps, std::span<const std::int64_t> strides) {
  if (taps.empty()) return element(x, plane);
  double total = 0;
  for (const Tap& t : taps[0])
    if (t.place >= 0 && t.weight != 0) total += t.weight * sample(x, plane + t.place * strides[0], taps.subspan(1), strides.subspan(1));
  return total;
}

}  // namespace

static Status run(OpCall& c) {
  const Tensor &in = c.in(0), &grid = c.in(1);
  TRY(Mover chosen, Mover::by_rule(c));
  const std::size_t spatial = in.rank() - 2;
  const bool nearest = c.node.text("mode", "linear") == "nearest";
  if (in.dtype() == DType::string && !nearest) return invalid("strings are chosen (mode nearest), not computed");
  const std::int64_t parts = in.dtype() == DType::c64 || in.dtype() == DType::c128 ? 2 : 1;
  const Tensor x = complex_parts(in).value_or(in);
  std::optional<Tensor> y;  // over the same bytes as the output
  if (!nearest) y = complex_parts(c.out(0)).value_or(c.out(0));
  const Dims& dims = chosen.dims();
  if (count_of(x.dims()) == 0 && chosen.count() > 0) return invalid("X is empty");
  const Dims strides = strides_of(in.dims());
  const std::int64_t channels = x.dims()[1], points = chosen.count() == 0 ? 0 : product(dims, 2, dims.size());
  Dims steps = strides;  // in x, whose elements may be parts
  for (std::int64_t& s : steps) s *= parts;
  std::vector<std::vector<Tap>> taps(spatial);
  for (std::int64_t n = 0; n < x.dims()[0]; ++n)
    for (std::int64_t p = 0; p < points; ++p) {
      for (std::size_t k = 0; k < spatial; ++k) {  // grid coordinates come last axis first
        const Axis axis{c.node.text("mode", "linear"), c.node.text("padding_mode", "zeros"), c.node.integer("align_corners") != 0,
                        x.dims()[2 + k]};
        taps[k] =
            axis.taps(element(grid, (n * points + p) * static_cast<std::int64_t>(spatial) + static_cast<std::int64_t>(spatial - 1 - k)));
      }
      for (std::int64_t ch = 0; ch < channels; ++ch) {
        const std::int64_t to = (n * channels + ch) * points + p;
        std::int64_t from = n * strides[0] + ch * strides[1];
        if (nearest) {
          bool inside = true;
          for (std::size_t k = 0; k < spatial; ++k) {
            inside = inside && taps[k][0].place >= 0;
            from += taps[k][0].place * strides[2 + k];
          }
          if (inside) chosen.copy(in, from, to);
          continue;
        }
        for (std::int64_t part = 0; part < parts; ++part)
          store(*y, to * parts + part, sample(x, from * parts + part, taps, std::span(steps).subspan(2)));
      }
    }
  return chosen.finish();
}

static Status upgrade(Graph&, Node& n, int) {  // opset 20 renamed the modes
  const std::string_view mode = n.text("mode", "bilinear");
  if (mode == "bilinear")
    n.attributes["mode"] = "linear";
  else if (mode == "bicubic")
    n.attributes["mode"] = "cubic";
  return Ok{};
}
extern const Op gridsample_op{.name = "GridSample",
                              .since = 20,
                              .inputs = "X: T1, grid: T2",
                              .outputs = "Y: T1",
                              .attributes = "align_corners: int = 0, mode: string = linear, padding_mode: string = zeros",
                              .types = "T1: all; T2: floats",
                              .infer = infer,
                              .reference = run,
                              .upgrade = upgrade};

}  // namespace hone
