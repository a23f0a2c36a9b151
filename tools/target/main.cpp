// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/command.h"

namespace hone {
extern const std::span<const Command* const> target_commands;  // the table CMake generates from tools/target/*.cpp
}

int main(int argc, char** argv) {
  return hone::run_program("hone-target", "hone-target: install, try, prove and run Hone bundles on a device",
                           hone::target_commands, argc, argv);
}
