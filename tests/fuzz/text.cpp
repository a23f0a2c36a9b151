// SPDX-License-Identifier: Apache-2.0
// ONNX text: refused, or a graph that verifies and whose print is stable under another round.
#include <cstdlib>

#include "lib/ir/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hone;
  const auto model = parse_text({reinterpret_cast<const char*>(data), size});
  if (!model) return 0;
  if (!verify(*model->graph)) std::abort();
  const std::string text = print(*model, INT64_MAX);
  const auto again = parse_text(text);
  if (!again || print(*again, INT64_MAX) != text) std::abort();
  return 0;
}
