// SPDX-License-Identifier: Apache-2.0
#include "lib/base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace hone {
namespace {

// Polls this long before sleeping, so that the next layer's loop finds its workers awake.
constexpr int spins = 2000;

inline void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace

struct ThreadPool::State {
  std::vector<std::thread> workers;
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<std::size_t> generation{0};
  std::atomic<std::size_t> next{0};
  std::atomic<int> running{0};
  std::atomic<bool> stop{false};
  std::size_t count = 0, grain = 1;
  const std::function<void(std::size_t, std::size_t, int)>* body = nullptr;

  void work(int worker) {
    for (;;) {
      const std::size_t begin = next.fetch_add(grain, std::memory_order_relaxed);
      if (begin >= count) return;
      (*body)(begin, std::min(begin + grain, count), worker);
    }
  }

  void loop(int worker) {
    std::size_t seen = 0;
    for (;;) {
      for (int i = 0; i < spins && generation.load(std::memory_order_acquire) == seen; ++i) pause_cpu();
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return generation.load(std::memory_order_acquire) != seen || stop; });
        if (stop) return;
      }
      seen = generation.load(std::memory_order_acquire);
      work(worker);
      running.fetch_sub(1, std::memory_order_release);
    }
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  if (threads <= 0) threads = available_cpus();
  for (int worker = 1; worker < threads; ++worker)
    state_->workers.emplace_back([state = state_.get(), worker] { state->loop(worker); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->wake.notify_all();
  for (std::thread& worker : state_->workers) worker.join();
}

int ThreadPool::threads() const { return static_cast<int>(state_->workers.size()) + 1; }

void ThreadPool::parallel(std::size_t count, std::size_t grain, const std::function<void(std::size_t, std::size_t, int)>& body) {
  State& s = *state_;
  grain = std::max<std::size_t>(grain, 1);
  if (count == 0) return;
  if (s.workers.empty() || count <= grain) return body(0, count, 0);
  // About four pieces for each thread balance uneven pieces without much hand-out cost.
  s.grain = std::max(grain, count / (s.workers.size() * 4 + 4));
  s.count = count;
  s.body = &body;
  s.next.store(0, std::memory_order_relaxed);
  s.running.store(static_cast<int>(s.workers.size()), std::memory_order_relaxed);
  {
    const std::lock_guard lock(s.mutex);
    s.generation.fetch_add(1, std::memory_order_release);
  }
  s.wake.notify_all();
  s.work(0);
  while (s.running.load(std::memory_order_acquire) > 0) pause_cpu();
}

int available_cpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace hone
