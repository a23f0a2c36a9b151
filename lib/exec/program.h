// SPDX-License-Identifier: Apache-2.0
// A graph made ready for given input shapes: steps with their kernels, constants packed, and a place in memory for every value.
// Steps whose shapes are not known beforehand, and all steps of bodies (If, Loop, Scan), are bound when they run and use the heap.
#pragma once
#include "lib/exec/bind.h"
#include "lib/exec/session.h"
#include "lib/ops/infer.h"

namespace hone {

// Constants in the kernels' own layout, kept for the session: packing again for other shapes finds equal bytes and drops its own.
class PackedConstants {
 public:
  // What the kernel wants as KernelArgs::packed; empty when it packs nothing. What no step holds any more is dropped in time.
  Tensor pack(const Node*, const Binding&);
  std::size_t bytes() const { return bytes_; }

 private:
  std::unordered_map<const Node*, std::vector<std::pair<const Kernel*, Tensor>>> by_node_;
  std::size_t bytes_ = 0;
};

struct Step {
  enum class Kind { alias, kernel, reference, dynamic };
  const Node* node = nullptr;
  Kind kind = Kind::dynamic;
  std::vector<int> in, out;      // slots; -1: absent
  std::vector<int> dead;         // slots of heap values no one reads after this step
  Binding binding;               // kernel steps; a dynamic step keeps its latest
  Tensor packed;                 // constants in the kernel's layout
  std::vector<Dims> seen;        // dynamic steps: the input dims `binding` was made for
  std::vector<Fact> results;     // what the shape rule said for them
};

// Where a value of the main graph lives.
struct Place {
  enum class Where { heap, fixed, input, arena, output };  // fixed: a constant
  Where where = Where::heap;
  int root = -1;            // arena, output: the slot whose memory this value shares (itself when it owns it)
  std::size_t offset = 0;   // arena: of the root
  std::size_t bytes = 0;    // arena, output: of the root
};

class Program {
 public:
  // `given`: concrete shapes of the inputs. Errors: shapes that contradict; an operator nothing here can run.
  static Result<std::unique_ptr<Program>> build(const Graph&, Facts given, PackedConstants&);

  std::vector<Tensor> slots;  // by slot: constants and arena views are set, the rest comes and goes with a run
  std::vector<Place> places;
  std::vector<Step> steps;                                         // of the main graph
  std::unordered_map<const Graph*, std::vector<Step>> bodies;      // of every body, however deep
  std::unordered_map<const Value*, int> slot_of;                   // bodies' values too: each exists once at a time
  // Values that live in the memory of a graph output, given afresh for each run: roots first.
  struct Output {
    int slot, root;
    DType dtype;
    Dims dims;
  };
  std::vector<Output> outputs;
  Tensor arena;
  std::size_t scratch_bytes(int threads) const;
};

// Facts of a node's outputs from those of its inputs, by its shape rule. The error names the node.
Result<std::vector<Fact>> infer_node(const Node&, std::span<const Fact* const> in);

// An error when a result of known shape could not be held in any memory.
Status check_size(std::span<const Fact>);

}  // namespace hone
