// SPDX-License-Identifier: Apache-2.0
// hone pack: model, golden vectors, gate and provenance as one signed bundle. The same inputs give the same bytes.
#include <toml++/toml.h>
#include <sstream>

#include "lib/bundle/gate.h"
#include "lib/bundle/writer.h"
#include "lib/data/npy.h"
#include "lib/ir/interface.h"
#include "lib/ops/device.h"
#include "tools/hone/bundles.h"
#include "tools/hone/recipe.h"
#include "tools/hone/reference.h"
#include "tools/hone/sbom.h"
#include "lib/base/times.h"

namespace hone {
namespace {

// Owns what FileInput only points at.
struct Files {
  std::vector<FileInput> list;
  std::vector<SharedBytes> owners;
  void add(std::string name, SharedBytes bytes, std::vector<Segment> segments = {}) {
    list.push_back({std::move(name), bytes.bytes, std::move(segments)});
    owners.push_back(std::move(bytes));
  }
};

// Models and plans as a device wants them: a plan, and weights it maps. What is shipped is read back and used from here on.
Result<Plan> add_model(const Path& path, Manifest& m, Files& files) {
  TRY(const Loaded loaded, load_plan(path));
  CHECK_OK(check_device(loaded.plan.graph()).in(path.string()));
  m.provenance["model"] = {{"file", loaded.file}, {"sha256", loaded.sha256}};
  m.provenance["recipe"] = recipe_of(loaded.metadata);
  Plan::Saved saved = loaded.plan.save();
  std::vector<Segment> segments;
  for (const auto& s : saved.segments) segments.push_back({s.offset, s.length, s.element_bytes});
  m.memory.weights = saved.weights.size();
  const SharedBytes plan = share(std::move(saved.plan)), weights = share(std::move(saved.weights));
  files.add("model.plan", plan);
  files.add("model.weights", weights, std::move(segments));
  TRY(Plan shipped, Plan::open(plan, weights));
  m.interface = interface_of(shipped.graph());
  TRY(m.memory.arena, planned_arena(shipped).in(path.string()));
  return shipped;
}

std::string file_name(std::string_view kind, const std::string& value, std::size_t index) {
  const bool plain = plain_word(value) && value.size() <= 48;
  return plain ? format("{}_{}.npy", kind, value) : format("{}_{}.npy", kind, index);
}

// golden/<k>/: inputs from the data, outputs from the very plan that is shipped.
Status add_golden(const Args& args, const Plan& plan, Manifest& m, Files& files) {
  TRY(DatasetOptions options, dataset_options(args));
  TRY(options.limit, args.integer("golden-samples", 1, 1000));
  TRY(const Dataset data, Dataset::open(args.text("golden"), plan.graph(), options));
  TRY(Session session, Session::create(plan, {.threads = args.threads()}));
  TRY(const double tolerance, args.number("tolerance", 0, 1));
  const std::int64_t step = data.batch_size(1);
  for (std::int64_t begin = 0; begin < data.samples(); begin += step) {
    const std::string folder = format("golden/{}/", m.golden.size());
    Golden golden{.inputs = {}, .outputs = {}, .absolute = tolerance, .relative = tolerance};
    const TensorMap inputs = data.batch(begin, std::min(begin + step, data.samples()));
    TRY(const auto outputs, session.run(inputs));
    const auto add = [&](std::string_view kind, const std::string& value, const Tensor& t, auto& names) {
      names[value] = folder + file_name(kind, value, names.size());
      files.add(names[value], share(make_npy(t)), {});
    };
    for (const auto& [name, tensor] : inputs) add("input", name, tensor, golden.inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) add("output", plan.graph().outputs[i]->name, outputs[i], golden.outputs);
    m.golden.push_back(std::move(golden));
  }
  m.provenance["golden"] = {{"samples", data.samples()}, {"sha256", data.digest()}};
  return Ok{};
}

// How the outputs are distributed over real data.
Status add_reference(const Args& args, const Plan& plan, Manifest& m) {
  TRY(DatasetOptions options, dataset_options(args));
  TRY(options.limit, args.integer("reference-samples", 1));
  TRY(const Dataset data, Dataset::open(args.text("reference"), plan.graph(), options));
  TRY(m.histograms, reference_histograms(plan, data, args.threads()).in(args.text("reference")));
  if (m.histograms.empty()) return usage_error("--reference: the model has no float output to make a histogram of");
  m.provenance["reference"] = {{"samples", data.samples()}, {"sha256", data.digest()}};
  return Ok{};
}

// "2027-01-31", or "+90d" after `created`.
Status set_times(const Args& args, Manifest& m) {
  if (args.has("created")) {
    TRY(m.created, parse_time("created", args.text("created")));
  } else {
    TRY(m.created, source_date());
  }
  if (!args.has("expires")) return Ok{};
  const std::string text = args.text("expires");
  if (!text.starts_with('+')) {
    TRY(m.expires, parse_time("expires", text));
  } else {
    std::uint64_t days = 0;
    const auto [end, code] = std::from_chars(text.data() + 1, text.data() + text.size(), days);
    if (code != std::errc() || end + 1 != text.data() + text.size() || *end != 'd' || days == 0 || days > 365'000) return usage_error("--expires {}: expected a date, or a number of days such as +90d", text);
    if (m.created == 0) return usage_error("--expires {}: after what? Name --created, or set SOURCE_DATE_EPOCH", text);
    m.expires = m.created + days * 86400;
  }
  if (m.expires <= m.created) return usage_error("--expires {}: is not after the time of creation", text);
  return Ok{};
}

// NAME=PATH.
Status add_named(const std::string& text, Files& files) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos) return usage_error("--file {}: expected NAME=PATH", text);
  TRY(auto bytes, read_file(text.substr(equals + 1)));
  files.add(text.substr(0, equals), share(std::move(bytes)));
  return Ok{};
}

Result<Json> read_gate(const Path& path) {
  TRY(const auto bytes, read_file(path, UINT64_C(1) << 20));
  try {
    const toml::table table = toml::parse(as_text(bytes), path.string());
    std::ostringstream text;
    text << toml::json_formatter(table);
    TRY(Json gate, parse_json(text.str()).in(path.string()));
    CHECK_OK(check_gate(gate).in(path.string()));
    return gate;
  } catch (const toml::parse_error& e) {
    return invalid("{}: line {}: {}", path.string(), e.source().begin.line, e.description());
  }
}

Status add_all(const Args& args, Manifest& m, Files& files) {
  m.provenance["tool"] = {{"hone", hone_version()}, {"revision", hone_revision()}};
  if (args.has("model")) {
    const Path path = args.text("model");
    TRY(const SharedBytes source, map_file(path));
    TRY(const Plan plan, add_model(path, m, files));
    if (args.flag("with-onnx")) files.add("model.onnx", source);
    if (args.has("golden")) CHECK_OK(add_golden(args, plan, m, files));
    if (args.has("reference")) CHECK_OK(add_reference(args, plan, m));
  } else if (args.has("golden") || args.has("reference") || args.flag("with-onnx")) {
    return usage_error("--golden, --reference and --with-onnx need a model");
  }
  for (const std::string& text : args.list("file")) CHECK_OK(add_named(text, files));
  if (args.has("gate")) {
    TRY(m.gate, read_gate(args.text("gate")));
  }
  if (files.list.empty()) return usage_error("nothing to pack: name a model, or files with --file NAME=PATH");
  const std::string sbom = print_sbom(m.created);
  files.add(std::string(sbom_file), share({as_bytes(sbom).begin(), as_bytes(sbom).end()}));
  return Ok{};
}

Result<int> run(const Args& args) {
  CHECK_OK(args.output());
  Manifest m;
  m.name = args.text("name");
  m.version = args.text("version");
  TRY(const std::int64_t counter, args.integer("counter", 1));
  m.counter = static_cast<std::uint64_t>(counter);
  TRY(const std::int64_t floor, args.integer("floor", 0, counter));
  m.floor = static_cast<std::uint64_t>(floor);
  CHECK_OK(set_times(args, m));
  m.architectures = args.list("arch");
  m.minimum_hone = args.text("minimum-hone");
  TRY(const auto signers, signers_from(args));
  TRY(const auto recipients, recipients_from(args));
  Files files;
  CHECK_OK(add_all(args, m, files));
  TRY(const auto bundle, write_bundle(m, files.list, signers, recipients));
  CHECK_OK(args.write(bundle));
  Trust trust{.keys = {}, .threshold = 1};
  for (const Signer& signer : signers) trust.keys.push_back(signer.public_key);
  TRY(const Bundle made, Bundle::open(memory_input("the new bundle", bundle), trust));
  std::uint64_t plain = made.manifest().payload_length();
  Console& console = args.console();
  console.say("{} {}, counter {}: {} files, {} -> {}, signed by {}{}", m.name, m.version, m.counter, made.manifest().files.size(),
              human_bytes(plain), human_bytes(bundle.size()), ids_of(trust.keys),
              recipients.empty() ? "" : format(", encrypted for {}", recipients_text(recipients.size())));
  Json json{{"schema", "hone/pack/1"}, {"bytes", bundle.size()}, {"plain_bytes", plain}};
  json.update(describe(made.release()));
  CHECK_OK(console.json(json));
  return 0;
}

constexpr Option options[] = {
    {"model", "M", "an .onnx model, which is compiled, or a .plan"},
    {signing_key_option.names, signing_key_option.value, signing_key_option.help, "", true},
    {"--name", "NAME", "the model's name; a device follows one", "", true},
    {"--version", "V", "the version, for people", "", true},
    {"--counter", "N", "the release counter, higher than any before: a device never goes back", "", true},
    {"--file", "NAME=PATH...", "add a file under that name"},
    {"--with-onnx", "", "carry the model file as well"},
    {"--golden", "DATA", "samples for golden vectors; their outputs are computed here"},
    mean_option,
    std_option,
    offset_option,
    {"--golden-samples", "N", "golden vectors at most", "4"},
    {"--tolerance", "T", "how far a device's floats may be from the golden ones, absolute and relative", "1e-3"},
    {"--reference", "DATA", "real samples: histograms of the outputs over them, for a device to notice drift"},
    {"--reference-samples", "N", "of them at most", "512"},
    {"--gate", "P.toml", "the health gate a device holds the release to"},
    {"--floor", "N", "releases with a smaller counter must not run any more", "0"},
    {"--created", "TIME", "2027-01-31, 2027-01-31T12:00:00Z or seconds since 1970; else SOURCE_DATE_EPOCH, else not stated; never the clock"},
    {"--expires", "TIME", "no device installs it after this; or +90d: so many days after its creation"},
    recipient_option,
    recipients_file_option,
    {"--arch", "NAME...", "only for this architecture (x86_64, aarch64); repeat for several"},
    {"--minimum-hone", "X.Y.Z", "the oldest hone-target that may install it", "0.1.0"},
};

}  // namespace

extern const Command pack_command{
    .name = "pack",
    .usage = "M --key K.key --name N --version V --counter C -o B.hone",
    .help =
        "make a signed bundle of a model\n"
        "Models of the same architecture, quantized with the same scales, make small deltas: see 'hone delta'.",
    .options = options,
    .run = run};

}  // namespace hone
