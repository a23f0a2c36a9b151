// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/command.h"

namespace hone {
extern const std::span<const Command* const> hone_commands;  // the table CMake generates from tools/hone/*.cpp
}

int main(int argc, char** argv) {
  return hone::run_program("hone", "Hone: fuse, quantize, prune, prove and ship ONNX models for edge devices",
                           hone::hone_commands, argc, argv);
}
