// SPDX-License-Identifier: Apache-2.0
// One TensorProto: refused, or the same tensor after a round trip.
#include <cstdlib>

#include "lib/onnx/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hone;
  const auto t = parse_tensor(std::as_bytes(std::span(data, size)));
  if (!t) return 0;
  const auto again = parse_tensor(serialize_tensor(*t, "t"));
  if (!again || !identical(*t, *again)) std::abort();
  return 0;
}
