// SPDX-License-Identifier: Apache-2.0
// The matrix (spectrogram bin, mel bin) of triangular filters evenly spaced on the mel scale.
#include <algorithm>
#include <cmath>

#include "lib/ops/convert.h"
#include "lib/ops/move.h"
#include "lib/ops/saturate.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(const DType dtype, numeric_attribute(c.node, "output_datatype", DType::f32));
  const auto bins = c.integers(0), length = c.integers(1);
  const bool known = bins && length && bins->size() == 1 && length->size() == 1;
  if (known && ((*bins)[0] < 0 || (*length)[0] < 0 || std::max((*bins)[0], (*length)[0]) > INT32_MAX))
    return invalid("num_mel_bins and dft_length must be numbers from 0 to 2^31 - 1");
  c.set(0, dtype, {known ? Dim((*length)[0] / 2 + 1) : Dim(), known ? Dim((*bins)[0]) : Dim()});
  return Ok{};
}

static Status run(OpCall& c) {
  double in[5];
  for (std::size_t i = 0; i < 5; ++i) {
    if (c.in(i).count() != 1) return invalid("input {} has {} elements, expected 1", i, c.in(i).count());
    in[i] = element(c.in(i), 0);
  }
  const auto bins = to<std::int64_t>(in[0]), length = to<std::int64_t>(in[1]), rows = length / 2 + 1;
  CHECK_OK(check_size({rows, bins + 2}));
  Tensor& y = c.make(0, static_cast<DType>(c.node.integer("output_datatype", 1)), {rows, bins});
  const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  const double low = mel(in[3]), step = (mel(in[4]) - low) / static_cast<double>(bins + 2);
  std::vector<std::int64_t> edge;  // spectrogram bins where the triangles begin, peak and end
  for (std::int64_t i = 0; i < bins + 2; ++i) {
    const double hertz = 700 * (std::pow(10.0, (low + static_cast<double>(i) * step) / 2595) - 1);
    const double bin = std::floor(static_cast<double>(length + 1) * hertz / in[2]);
    if (!(std::abs(bin) < 1e9)) return invalid("the edges {} and {} Hz are not frequencies of a sample rate of {}", in[3], in[4], in[2]);
    edge.push_back(static_cast<std::int64_t>(bin));
  }
  for (std::int64_t b = 0; b < bins; ++b) {
    const std::int64_t left = edge[static_cast<std::size_t>(b)], peak = edge[static_cast<std::size_t>(b) + 1],
                       right = edge[static_cast<std::size_t>(b) + 2];
    const auto put = [&](std::int64_t r, double v) {
      if (r >= 0 && r < rows) store(y, r * bins + b, v);
    };
    if (left == peak)
      put(peak, 1);
    else
      for (std::int64_t r = left; r <= peak; ++r) put(r, static_cast<double>(r - left) / static_cast<double>(peak - left));
    for (std::int64_t r = peak; r < right; ++r) put(r, static_cast<double>(right - r) / static_cast<double>(right - peak));
  }
  return Ok{};
}
extern const Op melweightmatrix_op{.name = "MelWeightMatrix",
                                   .since = 17,
                                   .inputs = "num_mel_bins: I, dft_length: I, sample_rate: I, lower_edge_hertz: F, upper_edge_hertz: F",
                                   .outputs = "output: T",
                                   .attributes = "output_datatype: int = 1",
                                   .types = "I: int32 int64; F: floats; T: numeric",
                                   .infer = infer,
                                   .reference = run};

}  // namespace hone
