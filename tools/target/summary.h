// SPDX-License-Identifier: Apache-2.0
// What `hone-target --help` and its man page say first.
#pragma once
#include <string_view>

namespace hone {
inline constexpr std::string_view target_summary =
    "hone-target: install, try, prove and run Hone bundles on a device\n\n"
    "A device begins with 'install B.hone --store DIR --pub K.pub --factory'. Each release after that is a bundle or a delta:\n"
    "'install', 'trial', 'commit', each with --store DIR; what fails is rolled back, and what served goes on serving.\n"
    "An application runs what the store serves, and judges it, by libhone (hone.h).\n";
}
