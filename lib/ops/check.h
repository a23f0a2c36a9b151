// SPDX-License-Identifier: Apache-2.0
// Operator rules: known operators, input counts, attribute names and types, element types, shapes that contradict.
#pragma once
#include "lib/ops/op.h"

namespace hone {

struct Problem {
  std::string where;   // "node 'conv1' (Conv)"
  std::string what;    // "pads has 3 values, expected 4 (2 per spatial axis)"
  std::string remedy;  // what to do; may be empty
  bool fatal = true;   // false: a warning
};

// Every problem found, in graph order, bodies included. Empty: fine.
std::vector<Problem> check(const Model&);

}  // namespace hone
