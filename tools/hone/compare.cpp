// SPDX-License-Identifier: Apache-2.0
// hone compare: whether two models give the same outputs for the same inputs, and how far they are apart.
#include <cmath>

#include "lib/data/metric.h"
#include "tools/hone/measure.h"
#include "tools/hone/noise.h"

namespace hone {
namespace {

struct Limits {
  double rtol, atol;
  std::optional<double> sqnr, cosine, top1;
};
struct Pair {
  std::string name;
  std::size_t a, b;  // output indices
  DistanceSum distance;
};

// Outputs of the same name belong together; when no name is shared, those of the same position.
Result<std::vector<Pair>> pair_outputs(const Graph& a, const Graph& b, const Limits& limits) {
  if (a.outputs.size() != b.outputs.size()) return invalid("the models have {} and {} outputs; compare models of the same interface", a.outputs.size(), b.outputs.size());
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < a.outputs.size(); ++i) {
    std::size_t match = i;
    for (std::size_t j = 0; j < b.outputs.size(); ++j)
      if (b.outputs[j]->name == a.outputs[i]->name) match = j;
    pairs.push_back({a.outputs[i]->name, i, match, DistanceSum(limits.rtol, limits.atol)});
  }
  return pairs;
}

// The first axis of an output counts the samples only when every batch says so.
Tensor first_rows(const Tensor& t, std::int64_t rows, std::int64_t fed) {
  if (rows == fed || t.rank() == 0 || t.dims()[0] != fed || is_aggregate(t.dtype())) return t;
  Dims dims = t.dims();
  dims[0] = rows;
  auto view = Tensor::view(t.dtype(), dims, t.bytes().first(t.bytes().size() / static_cast<std::size_t>(fed) * static_cast<std::size_t>(rows)), t.owner());
  return view ? *view : t;
}

Status add_batch(std::vector<Pair>& pairs, const std::vector<Tensor>& a, const std::vector<Tensor>& b, std::int64_t rows, std::int64_t fed) {
  for (Pair& p : pairs) {
    const Tensor x = first_rows(a[p.a], rows, fed), y = first_rows(b[p.b], rows, fed);
    if (x.dims() != y.dims()) return invalid("output '{}' is {} from the one and {} from the other", p.name, to_string(x.dims()), to_string(y.dims()));
    if (x.dtype() == DType::string || y.dtype() == DType::string) return invalid("output '{}' is text, which cannot be compared by distance", p.name);
    p.distance.add(y, x);
  }
  return Ok{};
}

Status measure(const Args& args, const Plan& a, const Plan& b, const Dataset& data, std::vector<Pair>& pairs) {
  TRY(const std::int64_t wanted, args.integer("batch", 1, 1 << 20));
  const std::int64_t batch = data.batch_size(wanted);
  auto bar = args.console().progress("comparing", data.samples());
  TRY(Session first, Session::create(a, {.threads = args.threads()}));
  TRY(Session second, Session::create(b, {.threads = args.threads()}));
  for (std::int64_t begin = 0; begin < data.samples(); begin += batch) {
    const std::int64_t end = std::min(begin + batch, data.samples());
    const TensorMap inputs = data.batch(begin, end);
    TRY(const std::vector<Tensor> x, first.run(inputs));
    TRY(const std::vector<Tensor> y, second.run(inputs));
    CHECK_OK(add_batch(pairs, x, y, end - begin, data.batch_size(end - begin)));
    bar.at(end);
  }
  return Ok{};
}

// What is beyond the limits, in words; empty when nothing is.
std::string complaint(const Pair& p, const Distance& d, const Limits& l, bool tolerances) {
  if (tolerances && d.different > 0) return format("{} of {} elements beyond the tolerances", d.different, p.distance.count());
  if (l.sqnr && !(d.sqnr_db >= *l.sqnr)) return format("SQNR under {} dB", *l.sqnr);
  if (l.cosine && !(d.cosine >= *l.cosine)) return format("cosine under {}", *l.cosine);
  if (l.top1 && !(d.top1 >= *l.top1)) return format("top-1 agreement under {}", *l.top1);
  return "";
}

Result<Limits> limits_of(const Args& args) {
  Limits l{};
  TRY(l.rtol, args.number("rtol", 0));
  TRY(l.atol, args.number("atol", 0));
  const auto optional = [&](std::string_view name, std::optional<double>& to) -> Status {
    if (!args.has(name)) return Ok{};
    TRY(to, args.number(name));
    return Ok{};
  };
  CHECK_OK(optional("min-sqnr", l.sqnr));
  CHECK_OK(optional("min-cosine", l.cosine));
  CHECK_OK(optional("min-top1", l.top1));
  return l;
}

Result<int> run(const Args& args) {
  TRY(const Limits limits, limits_of(args));
  TRY(const Loaded a, load_plan(args.text("a")));
  TRY(const Loaded b, load_plan(args.text("b")));
  TRY(const DatasetOptions options, dataset_options(args));
  const std::string source = args.text("data");
  note_open_sizes(args, source, a.plan.graph());
  TRY(const Dataset data, data_or_noise(args, source, a.plan.graph(), options.limit > 0 ? options.limit : 16, options));
  TRY(std::vector<Pair> pairs, pair_outputs(a.plan.graph(), b.plan.graph(), limits));
  CHECK_OK(measure(args, a.plan, b.plan, data, pairs));
  // A similarity asked for replaces the default tolerances; tolerances given still count.
  const bool tolerances = !(limits.sqnr || limits.cosine || limits.top1) || args.has("rtol") || args.has("atol");
  std::vector<std::vector<std::string>> rows{{"output", "max error", "mean error", "SQNR dB", "cosine", "top-1 agreement", "verdict"}};
  Json list = Json::array();
  bool same = true;
  for (const Pair& p : pairs) {
    const Distance d = p.distance.get();
    const std::string problem = complaint(p, d, limits, tolerances);
    same = same && problem.empty();
    rows.push_back({p.name, format("{:.3g}", d.max_abs), format("{:.3g}", d.mean_abs), format("{:.1f}", d.sqnr_db), format("{:.6f}", d.cosine),
                    d.rows == 0 ? "-" : format("{:.2f} %", 100 * d.top1), problem.empty() ? "same" : problem});
    Json entry{{"output", p.name}, {"max_abs", d.max_abs}, {"mean_abs", d.mean_abs}, {"cosine", d.cosine}, {"same", problem.empty()}, {"beyond", d.different}, {"elements", p.distance.count()}};
    entry["sqnr_db"] = std::isfinite(d.sqnr_db) ? Json(d.sqnr_db) : d.sqnr_db > 0 ? Json(nullptr) : Json(-999);  // null: equal; -999: NaN or infinity
    if (d.rows > 0) entry["top1_agreement"] = d.top1;
    list.push_back(std::move(entry));
  }
  args.console().table(rows);
  args.console().say("{} on {} samples", same ? "the same" : "DIFFERENT", data.samples());
  CHECK_OK(args.console().json({{"schema", "hone/compare/1"}, {"a", a.file}, {"a_sha256", a.sha256}, {"b", b.file}, {"b_sha256", b.sha256},
                                {"data_sha256", data.digest()}, {"samples", data.samples()}, {"same", same}, {"outputs", list}}));
  return same ? 0 : 1;
}

constexpr Option options[] = {
    {"a", "A", "the reference: an .onnx model or a .plan", "", true},
    {"b", "B", "the model to compare with it", "", true},
    {"--data", "DATA", ".npz, .npy, IDX, a folder of images, a test_data_set directory; or 'random' for seeded noise", "", true},
    noise_shape_option, mean_option, std_option, offset_option, limit_option,
    {"--batch", "B", "samples at a time; a model with a fixed batch is fed what it wants", "32"},
    {"--rtol", "X", "an element may differ by atol + rtol * |reference|", "1e-4"},
    {"--atol", "X", "see --rtol", "1e-5"},
    {"--min-sqnr", "DB", "judge by signal-to-quantization-noise ratio instead of the tolerances: for quantized models"},
    {"--min-cosine", "X", "judge by cosine similarity"},
    {"--min-top1", "X", "judge by the share of rows whose highest element is the same, in [0, 1]"},
};

}  // namespace

extern const Command compare_command{.name = "compare", .usage = "A B --data DATA", .help = "compare the outputs of two models; exit status 1 when they differ\n"
                                     "Outputs are paired by name, else by position. Errors are those of B against A.",
                                     .options = options, .run = run};

}  // namespace hone
