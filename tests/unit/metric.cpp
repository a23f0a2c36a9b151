// SPDX-License-Identifier: Apache-2.0
#include "lib/data/metric.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hone {
namespace {

std::vector<double> scores_of(std::string_view metric, const Tensor& output, const Tensor& targets) {
  const auto m = find_metric(metric);
  EXPECT_TRUE(m);
  std::vector<double> s(static_cast<std::size_t>(output.dims()[0]));
  const Status status = score(**m, output, targets, 0, s);
  EXPECT_TRUE(status) << (status ? "" : status.error().message);
  return s;
}

TEST(metric, top1_gives_ties_to_the_lower_class) {
  const Tensor logits = Tensor::of<float>({3, 3}, {1, 2, 2, 5, 1, 0, NAN, 1, 2});
  EXPECT_EQ(scores_of("top1", logits, Tensor::of<std::int64_t>({3}, {1, 0, 2})), (std::vector<double>{1, 1, 0}));
  EXPECT_EQ(scores_of("top1", logits, Tensor::of<std::int64_t>({3}, {2, 1, -1})), (std::vector<double>{0, 0, 0}));
}
TEST(metric, top5_and_predicted_classes) {
  const Tensor logits = Tensor::of<float>({1, 7}, {7, 6, 5, 4, 3, 2, 1});
  EXPECT_EQ(scores_of("top5", logits, Tensor::of<std::int64_t>({1}, {4})), (std::vector<double>{1}));
  EXPECT_EQ(scores_of("top5", logits, Tensor::of<std::int64_t>({1}, {5})), (std::vector<double>{0}));
  EXPECT_EQ(scores_of("top1", Tensor::of<std::int64_t>({2}, {3, 4}), Tensor::of<std::int64_t>({2}, {3, 3})), (std::vector<double>{1, 0}));
}
TEST(metric, regression) {
  const Tensor y = Tensor::of<float>({1, 2}, {1, 3}), t = Tensor::of<float>({1, 2}, {1, 1});
  EXPECT_DOUBLE_EQ(scores_of("mse", y, t)[0], 2);
  EXPECT_DOUBLE_EQ(scores_of("mae", y, t)[0], 1);
  EXPECT_NEAR(scores_of("cosine", y, t)[0], 4 / std::sqrt(20.0), 1e-12);
}
TEST(metric, what_does_not_fit_is_said) {
  std::vector<double> s(2);
  const auto top1 = find_metric("top1"), mse = find_metric("mse");
  EXPECT_FALSE(score(**top1, Tensor::scalar<float>(1), Tensor::of<std::int64_t>({2}, {0, 1}), 0, s));
  EXPECT_FALSE(score(**mse, Tensor::of<float>({2, 2}, {1, 2, 3, 4}), Tensor::of<float>({2}, {0, 1}), 0, s));
  const auto typo = find_metric("tpo1");
  ASSERT_FALSE(typo);
  EXPECT_NE(typo.error().message.find("did you mean 'top1'"), std::string::npos);
}
TEST(distance, equal_infinite_and_nan) {
  DistanceSum d(0, 0.1);
  d.add(Tensor::of<float>({4}, {1, INFINITY, NAN, 2.05f}), Tensor::of<float>({4}, {1, INFINITY, NAN, 2}));
  EXPECT_EQ(d.get().different, 0);
  EXPECT_NEAR(d.get().max_abs, 0.05, 1e-6);
  EXPECT_NEAR(d.get().sqnr_db, 10 * std::log10(5 / 0.0025), 0.01);
  d.add(Tensor::of<float>({1}, {NAN}), Tensor::of<float>({1}, {1}));
  EXPECT_EQ(d.get().different, 1);
  EXPECT_TRUE(std::isinf(d.get().max_abs));
}

}  // namespace
}  // namespace hone
