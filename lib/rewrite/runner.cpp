// SPDX-License-Identifier: Apache-2.0
// Runs passes: rules over every node of every graph to a fixed point, types inferred again after changes, the graph verified after
// each pass, and the result proven by execution. HONE_PASS_DEBUG=1 reports and verifies each pass; =2 prints the model before the
// pass that broke it; =3 also writes hone-<number>-<pass>.txt after each pass into the current folder.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <set>

#include "lib/base/file.h"
#include "lib/base/closest.h"
#include "lib/ir/text.h"
#include "lib/ops/infer.h"
#include "lib/ops/upgrade.h"
#include "lib/rewrite/graph_edit.h"
#include "lib/rewrite/pipelines.h"
#include "lib/rewrite/proof.h"

namespace hone {

const Pass* find_pass(std::string_view name) {
  const auto it = std::ranges::find(all_passes(), name, &Pass::name);
  return it == all_passes().end() ? nullptr : *it;
}

Result<std::vector<const Pass*>> find_passes(std::span<const std::string> names) {
  std::vector<const Pass*> found;
  for (const std::string& name : names) {
    found.push_back(find_pass(name));
    if (found.back()) continue;
    std::vector<std::string> known;
    for (const Pass* p : all_passes()) known.emplace_back(p->name);
    const std::string better = closest(name, known);
    return usage_error("there is no pass '{}'{}; 'hone passes' lists them", name, better.empty() ? "" : format(", did you mean '{}'", better));
  }
  return found;
}

class RuleRunner {
 public:
  static Result<int> run(Graph& graph, std::span<const Rule> rules) {
    std::vector<Pattern> patterns;
    for (const Rule& rule : rules) {
      TRY(auto pattern, parse_pattern(rule.pattern));
      patterns.push_back(std::move(pattern));
    }
    int total = 0;
    for (int sweep = 0;; ++sweep) {
      int rewrites = 0;
      each_graph(graph, [&](Graph& g) { rewrites += once(g, rules, patterns); });
      if (rewrites == 0) return total;
      graph.drop_dead();
      total += rewrites;
      if (sweep > 1000) return bug("it rewrites without end");
    }
  }

 private:
  static int once(Graph& graph, std::span<const Rule> rules, std::span<const Pattern> patterns) {
    int rewrites = 0;
    std::set<const Node*> erased;  // a new node may get the address of an erased one: the next sweep sees it
    for (Node* node : std::vector<Node*>(graph.nodes())) {
      for (std::size_t r = 0; r < rules.size(); ++r) {
        if (erased.contains(node)) break;
        std::vector<Value*> matched;
        const bool done = Matcher(patterns[r]).match(node, [&](const Match& m) { return apply(rules[r], m, graph, node, matched); });
        if (!done) continue;
        ++rewrites;
        for (const Node* n : erase_unused(std::move(matched))) erased.insert(n);
      }
    }
    return rewrites;
  }

  static bool finite(const Value* v) {
    if (!v || !v->constant || !is_float(v->constant->dtype())) return true;
    const std::vector<double> values = v->constant->to_doubles();
    return std::ranges::all_of(values, [](double d) { return std::isfinite(d); });
  }

  static bool apply(const Rule& rule, const Match& m, Graph& graph, Node* root, std::vector<Value*>& matched) {
    Edit edit(graph, root);
    if (!rule.apply(m, edit)) return edit.roll_back(), false;
    if (!std::ranges::all_of(edit.constants_, finite) && std::ranges::all_of(m.values_, [](const auto& bound) { return finite(bound.second); }))
      return edit.roll_back(), false;
    for (const auto& [name, value] : m.values_)
      if (value) matched.push_back(value);
    for (Value* v : edit.constants_) matched.push_back(v);
    edit.commit();
    return true;
  }
};

namespace {

int debug_level() {
  const char* text = std::getenv("HONE_PASS_DEBUG");
  return text ? std::atoi(text) : 0;
}

bool asked(const std::vector<std::string>& names, std::string_view pass) {
  return std::ranges::any_of(names, [&](const std::string& n) { return n == "*" || n == pass; });
}

ProofOptions proof_options(const RunOptions& options, std::span<const Pass* const> steps) {
  return {.seed = options.seed, .approximate = std::ranges::any_of(steps, &Pass::approximate), .shapes = options.shapes};
}

// What stops a pass, as a bug of ours with the next command to run.
Error broken(const Pass& pass, std::string_view what) {
  return bug("pass '{}' {}. Please report it with what 'hone opt --pass {} --print-before {} MODEL' prints; 'hone optimize --skip {}' does without it",
             pass.name, what, pass.name, pass.name, pass.name);
}

// What was done before a pass.
struct History {
  const Model& original;
  std::vector<const Pass*> steps = {};  // those that changed something
};

Status blame_shapes(const Model& original, std::span<const Pass* const> steps, const RunOptions&, std::string_view found);

// One pass without proof. With a history the model may be found to be at fault.
Result<PassReport> apply(Model& model, const Pass& pass, const RunOptions& options, const History* history = nullptr) {
  const int debug = debug_level();
  const auto show = [&](std::string_view when) {
    if (options.print) options.print(format("# {} {}\n{}", when, pass.name, print(model)));
  };
  if (asked(options.print_before, pass.name)) show("before");
#ifdef NDEBUG
  const bool compare_text = debug > 0;
#else
  const bool compare_text = true;
#endif
  const std::string before = compare_text ? print(model) : "";
  const auto start = std::chrono::steady_clock::now();
  const auto rewrites = pass.run ? pass.run(*model.graph) : RuleRunner::run(*model.graph, pass.rules);
  if (!rewrites) return broken(pass, format("failed: {}", rewrites.error().message));
  PassReport report{std::string(pass.name), *rewrites};
  Status sound = verify(*model.graph);
  if (sound && report.rewrites > 0) {
    sound = infer_shapes(*model.graph);
    if (!sound && pass.evaluates) return invalid("the model can never run, as {} finds: {}", pass.name, sound.error().message);
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!sound) {
    if (debug >= 2 && options.print) options.print(format("# before {}\n{}", pass.name, before));
    if (history) {
      std::vector<const Pass*> steps = history->steps;
      steps.push_back(&pass);
      CHECK_OK(blame_shapes(history->original, steps, {.prove = false}, sound.error().message));
    }
    return broken(pass, format("broke the model: {}", sound.error().message));
  }
  if (compare_text && report.rewrites == 0 && print(model) != before) return broken(pass, "changed the model and did not say so");
  if (debug >= 1 && options.print) options.print(format("{:24} {:5} rewrites {:9.3f} ms", pass.name, report.rewrites, report.seconds * 1e3));
  if (debug >= 3) {
    static int number = 0;
    CHECK_OK(write_file(format("hone-{:03}-{}.txt", ++number, pass.name), as_bytes(print(model)), true));
  }
  if (asked(options.print_after, pass.name)) show("after");
  return report;
}

void forget_declared_shapes(Graph& graph) {
  for (Value* v : graph.values())
    if (!v->constant && (graph.owner || v->producer)) v->shape = Shape();
  for (Node* node : graph.nodes()) node->each_body(forget_declared_shapes);
}

// Declared shapes that a run does not have may do harm only when a pass builds on one, or brings two together. An error when the same
// passes, the last of which found this, find nothing wrong with the shapes that follow from the inputs alone.
Status blame_shapes(const Model& original, std::span<const Pass* const> steps, const RunOptions& options, std::string_view found) {
  Model model = original.clone();
  forget_declared_shapes(*model.graph);
  bool sound = static_cast<bool>(infer_shapes(*model.graph));
  for (const Pass* step : steps) sound = sound && apply(model, *step, {});
  if (sound && options.prove) sound = prove_equal(*original.graph, *model.graph, proof_options(options, steps)).verdict != Proof::Verdict::different;
  if (!sound) return Ok{};
  return invalid("the model declares shapes that it does not have, as {} finds: {}; correct them, or export it without them", steps.back()->name, found);
}

// The first of the passes that were run, in order, after which the outputs differ.
Error find_culprit(const Model& original, std::span<const Pass* const> steps, const RunOptions& options, const std::string& detail) {
  Model model = original.clone();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto applied = apply(model, *steps[i], {});
    if (!applied) return applied.error();
    const Proof proof = prove_equal(*original.graph, *model.graph, proof_options(options, steps.first(i + 1)));
    if (proof.verdict != Proof::Verdict::different) continue;
    if (Status shapes = blame_shapes(original, steps.first(i + 1), options, proof.detail); !shapes) return std::move(shapes).error();
    return broken(*steps[i], format("changed what the model computes: {}", proof.detail));
  }
  return bug("the passes together changed what the model computes: {}", detail);
}

}  // namespace

Result<PassReport> run_pass(Model& model, const Pass& pass, const RunOptions& options) {
  const Pass* one[] = {&pass};
  TRY(auto reports, run_passes(model, one, options));
  return std::move(reports[0]);
}

Result<std::vector<PassReport>> run_passes(Model& model, std::span<const Pass* const> passes, const RunOptions& options) {
  resolve(*model.graph);
  CHECK_OK(infer_shapes(*model.graph));
  const Model original = model.clone();
  std::vector<PassReport> reports;
  for (const Pass* p : passes) reports.push_back({.name = std::string(p->name)});
  History history{original};
  std::vector<const Pass*>& steps = history.steps;
  std::vector<std::size_t> seen(passes.size(), SIZE_MAX);  // steps.size() when a pass last found nothing
  for (bool changed = true; changed;) {
    changed = false;
    if (steps.size() > 100 * passes.size()) return bug("the passes undo each other's work without end; the last was '{}'", steps.back()->name);
    for (std::size_t i = 0; i < passes.size(); ++i) {
      if (seen[i] == steps.size()) continue;
      TRY(const PassReport report, apply(model, *passes[i], options, &history));
      reports[i].rewrites += report.rewrites;
      reports[i].seconds += report.seconds;
      if (report.rewrites > 0) steps.push_back(passes[i]), changed = true;
      seen[i] = steps.size();
    }
  }
  if (steps.empty()) return reports;
  for (auto& [domain, version] : model.opsets) version = needed_opset(model, domain);  // a fused form may be newer than what it stands for
  if (!options.prove) return reports;
  const Proof proof = prove_equal(*original.graph, *model.graph, proof_options(options, steps));
  if (proof.verdict == Proof::Verdict::different) return find_culprit(original, steps, options, proof.detail);
  for (PassReport& report : reports) report.unproven = proof.detail;
  return reports;
}

Result<std::vector<PassReport>> run_pipeline(Model& model, std::string_view pipeline, const RunOptions& options) {
  const auto it = std::ranges::find(all_pipelines(), pipeline, &Pipeline::name);
  if (it == all_pipelines().end()) return usage_error("there is no pipeline '{}'; 'hone passes' lists them", pipeline);
  const std::vector<std::string> names(it->passes.begin(), it->passes.end());
  TRY(const auto passes, find_passes(names));
  return run_passes(model, passes, options);
}

}  // namespace hone
