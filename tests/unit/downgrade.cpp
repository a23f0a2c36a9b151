// SPDX-License-Identifier: Apache-2.0
// Models written for older opsets: what converts must give the same outputs when it is read again, and what does not must name its node.
// The cases are ONNX's own (libonnx-testdata) and the shared models, a sample of both; HONE_ALL=1 takes all, and tells what was refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "lib/data/compare.h"
#include "lib/onnx/downgrade.h"
#include "lib/onnx/history.h"
#include "lib/onnx/onnx.h"
#include "lib/onnx/test_data.h"
#include "lib/ops/interpreter.h"

namespace hone {
namespace {

namespace fs = std::filesystem;

bool all() { return std::getenv("HONE_ALL") != nullptr; }

struct Count {
  int converted = 0, refused = 0;
  std::map<std::string, int> reasons;
};

// One model, at one opset: converted, written, read, run.
void check_at(const std::string& name, const Model& model, int opset, const NamedTensors& inputs, const std::vector<Tensor>& expected, Count& count) {
  SCOPED_TRACE(name + " at opset " + std::to_string(opset));
  Model old = model.clone();
  if (const Status s = downgrade(old, opset); !s) {
    EXPECT_EQ(s.error().message.find("node"), 0U) << s.error().message;
    ++count.refused;
    ++count.reasons[format("{:2} {}", opset, s.error().message.substr(s.error().message.find("): ") + 3))];
    return;
  }
  const auto bytes = serialize_onnx(old, {.opset = opset});
  ASSERT_TRUE(bytes) << (bytes ? "" : bytes.error().message);
  auto again = parse_onnx(share(*bytes), {});
  ASSERT_TRUE(again) << (again ? "" : again.error().message);
  EXPECT_EQ(again->opsets.at(""), opset);
  const auto got = interpret(*again->graph, inputs);
  ASSERT_TRUE(got) << (got ? "" : got.error().message);
  ASSERT_EQ(got->size(), expected.size());
  for (std::size_t i = 0; i < got->size(); ++i) EXPECT_EQ(difference((*got)[i], expected[i], {1e-3, 1e-5}).what, "") << "output " << i;
  ++count.converted;
}

void check_case(const Path& folder, std::span<const int> opsets, Count& count) {
  const auto model = load_onnx(folder / "model.onnx");
  if (!model) return;
  const auto sets = find_test_sets(folder);
  if (sets.empty()) return;
  const auto set = read_test_set(sets[0], *model->graph);
  if (!set) return;
  const auto expected = interpret(*model->graph, set->inputs);
  if (!expected) return;
  const bool random = std::ranges::any_of(model->graph->nodes(), [](const Node* n) { return n->schema && !n->schema->deterministic; });
  if (random) return;
  for (const int opset : opsets) check_at(folder.filename().string(), *model, opset, set->inputs, *expected, count);
}

void tell(const Count& count) {
  std::cout << count.converted << " converted with the same outputs, " << count.refused << " refused\n";
  std::vector<std::pair<int, std::string>> reasons;
  for (const auto& [what, times] : count.reasons) reasons.emplace_back(times, what);
  std::ranges::sort(reasons, std::greater());
  if (all())
    for (const auto& [times, what] : reasons) std::cout << times << " x " << what << '\n';
}

constexpr int every_opset[] = {7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27};
constexpr int some_opsets[] = {7, 10, 12, 17, 21, 27};

TEST(Downgrade, NodeCasesOfTheStandardGiveTheSameOutputs) {
  const char* more = std::getenv("HONE_CASES");
  const Path folder = more ? more : "/usr/share/libonnx-testdata/data/node";
  if (!fs::exists(folder)) GTEST_SKIP() << "needs libonnx-testdata";
  std::vector<Path> cases;
  for (const auto& entry : fs::directory_iterator(folder)) cases.push_back(entry.path());
  std::ranges::sort(cases);
  Count count;
  for (std::size_t i = 0; i < cases.size(); i += all() ? 1 : 3) check_case(cases[i], all() ? std::span<const int>(every_opset) : some_opsets, count);
  tell(count);
  EXPECT_GT(count.converted, 3 * count.refused / 2);
}

TEST(Downgrade, SharedModelsGiveTheSameOutputs) {
  const char* at = std::getenv("HONE_SHARED");
  const char* source = std::getenv("HONE_SOURCE");
  const Path shared = at ? Path(at) : Path(source ? source : ".") / ".." / "shared";
  if (!fs::exists(shared / "models")) GTEST_SKIP() << "needs ../shared/models";
  std::vector<Path> models;
  for (const char* group : {"real", "trained"})
    for (const auto& entry : fs::directory_iterator(shared / "models" / group))
      if (fs::exists(entry.path() / "model.onnx")) models.push_back(entry.path());
  std::ranges::sort(models);
  const std::vector<std::string> quick = {"fmnist_cnn", "fmnist_hardswish", "mnist_cntk", "xgb_classifier_ml", "dtln_1"};
  Count count;
  for (const Path& m : models)
    if (all() || std::ranges::find(quick, m.filename().string()) != quick.end()) check_case(m, some_opsets, count);
  tell(count);
  EXPECT_GT(count.converted, 0);
}

TEST(History, EveryOperatorOfTheTableIsKnown) {
  for (const Op* op : all_ops()) {
    const bool gone = op->name == "Scatter" || op->name == "Upsample";
    if (!op->domain.empty() || op->name == "SimplifiedLayerNormalization") continue;  // ONNX Runtime's, in the domain of the standard
    EXPECT_NE(form_at(op->name, 28) != nullptr, gone) << op->name;
  }
  EXPECT_EQ(form_at("Clip", 10)->since, 6);
  EXPECT_EQ(form_at("Clip", 10)->attributes.size(), 2U);
  EXPECT_TRUE(form_at("Clip", 12)->attributes.empty());
  EXPECT_EQ(form_at("Gelu", 19), nullptr);
  EXPECT_EQ(form_at("GroupNormalization", 20), nullptr);
  EXPECT_EQ(first_opset_of("Gelu"), 20);
}

}  // namespace
}  // namespace hone
