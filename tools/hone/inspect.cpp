// SPDX-License-Identifier: Apache-2.0
// hone inspect: what a model is and what it costs.
#include <algorithm>

#include "lib/ir/dim_math.h"
#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/ops/cost.h"
#include "tools/hone/inspect_bundle.h"
#include "tools/hone/keyrings.h"
#include "tools/hone/shapes.h"

namespace hone {
namespace {

// Inputs without a given shape: a dynamic first axis, the batch, counts as 1.
bool assume_batch(const Graph& graph, Facts& given) {
  bool assumed = false;
  for (const Value* v : graph.inputs) {
    if (given.contains(v) || v->constant || !v->shape.ranked || v->shape.dims.empty() || v->shape.dims[0].known()) continue;
    Shape shape = v->shape;
    shape.dims[0] = Dim(1);
    given[v] = Fact{v->dtype, shape, std::nullopt, std::nullopt};
    assumed = true;
  }
  return assumed;
}

struct Census {
  std::map<std::string, std::int64_t> ops, macs;  // by operator, bodies included
  std::int64_t nodes = 0, parameters = 0, bytes = 0, total_macs = 0;
  std::vector<std::string> without_macs;          // nodes that compute, of unknown shape
};

void count(const Graph& graph, const Facts& facts, Census& c) {
  for (const Value* v : graph.values()) {
    if (!v->constant) continue;
    c.parameters += v->constant->count();
    c.bytes += static_cast<std::int64_t>(v->constant->bytes().size());
  }
  for (const Node* node : graph.nodes()) {
    const std::string op = node->domain.empty() ? node->op : node->domain + "." + node->op;
    ++c.nodes;
    ++c.ops[op];
    const auto n = macs(*node, facts);
    if (!n) c.without_macs.push_back(describe(*node));
    if (n.value_or(0) > 0) c.macs[op] += *n, c.total_macs += *n;
    node->each_body([&](const Graph& body) { count(body, facts, c); });
  }
}

struct Quantized {
  std::string tensor, kind, granularity;
  DType dtype;
  std::vector<double> scales;
};

// Tensors that pass through QuantizeLinear or DequantizeLinear.
void find_quantized(const Graph& graph, const Facts& facts, std::vector<Quantized>& found) {
  for (const Node* node : graph.nodes()) {
    const bool quantize = node->is("QuantizeLinear");
    if ((quantize || (node->is("DequantizeLinear") && node->input(0)->constant)) && node->input(1)) {
      const Value* typed = quantize ? node->output(0) : node->input(0);
      const auto fact = facts.find(typed);
      const Tensor* scale = node->input(1)->constant ? &*node->input(1)->constant : nullptr;
      Quantized q{node->input(0)->name, quantize ? "activation" : "weight", "per tensor", fact == facts.end() ? typed->dtype : fact->second.dtype,
                  scale ? scale->to_doubles() : std::vector<double>{}};
      if (scale && scale->rank() == 1 && scale->count() > 1) q.granularity = format("per channel, axis {}", node->integer("axis", 1));
      if (scale && scale->rank() > 1) q.granularity = format("blocks of {}", node->integer("block_size"));
      found.push_back(std::move(q));
    }
    node->each_body([&](const Graph& body) { find_quantized(body, facts, found); });
  }
}

std::string scale_text(const Quantized& q) {
  if (q.scales.empty()) return "computed";
  const auto [low, high] = std::ranges::minmax(q.scales);
  return low == high ? format("{:.4g}", low) : format("{:.4g}..{:.4g}", low, high);
}

std::string thousands(std::int64_t n) {
  std::string text = fmt::to_string(n);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, " ");
  return text;
}

Json shape_json(const Shape& shape) {
  if (!shape.ranked) return nullptr;
  Json dims = Json::array();
  for (const Dim& d : shape.dims) dims.push_back(d.known() ? Json(d.value) : is_named(d) ? Json(d.symbol) : Json(nullptr));
  return dims;
}

// A row's type and shape, and the same for the document: a sequence, an optional or a map has a type that says it all.
void put_type(const Fact& fact, std::vector<std::string>& row, Json& entry) {
  entry["dtype"] = name(fact.dtype);
  if (is_aggregate(fact.dtype)) {
    const std::string type = print({fact.dtype, {}, fact.element});
    row.insert(row.end(), {type, ""});
    entry["type"] = type;
    entry["shape"] = nullptr;
    return;
  }
  row.insert(row.end(), {std::string(name(fact.dtype)), to_string(fact.shape)});
  entry["shape"] = shape_json(fact.shape);
}

// Value, type and shape of inputs and outputs: declared, or inferred where nothing is declared.
Json ports(std::string_view direction, const std::vector<Value*>& values, const Facts& facts, std::vector<std::vector<std::string>>& rows) {
  Json list = Json::array();
  for (const Value* v : values) {
    if (direction == "input" && v->constant) continue;
    Fact fact = declared_fact(*v);
    if (const auto it = facts.find(v); it != facts.end()) {
      if (!fact.shape.ranked) fact.shape = it->second.shape;
      if (fact.dtype == DType::undefined) fact.dtype = it->second.dtype;
      if (!fact.element) fact.element = it->second.element;
    }
    rows.push_back({std::string(direction), v->name});
    Json entry{{"name", v->name}};
    put_type(fact, rows.back(), entry);
    list.push_back(std::move(entry));
  }
  return list;
}

// The whole answer; every part is printed and put into the document at once.
class Report {
 public:
  Report(Console& console, const Model& model, const Facts& facts) : console_(console), model_(model), facts_(facts) {}

  void file(const std::string& path) {
    std::vector<std::string> opsets;
    document_ = {{"schema", "hone/inspect/1"}, {"ir_version", model_.ir_version}};
    for (const auto& [domain, version] : model_.opsets) {
      opsets.push_back(domain.empty() ? format("opset {}", version) : format("{} {}", domain, version));
      document_["opsets"][domain.empty() ? "ai.onnx" : domain] = version;
    }
    document_["producer"] = model_.producer_name;
    document_["producer_version"] = model_.producer_version;
    const std::string maker = model_.producer_name.empty() ? "" : format(", made by {} {}", model_.producer_name, model_.producer_version);
    console_.say("{}: IR {}, {}{}", path, model_.ir_version, fmt::join(opsets, ", "), maker);
    std::vector<std::vector<std::string>> rows{{"", "name", "type", "shape"}};
    document_["inputs"] = ports("input", model_.graph->inputs, facts_, rows);
    document_["outputs"] = ports("output", model_.graph->outputs, facts_, rows);
    console_.table(rows);
  }

  void costs() {
    Census census;
    count(*model_.graph, facts_, census);
    const ActivationPeak peak = activation_peak(*model_.graph, facts_);
    std::vector<std::vector<std::string>> rows{{"operator", "nodes", "MACs"}};
    Json operators = Json::object();
    for (const auto& [op, n] : census.ops) {
      const std::int64_t op_macs = census.macs.contains(op) ? census.macs[op] : 0;
      rows.push_back({op, fmt::to_string(n), op_macs ? thousands(op_macs) : ""});
      operators[op] = {{"nodes", n}, {"macs", op_macs}};
    }
    rows.push_back({"all", fmt::to_string(census.nodes), thousands(census.total_macs)});
    console_.table(rows);
    console_.say("parameters: {} in {}", thousands(census.parameters), human_bytes(static_cast<std::uint64_t>(census.bytes)));
    console_.say("activations at their peak: {}{}", human_bytes(static_cast<std::uint64_t>(peak.bytes)), peak.at ? ", at " + describe(*peak.at) : "");
    const auto aggregates = std::ranges::count_if(peak.unknown, [&](const Value* v) { return facts_.contains(v) && is_aggregate(facts_.at(v).dtype); });
    const std::size_t shapeless = peak.unknown.size() - static_cast<std::size_t>(aggregates);
    if (!census.without_macs.empty() || shapeless > 0)
      console_.warn("{} nodes and {} values have unknown shapes and are not counted; give --shape NAME:DIMS", census.without_macs.size(), shapeless);
    if (aggregates > 0) console_.warn("{} values are sequences, optionals or maps and are not counted", aggregates);
    document_["operators"] = operators;
    document_["nodes"] = census.nodes;
    document_["parameters"] = census.parameters;
    document_["bytes"] = census.bytes;
    document_["macs"] = census.without_macs.empty() ? Json(census.total_macs) : Json(nullptr);
    document_["peak_activation_bytes"] = peak.unknown.empty() ? Json(peak.bytes) : Json(nullptr);
  }

  void quantization() {
    std::vector<Quantized> quantized;
    find_quantized(*model_.graph, facts_, quantized);
    Json tensors = Json::array();
    std::vector<std::vector<std::string>> rows{{"quantized tensor", "what", "type", "granularity", "scale"}};
    for (const Quantized& q : quantized) {
      rows.push_back({q.tensor, q.kind, std::string(name(q.dtype)), q.granularity, scale_text(q)});
      tensors.push_back({{"name", q.tensor}, {"kind", q.kind}, {"dtype", name(q.dtype)}, {"granularity", q.granularity}, {"scales", q.scales}});
    }
    if (!quantized.empty()) console_.table(rows);
    document_["quantization"] = tensors;
  }

  // Every value with its type and shape, bodies indented.
  void values() {
    std::vector<std::vector<std::string>> rows{{"value", "type", "shape", "from"}};
    Json list = Json::array();
    each_value(*model_.graph, "", rows, list);
    console_.table(rows);
    document_["values"] = list;
  }

  Status finish() { return console_.json(document_); }

 private:
  void each_value(const Graph& graph, const std::string& indent, std::vector<std::vector<std::string>>& rows, Json& list) {
    const auto put = [&](const Value& v, std::string_view from) {
      const auto it = facts_.find(&v);
      const Fact fact = it == facts_.end() ? declared_fact(v) : it->second;
      rows.push_back({indent + v.name});
      Json entry{{"name", v.name}, {"from", from}};
      put_type(fact, rows.back(), entry);
      rows.back().emplace_back(from);
      list.push_back(std::move(entry));
    };
    for (const Value* v : graph.inputs) put(*v, "input");
    for (const Value* v : graph.values())
      if (v->constant && std::ranges::find(graph.inputs, v) == graph.inputs.end()) put(*v, "constant");
    for (const Node* node : graph.nodes()) {
      node->each_body([&](const Graph& body) { each_value(body, indent + "  ", rows, list); });
      for (const Value* v : node->outputs)
        if (v) put(*v, node->op);
    }
  }

  Console& console_;
  const Model& model_;
  const Facts& facts_;
  Json document_;
};

// What begins like neither a bundle nor a keyring, on standard input.
Result<Model> model_from(const Input& input) {
  std::vector<std::byte> bytes;
  std::size_t used = 0;
  do {
    bytes.resize(std::max<std::size_t>(2 * used, 65536));
    TRY(const std::size_t n, input.read(used, std::span(bytes).subspan(used)));
    used += n;
  } while (used == bytes.size());
  bytes.resize(used);
  return parse_onnx(share(std::move(bytes)), {}).in("standard input");
}

Result<int> run(const Args& args) {
  const std::string path = args.text("model");
  TRY(Input input, open_input(path));  // once: a pipe can be read only once
  TRY(const bool keyring, is_keyring(input));
  if (keyring) return inspect_keyring(args, input);
  TRY(const bool bundle, is_bundle(input));
  if (bundle) return inspect_bundle(args, std::move(input));
  TRY(const Model model, path == "-" ? model_from(input) : load_onnx(path));
  Facts given;
  for (const std::string& text : args.list("shape")) {
    TRY(const auto shape, parse_shape(text, *model.graph));
    given[shape.first] = Fact{shape.first->dtype, Shape::of(shape.second), std::nullopt, std::nullopt};
  }
  const bool assumed = assume_batch(*model.graph, given);
  TRY(const Facts facts, infer(*model.graph, std::move(given)).in(path));
  Report report(args.console(), model, facts);
  report.file(path);
  report.costs();
  report.quantization();
  if (args.flag("values")) report.values();
  if (assumed) args.console().note("a dynamic batch counts as 1; --shape NAME:DIMS sets others");
  CHECK_OK(report.finish());
  return 0;
}

constexpr Option options[] = {
    {"model", "MODEL", "an ONNX model, ONNX text, a bundle, or a keyring; - is standard input", "", true},
    {"--shape", "NAME:DIMS...", "fixes the shape of an input, as in input:1x3x224x224; may be repeated"},
    {"--values", "", "every value's type and shape, as declared or inferred"},
    pub_option,
    keyring_option,
    threshold_option,
};

}  // namespace

extern const Command inspect_command{
    .name = "inspect",
    .usage = "MODEL",
    .help = "tell what a model is and what it costs\nInputs, outputs, operators, parameters, multiply-accumulates (MACs), peak activation memory, and how each tensor is quantized.",
    .options = options,
    .run = run};

}  // namespace hone
