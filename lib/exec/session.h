// SPDX-License-Identifier: Apache-2.0
// From a model to fast execution: compile() lowers a graph to a plan (activation and residual fusion, QDQ patterns to integer
// operators, NHWC layout); a Plan is saved for the device or run in place; a Session runs it: kernels chosen for this CPU,
// weights packed, memory planned for the input shapes at hand. Whatever no kernel takes runs by its reference loop.
#pragma once
#include <memory>

#include "lib/base/file.h"
#include "lib/ops/interpreter.h"

namespace hone {

// A compiled graph: standard operators, and fused ones in domain "hone". Immutable and shared.
class Plan {
 public:
  const Graph& graph() const { return *graph_; }
  // Bytes: the FlatBuffers plan, and the weights it refers to by offset (64-byte aligned, each tensor once).
  struct Saved {
    std::vector<std::byte> plan, weights;
    struct Segment { std::uint64_t offset, length; int element_bytes; };
    std::vector<Segment> segments;  // of weights, in order: one for each tensor
  };
  Saved save() const;
  // One self-contained file: the plan with its weights inside.
  std::vector<std::byte> save_single() const;
  // Verifies every offset, index and name before use. `weights` may be empty when the plan holds its own; both are shared, not copied.
  static Result<Plan> open(SharedBytes plan, SharedBytes weights = {});

 private:
  friend Result<Plan> compile(const Graph&, const struct CompileOptions&);
  std::shared_ptr<const Graph> graph_;
};

struct CompileOptions {
  bool layout = true;    // NHWC where convolutions are
  bool integers = true;  // QDQ to integer operators
  bool fuse = true;
};
// Does not change the graph. Model inputs and outputs keep their names, order, types and shapes.
Result<Plan> compile(const Graph&, const CompileOptions& = {});

// Bytes of planned activations with every open dimension 1, on whatever CPU: a kernel that works in place may need less.
Result<std::size_t> planned_arena(const Plan&);

struct NodeProfile {
  std::string name, op, kernel;  // kernel: "reference" when no kernel took it
  Dims shape;                    // of the first output
  double us = 0;                 // per run
  std::int64_t calls = 0;
};

struct SessionOptions {
  int threads = 1;  // 0: one per CPU
  bool profile = false;
};

class Session {
 public:
  static Result<Session> create(Plan, SessionOptions = {});
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  // Checks names, dtypes and shapes (errors as check_inputs). The first run with new shapes plans memory; later runs reuse it.
  Result<std::vector<Tensor>> run(const NamedTensors& inputs);
  const Graph& graph() const;
  std::vector<NodeProfile> profile() const;
  std::size_t arena_bytes() const;   // planned activations of the latest shapes
  std::size_t packed_bytes() const;  // weights in the kernels' own layout

 private:
  struct State;
  explicit Session(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace hone
