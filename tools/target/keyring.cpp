// SPDX-License-Identifier: Apache-2.0
// hone-target keyring: whom the store trusts, and the step to the next keyring.
#include "tools/target/device.h"

namespace hone {

static Json tell(Console& console, std::string_view role, const Trust& trust) {
  std::vector<std::string> ids;
  for (const PublicKey& key : trust.keys) ids.push_back(to_text(key.id));
  console.say("{}: {} of {}", role, trust.threshold, fmt::to_string(fmt::join(ids, ", ")));
  return {{"threshold", trust.threshold}, {"keys", ids}};
}

static Result<int> run(const Args& args) {
  if (!args.has("store")) return usage_error("which store? Name it with --store DIR");
  const Path directory = args.text("store");
  Console& console = args.console();
  const bool next = args.has("file");
  bool fresh = false;
  TRY(Store store, Store::open_pinned(directory, next ? Store::Access::change : Store::Access::read));  // which refuses an older keyring that was put in its place
  if (next) {
    const Path path = args.text("file");
    TRY(auto file, read_file(path, 2 * keyring_limit));
    TRY(fresh, store.accept_keyring(path, std::move(file)));
  }
  const Keyring& k = store.keyring();
  if (k.counter == 0) console.say("keys named by hand; no keyring has taken their place");
  else console.say("keyring {} is in force{}", k.counter, fresh ? " now" : "");
  const Json root = tell(console, "root", k.root), release = tell(console, "release", k.release);
  CHECK_OK(console.json({{"schema", "hone/keyring/1"}, {"counter", k.counter}, {"created", k.created}, {"expires", k.expires}, {"root", root}, {"release", release}, {"accepted", fresh}}));
  return 0;
}

static constexpr Option options[] = {{"file", "K.keyring", "the keyring to go on to; without it, the one in force is shown"}, store_option};
extern const Command keyring_command{.name = "keyring",
                                     .usage = "[K.keyring] --store DIR",
                                     .help = "show whom the store trusts, or go on to the next keyring\n"
                                             "It must be signed by the root keys in force and by its own (exit status 4 otherwise, and nothing changes).",
                                     .options = options,
                                     .run = run};

}  // namespace hone
