// SPDX-License-Identifier: Apache-2.0
// hone-target status: what is installed, what serves, and what happened last. Changes nothing and takes no lock.
#include "tools/target/device.h"

namespace hone {
namespace {

Json describe(const Store& store, const std::optional<Digest>& digest) {
  if (!digest) return nullptr;
  const auto release = store.release(*digest);
  if (!release) return {{"digest", to_hex(*digest)}, {"problem", release.error().message}};
  const Manifest& m = release->manifest();
  return {{"digest", to_hex(*digest)}, {"name", m.name}, {"version", m.version}, {"counter", m.counter}};
}

std::string text(const Json& j) {
  if (j.is_null()) return "none";
  if (j.contains("problem")) return "damaged: " + j["problem"].get<std::string>();
  return format("{} {} (counter {})", j["name"].get<std::string>(), j["version"].get<std::string>(), j["counter"].get<std::uint64_t>());
}

Result<int> run(const Args& args) {
  TRY(const Store store, open_store(args, Store::Access::read));
  const State& s = store.state();
  const auto bank = [&](int i) { return i == no_bank ? std::optional<Digest>() : s.banks[static_cast<std::size_t>(i)]; };
  const bool idle = !s.pending();
  const std::vector<Release> list = store.serving();
  Json json{{"schema", "hone/status/1"},
            {"phase", name(s.phase)},
            {"serves", list.empty() ? Json(nullptr) : describe(store, list[0].digest())},
            {"active", describe(store, bank(s.active))},
            {idle ? "fallback" : "candidate", describe(store, bank(s.spare()))},
            {"factory", describe(store, s.factory)},
            {"tries_left", s.tries},
            {"passed", s.passed},
            {"highest_counter", s.highest},
            {"floor", s.floor},
            {"last_rollback", name(s.reason)},
            {"blocked", s.blocked.size()},
            {"generation", s.generation}};
  const std::pair<std::string_view, std::string> rows[] = {
      {"phase", idle ? std::string(name(s.phase)) : format("{}, {} tries left{}", name(s.phase), s.tries, s.passed ? ", passed" : "")},
      {"serves", text(json["serves"])},
      {"active", text(json["active"])},
      {idle ? "fallback" : "candidate", text(json[idle ? "fallback" : "candidate"])},
      {"factory", text(json["factory"])},
      {"highest counter", fmt::to_string(s.highest)},
      {"floor", fmt::to_string(s.floor)},
      {"last rollback", std::string(name(s.reason))}};
  for (const auto& [label, value] : rows) args.console().say("{:16} {}", label, value);
  CHECK_OK(args.console().json(json));
  return 0;
}

constexpr Option options[] = {store_option, device_pub_option, device_keyring_option, device_threshold_option};

}  // namespace

extern const Command status_command{.name = "status", .usage = "--store DIR", .help = "what is installed, what serves, and what happened last", .options = options, .run = run};

}  // namespace hone
