// SPDX-License-Identifier: Apache-2.0
// Runs a program and stops it at each system call that changes files, to let it go on, kill it there, or answer in the kernel's place. The program may be
// static: a seccomp filter picks the calls, ptrace stops at them. A call that may change files and is not known here is a failure, not a gap.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/file.h"

namespace hone::crash {

struct Call {
  enum class Kind { create, write, resize, sync, rename, remove, make_directory, metadata };
  Kind kind;
  std::string name;             // of the system call
  Path path, target;            // absolute; target: the new name of a rename
  std::uint64_t offset = 0;     // write: where; resize: the new size
  std::vector<std::byte> bytes; // write
  bool truncates = false;       // create: O_TRUNC
};

struct Order {
  enum class Deed { go, kill_before, kill_after, fail, shorten };  // shorten: only half of a write's bytes
  Deed deed = Deed::go;
  int error = 0;  // fail: the errno
};

struct Outcome {
  int status = -1;              // exit status; -1 when it was killed, -signal when something else killed it
  bool killed = false;          // by us
  std::string out, err, problem;  // problem: what the tracer cannot vouch for
};

struct Watch {
  Path root;                                                // every change must lie under it
  std::function<Order(const Call&)> before = [](const Call&) { return Order{}; };
  std::function<void(const Call&, long result)> after = [](const Call&, long) {};  // result as the kernel gives it: negative errno
};

// Nothing when this machine lets nobody trace.
std::optional<std::string> cannot_trace();
Outcome trace(const std::vector<std::string>& argv, const Watch&);
// The same without looking at it.
Outcome run(const std::vector<std::string>& argv);

}  // namespace hone::crash
