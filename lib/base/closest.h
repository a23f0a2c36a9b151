// SPDX-License-Identifier: Apache-2.0
// "did you mean": the name that a misspelt word was probably meant to be.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace hone {

// The closest of `names` to a misspelt word (Levenshtein distance at most 3 and under half the length), or empty.
std::string closest(std::string_view word, std::span<const std::string> names);

}  // namespace hone
