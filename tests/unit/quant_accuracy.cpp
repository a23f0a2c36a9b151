// SPDX-License-Identifier: Apache-2.0
// The promise on a real model: ResNet-8 as int8 loses at most half a point of top-1 on Fashion-MNIST.
#include <gtest/gtest.h>

#include <cstdlib>

#include "lib/data/metric.h"
#include "lib/onnx/onnx.h"
#include "lib/quant/quantize.h"
#include "lib/rewrite/pass.h"

namespace hone {
namespace {

const Path images = "/usr/share/datasets/fashion-mnist";
constexpr float pixel_mean = 0.286f, pixel_std = 0.353f;

double top1_of(const Graph& graph, const Dataset& data, const Tensor& labels) {
  const auto plan = compile(graph);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  const auto metric = find_metric("top1");
  std::vector<double> scores(static_cast<std::size_t>(data.samples()));
  const Status fed = feed(*plan, data, [&](std::int64_t begin, std::int64_t end, const std::vector<Tensor>& outputs) {
    return score(**metric, outputs[0], labels, begin, std::span(scores).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
  });
  EXPECT_TRUE(fed) << (fed ? "" : fed.error().message);
  return static_cast<double>(std::ranges::count(scores, 1.0)) / static_cast<double>(scores.size());
}

class QuantAccuracy : public ::testing::TestWithParam<Method> {};

TEST_P(QuantAccuracy, resnet8_within_half_a_point) {
  const char* source = std::getenv("HONE_SOURCE");
  if (!source) GTEST_SKIP() << "needs HONE_SOURCE, which ctest sets";
  if (!std::filesystem::exists(images)) GTEST_SKIP() << "needs the Debian package dataset-fashion-mnist";
  auto model = load_onnx(Path(source) / "testdata/models/fmnist_resnet8.onnx");
  ASSERT_TRUE(model) << model.error().message;
  RunOptions options;
  options.prove = false;
  ASSERT_TRUE(run_pipeline(*model, "optimize", options));
  DatasetOptions pixels{.preprocess = {{pixel_mean}, {pixel_std}}, .limit = 2000};
  const auto eval = Dataset::open(images / "t10k-images-idx3-ubyte.gz", *model->graph, pixels);
  ASSERT_TRUE(eval) << eval.error().message;
  const Path label_file = images / "t10k-labels-idx1-ubyte.gz";
  const auto labels = eval->labels(&label_file);
  // The label file is of all 10 000 images, the limit leaves the first 2 000.
  ASSERT_TRUE(labels) << labels.error().message;
  const auto train = Dataset::open(images / "train-images-idx3-ubyte.gz", *model->graph, {.preprocess = {{pixel_mean}, {pixel_std}}, .limit = 4096});
  ASSERT_TRUE(train) << train.error().message;
  const double before = top1_of(*model->graph, *eval, *labels);
  EXPECT_NEAR(before, 0.9245, 1e-9);  // what the catalogue of models says of ONNX Runtime
  QuantizeOptions how;
  how.method = GetParam();
  const auto report = quantize(*model, train->subset(512, 0), how);
  ASSERT_TRUE(report) << report.error().message;
  const double after = top1_of(*model->graph, *eval, *labels);
  EXPECT_GE(after, before - 0.005);
  EXPECT_GT(report->outputs[0].second.sqnr_db, 20);
}
INSTANTIATE_TEST_SUITE_P(methods, QuantAccuracy, ::testing::Values(Method::minmax, Method::percentile, Method::entropy, Method::mse), [](const auto& info) { return std::string(name(info.param)); });

}  // namespace
}  // namespace hone
