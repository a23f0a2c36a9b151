// SPDX-License-Identifier: Apache-2.0
// Task metrics: one score for each sample, averaged by whoever asks (which is what makes intervals and paired tests possible).
#pragma once
#include <span>
#include <string>
#include <vector>

#include "lib/ir/tensor.h"

namespace hone {

struct Metric {
  std::string_view name, help;
  bool larger_is_better;
  bool yes_no;   // scores are 0 or 1: a proportion, with an exact interval
  bool classes;  // the target is a class number; else a row as long as the output
  // `output` and `target`: one sample's row (`target` is one number for classes).
  double (*score)(std::span<const float> output, std::span<const double> target);
};
std::span<const Metric> all_metrics();
Result<const Metric*> find_metric(std::string_view name);

// The scores of a batch: the first axis of `output` and of `targets` is the sample; targets [begin, begin + n) are this batch's.
// A whole-number output of one element for each sample is taken as the predicted class itself.
Status score(const Metric&, const Tensor& output, const Tensor& targets, std::int64_t begin, std::span<double> scores);
// The class each sample's row is highest in (the first of equals).
std::vector<std::int64_t> argmax_rows(const Tensor& output);

// How far `got` is from `want`, over all elements.
struct Distance {
  double max_abs = 0, mean_abs = 0, mse = 0;
  double sqnr_db = 0;  // 10 log10(sum want^2 / sum (got - want)^2); infinite when equal
  double cosine = 1;
  std::int64_t different = 0;  // elements beyond atol + rtol * |want|; NaN against a number counts
  std::int64_t rows = 0;       // of tensors (rows, classes), perhaps with trailing axes of 1
  double top1 = 1;             // share of rows whose highest element is the same
};
// Adds up over many tensors, in order.
class DistanceSum {
 public:
  explicit DistanceSum(double rtol = 0, double atol = 0) : rtol_(rtol), atol_(atol) {}
  // REQUIRES: the same dims. The items of sequences and the values of maps count as elements; text is equal or different.
  void add(const Tensor& got, const Tensor& want);
  Distance get() const;
  std::int64_t count() const { return count_; }

 private:
  double rtol_, atol_, max_ = 0, abs_ = 0, square_ = 0, want_ = 0, got_ = 0, dot_ = 0;
  void add_held(const Tensor& got, const Tensor& want);
  std::int64_t count_ = 0, different_ = 0, rows_ = 0, agree_ = 0;
};

}  // namespace hone
