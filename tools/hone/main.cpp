// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/command.h"
#include "tools/hone/summary.h"

namespace hone {
extern const std::span<const Command* const> hone_commands;  // the table CMake generates from tools/hone/*.cpp
}

int main(int argc, char** argv) {
  return hone::run_program("hone", hone::hone_summary, hone::hone_commands, argc, argv);
}
