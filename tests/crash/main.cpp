// SPDX-License-Identifier: Apache-2.0
// threat_36 and threat_37 on the real hone-target: each system call with which a command changes files is the last one, or fails; whatever was not synced by then
// is lost, kept, torn or reordered. After each: the old release or the new one serves, with the right answers; no counter went back; nothing outside the
// store was touched; the command repeated ends as it would have without the fault, to the byte, and no garbage is left.
//
//   crash_runner --bin DIR [--sample N] [--seed S] [COMMAND...]
//   crash_runner --list
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <random>

#include "tests/crash/device.h"

namespace hone::crash {
namespace {

struct Scenario {
  const char* name;
  std::vector<Words> before;
  Words command;
  bool repeatable = true;  // else it is repeated only where it did not come to its end: another rollback would leave another release
};

const std::vector<Scenario>& scenarios() {
  static const Words factory{"install", "@1.hone", "--pub", "@K.pub", "--factory"}, stage{"install", "@2.hone", "--tries", "9"}, slow{"install", "@4.hone", "--tries", "9"};
  static const std::vector<Scenario> list{
      {"provision", {}, factory},
      {"install", {factory}, {"install", "@2.hone", "--tries", "9"}},
      {"install_over_fallback", {factory, stage, {"trial", "--commit"}}, {"install", "@3.hone", "--tries", "9"}},
      {"install_delta", {factory}, {"install", "@1-2.delta", "--tries", "9"}},
      {"trial", {factory, stage}, {"trial"}},
      {"trial_commit", {factory, stage}, {"trial", "--commit"}},
      {"failed_trial", {factory, slow}, {"trial"}},
      {"commit", {factory, stage, {"trial"}}, {"commit"}},
      {"rollback_candidate", {factory, stage, {"trial"}}, {"rollback"}, false},
      {"rollback", {factory, stage, {"trial", "--commit"}}, {"rollback"}, false},
  };
  return list;
}

struct Count {
  int calls = 0, tried = 0, survived = 0;
  std::set<std::string> states;  // disk contents that were different
};

class Explorer {
 public:
  Explorer(const Workshop& shop, const Scenario& scenario, const Path& folder, unsigned sample, unsigned seed)
      : scenario_(scenario), device_(shop, folder / scenario.name), sample_(sample), seed_(seed) {}
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

  bool record();
  void plan();
  void plan_faults(std::size_t k);
  void plan_power_cuts(std::size_t k);
  void try_all();
  Outcome interrupted(std::size_t at, Order order, DiskModel& model);
  std::string fault(std::size_t k, Order order);
  std::string repeated_before_power_cut(DiskModel& model, bool everywhere);
  std::string twice(const Tree& tree, std::mt19937& random);
  std::string verify(bool reported_done);
  std::string verify_tree(const Tree& tree, bool reported_done);
  std::string serves_well(const Look&) const;
  std::string repeat();
  void reset() const { write_tree(start_, device_.place()); }

  const Scenario& scenario_;
  Device device_;
  unsigned sample_, seed_;
  Tree start_, end_;
  Look before_, after_;
  Outcome clean_;
  std::vector<Recorded> calls_;
  std::vector<Point> points_;
  std::map<std::string, std::string> known_;  // verdicts on disk contents seen before
  Count count_;
};

bool is_landmark(const Call& c) { return c.kind == Call::Kind::sync || c.kind == Call::Kind::rename; }

// Without a fault: the calls, and what the store is before and after.
bool Explorer::record() {
  std::filesystem::create_directories(device_.place());
  for (const Words& w : scenario_.before)
    if (const Outcome o = device_.run(w); o.status != 0) {
      std::printf("%s: cannot prepare: %s\n", scenario_.name, o.err.c_str());
      return false;
    }
  start_ = read_tree(device_.place());
  if (!start_.empty()) before_ = device_.look();
  DiskModel model(device_.place());
  Watch watch{.root = device_.place()};
  watch.after = [&](const Call& c, long result) {
    calls_.push_back({c, result});
    if (result >= 0) model.apply(c, result);
  };
  clean_ = trace(device_.words(scenario_.command), watch);
  end_ = read_tree(device_.place());
  after_ = device_.look();
  count_.calls = static_cast<int>(calls_.size());
  const std::string wrong = difference(model.now(), end_);
  for (const std::string& problem : {clean_.problem, before_.problem, after_.problem, wrong})
    if (!problem.empty()) {
      std::printf("%s, without a fault: %s\n", scenario_.name, problem.c_str());
      return false;
    }
  return true;
}

Outcome Explorer::interrupted(std::size_t at, Order order, DiskModel& model) {
  std::size_t n = 0;
  Watch watch{.root = device_.place()};
  watch.before = [&](const Call&) { return n++ == at ? order : Order{}; };
  watch.after = [&](const Call& c, long result) {
    if (result >= 0) model.apply(c, result);
    else if (c.kind == Call::Kind::sync) model.forget(c);
  };
  return trace(device_.words(scenario_.command), watch);
}

std::string Explorer::serves_well(const Look& look) const {
  if (before_.serves.empty() && look.serves.empty()) return {};  // no store yet
  if (!look.problem.empty()) return look.problem;
  if (look.serves != before_.serves && look.serves != after_.serves) return format("serves {}", look.serves);
  if (look.highest < before_.highest || look.floor < before_.floor) return "a counter went back";
  return {};
}

std::string Explorer::repeat() {
  const bool done = device_.look().status == after_.status;
  const Outcome o = device_.run(scenario_.repeatable || !done ? scenario_.command : Words{"commit"});
  if (o.status != clean_.status && !(done && o.status == 1)) return format("repeated, it says {}: {}", o.status, o.err);
  const Look look = device_.look();
  if (!look.problem.empty()) return "after repeating: " + look.problem;
  if (look.status != after_.status) return format("after repeating, status is {}", look.status.dump());
  return difference(read_tree(device_.place()), end_, {"store/state"});
}

// Of the store as it lies there.
std::string Explorer::verify(bool reported_done) {
  const std::string key = hash(read_tree(device_.place())) + (reported_done ? "+" : "-");
  if (const auto it = known_.find(key); it != known_.end()) return it->second;
  count_.states.insert(key);
  std::string& verdict = known_[key];
  const Look look = device_.look();
  verdict = serves_well(look);
  if (verdict.empty() && reported_done && look.status != after_.status) verdict = format("it had reported success, but status is {}", look.status.dump());
  if (verdict.empty()) verdict = repeat();
  return verdict;
}

std::string Explorer::verify_tree(const Tree& tree, bool reported_done) {
  write_tree(tree, device_.place());
  return verify(reported_done);
}

std::string Explorer::fault(std::size_t k, Order order) {
  reset();
  DiskModel model(device_.place());
  const Outcome o = interrupted(k, order, model);
  const Tree here = read_tree(device_.place());
  if (!o.problem.empty()) return o.problem;
  if (std::string wrong = difference(model.now(), here); !wrong.empty()) return "the model of the disk is wrong: " + wrong;
  if (o.killed != (order.deed == Deed::kill_before || order.deed == Deed::kill_after)) return "it was not killed where it should be";
  if (!o.killed && o.status != clean_.status && (o.status != 5 || !o.err.starts_with("error: "))) return format("it says {}: {}", o.status, o.err);
  const bool done = o.status == clean_.status;
  std::vector<Tree> trees{here};
  for (const auto& fates : power_cuts(model, 2, seed_)) trees.push_back(model.after_power_cut(fates));
  const bool lied = order.deed == Deed::fail && calls_[k].call.kind == Call::Kind::sync;
  if (std::string wrong = repeated_before_power_cut(model, lied); !wrong.empty()) return wrong;
  for (const Tree& tree : trees)
    if (std::string wrong = verify_tree(tree, done); !wrong.empty()) return &tree == &trees[0] ? wrong : "and then the power went: " + wrong;
  return {};
}

// The command is repeated on the same running system, whose memory may show what the disk does not hold: what was not synced, or, after a sync that failed, what never
// will be. Then the power goes, in the repeated command or after it: what it reported to be done must be so.
std::string Explorer::repeated_before_power_cut(DiskModel& model, bool everywhere) {
  std::vector<Tree> trees;
  const auto cut = [&] {
    for (const Fate fate : {Fate::lost, Fate::kept}) trees.push_back(model.after_power_cut(std::vector<Fate>(model.pending(), fate)));
  };
  Watch watch{.root = device_.place()};
  watch.after = [&](const Call& c, long result) {
    if (result >= 0) model.apply(c, result);
    if (everywhere) cut();
  };
  const bool was_done = device_.look().status == after_.status;
  const Outcome again = trace(device_.words(scenario_.repeatable || !was_done ? scenario_.command : Words{"commit"}), watch);
  const bool done = again.status == clean_.status && !(clean_.status == 1 && again.err.starts_with("error: "));
  cut();
  for (std::size_t i = 0; i < trees.size(); ++i)
    if (const std::string wrong = verify_tree(trees[i], done && i + 2 >= trees.size()); !wrong.empty()) return "repeated, and then the power went: " + wrong;
  return {};
}

// The power goes again while the command is repeated.
std::string Explorer::twice(const Tree& tree, std::mt19937& random) {
  write_tree(tree, device_.place());
  DiskModel model(device_.place());
  interrupted(random() % calls_.size(), {Deed::kill_before}, model);
  const auto cuts = power_cuts(model, 4, seed_);
  return verify_tree(model.after_power_cut(cuts[random() % cuts.size()]), false);
}

void Explorer::plan_faults(std::size_t k) {
  const Call& call = calls_[k].call;
  const bool end = k == 0 || k + 1 == calls_.size();
  const auto add = [&](const char* what, Order order, bool always) {
    points_.push_back({format("call {} of {}, {} {}: {}", k + 1, calls_.size(), call.name, call.path.filename().string(), what), always, [this, k, order] { return fault(k, order); }});
  };
  add("killed before it", {Deed::kill_before}, end);
  add("killed after it", {Deed::kill_after}, end || is_landmark(call));
  add("ENOSPC", {Deed::fail, ENOSPC}, false);
  add("EIO", {Deed::fail, EIO}, end);
  add("EINTR", {Deed::fail, EINTR}, false);
  if (call.kind == Call::Kind::write) add("half of it written", {Deed::shorten}, false);
}

// What the disk may hold when the power goes before call k.
void Explorer::plan_power_cuts(std::size_t k) {
  const auto model_at = [this, k] {
    reset();
    DiskModel model(device_.place());
    for (std::size_t i = 0; i < k; ++i)
      if (calls_[i].result >= 0) model.apply(calls_[i].call, calls_[i].result);
    return model;
  };
  const auto cuts = power_cuts(model_at(), 8, seed_ + static_cast<unsigned>(k));
  const bool landmark = k > 0 && is_landmark(calls_[k - 1].call);
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const std::string where = format("power cut before call {} of {}, variant {} of {}", k + 1, calls_.size(), i + 1, cuts.size());
    const bool done = k == calls_.size();
    points_.push_back({where, i == 0 && landmark, [this, model_at, fates = cuts[i], done] { return verify_tree(model_at().after_power_cut(fates), done); }});
    if (i % 5 == 4)
      points_.push_back({where + ", and again while it is repeated", false, [this, model_at, fates = cuts[i], seed = seed_ + static_cast<unsigned>(k * 1000 + i)] {
        std::mt19937 random(seed);
        return twice(model_at().after_power_cut(fates), random);
      }});
  }
}

void Explorer::try_all() {
  const std::size_t stride = sample_ == 0 ? 1 : std::max<std::size_t>(1, points_.size() / sample_);
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (!points_[i].always && i % stride != seed_ % stride) continue;
    ++count_.tried;
    const std::string wrong = points_[i].survive();
    count_.survived += wrong.empty();
    if (!wrong.empty() && count_.tried - count_.survived <= 5) std::printf("NOT SURVIVED: %s: %s: %s\n", scenario_.name, points_[i].where.c_str(), wrong.c_str());
  }
}

Count Explorer::run() {
  if (!record()) {
    count_.tried = 1;
    return count_;
  }
  for (std::size_t k = 0; k <= calls_.size(); ++k) {
    if (k < calls_.size()) plan_faults(k);
    plan_power_cuts(k);
  }
  try_all();
  std::filesystem::remove_all(device_.place());
  return std::move(count_);
}

// Memory is fast and forgets nothing by itself.
Path workplace() {
  const char* chosen = std::getenv("TMPDIR");
  std::string name = chosen ? chosen : ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  name += "/hone crash.XXXXXX";  // with a space, as paths may have
  return std::filesystem::canonical(::mkdtemp(name.data()));
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
  const Path folder = workplace();
  const bool all = wanted.empty();
  int tried = 0, survived = 0;
  {
    const Workshop shop(bin, folder / "shop");
    std::printf("%-24s %12s %12s %12s %12s\n", "command", "system calls", "fault points", "disk states", "survived");
    for (const Scenario& s : scenarios()) {
      if (!all && wanted.erase(s.name) == 0) continue;
      const Count c = Explorer(shop, s, folder, sample, seed).run();
      std::printf("%-24s %12d %12d %12zu %12d\n", s.name, c.calls, c.tried, c.states.size(), c.survived);
      std::fflush(stdout);
      tried += c.tried;
      survived += c.survived;
    }
  }
  std::filesystem::remove_all(folder);
  for (const std::string& name : wanted) std::printf("no such command: %s\n", name.c_str());
  std::printf("%d fault points tried, %d survived\n", tried, survived);
  return tried == survived && tried > 0 && wanted.empty() ? 0 : 1;
}

}  // namespace
}  // namespace hone::crash

int main(int argc, char** argv) { return hone::crash::main(argc, argv); }
