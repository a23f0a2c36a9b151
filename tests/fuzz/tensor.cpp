// SPDX-License-Identifier: Apache-2.0
// A file of test data. One TensorProto: refused, or the same tensor after a round trip. The same bytes as a sequence, an optional
// and a map: refused, or values equal to themselves.
#include <cstdlib>

#include "lib/data/compare.h"
#include "lib/onnx/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hone;
  const Bytes bytes = std::as_bytes(std::span(data, size));
  for (const DType dtype : {DType::sequence, DType::optional, DType::map}) {
    const auto value = parse_value(bytes, dtype);
    if (value && (!identical(*value, *value) || !difference(*value, *value).same)) std::abort();
  }
  const auto t = parse_tensor(bytes);
  if (!t) return 0;
  const auto again = parse_tensor(serialize_tensor(*t, "t"));
  if (!again || !identical(*t, *again)) std::abort();
  return 0;
}
