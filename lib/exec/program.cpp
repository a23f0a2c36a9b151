// SPDX-License-Identifier: Apache-2.0
// Building a program: which step runs how, and where every value lives. Values that share bytes (aliases, results computed in
// place) form a class with one root; a class lives in the arena, or, when a member is a graph output, in that output's memory.
#include "lib/exec/program.h"

#include <cstring>
#include <set>

#include "lib/exec/planner.h"
#include "lib/ir/limits.h"
#include "lib/ops/schema.h"

namespace hone {

Result<std::vector<Fact>> infer_node(const Node& node, std::span<const Fact* const> in) {
  std::vector<Fact> out(node.outputs.size());
  if (!node.schema) return out;
  std::vector<DType> dtypes;
  for (const Fact* f : in) dtypes.push_back(f ? f->dtype : DType::undefined);
  if (Status s = check_node(node, dtypes); !s) return std::move(s).error().in(describe(node));
  if (!node.schema->infer) return out;
  InferCall call(node, in, out);
  // Bodies are checked node by node as they run; until then nothing is known of what they return.
  call.infer_body = [](const Graph& body, std::vector<Fact>) -> Result<std::vector<Fact>> { return std::vector<Fact>(body.outputs.size()); };
  if (Status s = node.schema->infer(call); !s) return std::move(s).error().in(describe(node));
  return out;
}

Status check_size(std::span<const Fact> facts) {
  constexpr std::int64_t limit = std::int64_t{1} << 40;  // elements: more than any device has, and sums of sizes cannot overflow
  std::uint64_t bytes = 0;
  for (const Fact& f : facts) {
    const auto dims = f.shape.concrete();
    if (!dims) continue;
    TRY(const std::int64_t count, element_count(*dims));
    if (count > limit) return invalid("a result of {} is too large", to_string(*dims));
    if (bits(f.dtype) > 0) bytes += bytes_of(f.dtype, static_cast<std::size_t>(count));
  }
  return check_memory(bytes);
}

Tensor PackedConstants::pack(const Node* node, const Binding& b) {
  constexpr std::size_t kept = 8;  // layouts of one node before those without a user go
  const std::size_t bytes = b.kernel->packed_bytes ? b.kernel->packed_bytes(b.params.get()) : 0;
  if (bytes == 0) return {};
  Tensor fresh = Tensor::allocate(DType::u8, {static_cast<std::int64_t>(bytes)});
  b.kernel->pack(b.params.get(), b.constants, fresh.writable());
  auto& known = by_node_[node];
  for (const auto& [kernel, tensor] : known)
    if (kernel == b.kernel && identical(tensor, fresh)) return tensor;
  if (known.size() >= kept)
    std::erase_if(known, [&](const auto& entry) {
      const bool unused = entry.second.owner().use_count() == 1;
      if (unused) bytes_ -= entry.second.bytes().size();
      return unused;
    });
  bytes_ += bytes;
  return known.emplace_back(b.kernel, std::move(fresh)).second;
}

std::size_t Program::scratch_bytes(int threads) const {
  std::size_t most = 0;
  for (const Step& s : steps)
    if (s.kind == Step::Kind::kernel && s.binding.kernel->scratch_bytes)
      most = std::max(most, s.binding.kernel->scratch_bytes(s.binding.params.get(), threads));
  return most;
}

class ProgramBuilder {
 public:
  // Without kernels there is only a plan of memory, the same on every CPU: no result takes the place of an input.
  ProgramBuilder(const Graph& graph, Facts facts, PackedConstants& packed, Program& p, bool kernels = true)
      : graph_(graph), facts_(std::move(facts)), packed_(packed), p_(p), kernels_(kernels) {}

  Status build() {
    number(graph_);
    p_.places.resize(p_.slots.size());
    places_of_inputs();
    for (const Node* node : graph_.nodes()) {
      if (folded(*node)) continue;
      TRY(Step step, main_step(*node));
      p_.steps.push_back(std::move(step));
    }
    for (const Node* node : graph_.nodes()) build_bodies(*node);
    find_last_uses();
    form_classes();
    CHECK_OK(lay_out());
    for (std::size_t s = 0; s < last_.size(); ++s)
      if (last_[s] < p_.steps.size() && p_.places[s].where == Place::Where::heap) p_.steps[last_[s]].dead.push_back(static_cast<int>(s));
    return Ok{};
  }

 private:
  using Where = Place::Where;

  void number(const Graph& graph) {
    for (const Value* v : graph.values()) {
      p_.slot_of.emplace(v, static_cast<int>(p_.slots.size()));
      p_.slots.push_back(v->constant ? *v->constant : Tensor());
      values_.push_back(v);
    }
    for (const Node* node : graph.nodes()) node->each_body([&](const Graph& body) { number(body); });
  }
  int slot(const Value* v) const { return v ? p_.slot_of.at(v) : -1; }
  const Fact* fact(const Value* v) const {
    const auto it = facts_.find(v);
    return it == facts_.end() ? nullptr : &it->second;
  }
  static bool known(const Fact* f) { return f && f->dtype != DType::undefined && f->shape.known(); }

  void places_of_inputs() {
    for (const Value* v : values_)  // bodies' too
      if (v->constant) p_.places[static_cast<std::size_t>(slot(v))].where = Where::fixed;
    for (const Value* v : graph_.inputs)
      if (!v->constant) p_.places[static_cast<std::size_t>(slot(v))].where = Where::input;
  }

  // Inference already knows everything this node makes (shape arithmetic): its outputs become constants of the program.
  bool folded(const Node& node) {
    for (const Value* v : node.outputs)
      if (v && (!fact(v) || !fact(v)->constant)) return false;
    for (const Value* v : node.outputs) {
      if (!v) continue;
      p_.slots[static_cast<std::size_t>(slot(v))] = *fact(v)->constant;
      p_.places[static_cast<std::size_t>(slot(v))].where = Where::fixed;
    }
    return true;
  }

  static Step new_step(const Node& node, const ProgramBuilder& b) {
    Step step;
    step.node = &node;
    for (const Value* v : node.inputs) step.in.push_back(b.slot(v));
    for (const Value* v : node.outputs) step.out.push_back(b.slot(v));
    return step;
  }

  static bool has_body(const Node& node) {
    bool any = false;
    node.each_body([&](const Graph&) { any = true; });
    return any;
  }

  // The facts of the outputs, when all are known. Only the shape rule is believed: what a file declares may be wrong, and
  // memory is planned on it. A body's outputs are as inferred; they are compared with what the body makes.
  std::optional<std::vector<Fact>> outputs_of(const Node& node, std::span<const Fact* const> in) const {
    std::vector<Fact> out(node.outputs.size());
    if (!has_body(node)) {
      auto by_rule = infer_node(node, in);
      if (!by_rule) return std::nullopt;
      out = std::move(*by_rule);
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
      const Value* v = node.outputs[i];
      if (v && has_body(node) && fact(v)) out[i] = *fact(v);
      if (v && !known(&out[i])) return std::nullopt;
    }
    return out;
  }

  Result<Step> main_step(const Node& node) {
    Step step = new_step(node, *this);
    std::vector<const Fact*> in;
    bool in_known = true;
    for (const Value* v : node.inputs) {
      in.push_back(v ? fact(v) : nullptr);
      in_known = in_known && (!v || known(in.back()));
    }
    const bool plain = !has_body(node);
    std::optional<std::vector<Fact>> known_outputs;
    const bool sound = plain || infer_node(node, in);  // a body of the wrong form is told when the step runs, and then not run
    if (sound && (in_known || !plain)) known_outputs = outputs_of(node, in);
    if (!known_outputs) {
      for (const Value* v : node.outputs)
        if (v) facts_.insert_or_assign(v, Fact{});  // nothing may be planned on what this step has yet to make
      if (!plain && sound) step.kind = Step::Kind::reference;
      return step;
    }
    std::vector<Fact>& out = *known_outputs;
    if (Status s = check_size(out); !s) return std::move(s).error().in(describe(node));
    for (std::size_t i = 0; i < out.size(); ++i)
      if (node.outputs[i]) facts_.insert_or_assign(node.outputs[i], out[i]);
    step.kind = Step::Kind::reference;
    const Site site{node, in, out};
    if (plain && is_alias(site)) {
      step.kind = Step::Kind::alias;
      step.results = std::move(out);
      return step;
    }
    if (!kernels_) return step;
    if (plain) {
      if (auto binding = bind(site)) {
        step.kind = Step::Kind::kernel;
        step.binding = std::move(*binding);
        step.packed = packed_.pack(&node, step.binding);
        return step;
      }
    }
    if (!node.schema || !node.schema->reference) return invalid("{}: nothing here can run this operator on these shapes", describe(node));
    return step;
  }

  void build_bodies(const Node& node) {
    node.each_body([&](const Graph& body) {
      std::vector<Step>& steps = p_.bodies[&body];
      for (const Node* inner : body.nodes()) {
        steps.push_back(new_step(*inner, *this));
        build_bodies(*inner);
      }
      release_in_body(body, steps);
    });
  }

  // Values of a body go when their last reader in that body is done; what it returns stays.
  void release_in_body(const Graph& body, std::vector<Step>& steps) const {
    std::set<const Value*> kept(body.outputs.begin(), body.outputs.end());
    for (std::size_t i = steps.size(); i-- > 0;) {
      const auto last_reader = [&](const Value* v) {
        if (v->graph == &body && !v->constant && kept.insert(v).second) steps[i].dead.push_back(slot(v));
      };
      each_read(*steps[i].node, last_reader);
      for (const Value* v : steps[i].node->outputs)
        if (v) last_reader(v);
    }
  }

  // Everything a node reads, captures of its bodies included.
  static void each_read(const Node& node, const std::function<void(const Value*)>& f) {
    for (const Value* v : node.inputs)
      if (v) f(v);
    node.each_body([&](const Graph& body) {
      for (const Node* inner : body.nodes()) each_read(*inner, f);
      for (const Value* v : body.outputs) f(v);
    });
  }

  void find_last_uses() {
    last_.assign(p_.slots.size(), SIZE_MAX);  // SIZE_MAX: never made here, or needed to the end
    for (std::size_t i = 0; i < p_.steps.size(); ++i) {
      const auto use = [&](const Value* v) {
        if (v->graph == &graph_) last_[static_cast<std::size_t>(slot(v))] = i;
      };
      each_read(*p_.steps[i].node, use);
      for (const Value* v : p_.steps[i].node->outputs)
        if (v) use(v);
    }
    for (const Value* v : graph_.outputs) last_[static_cast<std::size_t>(slot(v))] = SIZE_MAX;
  }

  std::size_t bytes(int s) const {
    const Fact& f = *fact(values_[static_cast<std::size_t>(s)]);
    return bytes_of(f.dtype, static_cast<std::size_t>(count_of(*f.shape.concrete())));
  }
  int root(int s) const { return p_.places[static_cast<std::size_t>(s)].root; }

  void join(int s, int r) {
    Place& place = p_.places[static_cast<std::size_t>(s)];
    place.where = Where::arena;
    place.root = r;
    place.bytes = bytes(r);
    members_[static_cast<std::size_t>(r)].push_back(s);
    auto& end = class_last_[static_cast<std::size_t>(r)];
    end = std::max(end, last_[static_cast<std::size_t>(s)]);
  }

  // An input whose memory the result may take: it dies here, has the same size, and no other input shares its bytes; nor does the same value
  // come in twice: a convolution that adds its own input reads it to the end.
  int taken_over(const Step& step, std::size_t i, int out) const {
    for (const std::size_t k : step.binding.in_place) {
      const int s = step.in[k], r = s < 0 ? -1 : root(s);
      if (r < 0 || class_last_[static_cast<std::size_t>(r)] != i || bytes(r) != bytes(out)) continue;
      if (std::ranges::count_if(step.in, [&](int other) { return other >= 0 && root(other) == r; }) == 1) return r;
    }
    return -1;
  }

  void form_classes() {
    members_.resize(p_.slots.size());
    class_last_.assign(p_.slots.size(), 0);
    first_.assign(p_.slots.size(), 0);
    for (std::size_t i = 0; i < p_.steps.size(); ++i) {
      const Step& step = p_.steps[i];
      if (step.kind == Step::Kind::dynamic) continue;
      for (const int out : step.out) {
        if (out < 0) continue;
        const Fact* f = fact(values_[static_cast<std::size_t>(out)]);
        if (!known(f) || f->dtype == DType::string) continue;  // heap
        int r = out;
        if (step.kind == Step::Kind::alias) {
          r = root(step.in[0]);
          if (r < 0) continue;  // a view of an input, a constant or a heap value: made when it runs
        } else if (step.kind == Step::Kind::kernel) {
          if (const int taken = taken_over(step, i, out); taken >= 0) r = taken;
        }
        if (r == out) first_[static_cast<std::size_t>(r)] = i;
        join(out, r);
      }
    }
  }

  // Offsets for the classes in the arena; views for their members.
  Status lay_out() {
    std::vector<Buffer> buffers;
    std::vector<int> roots;
    for (std::size_t r = 0; r < members_.size(); ++r) {
      if (members_[r].empty()) continue;
      if (class_last_[r] == SIZE_MAX) {
        for (const int m : members_[r]) p_.places[static_cast<std::size_t>(m)].where = Where::output;
        continue;
      }
      buffers.push_back({bytes(static_cast<int>(r)), first_[r], class_last_[r]});
      roots.push_back(static_cast<int>(r));
    }
    const std::size_t total = plan_memory(buffers);
    CHECK_OK(check_memory(total).in("the results of all nodes together"));
    p_.arena = Tensor::allocate(DType::u8, {static_cast<std::int64_t>(total)});
    for (std::size_t i = 0; i < roots.size(); ++i) {
      for (const int m : members_[static_cast<std::size_t>(roots[i])]) {
        p_.places[static_cast<std::size_t>(m)].offset = buffers[i].offset;
        const Fact& f = *fact(values_[static_cast<std::size_t>(m)]);
        p_.slots[static_cast<std::size_t>(m)] =
            Tensor::view(f.dtype, *f.shape.concrete(), p_.arena.bytes().subspan(buffers[i].offset, buffers[i].bytes), p_.arena.owner()).value();
      }
    }
    for (std::size_t r = 0; r < members_.size(); ++r)
      if (!members_[r].empty() && class_last_[r] == SIZE_MAX)
        for (const int m : members_[r]) {
          const Fact& f = *fact(values_[static_cast<std::size_t>(m)]);
          p_.outputs.push_back({m, static_cast<int>(r), f.dtype, *f.shape.concrete()});
        }
    return Ok{};
  }

  const Graph& graph_;
  Facts facts_;
  PackedConstants& packed_;
  Program& p_;
  bool kernels_;
  std::vector<const Value*> values_;       // by slot
  std::vector<std::size_t> last_;          // by slot: the last step that reads it
  std::vector<std::vector<int>> members_;  // by root slot
  std::vector<std::size_t> first_, class_last_;
};

Result<std::unique_ptr<Program>> Program::build(const Graph& graph, Facts given, PackedConstants& packed) {
  // A node that contradicts is judged by its actual inputs, if it runs at all.
  std::vector<Contradiction> contradictions;
  Facts facts = infer(graph, std::move(given), contradictions);
  auto program = std::make_unique<Program>();
  CHECK_OK(ProgramBuilder(graph, std::move(facts), packed, *program).build());
  return program;
}

Result<std::size_t> planned_arena(const Plan& plan) {
  Facts given;
  for (const Value* v : plan.graph().inputs) {
    if (v->constant || !v->shape.ranked || is_aggregate(v->dtype)) continue;
    Dims dims;
    for (const Dim& d : v->shape.dims) dims.push_back(d.known() ? d.value : 1);
    given[v] = Fact{v->dtype, Shape::of(dims), std::nullopt, std::nullopt};
  }
  std::vector<Contradiction> contradictions;
  Facts facts = infer(plan.graph(), std::move(given), contradictions);
  PackedConstants none;
  Program program;
  CHECK_OK(ProgramBuilder(plan.graph(), std::move(facts), none, program, false).build());
  return program.arena.bytes().size();
}

}  // namespace hone
