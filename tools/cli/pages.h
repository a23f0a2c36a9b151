// SPDX-License-Identifier: Apache-2.0
// The man page of a program and its completion for bash, made from its command table, so that they cannot say anything else than --help does.
#pragma once
#include "tools/cli/command.h"

namespace hone {

// `summary` as run_program takes it: "hone-target: install, try, ...", then paragraphs. `environment`: the variables it reads, as one sentence.
std::string man_page(std::string_view program, std::string_view summary, std::span<const Command* const> commands, std::string_view environment);
std::string bash_completion(std::string_view program, std::span<const Command* const> commands);

}  // namespace hone
