// SPDX-License-Identifier: Apache-2.0
// Models in ONNX text through sessions and through the interpreter: what the tests of the executor share.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "lib/exec/session.h"
#include "lib/ir/text.h"
#include "lib/ops/infer.h"
#include "lib/ops/upgrade.h"

namespace hone {

inline Model model_of(std::string_view text) {
  auto m = parse_text(text);
  EXPECT_TRUE(m) << (m ? "" : m.error().message);
  const Status s = upgrade(*m);
  EXPECT_TRUE(s) << (s ? "" : s.error().message);
  return std::move(*m);
}

// Seeded values for every input; symbolic dimensions become `batch`.
inline NamedTensors random_inputs(const Graph& graph, std::int64_t batch, unsigned seed) {
  std::mt19937 random(seed);
  NamedTensors inputs;
  for (const Value* v : graph.inputs) {
    if (v->constant) continue;
    Dims dims;
    for (const Dim& d : v->shape.dims) dims.push_back(d.known() ? d.value : batch);
    Tensor t = Tensor::allocate(v->dtype, dims);
    for (std::int64_t i = 0; i < t.count(); ++i) {
      const double u = std::uniform_real_distribution<double>(-2, 2)(random);
      if (v->dtype == DType::f32) t.data<float>()[i] = static_cast<float>(u);
      if (v->dtype == DType::u8) t.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(128 + u * 64);
      if (v->dtype == DType::i8) t.data<std::int8_t>()[i] = static_cast<std::int8_t>(u * 64);
      if (v->dtype == DType::i64) t.data<std::int64_t>()[i] = static_cast<std::int64_t>(u);
      if (v->dtype == DType::boolean) t.data<bool>()[i] = u > 0;
    }
    inputs[v->name] = t;
  }
  return inputs;
}

inline void expect_near(const std::vector<Tensor>& got, const std::vector<Tensor>& want, double tolerance) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t k = 0; k < got.size(); ++k) {
    ASSERT_EQ(got[k].dtype(), want[k].dtype());
    ASSERT_EQ(got[k].dims(), want[k].dims());
    const std::vector<double> a = got[k].to_doubles(), b = want[k].to_doubles();
    double largest = 1;  // sums of large terms may cancel: errors are relative to the largest value
    for (const double x : b) largest = std::max(largest, std::abs(x));
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance * largest) << "output " << k << " element " << i;
  }
}

struct Outcome {
  std::vector<Tensor> outputs;
  std::size_t arena_bytes = 0;
  std::vector<NodeProfile> profile;
};

inline Outcome run(const Graph& graph, const NamedTensors& inputs, const CompileOptions& options = {}, int threads = 1) {
  const auto plan = compile(graph, options);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  const Status sound = verify(plan->graph());
  EXPECT_TRUE(sound) << (sound ? "" : sound.error().message);
  auto session = Session::create(*plan, {.threads = threads, .profile = true});
  EXPECT_TRUE(session);
  auto first = session->run(inputs), second = session->run(inputs);
  EXPECT_TRUE(first) << (first ? "" : first.error().message);
  if (!first || !second) return {};
  for (std::size_t k = 0; k < first->size(); ++k)
    EXPECT_TRUE(identical((*first)[k], (*second)[k])) << "a second run differs in output " << k;
  return {*first, session->arena_bytes(), session->profile()};
}

// As check_model, for a QDQ model: outputs may differ by `quantum`. Every operator left must be one of `ops`.
inline void check_integers(std::string_view text, double quantum, std::initializer_list<std::string_view> ops) {
  const Model m = model_of(text);
  const NamedTensors inputs = random_inputs(*m.graph, 2, 11);
  const auto want = interpret(*m.graph, inputs);
  ASSERT_TRUE(want) << want.error().message;
  const Outcome one = run(*m.graph, inputs), four = run(*m.graph, inputs, {}, 4);
  ASSERT_EQ(one.outputs.size(), want->size());
  for (std::size_t k = 0; k < one.outputs.size(); ++k) {
    EXPECT_TRUE(identical(one.outputs[k], four.outputs[k]));
    ASSERT_EQ(one.outputs[k].dtype(), (*want)[k].dtype());
    ASSERT_EQ(one.outputs[k].dims(), (*want)[k].dims());
    const std::vector<double> a = one.outputs[k].to_doubles(), b = (*want)[k].to_doubles();
    for (std::size_t i = 0; i < a.size(); ++i)
      ASSERT_LE(std::abs(a[i] - b[i]), quantum * 1.001) << "output " << k << " element " << i << ": " << a[i] << ", expected " << b[i];
  }
  for (const NodeProfile& n : one.profile)
    EXPECT_TRUE(n.kernel == "alias" || std::ranges::find(ops, n.op) != ops.end()) << n.op << " " << n.kernel;
}

// Every way of compiling gives what the interpreter gives, and every thread count the same bytes.
inline void check_model(std::string_view text, double tolerance = 1e-5, std::int64_t batch = 2) {
  const Model m = model_of(text);
  const NamedTensors inputs = random_inputs(*m.graph, batch, 7);
  const auto want = interpret(*m.graph, inputs);
  ASSERT_TRUE(want) << want.error().message;
  for (int bits = 0; bits < 8; ++bits) {
    SCOPED_TRACE(format("layout {} integers {} fuse {}", bits & 1, bits >> 1 & 1, bits >> 2));
    const CompileOptions options{.layout = (bits & 1) != 0, .integers = (bits & 2) != 0, .fuse = (bits & 4) != 0};
    expect_near(run(*m.graph, inputs, options).outputs, *want, tolerance);
  }
  const Outcome one = run(*m.graph, inputs), four = run(*m.graph, inputs, {}, 4);
  for (std::size_t k = 0; k < one.outputs.size(); ++k) EXPECT_TRUE(identical(one.outputs[k], four.outputs[k])) << "4 threads differ";
}

}  // namespace hone
