// SPDX-License-Identifier: Apache-2.0
#include "lib/quant/scheme.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "lib/base/closest.h"

namespace hone {
namespace {

// Elementwise and pooling operators with a scale of their own.
constexpr std::array light_ops{"Add", "AveragePool", "Clip", "GlobalAveragePool", "HardSigmoid", "HardSwish", "LeakyRelu", "Mul", "Relu", "Sigmoid", "Tanh"};
// Operators that only move or choose elements: what goes in comes out, with the same scale.
constexpr std::array movers{"Concat", "DepthToSpace", "Flatten", "Identity", "MaxPool", "Reshape", "Slice", "SpaceToDepth", "Split", "Squeeze", "Transpose", "Unsqueeze"};

template <class List> bool listed(const List& list, const Node& n) { return n.domain.empty() && std::ranges::find(list, n.op) != list.end(); }

// The inputs that carry the data; the others are shapes, axes, bounds.
std::vector<Value*> data_inputs(const Node& n) {
  if (n.is("Concat") || n.is("Add") || n.is("Mul")) return n.inputs;
  return {n.input(0)};
}

bool is_inner(const Value* v) { return v->users.size() == 1 && v->users[0]->graph == v->graph && !v->graph->is_output(v); }

bool constant_f32(const Value* v) { return v && v->constant && v->constant->dtype() == DType::f32; }

// Why a product cannot become integers; empty when it can.
std::string obstacle(const Node& n) {
  const Value* w = n.input(1);
  if (!n.input(0) || n.input(0)->constant) return "its data are constant";
  if (n.input(0)->dtype != DType::f32) return "its data are not float32";
  if (!constant_f32(w)) return "its second input is no float32 constant";
  if (n.is("MatMul") && w->constant->rank() != 2) return "its weights are not a matrix";
  if (n.is("Gemm") && (n.integer("transA") != 0 || n.number("alpha", 1) != 1.0f || n.number("beta", 1) != 1.0f)) return "alpha, beta or transA is not the default";
  if (const Value* bias = n.input(2)) {
    if (!constant_f32(bias)) return "its bias is no float32 constant";
    const int axis = channel_axis(n);
    const std::int64_t channels = n.is("ConvTranspose") ? w->constant->dims()[1] * n.integer("group", 1) : w->constant->dims()[static_cast<std::size_t>(axis)];
    if (bias->constant->rank() == 0 || bias->constant->dims().back() != channels || bias->constant->count() != channels) return "its bias is no vector with one value for each channel";
  }
  return "";
}

bool is_product(const Node& n) { return n.is("Conv") || n.is("ConvTranspose") || n.is("Gemm") || n.is("MatMul"); }

// The Relu or Clip (with constant bounds) that is the only user of v.
Node* absorbable(const Value* v) {
  if (!is_inner(v)) return nullptr;
  Node* user = v->users[0];
  if (user->input(0) != v) return nullptr;
  if (user->is("Relu")) return user;
  const auto bound = [&](std::size_t i) { return !user->input(i) || user->input(i)->constant; };
  return user->is("Clip") && bound(1) && bound(2) ? user : nullptr;
}

class Builder {
 public:
  Builder(Graph& graph, const SchemeOptions& options) : graph_(graph), options_(options) {}

  Result<Scheme> build() {
    CHECK_OK(check_names());
    for (Node* n : graph_.nodes()) classify(n);
    wanted_backwards();
    for (Node* n : graph_.nodes())
      if (kinds_.contains(n) && (kinds_[n] == Kind::heavy || chosen(n))) take(n);
    share();
    return std::move(scheme_);
  }

 private:
  enum class Kind { heavy, light, mover };

  Status check_names() const {
    std::vector<std::string> names, ops;
    for (const Node* n : graph_.nodes()) names.push_back(n->name), ops.push_back(n->op);
    const auto check = [](const auto& asked, const std::vector<std::string>& have, std::string_view option) -> Status {
      for (const std::string& name : asked) {
        if (std::ranges::find(have, name) != have.end()) continue;
        const std::string near = closest(name, have);
        return usage_error("{}: nothing in the prepared model is called '{}'{}", option, name, near.empty() ? "; 'hone inspect' lists what there is" : format("; did you mean '{}'?", near));
      }
      return Ok{};
    };
    CHECK_OK(check(options_.exclude, names, "--exclude"));
    return check(options_.skip_ops, ops, "--skip-op");
  }

  // Forward: which values can come as integers.
  void classify(Node* n) {
    if (absorbed_.contains(n) || options_.exclude.contains(n->name) || options_.skip_ops.contains(n->op)) {
      if (is_product(*n) && !absorbed_.contains(n)) scheme_.skipped.emplace_back(n->name.empty() ? describe(*n) : n->name, "excluded");
      return;
    }
    const Value* out = n->output(0);
    if (!out || out->dtype != DType::f32) return;
    if (is_product(*n)) {
      if (const std::string why = obstacle(*n); !why.empty()) return scheme_.skipped.emplace_back(n->name.empty() ? describe(*n) : n->name, why), void();
      kinds_[n] = Kind::heavy;
    } else if (listed(light_ops, *n)) {
      kinds_[n] = Kind::light;
    } else if (listed(movers, *n)) {
      kinds_[n] = Kind::mover;
    } else {
      return;
    }
    if (kinds_[n] != Kind::heavy && !integer_inputs(*n)) return kinds_.erase(n), void();
    follow(n);
    for (const Value* v : n->outputs)
      if (v) integer_.insert(results_.contains(n) && v == n->outputs[0] ? results_[n] : v);
  }

  bool integer_inputs(const Node& n) const {
    int live = 0;
    for (const Value* v : data_inputs(n)) {
      if (!v) return false;
      if (constant_f32(v)) continue;
      if (!integer_.contains(v) && !(v->is_input() && v->graph == &graph_ && v->dtype == DType::f32)) return false;
      ++live;
    }
    return live > 0;
  }

  // What is absorbed after n: a MatMul's bias, then one activation.
  void follow(Node* n) {
    Value* end = n->outputs[0];
    if (n->is("MatMul") && is_inner(end) && end->users[0]->is("Add")) {
      Node* add = end->users[0];
      const Value* other = add->input(0) == end ? add->input(1) : add->input(0);
      if (constant_f32(other) && other->constant->rank() == 1 && other->constant->count() == n->input(1)->constant->dims()[1] && !options_.exclude.contains(add->name)) {
        absorbed_.insert(add);
        bias_adds_[n] = add;
        end = add->outputs[0];
      }
    }
    const bool sums = kinds_[n] == Kind::heavy || n->is("Add");
    if (Node* activation = sums ? absorbable(end) : nullptr; activation && !options_.exclude.contains(activation->name)) {
      absorbed_.insert(activation);
      end = activation->outputs[0];
    }
    results_[n] = end;
  }

  // Backward: which values some product wants as integers.
  void wanted_backwards() {
    const auto& order = graph_.nodes();
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
      const auto kind = kinds_.find(*it);
      if (kind == kinds_.end()) continue;
      if (kind->second == Kind::heavy) wanted_.insert((*it)->input(0));
      else if (chosen(*it))
        for (const Value* v : data_inputs(**it)) wanted_.insert(v);
    }
  }
  bool chosen(Node* n) const {
    const auto result = results_.find(n);
    return std::ranges::any_of(n->outputs, [&](const Value* v) { return v && (wanted_.contains(v) || (result != results_.end() && v == n->outputs[0] && wanted_.contains(result->second))); });
  }

  std::size_t add_tensor(Value* v) {
    const auto [it, fresh] = index_.emplace(v, scheme_.tensors.size());
    if (fresh) scheme_.tensors.push_back(v), scheme_.group.push_back(it->second);
    return it->second;
  }

  void take(Node* n) {
    const Kind kind = kinds_[n];
    const auto bias = bias_adds_.find(n);
    std::vector<std::size_t> joined;
    for (Value* v : kind == Kind::heavy ? std::vector{n->input(0)} : data_inputs(*n))
      if (v && !v->constant) joined.push_back(add_tensor(v));
    scheme_.nodes.push_back({n, kind == Kind::heavy, bias == bias_adds_.end() ? nullptr : bias->second, results_[n]});
    joined.push_back(add_tensor(results_[n]));
    for (std::size_t i = 1; i < n->outputs.size(); ++i)  // Split
      if (n->outputs[i] && kind == Kind::mover && n->outputs[i]->dtype == DType::f32) joined.push_back(add_tensor(n->outputs[i]));
    if (kind == Kind::mover) pairs_.push_back(std::move(joined));
  }

  std::size_t root(std::size_t i) {
    while (scheme_.group[i] != i) i = scheme_.group[i] = scheme_.group[scheme_.group[i]];
    return i;
  }
  void share() {
    for (const auto& joined : pairs_)
      for (const std::size_t i : joined) {
        const std::size_t a = root(joined[0]), b = root(i);
        scheme_.group[std::max(a, b)] = std::min(a, b);
      }
    for (std::size_t i = 0; i < scheme_.group.size(); ++i) scheme_.group[i] = root(i);
  }

  Graph& graph_;
  const SchemeOptions& options_;
  Scheme scheme_;
  std::map<const Node*, Kind> kinds_;      // looked up, never iterated
  std::set<const Node*> absorbed_;
  std::map<const Node*, Node*> bias_adds_;
  std::map<const Node*, Value*> results_;
  std::set<const Value*> integer_, wanted_;
  std::map<const Value*, std::size_t> index_;
  std::vector<std::vector<std::size_t>> pairs_;
};

}  // namespace

int channel_axis(const Node& n) {
  if (n.is("Conv")) return 0;
  if (n.is("Gemm")) return n.integer("transB") != 0 ? 0 : 1;
  if (n.is("MatMul")) return 1;
  if (n.is("ConvTranspose")) return n.integer("group", 1) == 1 ? 1 : -1;
  return -1;
}

Result<Scheme> make_scheme(Graph& graph, const SchemeOptions& options) { return Builder(graph, options).build(); }

}  // namespace hone
