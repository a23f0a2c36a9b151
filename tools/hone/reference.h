// SPDX-License-Identifier: Apache-2.0
// hone pack --reference: how the outputs of the very plan that is shipped are distributed over real data, for a device to compare with.
#pragma once
#include "lib/bundle/manifest.h"
#include "lib/stats/histogram.h"
#include "tools/hone/measure.h"

namespace hone {

// Values of one output over all samples: every one, or every k-th where there are more than memory should hold.
class OutputValues {
 public:
  static constexpr std::size_t most = std::size_t{1} << 22;

  // The first `rows` rows of a batch's output. `batches`: how many there will be.
  Status add(const Tensor& t, std::int64_t rows, std::int64_t batches) {
    std::vector<float> all = t.to_floats();
    if (t.rank() > 0 && t.dims()[0] > rows) all.resize(all.size() / static_cast<std::size_t>(t.dims()[0]) * static_cast<std::size_t>(rows));  // padding of the last batch
    if (std::ranges::any_of(all, [](float f) { return !std::isfinite(f); })) return invalid("is NaN or infinite for reference data");
    if (stride_ == 0) stride_ = (all.size() * static_cast<std::size_t>(batches) / most) | 1;  // odd: in no step with channels
    for (; next_ < all.size(); next_ += stride_) values_.push_back(all[next_]);
    next_ -= all.size();
    if (t.rank() == 2 && t.dims()[1] > 1) {
      const auto rows_of = argmax_rows(all, static_cast<std::size_t>(t.dims()[1]));
      classes_.insert(classes_.end(), rows_of.begin(), rows_of.end());
    }
    return Ok{};
  }

  void finish(const std::string& output, std::vector<Reference>& list) const {
    constexpr std::size_t bins = 16;
    const auto put = [&](Reference::Of of, const std::vector<float>& values) {
      if (values.empty() || list.size() == histograms_limit) return;
      Reference r{.output = output, .of = of, .edges = quantile_edges(values, bins), .counts = {}};
      r.counts = histogram(r.edges, values);
      list.push_back(std::move(r));
    };
    put(Reference::Of::values, values_);
    put(Reference::Of::argmax, classes_);
  }

 private:
  std::vector<float> values_, classes_;
  std::size_t stride_ = 0, next_ = 0;
};

// Histograms of the float outputs, and of the highest class where an output holds rows of scores.
inline Result<std::vector<Reference>> reference_histograms(const Plan& plan, const Dataset& data, int threads) {
  TRY(Session session, Session::create(plan, {.threads = threads}));
  std::map<std::string, OutputValues> outputs;
  const std::int64_t step = data.batch_size(1), batches = (data.samples() + step - 1) / step;
  for (std::int64_t begin = 0; begin < data.samples(); begin += step) {
    const std::int64_t end = std::min(begin + step, data.samples());
    TRY(const auto results, session.run(data.batch(begin, end)));
    for (std::size_t i = 0; i < results.size(); ++i) {
      const std::string& name = plan.graph().outputs[i]->name;
      if (is_float(results[i].dtype())) CHECK_OK(outputs[name].add(results[i], end - begin, batches).in(format("output '{}'", name)));
    }
  }
  std::vector<Reference> list;
  for (const auto& [name, values] : outputs) values.finish(name, list);
  return list;
}

}  // namespace hone
