// SPDX-License-Identifier: Apache-2.0
#include "lib/device/loaded.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <ctime>

#include "lib/ir/interface.h"

namespace hone {

Status open_plan(Loaded& loaded) {
  const Manifest& m = loaded.release->manifest();
  loaded.what = format("{} {}", m.name, m.version);
  TRY(const SharedBytes plan, loaded.read("model.plan"));
  SharedBytes weights;
  if (m.file("model.weights")) {
    TRY(weights, loaded.read("model.weights"));
  }
  TRY(loaded.plan, Plan::open(plan, weights).in(loaded.what));
  return Ok{};
}

Status check_plan(const Loaded& loaded) {
  if (interface_of(loaded.plan.graph()) != loaded.release->manifest().interface) return invalid("{}: its plan has other inputs or outputs than its manifest states", loaded.what);
  return Ok{};
}

Status load_release(Loaded& loaded) {
  CHECK_OK(open_plan(loaded));
  return check_plan(loaded);
}

Loaded from_store(const Store& store, const Release& release) {
  Loaded loaded{.plan = {}, .what = {}, .release = release, .read = {}};
  loaded.read = [&store, release](std::string_view file) { return store.read(release, file); };
  return loaded;
}

Result<Loaded> load_from_store(const Store& store, const Release& release) {
  Loaded loaded = from_store(store, release);
  CHECK_OK(load_release(loaded));
  return loaded;
}

Result<Serving> load_serving(const Store& store) {
  std::vector<Error> skipped;
  for (const Release& release : store.serving()) {
    auto loaded = load_from_store(store, release);
    if (loaded) return Serving{std::move(*loaded), std::move(skipped)};
    if (loaded.error().code == Code::usage) return std::move(loaded).error();  // no identity for an encrypted release: not its fault
    skipped.push_back(std::move(loaded).error());
  }
  std::string why;
  for (const Error& e : skipped) why += "; " + e.message;
  return untrusted("{}: holds no release that can be trusted and loaded{}", store.directory().string(), why);
}

Device this_device() {
  struct utsname info {};
  ::uname(&info);
  const std::time_t now = std::time(nullptr);
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  return {info.machine, std::string(library_version()), now > 0 ? static_cast<std::uint64_t>(now) : 0, pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) : 0};
}

std::string_view library_version() { return HONE_VERSION; }

}  // namespace hone
