// SPDX-License-Identifier: Apache-2.0
// A model file, binary or text: refused, or a graph that verifies, that is written to bytes which read back, and that survives the rest.
#include "lib/onnx/onnx.h"
#include "tests/fuzz/exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hone;
  bounded();
  auto model = parse_onnx({nullptr, std::as_bytes(std::span(data, size))}, {});
  if (!model) return 0;
  if (const Status sound = verify(*model->graph); !sound) blame("as it was read", sound.error());
  if (const auto bytes = serialize_onnx(*model)) {
    limits() = {};
    const auto again = parse_onnx({nullptr, *bytes}, {});
    if (!again) blame("as it was written", again.error());
  }
  exercise(std::move(model).value());
  return 0;
}
