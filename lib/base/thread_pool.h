// SPDX-License-Identifier: Apache-2.0
// A fixed set of threads that run one parallel loop at a time. The caller's thread works too, so threads = 1 starts none.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>

namespace hone {

class ThreadPool {
 public:
  // threads >= 1; 0 means one for each CPU this process may use.
  explicit ThreadPool(int threads = 1);
  ~ThreadPool();
  int threads() const;
  // Calls body(begin, end, worker) over a partition of [0, count) and returns when all are done. Pieces are handed out
  // dynamically, at least `grain` items each; worker is in [0, threads()). Results must not depend on the partition.
  void parallel(std::size_t count, std::size_t grain, const std::function<void(std::size_t, std::size_t, int)>& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The number of CPUs this process may run on.
int available_cpus();

}  // namespace hone
