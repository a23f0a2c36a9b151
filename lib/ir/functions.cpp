// SPDX-License-Identifier: Apache-2.0
// Functions local to a model, inlined: each call becomes a copy of the function's nodes, in which the function's inputs, outputs and
// attribute parameters stand for those of the call, and every other name is one that nothing in the model has yet.
#include <algorithm>
#include <set>
#include <unordered_set>

#include "lib/ir/draft.h"

namespace hone {
namespace {

constexpr std::size_t max_nesting = 200;    // of calls within functions
constexpr std::size_t max_body_depth = 64;  // of bodies within bodies, after inlining
constexpr std::size_t node_bytes = 1024;    // what a node without attributes and its values take in memory, about
constexpr std::size_t allowance = 64'000'000, allowance_per_byte = 4;  // bytes of nodes, beside the file and for each byte of it

using Key = std::tuple<std::string_view, std::string_view, std::string_view>;
Key key_of(const DraftFunction& f) { return {f.domain, f.name, f.overload}; }

std::string describe(const DraftFunction& f) { return format("function '{}{}{}'", f.domain, f.domain.empty() ? "" : ".", f.name); }
std::string describe(const DraftNode& node) {
  if (!node.name.empty()) return format("node '{}' ({})", node.name, node.op);
  return format("node making '{}' ({})", node.outputs.empty() ? "" : node.outputs[0], node.op);
}

template <class T> constexpr bool is_graph = std::is_same_v<T, GraphPtr> || std::is_same_v<T, std::vector<GraphPtr>>;

// An attribute of a draft; its graphs are in DraftNode::bodies.
Attribute copy(const Attribute& attribute) {
  return std::visit(
      [](const auto& content) -> Attribute {
        if constexpr (is_graph<std::decay_t<decltype(content)>>) return std::int64_t{0};
        else return content;
      },
      attribute);
}

// About how many bytes a copy takes; tensors share theirs.
std::size_t cost_of(const Attribute& attribute) {
  return std::visit(
      [](const auto& content) -> std::size_t {
        using T = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<T, std::string>) return content.size();
        else if constexpr (std::is_same_v<T, std::vector<std::int64_t>> || std::is_same_v<T, std::vector<float>>) return content.size() * sizeof(content[0]);
        else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          std::size_t total = 0;
          for (const std::string& s : content) total += sizeof(s) + s.size();
          return total;
        } else if constexpr (std::is_same_v<T, std::vector<Tensor>>) return content.size() * sizeof(Tensor);
        else return 0;
      },
      attribute);
}

// The names of a function, or of a body within it, and what they are called in the model; "" for an input that the call leaves out.
struct Names {
  const Names* outer = nullptr;
  std::unordered_map<std::string_view, std::string> known;
  const std::string* find(std::string_view name) const {
    for (const Names* n = this; n; n = n->outer)
      if (const auto it = n->known.find(name); it != n->known.end()) return &it->second;
    return nullptr;
  }
};

class Inliner {
 public:
  explicit Inliner(std::size_t limit_bytes) : left_(limit_bytes), limit_(limit_bytes) {}

  Status run(DraftGraph& main, const std::vector<DraftFunction>& functions) {
    for (const DraftFunction& f : functions)
      if (!functions_.emplace(key_of(f), &f).second) return invalid("{} is defined twice", describe(f));
    collect_names(main);
    return graph(main);
  }

 private:
  // --- names ---
  void collect_names(const DraftGraph& g) {
    for (const DraftValue& v : g.inputs) taken_.insert(v.name);
    for (const DraftConstant& c : g.constants) taken_.insert(c.name);
    for (const DraftNode& n : g.nodes) {
      taken_.insert(n.outputs.begin(), n.outputs.end());
      for (const DraftBody& b : n.bodies)
        for (const DraftGraph& body : b.graphs) collect_names(body);
    }
  }
  // The name itself, or with the first number that makes it free.
  std::string fresh(const std::string& name) {
    if (taken_.insert(name).second) return name;
    std::size_t& number = numbers_[name];
    for (;;)
      if (std::string tried = format("{}_{}", name, ++number); taken_.insert(tried).second) return tried;
  }
  Status spend(std::size_t bytes) {
    if (bytes > left_) return invalid("the functions of the model, inlined, make more than {} MB of nodes; inline and simplify them when exporting", limit_ / 1'000'000);
    left_ -= bytes;
    return Ok{};
  }

  // --- what is there already: calls are found and replaced ---
  Status graph(DraftGraph& g) {
    if (++body_depth_ > max_body_depth) return invalid("graphs nest deeper than {}", max_body_depth);
    std::vector<DraftNode> nodes = std::move(g.nodes);
    g.nodes.clear();
    for (DraftNode& node : nodes) CHECK_OK(place(std::move(node), g));
    --body_depth_;
    return Ok{};
  }
  // Bodies first: those that the function takes as attributes belong to the caller.
  Status place(DraftNode node, DraftGraph& into) {
    for (DraftBody& b : node.bodies)
      for (DraftGraph& body : b.graphs) CHECK_OK(graph(body));
    const auto it = functions_.find(Key{node.domain, node.op, node.overload});
    if (it == functions_.end()) return into.nodes.push_back(std::move(node)), Ok{};
    const DraftFunction& f = *it->second;
    CHECK_OK(check_call(f, node).in(describe(node)));
    calls_.push_back(&f);
    CHECK_OK(expand(f, node, into));
    calls_.pop_back();
    return Ok{};
  }
  Status check_call(const DraftFunction& f, const DraftNode& call) const {
    if (const auto it = std::ranges::find(calls_, &f); it != calls_.end()) {
      std::string cycle;
      for (auto step = it; step != calls_.end(); ++step) cycle += (*step)->name + " -> ";
      return invalid("{} calls itself: {}{}", describe(f), cycle, f.name);
    }
    if (calls_.size() == max_nesting) return invalid("functions call each other deeper than {}", max_nesting);
    const auto most = [&](std::size_t given, std::size_t taken, std::string_view what) -> Status {
      if (given <= taken) return Ok{};
      return invalid("{} {} given, {} has {}", given, what, describe(f), taken);
    };
    CHECK_OK(most(call.inputs.size(), f.inputs.size(), "inputs"));
    return most(call.outputs.size(), f.outputs.size(), "outputs");
  }

  // --- one call ---
  Status expand(const DraftFunction& f, const DraftNode& call, DraftGraph& into) {
    TRY(const Names names, names_of(f, call).in(describe(f)));
    for (const DraftNode& node : f.nodes) {
      TRY(DraftNode made, instance(node, f, call, names).in(describe(f)));
      if (!call.name.empty() && !made.name.empty()) made.name = call.name + "/" + made.name;
      CHECK_OK(place(std::move(made), into));
    }
    for (std::size_t i = 0; i < call.outputs.size(); ++i) CHECK_OK(pass_through(f, call, i, names, into));
    for (const DraftValue& info : f.infos)
      if (const std::string* name = names.find(info.name); name && !name->empty()) into.infos.push_back(renamed(info, *name));
    return Ok{};
  }
  Result<Names> names_of(const DraftFunction& f, const DraftNode& call) {
    CHECK_OK(spend(128 * (f.inputs.size() + f.outputs.size() + f.infos.size())));
    std::unordered_map<std::string_view, std::size_t> outputs;
    for (std::size_t i = 0; i < f.outputs.size(); ++i) outputs.emplace(f.outputs[i], i);
    Names names;
    for (std::size_t i = 0; i < f.inputs.size(); ++i)
      if (!names.known.emplace(f.inputs[i], i < call.inputs.size() ? call.inputs[i] : "").second) return invalid("two inputs are named '{}'", f.inputs[i]);
    for (const DraftNode& node : f.nodes) {
      for (const std::string& made : node.outputs) {
        if (made.empty()) continue;
        if (names.known.contains(made)) return invalid("'{}' is made twice", made);
        const auto it = outputs.find(made);
        const bool wanted = it != outputs.end() && it->second < call.outputs.size() && !call.outputs[it->second].empty();
        names.known.emplace(made, wanted ? call.outputs[it->second] : fresh(made));
      }
    }
    return names;
  }
  // An output that is an input of the function, or is listed before, needs a node of its own.
  Status pass_through(const DraftFunction& f, const DraftNode& call, std::size_t i, const Names& names, DraftGraph& into) {
    if (call.outputs[i].empty()) return Ok{};
    const std::string* made = names.find(f.outputs[i]);
    if (!made || made->empty()) return invalid("{}: output '{}' of {} is made by none of its nodes", describe(call), f.outputs[i], describe(f));
    if (*made == call.outputs[i]) return Ok{};
    CHECK_OK(spend(node_bytes));
    DraftNode identity;
    identity.op = "Identity";
    identity.inputs = {*made};
    identity.outputs = {call.outputs[i]};
    const auto opset = f.opsets.find("");
    identity.opset = opset == f.opsets.end() ? 1 : opset->second;
    into.nodes.push_back(std::move(identity));
    return Ok{};
  }

  // A node of the function, under the names and with the attributes of the call.
  Result<DraftNode> instance(const DraftNode& node, const DraftFunction& f, const DraftNode& call, const Names& names) {
    DraftNode made;
    made.name = node.name;
    made.op = node.op;
    made.domain = node.domain;
    made.overload = node.overload;
    made.doc = node.doc;
    made.opaque = node.opaque;
    const auto version = f.opsets.find(node.domain);
    if (version != f.opsets.end()) made.opset = version->second;
    std::size_t bytes = node_bytes + call.name.size() + node.name.size() + node.doc.size() + node.opaque.size();
    for (const std::string& name : node.inputs) {
      const std::string* known = name.empty() ? &name : names.find(name);
      if (!known) return invalid("{} reads '{}', which is no input of the function and made by none of its nodes", describe(node), name);
      made.inputs.push_back(*known);
      bytes += sizeof(std::string) + known->size();
    }
    for (const std::string& name : node.outputs) made.outputs.push_back(name.empty() ? name : *names.find(name));
    for (const auto& [key, attribute] : node.attributes) made.attributes.emplace(key, copy(attribute)), bytes += cost_of(attribute);
    CHECK_OK(spend(bytes));
    for (const DraftBody& b : node.bodies) {
      TRY(made.bodies.emplace_back(), body(b, f, call, &names));
    }
    for (const DraftReference& reference : node.references) CHECK_OK(resolve(reference, f, call, names, made));
    return made;
  }
  Result<DraftBody> body(const DraftBody& b, const DraftFunction& f, const DraftNode& call, const Names* names) {
    DraftBody made{b.attribute, b.many, {}};
    for (const DraftGraph& g : b.graphs) {
      TRY(made.graphs.emplace_back(), instance(g, f, call, names));
    }
    return made;
  }
  static bool sets(const DraftNode& node, std::string_view attribute) {
    return node.attributes.contains(attribute) || std::ranges::any_of(node.bodies, [&](const DraftBody& b) { return b.attribute == attribute; });
  }
  // The attribute gets the value of the call, else the default, else stays absent. What the call gives has the call's names already.
  Status resolve(const DraftReference& reference, const DraftFunction& f, const DraftNode& call, const Names& names, DraftNode& made) {
    if (sets(made, reference.attribute)) return invalid("{}: attribute '{}' is given twice", describe(made), reference.attribute);
    const bool given = sets(call, reference.parameter);
    const DraftNode& from = given ? call : f.defaults;
    if (const auto it = from.attributes.find(reference.parameter); it != from.attributes.end()) {
      made.attributes.emplace(reference.attribute, copy(it->second));
      return spend(cost_of(it->second));
    }
    for (const DraftBody& b : from.bodies) {
      if (b.attribute != reference.parameter) continue;
      TRY(DraftBody found, body(b, f, call, given ? nullptr : &names));
      found.attribute = reference.attribute;
      made.bodies.push_back(std::move(found));
    }
    return Ok{};
  }

  // A copy of a body: under new names when it is the function's own, as it is (names null) when the caller passed it.
  Result<DraftGraph> instance(const DraftGraph& g, const DraftFunction& f, const DraftNode& call, const Names* outer) {
    if (++body_depth_ > max_body_depth) return invalid("graphs nest deeper than {}", max_body_depth);
    Names names{outer, {}};
    const bool own = outer != nullptr;
    const auto declare = [&](const std::string& name) { names.known.emplace(name, own && !name.empty() ? fresh(name) : name); };
    for (const DraftValue& v : g.inputs) declare(v.name);
    for (const DraftConstant& c : g.constants)
      if (!names.known.contains(c.name)) declare(c.name);
    for (const DraftNode& n : g.nodes) std::ranges::for_each(n.outputs, declare);
    const auto called = [&](const std::string& name) { return own && names.find(name) ? *names.find(name) : name; };
    DraftGraph made;
    made.name = g.name;
    made.doc = g.doc;
    made.opaque = g.opaque;
    for (const DraftValue& v : g.inputs) made.inputs.push_back(renamed(v, called(v.name)));
    for (const DraftValue& v : g.infos)
      if (names.known.contains(v.name)) made.infos.push_back(renamed(v, called(v.name)));
    for (const DraftConstant& c : g.constants) made.constants.push_back({called(c.name), c.tensor});
    for (const DraftValue& v : g.outputs) {
      if (own && !names.find(v.name)) return invalid("a body returns '{}', which nothing in the function makes", v.name);
      made.outputs.push_back(renamed(v, called(v.name)));
    }
    CHECK_OK(spend(256 * (g.inputs.size() + g.outputs.size() + g.constants.size() + 1) + g.doc.size() + g.opaque.size()));
    for (const DraftNode& n : g.nodes) {
      TRY(made.nodes.emplace_back(), own ? instance(n, f, call, names) : as_it_is(n, f, call));
    }
    --body_depth_;
    return made;
  }
  Result<DraftNode> as_it_is(const DraftNode& node, const DraftFunction& f, const DraftNode& call) {
    DraftNode made;
    made.name = node.name, made.op = node.op, made.domain = node.domain, made.overload = node.overload, made.doc = node.doc;
    made.opaque = node.opaque, made.inputs = node.inputs, made.outputs = node.outputs, made.opset = node.opset;
    std::size_t bytes = node_bytes + node.doc.size() + node.opaque.size();
    for (const auto& [key, attribute] : node.attributes) made.attributes.emplace(key, copy(attribute)), bytes += cost_of(attribute);
    CHECK_OK(spend(bytes));
    for (const DraftBody& b : node.bodies) {
      TRY(made.bodies.emplace_back(), body(b, f, call, nullptr));
    }
    return made;
  }

  // A type stated inside a function holds for every call of it; its symbols do not stand for the same number in each.
  static DraftValue renamed(const DraftValue& v, std::string name) {
    DraftValue made = v;
    made.name = std::move(name);
    for (Dim& d : made.shape.dims) d.symbol.clear();
    made.element = without_symbols(made.element);
    return made;
  }
  static TypePtr without_symbols(const TypePtr& type) {
    if (!type) return type;
    ValueType made = *type;
    for (Dim& d : made.shape.dims) d.symbol.clear();
    made.element = without_symbols(made.element);
    return std::make_shared<const ValueType>(std::move(made));
  }

  std::map<Key, const DraftFunction*> functions_;
  std::vector<const DraftFunction*> calls_;  // from the main graph to here
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, std::size_t> numbers_;
  std::size_t left_, limit_, body_depth_ = 0;
};

bool uses(const DraftGraph& g, std::string_view domain) {
  return std::ranges::any_of(g.nodes, [&](const DraftNode& n) {
    if (n.domain == domain) return true;
    return std::ranges::any_of(n.bodies, [&](const DraftBody& b) { return std::ranges::any_of(b.graphs, [&](const DraftGraph& body) { return uses(body, domain); }); });
  });
}

}  // namespace

Status inline_functions(DraftGraph& main, const std::vector<DraftFunction>& functions, Opsets& opsets, std::size_t file_bytes) {
  if (functions.empty()) return Ok{};
  CHECK_OK(Inliner(allowance + allowance_per_byte * file_bytes).run(main, functions));
  std::set<std::string_view> domains;
  for (const DraftFunction& f : functions) domains.insert(f.domain);
  for (const std::string_view domain : domains)
    if (!domain.empty() && opsets.size() > 1 && !uses(main, domain)) opsets.erase(std::string(domain));  // a model imports at least one
  return Ok{};
}

}  // namespace hone
