// SPDX-License-Identifier: Apache-2.0
// Elements added (or, by a negative count, removed) before and after on some axes: a constant, the edge, its mirror image, or the
// other end.
#include "lib/ir/dim_math.h"
#include "lib/ops/convert.h"
#include "lib/ops/move.h"

namespace hone {

namespace {

struct Pads {
  std::vector<std::int64_t> before, after;  // for every axis
};

// Nothing when they are not known yet.
Result<std::optional<Pads>> pads_of(const std::optional<std::vector<std::int64_t>>& pads, bool has_axes,
                                    const std::optional<std::vector<std::int64_t>>& axes, std::size_t rank) {
  if (!pads || (has_axes && !axes)) return std::optional<Pads>();
  const std::size_t n = has_axes ? axes->size() : rank;
  if (pads->size() != 2 * n) return invalid("pads has {} values, expected {} (2 per axis)", pads->size(), 2 * n);
  Pads p{std::vector<std::int64_t>(rank, 0), std::vector<std::int64_t>(rank, 0)};
  for (std::size_t i = 0; i < n; ++i) {
    TRY(const std::size_t axis, normalize_axis(has_axes ? (*axes)[i] : static_cast<std::int64_t>(i), rank));
    p.before[axis] = (*pads)[i];
    p.after[axis] = (*pads)[n + i];
  }
  return std::optional(p);
}

// Where element i (which may be outside [0, n)) comes from, or -1 for the constant.
std::int64_t source(std::int64_t i, std::int64_t n, std::string_view mode) {
  if (i >= 0 && i < n) return i;
  if (mode == "edge") return i < 0 ? 0 : n - 1;
  if (mode == "wrap") return (i % n + n) % n;
  if (mode != "reflect") return -1;
  if (n == 1) return 0;
  const std::int64_t period = 2 * (n - 1), at = (i % period + period) % period;
  return at < n ? at : period - at;
}

}  // namespace

static Status infer(InferCall& c) {
  const std::string_view mode = c.node.text("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap")
    return invalid("unknown mode '{}'; known are constant, reflect, edge, wrap", mode);
  Shape out = c.shape(0);
  if (out.ranked) {
    TRY(const auto pads, pads_of(c.integers(1), c.has(3), c.integers(3), out.rank()));
    for (std::size_t k = 0; k < out.rank(); ++k) {
      Dim& d = out.dims[k];
      if (!pads)
        d = Dim();
      else if (pads->before[k] != 0 || pads->after[k] != 0) {
        constexpr std::int64_t most = std::int64_t{1} << 48;
        const auto far = [](std::int64_t n) { return n > most || n < -most; };
        if (far(pads->before[k]) || far(pads->after[k]) || far(d.value)) return invalid("axis {} is padded too far", k);
        const std::int64_t n = d.known() ? d.value + pads->before[k] + pads->after[k] : 0;
        if (n < 0)
          return invalid("pads {} and {} remove more than axis {} of shape {} has", pads->before[k], pads->after[k], k,
                         to_string(c.shape(0)));
        if (d.known() && d.value == 0 && n > 0 && mode != "constant") return invalid("mode '{}' of an axis without elements", mode);
        d = d.known() ? Dim(n) : shift(d, pads->before[k] + pads->after[k]);
      }
    }
  }
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  const std::string_view mode = c.node.text("mode", "constant");
  TRY(const auto pads, pads_of(c.in(1).to_ints(), c.has(3), c.has(3) ? std::optional(c.in(3).to_ints()) : std::nullopt, x.rank()));
  TRY(Mover y, Mover::by_rule(c));
  Tensor value = c.has(2) && c.in(2).count() > 0 ? c.in(2)
                 : x.dtype() == DType::string    ? Tensor::strings({}, {""})
                                                 : Tensor::allocate(x.dtype(), {});
  if (x.rank() == 0) {
    y.copy(x, 0, 0);
    return y.finish();
  }
  const Dims strides = strides_of(x.dims());
  const std::size_t last = x.rank() - 1;
  const std::int64_t row = y.dims().back(), own = x.dims().back(), before = pads->before[last];
  const std::int64_t inside = std::max<std::int64_t>(0, before), kept = std::max<std::int64_t>(0, std::min(row, own + before) - inside);
  std::int64_t to = 0;
  each_index(Dims(y.dims().begin(), y.dims().end() - 1), [&](const Dims& at) {
    std::int64_t from = 0;
    bool outside = false;
    for (std::size_t k = 0; k < at.size(); ++k) {
      const std::int64_t s = source(at[k] - pads->before[k], x.dims()[k], mode);
      outside = outside || s < 0;
      from += s * strides[k];
    }
    const auto one = [&](std::int64_t i) {
      const std::int64_t s = outside ? -1 : source(i - before, own, mode);
      if (s < 0)
        y.copy(value, 0, to + i);
      else
        y.copy(x, from + s, to + i);
    };
    if (outside) {
      y.fill(value, 0, to, row);
    } else {
      for (std::int64_t i = 0; i < std::min(inside, row); ++i) one(i);
      y.copy(x, from + inside - before, to + inside, kept);
      for (std::int64_t i = inside + kept; i < row; ++i) one(i);
    }
    to += row;
  });
  return y.finish();
}

static Status upgrade(Graph& g, Node& n, int opset) {
  if (opset >= 11) return Ok{};
  const float value = n.number("value", 0);
  attribute_to_input(g, n, "pads", 1);
  n.attributes.erase("value");
  if (value == 0) return Ok{};
  const DType dtype = element_type_of(n.input(0));
  Tensor t = Tensor::allocate(dtype, {});
  store(t, 0, static_cast<double>(value));
  g.set_input(&n, 2, g.constant("pad_value", std::move(t)));
  return Ok{};
}
extern const Op pad_op{.name = "Pad",
                       .since = 11,
                       .inputs = "data: T, pads: int64, constant_value?: T, axes?: I",
                       .outputs = "output: T",
                       .attributes = "mode: string = constant",
                       .types = "T: all; I: int32 int64",
                       .infer = infer,
                       .reference = run,
                       .upgrade = upgrade};

}  // namespace hone
