// SPDX-License-Identifier: Apache-2.0
// Encoder of rans.h's frames, and its estimate of what they cost. Integer arithmetic only: the same bytes everywhere. Host only.
#pragma once
#include <vector>

#include "lib/bundle/rans.h"

namespace hone {

// `values` as rans_decode gives them. `exponent_bits` of floats: where the exponent begins is 8 * width - 1 - exponent_bits; 0 for other kinds.
std::vector<std::byte> rans_encode(RansShape, unsigned exponent_bits, Bytes values, Bytes base);

// Bytes that the values would take, without tables and without making use of levels: one pass, to rank methods on samples.
std::uint64_t rans_estimate(RansShape, unsigned exponent_bits, Bytes values, Bytes base);

}  // namespace hone
