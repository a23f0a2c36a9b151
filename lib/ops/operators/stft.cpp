// SPDX-License-Identifier: Apache-2.0
// Fourier transforms of the frames of a signal, frame_step apart, each multiplied by the window: (batch, frame, bin, 2).
#include "lib/ops/convert.h"
#include "lib/ops/fourier.h"
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape &signal = c.shape(0), &window = c.shape(2);
  const auto step = c.integers(1), given = c.integers(3);
  Dim length;
  if (given && given->size() == 1)
    length = Dim((*given)[0]);
  else if (!c.has(3) && window.ranked && window.rank() == 1)
    length = window.dims[0];
  if (!c.has(2) && !c.has(3)) return invalid("it needs a window or a frame_length");
  if (window.ranked && window.rank() == 1 && window.dims[0].known() && length.known() && window.dims[0].value != length.value)
    return invalid("the window has {} elements for frames of {}", window.dims[0].value, length.value);
  if (signal.ranked && signal.rank() != 2 && signal.rank() != 3)
    return invalid("the signal has shape {}, expected (batch, time) or (batch, time, parts)", to_string(signal));
  Dim frames, bins;
  if (step && (step->size() != 1 || (*step)[0] <= 0)) return invalid("frame_step must be one positive number");
  if (length.known() && length.value == 0) return invalid("frames have no elements");
  if (signal.ranked && signal.dims[1].known() && length.known() && step) {
    if (signal.dims[1].value < length.value)
      return invalid("a signal of {} samples holds no frame of {}", signal.dims[1].value, length.value);
    frames = Dim((signal.dims[1].value - length.value) / (*step)[0] + 1);
  }
  if (length.known()) bins = Dim(c.node.integer("onesided", 1) != 0 ? length.value / 2 + 1 : length.value);
  c.set(0, c.dtype(0), {signal.ranked ? signal.dims[0] : Dim(), frames, bins, Dim(2)});
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t batches = y->dims()[0], frames = y->dims()[1], bins = y->dims()[2];
  const std::int64_t step = c.in(1).to_ints().at(0), length = c.has(3) ? c.in(3).to_ints().at(0) : c.in(2).count();
  const std::int64_t time = x.dims()[1], parts = x.rank() == 3 ? x.dims()[2] : 1;
  if (parts != 1 && parts != 2) return invalid("the last axis of shape {} is neither 1 nor 2", to_string(x.dims()));
  std::vector<std::complex<double>> frame(static_cast<std::size_t>(length));
  for (std::int64_t b = 0; b < batches; ++b)
    for (std::int64_t f = 0; f < frames; ++f) {
      for (std::int64_t j = 0; j < length; ++j) {
        const std::int64_t at = (b * time + f * step + j) * parts;
        const double w = c.has(2) ? element(c.in(2), j) : 1;
        frame[static_cast<std::size_t>(j)] = {w * element(x, at), parts == 2 ? w * element(x, at + 1) : 0};
      }
      const auto spectrum = fourier(frame, false);
      for (std::int64_t k = 0; k < bins; ++k) {
        const std::int64_t at = ((b * frames + f) * bins + k) * 2;
        store(*y, at, spectrum[static_cast<std::size_t>(k)].real());
        store(*y, at + 1, spectrum[static_cast<std::size_t>(k)].imag());
      }
    }
  return Ok{};
}
extern const Op stft_op{.name = "STFT",
                        .since = 17,
                        .inputs = "signal: T, frame_step: I, window?: T, frame_length?: I",
                        .outputs = "output: T",
                        .attributes = "onesided: int = 1",
                        .types = "T: floats; I: int32 int64",
                        .infer = infer,
                        .reference = run};

}  // namespace hone
