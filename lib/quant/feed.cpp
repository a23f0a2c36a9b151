// SPDX-License-Identifier: Apache-2.0
#include "lib/quant/feed.h"

#include <atomic>
#include <mutex>

#include "lib/base/thread_pool.h"

namespace hone {

Status feed(const Plan& plan, const Dataset& data, const Receive& receive, const FeedOptions& options) {
  const std::int64_t batch = data.batch_size(std::max<std::int64_t>(options.batch, 1));
  const std::int64_t batches = (data.samples() + batch - 1) / batch;
  const int wanted = options.threads > 0 ? options.threads : available_cpus();
  ThreadPool pool(static_cast<int>(std::min<std::int64_t>(wanted, batches)));
  std::vector<std::optional<Session>> sessions(static_cast<std::size_t>(pool.threads()));
  std::mutex mutex;
  std::optional<Error> error;
  std::int64_t failed = batches;  // the earliest batch that failed
  std::atomic<std::int64_t> done{0};
  const auto one = [&](std::int64_t b, std::size_t worker) -> Status {
    if (!sessions[worker]) {
      TRY(sessions[worker], Session::create(plan, {.threads = 1}));
    }
    const std::int64_t begin = b * batch, end = std::min(begin + batch, data.samples());
    TRY(const std::vector<Tensor> outputs, sessions[worker]->run(data.batch(begin, end)));
    return receive(begin, end, outputs);
  };
  pool.parallel(static_cast<std::size_t>(batches), 1, [&](std::size_t first, std::size_t last, int worker) {
    for (std::size_t i = first; i < last; ++i) {
      const auto b = static_cast<std::int64_t>(i);
      {
        const std::lock_guard lock(mutex);
        if (b > failed) return;
      }
      Status status = one(b, static_cast<std::size_t>(worker));
      if (!status) {
        const std::lock_guard lock(mutex);
        if (b < failed) failed = b, error = std::move(status).error();
      }
      const std::int64_t so_far = done += 1;
      if (worker == 0 && options.progress) options.progress(std::min(so_far * batch, data.samples()));
    }
  });
  if (error) return std::move(*error);
  return Ok{};
}

}  // namespace hone
