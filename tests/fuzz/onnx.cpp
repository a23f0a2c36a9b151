// SPDX-License-Identifier: Apache-2.0
// A model file: refused, or a graph that verifies, and that is written to bytes which read back.
#include <cstdlib>

#include "lib/onnx/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hone;
  const auto model = parse_onnx({nullptr, std::as_bytes(std::span(data, size))}, {});
  if (!model) return 0;
  if (!verify(*model->graph)) std::abort();
  if (const auto bytes = serialize_onnx(*model); bytes && !parse_onnx({nullptr, *bytes}, {})) std::abort();
  return 0;
}
