// SPDX-License-Identifier: Apache-2.0
// What a stranger's file says, made fit for a terminal.
#pragma once
#include <string>
#include <string_view>

namespace hone {

// Control characters become '?', but for tabs and line ends (these too in `one_line`): no terminal shall obey what is only to be shown.
std::string printable(std::string_view text, bool one_line = false);

}  // namespace hone
