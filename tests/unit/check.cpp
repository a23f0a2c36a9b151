// SPDX-License-Identifier: Apache-2.0
// check(): each rule with a model that breaks it, and no complaint about models that work.
#include "lib/ops/check.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/ops/upgrade.h"

using namespace hone;

// All problems, a line each: "where: what; remedy", warnings marked.
static std::string problems(const Model& model) {
  std::string all;
  for (const Problem& p : check(model))
    all += format("{}{}: {}{}{}\n", p.fatal ? "" : "warning: ", p.where, p.what, p.remedy.empty() ? "" : "; ", p.remedy);
  return all;
}

static std::string problems(std::string_view body) {
  auto m = parse_text(format(R"(<ir_version: 8, opset_import: ["" : 17]> g (float[2, 3] x, int64[2] i, bool c) => (y) {{ {} }})", body));
  EXPECT_TRUE(m) << (m ? "" : m.error().message);
  const Status s = upgrade(*m);
  EXPECT_TRUE(s);
  return problems(*m);
}

TEST(Check, AWorkingModelIsFine) { EXPECT_EQ(problems("t = Relu (x)  y = Concat <axis = 1> (t, x)"), ""); }

TEST(Check, UnknownOperator) {
  EXPECT_EQ(problems("y = Transpos (x)"), "node making 'y' (Transpos): unknown operator 'Transpos'; did you mean 'Transpose'?\n");
}

TEST(Check, InputCounts) {
  EXPECT_EQ(problems("y = Gather (x)"), "node making 'y' (Gather): lacks input 1 ('indices'); its inputs are: data, indices\n");
  EXPECT_EQ(problems("y = Shape (x, x)"), "node making 'y' (Shape): has 2 inputs, expected at most 1: data\n");
}

TEST(Check, Attributes) {
  EXPECT_EQ(problems("y = Concat <axes = 1, axis = 0> (x, x)"),
            "node making 'y' (Concat): has no attribute 'axes'; did you mean 'axis'?\n");
  EXPECT_EQ(problems("y = Concat (x, x)"), "node making 'y' (Concat): needs the attribute 'axis' (int)\n");
  EXPECT_EQ(problems("y = Concat <axis = 1.5> (x, x)"), "node making 'y' (Concat): attribute 'axis' is of type float, expected int\n");
}

TEST(Check, ElementTypes) {
  EXPECT_EQ(
      problems("y = Concat <axis = 0> (x, i)"),
      "node making 'y' (Concat): input 1 ('inputs') is int64 but 'inputs' is float; both must have the same type: put a Cast before one\n");
  EXPECT_EQ(
      problems("y = Gather (x, x)"),
      "node making 'y' (Gather): input 1 ('indices') is float, which Gather does not take; it takes int32, int64: put a Cast before it\n");
}

TEST(Check, EveryProblemIsTold) {
  EXPECT_EQ(problems("t = Transpose <perm = [0]> (x)  u = Transpos (x)  y = Concat <axis = 7> (x, x)"),
            "node making 't' (Transpose): perm has 1 values, expected 2 (one per axis)\n"
            "node making 'u' (Transpos): unknown operator 'Transpos'; did you mean 'Transpose'?\n"
            "node making 'y' (Concat): axis 7 is outside [-2, 1]\n");
}

TEST(Check, ABranchThatMayNeverRunIsAWarning) {
  EXPECT_EQ(problems("y = If (c) <then_branch = t () => (a) { a = Concat <axis = 7> (x, x) }, else_branch = e () => (b) { b = Relu (x) }>"),
            "warning: node making 'a' (Concat): axis 7 is outside [-2, 1]; this branch fails if it is ever taken\n");
}

TEST(Check, NothingIsWrongWithRealModels) {
  const char* set = std::getenv("HONE_SHARED");
  const char* source = std::getenv("HONE_SOURCE");
  const Path models = (set ? Path(set) : Path(source ? source : ".") / "../shared") / "models";
  if (!std::filesystem::exists(models)) GTEST_SKIP() << "needs ../shared/models: all of them";
  int seen = 0;
  for (const char* kind : {"trained", "real"})
    for (const auto& folder : std::filesystem::directory_iterator(models / kind)) {
      const Path file = folder.path() / "model.onnx";
      if (!std::filesystem::exists(file)) continue;
      const auto model = load_onnx(file);
      ASSERT_TRUE(model) << model.error().message;
      EXPECT_EQ(problems(*model), "") << file;
      ++seen;
    }
  EXPECT_GT(seen, 20);
}
