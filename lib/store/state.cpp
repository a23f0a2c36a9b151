// SPDX-License-Identifier: Apache-2.0
#include "lib/store/state.h"

#include <algorithm>
#include <cassert>

namespace hone {
namespace {

constexpr std::array<char, 8> magic{'H', 'O', 'N', 'E', 'S', 'T', 'A', 1};
constexpr std::size_t small_at = 48, name_at = 56, name_length = 64, digests_at = 120, blocked_at = 248, blocked_length = 40, keyring_at = state_length - 40, checksum_at = state_length - 32;

template <class T> void put(std::span<std::byte> record, std::size_t at, T value) { std::memcpy(record.data() + at, &value, sizeof(T)); }
template <class T> T get(Bytes record, std::size_t at) {
  T value;
  std::memcpy(&value, record.data() + at, sizeof(T));
  return value;
}

Digest checksum(Bytes record) { return sha256(record.first(checksum_at)); }

}  // namespace

std::string_view name(Phase phase) {
  static constexpr std::string_view names[phase_count] = {"idle", "staged", "trial", "committed", "rolled back"};
  return names[static_cast<int>(phase)];
}

std::string_view name(Reason reason) {
  static constexpr std::string_view names[reason_count] = {"none", "requested", "cannot be loaded", "golden vectors differ", "NaN or infinity", "too slow", "too much memory", "no tries left",
                                                            "outputs drifted", "too hot", "other inputs or outputs", "reported by the application", "its keys are no longer trusted"};
  return names[static_cast<int>(reason)];
}

bool State::is_listed(const Digest& d) const { return std::ranges::find(blocked, d, &Blocked::digest) != blocked.end(); }
bool State::is_blocked(const Digest& d, std::uint64_t counter) const { return counter <= failed_highest || is_listed(d); }

void State::block(const Blocked& b) {
  if (is_blocked(b.digest, b.counter)) return;
  blocked.insert(std::ranges::upper_bound(blocked, b.counter, {}, &Blocked::counter), b);
  if (blocked.size() <= blocked_limit) return;
  failed_highest = std::max(failed_highest, blocked.front().counter);
  blocked.erase(blocked.begin());
}

std::array<std::byte, state_length> encode_state(const State& s) {
  assert(s.model.size() <= name_length && s.blocked.size() <= blocked_limit);
  std::array<std::byte, state_length> record{};
  put(record, 0, magic);
  put(record, 8, s.generation);
  const std::uint64_t ratchets[] = {s.highest, s.floor, s.failed_highest, s.time_floor};
  std::memcpy(record.data() + 16, ratchets, sizeof(ratchets));
  const std::optional<Digest>* const digests[] = {&s.banks[0], &s.banks[1], &s.factory, &s.failed};
  int present = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    if (!*digests[i]) continue;
    present |= 1 << i;
    put(record, digests_at + 32 * i, **digests[i]);
  }
  const int small[] = {static_cast<int>(s.phase), s.active, s.tries, s.passed, static_cast<int>(s.reason), present, static_cast<int>(s.blocked.size())};
  for (std::size_t i = 0; i < std::size(small); ++i) record[small_at + i] = static_cast<std::byte>(small[i]);
  std::memcpy(record.data() + name_at, s.model.data(), s.model.size());
  for (std::size_t i = 0; i < s.blocked.size(); ++i) {
    put(record, blocked_at + blocked_length * i, s.blocked[i].digest);
    put(record, blocked_at + blocked_length * i + sizeof(Digest), s.blocked[i].counter);
  }
  put(record, keyring_at, s.keyring);
  put(record, checksum_at, checksum(record));
  return record;
}

std::optional<State> decode_state(Bytes record) {
  if (record.size() != state_length || get<std::array<char, 8>>(record, 0) != magic || get<Digest>(record, checksum_at) != checksum(record)) return std::nullopt;
  const auto number = [&](std::size_t at) { return get<std::uint64_t>(record, at); };
  const auto small = [&](std::size_t i) { return std::to_integer<int>(record[small_at + i]); };
  State s;
  s.generation = number(8), s.highest = number(16), s.floor = number(24), s.failed_highest = number(32), s.time_floor = number(40), s.keyring = number(keyring_at);
  const int present = small(5);
  std::optional<Digest>* const digests[] = {&s.banks[0], &s.banks[1], &s.factory, &s.failed};
  for (std::size_t i = 0; i < 4; ++i)
    if (present >> i & 1) *digests[i] = get<Digest>(record, digests_at + 32 * i);
  if (s.generation == 0 || small(0) >= phase_count || small(4) >= reason_count || small(6) > static_cast<int>(blocked_limit)) return std::nullopt;
  s.phase = static_cast<Phase>(small(0));
  s.active = small(1);
  s.tries = small(2);
  s.passed = small(3) != 0;
  s.reason = static_cast<Reason>(small(4));
  if (s.active != no_bank && (s.active > 1 || !s.banks[static_cast<std::size_t>(s.active)])) return std::nullopt;
  if (s.pending() && !s.candidate()) return std::nullopt;
  const std::string_view text = as_text(record.subspan(name_at, name_length));
  s.model = text.substr(0, text.find('\0'));
  for (int i = 0; i < small(6); ++i) {
    const std::size_t at = blocked_at + blocked_length * static_cast<std::size_t>(i);
    s.blocked.push_back({get<Digest>(record, at), number(at + sizeof(Digest))});
  }
  if (!std::ranges::is_sorted(s.blocked, {}, &Blocked::counter)) return std::nullopt;
  if (encode_state(s) != get<std::array<std::byte, state_length>>(record, 0)) return std::nullopt;  // bytes that mean nothing
  return s;
}

Result<State> read_state(const Path& file) {
  std::error_code failure;
  const auto kind = std::filesystem::symlink_status(file, failure).type();
  if (kind == std::filesystem::file_type::not_found) return State{};
  if (kind == std::filesystem::file_type::none) return io_error("{}: {}", file.string(), failure.message());  // it may well be there
  if (kind != std::filesystem::file_type::regular) return io_error("{}: is no plain file", file.string());
  TRY(const auto bytes, read_file(file, 2 * state_length));
  std::optional<State> best;
  for (std::size_t at = 0; at + state_length <= bytes.size(); at += state_length) {
    auto state = decode_state(Bytes(bytes).subspan(at, state_length));
    if (state && (!best || state->generation > best->generation)) best = std::move(state);
  }
  if (best) return std::move(*best);
  // The first record goes to the second place: while the first place is blank, there has been no state but one that was cut short.
  const auto first = Bytes(bytes).first(std::min(bytes.size(), state_length));
  if (std::ranges::all_of(first, [](std::byte b) { return b == std::byte{0}; })) return State{};
  return untrusted("{}: both state records are damaged, so nothing here can be trusted; put the file back from a backup, or move the store away and provision it anew", file.string());
}

static Status put_record(const FileOps& ops, const Path& file, const State& state) {
  TRY(const auto out, ops.create(file));
  CHECK_OK(out.write(state.generation % 2 * state_length, encode_state(state)));
  return out.sync();
}

Status write_state(const FileOps& ops, const Path& file, State& state) {
  std::error_code ignored;
  const bool fresh = !std::filesystem::exists(file, ignored) || state.generation == 0;
  State next = state;
  ++next.generation;
  CHECK_OK(put_record(ops, file, next));
  if (fresh) {
    const Status synced = ops.sync_directory(file.parent_path());
    if (!synced) (void)ops.remove(file).has_value();  // else the next command would believe in a file that the disk never hears of
    CHECK_OK(synced);
  }
  state = std::move(next);
  return Ok{};
}

Status confirm_state(const FileOps& ops, const Path& file, const State& state) {
  if (state.generation == 0) return Ok{};
  return put_record(ops, file, state);
}

}  // namespace hone
