// SPDX-License-Identifier: Apache-2.0
// hone conformance: runs trees of ONNX backend tests (a folder with model.onnx and test_data_set_*) and says what failed and why.
#include <algorithm>
#include <mutex>

#include "lib/base/thread_pool.h"
#include "lib/data/compare.h"
#include "lib/onnx/test_data.h"
#include "lib/rewrite/pass.h"
#include "tools/hone/executable.h"

namespace hone {
namespace {

enum class Verdict { passed, failed, skipped };
struct Case {
  Path folder;
  Verdict verdict = Verdict::passed;
  std::string op, why;  // of a failure or skip
};

struct How {
  Executor executor = Executor::session;
  bool optimize = false;
  Tolerance tolerance;
};

// Folders below `root` (or itself) with a model and test data, in the order of their names.
std::vector<Path> find_cases(const Path& root) {
  std::vector<Path> found;
  const auto add = [&](const Path& folder) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(folder / "model.onnx", ignored) && !find_test_sets(folder).empty()) found.push_back(folder);
  };
  add(root);
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(root, error), end; !error && it != end; it.increment(error))
    if (it->is_directory(error)) add(it->path());
  std::ranges::sort(found);
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

Status compare_set(const Path& set, const Executable& runner, const Tolerance& tolerance) {
  const Graph& graph = *runner.graph;
  TRY(const TestSet test, read_test_set(set, graph));
  TRY(const std::vector<Tensor> outputs, runner.run(test.inputs));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (const Difference d = difference(outputs[i], test.outputs[i], tolerance); !d.same)
      return invalid("output '{}' {}", graph.outputs[i]->name, d.what);
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
  if (const Node* random = random_node(*model->graph)) {
    c.verdict = Verdict::skipped;
    c.why = format("{} is random", describe(*random));
    return;
  }
  if (how.optimize)
    if (const auto optimized = run_pipeline(*model, "optimize", {}); !optimized) return fail(optimized.error());
  auto runner = make_executable(std::move(*model), how.executor, 1);
  if (!runner) return fail(runner.error());
  for (const Path& set : find_test_sets(c.folder))
    if (const Status s = compare_set(set, *runner, how.tolerance); !s) return fail(s.error());
}

void run_all(std::vector<Case>& cases, const How& how, const Args& args) {
  ThreadPool pool(args.threads());
  auto progress = args.console().progress("conformance", static_cast<std::int64_t>(cases.size()));
  std::mutex mutex;
  std::int64_t done = 0;
  pool.parallel(cases.size(), 1, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i) {
      run_case(cases[i], how);
      const std::lock_guard lock(mutex);
      progress.at(++done);
    }
  });
}

Result<int> report(Console& console, const std::vector<Case>& cases) {
  std::map<std::string, std::vector<const Case*>> failures;
  std::int64_t passed = 0, failed = 0, skipped = 0;
  Json list = Json::array();
  for (const Case& c : cases) {
    const std::string name = c.folder.filename().string();
    if (c.verdict == Verdict::passed) ++passed;
    if (c.verdict == Verdict::failed) ++failed, failures[c.op].push_back(&c);
    if (c.verdict == Verdict::skipped) ++skipped, console.say("skipped {}: {}", name, c.why);
    list.push_back({{"case", name},
                    {"verdict", c.verdict == Verdict::passed   ? "passed"
                                : c.verdict == Verdict::failed ? "failed"
                                                               : "skipped"},
                    {"operator", c.op},
                    {"why", c.why}});
  }
  for (const auto& [op, group] : failures) {
    console.say("{} ({})", op, group.size());
    for (const Case* c : group) console.say("  {}: {}", c->folder.filename().string(), c->why);
  }
  console.say("{} passed, {} failed, {} skipped", passed, failed, skipped);
  CHECK_OK(console.json({{"schema", "hone/conformance/1"}, {"passed", passed}, {"failed", failed}, {"skipped", skipped}, {"cases", list}}));
  return failed ? 1 : 0;
}

Result<int> run(const Args& args) {
  How how{.optimize = args.flag("optimize"), .tolerance = {}};
  TRY(how.executor, executor_of(args));
  TRY(how.tolerance.relative, args.number("rtol", 0));
  TRY(how.tolerance.absolute, args.number("atol", 0));
  const std::string filter = args.text("filter");
  std::vector<Case> cases;
  for (const std::string& root : args.list("dir")) {
    if (!std::filesystem::is_directory(root)) return io_error("{}: is no folder", root);
    for (Path& folder : find_cases(root))
      if (folder.filename().string().find(filter) != std::string::npos) cases.push_back({.folder = std::move(folder), .op = {}, .why = {}});
  }
  if (cases.empty()) return usage_error("no folder with model.onnx and test_data_set_* found");
  run_all(cases, how, args);
  return report(args.console(), cases);
}

constexpr Option options[] = {
    {"dir", "DIR...", "folders that hold backend tests, at any depth", "", true},
    {"--filter", "TEXT", "only cases whose name contains TEXT"},
    reference_option,
    via_option,
    {"--optimize", "", "optimize each model first"},
    {"--rtol", "R", "relative tolerance", "1e-3"},
    {"--atol", "A", "absolute tolerance", "1e-7"},
};

}  // namespace

extern const Command conformance_command{.name = "conformance",
                                         .usage = "DIR...",
                                         .help =
                                             "run ONNX backend tests\nEvery folder with model.onnx and test_data_set_* is a case. Exit "
                                             "status 1 when one fails; the last line counts them.",
                                         .options = options,
                                         .run = run};

}  // namespace hone
