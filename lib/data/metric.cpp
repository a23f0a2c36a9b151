// SPDX-License-Identifier: Apache-2.0
#include "lib/data/metric.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "lib/base/closest.h"

namespace hone {
namespace {

using Row = std::span<const float>;
using Target = std::span<const double>;

std::size_t rank_of(Row row, double target) {  // how many classes come before the right one; the lower index wins a tie
  if (!(target >= 0) || target >= static_cast<double>(row.size())) return row.size();
  const auto right = static_cast<std::size_t>(target);
  std::size_t before = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    if (!(row[i] < row[right] || (row[i] == row[right] && i >= right))) ++before;
  return before;
}
double top1(Row row, Target target) { return rank_of(row, target[0]) == 0; }
double top5(Row row, Target target) { return rank_of(row, target[0]) < 5; }

double mse(Row row, Target target) {
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) sum += (static_cast<double>(row[i]) - target[i]) * (static_cast<double>(row[i]) - target[i]);
  return sum / static_cast<double>(row.size());
}
double mae(Row row, Target target) {
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) sum += std::abs(static_cast<double>(row[i]) - target[i]);
  return sum / static_cast<double>(row.size());
}
double cosine(Row row, Target target) {
  double dot = 0, a = 0, b = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double x = static_cast<double>(row[i]), y = target[i];
    dot += x * y, a += x * x, b += y * y;
  }
  if (a == 0 || b == 0) return a == b ? 1 : 0;
  return dot / std::sqrt(a * b);
}

constexpr Metric metrics[] = {
    {"top1", "share of samples whose highest class is the label", true, true, true, top1},
    {"top5", "share of samples with the label among the five highest classes", true, true, true, top5},
    {"mse", "mean squared error against the target array", false, false, false, mse},
    {"mae", "mean absolute error against the target array", false, false, false, mae},
    {"cosine", "mean cosine similarity with the target array", true, false, false, cosine},
};

}  // namespace

std::span<const Metric> all_metrics() { return metrics; }

Result<const Metric*> find_metric(std::string_view name) {
  std::vector<std::string> names;
  for (const Metric& m : metrics) {
    if (m.name == name) return &m;
    names.emplace_back(m.name);
  }
  const std::string near = closest(name, names);
  return usage_error("--metric: '{}' is none of {}{}", name, fmt::join(names, ", "), near.empty() ? "" : format("; did you mean '{}'?", near));
}

Status score(const Metric& metric, const Tensor& output, const Tensor& targets, std::int64_t begin, std::span<double> scores) {
  const auto n = static_cast<std::int64_t>(scores.size());
  if (bits(output.dtype()) == 0) return invalid("the output is {}, not numbers; name another with --of", is_aggregate(output.dtype()) ? format("a {}", name(output.dtype())) : "text");
  if (output.rank() == 0 || output.dims()[0] < n) return invalid("the output is {}, so its first axis does not count the {} samples of a batch", to_string(output.dims()), n);
  const auto width = static_cast<std::size_t>(output.count() / std::max<std::int64_t>(output.dims()[0], 1));
  const auto target_width = static_cast<std::size_t>(targets.count() / targets.dims()[0]);
  if (metric.classes && target_width != 1) return invalid("labels are {}; metric {} wants one class number for each sample", to_string(targets.dims()), metric.name);
  if (!metric.classes && target_width != width) return invalid("targets are {}, the output is {}: metric {} compares them element by element", to_string(targets.dims()), to_string(output.dims()), metric.name);
  const bool predicted = metric.classes && width == 1 && is_integer(output.dtype());
  const std::vector<float> values = output.to_floats();
  std::vector<double> target(target_width);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < target_width; ++j) target[j] = element(targets, (begin + i) * static_cast<std::int64_t>(target_width) + static_cast<std::int64_t>(j));
    const Row row(values.data() + static_cast<std::size_t>(i) * width, width);
    scores[static_cast<std::size_t>(i)] = predicted ? static_cast<double>(row[0]) == target[0] : metric.score(row, target);
  }
  return Ok{};
}

std::vector<std::int64_t> argmax_rows(const Tensor& output) {
  std::vector<std::int64_t> best;
  if (output.rank() == 0 || output.count() == 0) return best;
  const std::vector<float> values = output.to_floats();
  const auto width = static_cast<std::ptrdiff_t>(output.count() / output.dims()[0]);
  for (auto row = values.begin(); row != values.end(); row += width) best.push_back(std::max_element(row, row + width) - row);
  return best;
}

void DistanceSum::add(const Tensor& got, const Tensor& want) {
  assert(got.dims() == want.dims());
  if (bits(want.dtype()) == 0 || bits(got.dtype()) == 0) return add_held(got, want);
  if (want.rank() >= 2 && want.count() == want.dims()[0] * want.dims()[1]) {
    const std::vector<std::int64_t> a = argmax_rows(got), b = argmax_rows(want);
    for (std::size_t i = 0; i < a.size(); ++i) agree_ += a[i] == b[i];
    rows_ += static_cast<std::int64_t>(a.size());
  }
  for (std::int64_t i = 0; i < want.count(); ++i) {
    const double g = element(got, i), w = element(want, i);
    ++count_;
    if (g == w || (std::isnan(g) && std::isnan(w))) {  // infinities too
      if (std::isfinite(w)) want_ += w * w, got_ += g * g, dot_ += g * w;
      continue;
    }
    const double error = std::abs(g - w);
    if (!(error <= atol_ + rtol_ * std::abs(w))) ++different_;
    max_ = std::isfinite(error) ? std::max(max_, error) : std::numeric_limits<double>::infinity();
    abs_ += error, square_ += error * error;
    want_ += w * w, got_ += g * g, dot_ += g * w;
  }
}

void DistanceSum::add_held(const Tensor& got, const Tensor& want) {
  const bool alike = got.dtype() == want.dtype() && got.dims() == want.dims();
  const std::size_t first = want.dtype() == DType::map ? 1 : 0;  // keys are no elements
  if (!alike || !is_aggregate(want.dtype()) || (first == 1 && !identical(got.items()[0], want.items()[0]))) {
    count_ += std::max<std::int64_t>(want.count(), 1);
    if (!alike || !identical(got, want)) ++different_;
    return;
  }
  for (std::size_t i = first; i < want.items().size(); ++i) {
    const Tensor &g = got.items()[i], &w = want.items()[i];
    if (g.dims() == w.dims())
      add(g, w);
    else
      ++count_, ++different_;
  }
}

Distance DistanceSum::get() const {
  Distance d;
  if (count_ == 0) return d;
  d.max_abs = max_;
  d.mean_abs = abs_ / static_cast<double>(count_);
  d.mse = square_ / static_cast<double>(count_);
  d.sqnr_db = square_ == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(want_ / square_);
  d.cosine = want_ == 0 || got_ == 0 ? (want_ == got_ ? 1 : 0) : dot_ / std::sqrt(want_ * got_);
  if (!std::isfinite(max_)) {  // NaN or infinity where there was none: no number would tell how bad that is
    d.mean_abs = d.mse = std::numeric_limits<double>::infinity();
    d.sqnr_db = -std::numeric_limits<double>::infinity();
    d.cosine = 0;
  }
  d.different = different_;
  d.rows = rows_;
  if (rows_ > 0) d.top1 = static_cast<double>(agree_) / static_cast<double>(rows_);
  return d;
}

}  // namespace hone
