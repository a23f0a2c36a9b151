// SPDX-License-Identifier: Apache-2.0
// hone quantize: post-training quantization to int8, and what it cost.
#include "lib/quant/quantize.h"

#include <cmath>

#include "lib/rewrite/pass.h"
#include "tools/hone/measure.h"
#include "tools/hone/noise.h"
#include "tools/hone/recipe.h"

namespace hone {
namespace {

Result<QuantizeOptions> quantize_options(const Args& args) {
  QuantizeOptions o;
  TRY(o.method, method_from_name(args.text("method")));
  TRY(o.percentile, args.number("percentile", 50, 100));
  o.per_channel = !args.flag("per-tensor");
  const std::string type = args.text("activations");
  if (type != "uint8" && type != "int8") return usage_error("--activations: '{}' is neither uint8 nor int8", type);
  o.activations = type == "uint8" ? DType::u8 : DType::i8;
  for (const std::string& name : args.list("exclude")) o.scheme.exclude.insert(name);
  for (const std::string& name : args.list("skip-op")) o.scheme.skip_ops.insert(name);
  o.feed.threads = args.threads();
  return o;
}

Result<Dataset> calibration_data(const Args& args, const Graph& graph) {
  TRY(const std::int64_t samples, args.integer("samples", 0));
  TRY(const DatasetOptions options, dataset_options(args));
  const std::string source = args.text("calib");
  if (source == "random") args.console().warn("calibrating on random numbers as asked: the ranges found have nothing to do with real data");
  note_open_sizes(args, source, graph);
  const std::int64_t random_samples = samples > 0 ? std::min<std::int64_t>(samples, 64) : 64;
  TRY(Dataset all, data_or_noise(args, source, graph, random_samples, options));
  return samples > 0 ? all.subset(samples, args.seed()) : all;
}

double finite(double db) { return std::isfinite(db) ? db : db > 0 ? 999 : -999; }

// Tensors by how noisy they are, the worst first.
std::vector<const TensorReport*> worst(const QuantizeReport& report, std::size_t most) {
  std::vector<const TensorReport*> list;
  for (const TensorReport& t : report.tensors) list.push_back(&t);
  std::ranges::stable_sort(list, std::ranges::less(), [](const TensorReport* t) { return t->sqnr_db; });
  list.resize(std::min(most, list.size()));
  return list;
}

void say_tensors(Console& console, const QuantizeReport& report) {
  std::vector<std::vector<std::string>> rows{{"tensor", "made by", "observed", "range", "scale", "zero", "SQNR dB"}};
  for (const TensorReport& t : report.tensors)
    rows.push_back({t.name, t.made_by, format("{:.4g} .. {:.4g}", t.observed_low, t.observed_high), format("{:.4g} .. {:.4g}", t.range.low, t.range.high),
                    format("{:.4g}", t.affine.scale), fmt::to_string(t.affine.zero), format("{:.1f}", t.sqnr_db)});
  console.table(rows);
  rows = {{"weights of", "scales", "SQNR dB"}};
  for (const WeightReport& w : report.weights) rows.push_back({w.node, fmt::to_string(w.channels), format("{:.1f}", w.sqnr_db)});
  console.table(rows);
}

Json to_json(const QuantizeReport& report) {
  Json tensors = Json::array(), weights = Json::array(), outputs = Json::array(), skipped = Json::array();
  for (const TensorReport& t : report.tensors)
    tensors.push_back({{"name", t.name}, {"made_by", t.made_by}, {"observed_low", t.observed_low}, {"observed_high", t.observed_high}, {"low", t.range.low},
                       {"high", t.range.high}, {"scale", t.affine.scale}, {"zero_point", t.affine.zero}, {"sqnr_db", finite(t.sqnr_db)}});
  for (const WeightReport& w : report.weights) weights.push_back({{"node", w.node}, {"scales", w.channels}, {"sqnr_db", finite(w.sqnr_db)}});
  for (const auto& [name, d] : report.outputs) outputs.push_back({{"name", name}, {"sqnr_db", finite(d.sqnr_db)}, {"cosine", d.cosine}, {"max_abs", d.max_abs}, {"top1_agreement", d.top1}});
  for (const auto& [node, why] : report.skipped) skipped.push_back({{"node", node}, {"why", why}});
  return {{"integer_nodes", report.integer_nodes}, {"nodes", report.nodes}, {"tensors", tensors}, {"weights", weights}, {"outputs", outputs}, {"skipped", skipped}};
}

// Accuracy is never lost in silence: what is bad is said, with the layers and what to try.
void warn_of_loss(Console& console, const QuantizeReport& report, const QuantizeOptions& o) {
  constexpr double low_sqnr = 15, low_agreement = 0.97;
  for (const auto& [name, d] : report.outputs) {
    const bool classes = d.rows > 0;
    if (d.sqnr_db >= low_sqnr && (!classes || d.top1 >= low_agreement)) continue;
    std::string layers;
    for (const TensorReport* t : worst(report, 3)) layers += format("{}'{}' ({:.1f} dB)", layers.empty() ? "" : ", ", t->name, t->sqnr_db);
    std::string advice = o.method == Method::mse ? "--method percentile" : "--method mse";
    if (!o.per_channel) advice = "leaving out --per-tensor";
    console.warn("output '{}' is {:.1f} dB above its quantization noise{}; noisiest: {}. Try {}, more or other calibration samples, or --exclude of the nodes that make these; then measure with 'hone eval'",
                 name, d.sqnr_db, classes ? format(" and {:.1f} % of the highest elements stay the same", 100 * d.top1) : "", layers, advice);
  }
}

Json recipe(const Args& args, const QuantizeOptions& o, const Dataset& data) {
  Json json{{"weights", o.per_channel ? "per channel" : "per tensor"}, {"activations", name(o.activations)}, {"method", name(o.method)}};
  if (o.method == Method::percentile) json["percentile"] = o.percentile;
  if (args.has("exclude")) json["exclude"] = o.scheme.exclude;
  if (args.has("skip-op")) json["skip_ops"] = o.scheme.skip_ops;
  json["calibration"] = {{"samples", data.samples()}, {"sha256", data.digest()}};
  return json;
}

Result<int> run(const Args& args) {
  TRY(const Path output, args.output());
  TRY(const QuantizeOptions options, quantize_options(args));
  const Path path = args.text("model");
  TRY(Model model, load_onnx(path));
  RunOptions preparing;
  preparing.prove = !args.flag("no-verify");
  preparing.seed = args.seed();
  CHECK_OK(run_pipeline(model, "optimize", preparing).in(path.string()));
  TRY(const Dataset data, calibration_data(args, *model.graph));
  QuantizeOptions with_progress = options;
  auto bar = args.console().progress("calibrating", data.samples());
  with_progress.feed.progress = [&](std::int64_t done) { bar.at(done); };
  auto report = quantize(model, data, with_progress);
  if (!report) return std::move(report).error().in(path.string());
  const std::string digest = data.digest();
  CHECK_OK(record_step(model, "quantize", path, recipe(args, options, data)));
  TRY(const std::vector<std::byte> bytes, serialize_onnx(model));
  CHECK_OK(args.write(bytes));
  std::error_code ignored;
  const auto before = std::filesystem::file_size(path, ignored);
  Console& console = args.console();
  if (console.verbose()) say_tensors(console, *report);
  console.say("{} of {} nodes work on integers; {} -> {} ({:.1f} %)", report->integer_nodes, report->nodes, human_bytes(before), human_bytes(bytes.size()), 100.0 * static_cast<double>(bytes.size()) / static_cast<double>(std::max<std::uintmax_t>(before, 1)));
  for (const auto& [node, why] : report->skipped) console.note("{} stays float: {}", node, why);
  for (const auto& [name, d] : report->outputs)
    console.say("output '{}' against the float model, {} calibration samples: SQNR {:.1f} dB, cosine {:.6f}{}", name, std::min(options.check_samples, data.samples()), d.sqnr_db, d.cosine,
                d.rows > 0 ? format(", top-1 agreement {:.2f} %", 100 * d.top1) : "");
  warn_of_loss(console, *report, options);
  Json json{{"schema", "hone/quantize/1"}, {"calibration_sha256", digest}, {"samples", data.samples()}, {"method", name(options.method)}, {"bytes_before", before}, {"bytes_after", bytes.size()}};
  json.update(to_json(*report));
  CHECK_OK(console.json(json));
  return 0;
}

constexpr Option options[] = {
    {"model", "MODEL", "a float .onnx model", "", true},
    {"--calib", "DATA", "real samples, unlabelled: .npz keyed by input name, .npy, IDX, a folder of images, a test_data_set directory; 'random' for noise", "", true},
    noise_shape_option, mean_option, std_option, offset_option, limit_option,
    {"--samples", "N", "calibrate on N samples drawn by --seed; 0: all", "512"},
    {"--method", "NAME", "how ranges are chosen: minmax, percentile, entropy or mse", "percentile"},
    {"--percentile", "P", "for --method percentile", "99.99"},
    {"--per-tensor", "", "one scale for all of a node's weights instead of one for each output channel"},
    {"--activations", "TYPE", "uint8 (any zero point) or int8 (symmetric, as TensorRT wants it)", "uint8"},
    {"--exclude", "NODE...", "leave this node float; may be repeated"},
    {"--skip-op", "OP...", "leave all nodes of this operator float; may be repeated"},
    {"--no-verify", "", "do not prove the optimizations before quantizing on random inputs"},
};

}  // namespace

extern const Command quantize_command{.name = "quantize", .usage = "MODEL --calib DATA -o OUTPUT",
                                      .help = "quantize to int8 after training, calibrated on real data\n"
                                              "Optimizes first (as 'hone optimize'), then writes standard ONNX QuantizeLinear and DequantizeLinear, which ONNX Runtime, "
                                              "TensorRT and OpenVINO run too. Softmax, normalization, and whatever follows the last product stay float. "
                                              "Runs both models on calibration samples and warns when too much is lost.",
                                      .options = options, .run = run};

}  // namespace hone
