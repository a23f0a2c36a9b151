// SPDX-License-Identifier: Apache-2.0
// threat_36 and threat_37 on the real hone-target, and on an application that reports by libhone: each system call with which a command changes files is the last one, or fails; whatever was not synced by then
// is lost, kept, torn or reordered. After each: the old release or the new one serves, with the right answers; no counter went back; nothing outside the
// store was touched; the command repeated ends as it would have without the fault, to the byte, and no garbage is left.
//
//   crash_runner --bin DIR [--sample N] [--seed S] [COMMAND...]
//   crash_runner --list
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tests/crash/device.h"

namespace hone::crash {
namespace {

struct Scenario {
  const char* name;
  std::vector<Words> before;
  Words command;
  bool encrypted = false;
  const char* instead = "";  // the version that serves because the active one is damaged
  bool repeatable = true;  // else it is repeated only where it did not come to its end: another rollback would leave another release
};

const std::vector<Scenario>& scenarios() {
  static const Words factory{"install", "@1.hone", "--pub", "@K.pub", "--factory"}, stage{"install", "@2.hone", "--tries", "9"}, third{"install", "@3.hone", "--tries", "9"}, second_encrypted{"install", "@2.encrypted", "--tries", "9"}, slow{"install", "@4.hone", "--tries", "9"};
  static const std::vector<Scenario> list{
      {"provision", {}, factory},
      {"install", {factory}, stage},
      {"install_over_fallback", {factory, stage, {"trial", "--commit"}}, third},
      {"install_delta", {factory}, {"install", "@1-2.delta", "--tries", "9"}},
      {"trial", {factory, stage}, {"trial"}},
      {"trial_commit", {factory, stage}, {"trial", "--commit"}},
      {"failed_trial", {factory, slow}, {"trial"}},
      {"commit", {factory, stage, {"trial"}}, {"commit"}},
      {"rollback_candidate", {factory, stage, {"trial"}}, {"rollback"}},
      {"rollback", {factory, stage, {"trial", "--commit"}}, {"rollback"}},
      {"keyring", {factory, stage, {"trial", "--commit"}, third}, {"keyring", "@1.keyring"}},
      {"rollback_further", {factory, stage, {"trial", "--commit"}, third, {"trial", "--commit"}, {"rollback"}}, {"rollback", "--further"}, false, "", false},
      {"install_delta_damaged_base", {factory, stage, {"trial", "--commit"}, {"damage"}}, {"install", "@2-3.delta", "--full", "@3.hone", "--tries", "9"}, false, "1.1"},
      {"report_on_trial", {factory, stage}, {"report", "trial"}},
      {"report_active", {factory, stage, {"trial", "--commit"}}, {"report", "active"}, false, "", false},
      {"install_encrypted", {factory}, second_encrypted, true},
      {"install_encrypted_delta", {factory, second_encrypted, {"trial", "--commit"}}, {"install", "@2-3.encrypted", "--tries", "9"}, true},
      {"trial_commit_encrypted", {factory, second_encrypted}, {"trial", "--commit"}, true},
  };
  return list;
}

Subject subject(const Workshop& shop, const Scenario& s, const Path& folder) {
  const Device device(shop, folder / s.name, s.encrypted, s.instead);
  Subject subject{.name = s.name, .place = device.place()};
  subject.prepare = [device, &s] { return std::ranges::all_of(s.before, [&](const Words& w) { return w[0] == "damage" ? device.damage() : device.run(w).status == 0; }); };
  subject.command = [device, &s](const Watch& watch) { return trace(device.words(s.command), watch); };
  if (!s.repeatable) subject.another = [device](const Watch& watch) { return trace(device.words({"commit"}), watch); };
  subject.look = [device] { return device.look(); };
  return subject;
}

int main(int argc, char** argv) {
  Path bin = ".";
  unsigned sample = 0, seed = 1;
  std::set<std::string> wanted;
  for (int i = 1; i < argc; ++i) {
    const std::string_view a = argv[i];
    if (a == "--bin" && i + 1 < argc) bin = std::filesystem::absolute(argv[++i]);
    else if (a == "--sample" && i + 1 < argc) sample = static_cast<unsigned>(std::atoi(argv[++i]));
    else if (a == "--seed" && i + 1 < argc) seed = static_cast<unsigned>(std::atoi(argv[++i]));
    else if (a == "--list") {
      for (const Scenario& s : scenarios()) std::printf("%s\n", s.name);
      return 0;
    } else wanted.emplace(a);
  }
  if (const auto why = cannot_trace()) {
    std::printf("skipped: %s\n", why->c_str());
    return 77;
  }
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const Workplace place;
  const bool all = wanted.empty();
  int tried = 0, survived = 0;
  bool skipped = false;
  const Workshop shop(bin, place.path / "shop");
  std::printf("%-24s %12s %12s %12s %12s\n", "command", "system calls", "fault points", "disk states", "survived");
  for (const Scenario& s : scenarios()) {
    if (!all && wanted.erase(s.name) == 0) continue;
    if (s.encrypted && ::geteuid() != 0) {  // nor may anybody else look into a process that holds an identity
      std::printf("%-24s skipped: needs root\n", s.name);
      skipped = true;
      continue;
    }
    const Count c = Explorer(subject(shop, s, place.path), sample, seed).run();
    std::printf("%-24s %12d %12d %12zu %12d\n", s.name, c.calls, c.tried, c.states.size(), c.survived);
    for (const std::string& wrong : c.wrong) std::printf("NOT SURVIVED: %s\n", wrong.c_str());
    std::fflush(stdout);
    tried += c.tried;
    survived += c.survived;
  }
  for (const std::string& name : wanted) std::printf("no such command: %s\n", name.c_str());
  std::printf("%d fault points tried, %d survived\n", tried, survived);
  if (skipped && tried == 0) return 77;
  return tried == survived && tried > 0 && wanted.empty() ? 0 : 1;
}

}  // namespace
}  // namespace hone::crash

int main(int argc, char** argv) { return hone::crash::main(argc, argv); }
