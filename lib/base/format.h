// SPDX-License-Identifier: Apache-2.0
// fmt's formatter for every library and tool; compiled once in format.cpp, so the static device binary needs no libfmt.
#pragma once
#include <fmt/format.h>

namespace hone {
using fmt::format;
}
