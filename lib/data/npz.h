// SPDX-License-Identifier: Apache-2.0
// NumPy's .npz: a zip archive of .npy files, one for each array, stored or deflated.
#pragma once
#include <map>

#include "lib/base/file.h"
#include "lib/ir/tensor.h"

namespace hone {

using TensorMap = std::map<std::string, Tensor, std::less<>>;

// Sizes an archive declares are believed only as far as deflate could make them true; nothing larger is allocated.
Result<TensorMap> parse_npz(Bytes);
Result<TensorMap> read_npz(const Path&);
// Stored, sorted by name, at zip's zero time: the same arrays always give the same bytes. Error: more than 4 GiB.
Result<std::vector<std::byte>> make_npz(const TensorMap&);

}  // namespace hone
