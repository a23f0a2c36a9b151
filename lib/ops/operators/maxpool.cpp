// SPDX-License-Identifier: Apache-2.0
// The largest element of each window, and where it lies in the flattened input. Padding never wins.
#include "lib/ops/pool.h"

namespace hone {

// The flat index of an offset within a plane when the spatial axes are stored column-major (the first one fastest).
static std::int64_t column_major(const Window3& w, std::int64_t offset) {
  const std::int64_t x = offset % w.in[2], h = offset / w.in[2] % w.in[1], d = offset / w.in[2] / w.in[1];
  return (x * w.in[1] + h) * w.in[0] + d;
}

// What a window without any element gives.
template <class A>
static A lowest(DType dtype) {
  if constexpr (std::is_floating_point_v<A>) return std::numeric_limits<A>::lowest();
  return dtype == DType::i8 ? A(-128) : A(0);
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  TRY(const Window3 window, pool_window(c.node, x.dims()));
  std::int64_t* indices = c.wants(1) ? c.make(1, DType::i64, y->dims()).data<std::int64_t>() : nullptr;
  const bool by_columns = c.node.integer("storage_order") != 0;
  const auto run_as = [&]<class A>(Type<A>) {
    const ReadAs<A> in(x);
    WriteAs<A> out(*y);
    const std::int64_t planes = x.dims()[0] * x.dims()[1], in_size = window.in_size(), out_size = window.out_size();
    for (std::int64_t position = 0; position < out_size; ++position) {
      const Taps taps = taps_of(window, position);
      for (std::int64_t plane = 0; plane < planes; ++plane) {
        const A* p = in.data() + plane * in_size;
        if (taps.offsets.empty()) {  // dilation can step over a small input
          out[plane * out_size + position] = lowest<A>(x.dtype());
          continue;
        }
        std::int64_t best = taps.offsets[0];
        for (const std::int64_t i : taps.offsets)
          if (p[i] > p[best]) best = i;
        out[plane * out_size + position] = p[best];
        if (indices) indices[plane * out_size + position] = plane * in_size + (by_columns ? column_major(window, best) : best);
      }
    }
  };
  if (is_float(x.dtype())) return dispatch_real(x.dtype(), run_as);
  run_as(Type<std::int64_t>{});
  return Ok{};
}
extern const Op maxpool_op{.name = "MaxPool",
                           .since = 1,
                           .inputs = "X: T",
                           .outputs = "Y: T, Indices?: I",
                           .attributes =
                               "auto_pad: string = NOTSET, ceil_mode: int = 0, dilations: ints, kernel_shape!: ints, pads: ints, "
                               "storage_order: int = 0, strides: ints",
                           .types = "T: floats int8 uint8; I: int64",
                           .infer = infer_pool,
                           .reference = run};

}  // namespace hone
