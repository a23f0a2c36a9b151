// SPDX-License-Identifier: Apache-2.0
// hone-target kernels: the kernel table, and which rows this CPU can use.
#include "lib/kernels/kernel.h"
#include "tools/cli/command.h"

namespace hone {

static Result<int> run(const Args& args) {
  std::vector<std::vector<std::string>> rows{{"kernel", "op", "dtype", "isa", "usable here"}};
  Json list = Json::array();
  for (const Kernel* k : all_kernels()) {
    const bool usable = supported(k->isa);
    rows.push_back({std::string(k->name), std::string(k->op), std::string(name(k->dtype)), std::string(name(k->isa)), usable ? "yes" : "no"});
    list.push_back({{"name", k->name}, {"op", k->op}, {"dtype", name(k->dtype)}, {"isa", name(k->isa)}, {"usable", usable}});
  }
  args.console().table(rows);
  CHECK_OK(args.console().json({{"schema", "hone/kernels/1"}, {"kernels", list}}));
  return 0;
}

extern const Command kernels_command{.name = "kernels", .usage = "", .help = "list the fast kernels and which of them this CPU can use", .run = run};

}  // namespace hone
