// SPDX-License-Identifier: Apache-2.0
// hone-target plan: what an install would write and need here, and whether it would be refused. Changes nothing and takes no lock.
#include "tools/target/device.h"

namespace hone {
namespace {

Json to_json(const InstallPlan& plan, std::uint64_t download) {
  Json json{{"schema", "hone/plan/1"}, {"delta", plan.delta}, {"already", plan.already}, {"repair", plan.repair}, {"download_bytes", download}, {"write_bytes", plan.write_bytes},
            {"store_bytes", plan.held_bytes}, {"peak_store_bytes", plan.held_bytes + plan.write_bytes}, {"free_bytes", plan.free_bytes}, {"refused", nullptr}};
  if (plan.release) {
    const Manifest& m = plan.release->manifest();
    json["name"] = m.name, json["version"] = m.version, json["counter"] = m.counter, json["digest"] = to_hex(plan.release->digest());
    json["model_memory_bytes"] = m.memory.total();
  }
  if (plan.records) json["records"] = hone::to_json(*plan.records);
  if (plan.refusal) json["refused"] = {{"status", static_cast<int>(plan.refusal->code)}, {"reason", plan.refusal->message}};
  return json;
}

Result<int> run(const Args& args) {
  TRY(const Store store, open_store(args, Store::Access::read));
  const Path path = args.text("bundle");
  TRY(Input input, open_input(path));
  std::error_code pipe;
  const std::uint64_t size = std::filesystem::file_size(path, pipe), download = pipe ? 0 : size;
  TRY(auto grant, device_grant(args));
  const InstallOptions how{.factory = args.flag("factory"), .new_interface = args.flag("new-interface"), .grant = std::move(grant)};
  TRY(const InstallPlan plan, store.plan(std::move(input), this_device(), how));
  const auto row = [&](std::string_view label, const std::string& value) { args.console().say("{:16} {}", label, value); };
  if (plan.release) {
    const Manifest& m = plan.release->manifest();
    row("release", format("{} {} (counter {}), {}", m.name, m.version, m.counter, plan.delta ? "from a delta" : "from a bundle"));
    if (!pipe) row("to download", human_bytes(download));
    row("to write", plan.already ? "nothing: it is here already" : format("at most {}{}", human_bytes(plan.write_bytes), plan.repair ? ", to repair what is damaged" : ""));
    row("store", format("{} now, at most {} while it is installed; {} free", human_bytes(plan.held_bytes), human_bytes(plan.held_bytes + plan.write_bytes), human_bytes(plan.free_bytes)));
    row("memory to run", human_bytes(m.memory.total()));
    if (plan.records)
      for (const std::string& line : describe(*plan.records)) row("delta", line);
  }
  row("install", plan.refusal ? format("refused: {}", plan.refusal->message) : "nothing known speaks against it");
  CHECK_OK(args.console().json(to_json(plan, download)));
  return plan.refusal ? static_cast<int>(plan.refusal->code) : 0;
}

constexpr Option options[] = {{"bundle", "B.hone", "a bundle, or a delta for a release that is here", "", true},
                              store_option,
                              device_pub_option,
                              device_keyring_option,
                              device_threshold_option,
                              device_identity_option,
                              device_grant_option,
                              {"--factory", "", "as the first release of an empty store"},
                              {"--new-interface", "", "also a release with other inputs or outputs than what serves now"}};

}  // namespace

extern const Command plan_command{
    .name = "plan",
    .usage = "B.hone --store DIR",
    .help = "what an install would write and need here, and whether it would be refused\nEvery rule that needs no payload is tried, in the order of install, and nothing is changed; the exit status is that of the refusal.",
    .options = options,
    .run = run};

}  // namespace hone
