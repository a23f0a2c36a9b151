// SPDX-License-Identifier: Apache-2.0
// The discrete Fourier transform that DFT and STFT share.
#pragma once
#include <complex>
#include <span>
#include <vector>

namespace hone {

// X[k] = sum of x[j] exp(-2 pi i j k / n), n = x.size(); the inverse has the other sign and divides by n. O(n log n) for powers
// of 2, O(n^2) else.
std::vector<std::complex<double>> fourier(std::span<const std::complex<double>> x, bool inverse);

// The same in float, O(n log n) where n has small factors only, and in double where it has others.
std::vector<std::complex<float>> fourier(std::span<const std::complex<float>> x, bool inverse);

}  // namespace hone
