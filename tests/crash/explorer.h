// SPDX-License-Identifier: Apache-2.0
// Every fault point of a command on a store: each change of a file is the last one, or fails; whatever was not synced by then is lost, kept, torn or reordered, at once or
// after the command was repeated on a system that still shows it. After each: the old release or the new one serves; no counter went back; the command
// repeated ends as it would have without the fault, to the byte, and no garbage is left. The command is a process (main.cpp) or a function (tests/store/crash.cpp).
#pragma once
#include <map>
#include <random>
#include <set>

#include "tests/crash/disk_model.h"

namespace hone::crash {

// What a store says of itself, and whether it is true.
struct Look {
  std::string problem;  // it cannot be read, or what serves gives wrong answers
  std::string serves;   // version
  std::string status;   // without what may differ between two ways to the same state (generation, tries)
  std::vector<std::uint64_t> ratchets;  // what may never decrease
};

struct Subject {
  std::string name;
  Path place;                       // the folder that the store is in, and nothing else
  std::function<bool()> prepare = {};    // what comes before the command; place is empty
  std::function<Outcome(const Watch&)> command = {};
  std::function<Outcome(const Watch&)> another = {};  // instead of the command where it came to its end, if it may not be repeated
  std::function<Look()> look = {};
  bool short_writes = true;         // the watch can have them
  std::set<std::string> unwatched = {};  // files that the watch does not see
};

struct Count {
  int calls = 0, tried = 0, survived = 0;
  std::set<std::string> states;  // disk contents that were different
  std::vector<std::string> wrong;  // the first of what was not survived
};

class Explorer {
 public:
  // About `sample` points, beside the first, the last, and a kill after every sync and every rename; 0: all.
  Explorer(const Subject& subject, unsigned sample, unsigned seed) : subject_(subject), sample_(sample), seed_(seed) {}
  Count run();

 private:
  struct Recorded {
    Call call;
    long result;
  };
  struct Point {
    std::string where;
    bool always;  // tried in a sampled run too
    std::function<std::string()> survive;  // what went wrong
  };
  using Deed = Order::Deed;

  std::string record();
  void plan_faults(std::size_t k);
  void plan_power_cuts(std::size_t k);
  void try_all();
  DiskModel model_at(std::size_t k) const;
  Tree watched(Tree) const;
  Tree here() const { return read_tree(subject_.place); }
  const Look& look();  // at what is here; nothing that was seen before is looked at again
  bool done(const Outcome&) const;
  Outcome interrupted(std::size_t at, Order order, DiskModel& model);
  std::vector<std::vector<Fate>> some(std::vector<std::vector<Fate>> cuts, unsigned k) const;
  std::string fault(std::size_t k, Order order);
  std::string repeated_before_power_cut(DiskModel& model, bool everywhere);
  std::string twice(const Tree& tree, std::mt19937& random);
  std::string verify(const Tree& tree, bool reported_done);
  std::string serves_well(const Look&) const;
  Outcome again(const Watch&);
  std::string repeat();

  const Subject& subject_;
  unsigned sample_, seed_;
  Tree start_, end_;
  Look before_, after_;
  Outcome clean_;
  std::vector<Recorded> calls_;
  std::vector<Point> points_;
  std::map<std::string, std::string> known_;  // verdicts on disk contents seen before
  std::map<std::string, Look> looks_;
  Count count_;
};

// A new folder in memory, if that is to be had, which is fast and forgets nothing by itself; gone with the object.
struct Workplace {
  Path path;
  Workplace();
  ~Workplace();
};

}  // namespace hone::crash
