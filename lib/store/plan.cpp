// SPDX-License-Identifier: Apache-2.0
// An install in advance: the rules that it would meet and what it would cost, from what stands before the payload.
#include "lib/bundle/age_stream.h"
#include "lib/store/folder.h"
#include "lib/store/store.h"

namespace hone {

// The release of the input, and what a delta's records say or that they are damaged, which is a refusal unless there is an earlier one.
Result<Release> Store::open_front(Input input, const Unlock& with, InstallPlan& plan) const {
  if (plan.delta) {
    TRY(const Release base, base_of(input));
    TRY(Delta delta, Delta::open(std::move(input), pinned_.releases(), base));
    if (auto records = delta.plan()) plan.records = std::move(*records);
    else plan.refusal = std::move(records).error();
    return delta.release();
  }
  TRY(const Bundle bundle, Bundle::open(std::move(input), pinned_.releases(), with));
  CHECK_OK(need_identity(bundle.manifest()));
  return bundle.release();
}

Result<InstallPlan> Store::plan(Input file, const Device& device, const InstallOptions& options) const {
  if (state_.exhausted()) {  // an install would roll the candidate back first
    Store settled = *this;
    settled.state_ = without_candidate(Reason::tries_exhausted, true);
    return settled.plan(std::move(file), device, options);
  }
  InstallPlan plan;
  const Unlock with{.identities = unlock_.identities, .grant = options.grant};
  auto input = open_age_or_plain(std::move(file), with);
  if (input) {
    TRY(plan.delta, Delta::recognize(*input));
  }
  for (const char* folder : {"objects", "releases"})
    for (const std::string& name : names_in(directory_ / folder)) {
      std::error_code missing;
      const std::uint64_t bytes = std::filesystem::file_size(directory_ / folder / name, missing);
      if (!missing) plan.held_bytes += bytes;
    }
  plan.free_bytes = free_bytes();
  auto opened = input ? open_front(std::move(*input), with, plan) : std::move(input).error();
  if (!opened) {
    plan.refusal = std::move(opened).error();
    return plan;
  }
  const Release& release = plan.release.emplace(std::move(*opened));
  auto way = admit(release, device, options);
  plan.repair = way && *way == Way::repair;
  plan.already = way && *way == Way::already;
  plan.write_bytes = plan.already ? 0 : bytes_to_write(release);
  if (!way) plan.refusal = std::move(way).error();
  else if (auto room = check_room(release); !room && !plan.already) plan.refusal = std::move(room).error();
  return plan;
}

}  // namespace hone
