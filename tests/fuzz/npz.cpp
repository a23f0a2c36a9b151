// SPDX-License-Identifier: Apache-2.0
// .npz and IDX bytes: parsed or refused, within memory that the input's own size bounds.
#include <cstdlib>

#include "lib/data/idx.h"
#include "lib/data/npz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hone;
  const Bytes bytes = std::as_bytes(std::span(data, size));
  (void)parse_idx(bytes);
  const auto arrays = parse_npz(bytes);
  if (!arrays) return 0;
  const auto written = make_npz(*arrays);
  if (!written) return 0;
  const auto again = parse_npz(*written);
  if (!again || again->size() != arrays->size()) std::abort();
  return 0;
}
