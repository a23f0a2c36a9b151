// SPDX-License-Identifier: Apache-2.0
// Real and trained models against the outputs ONNX Runtime stored beside them: the interpreter, and the session that compile()
// made. The models lie outside the project ($HONE_SHARED or ../shared); without them every case skips and says so.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "lib/exec/session.h"
#include "lib/onnx/onnx.h"

namespace hone {
namespace {

Path shared() {
  if (const char* at = std::getenv("HONE_SHARED")) return at;
  const char* source = std::getenv("HONE_SOURCE");
  return Path(source ? source : ".") / ".." / "shared";
}

constexpr const char* model_names[] = {
    "real/bidi_lstm_sentence", "real/dtln_1", "real/mlpt_ic_resnet8_bn", "real/mlpt_ic_resnet8_int8", "real/mlpt_kws_bn", "real/mlpt_vww_bn",
    "real/mnist_cntk", "real/ppocr_cls", "real/silero_vad_v5", "real/super_resolution", "real/tinybert_untrained", "real/ultraface_rfb320",
    "real/xgb_classifier_ml", "real/xgb_regressor_ml", "real/yunet_n_dynamic", "trained/fmnist_ae", "trained/fmnist_cnn",
    "trained/fmnist_hardswish", "trained/fmnist_hardswish_op17", "trained/fmnist_lstm", "trained/fmnist_mobilenet",
    "trained/fmnist_mobilenet_uneven", "trained/fmnist_resnet8", "trained/fmnist_resnet8_v2", "trained/fmnist_resnet8_v3",
    "trained/fmnist_vit", "trained/fmnist_vit_op17"};

struct Case {
  Model model;
  NamedTensors inputs;
  std::vector<Tensor> expected;
};

Tensor read_tensor(const Path& path) {
  auto bytes = read_file(path);
  EXPECT_TRUE(bytes) << path;
  auto t = parse_tensor(*bytes);
  EXPECT_TRUE(t) << (t ? "" : t.error().message);
  return *t;
}

Case load(const Path& folder) {
  auto model = load_onnx(folder / "model.onnx");
  EXPECT_TRUE(model) << (model ? "" : model.error().message);
  if (!model) return {};
  Case c{std::move(*model), {}, {}};
  std::size_t next = 0;
  for (const Value* v : c.model.graph->inputs)
    if (!v->constant) c.inputs[v->name] = read_tensor(folder / "test_data_set_0" / format("input_{}.pb", next++));
  for (std::size_t i = 0; i < c.model.graph->outputs.size(); ++i) c.expected.push_back(read_tensor(folder / "test_data_set_0" / format("output_{}.pb", i)));
  return c;
}

// Floats to 1e-4 of the value plus 1e-5 of the largest; integers exactly, or within one quantum.
void expect_close(const std::vector<Tensor>& got, const std::vector<Tensor>& expected, double quantum) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t k = 0; k < got.size(); ++k) {
    ASSERT_EQ(got[k].dtype(), expected[k].dtype()) << "output " << k;
    ASSERT_EQ(got[k].dims(), expected[k].dims()) << "output " << k;
    const std::vector<double> a = got[k].to_doubles(), b = expected[k].to_doubles();
    double largest = 0, worst = 0;
    for (const double x : b) largest = std::max(largest, std::abs(x));
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double allowed = std::max(quantum, is_float(got[k].dtype()) ? 1e-5 * std::max(1.0, largest) + 1e-4 * std::abs(b[i]) : 0.0);
      if (!(std::abs(a[i] - b[i]) <= allowed)) worst = std::max(worst, std::isnan(a[i]) ? 1e300 : std::abs(a[i] - b[i]));
    }
    EXPECT_EQ(worst, 0) << "output " << k << " of " << to_string(got[k].dims()) << ", largest value " << largest;
  }
}

class SharedModel : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(shared() / "models" / GetParam())) GTEST_SKIP() << "needs ../shared/models: " << GetParam();
  }
  Path folder() const { return shared() / "models" / GetParam(); }
  // What one step of the model's own quantized output is worth.
  double quantum() const { return std::string_view(GetParam()).ends_with("int8") ? 1.0 : 0.0; }
};

TEST_P(SharedModel, Interpreter) {
  const Case c = load(folder());
  const auto outputs = interpret(*c.model.graph, c.inputs);
  ASSERT_TRUE(outputs) << outputs.error().message;
  expect_close(*outputs, c.expected, quantum());
}

TEST_P(SharedModel, Session) {
  const Case c = load(folder());
  const auto plan = compile(*c.model.graph);
  ASSERT_TRUE(plan) << plan.error().message;
  const Status sound = verify(plan->graph());
  ASSERT_TRUE(sound) << sound.error().message;
  auto opened = Plan::open(share(plan->save_single()));
  ASSERT_TRUE(opened) << opened.error().message;
  auto session = Session::create(*opened);
  ASSERT_TRUE(session);
  for (int run = 0; run < 2; ++run) {
    const auto outputs = session->run(c.inputs);
    ASSERT_TRUE(outputs) << outputs.error().message;
    expect_close(*outputs, c.expected, quantum());
  }
}

INSTANTIATE_TEST_SUITE_P(All, SharedModel, testing::ValuesIn(model_names), [](const auto& p) {
  std::string name = p.param;
  std::ranges::replace(name, '/', '_');
  return name;
});

}  // namespace
}  // namespace hone
