// SPDX-License-Identifier: Apache-2.0
// Executes a program once its input slots are filled.
#pragma once
#include "lib/exec/program.h"

namespace hone {

// Memory that grows to the largest request and stays.
class Scratch {
 public:
  void* at_least(std::size_t bytes) {
    if (bytes > memory_.bytes().size()) memory_ = Tensor::allocate(DType::u8, {static_cast<std::int64_t>(bytes)});
    return memory_.writable();
  }

 private:
  Tensor memory_;
};

class Profile {
 public:
  void add(const Node&, std::string_view kernel, const Tensor* output, double us);
  std::vector<NodeProfile> summary() const;  // in the order nodes first ran; us per run

 private:
  std::vector<NodeProfile> nodes_;
  std::unordered_map<const Node*, std::size_t> index_;
};

class Runner {
 public:
  // profile may be null.
  Runner(Program& program, PackedConstants& packed, ThreadPool& pool, Scratch& scratch, Profile* profile)
      : p_(program), packed_(packed), pool_(pool), scratch_(scratch), profile_(profile) {}
  // The caller has set the slots of the inputs; afterwards those of the graph's outputs are set.
  Status run();

 private:
  Status run(Step&, bool planned);
  Status kernel(Step&);
  Status reference(Step&, bool planned);
  void leave_arena(const Step&);
  Status dynamic(Step&);
  Status keep(Step&, std::size_t i, Tensor made);
  Result<std::vector<Tensor>> body(const Graph&, std::vector<Tensor> inputs);
  std::vector<const Tensor*> inputs(const Step&) const;
  void launch(const Step&);
  bool in_arena(const Tensor&) const;
  Tensor& slot(int s) const { return p_.slots[static_cast<std::size_t>(s)]; }

  Program& p_;
  PackedConstants& packed_;
  ThreadPool& pool_;
  Scratch& scratch_;
  Profile* profile_;
};

// The same elements in memory of their own.
Tensor copy(const Tensor&);

}  // namespace hone
