// SPDX-License-Identifier: Apache-2.0
// A device in a directory of its own: the real hone-target over real bundles, and what can be seen of its store from outside.
#pragma once
#include "tests/crash/explorer.h"

namespace hone::crash {

using Words = std::vector<std::string>;

// Keys, bundles and deltas of two small models, made once with `hone`; shared by the scenarios.
class Workshop {
 public:
  Workshop(Path bin, const Path& folder);
  Path file(const std::string& name) const { return folder_ / name; }
  Path hone() const { return bin_ / "hone"; }
  Path target() const { return bin_ / "hone-target"; }
  Path application() const { return bin_ / "crash_application"; }
  // What `run` prints for release `version`: its model's answer.
  std::string answer(const std::string& version) const { return answers_.at(version); }

 private:
  void make(Words) const;
  void pack(const std::string& model, int counter, const std::string& output, const Words& more) const;
  Path bin_, folder_;
  std::map<std::string, std::string> answers_;
};

class Device {
 public:
  // With an identity, it can read encrypted releases. `instead` is the version that serves in the place of a damaged one.
  Device(const Workshop& shop, Path place, bool identity = false, std::string instead = {}) : shop_(shop), place_(std::move(place)), instead_(std::move(instead)), identity_(identity) {}
  const Path& place() const { return place_; }
  // `command` and its options for this store; @NAME stands for a file of the workshop. "report" is the application's (application.c).
  Words words(const Words& command) const;
  Outcome run(const Words& command) const { return crash::run(words(command)); }
  Look look() const;
  bool damage() const;  // the weights of the active release

 private:
  const Workshop& shop_;
  Path place_;
  std::string instead_;
  bool identity_;
};

}  // namespace hone::crash
