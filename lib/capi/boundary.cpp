// SPDX-License-Identifier: Apache-2.0
#include "lib/capi/boundary.h"

#include <atomic>

namespace hone {

static std::string& last_error() {
  static thread_local std::string text;
  return text;
}

// What the libraries call by an option of hone-target is something of hone.h here. The test of the API refuses texts that still name an option.
struct Wording {
  std::string_view option, here;
};
constexpr Wording wordings[] = {
    {" with --identity FILE (and --grant FILE, if you were given one)", " in hone_store_options.identity"},
    {" with --identity FILE", " in hone_store_options.identity"},
    {"leave out --pub", "leave hone_store_options.public_keys NULL"},
    {"a first install names one with --pub or --keyring", "hone-target's first install pins one, or hone_store_options.public_keys names some"},
    {"run 'hone-target trial' first", "hone_begin_trial and a healthy hone_report_health come first"},
};

static std::string in_our_words(std::string text) {
  for (const Wording& w : wordings)
    if (const std::size_t at = text.find(w.option); at != text.npos) text.replace(at, w.option.size(), w.here);
  return text;
}

hone_status fail(Error error) {
  last_error() = in_our_words(std::move(error.message));
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
