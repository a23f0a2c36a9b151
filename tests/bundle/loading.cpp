// SPDX-License-Identifier: Apache-2.0
// A release is made ready to run only if its plan is what its manifest says.
#include "lib/device/loaded.h"
#include "lib/ir/interface.h"
#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/ops/op.h"
#include "tests/bundle/helpers.h"

namespace hone {
namespace {

// The manifest says one thing of the inputs, the plan another.
TEST(Threats, threat_23_plan_with_another_input_shape_than_stated) {
  Model model = *parse_text("<ir_version: 8, opset_import: [\"\" : 17]> g (float[2,3] x) => (float[2,3] y) { y = Relu (x) }");
  resolve(*model.graph);
  const Plan plan = *compile(*model.graph);
  const Plan::Saved saved = plan.save();
  const auto load = [&](const Interface& stated) -> Status {
    Manifest m = test_manifest(6);
    m.interface = stated;
    TRY(const auto bytes, write_bundle(m, {{"model.plan", saved.plan, {}}, {"model.weights", saved.weights, {}}}, std::span(&test_key(), 1)));
    TRY(const Bundle bundle, Bundle::open(memory_input("x", bytes), test_trust()));
    Loaded loaded{.plan = {}, .what = {}, .release = bundle.release(), .read = {}};
    loaded.read = [&](std::string_view file) -> Result<SharedBytes> {
      TRY(auto content, bundle.file(file));
      return share(std::move(content));
    };
    return load_release(loaded);
  };
  Interface interface = interface_of(plan.graph());
  EXPECT_TRUE(load(interface));
  (*interface.inputs[0].shape)[1] = 4;
  expect_refused(load(interface), Code::invalid, "other inputs or outputs than its manifest states");
  interface = interface_of(plan.graph());
  interface.outputs[0].dtype = DType::u8;
  expect_refused(load(interface), Code::invalid, "other inputs or outputs");
  expect_refused(load({}), Code::invalid, "other inputs or outputs");
}

// What a manifest states of memory is not less than what a session plans, whatever kernels it has.
TEST(loading, stated_arena_covers_what_a_session_plans) {
  const char* source = std::getenv("HONE_SOURCE");
  ASSERT_NE(source, nullptr);
  const auto model = load_onnx(Path(source) / "testdata/models/fmnist_resnet8.onnx");
  ASSERT_TRUE(model) << model.error().message;
  const Plan plan = *compile(*model->graph);
  const auto stated = planned_arena(plan);
  ASSERT_TRUE(stated) << stated.error().message;
  auto session = Session::create(plan);
  ASSERT_TRUE(session && session->run({{"input", Tensor::allocate(DType::f32, {1, 1, 28, 28})}}));
  EXPECT_GT(session->arena_bytes(), 0U);
  EXPECT_GE(*stated, session->arena_bytes());
  EXPECT_LE(*stated, 3 * session->arena_bytes()) << "and says something";
}

}  // namespace
}  // namespace hone
