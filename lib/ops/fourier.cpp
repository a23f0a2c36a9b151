// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/fourier.h"

#include <numbers>

#include "lib/ops/trigonometry.h"

namespace hone {

using Complex = std::complex<double>;

static void split(std::vector<Complex>& x, const std::vector<Complex>& roots, std::size_t stride) {
  const std::size_t n = x.size();
  if (n == 1) return;
  std::vector<Complex> even(n / 2), odd(n / 2);
  for (std::size_t i = 0; i < n / 2; ++i) even[i] = x[2 * i], odd[i] = x[2 * i + 1];
  split(even, roots, 2 * stride);
  split(odd, roots, 2 * stride);
  for (std::size_t i = 0; i < n / 2; ++i) {
    const Complex turned = roots[i * stride] * odd[i];
    x[i] = even[i] + turned;
    x[i + n / 2] = even[i] - turned;
  }
}

std::vector<Complex> fourier(std::span<const Complex> x, bool inverse) {
  const std::size_t n = x.size();
  std::vector<Complex> roots(n), y(x.begin(), x.end());
  for (std::size_t i = 0; i < n; ++i) {
    const double angle = (inverse ? 2 : -2) * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n);
    roots[i] = {trigonometry::cos(angle), trigonometry::sin(angle)};
  }
  if (n > 0 && (n & (n - 1)) == 0) {
    split(y, roots, 1);
  } else {
    for (std::size_t k = 0; k < n; ++k) {
      y[k] = 0;
      for (std::size_t j = 0, at = 0; j < n; ++j, at = (at + k) % n) y[k] += x[j] * roots[at];
    }
  }
  if (inverse)
    for (Complex& v : y) v /= static_cast<double>(n);
  return y;
}

}  // namespace hone
