// SPDX-License-Identifier: Apache-2.0
// Moves channels into blocks of the plane: (n, c, h, w) to (n, c / b^2, h * b, w * b). In mode DCR the block is the outer part of the
// channel index, in CRD the inner one.
#include "lib/ops/dispatch.h"
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 4, "the input"));
  const std::int64_t b = c.node.integer("blocksize");
  if (b < 1 || b > 1 << 15) return invalid("blocksize is {}, expected 1 or more", b);
  const std::string_view mode = c.node.text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") return invalid("mode is '{}', expected DCR or CRD", mode);
  Shape y = Shape::unknown(4);
  if (c.shape(0).ranked) {
    const auto& x = c.shape(0).dims;
    if (x[1].known() && x[1].value % (b * b) != 0) return invalid("{} channels do not divide into blocks of {}x{}", x[1].value, b, b);
    y.dims[0] = x[0];
    if (x[1].known()) y.dims[1] = x[1].value / (b * b);
    for (const std::size_t i : {2, 3})
      if (x[i].known()) y.dims[i] = checked_mul(x[i].value, b).value_or(-1);
  }
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Dims &x = c.in(0).dims(), &d = y->dims();
  const std::int64_t b = c.node.integer("blocksize"), channels = d[1];
  const bool crd = c.node.text("mode", "DCR") == "CRD";
  return dispatch_width(y->dtype(), [&]<class T>(Type<T>) {
    const T* in = reinterpret_cast<const T*>(c.in(0).bytes().data());
    T* out = reinterpret_cast<T*>(y->writable());
    for (std::int64_t n = 0; n < d[0]; ++n)
      for (std::int64_t ch = 0; ch < channels; ++ch)
        for (std::int64_t h = 0; h < d[2]; ++h)
          for (std::int64_t w = 0; w < d[3]; ++w) {
            const std::int64_t block = h % b * b + w % b, from = crd ? ch * b * b + block : block * channels + ch;
            *out++ = in[((n * x[1] + from) * x[2] + h / b) * x[3] + w / b];
          }
  });
}
extern const Op depthtospace_op{.name = "DepthToSpace",
                                .since = 11,
                                .inputs = "input: T",
                                .outputs = "output: T",
                                .attributes = "blocksize!: int, mode: string = DCR",
                                .types = "T: numeric bool",
                                .infer = infer,
                                .reference = run};

}  // namespace hone
