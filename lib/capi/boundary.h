// SPDX-License-Identifier: Apache-2.0
// What every function of include/hone.h passes through: errors become a status and this thread's text, structs of other versions are
// read and written by their size, and handles are looked up before they are used.
#pragma once
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "include/hone.h"
#include "lib/base/result.h"

namespace hone {

hone_status fail(Error);  // keeps the text for hone_last_error

// Runs the body of a function. Nothing below throws; std::bad_alloc ends the process, whatever the library was compiled with.
template <class F> hone_status boundary(F body) noexcept {
  Status status = body();
  return status ? HONE_OK : fail(std::move(status).error());
}

// A caller in C may put any number into an enumeration; C++ may read only those that the enumeration has room for.
template <class Enum> int number_of(const Enum& value) {
  static_assert(sizeof(Enum) == sizeof(int));
  int number = 0;
  std::memcpy(&number, &value, sizeof number);
  return number;
}

std::uintptr_t fresh_handle();  // 1, 2, ... over all kinds

// A handle is a number that is never given twice, so one that was closed is told from all others for ever. Whoever found an object keeps it:
// closing a model while it runs lets the run end.
template <class T, class Handle> class Handles {
 public:
  Handle* add(std::shared_ptr<T> object) {
    const std::uintptr_t number = fresh_handle();
    const std::lock_guard lock(mutex_);
    objects_.emplace(number, std::move(object));
    return reinterpret_cast<Handle*>(number);  // never dereferenced
  }
  // An error unless it is open.
  Result<std::shared_ptr<T>> find(const Handle* handle, std::string_view what) {
    if (!handle) return usage_error("{} is NULL", what);
    const std::lock_guard lock(mutex_);
    const auto it = objects_.find(reinterpret_cast<std::uintptr_t>(handle));
    if (it == objects_.end()) return usage_error("{} is no open handle: it was closed, or is of another kind", what);
    return it->second;
  }
  // Gives the object out, so that its end comes without the lock.
  std::shared_ptr<T> remove(const Handle* handle) {
    const std::lock_guard lock(mutex_);
    const auto node = objects_.extract(reinterpret_cast<std::uintptr_t>(handle));
    return node ? std::move(node.mapped()) : nullptr;
  }

 private:
  std::mutex mutex_;
  std::map<std::uintptr_t, std::shared_ptr<T>> objects_;
};

// The caller's options as this version has them: what an older version lacks is 0; what a newer one has more must be 0.
template <class T> Result<T> options_from(const T* given) {
  T own{};
  if (!given) return own;
  if (given->size < sizeof own.size) return usage_error("options: size must be sizeof their struct, it is {}", given->size);
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  for (std::size_t i = sizeof own; i < given->size; ++i)
    if (bytes[i] != 0) return usage_error("options: they ask for something that this version of the library does not have yet");
  std::memcpy(&own, given, std::min(sizeof own, given->size));
  return own;
}

// What there is of `made` in the caller's version of the struct.
template <class T> Status info_to(T* out, T made) {
  if (!out) return usage_error("info is NULL");
  if (out->size < sizeof made.size) return usage_error("info: size must be sizeof its struct, it is {}", out->size);
  made.size = out->size;
  std::memcpy(out, &made, std::min(sizeof made, out->size));
  return Ok{};
}

}  // namespace hone
