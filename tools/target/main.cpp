// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "tools/cli/command.h"
#include "tools/target/summary.h"

// Nothing here throws; without the default handler the demangler (50 kB) stays out of the binary.
namespace __gnu_cxx {
void __verbose_terminate_handler() { std::abort(); }
}  // namespace __gnu_cxx

namespace hone {
extern const std::span<const Command* const> target_commands;  // the table CMake generates from tools/target/*.cpp
}

int main(int argc, char** argv) {
  return hone::run_program("hone-target", hone::target_summary, hone::target_commands, argc, argv);
}
