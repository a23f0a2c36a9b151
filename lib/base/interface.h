// SPDX-License-Identifier: Apache-2.0
// What a model takes and gives, as plain data: manifests carry it, graphs have it (lib/ir/interface.h).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/dtype.h"

namespace hone {

struct Port {
  static constexpr std::int64_t any = -1;  // a dimension of any size
  std::string name;
  DType dtype = DType::undefined;
  std::optional<std::vector<std::int64_t>> shape = {};  // nothing: not even the rank is fixed
  friend bool operator==(const Port&, const Port&) = default;
};

struct Interface {
  std::vector<Port> inputs, outputs;  // in the model's order
  bool empty() const { return inputs.empty() && outputs.empty(); }
  friend bool operator==(const Interface&, const Interface&) = default;
};

}  // namespace hone
