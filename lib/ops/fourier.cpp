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

namespace {

using Small = std::complex<float>;

// The factors 2 first, then odd ones; empty when one is large.
std::vector<std::size_t> factors_of(std::size_t n) {
  std::vector<std::size_t> factors;
  for (std::size_t p = 2; p <= 13 && n > 1; p += p == 2 ? 1 : 2)
    for (; n % p == 0; n /= p) factors.push_back(p);
  return n == 1 ? factors : std::vector<std::size_t>();
}

Small turned(Small v, Small by) {  // the product, without the care for infinities that operator* takes
  return {v.real() * by.real() - v.imag() * by.imag(), v.real() * by.imag() + v.imag() * by.real()};
}

// The transform of p elements in place: x[k] and x[p - k] enter as their sum and difference, p being 2 or odd. root[j] = exp(+-2 pi i j / p).
void butterfly(std::vector<Small>& x, std::span<const Small> root) {
  const std::size_t p = x.size();
  const Small first = x[0];
  if (p == 2) {
    x[0] = first + x[1];
    x[1] = first - x[1];
    return;
  }
  std::vector<Small> sum(p), difference(p);
  for (std::size_t k = 1; 2 * k < p; ++k) sum[k] = x[k] + x[p - k], difference[k] = x[k] - x[p - k];
  for (std::size_t k = 1; 2 * k < p; ++k) x[0] += sum[k];
  for (std::size_t j = 1; 2 * j < p; ++j) {
    Small even = first, odd = 0;
    for (std::size_t k = 1; 2 * k < p; ++k) {
      const Small r = root[j * k % p];
      even += r.real() * sum[k];
      odd += Small(-r.imag() * difference[k].imag(), r.imag() * difference[k].real());
    }
    x[j] = even + odd;
    x[p - j] = even - odd;
  }
}

}  // namespace

std::vector<Small> fourier(std::span<const Small> x, bool inverse) {
  const std::size_t n = x.size();
  const std::vector<std::size_t> factors = factors_of(n);
  if (factors.empty()) {
    const std::vector<Complex> wide = fourier(std::vector<Complex>(x.begin(), x.end()), inverse);
    return {wide.begin(), wide.end()};
  }
  std::vector<Small> roots(n), in(x.begin(), x.end()), out(n);
  for (std::size_t i = 0; i < n; ++i)
    roots[i] = Small(std::polar(1.0, (inverse ? 2 : -2) * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n)));
  std::size_t before = 1;  // the product of the factors done
  for (const std::size_t p : factors) {
    const std::size_t after = n / (before * p);
    std::vector<Small> own(p), group(p);
    for (std::size_t j = 0; j < p; ++j) own[j] = roots[j * (n / p)];
    for (std::size_t k = 0; k < before; ++k)
      for (std::size_t i = 0; i < after; ++i) {
        for (std::size_t j = 0; j < p; ++j) group[j] = in[i + after * (j + p * k)];
        butterfly(group, own);
        for (std::size_t j = 0; j < p; ++j) out[i + after * (k + before * j)] = i == 0 ? group[j] : turned(group[j], roots[j * before * i]);
      }
    std::swap(in, out);
    before *= p;
  }
  if (inverse)
    for (Small& v : in) v *= 1 / static_cast<float>(n);
  return in;
}

}  // namespace hone
