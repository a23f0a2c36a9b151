// SPDX-License-Identifier: Apache-2.0
// Runs a plan over a dataset, batch by batch, on several threads: each has a Session of its own with one thread, so results
// do not depend on their number.
#pragma once
#include "lib/data/dataset.h"
#include "lib/exec/session.h"

namespace hone {

struct FeedOptions {
  int threads = 0;          // 0: one per CPU
  std::int64_t batch = 32;  // samples at a time; a model with a fixed batch decides itself
  std::function<void(std::int64_t done)> progress = {};  // called from the calling thread
};
// Receives the outputs of samples [begin, end), in no particular order and from several threads: it writes only what belongs
// to those samples. A fixed batch may hold more rows than end - begin; the rest is padding.
using Receive = std::function<Status(std::int64_t begin, std::int64_t end, const std::vector<Tensor>& outputs)>;
// The error is that of the earliest batch that failed.
Status feed(const Plan&, const Dataset&, const Receive&, const FeedOptions& = {});

}  // namespace hone
