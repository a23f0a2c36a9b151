// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy format (numpy.lib.format, versions 1.0 to 3.0); no dependency, so the device reads it too.
#pragma once
#include "lib/ir/tensor.h"

namespace hone {

// C order, little-endian (or byte-order-free) numeric and boolean types. Bytes are shared with `owner` when aligned, else copied.
// Everything the header claims is tested against the bytes there are before anything is allocated.
Result<Tensor> parse_npy(Bytes, std::shared_ptr<const void> owner);
// Version 1.0. Types NumPy lacks are widened: small and brain floats to float32, 2- and 4-bit integers to int8 or uint8.
// REQUIRES: not strings.
std::vector<std::byte> make_npy(const Tensor&);

}  // namespace hone
