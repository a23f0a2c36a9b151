// SPDX-License-Identifier: Apache-2.0
// Passes: a set of rules (a pattern in ONNX node text, and what to do with a match), or a function over the whole graph.
//
// Pattern language: one node per line, `out = Op <attr = value, ...> (in, in)`, plus
//   const W    the input must be a constant          B?   the input may be absent
//   name?      after an input: optional              A|B  either operator: `y = Relu|Clip (x)`
//   the same name twice: the same value              commutative operators (Add, Mul, ...) match with inputs in either order
//   Dom.Op     an operator of another domain: `com.microsoft.Gelu`
// Inner values (made and used inside the pattern) must have no use outside it and be no graph output. The last line makes the root.
// An attribute that is absent has the default of the operator's schema. All nodes of a match are in one graph; constants may be outside.
#pragma once
#include <span>
#include <string_view>

#include "lib/ops/op.h"

namespace hone {

class Match {
 public:
  Value* value(std::string_view name) const;        // as named in the pattern; null when an optional input is absent
  const Tensor* constant(std::string_view name) const;  // null when absent or not a constant
  Node* node(std::string_view op) const;             // the first node of the pattern with this operator
  Node* maker(std::string_view value_name) const;    // the node on the line that makes this value

 private:
  friend class Matcher;
  friend class RuleRunner;
  std::vector<std::pair<std::string_view, Value*>> values_;
  std::vector<std::pair<std::string_view, Node*>> nodes_;  // value made -> node, in pattern order
};

// Changes take effect only when the rule returns true: a rule that declines has touched nothing. After a commit, matched nodes and
// constants that have lost their last use are erased.
class Edit {
 public:
  Edit(Graph& graph, Node* root) : graph_(graph), root_(root) {}
  const Graph& graph() const { return graph_; }
  // A new constant; its name derives from `like` (the value it replaces) so that results are deterministic.
  Value* constant(const Value* like, Tensor);
  // A new node before the root of the match, with one output named after the hint; its dtype and shape are inferred on commit.
  Node* add(std::string_view op, std::vector<Value*> inputs, std::string_view output_hint, std::string_view domain = "");
  void set_attribute(Node*, std::string name, Attribute);
  void drop_attribute(Node*, std::string name);
  void set_input(Node*, std::size_t i, Value*);
  // Every use of `from` becomes `to`. A graph output keeps its name and declared type, which `to` takes over. False, and nothing
  // queued, when that cannot be: `to` is a graph input, an output already, or of an enclosing graph (see can_replace).
  bool replace(Value* from, Value* to);

 private:
  friend class RuleRunner;
  void commit();
  void roll_back();
  Graph& graph_;
  Node* root_;
  std::vector<Node*> nodes_;    // added
  std::vector<Value*> constants_;  // added
  std::vector<std::function<void()>> queue_;
};

// A rule whose new constants hold an infinity or NaN, where those it matched hold none, is taken back: the product does not fit the type.
struct Rule {
  std::string_view pattern;
  bool (*apply)(const Match&, Edit&);
};

struct Pass {
  std::string_view name;  // "fuse-conv-bn": the file is passes/fusion/fuse_conv_bn.cpp
  std::string_view help;  // one line
  std::span<const Rule> rules = {};
  Result<int> (*run)(Graph&) = nullptr;  // instead of rules; must treat subgraphs itself; returns the number of rewrites
  bool approximate = false;              // results may differ in the last bits (re-association); told in --help and proofs use a tolerance
  bool evaluates = false;                // computes parts of the model: may find that it can never run
};

std::span<const Pass* const> all_passes();
const Pass* find_pass(std::string_view name);

// What a pass did.
struct PassReport {
  std::string name;
  int rewrites = 0;
  double seconds = 0;
  std::string unproven = {};  // why the proof could not be made; empty when it was made, or not asked for
};

struct RunOptions {
  bool prove = true;                  // execute before and after on seeded random inputs; a difference is an error naming the pass
  std::uint64_t seed = 0;
  std::vector<std::string> print_before = {}, print_after = {};  // pass names, "*" for all
  std::function<void(std::string_view)> print = {};    // receives what HONE_PASS_DEBUG and print_* ask for
  std::map<std::string, Dims> shapes = {};             // concrete input shapes for proofs; guessed where absent
};

// Runs one pass until it finds nothing more (bodies included). Asserts that 0 rewrites means unchanged text, and that the graph verifies.
Result<PassReport> run_pass(Model&, const Pass&, const RunOptions& = {});
// Runs these passes in turn, round after round, until none finds anything more; one report for each. The proof compares the model
// before the first with the model after the last; on a difference the passes are replayed to name the one that caused it.
Result<std::vector<PassReport>> run_passes(Model&, std::span<const Pass* const> passes, const RunOptions& = {});
// The same for a pipeline of lib/rewrite/pipelines.h: "optimize", "quantize-prepare", "clean".
Result<std::vector<PassReport>> run_pipeline(Model&, std::string_view pipeline, const RunOptions& = {});
// The passes named, or those of a pipeline; a usage error for an unknown name, with the nearest known one.
Result<std::vector<const Pass*>> find_passes(std::span<const std::string> names);

}  // namespace hone
