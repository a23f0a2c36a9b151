// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/explorer.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace hone::crash {
namespace {

bool is_landmark(const Call& c) { return c.kind == Call::Kind::sync || c.kind == Call::Kind::rename; }

Watch watching(const Path& root, DiskModel& model) {
  Watch watch{.root = root};
  watch.after = [&](const Call& c, long result) {
    if (result >= 0) model.apply(c, result);
    else if (c.kind == Call::Kind::sync) model.forget(c);
  };
  return watch;
}

}  // namespace

Tree Explorer::watched(Tree tree) const {
  for (const std::string& name : subject_.unwatched) tree.erase(name);
  return tree;
}

// Without a fault: the calls, and what the store is before and after.
std::string Explorer::record() {
  std::filesystem::remove_all(subject_.place);
  std::filesystem::create_directories(subject_.place);
  if (!subject_.prepare()) return "cannot prepare";
  start_ = read_tree(subject_.place);
  if (!start_.empty()) before_ = look();
  DiskModel model(subject_.place, start_);
  Watch watch = watching(subject_.place, model);
  watch.after = [this, apply = watch.after](const Call& c, long result) {
    calls_.push_back({c, result});
    apply(c, result);
  };
  clean_ = subject_.command(watch);
  end_ = here();
  after_ = look();
  count_.calls = static_cast<int>(calls_.size());
  for (const std::string& problem : {clean_.problem, before_.problem, after_.problem, difference(watched(model.now()), watched(end_)), std::string(calls_.empty() ? "it changes nothing" : "")})
    if (!problem.empty()) return problem;
  return {};
}

bool Explorer::done(const Outcome& o) const { return !o.killed && o.status == clean_.status && o.err.starts_with("error: ") == clean_.err.starts_with("error: "); }

Outcome Explorer::interrupted(std::size_t at, Order order, DiskModel& model) {
  std::size_t n = 0;
  Watch watch = watching(subject_.place, model);
  watch.before = [&](const Call&) { return n++ == at ? order : Order{}; };
  return subject_.command(watch);
}

std::string Explorer::serves_well(const Look& look) const {
  if (before_.serves.empty() && look.serves.empty()) return {};  // no store yet
  if (!look.problem.empty()) return look.problem;
  if (look.serves != before_.serves && look.serves != after_.serves) return format("serves {}", look.serves);
  for (std::size_t i = 0; i < std::min(before_.ratchets.size(), look.ratchets.size()); ++i)
    if (look.ratchets[i] < before_.ratchets[i]) return "a counter went back";
  return {};
}

const Look& Explorer::look() {
  const auto [it, fresh] = looks_.try_emplace(hash(watched(here())));
  if (fresh) it->second = subject_.look();
  return it->second;
}

Outcome Explorer::again(const Watch& watch) {
  if (subject_.another && look().status == after_.status) return subject_.another(watch);
  return subject_.command(watch);
}

std::string Explorer::repeat() {
  const bool was_done = look().status == after_.status;
  const Outcome o = again({.root = subject_.place});
  if (!done(o) && !(was_done && o.status == 1)) return format("repeated, it says {}: {}", o.status, o.err);
  const Look& look = this->look();
  if (!look.problem.empty()) return "after repeating: " + look.problem;
  if (look.status != after_.status) return "after repeating, status is " + look.status;
  // Generations and tries differ from one way to the same state to the other, and so do the keys that the device encrypts files with.
  return difference(watched(here()), watched(end_), [](const std::string& name) { return name == "store/state" || name.ends_with(".age"); });
}

// Of a store that the disk holds.
std::string Explorer::verify(const Tree& tree, bool reported_done) {
  const std::string key = hash(watched(tree)) + (reported_done ? "+" : "-");
  if (const auto it = known_.find(key); it != known_.end()) return it->second;
  count_.states.insert(key.substr(0, key.size() - 1));
  write_tree(tree, subject_.place);
  std::string& verdict = known_[key];
  const Look& look = this->look();
  verdict = serves_well(look);
  if (verdict.empty() && reported_done && look.status != after_.status) verdict = "it had reported success, but status is " + look.status;
  if (verdict.empty()) verdict = repeat();
  return verdict;
}

// The command is repeated on the same running system, whose memory may show what the disk does not hold: what was not synced, or, after a sync that failed, what never
// will be. Then the power goes, in the repeated command or after it: what it reported to be done must be so.
std::string Explorer::repeated_before_power_cut(DiskModel& model, bool everywhere) {
  std::vector<Tree> trees;
  const auto cut = [&] {
    for (const Fate fate : {Fate::lost, Fate::kept}) trees.push_back(model.after_power_cut(std::vector<Fate>(model.pending(), fate)));
  };
  Watch watch = watching(subject_.place, model);
  watch.after = [&, apply = watch.after](const Call& c, long result) {
    apply(c, result);
    if (everywhere) cut();
  };
  const bool reported = done(again(watch));
  cut();
  for (std::size_t i = 0; i < trees.size(); ++i)
    if (const std::string wrong = verify(trees[i], reported && i + 2 >= trees.size()); !wrong.empty()) return "repeated, and then the power went: " + wrong;
  return {};
}

// In a sampled run nothing, everything, and two by dice of what a power cut may leave.
std::vector<std::vector<Fate>> Explorer::some(std::vector<std::vector<Fate>> cuts, unsigned k) const {
  if (sample_ == 0 || cuts.size() <= 4) return cuts;
  std::mt19937 random(seed_ + k);
  std::shuffle(cuts.begin() + 2, cuts.end(), random);
  cuts.resize(4);
  return cuts;
}

std::string Explorer::fault(std::size_t k, Order order) {
  write_tree(start_, subject_.place);
  DiskModel model(subject_.place, start_);
  const Outcome o = interrupted(k, order, model);
  const Tree left = here();
  if (!o.problem.empty()) return o.problem;
  if (std::string wrong = difference(watched(model.now()), watched(left)); !wrong.empty()) return "the model of the disk is wrong: " + wrong;
  if (o.killed != (order.deed == Deed::kill_before || order.deed == Deed::kill_after)) return "it was not killed where it should be";
  if (!o.killed && !done(o) && (o.status != 5 || !o.err.starts_with("error: "))) return format("it says {}: {}", o.status, o.err);
  std::vector<Tree> trees{left};
  for (const auto& fates : some(power_cuts(model, 2, seed_), static_cast<unsigned>(k))) trees.push_back(model.after_power_cut(fates));
  const bool lied = order.deed == Deed::fail && calls_[k].call.kind == Call::Kind::sync;
  if (std::string wrong = repeated_before_power_cut(model, lied); !wrong.empty()) return wrong;
  for (const Tree& tree : trees)
    if (std::string wrong = verify(tree, done(o)); !wrong.empty()) return &tree == &trees[0] ? wrong : "and then the power went: " + wrong;
  return {};
}

// The power goes again while the command is repeated.
std::string Explorer::twice(const Tree& tree, std::mt19937& random) {
  write_tree(tree, subject_.place);
  DiskModel model(subject_.place, tree);
  interrupted(random() % calls_.size(), {Deed::kill_before}, model);
  const auto cuts = power_cuts(model, 4, seed_);
  return verify(model.after_power_cut(cuts[random() % cuts.size()]), false);
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
  if (call.kind == Call::Kind::write && subject_.short_writes) add("half of it written", {Deed::shorten}, false);
}

DiskModel Explorer::model_at(std::size_t k) const {
  DiskModel model(subject_.place, start_);
  for (std::size_t i = 0; i < k; ++i)
    if (calls_[i].result >= 0) model.apply(calls_[i].call, calls_[i].result);
  return model;
}

// What the disk may hold when the power goes before call k.
void Explorer::plan_power_cuts(std::size_t k) {
  const auto cuts = power_cuts(model_at(k), 8, seed_ + static_cast<unsigned>(k));
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const std::string where = format("power cut before call {} of {}, variant {} of {}", k + 1, calls_.size(), i + 1, cuts.size());
    const bool finished = k == calls_.size();
    points_.push_back({where, false, [this, k, fates = cuts[i], finished] { return verify(model_at(k).after_power_cut(fates), finished); }});
    if (i % 5 == 4)
      points_.push_back({where + ", and again while it is repeated", false, [this, k, fates = cuts[i], seed = seed_ + static_cast<unsigned>(k * 1000 + i)] {
        std::mt19937 random(seed);
        return twice(model_at(k).after_power_cut(fates), random);
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
    if (!wrong.empty() && count_.wrong.size() < 5) count_.wrong.push_back(format("{}: {}: {}", subject_.name, points_[i].where, wrong));
  }
}

Count Explorer::run() {
  if (const std::string wrong = record(); !wrong.empty()) {
    count_.tried = 1;
    count_.wrong.push_back(format("{}, without a fault: {}", subject_.name, wrong));
    return count_;
  }
  for (std::size_t k = 0; k <= calls_.size(); ++k) {
    if (k < calls_.size()) plan_faults(k);
    plan_power_cuts(k);
  }
  try_all();
  std::filesystem::remove_all(subject_.place);
  return std::move(count_);
}

Workplace::Workplace() {
  const char* chosen = std::getenv("TMPDIR");
  std::string name = chosen ? chosen : ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  name += "/hone crash.XXXXXX";  // with a space, as paths may have
  path = std::filesystem::canonical(::mkdtemp(name.data()));
}
Workplace::~Workplace() { std::filesystem::remove_all(path); }

}  // namespace hone::crash
