// SPDX-License-Identifier: Apache-2.0
// Quantization: histograms, ranges, weights, what becomes integers, and a whole model.
#include <gtest/gtest.h>

#include <cmath>

#include "lib/base/random.h"
#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/ops/infer.h"
#include "lib/ops/interpreter.h"
#include "lib/ops/upgrade.h"
#include "lib/quant/quantize.h"

namespace hone {
namespace {

std::vector<float> normals(std::size_t n, std::uint64_t seed, float scale = 1) {
  Random random(seed);
  std::vector<float> v(n);
  for (float& x : v) x = scale * static_cast<float>(random.normal());
  return v;
}

TEST(histogram, does_not_depend_on_order_or_batches) {
  std::vector<float> v = normals(5000, 1, 0.01f);
  for (const float x : normals(5000, 2, 30)) v.push_back(x);
  Histogram forward, backward, whole;
  for (const float& x : v) ASSERT_TRUE(forward.add({&x, 1}));
  for (std::size_t i = v.size(); i-- > 0;) ASSERT_TRUE(backward.add({&v[i], 1}));
  ASSERT_TRUE(whole.add(v));
  EXPECT_TRUE(std::ranges::equal(forward.bins(), whole.bins()));
  EXPECT_TRUE(std::ranges::equal(backward.bins(), whole.bins()));
  EXPECT_EQ(forward.width(), whole.width());
  EXPECT_GT(whole.bins().size(), static_cast<std::size_t>(Histogram::max_bins / 2 - 2));
  EXPECT_LE(whole.bins().size(), static_cast<std::size_t>(Histogram::max_bins));
}
TEST(histogram, extreme_values) {
  Histogram h;
  ASSERT_TRUE(h.add(std::vector<float>{0, -0.0f, 0}));
  ASSERT_TRUE(h.add(std::vector<float>{1e-38f}));
  ASSERT_TRUE(h.add(std::vector<float>{3e38f, -3e38f}));
  ASSERT_TRUE(h.add(std::vector<float>{1e-45f}));
  EXPECT_EQ(h.count(), 7u);
  EXPECT_FALSE(h.add(std::vector<float>{1, NAN}));
  EXPECT_FALSE(h.add(std::vector<float>{INFINITY}));
  EXPECT_EQ(h.count(), 7u);
}
TEST(histogram, quantiles) {
  std::vector<float> v;
  for (int i = 0; i < 10000; ++i) v.push_back(static_cast<float>(i) / 10000);
  Histogram h;
  ASSERT_TRUE(h.add(v));
  EXPECT_NEAR(h.quantile(0.5), 0.5, 1e-3);
  EXPECT_NEAR(h.quantile(0.999), 0.999, 1e-3);
  EXPECT_EQ(h.quantile(1), static_cast<double>(v.back()));
}

TEST(range, methods_clip_outliers_or_do_not) {
  std::vector<float> v = normals(100000, 3);
  v.push_back(100);
  Histogram h;
  ASSERT_TRUE(h.add(v));
  EXPECT_EQ(choose_range(h, Method::minmax).high, 100);
  EXPECT_LT(choose_range(h, Method::percentile, 99.99).high, 5);
  EXPECT_LT(choose_range(h, Method::mse).high, 95);  // one value in 100 000 is still worth most of its squared distance
  EXPECT_LT(choose_range(h, Method::entropy).high, 20);
  EXPECT_GT(choose_range(h, Method::mse).high, 2.5);
  EXPECT_GT(choose_range(h, Method::entropy).high, 2.5);
}
TEST(range, zero_is_exact_and_scales_are_usable) {
  const Affine a = affine_of({-1, 3}, DType::u8);
  EXPECT_FLOAT_EQ(a.scale, 4.0f / 255);
  EXPECT_EQ(a.zero, 64);
  EXPECT_EQ(affine_of({0, 0}, DType::u8).scale, 1.0f);
  EXPECT_EQ(affine_of({0, 1e-40}, DType::u8).scale, 1.0f);
  EXPECT_EQ(affine_of({-2, 1}, DType::i8).zero, 0);
  EXPECT_FLOAT_EQ(affine_of({-2, 1}, DType::i8).scale, 2.0f / 127);
}
TEST(range, names) {
  EXPECT_TRUE(method_from_name("entropy"));
  const auto typo = method_from_name("min-max");
  ASSERT_FALSE(typo);
  EXPECT_NE(typo.error().message.find("did you mean 'minmax'"), std::string::npos);
}

TEST(weights, per_channel_and_per_tensor) {
  const Tensor w = Tensor::of<float>({2, 3}, {1, -2, 0, 0, 0.5f, 4});
  const QuantizedWeights rows = quantize_weights(w, 0), columns = quantize_weights(w, 1), one = quantize_weights(w, -1);
  EXPECT_EQ(rows.scales.dims(), Dims{2});
  EXPECT_FLOAT_EQ(rows.scales.data<float>()[0], 2.0f / 127);
  EXPECT_EQ(rows.values.data<std::int8_t>()[1], -127);
  EXPECT_EQ(rows.values.data<std::int8_t>()[5], 127);
  EXPECT_FLOAT_EQ(columns.scales.data<float>()[2], 4.0f / 127);
  EXPECT_EQ(one.scales.rank(), 0u);
  EXPECT_FLOAT_EQ(one.scales.data<float>()[0], 4.0f / 127);
  EXPECT_EQ(quantize_weights(Tensor::of<float>({1, 2}, {0, 0}), 0).scales.data<float>()[0], 1.0f);
  const float floor = 1;
  EXPECT_EQ(quantize_weights(w, -1, {&floor, 1}).scales.data<float>()[0], 1.0f);
}

// Scales along an axis that is not the first: the rows must share them.
TEST(weights, dequantize_along_the_second_axis) {
  Graph g;
  Value* q = g.constant("q", Tensor::of<std::int8_t>({2, 3}, {1, 2, 3, 4, 5, 6}));
  Value* s = g.constant("s", Tensor::of<float>({3}, {1, 10, 100}));
  Node* n = g.add("DequantizeLinear", "", {q, s}, {g.value("y", DType::f32)});
  resolve(g);
  const Tensor* in[] = {&*q->constant, &*s->constant};
  const auto y = run_reference(*n, in);
  ASSERT_TRUE(y) << y.error().message;
  const std::vector<float> expected{1, 20, 300, 4, 50, 600};
  EXPECT_TRUE(std::ranges::equal((*y)[0].values<float>(), expected));
}

Result<Model> model_of(std::string_view text) {
  TRY(Model model, parse_text(text));
  CHECK_OK(upgrade(model));
  return model;
}

constexpr std::string_view small = R"(<ir_version: 8, opset_import: ["" : 13]>
small (float[n,1,4,4] x) => (float[n,2] y)
<float[2,1,1,1] W = {1, -2}, float[2] b = {0.5, -0.5}, float[2,2] G = {1, 2, 3, 4}, int64[2] shape = {-1, 2}> {
  t = Conv (x, W, b)
  r = Relu (t)
  p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (r)
  g = GlobalAveragePool (p)
  f = Reshape (g, shape)
  m = MatMul (f, G)
  y = Softmax (m)
})";

TEST(scheme, integers_between_products_and_floats_after_the_last) {
  auto model = model_of(small);
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_TRUE(infer_shapes(*model->graph));
  const auto scheme = make_scheme(*model->graph, {});
  ASSERT_TRUE(scheme) << scheme.error().message;
  std::vector<std::string> nodes, tensors;
  for (const QuantizedNode& n : scheme->nodes) nodes.push_back(n.node->op);
  for (const Value* v : scheme->tensors) tensors.push_back(v->name);
  EXPECT_EQ(nodes, (std::vector<std::string>{"Conv", "MaxPool", "GlobalAveragePool", "Reshape", "MatMul"}));
  EXPECT_EQ(tensors, (std::vector<std::string>{"x", "r", "p", "g", "f", "m"}));  // t is absorbed by its Relu
  EXPECT_EQ(scheme->group, (std::vector<std::size_t>{0, 1, 1, 3, 3, 5}));        // what only moves shares its scale
}
TEST(scheme, exclusions_are_checked) {
  auto model = model_of(small);
  ASSERT_TRUE(model);
  ASSERT_TRUE(infer_shapes(*model->graph));
  SchemeOptions skip;
  skip.skip_ops = {"Conv"};
  const auto scheme = make_scheme(*model->graph, skip);
  ASSERT_TRUE(scheme);
  EXPECT_EQ(scheme->nodes.size(), 1u);  // only the MatMul: what comes before it is float now
  SchemeOptions typo;
  typo.skip_ops = {"Covn"};
  const auto refused = make_scheme(*model->graph, typo);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("did you mean 'Conv'"), std::string::npos);
}

Dataset small_data(const Graph& graph) {
  auto d = Dataset::random(graph, 32, 1);
  EXPECT_TRUE(d);
  return std::move(*d);
}

TEST(quantize, whole_model_stays_close_and_is_reproducible) {
  std::vector<std::byte> first;
  for (const int threads : {1, 2}) {
    auto model = model_of(small);
    ASSERT_TRUE(model);
    QuantizeOptions options;
    options.method = Method::minmax;
    options.feed = {.threads = threads, .batch = threads == 1 ? 32 : 3};
    const auto report = quantize(*model, small_data(*model->graph), options);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->integer_nodes, 5);
    EXPECT_GT(report->outputs[0].second.sqnr_db, 25);
    EXPECT_TRUE(verify(*model->graph));
    const auto bytes = serialize_onnx(*model);
    ASSERT_TRUE(bytes) << bytes.error().message;
    if (first.empty()) first = *bytes;
    else EXPECT_EQ(first, *bytes) << "threads or batches change the result";
  }
}
TEST(quantize, int8_activations_and_per_tensor) {
  auto model = model_of(small);
  ASSERT_TRUE(model);
  QuantizeOptions options;
  options.activations = DType::i8;
  options.per_channel = false;
  const auto report = quantize(*model, small_data(*model->graph), options);
  ASSERT_TRUE(report) << report.error().message;
  for (const TensorReport& t : report->tensors) EXPECT_EQ(t.affine.zero, 0);
  for (const WeightReport& w : report->weights) EXPECT_EQ(w.channels, 1);
  EXPECT_GT(report->outputs[0].second.sqnr_db, 20);
}
TEST(quantize, a_quantized_graph_output_keeps_its_name) {
  auto model = model_of(R"(<ir_version: 8, opset_import: ["" : 13]>
m (float[n,2] x) => (float[n,2] y) <float[2,2] W = {1, 2, 3, 4}> { y = MatMul (x, W) })");
  ASSERT_TRUE(model);
  const auto report = quantize(*model, small_data(*model->graph), {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(model->graph->outputs[0]->name, "y");
  EXPECT_TRUE(model->graph->outputs[0]->producer->is("DequantizeLinear"));
  const auto again = quantize(*model, small_data(*model->graph), {});
  EXPECT_FALSE(again);  // quantized already
}
TEST(quantize, a_bias_may_be_a_row) {
  auto model = model_of(R"(<ir_version: 8, opset_import: ["" : 13]>
m (float[n,2] x) => (float[n,2] y) <float[2,2] W = {1, 2, 3, 4}, float[1,2] b = {10, -10}> { y = Gemm (x, W, b) })");
  ASSERT_TRUE(model);
  const auto report = quantize(*model, small_data(*model->graph), {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->integer_nodes, 1);
  EXPECT_GT(report->outputs[0].second.sqnr_db, 25);
}
TEST(quantize, a_large_bias_on_a_tiny_channel_fits) {
  auto model = model_of(R"(<ir_version: 8, opset_import: ["" : 13]>
m (float[n,2] x) => (float[n,2] y) <float[2,2] W = {0.0000000001, 2, 0, 4}, float[2] b = {1000, 1}> { y = Gemm (x, W, b) })");
  ASSERT_TRUE(model);
  const auto report = quantize(*model, small_data(*model->graph), {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GT(report->outputs[0].second.sqnr_db, 25);
}
TEST(quantize, nothing_to_do_and_broken_data_are_told) {
  auto model = model_of(R"(<ir_version: 8, opset_import: ["" : 13]> m (float[n,2] x) => (float[n,2] y) { y = Relu (x) })");
  ASSERT_TRUE(model);
  const auto none = quantize(*model, small_data(*model->graph), {});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("nothing to quantize"), std::string::npos);
  auto infinite = model_of(R"(<ir_version: 8, opset_import: ["" : 13]>
m (float[n,2] x) => (float[n,2] y) <float zero = {0}, float[2,2] W = {1, 2, 3, 4}> { d = Div (x, zero)  y = MatMul (d, W) })");
  ASSERT_TRUE(infinite);
  const auto broken = quantize(*infinite, small_data(*infinite->graph), {});
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("infinite or NaN"), std::string::npos) << broken.error().message;
}

}  // namespace
}  // namespace hone
