// SPDX-License-Identifier: Apache-2.0
// The steps after an install: trial, its verdict, commit, rollback. Each is one state record (docs/store.md, "States").
#include <algorithm>

#include "lib/store/store.h"

namespace hone {
namespace {

// As after a rollback from `left`, whose counter is not known when its manifest is damaged.
void leave(State& state, const Digest& left, Reason reason) {
  state.phase = Phase::rolled_back;
  state.tries = 0;
  state.passed = false;
  state.reason = reason;
  state.failed = left;
}

}  // namespace

Result<Digest> Store::begin_trial() {
  if (!state_.pending()) return Error{Code::no, "nothing is staged; install a release first"};
  if (state_.exhausted()) {
    CHECK_OK(settle());
    return Error{Code::no, "no tries are left: the candidate was rolled back"};
  }
  if (state_.tries == 0) return Error{Code::no, "no tries are left, and the candidate has passed: commit it or roll it back"};
  if (const auto candidate = release(*state_.candidate())) CHECK_OK(may_load(*candidate));
  State next = state_;
  --next.tries;
  next.phase = Phase::trial;
  next.passed = false;
  CHECK_OK(save(std::move(next)));
  return *state_.candidate();
}

Status Store::pass_trial() {
  if (state_.phase != Phase::trial) return Error{Code::no, "no trial is under way"};
  State next = state_;
  next.passed = true;
  return save(std::move(next));
}

Status Store::fail_trial(Reason reason) {
  if (!state_.pending()) return Error{Code::no, "no trial is under way"};
  const auto candidate = release(*state_.candidate());
  const bool damaged_here = reason == Reason::load_failed && !(candidate && verify(*candidate));
  return drop_candidate(reason, !damaged_here);
}

Status Store::settle() {
  if (!state_.exhausted()) return Ok{};
  return drop_candidate(Reason::tries_exhausted, true);
}

Status Store::drop_candidate(Reason reason, bool block) { return save(without_candidate(reason, block)); }

State Store::without_candidate(Reason reason, bool block) const {
  State next = state_;
  const Digest failed = *state_.candidate();
  if (block) next.block({failed, counter_of(failed)});
  next.banks[static_cast<std::size_t>(next.spare())].reset();
  leave(next, failed, reason);
  return next;
}

Status Store::commit() {
  if (state_.phase == Phase::committed) return Ok{};
  if (!state_.pending()) return Error{Code::no, "nothing is staged; install a release first"};
  if (state_.phase != Phase::trial || !state_.passed) return Error{Code::no, "the candidate has not passed a trial; run 'hone-target trial' first"};
  TRY(const Release candidate, release(*state_.candidate()));
  CHECK_OK(verify(candidate));
  const Manifest& m = candidate.manifest();
  State next = state_;
  next.active = next.spare();
  next.phase = Phase::committed;
  next.tries = 0;
  next.passed = false;
  next.reason = Reason::none;
  next.model = m.name;
  next.highest = std::max(next.highest, m.counter);
  next.floor = std::max(next.floor, m.floor);
  next.time_floor = std::max(next.time_floor, m.created);
  return save(std::move(next));
}

Status Store::rollback(bool further) {
  if (state_.pending()) return drop_candidate(Reason::requested, state_.phase == Phase::trial);
  const bool done = state_.phase == Phase::rolled_back && (state_.reason == Reason::requested || state_.reason == Reason::tries_exhausted);
  if (done && !further) return Ok{};
  return leave_active(Reason::requested);
}

Status Store::leave_active(Reason reason) {
  if (state_.pending()) return Error{Code::no, "a candidate waits, which may be what mends the active release: try it, or drop it by a rollback first"};
  if (state_.active == no_bank) return Error{Code::no, "nothing is installed"};
  const auto active = static_cast<std::size_t>(state_.active), other = 1 - active;
  State next = state_;
  const Digest left = *state_.banks[active];
  const auto whole = [&](const Digest& digest, bool always) {
    const auto found = release(digest);
    return found && (always || may_serve(*found)) && verify(*found);
  };
  const bool before = state_.banks[other] && whole(*state_.banks[other], false);
  if (!before && state_.factory && *state_.factory != left && whole(*state_.factory, true)) next.banks[other] = state_.factory;
  else if (!before) return Error{Code::no, "there is no release to go back to; install a newer one"};
  next.block({left, counter_of(left)});
  next.banks[active].reset();
  next.active = static_cast<int>(other);
  leave(next, left, reason);
  return save(std::move(next));
}

// Of a release that is here; the highest committed one serves as well when its manifest is damaged, for nothing up to that is installed anyway.
std::uint64_t Store::counter_of(const Digest& digest) const {
  const auto found = release(digest);
  return found ? found->manifest().counter : state_.highest;
}

}  // namespace hone
