// SPDX-License-Identifier: Apache-2.0
// What the device commands share: the store and the keys it trusts, and a model to run, from it or from a file.
#pragma once
#include "lib/device/golden.h"
#include "tools/cli/tensors.h"

namespace hone {

constexpr Option store_option{"--store", "DIR", "the device's store"};
constexpr Option device_pub_option{"--pub", "K.pub...", "a public key to trust, repeat for several; else those of the store's first install"};
constexpr Option device_keyring_option{"--keyring", "K.keyring", "the keyring to begin with, instead of --pub"};
constexpr Option device_threshold_option{"--threshold", "K", "how many different trusted keys must have signed", "1"};

constexpr Option device_identity_option{"--identity", "FILE", "this device's age identity, for encrypted releases; nobody else may read the file"};
constexpr Option device_grant_option{"--grant", "FILE", "a grant for that identity, as 'hone grant' makes it"};

// With an identity in use this process leaves no core dump, and no page of it goes to swap if its limits let it ask for that.
inline Result<std::vector<AgeIdentity>> device_identities(const Args& args) {
  if (!args.has("identity")) return std::vector<AgeIdentity>();
  if (!protect_process() && has_swap())
    args.console().warn("decrypted files are kept out of swap, working memory is not: let this process lock memory without limit (ulimit -l, LimitMEMLOCK=infinity)");
  return read_age_identities(args.text("identity"));
}

inline Result<std::optional<AgeHeader>> device_grant(const Args& args) {
  if (!args.has("grant")) return std::optional<AgeHeader>();
  TRY(AgeHeader grant, read_grant(args.text("grant")));
  return std::optional<AgeHeader>(std::move(grant));
}

// The keys of --keyring or --pub.
inline Result<std::optional<Pinned>> given_trust(const Args& args) {
  if (args.has("keyring") && args.has("pub")) return usage_error("--keyring and --pub both say whom to trust; use one of them");
  if (args.has("threshold") && !args.has("pub")) return usage_error("--threshold says how many keys of --pub must have signed; name them, or leave it to what the store follows");
  if (args.has("keyring")) {
    const Path path = args.text("keyring");
    TRY(auto file, read_file(path, 2 * keyring_limit));
    TRY(Pinned pinned, Pinned::from_keyring(std::move(file)).in(path.string()));
    CHECK_OK(check_keyring_name(path, pinned.keyring));
    return std::optional(std::move(pinned));
  }
  if (!args.has("pub")) return std::optional<Pinned>();
  const std::vector<std::string> files = args.list("pub");
  TRY(Trust trust, read_trust(files));
  TRY(const std::int64_t threshold, args.integer("threshold", 1, 8));
  trust.threshold = static_cast<std::size_t>(threshold);
  if (trust.threshold > files.size()) return usage_error("--threshold {} can never be met: --pub names {}", threshold, files.size());
  return std::optional(Pinned(std::move(trust)));
}

// Those, else the keys pinned by the store's first install. A device trusts nothing else: without a readable key, everything is refused.
inline Result<Pinned> device_trust(const Args& args) {
  TRY(auto given, given_trust(args));
  if (given) return std::move(*given);
  if (!args.has("store")) return usage_error("whom does this device trust? Name a public key with --pub K.pub");
  return Store::pinned(args.text("store"));
}

inline Result<Store> open_store(const Args& args, Store::Access access) {
  if (!args.has("store")) return usage_error("which store? Name it with --store DIR");
  TRY(const auto given, given_trust(args));
  TRY(auto identities, device_identities(args));
  TRY(Store store, given ? Store::open(args.text("store"), *given, access) : Store::open_pinned(args.text("store"), access));
  store.unlock(std::move(identities));
  return store;
}

// The best release that can be loaded; says when that is not the active one. The store must outlive it.
inline Result<Loaded> load_serving(const Args& args, const Store& store) {
  TRY(Serving serving, load_serving(store));
  for (const Error& e : serving.skipped) args.console().warn("{}; trying the next release", e.message);
  return std::move(serving.loaded);
}

constexpr Option model_option{"model", "MODEL", "a plan, or a bundle (with --pub); without it, what the store serves"};

// `store` keeps the store open while the model is in use.
inline Result<Loaded> open_model(const Args& args, std::optional<Store>& store) {
  if (!args.has("model")) {
    TRY(store, open_store(args, Store::Access::read));
    return load_serving(args, *store);
  }
  const Path path = args.text("model");
  TRY(const Input input, open_input(path));
  std::array<char, 14> head{};
  TRY(const std::size_t n, input.read(0, std::as_writable_bytes(std::span(head))));
  if (std::string_view(head.data(), n) != std::string_view("manifest.json\0", 14)) {
    TRY(const SharedBytes bytes, map_file(path));
    Loaded loaded{.plan = {}, .what = path.string(), .release = {}, .read = {}};
    TRY(loaded.plan, Plan::open(bytes).in(path.string()));
    return loaded;
  }
  TRY(const Pinned pinned, device_trust(args));
  TRY(auto identities, device_identities(args));
  TRY(auto grant, device_grant(args));
  TRY(const Bundle bundle, Bundle::open(input, pinned.releases(), {.identities = std::move(identities), .grant = std::move(grant)}));
  Loaded loaded{.plan = {}, .what = {}, .release = bundle.release(), .read = {}};
  loaded.read = [bundle](std::string_view file) { return bundle.load(file); };
  CHECK_OK(load_release(loaded));
  return loaded;
}

}  // namespace hone
