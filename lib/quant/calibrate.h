// SPDX-License-Identifier: Apache-2.0
// Observing values of a graph while data run through it.
#pragma once
#include "lib/data/metric.h"
#include "lib/quant/feed.h"
#include "lib/quant/histogram.h"

namespace hone {

// Histograms of `values` (of the main graph), in their order, over all samples. The graph runs in the executor with these
// values as its outputs, so calibration is as fast as inference. Error: a value that is not finite, naming it.
Result<std::vector<Histogram>> observe(const Graph&, const std::vector<Value*>& values, const Dataset&, const FeedOptions&);

// For each pair (value of a, value of b): how far b's is from a's over the samples.
using ValuePairs = std::vector<std::pair<const Value*, const Value*>>;
Result<std::vector<Distance>> measure_distances(const Graph& a, const Graph& b, const ValuePairs&, const Dataset&);

// A batch that keeps `values` of one batch within some 64 MB.
std::int64_t observation_batch(const std::vector<Value*>& values);

}  // namespace hone
