// SPDX-License-Identifier: Apache-2.0
#include "lib/exec/runner.h"

#include <chrono>
#include <cstring>

namespace hone {

Tensor copy(const Tensor& t) {
  if (t.dtype() == DType::string) return Tensor::strings(t.dims(), {t.string_values().begin(), t.string_values().end()});
  if (t.dtype() == DType::optional) return t;
  if (is_aggregate(t.dtype())) {
    std::vector<Tensor> items;
    for (const Tensor& item : t.items()) items.push_back(copy(item));
    return t.dtype() == DType::map ? Tensor::map(items[0], items[1]) : Tensor::sequence(std::move(items));
  }
  Tensor own = Tensor::allocate(t.dtype(), t.dims());
  if (!t.bytes().empty()) std::memcpy(own.writable(), t.bytes().data(), t.bytes().size());
  return own;
}

void Profile::add(const Node& node, std::string_view kernel, const Tensor* output, double us) {
  const auto [it, fresh] = index_.emplace(&node, nodes_.size());
  if (fresh) nodes_.push_back({node.name, node.domain.empty() ? node.op : node.domain + "." + node.op, "", {}, 0, 0});
  NodeProfile& n = nodes_[it->second];
  n.kernel = kernel;
  if (output) n.shape = output->dims();
  n.us += us;
  ++n.calls;
}

std::vector<NodeProfile> Profile::summary() const {
  std::vector<NodeProfile> all = nodes_;
  for (NodeProfile& n : all) n.us /= static_cast<double>(n.calls);
  return all;
}

bool Runner::in_arena(const Tensor& t) const {
  if (is_aggregate(t.dtype())) return std::ranges::any_of(t.items(), [&](const Tensor& item) { return in_arena(item); });
  const std::byte *begin = p_.arena.bytes().data(), *at = t.bytes().data();
  return at && std::less_equal<>()(begin, at) && std::less<>()(at, begin + p_.arena.bytes().size());
}

Status Runner::run() {
  for (const Program::Output& o : p_.outputs) {
    if (o.slot == o.root) slot(o.slot) = Tensor::allocate(o.dtype, o.dims);
    else slot(o.slot) = Tensor::view(o.dtype, o.dims, slot(o.root).bytes(), slot(o.root).owner()).value();
  }
  for (Step& step : p_.steps) CHECK_OK(run(step, true));
  return Ok{};
}

Status Runner::run(Step& step, bool planned) {
  using Clock = std::chrono::steady_clock;
  const auto start = profile_ ? Clock::now() : Clock::time_point();
  Status status = Ok{};
  switch (step.kind) {
    case Step::Kind::kernel: status = kernel(step); break;
    case Step::Kind::reference: status = reference(step, planned); break;
    case Step::Kind::dynamic:
      status = dynamic(step);
      if (status && planned) leave_arena(step);
      break;
    case Step::Kind::alias:
      if (p_.places[static_cast<std::size_t>(step.out[0])].where == Place::Where::heap)
        slot(step.out[0]) = slot(step.in[0]).reshaped(step.results[0].shape.concrete().value());
      break;
  }
  CHECK_OK(std::move(status));
  if (profile_) {
    const std::string_view kernel = step.kind == Step::Kind::alias ? "alias" : step.binding.kernel ? step.binding.kernel->name : "reference";
    const Tensor* first = !step.out.empty() && step.out[0] >= 0 ? &slot(step.out[0]) : nullptr;
    profile_->add(*step.node, kernel, first, std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  for (const int s : step.dead) slot(s) = Tensor();
  return Ok{};
}

std::vector<const Tensor*> Runner::inputs(const Step& step) const {
  std::vector<const Tensor*> in;
  for (const int s : step.in) in.push_back(s < 0 ? nullptr : &slot(s));
  return in;
}

void Runner::launch(const Step& step) {
  const Binding& b = step.binding;
  const void* in[max_kernel_inputs];
  void* out[1] = {slot(step.out[0]).writable()};
  assert(b.inputs.size() <= std::size(in));
  for (std::size_t k = 0; k < b.inputs.size(); ++k) in[k] = slot(step.in[b.inputs[k]]).bytes().data();
  const std::size_t scratch = b.kernel->scratch_bytes ? b.kernel->scratch_bytes(b.params.get(), pool_.threads()) : 0;
  b.kernel->run({.in = {in, b.inputs.size()}, .out = out, .params = b.params.get(), .packed = step.packed.bytes().data(),
                 .scratch = scratch ? scratch_.at_least(scratch) : nullptr, .pool = pool_});
}

Status Runner::kernel(Step& step) {
  launch(step);
  return Ok{};
}

Status Runner::reference(Step& step, bool planned) {
  const std::vector<const Tensor*> in = inputs(step);
  std::vector<Tensor> out(step.out.size());
  OpCall call(*step.node, in, out);
  call.run_body = [this](const Graph& g, std::vector<Tensor> given) { return body(g, std::move(given)); };
  if (planned)
    call.planned = [&](std::size_t i, DType dtype, const Dims& dims) -> std::byte* {
      if (step.out[i] < 0) return nullptr;
      const Place& place = p_.places[static_cast<std::size_t>(step.out[i])];
      Tensor& t = slot(step.out[i]);
      if (place.where == Place::Where::heap || t.dtype() != dtype || t.dims() != dims) return nullptr;
      std::memset(t.writable(), 0, t.bytes().size());  // loops may count on it, as Tensor::allocate gives zeros
      return t.writable();
    };
  if (!step.node->schema || !step.node->schema->reference)
    return invalid("{}: nothing here can run this operator on these shapes", describe(*step.node));
  if (Status s = step.node->schema->reference(call); !s) return std::move(s).error().in(describe(*step.node));
  for (std::size_t i = 0; i < out.size(); ++i)
    if (step.out[i] >= 0) CHECK_OK(planned ? keep(step, i, std::move(out[i])) : (slot(step.out[i]) = std::move(out[i]), Status(Ok{})));
  return Ok{};
}

// Puts what a loop made where the plan wants it. A loop may have shared an input's bytes, which the arena will reuse.
Status Runner::keep(Step& step, std::size_t i, Tensor made) {
  const Place& place = p_.places[static_cast<std::size_t>(step.out[i])];
  Tensor& t = slot(step.out[i]);
  if (place.where == Place::Where::heap) {
    t = made && in_arena(made) ? copy(made) : std::move(made);
    return Ok{};
  }
  if (made.dtype() != t.dtype() || made.dims() != t.dims())
    return invalid("{}: its loop made {} of {}, its shape rule said {} of {}", describe(*step.node), name(made.dtype()), to_string(made.dims()), name(t.dtype()), to_string(t.dims()));
  if (made.bytes().data() != t.bytes().data() && !made.bytes().empty()) std::memmove(t.writable(), made.bytes().data(), made.bytes().size());
  return Ok{};
}

// A loop may have handed an input on as its result, and the arena uses those bytes again after the input's last use, not the result's.
void Runner::leave_arena(const Step& step) {
  for (const int s : step.out)
    if (s >= 0 && in_arena(slot(s))) slot(s) = copy(slot(s));
}

// Binds by the shapes at hand, or as last time when they are the same.
Status Runner::dynamic(Step& step) {
  if (!step.node->schema) return invalid("{}: unknown operator; Hone cannot run it", describe(*step.node));
  std::vector<Dims> dims;
  for (const int s : step.in) dims.push_back(s < 0 ? Dims{-1} : slot(s).dims());
  if (!step.binding.kernel || dims != step.seen) {
    std::vector<Fact> facts(step.in.size());
    std::vector<const Fact*> in;
    for (std::size_t i = 0; i < step.in.size(); ++i) {
      if (step.in[i] >= 0) facts[i] = fact_of(slot(step.in[i]));
      in.push_back(step.in[i] < 0 ? nullptr : &facts[i]);
    }
    TRY(step.results, infer_node(*step.node, in));
    if (Status size = check_size(step.results); !size) return std::move(size).error().in(describe(*step.node));
    if (!has_binder(*step.node)) return reference(step, false);
    for (std::size_t i = 0; i < step.in.size(); ++i)
      if (step.in[i] >= 0 && !step.node->inputs[i]->constant) facts[i].constant.reset();  // only a weight may be packed
    step.binding = {};
    step.packed = {};
    const bool known = std::ranges::all_of(step.results, [](const Fact& f) { return f.dtype != DType::undefined && f.shape.known(); });
    if (auto binding = known ? bind({*step.node, in, step.results}) : std::nullopt) {
      step.binding = std::move(*binding);
      step.packed = packed_.pack(step.node, step.binding);
    }
    step.seen = std::move(dims);
  }
  if (!step.binding.kernel) return reference(step, false);
  slot(step.out[0]) = Tensor::allocate(step.results[0].dtype, step.results[0].shape.concrete().value());
  launch(step);
  return Ok{};
}

Result<std::vector<Tensor>> Runner::body(const Graph& graph, std::vector<Tensor> given) {
  std::vector<Step>& steps = p_.bodies.at(&graph);
  std::size_t next = 0;
  for (const Value* v : graph.inputs)
    if (!v->constant && next < given.size()) slot(p_.slot_of.at(v)) = std::move(given[next++]);
  for (Step& step : steps) {
    for (const int s : step.in)  // an input of the body that its node does not feed
      if (s >= 0 && !slot(s)) return invalid("{}: one of its inputs has no value", describe(*step.node));
    CHECK_OK(run(step, false));
  }
  std::vector<Tensor> out;
  for (const Value* v : graph.outputs) {
    out.push_back(slot(p_.slot_of.at(v)));
    if (!out.back()) return invalid("'{}', which a body returns, has no value", v->name);
  }
  for (const Value* v : graph.values())
    if (!v->constant) slot(p_.slot_of.at(v)) = Tensor();
  return out;
}

}  // namespace hone
