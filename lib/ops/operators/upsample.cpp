// SPDX-License-Identifier: Apache-2.0
// Deprecated since opset 10, which renamed it to Resize; Resize's own upgrade does the rest.
#include "lib/ops/rule.h"

namespace hone {

static Status upgrade(Graph& g, Node& n, int) {
  if (!n.input(1)) {  // opset 7 had an attribute
    const std::vector<float> scales = n.numbers("scales");
    if (scales.empty()) return invalid("scales is missing");
    g.set_input(&n, 1, g.constant("scales", Tensor::vector<float>(scales)));
    n.attributes.erase("scales");
  }
  become(n, "Resize");
  return Ok{};
}
extern const Op upsample_op{.name = "Upsample",
                            .since = 10,
                            .inputs = "X: T, scales?: F",
                            .outputs = "Y: T",
                            .attributes = "mode: string = nearest, scales: floats",
                            .types = "T: all; F: float",
                            .infer = infer_same,
                            .upgrade = upgrade};

}  // namespace hone
