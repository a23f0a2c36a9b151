// SPDX-License-Identifier: Apache-2.0
// What an operator of ai.onnx looked like in an older opset: for writing models that older readers accept.
#pragma once
#include "lib/ops/schema.h"

namespace hone {

struct Form {
  int since = 1;
  bool deprecated = false;
  std::vector<Formal> inputs, outputs;  // `variable` stays empty: `allowed` says it all
  struct Parameter {
    std::string_view name;
    bool required = false;
  };
  std::vector<Parameter> attributes;
  const Formal* input(std::size_t i) const;  // the variadic one for all from its place on; null past the end
  const Formal* output(std::size_t i) const;
  const Parameter* find(std::string_view attribute) const;
};

// The form of this opset (7 or newer); null when the opset has no such operator, or calls it deprecated.
const Form* form_at(std::string_view op, int opset);
// The first opset, from 7 on, with this operator; 0: none.
int first_opset_of(std::string_view op);

extern const std::string_view operator_history;  // history_table.cpp

}  // namespace hone
