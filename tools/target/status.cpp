// SPDX-License-Identifier: Apache-2.0
// hone-target status: what is installed, what serves, what happened last, and what somebody should look at. Changes nothing and takes no lock.
#include "lib/base/times.h"
#include "tools/target/device.h"

namespace hone {
namespace {

// The store as it is named by its state, and, when asked for, as its bytes are.
class Survey {
 public:
  Survey(const Store& store, bool hash) : store_(store), hash_(hash), alarms_(store.alarms(this_device())) {}

  Json describe(const std::optional<Digest>& digest) {
    if (!digest) return nullptr;
    const auto release = store_.release(*digest);
    if (!release) {
      alarm(release.error().message);
      return {{"digest", to_hex(*digest)}, {"problem", release.error().message}};
    }
    const Manifest& m = release->manifest();
    Json json{{"digest", to_hex(*digest)}, {"name", m.name}, {"version", m.version}, {"counter", m.counter}, {"verified", nullptr}};
    if (m.expires != 0) json["expires"] = print_time(m.expires);
    if (!hash_) return json;
    const std::string& problem = problem_of(*release);
    json["verified"] = problem.empty();
    if (!problem.empty()) {
      alarm(problem);
      json["problem"] = problem;
    }
    return json;
  }
  // The best release that may serve and, when they were hashed, whose files are whole.
  Json serves() {
    for (const Release& release : store_.serving())
      if (!hash_ || problem_of(release).empty()) return describe(release.digest());
    if (hash_) alarm("no release that may serve has all of its files: nothing serves");
    return nullptr;
  }
  void alarm(const std::string& text) {
    if (std::ranges::find(alarms_, text) == alarms_.end()) alarms_.push_back(text);
  }
  const std::vector<std::string>& alarms() const { return alarms_; }

 private:
  // Empty when all files are whole. Each release is hashed once.
  const std::string& problem_of(const Release& release) {
    const auto [it, fresh] = problems_.try_emplace(release.digest());
    if (!fresh) return it->second;
    if (const Status whole = store_.verify(release); !whole) it->second = whole.error().message;
    return it->second;
  }

  const Store& store_;
  bool hash_;
  std::vector<std::string> alarms_;
  std::map<Digest, std::string> problems_;
};

std::string text(const Json& j) {
  if (j.is_null()) return "none";
  if (j.contains("problem")) return "damaged: " + j["problem"].get<std::string>();
  return format("{} {} (counter {}){}", j["name"].get<std::string>(), j["version"].get<std::string>(), j["counter"].get<std::uint64_t>(), j["verified"].is_null() ? "" : ", verified");
}

Json report_on(const Store& store, bool hash) {
  const State& s = store.state();
  Survey survey(store, hash);
  Json json{{"schema", "hone/status/1"},
            {"phase", name(s.phase)},
            {"serves", survey.serves()},
            {"active", survey.describe(s.active_release())},
            {s.pending() ? "candidate" : "fallback", survey.describe(s.banks[static_cast<std::size_t>(s.spare())])},
            {"factory", survey.describe(s.factory)},
            {"tries_left", s.tries},
            {"passed", s.passed},
            {"highest_counter", s.highest},
            {"floor", s.floor},
            {"time_floor", s.time_floor},
            {"keyring", store.keyring().counter},
            {"last_rollback", name(s.reason)},
            {"last_rollback_code", static_cast<int>(s.reason)},
            {"blocked", s.blocked.size()},
            {"generation", s.generation}};
  json["alarms"] = survey.alarms();
  return json;
}

// Without a lock: a command that changes the store meanwhile takes files away, which is no reason for an alarm. Then the state is another one, and read again.
Result<int> run(const Args& args) {
  TRY(Store store, open_store(args, Store::Access::read));
  Json json = report_on(store, args.flag("verify"));
  for (int again = 0; again < 5; ++again) {
    const auto now = read_state(store.directory() / "state");
    if (json["alarms"].empty() || !now || now->generation == store.state().generation) break;
    TRY(store, open_store(args, Store::Access::read));
    json = report_on(store, args.flag("verify"));
  }
  const State& s = store.state();
  const bool idle = !s.pending();
  const char* const spare = idle ? "fallback" : "candidate";
  const std::pair<std::string_view, std::string> rows[] = {
      {"phase", idle ? std::string(name(s.phase)) : format("{}, {} tries left{}", name(s.phase), s.tries, s.passed ? ", passed" : "")},
      {"serves", text(json["serves"])},
      {"active", text(json["active"])},
      {spare, text(json[spare])},
      {"factory", text(json["factory"])},
      {"highest counter", fmt::to_string(s.highest)},
      {"floor", fmt::to_string(s.floor)},
      {"last rollback", std::string(name(s.reason))}};
  for (const auto& [label, value] : rows) args.console().say("{:16} {}", label, value);
  for (const Json& alarm : json["alarms"]) args.console().say("{:16} {}", "ALARM", alarm.get<std::string>());
  CHECK_OK(args.console().json(json));
  if (!args.flag("verify")) return 0;
  if (json["serves"].is_null()) return static_cast<int>(Code::untrusted);
  return json["alarms"].empty() ? 0 : 1;
}

constexpr Option options[] = {store_option,
                              device_pub_option,
                              device_keyring_option,
                              device_threshold_option,
                              device_identity_option,
                              {"--verify", "", "hash every file of every release that is here; the exit status then tells: 0 all is well, 1 there are alarms, 4 nothing serves"}};

}  // namespace

extern const Command status_command{.name = "status",
                                    .usage = "--store DIR",
                                    .help = "what is installed, what serves, what happened last, and what somebody should look at (ALARM)\nWithout --verify the store is taken by its word: signatures are checked, files are not hashed.",
                                    .options = options,
                                    .run = run};

}  // namespace hone
