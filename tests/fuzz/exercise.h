// SPDX-License-Identifier: Apache-2.0
// What happens to every model that Hone reads: checked, inferred, taken to older opsets, compiled, run on random inputs by the reference loops, optimized, run again.
// Nothing may crash or be blamed on ourselves, and what ran before must run after. Sizes and steps are bounded, so that a run is short.
#pragma once
#include <cstdio>
#include <cstdlib>

#include "lib/exec/session.h"
#include "lib/ir/limits.h"
#include "lib/onnx/downgrade.h"
#include "lib/ops/check.h"
#include "lib/ops/infer.h"
#include "lib/rewrite/pass.h"
#include "lib/rewrite/proof.h"

namespace hone {

inline void bounded() {
  limits() = {.memory_bytes = tensor_bytes() + (64 << 10), .steps = 500};
}

[[noreturn]] inline void blame(const char* what, const Error& e) {
  std::fprintf(stderr, "%s: %s\n", what, e.message.c_str());
  std::abort();
}

// Whether the graph ran; an error that blames Hone is a finding.
inline bool ran(const Graph& graph, const NamedTensors& inputs) {
  bounded();
  const auto outputs = interpret(graph, inputs);
  if (!outputs && outputs.error().code == Code::bug) blame("running it", outputs.error());
  return outputs.has_value();
}

// `convert --target-opset` and `compile`: written or refused, and not blamed on us.
inline void lowered(const Model& model) {
  for (const int opset : {7, 9, 12, 17}) {
    bounded();
    Model older = model.clone();
    if (const Status s = downgrade(older, opset); !s && s.error().code == Code::bug) blame("taking it to an older opset", s.error());
  }
  bounded();
  const auto plan = compile(*model.graph);
  if (!plan && plan.error().code == Code::bug) blame("compiling it", plan.error());
}

inline void exercise(Model model) {
  bounded();
  (void)check(model);
  lowered(model);
  std::int64_t elements = 0;
  for (const Value* v : model.graph->inputs) {
    if (v->dtype == DType::undefined && !v->constant) return;
    for (const Dim& d : v->shape.dims)
      if (d.known() && d.value > 64) return;
    elements += v->shape.rank() > 4 ? 1 << 20 : 1;
  }
  if (elements > 8) return;
  ProofOptions options;
  for (const Value* v : model.graph->inputs) {
    Dims dims;
    for (const Dim& d : v->shape.dims) dims.push_back(d.known() ? d.value : 2);
    if (!is_aggregate(v->dtype)) options.shapes[v->name] = dims;
  }
  const NamedTensors inputs = random_inputs(*model.graph, options, 0);
  const bool before = ran(*model.graph, inputs);
  const auto reports = run_pipeline(model, "optimize", {.prove = false});
  if (!reports && reports.error().code == Code::bug) blame("optimizing it", reports.error());
  if (!reports) return;
  if (const Status sound = verify(*model.graph); !sound) blame("optimized", sound.error());
  bounded();
  limits().memory_bytes += 1 << 20;  // folded constants count
  limits().steps *= 2;
  const auto outputs = interpret(*model.graph, inputs);
  if (before && !outputs) blame("it ran before it was optimized", outputs.error());
}

}  // namespace hone
