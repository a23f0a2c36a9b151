// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/running.h"

namespace hone {

Status infer_running(InferCall& c) {
  if (const auto axis = c.integers(1)) {
    if (axis->size() != 1) return invalid("axis has {} elements, expected 1", axis->size());
    if (c.shape(0).ranked) CHECK_OK(normalize_axis((*axis)[0], c.shape(0).rank()));
  }
  return infer_same(c);
}

}  // namespace hone
