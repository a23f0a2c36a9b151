// SPDX-License-Identifier: Apache-2.0
#include "lib/capi/boundary.h"

#include <atomic>

namespace hone {

static std::string& last_error() {
  static thread_local std::string text;
  return text;
}

hone_status fail(Error error) {
  last_error() = std::move(error.message);
  return static_cast<hone_status>(error.code);
}

std::uintptr_t fresh_handle() {
  static std::atomic<std::uintptr_t> last{0};
  return ++last;
}

}  // namespace hone

const char* hone_last_error(void) { return hone::last_error().c_str(); }
const char* hone_version(void) { return HONE_VERSION; }
int hone_api_version(void) { return HONE_API_VERSION; }
