// SPDX-License-Identifier: Apache-2.0
#include "lib/device/thermal.h"

#include <algorithm>
#include <charconv>

namespace hone {

std::optional<double> hottest(const Path& folder) {
  std::optional<double> most;
  std::error_code failure;
  for (std::filesystem::directory_iterator zone(folder, failure), end; !failure && zone != end; zone.increment(failure)) {
    if (!zone->path().filename().string().starts_with("thermal_zone")) continue;
    const auto bytes = read_file(zone->path() / "temp", 4096);  // sensors that are asleep answer with an error
    if (!bytes) continue;
    const std::string_view text = as_text(*bytes);
    int thousandths = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), thousandths).ec != std::errc()) continue;
    most = std::max(most.value_or(-300), thousandths / 1000.0);
  }
  return most;
}

}  // namespace hone
