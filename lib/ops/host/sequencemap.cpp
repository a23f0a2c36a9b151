// SPDX-License-Identifier: Apache-2.0
// Runs its body once for each item of a sequence. The body takes that item, and of each further input the item at the same place
// (a sequence) or the whole (a tensor); what it returns is collected in sequences.
#include "lib/ops/host/_sequence.h"

namespace hone {

static Result<const Graph*> body_of(const Node& node, std::size_t inputs, std::size_t outputs) {
  const Graph* body = node.body("body");
  if (body->inputs.size() != inputs) return invalid("the body has {} inputs, but the node has {}", body->inputs.size(), inputs);
  if (body->outputs.size() != outputs) return invalid("the body has {} outputs, but the node has {}", body->outputs.size(), outputs);
  return body;
}

static Status infer(InferCall& c) {
  TRY(const Graph* body, body_of(c.node, c.inputs(), c.outputs()));
  std::vector<Fact> in;
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    if (!c.has(i)) return invalid("input {} is absent, and the body would have nothing in its place", i);
    const ValueType t = c.dtype(i) == DType::sequence ? c.element(i) : c.type(i);
    in.push_back({t.dtype, t.shape, std::nullopt, std::nullopt, t.element});
  }
  TRY(const std::vector<Fact> out, c.infer_body(*body, std::move(in)));
  for (std::size_t i = 0; i < c.outputs(); ++i) c.set(i, sequence_of(out[i].type()));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const Graph* body, body_of(c.node, c.inputs(), c.outputs()));
  const std::int64_t n = c.in(0).count();
  for (std::size_t i = 1; i < c.inputs(); ++i)
    if (c.in(i).dtype() == DType::sequence && c.in(i).count() != n)
      return invalid("input {} is a sequence of {}, but the first input is one of {}", i, c.in(i).count(), n);
  std::vector<std::vector<Tensor>> results(c.outputs());
  for (std::size_t at = 0; at < static_cast<std::size_t>(n); ++at) {
    std::vector<Tensor> in;
    for (std::size_t i = 0; i < c.inputs(); ++i) in.push_back(c.in(i).dtype() == DType::sequence ? c.in(i).items()[at] : c.in(i));
    TRY(std::vector<Tensor> out, c.run_body(*body, std::move(in)));
    for (std::size_t i = 0; i < results.size(); ++i) results[i].push_back(std::move(out[i]));
  }
  for (std::size_t i = 0; i < results.size(); ++i) c.set(i, Tensor::sequence(std::move(results[i])));
  return Ok{};
}
extern const Op sequencemap_op{.name = "SequenceMap",
                               .since = 17,
                               .inputs = "input_sequence: S, additional_inputs...?: any",
                               .outputs = "out_sequence...: seq",
                               .attributes = "body!: graph",
                               .types = "S: seq",
                               .infer = infer,
                               .reference = run};

}  // namespace hone
