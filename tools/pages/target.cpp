// SPDX-License-Identifier: Apache-2.0
// target_pages man | bash: hone-target's man page or completion. A program of the build, over the commands of hone-target, so that the device's
// binary need not carry what writes them.
#include <cstdio>
#include <cstring>

#include "tools/cli/pages.h"
#include "tools/target/summary.h"

namespace hone {
extern const std::span<const Command* const> target_commands;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string page = std::strcmp(argv[1], "man") == 0
                               ? hone::man_page("hone-target", hone::target_summary, hone::target_commands, "NO_COLOR, HONE_ISA (generic, avx2, avx512, avx512vnni, neon).")
                               : hone::bash_completion("hone-target", hone::target_commands);
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() && std::fflush(stdout) == 0 ? 0 : 5;
}
