// SPDX-License-Identifier: Apache-2.0
// hone conformance: runs trees of ONNX backend tests (a folder with model.onnx and test_data_set_*) and says what failed and why. Each
// case runs in a process of its own.
#include <fnmatch.h>

#include <algorithm>

#include "lib/base/thread_pool.h"
#include "lib/data/compare.h"
#include "lib/onnx/test_data.h"
#include "lib/rewrite/pass.h"
#include "tools/hone/executable.h"
#include "tools/hone/isolate.h"

namespace hone {
namespace {

enum class Verdict : char { passed, failed, skipped };
constexpr std::string_view verdict_names[] = {"passed", "failed", "skipped"};
struct Case {
  Path folder;
  Verdict verdict = Verdict::passed;
  std::string op, why;  // of a failure or skip; why may also qualify a pass
};

struct How {
  Executor executor = Executor::session;
  bool optimize = false;
  std::optional<double> relative, absolute;  // what the command line says
};

// ONNX's own tolerances: what the case's data.json says (models), else 1e-3 and 1e-7.
Tolerance tolerance_of(const Path& folder, const How& how) {
  Tolerance t{1e-3, 1e-7};
  if (const auto text = read_file(folder / "data.json"))
    if (const auto json = parse_json(as_text(*text)); json && json->is_object()) {
      if (json->contains("rtol") && (*json)["rtol"].is_number()) t.relative = (*json)["rtol"];
      if (json->contains("atol") && (*json)["atol"].is_number()) t.absolute = (*json)["atol"];
    }
  return {how.relative.value_or(t.relative), how.absolute.value_or(t.absolute)};
}

// Folders below `root` (or itself) with a model and test data, in the order of their names; and, to skip, those of ONNX's zoo, of which
// the release has only where to download them.
std::vector<Case> find_cases(const Path& root) {
  std::vector<Case> found;
  const auto add = [&](const Path& folder) {
    std::error_code ignored;
    const bool model = std::filesystem::is_regular_file(folder / "model.onnx", ignored);
    if (model && !find_test_sets(folder).empty()) found.push_back({.folder = folder, .op = {}, .why = {}});
    if (!model && std::filesystem::is_regular_file(folder / "data.json", ignored))
      found.push_back({.folder = folder, .verdict = Verdict::skipped, .op = {}, .why = "its model has to be downloaded"});
  };
  add(root);
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(root, error), end; !error && it != end; it.increment(error))
    if (it->is_directory(error)) add(it->path());
  std::ranges::sort(found, {}, &Case::folder);
  return found;
}

// The operator an error tells, as in "node 'x' (Relu): ..."; else the model's own when it has one kind only.
std::string operator_of(const std::string& message, const std::string& only_op) {
  const std::size_t node = message.find("node "), open = message.find(" (", node == std::string::npos ? 0 : node);
  if (node != std::string::npos && open != std::string::npos) return message.substr(open + 2, message.find(')', open) - open - 2);
  return only_op.empty() ? "model" : only_op;
}
std::string only_operator(const Graph& graph) {
  const std::string op = graph.nodes().empty() ? "" : graph.nodes()[0]->op;
  return std::ranges::all_of(graph.nodes(), [&](const Node* n) { return n->op == op; }) ? op : "";
}

// An operator whose results are random by design: the stored outputs cannot be met.
const Node* random_node(const Graph& graph) {
  const Node* found = nullptr;
  for (const Node* n : graph.nodes()) {
    if (!found && n->schema && !n->schema->deterministic) found = n;
    n->each_body([&](const Graph& body) { found = found ? found : random_node(body); });
  }
  return found;
}

// Integers, booleans and strings must be met to the letter.
Difference compare(const Tensor& got, const Tensor& want, bool random, const Tolerance& tolerance) {
  if (random && got.dtype() == want.dtype() && got.dims() == want.dims()) return {};
  return difference(got, want, is_integer(want.dtype()) ? Tolerance{0, 0} : tolerance);
}

Status compare_set(const Path& set, const Executable& runner, bool random, const Tolerance& tolerance) {
  const Graph& graph = *runner.graph;
  TRY(const TestSet test, read_test_set(set, graph));
  TRY(const std::vector<Tensor> outputs, runner.run(test.inputs));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (const Difference d = compare(outputs[i], test.outputs[i], random, tolerance); !d.same)
      return invalid("output '{}' {}", graph.outputs[i]->name, d.what);
  return Ok{};
}

// onnx's own runner holds no input against its declared shape: where a case's data contradicts it the data decides, and `why` says so.
Status trust_inputs(Graph& graph, const Path& set, std::string& why) {
  TRY(const TestSet test, read_test_set(set, graph));
  for (Value* v : graph.inputs) {
    const auto it = test.inputs.find(v->name);
    if (it == test.inputs.end() || !v->shape.ranked || is_aggregate(it->second.dtype())) continue;
    bool fits = v->shape.rank() == it->second.rank();
    for (std::size_t i = 0; fits && i < v->shape.rank(); ++i) fits = !v->shape.dims[i].known() || v->shape.dims[i].value == it->second.dims()[i];
    if (fits) continue;
    why += format("{}input '{}' is declared {}, but its data is {}", why.empty() ? "" : "; ", v->name, to_string(v->shape), to_string(it->second.dims()));
    v->shape = {};
  }
  return Ok{};
}

void run_case(Case& c, const How& how) {
  std::string only_op;
  const auto fail = [&](const Error& e) {
    c.verdict = Verdict::failed;
    c.why = e.message;
    if (const std::string place = (c.folder / "model.onnx").string() + ": "; c.why.starts_with(place)) c.why.erase(0, place.size());
    c.op = operator_of(c.why, only_op);
  };
  auto model = load_onnx(c.folder / "model.onnx");
  if (!model) return fail(model.error());
  only_op = only_operator(*model->graph);
  const Node* random = random_node(*model->graph);
  if (random) c.why = format("types and shapes only: {} is random", describe(*random));
  const bool is_random = random != nullptr;
  const std::vector<Path> sets = find_test_sets(c.folder);
  for (const Path& set : sets)
    if (const Status s = trust_inputs(*model->graph, set, c.why); !s) return fail(s.error());
  if (how.optimize)
    if (const auto optimized = run_pipeline(*model, "optimize", {}); !optimized) return fail(optimized.error());
  auto runner = make_executable(std::move(*model), how.executor, 1);
  if (!runner) return fail(runner.error());
  for (const Path& set : sets)
    if (const Status s = compare_set(set, *runner, is_random, tolerance_of(c.folder, how)); !s) return fail(s.error());
}

// What a case's process tells: a byte for the verdict, the operator, a line feed, why.
std::string told(Case c, const How& how) {
  if (c.verdict != Verdict::skipped) run_case(c, how);
  return format("{}{}\n{}", static_cast<char>('0' + static_cast<char>(c.verdict)), c.op, c.why);
}

void take(Case& c, const Outcome& outcome) {
  const std::size_t line = outcome.said.find('\n');
  if (outcome.died.empty() && line != std::string::npos && outcome.said[0] >= '0' && outcome.said[0] <= '2') {
    c.verdict = static_cast<Verdict>(outcome.said[0] - '0');
    c.op = outcome.said.substr(1, line - 1);
    c.why = outcome.said.substr(line + 1);
    return;
  }
  c.verdict = Verdict::failed;
  c.op = "model";
  c.why = outcome.died.empty() ? "its process said nothing" : outcome.died;
}

void run_all(std::vector<Case>& cases, const How& how, double seconds, const Args& args) {
  auto progress = args.console().progress("conformance", static_cast<std::int64_t>(cases.size()));
  std::int64_t ended = 0;
  const int parallel = args.threads() > 0 ? args.threads() : available_cpus();
  run_isolated(
      cases.size(), static_cast<std::size_t>(parallel), seconds, [&](std::size_t i) { return told(cases[i], how); },
      [&](std::size_t i, const Outcome& outcome) {
        take(cases[i], outcome);
        progress.at(++ended);
      });
}

Result<int> report(Console& console, const std::vector<Case>& cases) {
  std::map<std::string, std::vector<const Case*>> failures;
  std::int64_t counts[3] = {};
  Json list = Json::array();
  for (const Case& c : cases) {
    const std::string name = c.folder.filename().string();
    ++counts[static_cast<int>(c.verdict)];
    if (c.verdict == Verdict::failed) failures[c.op].push_back(&c);
    if (c.verdict == Verdict::skipped) console.say("skipped {}: {}", name, c.why);
    if (c.verdict == Verdict::passed && !c.why.empty()) console.detail("passed {}: {}", name, c.why);
    list.push_back({{"case", name},
                    {"folder", c.folder.string()},
                    {"verdict", verdict_names[static_cast<int>(c.verdict)]},
                    {"operator", c.op},
                    {"why", c.why}});
  }
  for (const auto& [op, group] : failures) {
    console.say("{} ({})", op, group.size());
    for (const Case* c : group) console.say("  {}: {}", c->folder.filename().string(), c->why);
  }
  const auto [passed, failed, skipped] = counts;
  console.say("{} passed, {} failed, {} skipped", passed, failed, skipped);
  CHECK_OK(console.json({{"schema", "hone/conformance/1"}, {"passed", passed}, {"failed", failed}, {"skipped", skipped}, {"cases", list}}));
  return failed ? 1 : 0;
}

bool matches(const std::string& name, const std::string& pattern) {
  if (pattern.find_first_of("*?[") == std::string::npos) return name.find(pattern) != std::string::npos;
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

Result<int> run(const Args& args) {
  How how{.optimize = args.flag("optimize"), .relative = {}, .absolute = {}};
  TRY(how.executor, executor_of(args));
  if (args.has("rtol")) {
    TRY(how.relative, args.number("rtol", 0));
  }
  if (args.has("atol")) {
    TRY(how.absolute, args.number("atol", 0));
  }
  TRY(const double seconds, args.number("timeout", 0.001, 1e6));
  std::vector<Case> cases;
  for (const std::string& root : args.list("dir")) {
    if (std::error_code ignored; !std::filesystem::is_directory(root, ignored)) return io_error("{}: is no folder", root);
    for (Case& c : find_cases(root))
      if (matches(c.folder.filename().string(), args.text("filter"))) cases.push_back(std::move(c));
  }
  if (cases.empty()) return usage_error("no folder with model.onnx and test_data_set_* found");
  run_all(cases, how, seconds, args);
  return report(args.console(), cases);
}

constexpr Option options[] = {
    {"dir", "DIR...", "folders that hold backend tests, at any depth", "", true},
    {"--filter", "PATTERN", "only cases whose name contains PATTERN, or matches it as a whole when it has *, ? or ["},
    reference_option,
    via_option,
    {"--optimize", "", "optimize each model first"},
    {"--rtol", "R", "relative tolerance of floats; the default is what the case says, else 1e-3"},
    {"--atol", "A", "absolute tolerance of floats; the default is what the case says, else 1e-7"},
    {"--timeout", "S", "a case that takes longer than S seconds fails", "120"},
};

}  // namespace

extern const Command conformance_command{.name = "conformance",
                                         .usage = "DIR...",
                                         .help =
                                             "run ONNX backend tests\nEvery folder with model.onnx and test_data_set_* is a case, and runs in a "
                                             "process of its own, one for each thread at a time. Exit status 1 when one fails; the last line "
                                             "counts them. Of a model with random operators only types and shapes are compared; an input whose data is not of its "
                                             "declared shape is taken as the data is.",
                                         .options = options,
                                         .run = run};

}  // namespace hone
