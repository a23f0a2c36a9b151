// SPDX-License-Identifier: Apache-2.0
// A release made ready to run: what hone-target and the C API both do between the store and a session.
#pragma once
#include "lib/exec/session.h"
#include "lib/store/store.h"

namespace hone {

// A plan ready to run, and where its golden vectors are.
struct Loaded {
  Plan plan;
  std::string what;                // "name version", for messages
  std::optional<Release> release;  // none for a plan file
  std::function<Result<SharedBytes>(std::string_view file)> read;
};

// The plan and weights of `loaded.release`; each file is in our own memory and checked there.
Status open_plan(Loaded& loaded);
// Are the plan's inputs and outputs those that its manifest states? Errors: invalid.
Status check_plan(const Loaded& loaded);
Status load_release(Loaded& loaded);  // both
// Its plan not opened yet. The store must outlive `Loaded::read`, not the plan.
Loaded from_store(const Store&, const Release&);
Result<Loaded> load_from_store(const Store&, const Release&);

struct Serving {
  Loaded loaded;
  std::vector<Error> skipped;  // why better releases than this one could not be loaded
};
// The best release that can be loaded.
Result<Serving> load_serving(const Store&);

// What target constraints are held against.
Device this_device();
std::string_view library_version();  // "0.1.0"

}  // namespace hone
