// SPDX-License-Identifier: Apache-2.0
// What the handles of include/hone.h stand for.
#pragma once
#include <cfenv>

#include "lib/capi/boundary.h"
#include "lib/device/loaded.h"

namespace hone {

// A store's place and whom it trusts. The state is read anew for each call, since other processes change it.
struct OpenStore {
  Path directory;
  std::optional<Trust> trust;  // none: what the store's first install pinned
  int threads = 0;
  std::vector<AgeIdentity> identities{};

  Result<Store> open(Store::Access) const;
};

// A trial that this process has begun: it holds the store's lock until the application has judged.
struct Trial {
  std::mutex mutex;
  std::optional<Store> store;
};

// What a model and its clones share.
struct LoadedModel {
  std::shared_ptr<const OpenStore> home;
  Plan plan;
  std::vector<const Value*> inputs;  // those that must be fed, in order
  Digest digest{};
  std::string name, version, digest_text, note;
  std::uint64_t counter = 0, generation = 0;  // of the release; of the store's state when it was loaded
  hone_role role = HONE_ROLE_ACTIVE;
  std::shared_ptr<Trial> trial;  // of a model on trial
};

struct OpenModel {
  std::shared_ptr<const LoadedModel> loaded;
  Session session;
  std::mutex running;           // one run at a time
  std::vector<Tensor> outputs;  // of the latest run, where the caller gave no buffer

  // Starts the session's threads, which take no signals of the application's.
  static Result<std::shared_ptr<OpenModel>> start(std::shared_ptr<const LoadedModel>);
};

Handles<const OpenStore, hone_store>& stores();
Handles<OpenModel, hone_model>& models();

// The default floating-point modes while it lives: rounding and flushing that the application has set would change results.
class FloatModes {
 public:
  FloatModes();
  ~FloatModes();
  FloatModes(const FloatModes&) = delete;
  FloatModes& operator=(const FloatModes&) = delete;

 private:
  std::fenv_t before_;
};

}  // namespace hone
