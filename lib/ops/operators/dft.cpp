// SPDX-License-Identifier: Apache-2.0
// The discrete Fourier transform along an axis, of signals cut or filled with zeros to dft_length. The last axis holds real
// signals (1) or pairs of real and imaginary part (2).
#include "lib/ir/dim_math.h"
#include "lib/ops/convert.h"
#include "lib/ops/fourier.h"
#include "lib/ops/move.h"

namespace hone {

static Result<std::size_t> axis_of(const std::optional<std::vector<std::int64_t>>& given, std::size_t rank) {
  const std::int64_t axis = given && given->size() == 1 ? (*given)[0] : -2;
  TRY(const std::size_t at, normalize_axis(axis, rank));
  if (at + 1 == rank) return invalid("axis {} is that of the real and imaginary parts", axis);
  return at;
}

// The inverse of a real signal's spectrum, of which only the first half is given (IRFFT): the result is real.
static bool gives_reals(const Node& node) { return node.integer("onesided") != 0 && node.integer("inverse") != 0; }

static Status infer(InferCall& c) {
  Shape out = c.shape(0);
  if (out.ranked && out.rank() < 2) return invalid("the input has shape {}, expected 2 axes or more", to_string(out));
  const bool onesided = c.node.integer("onesided") != 0, reals = gives_reals(c.node);
  if (out.ranked) {
    if (out.dims.back().known() && out.dims.back().value != 1 && out.dims.back().value != 2)
      return invalid("the last axis of shape {} is neither 1 nor 2", to_string(out));
    const auto axis_input = c.integers(2), length = c.integers(1);
    if (c.has(2) && !axis_input) {
      out = Shape::unknown(out.rank());
    } else {
      TRY(const std::size_t axis, axis_of(axis_input, out.rank()));
      Dim& d = out.dims[axis];
      if (c.has(1))
        d = length && length->size() == 1 ? Dim((*length)[0]) : Dim();
      else if (reals)
        d = Dim(2) * shift(d, -1);
      if (length && !d.known()) return invalid("dft_length must be one number, not negative");
      if (onesided && !reals) d = floor_div(d, Dim(2)) + Dim(1);
    }
    out.dims.back() = Dim(reals ? 1 : 2);
  }
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

// Bins k > n / 2 from those below, as the spectrum of a real signal has them; what cannot be part of one is dropped.
static void complete(std::vector<std::complex<double>>& spectrum) {
  const std::size_t n = spectrum.size();
  spectrum[0] = spectrum[0].real();
  if (n % 2 == 0) spectrum[n / 2] = spectrum[n / 2].real();
  for (std::size_t k = n / 2 + 1; k < n; ++k) spectrum[k] = std::conj(spectrum[n - k]);
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Tensor* const y, make_by_rule(c));
  TRY(const std::size_t axis, axis_of(c.has(2) ? std::optional(c.in(2).to_ints()) : std::nullopt, x.rank()));
  const bool reals = gives_reals(c.node);
  const std::int64_t n = x.dims()[axis], parts = x.dims().back(), bins = y->dims()[axis];
  const std::int64_t length = c.has(1) ? c.in(1).to_ints().at(0) : reals ? bins : n;
  CHECK_OK(check_size({length}));
  if (length <= 0) return invalid("a signal of no samples has no spectrum");
  const std::int64_t outer = product(x.dims(), 0, axis), inner = product(x.dims(), axis + 1, x.rank() - 1);
  const bool inverse = c.node.integer("inverse") != 0;
  const bool narrow = x.dtype() != DType::f64 && parts == 2 && !reals;  // as the standard's reference: real signals in double
  std::vector<std::complex<double>> signal(static_cast<std::size_t>(length)), spectrum;
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      for (std::int64_t j = 0; j < length; ++j) {
        const std::int64_t at = ((o * n + j) * inner + i) * parts;
        signal[static_cast<std::size_t>(j)] = j < n ? std::complex(element(x, at), parts == 2 ? element(x, at + 1) : 0.0) : 0.0;
      }
      if (reals) complete(signal);
      if (narrow) {
        const auto small = fourier(std::vector<std::complex<float>>(signal.begin(), signal.end()), inverse);
        spectrum.assign(small.begin(), small.end());
      } else {
        spectrum = fourier(signal, inverse);
      }
      for (std::int64_t k = 0; k < bins; ++k) {
        const std::int64_t at = ((o * bins + k) * inner + i) * (reals ? 1 : 2);
        store(*y, at, spectrum[static_cast<std::size_t>(k)].real());
        if (!reals) store(*y, at + 1, spectrum[static_cast<std::size_t>(k)].imag());
      }
    }
  return Ok{};
}

static Status upgrade(Graph& g, Node& n, int) {  // opset 17 has the axis as an attribute, 1 when absent
  g.set_input(&n, 2, g.constant("axis", Tensor::scalar<std::int64_t>(n.integer("axis", 1))));
  n.attributes.erase("axis");
  return Ok{};
}
extern const Op dft_op{.name = "DFT",
                       .since = 20,
                       .inputs = "input: T, dft_length?: I, axis?: int64",
                       .outputs = "output: T",
                       .attributes = "inverse: int = 0, onesided: int = 0",
                       .types = "T: floats; I: int32 int64",
                       .infer = infer,
                       .reference = run,
                       .upgrade = upgrade};

}  // namespace hone
