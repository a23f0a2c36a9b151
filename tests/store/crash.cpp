// SPDX-License-Identifier: Apache-2.0
// threat_37 and threat_36: every operation of install, delta install, trial, commit, rollback and provisioning is the last one, or fails. Then what was not
// synced is lost (nothing, everything, arbitrary parts). After each: an intact release serves, old or new, and repeating the command finishes the job.
#include <set>

#include "tests/store/disk.h"
#include "tests/store/helpers.h"

namespace hone {
namespace {

struct Scenario {
  const char* name;
  std::function<Status(const Path&)> before;             // makes the store
  std::function<Status(const Path&, FileOps)> command;   // what is interrupted, and repeated
  std::set<std::uint64_t> during;                        // counters that may serve at any time; 0: none
  std::function<bool(const State&)> done;
};

Status with_store(const Path& path, FileOps ops, const std::function<Status(Store&)>& body) {
  TRY(Store store, open_store(path, std::move(ops)));
  return body(store);
}

bool staged(const State& s, std::uint64_t n) { return s.pending() && s.candidate() == digest_of(release_bytes(n)); }
bool active(const State& s, std::uint64_t n) {
  return !s.pending() && s.active != no_bank && s.banks[static_cast<std::size_t>(s.active)] == digest_of(release_bytes(n));
}
Status staged_store(const Path& path) {
  CHECK_OK(provision(path));
  return with_store(path, FileOps(), [](Store& s) { return install(s, release_bytes(2)); });
}
Status tried_store(const Path& path) {
  CHECK_OK(staged_store(path));
  return with_store(path, FileOps(), try_candidate);
}
// Without a factory model, nothing but the two banks can help.
Status upgraded_store(const Path& path) {
  CHECK_OK(upgrade(path, 1));
  return upgrade(path, 2);
}
Status tried_upgrade(const Path& path) {
  CHECK_OK(upgraded_store(path));
  return with_store(path, FileOps(), [](Store& s) -> Status {
    CHECK_OK(install(s, release_bytes(3)));
    return try_candidate(s);
  });
}
// Done already: the repeated command has nothing to do.
Status unless(bool done, const std::function<Status()>& body) {
  if (done) return Ok{};
  return body();
}

std::vector<Scenario> scenarios() {
  return {
      {"provision", [](const Path&) -> Status { return Ok{}; },
       [](const Path& p, FileOps ops) { return provision(p, std::move(ops)); }, {0, 1}, [](const State& s) { return active(s, 1); }},
      {"install", [](const Path& p) { return provision(p); },
       [](const Path& p, FileOps ops) { return with_store(p, std::move(ops), [](Store& s) { return install(s, release_bytes(2)); }); }, {1}, [](const State& s) { return staged(s, 2); }},
      {"install over a fallback", upgraded_store,
       [](const Path& p, FileOps ops) { return with_store(p, std::move(ops), [](Store& s) { return install(s, release_bytes(3)); }); }, {2}, [](const State& s) { return staged(s, 3); }},
      {"install of a delta", [](const Path& p) { return provision(p); },
       [](const Path& p, FileOps ops) { return with_store(p, std::move(ops), [](Store& s) { return install(s, delta_bytes(1, 2)); }); }, {1}, [](const State& s) { return staged(s, 2); }},
      {"trial", staged_store,
       [](const Path& p, FileOps ops) { return with_store(p, std::move(ops), try_candidate); }, {1}, [](const State& s) { return s.phase == Phase::trial && s.passed && s.tries < 3; }},
      {"failed trial", staged_store,
       [](const Path& p, FileOps ops) {
         return with_store(p, std::move(ops), [](Store& s) { return unless(!s.state().pending(), [&] { return s.fail_trial(Reason::golden_differs); }); });
       }, {1}, [](const State& s) { return active(s, 1) && s.reason == Reason::golden_differs && s.is_listed(digest_of(release_bytes(2))); }},
      {"commit", tried_store,
       [](const Path& p, FileOps ops) { return with_store(p, std::move(ops), [](Store& s) { return unless(active(s.state(), 2), [&] { return s.commit(); }); }); },
       {1, 2}, [](const State& s) { return active(s, 2) && s.highest == 2; }},
      {"commit over a fallback", tried_upgrade,
       [](const Path& p, FileOps ops) { return with_store(p, std::move(ops), [](Store& s) { return unless(active(s.state(), 3), [&] { return s.commit(); }); }); },
       {2, 3}, [](const State& s) { return active(s, 3) && s.highest == 3; }},
      {"rollback", upgraded_store,
       [](const Path& p, FileOps ops) { return with_store(p, std::move(ops), [](Store& s) { return unless(active(s.state(), 1), [&] { return s.rollback(); }); }); },
       {1, 2}, [](const State& s) { return active(s, 1) && s.highest == 2 && s.is_listed(digest_of(release_bytes(2))); }},
  };
}

// Memory is fast and forgets nothing by itself.
Path fast_folder() {
  std::error_code missing;
  return std::filesystem::is_directory("/dev/shm", missing) ? "/dev/shm" : std::filesystem::temp_directory_path();
}

struct Workplace {
  Path root;
  Workplace() {
    std::string name = (fast_folder() / "hone-crash-XXXXXX").string();
    root = ::mkdtemp(name.data());
  }
  ~Workplace() { std::filesystem::remove_all(root); }
};

struct Interruption {
  Disk::Fault fault;
  double lost;  // of what was not synced
};
constexpr Interruption interruptions[] = {{Disk::Fault::kill, 0},   {Disk::Fault::kill, 1},     {Disk::Fault::kill, 0.3},     {Disk::Fault::kill, 0.7},
                        {Disk::Fault::io_error, 0}, {Disk::Fault::no_space, 0}, {Disk::Fault::io_error, 0.5}, {Disk::Fault::no_space, 1}};

// Runs the command with operation k failing; false when there are fewer operations than that.
bool run_point(const Scenario& s, const Path& root, int k, const Interruption& cut, unsigned seed) {
  const Path store = root / "store";
  std::filesystem::remove_all(store);
  std::filesystem::remove_all(root / "attic");
  if (std::filesystem::exists(root / "template")) std::filesystem::copy(root / "template", store, std::filesystem::copy_options::recursive);
  Disk disk(root / "attic");
  disk.fail_at(k, cut.fault);
  const std::string where = format("{}: operation {}, fault {}, {} lost", s.name, k, static_cast<int>(cut.fault), cut.lost);
  bool succeeded = false;
  try {
    succeeded = s.command(store, disk.ops()).has_value();
  } catch (const Killed&) {
  }
  const bool reached = disk.operations() > k;
  std::mt19937 random(seed);
  if (cut.lost > 0) disk.power_cut(cut.lost, random);
  EXPECT_TRUE(s.during.contains(serving_counter(store))) << where << ": serves " << serving_counter(store);
  if (succeeded) {
    EXPECT_TRUE(s.done(*read_state(store / "state"))) << where << ": reported done, and was not durable";
  }
  const Status again = s.command(store, FileOps());
  EXPECT_TRUE(again) << where << ": repeated: " << (again ? "" : again.error().message);
  const auto state = read_state(store / "state");
  EXPECT_TRUE(state && s.done(*state)) << where << ": not done after repeating";
  EXPECT_NE(serving_counter(store), 0U) << where;
  return reached;
}

}  // namespace

TEST(crash, threat_36_and_37_every_fault_point) {
  int points = 0;
  for (const Scenario& s : scenarios()) {
    const Workplace place;
    ASSERT_TRUE(s.before(place.root / "template"));
    int operations = 0;
    for (bool reached = true; reached && !HasFailure(); ++operations) {
      reached = false;
      for (const Interruption& cut : interruptions) {
        const unsigned rounds = cut.lost > 0 && cut.lost < 1 ? 4 : 1;
        for (unsigned seed = 0; seed < rounds; ++seed, ++points) reached |= run_point(s, place.root, operations, cut, seed);
      }
    }
    std::printf("%-24s %3d operations\n", s.name, operations - 1);
    if (HasFailure()) return;
  }
  std::printf("%d fault points tried, %d survived\n", points, points);
}

}  // namespace hone
