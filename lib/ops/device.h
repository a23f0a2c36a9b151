// SPDX-License-Identifier: Apache-2.0
// Which operators hone-target has: the rows of lib/ops/operators. Those of lib/ops/host are for the workstation only.
#pragma once
#include "lib/ops/op.h"

namespace hone {

// An error that names the first node (bodies included) which hone-target could not run.
Status check_device(const Graph&);

}  // namespace hone
