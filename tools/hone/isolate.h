// SPDX-License-Identifier: Apache-2.0
// Jobs in processes of their own, so that one that crashes, hangs or eats all memory costs no other its result.
#pragma once
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "lib/base/format.h"

namespace hone {

struct Outcome {
  std::string said;  // what the job returned
  std::string died;  // how it ended without returning; else empty
};

namespace isolate {

using Clock = std::chrono::steady_clock;
struct Child {
  pid_t pid;
  int pipe;
  std::size_t job;
  Clock::time_point until;
  std::string said;
  bool late = false;
};

inline Child start(std::size_t job, double seconds, const std::function<std::string(std::size_t)>& run) {
  int ends[2];
  if (::pipe(ends) != 0) return {-1, -1, job, {}, {}};
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(ends[0]);
    const std::string said = run(job);
    for (std::size_t at = 0; at < said.size();) {
      const ssize_t n = ::write(ends[1], said.data() + at, said.size() - at);
      if (n <= 0) break;
      at += static_cast<std::size_t>(n);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  if (pid < 0) ::close(ends[0]);
  const auto limit = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  return {pid, pid < 0 ? -1 : ends[0], job, Clock::now() + limit, {}};
}

// Reads what is there; false at the end.
inline bool read_some(Child& child) {
  char buffer[4096];
  const ssize_t n = ::read(child.pipe, buffer, sizeof buffer);
  if (n > 0) child.said.append(buffer, static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && errno == EINTR);
}

inline Outcome finish(Child& child, double seconds) {
  int status = 0;
  ::close(child.pipe);
  while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {}
  if (child.late) return {{}, format("took longer than {} s", seconds)};
  if (WIFSIGNALED(status)) return {{}, format("crashed: {}", ::strsignal(WTERMSIG(status)))};
  if (WEXITSTATUS(status) != 0) return {{}, format("ended with status {}", WEXITSTATUS(status))};
  return {std::move(child.said), {}};
}

}  // namespace isolate

// Calls done(job, outcome) in this process for every job in [0, count), as each ends; `parallel` run at a time, each for `seconds` at most.
// REQUIRES: no other thread runs.
inline void run_isolated(std::size_t count, std::size_t parallel, double seconds, const std::function<std::string(std::size_t)>& run,
                         const std::function<void(std::size_t, Outcome)>& done) {
  std::vector<isolate::Child> children;
  for (std::size_t next = 0; next < count || !children.empty();) {
    while (next < count && children.size() < parallel) {
      isolate::Child child = isolate::start(next, seconds, run);
      if (child.pid < 0 && !children.empty()) break;  // no more processes now: wait for one to end
      if (child.pid < 0)
        done(next, {{}, "no process could be started for it"});
      else
        children.push_back(std::move(child));
      ++next;
    }
    std::vector<pollfd> polls;
    for (const isolate::Child& c : children) polls.push_back({c.pipe, POLLIN, 0});
    ::poll(polls.data(), polls.size(), 100);
    for (std::size_t i = children.size(); i-- > 0;) {
      isolate::Child& child = children[i];
      if (isolate::Clock::now() > child.until && !child.late) {
        child.late = true;
        ::kill(child.pid, SIGKILL);
      }
      if (polls[i].revents == 0 || isolate::read_some(child)) continue;
      const std::size_t job = child.job;
      Outcome outcome = isolate::finish(child, seconds);
      children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
      done(job, std::move(outcome));
    }
  }
}

}  // namespace hone
