// SPDX-License-Identifier: Apache-2.0
// How hot the device is, as Linux tells: the hottest of /sys/class/thermal/thermal_zone*/temp, in thousandths of a degree there.
#pragma once
#include <optional>

#include "lib/base/file.h"

namespace hone {

constexpr const char* thermal_folder = "/sys/class/thermal";
// Degrees Celsius; nothing where there is no sensor that can be read.
std::optional<double> hottest(const Path& folder);

}  // namespace hone
