// SPDX-License-Identifier: Apache-2.0
#include "lib/exec/session.h"

#include <list>

#include "lib/exec/runner.h"

namespace hone {

// Programs for the latest shapes are kept: a model fed with batches of one size and a smaller last one needs two.
static constexpr std::size_t kept_programs = 4;

struct Session::State {
  State(Plan p, SessionOptions o) : plan(std::move(p)), options(o), pool(o.threads) {}

  Result<Program*> program_for(const NamedTensors& inputs) {
    std::vector<Dims> shapes;
    for (const Value* v : plan.graph().inputs)
      if (!v->constant) shapes.push_back(inputs.find(v->name)->second.dims());
    const auto it = std::ranges::find(programs, shapes, &Cached::shapes);
    if (it != programs.end()) {
      programs.splice(programs.begin(), programs, it);
      return programs.front().program.get();
    }
    Facts given;
    std::size_t next = 0;
    for (const Value* v : plan.graph().inputs)
      if (!v->constant) given[v] = Fact{v->dtype, is_aggregate(v->dtype) ? Shape() : Shape::of(shapes[next]), std::nullopt, std::nullopt}, ++next;
    TRY(auto program, Program::build(plan.graph(), std::move(given), packed));
    scratch.at_least(program->scratch_bytes(pool.threads()));
    if (programs.size() == kept_programs) programs.pop_back();
    programs.push_front({std::move(shapes), std::move(program)});
    return programs.front().program.get();
  }

  struct Cached {
    std::vector<Dims> shapes;
    std::unique_ptr<Program> program;
  };
  Plan plan;
  SessionOptions options;
  ThreadPool pool;
  PackedConstants packed;
  Scratch scratch;
  Profile profile;
  std::list<Cached> programs;  // latest first
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Result<Session> Session::create(Plan plan, SessionOptions options) {
  if (options.threads < 0) return usage_error("{} threads make no sense; 0 means one per CPU", options.threads);
  return Session(std::make_unique<State>(std::move(plan), options));
}

Result<std::vector<Tensor>> Session::run(const NamedTensors& inputs) {
  State& s = *state_;
  const Graph& graph = s.plan.graph();
  CHECK_OK(check_inputs(graph, inputs));
  TRY(Program* const p, s.program_for(inputs));
  const auto slot = [&](const Value* v) -> Tensor& { return p->slots[static_cast<std::size_t>(p->slot_of.at(v))]; };
  for (const Value* v : graph.inputs)
    if (!v->constant) slot(v) = inputs.find(v->name)->second;
  Status status = Runner(*p, s.packed, s.pool, s.scratch, s.options.profile ? &s.profile : nullptr).run();
  std::vector<Tensor> results;
  for (const Value* v : graph.outputs) {
    if (!status) break;
    const Place& place = p->places[static_cast<std::size_t>(p->slot_of.at(v))];
    // Only memory given out for this run is the caller's; anything else may be an input's, a weight's or the arena's.
    results.push_back(place.where == Place::Where::output ? slot(v) : copy(slot(v)));
  }
  // Nothing of this run is kept: neither the caller's inputs nor its outputs.
  for (std::size_t i = 0; i < p->slots.size(); ++i) {
    if (p->places[i].where != Place::Where::fixed && p->places[i].where != Place::Where::arena) p->slots[i] = Tensor();
  }
  CHECK_OK(std::move(status));
  return results;
}

const Graph& Session::graph() const { return state_->plan.graph(); }
std::vector<NodeProfile> Session::profile() const { return state_->profile.summary(); }
std::size_t Session::arena_bytes() const { return state_->programs.empty() ? 0 : state_->programs.front().program->arena.bytes().size(); }
std::size_t Session::packed_bytes() const { return state_->packed.bytes(); }

}  // namespace hone
