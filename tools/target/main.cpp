// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "tools/cli/command.h"

// Nothing here throws; without the default handler the demangler (50 kB) stays out of the binary.
namespace __gnu_cxx {
void __verbose_terminate_handler() { std::abort(); }
}  // namespace __gnu_cxx

namespace hone {
extern const std::span<const Command* const> target_commands;  // the table CMake generates from tools/target/*.cpp
}

int main(int argc, char** argv) {
  return hone::run_program("hone-target", "hone-target: install, try, prove and run Hone bundles on a device\n\n"
                           "A device begins with 'install B.hone --store DIR --pub K.pub --factory'. Each release after that is a bundle or a delta:\n"
                           "'install', 'trial', 'commit', each with --store DIR; what fails is rolled back, and what served goes on serving.\n"
                           "An application runs what the store serves, and judges it, by libhone (hone.h).\n",
                           hone::target_commands, argc, argv);
}
