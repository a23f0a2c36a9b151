// SPDX-License-Identifier: Apache-2.0
// Runs its body up to M times while the condition holds. The body takes (iteration, condition, carried...) and returns
// (condition, carried..., scanned...); each scanned output is stacked over the iterations.
#include "lib/ops/move.h"
#include "lib/ops/random.h"

namespace hone {

static Result<const Graph*> body_of(const Node& node, std::size_t inputs, std::size_t outputs) {
  const Graph* body = node.body("body");
  const std::size_t carried = inputs < 2 ? 0 : inputs - 2;
  if (body->inputs.size() != carried + 2)
    return invalid("the body has {} inputs, expected {} (iteration, condition, {} carried)", body->inputs.size(), carried + 2, carried);
  if (body->outputs.size() != outputs + 1 || outputs < carried)
    return invalid("the body has {} outputs for {} of the node, expected one more (the condition)", body->outputs.size(), outputs);
  return body;
}

static Status infer(InferCall& c) {
  TRY(const Graph* body, body_of(c.node, c.inputs(), c.outputs()));
  const std::size_t carried = c.inputs() < 2 ? 0 : c.inputs() - 2;
  // The first pass starts from what is known; dimensions that the body changes are then unknown, and the next pass infers with that.
  std::vector<Fact> state;
  for (std::size_t i = 0; i < carried; ++i)
    state.push_back(Fact{c.dtype(i + 2), c.shape(i + 2), std::nullopt, std::nullopt, c.type(i + 2).element});
  std::vector<Fact> results;
  for (bool settled = false; !settled;) {  // ends: each further pass knows less
    std::vector<Fact> in{Fact{DType::i64, Shape::unknown(0), std::nullopt, std::nullopt},
                         Fact{DType::boolean, Shape::unknown(0), std::nullopt, std::nullopt}};
    in.insert(in.end(), state.begin(), state.end());
    TRY(results, c.infer_body(*body, std::move(in)));
    settled = true;
    for (std::size_t i = 0; i < carried; ++i) {
      const Fact& after = results[i + 1];
      Shape shape = common(state[i].shape, after.shape);
      // What begins as an optional may be its content from the first iteration on.
      const bool content = state[i].dtype == DType::optional && after.dtype != DType::optional;
      TypePtr element = common(state[i].element, content ? std::make_shared<const ValueType>(after.type()) : after.element);
      settled = settled && shape == state[i].shape && same(element, state[i].element);
      state[i].shape = std::move(shape);
      state[i].element = std::move(element);
    }
  }
  for (std::size_t i = 0; i < c.outputs(); ++i) {
    const Fact& r = results[i + 1];
    if (i < carried) {
      if (r.dtype == DType::undefined && is_aggregate(body->inputs[i + 2]->dtype)) continue;
      if (r.dtype == DType::undefined || r.dtype == state[i].dtype)
        c.set(i, state[i].type());
      else
        c.set(i, r.type());
      continue;
    }
    if (is_aggregate(r.dtype)) return invalid("output {} is a {} in each iteration, which cannot be stacked: carry it instead", i, name(r.dtype));
    Shape stacked = r.shape;
    if (stacked.ranked) stacked.dims.insert(stacked.dims.begin(), Dim());
    c.set(i, r.dtype, std::move(stacked));
  }
  return Ok{};
}

// One tensor with a new first axis; all must have one shape.
static Status stack(OpCall& c, std::size_t output, const std::vector<Tensor>& parts, const Value& declared) {
  if (const DType dtype = parts.empty() ? declared.dtype : parts[0].dtype(); is_aggregate(dtype))
    return invalid("output {} is a {} in each iteration, which cannot be stacked: carry it instead", output, name(dtype));
  if (parts.empty()) {  // no iteration ran: the shape can only be the declared one, unknown dimensions as 0
    Dims dims{0};
    for (const Dim& d : declared.shape.dims) dims.push_back(d.known() ? d.value : 0);
    return Mover(c, output, declared.dtype == DType::undefined ? DType::f32 : declared.dtype, dims).finish();
  }
  Dims dims = parts[0].dims();
  dims.insert(dims.begin(), static_cast<std::int64_t>(parts.size()));
  CHECK_OK(check_size(dims));
  Mover y(c, output, parts[0].dtype(), dims);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].dims() != parts[0].dims() || parts[i].dtype() != parts[0].dtype())
      return invalid("output {} has shape {} after {} iterations, but had {} before", output, to_string(parts[i].dims()), i + 1,
                     to_string(parts[0].dims()));
    y.copy(parts[i], 0, static_cast<std::int64_t>(i) * parts[0].count(), parts[0].count());
  }
  return y.finish();
}

static Result<bool> truth(const Tensor& t) {
  if (t.dtype() != DType::boolean || t.count() != 1)
    return invalid("the condition is {} {}, expected one bool", name(t.dtype()), to_string(t.dims()));
  return *t.data<bool>();
}

static Status run(OpCall& c) {
  TRY(const Graph* body, body_of(c.node, c.inputs(), c.outputs()));
  if (c.has(0) && c.in(0).count() != 1) return invalid("the trip count has {} elements, expected 1", c.in(0).count());
  const std::int64_t most = c.has(0) ? c.in(0).to_ints()[0] : INT64_MAX;
  bool go = true;
  if (c.has(1)) {
    TRY(go, truth(c.in(1)));
  }
  std::vector<Tensor> carried;
  for (std::size_t i = 2; i < c.inputs(); ++i) carried.push_back(c.in(i));
  std::vector<std::vector<Tensor>> scanned(c.outputs() - carried.size());
  for (std::int64_t i = 0; i < most && go; ++i) {
    std::vector<Tensor> in{Tensor::scalar<std::int64_t>(i), Tensor::of<bool>({}, {go})};
    in.insert(in.end(), carried.begin(), carried.end());
    const RandomIteration iteration(i);
    TRY(std::vector<Tensor> out, c.run_body(*body, std::move(in)));
    TRY(go, truth(out[0]));
    for (std::size_t k = 0; k < carried.size(); ++k) carried[k] = std::move(out[k + 1]);
    for (std::size_t k = 0; k < scanned.size(); ++k) scanned[k].push_back(std::move(out[carried.size() + 1 + k]));
  }
  for (std::size_t k = 0; k < carried.size(); ++k) c.set(k, carried[k]);
  for (std::size_t k = 0; k < scanned.size(); ++k)
    CHECK_OK(stack(c, carried.size() + k, scanned[k], *body->outputs[carried.size() + 1 + k]));
  return Ok{};
}
extern const Op loop_op{.name = "Loop",
                        .since = 1,
                        .inputs = "M?: int64, cond?: bool, v_initial...?: any",
                        .outputs = "v_final_and_scan_outputs...: any",
                        .attributes = "body!: graph",
                        .infer = infer,
                        .reference = run};

}  // namespace hone
