// SPDX-License-Identifier: Apache-2.0
#include "lib/rewrite/pipelines.h"

#include <array>

namespace hone {
namespace {

constexpr std::string_view fusion[] = {
    "fuse-conv-bn",
};

constexpr Pipeline pipelines[] = {
    {"optimize", "clean-up, folding and fusion", fusion},
};

}  // namespace

std::span<const Pipeline> all_pipelines() { return pipelines; }

}  // namespace hone
