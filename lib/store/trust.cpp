// SPDX-License-Identifier: Apache-2.0
// Beginning to trust, going on to the next keyring, and what follows from it. A keyring is one file that is renamed into place; the state
// record follows it, so that an interruption between the two is made good by the next command.
#include "lib/store/trust.h"

#include <algorithm>

#include "lib/store/folder.h"
#include "lib/store/store.h"

namespace hone {

Result<Pinned> Pinned::from_keyring(std::vector<std::byte> file) {
  Pinned pinned;
  TRY(pinned.keyring, open_keyring(file));
  pinned.file = std::move(file);
  return pinned;
}

std::string print_roles(std::span<const Trust> roles) {
  std::string text;
  for (const Trust& role : roles) {
    text += format("{}\n", role.threshold);
    for (const PublicKey& key : role.keys) text += key_line(key) + "\n";
  }
  return text;
}

Result<std::vector<Trust>> parse_roles(std::string_view text) {
  std::vector<Trust> roles;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return untrusted("cut short");
    if (end == 1 && text[0] >= '1' && text[0] <= '8') {
      roles.push_back({.keys = {}, .threshold = static_cast<std::size_t>(text[0] - '0')});
    } else {
      if (roles.empty()) return untrusted("holds no keys");
      TRY(const PublicKey key, parse_public_key(text.substr(0, end)));
      roles.back().keys.push_back(key);
    }
    text.remove_prefix(end + 1);
  }
  if (std::ranges::any_of(roles, [](const Trust& role) { return role.keys.empty(); })) return untrusted("holds no keys");
  return roles;
}

Result<Pinned> Store::pinned(const Path& directory) {
  if (std::error_code missing; !std::filesystem::is_directory(directory, missing)) return io_error("{}: there is no store here", directory.string());
  const Path path = directory / "trusted";
  auto bytes = read_own(path, 2 * keyring_limit);
  if (!bytes) return untrusted("no key to trust: {}; a first install names one with --pub or --keyring", bytes.error().message);
  const auto read = [&]() -> Result<Pinned> {
    if (as_text(*bytes).starts_with(keyring_name)) return Pinned::from_keyring(std::move(*bytes));
    TRY(const auto roles, parse_roles(as_text(*bytes)));
    if (roles.size() != 1) return untrusted("holds no keys");
    return Pinned(roles[0]);
  };
  TRY(Pinned pinned, read().in(path.string()));
  // Damaged or gone: releases that need it are not served, which is the safe side.
  if (const auto text = read_own(directory / "retired", 2 * keyring_limit))
    if (auto roles = parse_roles(as_text(*text))) pinned.retired = std::move(*roles);
  return pinned;
}

// Whatever `given` accepts, `pinned` does.
static bool no_wider(const Trust& given, const Trust& pinned) {
  return given.threshold >= pinned.threshold && std::ranges::all_of(given.keys, [&](const PublicKey& key) { return std::ranges::find(pinned.keys, key) != pinned.keys.end(); });
}

// The keys given have signed something that is installed here.
bool Store::vouches() const {
  const std::optional<Digest> known[] = {state_.banks[0], state_.banks[1], state_.factory};
  return std::ranges::any_of(known, [&](const auto& digest) { return digest && release_by(*digest, pinned_.releases()); });
}

// What a command was told to trust must agree with what this store follows since its first install.
Status Store::check_given() {
  if (state_.blank()) return Ok{};
  const auto here = pinned(directory_);
  const bool by_hand = pinned_.file.empty();
  if (by_hand && (state_.keyring > 0 || (here && here->keyring.counter > 0)))
    return untrusted("{}: follows keyring {} since its keys were replaced; leave out --pub", directory_.string(), here ? here->keyring.counter : state_.keyring);
  if (by_hand && here && !no_wider(pinned_.releases(), here->releases()))
    return untrusted("{}: has trusted other keys, or demanded more signatures, since its first install; leave out --pub", directory_.string());
  if (by_hand && !here && !vouches())
    return untrusted("{}: {}; and no release here is signed by the keys given", directory_.string(), here.error().message);
  if (!by_hand && (!here || here->file != pinned_.file))
    return untrusted("{}: follows another keyring; 'hone-target keyring' takes it on to the next", directory_.string());
  if (pinned_.keyring.counter < state_.keyring)
    return untrusted("{}: keyring {} was put in the place of keyring {}, which this device has accepted", directory_.string(), pinned_.keyring.counter, state_.keyring);
  if (here) pinned_.retired = here->retired;
  return Ok{};
}

// What stolen keys brought here serves until another release is committed; then it is nothing to go back to, though no floor can be above its counter.
void Store::block_beyond(std::uint64_t most, State& next) const {
  for (const auto& digest : state_.banks) {
    if (!digest || (state_.pending() && digest == state_.candidate()) || release_by(*digest, pinned_.releases())) continue;
    if (const auto found = release(*digest); found && found->manifest().counter > most) next.block({*digest, found->manifest().counter});
  }
}

// Once for each keyring, after a restart too: its file is made safe, a candidate that the new keys do not vouch for is given up, and the state says so.
Status Store::follow_keyring(Access access) {
  const Keyring& keyring = pinned_.keyring;
  if (state_.blank() || keyring.counter <= state_.keyring) return Ok{};
  State next = state_;
  next.keyring = keyring.counter;
  next.time_floor = std::max(next.time_floor, keyring.created);
  if (keyring.restart && keyring.restart->keyring > state_.keyring) {
    const std::uint64_t most = keyring.restart->counter;
    for (std::uint64_t* counter : {&next.highest, &next.floor, &next.failed_highest}) *counter = std::min(*counter, most);
    std::erase_if(next.blocked, [&](const Blocked& b) { return b.counter > most; });
    block_beyond(most, next);
    next.time_floor = keyring.created;  // stolen keys may have run up the time as well
  }
  if (state_.pending() && !release_by(*state_.candidate(), pinned_.releases())) {
    next.failed = state_.candidate();
    next.banks[static_cast<std::size_t>(next.spare())].reset();
    next.phase = Phase::rolled_back;
    next.tries = 0;
    next.passed = false;
    next.reason = Reason::untrusted;
  }
  if (access == Access::read) {
    state_ = std::move(next);
    return Ok{};
  }
  CHECK_OK(replace_file("retired", as_bytes(print_roles(pinned_.retired))));  // first: keys too many for a moment, never too few
  CHECK_OK(replace_file("trusted", pinned_.file));
  return save(std::move(next));
}

Status Store::replace_file(const char* name, Bytes bytes) const {
  const Path from = directory_ / "staging" / name;
  {
    TRY(const FileOps::File file, ops_.create_new(from));
    CHECK_OK(file.write(0, bytes));
    CHECK_OK(file.sync());
  }
  CHECK_OK(ops_.rename(from, directory_ / name));
  return ops_.sync_directory(directory_);
}

// With the first release that is accepted.
Status Store::pin_trust() const {
  if (!pinned_.file.empty()) return replace_file("trusted", pinned_.file);
  return replace_file("trusted", as_bytes(print_roles(std::span(&pinned_.keyring.release, 1))));
}

// Of the release roles so far, those without which an installed release would lose its signers.
std::vector<Trust> Store::roles_needed_beside(const Trust& next) const {
  std::vector<Trust> needed;
  std::vector<Trust> known{pinned_.releases()};
  known.insert(known.end(), pinned_.retired.begin(), pinned_.retired.end());
  for (const auto& digest : {state_.banks[0], state_.banks[1], state_.factory}) {
    if (!digest || (state_.pending() && digest == state_.candidate()) || release_by(*digest, next)) continue;
    const auto role = std::ranges::find_if(known, [&](const Trust& t) { return release_by(*digest, t).has_value(); });
    if (role != known.end() && std::ranges::find(needed, *role) == needed.end()) needed.push_back(*role);
  }
  return needed;
}

Result<bool> Store::accept_keyring(const Path& name, std::vector<std::byte> file) {
  if (state_.blank()) return Error{Code::no, "nothing is installed here; give the keyring to the first install with --keyring"};
  if (file == pinned_.file) return false;
  TRY(const Keyring next, next_keyring(pinned_.keyring, file).in(name.string()));
  CHECK_OK(check_keyring_name(name, next));
  pinned_.retired = roles_needed_beside(next.release);
  pinned_.keyring = next;
  pinned_.file = std::move(file);
  CHECK_OK(follow_keyring(Access::change));
  return true;
}

}  // namespace hone
