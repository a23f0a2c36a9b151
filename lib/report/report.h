// SPDX-License-Identifier: Apache-2.0
// Verdicts for machines and people: JUnit XML, which every CI server shows, and Markdown, for a pull request.
#pragma once
#include <string>
#include <vector>

#include "lib/base/json.h"

namespace hone {

// One check of a gate, or one measured fact (limit empty).
struct Check {
  std::string name;      // "accuracy.max_drop"
  bool passed = true;
  std::string measured;  // "0.0025"
  std::string limit;     // "<= 0.005"
  std::string detail;    // how it was found, or what to do when it failed
};

std::string junit_xml(std::string_view suite, const std::vector<Check>&);
std::string markdown(std::string_view title, const std::vector<Check>&);
Json to_json(const std::vector<Check>&);

}  // namespace hone
