// SPDX-License-Identifier: Apache-2.0
// threat_36 and threat_37 through the store's own file layer: every operation of provisioning, install, delta install, trial, commit, rollback and keyring update is the
// last one, or fails, and the power goes (tests/crash/explorer.h). A sample of the points of each; all with HONE_CRASH_ALL=1.
#include "tests/bundle/keyrings.h"
#include "tests/crash/explorer.h"
#include "tests/store/helpers.h"

namespace hone {
namespace {

using crash::Call;
using crash::Order;
using crash::Outcome;
using crash::Watch;

struct Killed {};

// The store's operations as calls that the watch is asked about.
class Watched {
 public:
  explicit Watched(const Watch& watch) : watch_(watch) {}
  FileOps ops() {
    return FileOps([this](const FileChange& change) { return before(change); });
  }
  bool doomed() const { return doomed_; }

 private:
  static Call call_of(const FileChange& c) {
    static constexpr Call::Kind kinds[] = {Call::Kind::create, Call::Kind::write, Call::Kind::sync, Call::Kind::rename, Call::Kind::remove, Call::Kind::make_directory, Call::Kind::sync};
    static constexpr const char* names[] = {"create", "write", "sync", "rename", "remove", "make_directory", "sync_directory"};
    const auto plain = [](const Path& p) { return (p / "").lexically_normal().parent_path(); };
    return {.kind = kinds[static_cast<int>(c.op)], .name = names[static_cast<int>(c.op)], .path = plain(c.path), .target = plain(c.target), .offset = c.offset, .bytes = {c.bytes.begin(), c.bytes.end()}};
  }

  int before(const FileChange& change) {
    if (doomed_) throw Killed();
    Call call = call_of(change);
    const Order order = watch_.before(call);
    if (order.deed == Order::Deed::kill_before) throw Killed();
    doomed_ = order.deed == Order::Deed::kill_after;
    if (order.deed != Order::Deed::fail) {
      watch_.after(call, static_cast<long>(call.bytes.size()));
      return 0;
    }
    if (call.kind == Call::Kind::write) watch_.after(call, static_cast<long>(call.bytes.size() / 2));  // FileOps writes half, and then fails
    else watch_.after(call, -order.error);
    return order.error;
  }

  const Watch& watch_;
  bool doomed_ = false;  // the operation under way is the last
};

using Body = std::function<Status(Store&)>;

// Keyring n: root keys 1, 2, 3, two of them; release key 0, and from keyring 2 on key 7 too; keyring 3 takes counters back to 1.
constexpr std::uint64_t from_keys_by_hand = 99;  // the first one, for a store that follows key 0 alone; another key signs releases from now on
const Buffer& keyring(std::uint64_t n) {
  static std::map<std::uint64_t, Buffer> made;
  if (made.contains(n)) return made[n];
  KeyringWish wish{.counter = n, .root = role({1, 2, 3}, 2), .release = n == 1 ? role({0}) : role({0, 7}), .signers = {1, 2}};
  if (n == 3) wish.restart = Restart{3, 1};
  if (n == from_keys_by_hand) wish = {.counter = 1, .root = role({0}), .release = role({7}), .signers = {0}};
  return made[n] = make_keyring(wish);
}

// By what the store pins, else by what its first install is given.
Result<Pinned> pinned(const Path& store, bool by_keyring) {
  std::error_code missing;
  if (std::filesystem::exists(store / "trusted", missing)) return Store::pinned(store);
  if (by_keyring) return Pinned::from_keyring(keyring(1));
  return Pinned(test_trust());
}

Outcome run_watched(const Path& store, bool by_keyring, const Watch& watch, const Body& body) {
  Watched watched(watch);
  Outcome outcome{.status = 0, .killed = false, .out = {}, .err = {}, .problem = {}};
  try {
    const Status status = [&]() -> Status {
      TRY(Pinned trusted, pinned(store, by_keyring));
      TRY(Store opened, Store::open(store, std::move(trusted), Store::Access::change, watched.ops()));
      return body(opened);
    }();
    if (!status) outcome.status = static_cast<int>(status.error().code), outcome.err = "error: " + status.error().message;
  } catch (const Killed&) {
    outcome.killed = true;
  }
  outcome.killed |= watched.doomed();
  return outcome;
}

crash::Look look(const Path& path, bool by_keyring) {
  const auto trusted = pinned(path, by_keyring);
  if (!trusted) return {.problem = trusted.error().message, .serves = {}, .status = {}, .ratchets = {}};
  const auto store = Store::open(path, *trusted, Store::Access::read);
  if (!store) return {.problem = store.error().message, .serves = {}, .status = {}, .ratchets = {}};
  State state = store->state();
  crash::Look look{.problem = {}, .serves = {}, .status = {}, .ratchets = {state.keyring, state.time_floor}};
  if (state.keyring < 3) look.ratchets.insert(look.ratchets.end(), {state.highest, state.floor, state.failed_highest});  // which keyring 3 takes back
  state.tries = 0;
  state.generation = 1;
  look.status = format("{}, active {}, reason {}, {}", name(state.phase), state.active, name(state.reason), to_hex(sha256(encode_state(state))));
  const auto serving = store->serving();
  if (serving.empty()) {
    if (state.active != no_bank || state.factory) look.problem = "nothing serves";
    return look;
  }
  look.serves = serving[0].manifest().version;
  for (const FileEntry& f : serving[0].manifest().files)
    if (const auto bytes = store->read(serving[0], f.name); !bytes) look.problem = bytes.error().message;
  return look;
}

struct Scenario {
  const char* name;
  std::vector<Body> before;
  Body command;
  bool repeatable = true, by_keyring = false;
};

Status install_as_factory(Store& s) { return install(s, release_bytes(1), {.factory = true}); }
Body install_release(std::uint64_t n) {
  return [n](Store& s) { return install(s, release_bytes(n), {.tries = 90}); };
}
Body next_keyring(std::uint64_t n) {
  return [n](Store& s) -> Status {
    CHECK_OK(s.accept_keyring("next", keyring(n)));
    return Ok{};
  };
}
Status commit(Store& s) { return s.commit(); }
Status rollback(Store& s) { return s.rollback(); }
Status rollback_further(Store& s) { return s.rollback(true); }
Status fail(Store& s) { return s.fail_trial(Reason::golden_differs); }

std::vector<Scenario> scenarios() {
  const Body one = install_release(1), two = install_release(2), three = install_release(3), factory = install_as_factory;
  const Body delta = [](Store& s) { return install(s, delta_bytes(1, 2), {.tries = 90}); };
  const Body trial = try_candidate;
  return {
      {"provision", {}, factory},
      {"install into an empty store", {}, one},
      {"install", {factory}, two},
      {"install over a fallback", {one, trial, commit, two, trial, commit}, three},
      {"install over a candidate", {factory, two}, three},
      {"install of a delta", {factory}, delta},
      {"trial", {factory, two}, trial},
      {"failed trial", {factory, two}, fail},
      {"commit", {factory, two, trial}, commit},
      {"commit over a fallback", {one, trial, commit, two, trial, commit, three, trial}, commit},
      {"rollback of a candidate", {factory, two, trial}, rollback},
      {"rollback", {factory, two, trial, commit}, rollback},
      {"provision by a keyring", {}, factory, true, true},
      {"next keyring", {factory, two, trial, commit, three}, next_keyring(2), true, true},
      {"keyring in the place of keys by hand", {factory, two, trial, commit}, next_keyring(from_keys_by_hand)},
      {"the same, over a candidate", {factory, two, trial, commit, three}, next_keyring(from_keys_by_hand)},
      {"keyring that takes counters back", {factory, two, trial, commit, next_keyring(2)}, next_keyring(3), true, true},
      {"rollback further, to the factory model", {factory, two, trial, commit, three, trial, commit, rollback}, rollback_further, false},
  };
}

}  // namespace

TEST(crash, threat_36_and_37_every_fault_point) {
  const crash::Workplace place;
  const unsigned sample = std::getenv("HONE_CRASH_ALL") ? 0 : 100;
  int tried = 0, survived = 0;
  std::printf("%-40s %12s %12s %12s %12s\n", "command", "operations", "fault points", "disk states", "survived");
  for (const Scenario& s : scenarios()) {
    const Path store = place.path / "place" / "store";
    crash::Subject subject{.name = s.name, .place = store.parent_path()};
    subject.prepare = [&] { return std::ranges::all_of(s.before, [&](const Body& body) { return run_watched(store, s.by_keyring, {}, body).status == 0; }); };
    subject.command = [&](const Watch& watch) { return run_watched(store, s.by_keyring, watch, s.command); };
    if (!s.repeatable) subject.another = [&](const Watch& watch) { return run_watched(store, s.by_keyring, watch, commit); };
    subject.look = [&] { return look(store, s.by_keyring); };
    subject.short_writes = false;
    subject.unwatched = {"store/lock"};
    const crash::Count c = crash::Explorer(subject, sample, 1).run();
    std::printf("%-40s %12d %12d %12zu %12d\n", s.name, c.calls, c.tried, c.states.size(), c.survived);
    for (const std::string& wrong : c.wrong) ADD_FAILURE() << wrong;
    tried += c.tried;
    survived += c.survived;
  }
  std::printf("%d fault points tried, %d survived\n", tried, survived);
  EXPECT_EQ(tried, survived);
}

}  // namespace hone
