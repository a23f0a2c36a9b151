// SPDX-License-Identifier: Apache-2.0
#include "lib/device/drift.h"

#include <numeric>

namespace hone {

OutputCounts::OutputCounts(const std::vector<Reference>& references) : references_(references) {
  for (const Reference& r : references) counts_.emplace_back(r.counts.size());
}

void OutputCounts::add(std::string_view output, const Tensor& t) {
  for (std::size_t i = 0; i < references_.size(); ++i) {
    const Reference& r = references_[i];
    const bool rows = t.rank() == 2 && t.dims()[1] > 0;
    if (r.output != output || t.count() == 0 || (r.of == Reference::Of::argmax && !rows)) continue;
    std::vector<float> values = t.to_floats();
    if (r.of == Reference::Of::argmax) values = argmax_rows(values, static_cast<std::size_t>(t.dims()[1]));
    const auto counted = histogram(r.edges, values);
    for (std::size_t bin = 0; bin < counted.size(); ++bin) counts_[i][bin] += counted[bin];
  }
}

std::vector<OutputCounts::Result> OutputCounts::results() const {
  const auto some = [](const std::vector<std::uint64_t>& counts) { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) > 0; };
  std::vector<Result> list;
  for (std::size_t i = 0; i < references_.size(); ++i) {
    const Reference& r = references_[i];
    if (some(r.counts) && some(counts_[i])) list.push_back({format("drift of '{}' ({})", r.output, name(r.of)), drift(r.counts, counts_[i])});
  }
  return list;
}

}  // namespace hone
