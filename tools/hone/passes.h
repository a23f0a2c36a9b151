// SPDX-License-Identifier: Apache-2.0
// What `hone optimize` and `hone opt` share: the options that choose and watch passes.
#pragma once
#include "lib/rewrite/pass.h"
#include "tools/cli/command.h"

namespace hone {

// --pass and --pipeline, or `fallback` (a pipeline's name; empty: a usage error).
Result<std::vector<const Pass*>> chosen_passes(const Args&, std::string_view fallback = "");
// --print-before, --print-after, --seed; prints to standard error.
RunOptions run_options(const Args&);
void say_times(Console&, std::span<const PassReport>);

}  // namespace hone
