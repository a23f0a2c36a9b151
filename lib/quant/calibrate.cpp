// SPDX-License-Identifier: Apache-2.0
#include "lib/quant/calibrate.h"

#include <algorithm>
#include <mutex>

namespace hone {
namespace {

// The same graph with `values` as its outputs; graph inputs among them are read from the batch instead.
Result<Plan> plan_with_outputs(const Graph& graph, const std::vector<const Value*>& values, std::vector<int>& output_of) {
  std::map<const Value*, Value*> copy_of;
  const GraphPtr copy = graph.clone(&copy_of);
  copy->outputs.clear();
  output_of.clear();
  std::map<const Value*, int> seen;
  for (const Value* v : values) {
    if (v->is_input()) {
      output_of.push_back(-1);
      continue;
    }
    const auto [it, fresh] = seen.emplace(v, static_cast<int>(copy->outputs.size()));
    if (fresh) copy->outputs.push_back(copy_of.at(v));
    output_of.push_back(it->second);
  }
  if (copy->outputs.empty()) copy->outputs.push_back(copy_of.at(graph.outputs[0]));
  copy->drop_dead();
  return compile(*copy);
}

Tensor first_rows(const Tensor& t, std::int64_t rows, std::int64_t fed) {
  if (rows == fed || t.rank() == 0 || t.dims()[0] != fed) return t;
  Dims dims = t.dims();
  dims[0] = rows;
  const auto view = Tensor::view(t.dtype(), dims, t.bytes().first(t.bytes().size() / static_cast<std::size_t>(fed) * static_cast<std::size_t>(rows)), t.owner());
  return view ? *view : t;
}

}  // namespace

std::int64_t observation_batch(const std::vector<Value*>& values) {
  std::int64_t bytes = 1;
  for (const Value* v : values) {
    std::int64_t count = 4;
    for (std::size_t i = 1; i < v->shape.rank(); ++i) count *= std::clamp<std::int64_t>(v->shape.dims[i].value, 1, 1 << 16);
    bytes += count;
  }
  return std::clamp<std::int64_t>((std::int64_t{64} << 20) / bytes, 1, 32);
}

Result<std::vector<Histogram>> observe(const Graph& graph, const std::vector<Value*>& values, const Dataset& data, const FeedOptions& options) {
  std::vector<int> output_of;
  TRY(const Plan plan, plan_with_outputs(graph, {values.begin(), values.end()}, output_of));
  std::vector<Histogram> histograms(values.size());
  std::vector<std::mutex> locks(values.size());
  CHECK_OK(feed(plan, data, [&](std::int64_t begin, std::int64_t end, const std::vector<Tensor>& outputs) -> Status {
    const TensorMap inputs = data.batch(begin, end);
    const std::int64_t fed = data.batch_size(end - begin);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Tensor t = first_rows(output_of[i] < 0 ? inputs.find(values[i]->name)->second : outputs[static_cast<std::size_t>(output_of[i])], end - begin, fed);
      const std::lock_guard lock(locks[i]);
      if (!histograms[i].add(t.values<float>()))
        return invalid("samples {} to {} make value '{}' infinite or NaN; the data do not fit the model, or the model is broken", begin, end - 1, values[i]->name);
    }
    return Ok{};
  }, options));
  return histograms;
}

Result<std::vector<Distance>> measure_distances(const Graph& a, const Graph& b, const ValuePairs& pairs, const Dataset& data) {
  std::vector<const Value*> of_a, of_b;
  std::vector<Value*> sizes;
  for (const auto& [x, y] : pairs) of_a.push_back(x), of_b.push_back(y), sizes.push_back(const_cast<Value*>(x));
  std::vector<int> output_a, output_b;
  TRY(const Plan plan_a, plan_with_outputs(a, of_a, output_a));
  TRY(const Plan plan_b, plan_with_outputs(b, of_b, output_b));
  TRY(Session session_a, Session::create(plan_a));
  TRY(Session session_b, Session::create(plan_b));
  const std::int64_t batch = data.batch_size(observation_batch(sizes));
  std::vector<DistanceSum> sums(pairs.size());
  for (std::int64_t begin = 0; begin < data.samples(); begin += batch) {
    const std::int64_t end = std::min(begin + batch, data.samples()), fed = data.batch_size(end - begin);
    const TensorMap inputs = data.batch(begin, end);
    TRY(const auto outputs_a, session_a.run(inputs));
    TRY(const auto outputs_b, session_b.run(inputs));
    const auto pick = [&](const std::vector<Tensor>& outputs, int index, const Value* v) { return first_rows(index < 0 ? inputs.find(v->name)->second : outputs[static_cast<std::size_t>(index)], end - begin, fed); };
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const Tensor x = pick(outputs_a, output_a[i], of_a[i]), y = pick(outputs_b, output_b[i], of_b[i]);
      if (x.dims() != y.dims()) return bug("value '{}' changed its shape", of_a[i]->name);
      sums[i].add(y, x);
    }
  }
  std::vector<Distance> distances;
  for (const DistanceSum& s : sums) distances.push_back(s.get());
  return distances;
}

}  // namespace hone
