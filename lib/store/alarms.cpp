// SPDX-License-Identifier: Apache-2.0
// What a monitor should tell somebody about. Nothing here changes what serves.
#include "lib/base/times.h"
#include "lib/store/store.h"

namespace hone {

std::vector<std::string> Store::alarms(const Device& device) const {
  std::vector<std::string> list;
  const std::uint64_t time = now(device);
  const std::vector<Release> serves = serving();
  const auto active = state_.active_release();
  if (serves.empty()) list.push_back("no release of this store can be trusted: nothing serves");
  else if (active && serves[0].digest() != *active) list.push_back(format("the active release is damaged; {} {} serves in its place", serves[0].manifest().name, serves[0].manifest().version));
  if (!serves.empty()) {
    const Manifest& m = serves[0].manifest();
    if (m.counter < state_.floor) list.push_back(format("{} {} serves, the model of last resort: its counter {} is below the security floor {}", m.name, m.version, m.counter, state_.floor));
    if (m.expires != 0 && m.expires <= time) list.push_back(format("{} {} expired on {}; it serves on, a newer release is due", m.name, m.version, print_time(m.expires)));
  }
  const Keyring& keyring = pinned_.keyring;
  if (keyring.expires != 0 && keyring.expires <= time) list.push_back(format("keyring {} expired on {}: nothing new is installed until the next one is here", keyring.counter, print_time(keyring.expires)));
  if (device.now < state_.time_floor) list.push_back(format("the clock says {}, signed metadata is of {}: set the clock", print_time(device.now), print_time(state_.time_floor)));
  if (state_.exhausted()) list.push_back("the candidate's last try ended without a verdict; the next command that changes the store rolls it back");
  return list;
}

}  // namespace hone
