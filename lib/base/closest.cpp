// SPDX-License-Identifier: Apache-2.0
#include "lib/base/closest.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace hone {

std::string closest(std::string_view word, std::span<const std::string> names) {
  std::string best;
  std::size_t best_distance = std::min<std::size_t>(4, word.size() / 2 + 1);
  for (const std::string& candidate : names) {
    std::vector<std::size_t> row(candidate.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = row[0]++;
      for (std::size_t j = 1; j < row.size(); ++j)
        diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, diagonal + (word[i - 1] == candidate[j - 1] ? 0 : 1)}));
    }
    if (row.back() < best_distance) best_distance = row.back(), best = candidate;
  }
  return best;
}

}  // namespace hone
