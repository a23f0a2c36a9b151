// SPDX-License-Identifier: Apache-2.0
// The steps after an install: trial, its verdict, commit, rollback. Each is one state record (docs/store.md, "States").
#include <algorithm>

#include "lib/store/store.h"

namespace hone {

Result<Digest> Store::begin_trial() {
  if (state_.phase == Phase::idle) return Error{Code::no, "nothing is staged; install a release first"};
  if (state_.tries == 0) {
    CHECK_OK(drop_candidate(Reason::tries_exhausted, true));
    return Error{Code::no, "no tries are left: the candidate was rolled back"};
  }
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
  if (state_.phase == Phase::idle) return Error{Code::no, "no trial is under way"};
  return drop_candidate(reason, true);
}

Status Store::drop_candidate(Reason reason, bool block) {
  State next = state_;
  const Digest failed = *state_.candidate();
  next.banks[static_cast<std::size_t>(next.spare())].reset();
  next.phase = Phase::idle;
  next.tries = 0;
  next.passed = false;
  next.reason = reason;
  next.failed = failed;
  if (block) next.block(failed);
  return save(std::move(next));
}

Status Store::commit() {
  if (state_.phase == Phase::idle) return Error{Code::no, "nothing is staged; install a release first"};
  if (state_.phase != Phase::trial || !state_.passed) return Error{Code::no, "the candidate has not passed a trial; run 'hone-target trial' first"};
  TRY(const Release candidate, release(*state_.candidate()));
  State next = state_;
  next.active = next.spare();
  next.phase = Phase::idle;
  next.tries = 0;
  next.passed = false;
  next.reason = Reason::none;
  next.model = candidate.manifest().name;
  next.highest = std::max(next.highest, candidate.manifest().counter);
  next.floor = std::max(next.floor, candidate.manifest().floor);
  return save(std::move(next));
}

Status Store::rollback() {
  if (state_.phase != Phase::idle) return drop_candidate(Reason::requested, state_.phase == Phase::trial);
  if (state_.active == no_bank) return Error{Code::no, "nothing is installed"};
  const auto active = static_cast<std::size_t>(state_.active), other = 1 - active;
  State next = state_;
  const Digest left = *state_.banks[active];
  bool found = false;
  if (state_.banks[other]) {
    const auto before = release(*state_.banks[other]);
    found = before && may_serve(*before);
  }
  if (!found && state_.factory && *state_.factory != left) {
    next.banks[other] = state_.factory;
    found = true;
  }
  if (!found) return Error{Code::no, "there is no release to go back to"};
  next.banks[active].reset();
  next.active = static_cast<int>(other);
  next.reason = Reason::requested;
  next.failed = left;
  next.block(left);
  return save(std::move(next));
}

}  // namespace hone
