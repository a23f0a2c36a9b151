// SPDX-License-Identifier: Apache-2.0
// Opening a store, what it says of itself, and the steps that need no model.
#include "lib/capi/handles.h"

namespace hone {

Handles<const OpenStore, hone_store>& stores() {
  static auto& all = *new Handles<const OpenStore, hone_store>;  // lives as long as the process: other threads may still close theirs at its end
  return all;
}

Result<Store> OpenStore::open(Store::Access access) const {
  TRY(Store store, trust ? Store::open(directory, Pinned(*trust), access) : Store::open_pinned(directory, access));
  store.unlock(identities);
  return store;
}

static Result<std::optional<Trust>> trust_from(const hone_store_options& options) {
  if (!options.public_keys) {
    if (options.public_key_count > 0) return usage_error("options: public_keys is NULL, its count {}", options.public_key_count);
    return std::optional<Trust>();
  }
  if (options.public_key_count == 0) return usage_error("options: public_key_count is 0, so nobody would be trusted; public_keys NULL means those that the store follows");
  std::vector<std::string> files;
  for (std::size_t i = 0; i < options.public_key_count; ++i) {
    if (!options.public_keys[i]) return usage_error("options: public_keys[{}] is NULL", i);
    files.emplace_back(options.public_keys[i]);
  }
  if (options.threshold > files.size()) return usage_error("options: threshold {} of {} public keys can never be reached", options.threshold, files.size());
  TRY(Trust trust, read_trust(files));
  trust.threshold = std::max(options.threshold, 1U);
  return std::optional(std::move(trust));
}

// Runs `step` on the store with its lock held.
template <class F> static hone_status change(hone_store* handle, F step) {
  return boundary([&]() -> Status {
    TRY(const auto home, stores().find(handle, "store"));
    TRY(Store store, home->open(Store::Access::change));
    return step(store);
  });
}

static_assert(static_cast<int>(Phase::trial) == HONE_TRIAL && static_cast<int>(Phase::rolled_back) == HONE_ROLLED_BACK && phase_count == 5);

}  // namespace hone

using namespace hone;

hone_status hone_open_store(const char* directory, const hone_store_options* given, hone_store** store) {
  return boundary([&]() -> Status {
    if (!directory || !store) return usage_error("{} is NULL", directory ? "store" : "directory");
    TRY(const hone_store_options options, options_from(given));
    if (options.threads < 0) return usage_error("options: {} threads make no sense; 0 means one for each CPU", options.threads);
    TRY(auto trust, trust_from(options));
    std::vector<AgeIdentity> identities;
    if (options.identity) {
      forbid_dumps();
      TRY(identities, read_age_identities(options.identity));
    }
    const auto home = std::make_shared<const OpenStore>(OpenStore{directory, std::move(trust), options.threads, std::move(identities)});
    CHECK_OK(home->open(Store::Access::read));
    *store = stores().add(home);
    return Ok{};
  });
}

void hone_close_store(hone_store* store) { stores().remove(store); }

hone_status hone_get_store_info(hone_store* handle, hone_store_info* info) {
  return boundary([&]() -> Status {
    TRY(const auto home, stores().find(handle, "store"));
    TRY(const State state, read_state(home->directory / "state"));
    hone_store_info made{};
    made.generation = state.generation;
    made.phase = static_cast<hone_phase>(state.phase);
    made.passed = state.passed;
    made.tries_left = state.tries;
    made.reason = static_cast<int>(state.reason);
    name(state.reason).copy(made.reason_text, sizeof made.reason_text - 1);
    return info_to(info, made);
  });
}

hone_status hone_commit(hone_store* store) {
  return change(store, [](Store& s) { return s.commit(); });
}

hone_status hone_rollback(hone_store* store) {
  return change(store, [](Store& s) { return s.rollback(); });
}
