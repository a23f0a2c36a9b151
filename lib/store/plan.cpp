// SPDX-License-Identifier: Apache-2.0
// An install in advance: the rules that it would meet and what it would cost, from what stands before the payload.
#include "lib/bundle/age_stream.h"
#include "lib/store/folder.h"
#include "lib/store/store.h"

namespace hone {

Result<Release> Store::open_front(Input input, bool delta, const Unlock& with) const {
  if (delta) {
    TRY(const Release base, base_of(input));
    TRY(const Delta opened, Delta::open(std::move(input), pinned_.releases(), base));
    return opened.release();
  }
  TRY(const Bundle bundle, Bundle::open(std::move(input), pinned_.releases(), with));
  CHECK_OK(need_identity(bundle.manifest()));
  return bundle.release();
}

Result<InstallPlan> Store::plan(Input file, const Device& device, const InstallOptions& options) const {
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
  auto release = input ? open_front(std::move(*input), plan.delta, with) : std::move(input).error();
  if (!release) {
    plan.refusal = std::move(release).error();
    return plan;
  }
  plan.repair = needs_repair(*release);
  plan.already = is_here(*release) && !plan.repair;
  plan.write_bytes = plan.already ? 0 : bytes_to_write(*release);
  if (auto admitted = admit(*release, device, options); !admitted) plan.refusal = std::move(admitted).error();
  else if (auto room = check_room(*release); !room && !plan.already) plan.refusal = std::move(room).error();
  plan.release = std::move(*release);
  return plan;
}

}  // namespace hone
