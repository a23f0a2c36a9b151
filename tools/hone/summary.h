// SPDX-License-Identifier: Apache-2.0
// What `hone --help` and its man page say first.
#pragma once
#include <string_view>

namespace hone {
inline constexpr std::string_view hone_summary = "Hone: fuse, quantize, prune, prove and ship ONNX models for edge devices";
}
