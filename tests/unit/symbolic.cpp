// SPDX-License-Identifier: Apache-2.0
// Shape inference against execution: every input dimension of a test case becomes a name, the graph is inferred with those,
// run with the real data, and every inferred type, number and formula must agree with what was computed.
#include <gtest/gtest.h>

#include <map>

#include "lib/ir/dim_math.h"
#include "lib/onnx/onnx.h"
#include "lib/onnx/test_data.h"
#include "lib/ops/infer.h"
#include "lib/ops/interpreter.h"

namespace hone {
namespace {

using Numbers = std::map<std::string, std::int64_t, std::less<>>;

struct Checker {
  Numbers names;  // what each name stood for in this run
  int dims = 0, known = 0, wrong = 0;
  std::string first;

  void fail(std::string what) {
    if (wrong++ == 0) first = std::move(what);
  }

  void value(const Value& v, const Fact& fact, const Tensor& t) {
    if (fact.dtype == DType::optional && t.dtype() != DType::optional) return;  // present: its content
    if (fact.dtype != DType::undefined && fact.dtype != t.dtype()) fail(v.name + " is inferred " + std::string(name(fact.dtype)));
    dims += static_cast<int>(t.rank());
    if (!fact.shape.ranked) return;
    if (fact.shape.rank() != t.rank()) return fail(v.name + " is inferred " + to_string(fact.shape) + ", is " + to_string(t.dims()));
    for (std::size_t i = 0; i < t.rank(); ++i) known += dim(v, fact.shape.dims[i], t.dims()[i]);
    if (fact.constant && !identical(*fact.constant, t)) fail(v.name + " is inferred to be another constant");
    for (std::size_t i = 0; fact.content && i < fact.content->size(); ++i) dim(v, (*fact.content)[i], t.to_ints()[i]);
  }

  // True when it is a number or a formula of the names, and not only a name of inference's own.
  bool dim(const Value& v, const Dim& d, std::int64_t actual) {
    if (!d.known() && d.symbol.empty()) return false;
    if (d.symbol.starts_with("?")) names.try_emplace(d.symbol, actual);  // only the run can tell
    const auto value = evaluate(d, [&](std::string_view n) {
      const auto it = names.find(n);
      return it == names.end() ? std::nullopt : std::optional(it->second);
    });
    if (!value) return false;
    if (*value != actual)
      fail(v.name + ": " + (d.known() ? std::to_string(d.value) : d.symbol) + " = " + std::to_string(*value) + ", is " +
           std::to_string(actual));
    return !d.symbol.starts_with("?");
  }
};

// Names for every dimension of every input, unless the model names it.
Facts named_inputs(const Graph& graph, const NamedTensors& inputs, Numbers& names) {
  Facts given;
  for (const Value* v : graph.inputs) {
    const auto it = inputs.find(v->name);
    if (it == inputs.end() || v->constant) continue;
    std::vector<Dim> dims;
    for (std::size_t i = 0; i < it->second.rank(); ++i) {
      const bool has_name = v->shape.rank() == it->second.rank() && is_named(v->shape.dims[i]);
      const std::string symbol = has_name ? v->shape.dims[i].symbol : "d" + std::to_string(names.size());
      names.emplace(symbol, it->second.dims()[i]);
      dims.emplace_back(Dim(symbol));
    }
    given[v] = Fact{it->second.dtype(), Shape(std::move(dims)), std::nullopt, std::nullopt};
  }
  return given;
}

// False when the case has no tensors only, or cannot run.
bool check(const Path& folder, Checker& checker) {
  auto model = load_onnx(folder / "model.onnx");
  const std::vector<Path> sets = find_test_sets(folder);
  if (!model || sets.empty()) return false;
  auto set = read_test_set(sets[0], *model->graph);
  if (!set) return false;
  Facts given = named_inputs(*model->graph, set->inputs, checker.names);
  std::vector<Contradiction> found;
  const Facts facts = infer(*model->graph, std::move(given), found);
  for (const Contradiction& c : found)
    if (c.what.find("is declared") == std::string::npos) checker.fail("refused: " + c.what);
  const auto ran = interpret(*model->graph, set->inputs, [&](const Value& v, const Tensor& t) {
    if (v.graph != model->graph.get()) return;
    if (const auto it = facts.find(&v); it != facts.end()) checker.value(v, it->second, t);
  });
  return static_cast<bool>(ran);
}

void check_tree(const Path& root, int least) {
  if (!std::filesystem::is_directory(root)) GTEST_SKIP() << "needs " << root.string();
  int cases = 0, dims = 0, known = 0;
  std::vector<Path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(root)) folders.push_back(entry.path());
  std::ranges::sort(folders);
  for (const Path& folder : folders) {
    Checker checker;
    if (!check(folder, checker)) continue;
    ++cases;
    dims += checker.dims;
    known += checker.known;
    EXPECT_EQ(checker.wrong, 0) << folder.filename().string() << ": " << checker.first;
  }
  std::cout << root.string() << ": " << cases << " cases, " << known << " of " << dims << " dimensions known as numbers or formulas\n";
  EXPECT_GE(cases, least);
}

Path shared() {
  const char* set = std::getenv("HONE_SHARED");
  const char* source = std::getenv("HONE_SOURCE");
  return set ? Path(set) : Path(source ? source : ".") / ".." / "shared";
}

TEST(Symbolic, NodeCases) { check_tree("/usr/share/libonnx-testdata/data/node", 800); }
TEST(Symbolic, RealModels) { check_tree(shared() / "models/real", 10); }
TEST(Symbolic, TrainedModels) { check_tree(shared() / "models/trained", 10); }

}  // namespace
}  // namespace hone
