// SPDX-License-Identifier: Apache-2.0
// The first sequence_lens[b] steps of each sequence in reverse order, the rest as it was.
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  const std::int64_t batch = c.node.integer("batch_axis", 1), time = c.node.integer("time_axis", 0);
  if (!(batch == 0 && time == 1) && !(batch == 1 && time == 0))
    return invalid("batch_axis is {} and time_axis {}, expected 0 and 1 in some order", batch, time);
  if (c.shape(0).ranked && c.shape(0).rank() < 2) return invalid("the input has shape {}, expected 2 axes or more", to_string(c.shape(0)));
  return infer_same(c);
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  const std::vector<std::int64_t> lengths = c.in(1).to_ints();
  const bool batch_first = c.node.integer("batch_axis", 1) == 0;
  const std::int64_t batches = x.dims()[batch_first ? 0 : 1], steps = x.dims()[batch_first ? 1 : 0], inner = product(x.dims(), 2, x.rank());
  if (static_cast<std::int64_t>(lengths.size()) != batches)
    return invalid("sequence_lens has {} values for {} sequences", lengths.size(), batches);
  Mover y(c, 0, x.dtype(), x.dims());
  for (std::int64_t b = 0; b < batches; ++b) {
    const std::int64_t n = lengths[static_cast<std::size_t>(b)];
    if (n < 0 || n > steps) return invalid("sequence_lens has the value {} for sequences of {} steps", n, steps);
    for (std::int64_t t = 0; t < steps; ++t) {
      const std::int64_t from = t < n ? n - 1 - t : t;
      const auto place = [&](std::int64_t step) { return (batch_first ? b * steps + step : step * batches + b) * inner; };
      y.copy(x, place(from), place(t), inner);
    }
  }
  return y.finish();
}
extern const Op reversesequence_op{.name = "ReverseSequence",
                                   .since = 10,
                                   .inputs = "input: T, sequence_lens: int64",
                                   .outputs = "Y: T",
                                   .attributes = "batch_axis: int = 1, time_axis: int = 0",
                                   .types = "T: all",
                                   .infer = infer,
                                   .reference = run};

}  // namespace hone
