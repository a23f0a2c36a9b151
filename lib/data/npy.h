// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy format (numpy.lib.format, versions 1.0 to 3.0); no dependency, so the device reads it too.
#pragma once
#include "lib/ir/tensor.h"

namespace hone {

// C order, little-endian (or byte-order-free) numeric and boolean types. Bytes are shared with `owner` when aligned, else copied.
Result<Tensor> parse_npy(Bytes, std::shared_ptr<const void> owner);
std::vector<std::byte> make_npy(const Tensor&);

}  // namespace hone
