// SPDX-License-Identifier: Apache-2.0
// hone eval: how good a model is at its task, with the interval that the number of samples allows.
#include "lib/data/metric.h"
#include "lib/quant/feed.h"
#include "lib/report/report.h"
#include "lib/stats/stats.h"
#include "tools/hone/measure.h"

namespace hone {
namespace {

// Index of the output to judge.
Result<std::size_t> chosen_output(const Args& args, const Graph& graph) {
  if (!args.has("of")) return std::size_t{0};
  std::vector<std::string> names;
  for (const Value* v : graph.outputs) names.push_back(v->name);
  const auto it = std::ranges::find(names, args.text("of"));
  if (it != names.end()) return static_cast<std::size_t>(it - names.begin());
  const std::string near = closest(args.text("of"), names);
  return usage_error("--of: the model has no output '{}'{}", args.text("of"), near.empty() ? format("; it has {}", fmt::join(names, ", ")) : format("; did you mean '{}'?", near));
}

// The model's own input, sample by sample: what an auto-encoder should give back.
Result<Tensor> inputs_as_targets(const Dataset& data, const Graph& graph) {
  const std::vector<const Value*> inputs = fed_inputs(graph);
  if (inputs.size() != 1) return usage_error("--labels input: the model has {} inputs, an auto-encoder has one; name a file of targets", inputs.size());
  Tensor all;
  for (std::int64_t i = 0; i < data.samples(); ++i) {
    const Tensor one = data.batch(i, i + 1).at(inputs[0]->name);
    const std::size_t bytes = one.bytes().size() / static_cast<std::size_t>(one.dims()[0]);
    if (!all) {
      Dims dims = one.dims();
      dims[0] = data.samples();
      all = Tensor::allocate(one.dtype(), dims);
    }
    std::ranges::copy(one.bytes().first(bytes), all.writable() + static_cast<std::size_t>(i) * bytes);
  }
  return all;
}

Result<Tensor> targets_of(const Args& args, const Dataset& data, const Graph& graph) {
  if (args.has("labels") && args.text("labels") == "input") return inputs_as_targets(data, graph);
  const Path file = args.text("labels");
  return data.labels(args.has("labels") ? &file : nullptr);
}

// One hexadecimal digit for four samples, the first in the lowest bit: paired tests need to know which samples were right.
std::string verdicts(const std::vector<double>& scores) {
  std::string out;
  for (std::size_t i = 0; i < scores.size(); i += 4) {
    int digit = 0;
    for (std::size_t j = i; j < std::min(i + 4, scores.size()); ++j) digit |= (scores[j] > 0) << (j - i);
    out += "0123456789abcdef"[digit];
  }
  return out;
}

Result<int> run(const Args& args) {
  TRY(const Metric* metric, find_metric(args.text("metric")));
  TRY(const Loaded model, load_plan(args.text("model")));
  TRY(const DatasetOptions options, dataset_options(args));
  const Graph& graph = model.plan.graph();
  TRY(const std::size_t which, chosen_output(args, graph));
  TRY(const Dataset data, Dataset::open(args.text("data"), graph, options));
  TRY(const Tensor targets, targets_of(args, data, graph));
  TRY(const std::int64_t batch, args.integer("batch", 1, 1 << 20));
  std::vector<double> scores(static_cast<std::size_t>(data.samples()));
  auto bar = args.console().progress("evaluating", data.samples());
  const FeedOptions feeding{.threads = args.threads(), .batch = batch, .progress = [&](std::int64_t done) { bar.at(done); }};
  CHECK_OK(feed(model.plan, data, [&](std::int64_t begin, std::int64_t end, const std::vector<Tensor>& outputs) {
    return score(*metric, outputs[which], targets, begin, std::span(scores).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
  }, feeding));
  const auto n = static_cast<std::int64_t>(scores.size());
  const Interval value = metric->yes_no ? binomial_exact(std::ranges::count(scores, 1.0), n) : bootstrap_mean(scores, args.seed());
  if (metric->yes_no) {
    args.console().say("{}: {} = {:.2f} %  [{:.2f} %, {:.2f} %] with 95 % confidence, {} samples", model.file, metric->name, 100 * value.value, 100 * value.low, 100 * value.high, n);
  } else {
    args.console().say("{}: {} = {:.6g}  [{:.6g}, {:.6g}] with 95 % confidence, {} samples", model.file, metric->name, value.value, value.low, value.high, n);
  }
  Json json{{"schema", "hone/eval/1"}, {"model", model.file}, {"model_sha256", model.sha256}, {"data_sha256", data.digest()}, {"metric", metric->name},
            {"larger_is_better", metric->larger_is_better}, {"value", value.value}, {"low", value.low}, {"high", value.high}, {"confidence", 0.95},
            {"interval", metric->yes_no ? "Clopper-Pearson" : "bootstrap"}, {"samples", n}};
  if (metric->yes_no) json["right"] = verdicts(scores);
  CHECK_OK(args.console().json(json));
  const std::vector<Check> facts{{std::string(metric->name), true, format("{:.6g} [{:.6g}, {:.6g}] on {} samples", value.value, value.low, value.high, n), "", model.file}};
  if (args.has("junit")) CHECK_OK(write_file(args.text("junit"), as_bytes(junit_xml("hone eval", facts)), args.force()));
  if (args.has("markdown")) CHECK_OK(write_file(args.text("markdown"), as_bytes(markdown("hone eval", facts)), args.force()));
  return 0;
}

constexpr Option options[] = {
    {"model", "MODEL", "an .onnx model or a .plan", "", true},
    {"--data", "DATA", data_option.help, "", true},
    {"--labels", "FILE", "one row for each sample: .npy, .csv with a column 'label', IDX; 'input' for the model's own input (auto-encoders); else the array 'labels' in the data"},
    {"--metric", "NAME", "top1, top5, mse, mae or cosine", "top1"},
    {"--of", "OUTPUT", "the output to judge; the first when not given"},
    mean_option, std_option, offset_option, limit_option,
    {"--batch", "B", "samples at a time; a model with a fixed batch is fed what it wants", "32"},
    {"--junit", "FILE", "write the result as JUnit XML"},
    {"--markdown", "FILE", "write the result as Markdown"},
};

}  // namespace

extern const Command eval_command{.name = "eval", .usage = "MODEL --data DATA [--labels FILE] [--metric top1]",
                                  .help = "measure a task metric, with a 95 % confidence interval\n"
                                          "The interval is exact (Clopper-Pearson) for top1 and top5, and a seeded bootstrap for the other metrics. "
                                          "JSON: value, low, high, samples, metric, hashes of model and data, and for top1 and top5 which samples were right.",
                                  .options = options, .run = run};

}  // namespace hone
