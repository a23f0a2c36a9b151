// SPDX-License-Identifier: Apache-2.0
// hone run: executes a model on given inputs, or on the test data beside it.
#include "lib/data/compare.h"
#include "lib/data/npz.h"
#include "lib/ir/text.h"
#include "lib/onnx/test_data.h"
#include "tools/cli/tensors.h"
#include "tools/hone/executable.h"

namespace hone {
namespace {

constexpr std::int64_t shown_elements = 1000;  // larger outputs are summed up

// An .npz with arrays by input name, an .npy for the only input (either may be -), or NAME=FILE.npy.
Status add_inputs(const std::string& text, const Graph& graph, NamedTensors& inputs) {
  std::error_code ignored;
  const bool named = text.find('=') != std::string::npos && !std::filesystem::exists(text, ignored);
  if (named || text.ends_with(".npy")) return add_npy_input(text, graph, inputs);
  TRY(const auto bytes, read_file(text));
  if (as_text(bytes).starts_with("\x93NUMPY")) {
    const std::vector<std::string> names = fed_names(graph);
    if (names.size() != 1) return usage_error("{}: holds one array; write NAME=FILE, the model has the inputs {}", text, fmt::join(names, ", "));
    TRY(Tensor tensor, parse_npy(bytes, nullptr).in(text));
    return add_input(names[0], std::move(tensor), text, inputs);
  }
  TRY(TensorMap arrays, parse_npz(bytes).in(text));
  for (auto& [name, tensor] : arrays) CHECK_OK(add_input(name, std::move(tensor), text, inputs));
  return Ok{};
}

void show(Console& console, const Value& output, const Tensor& t) {
  if (t.count() <= shown_elements || bits(t.dtype()) == 0 || bits(t.dtype()) > 64) {
    console.say("{}", print_constant(output.name, t, INT64_MAX));
    return;
  }
  double least = element(t, 0), most = least, total = 0;
  for (const double d : t.to_doubles()) least = std::min(least, d), most = std::max(most, d), total += d;
  console.say("# {} {} {}: min {:.6g}, max {:.6g}, mean {:.6g}; -o FILE.npz keeps all", name(t.dtype()), to_string(t.dims()), output.name,
              least, most, total / static_cast<double>(t.count()));
}

Json describe(const Tensor& t) {
  Json j{{"dtype", name(t.dtype())}, {"shape", t.dims()}};
  if (t.count() > shown_elements) return j;
  if (t.dtype() == DType::map) {
    j["keys"] = describe(t.items()[0]);
    j["values"] = describe(t.items()[1]);
  } else if (is_aggregate(t.dtype())) {
    j["items"] = Json::array();
    for (const Tensor& item : t.items()) j["items"].push_back(describe(item));
  } else if (t.dtype() == DType::string)
    j["values"] = std::vector<std::string>(t.string_values().begin(), t.string_values().end());
  else if (is_integer(t.dtype()) || t.dtype() == DType::boolean)
    j["values"] = t.to_ints();
  else if (bits(t.dtype()) <= 64 && t.dtype() != DType::c64)
    j["values"] = t.to_doubles();
  return j;
}

Result<int> run_once(const Args& args, const Executable& runner) {
  NamedTensors inputs;
  for (const std::string& text : args.list("input")) CHECK_OK(add_inputs(text, *runner.graph, inputs));
  for (const Value* v : runner.graph->inputs)
    if (v->dtype == DType::optional && v->is_input()) inputs.try_emplace(v->name, Tensor::none());
  TRY(const std::vector<Tensor> outputs, runner.run(inputs));
  Json list = Json::array();
  TensorMap named;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Value& v = *runner.graph->outputs[i];
    if (!args.has("output")) show(args.console(), v, outputs[i]);
    Json described{{"name", v.name}};
    described.update(describe(outputs[i]));
    list.push_back(std::move(described));
    named.insert_or_assign(v.name, outputs[i]);
  }
  if (args.has("output")) {
    const bool npy = args.text("output").ends_with(".npy");
    for (const auto& [name, t] : named)
      if (bits(t.dtype()) == 0)
        return invalid("output '{}' is {}, which no array of numbers can hold; leave -o out to see it", name,
                       is_aggregate(t.dtype()) ? format("a {}", hone::name(t.dtype())) : "text");
    if (npy && named.size() != 1)
      return usage_error("an .npy file holds one array and the model has {} outputs; name an .npz file", named.size());
    TRY(const std::vector<std::byte> bytes, npy ? Result<std::vector<std::byte>>(make_npy(outputs[0])) : make_npz(named));
    CHECK_OK(args.write(bytes));
  }
  CHECK_OK(args.console().json({{"schema", "hone/run/1"}, {"outputs", list}}));
  return 0;
}

Result<int> run_tests(const Args& args, const Executable& runner) {
  Tolerance tolerance;
  TRY(tolerance.relative, args.number("rtol", 0));
  TRY(tolerance.absolute, args.number("atol", 0));
  const Path folder = args.text("test-data");
  const std::vector<Path> sets = find_test_sets(folder);
  if (sets.empty()) return io_error("{}: holds no test_data_set_* folder and no input_0.pb", folder.string());
  std::vector<std::vector<std::string>> rows{{"test set", "output", "max abs error", "max rel error", "result"}};
  Json list = Json::array();
  bool same = true;
  for (const Path& set : sets) {
    TRY(const TestSet test, read_test_set(set, *runner.graph));
    TRY(const std::vector<Tensor> outputs, runner.run(test.inputs).in(set.string()));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Difference d = difference(outputs[i], test.outputs[i], tolerance);
      const std::string& output = runner.graph->outputs[i]->name;
      same = same && d.same;
      rows.push_back(
          {set.filename().string(), output, format("{:.3g}", d.max_absolute), format("{:.3g}", d.max_relative), d.same ? "same" : d.what});
      list.push_back({{"set", set.filename().string()},
                      {"output", output},
                      {"same", d.same},
                      {"what", d.what},
                      {"max_absolute", d.max_absolute},
                      {"max_relative", d.max_relative},
                      {"different", d.count}});
    }
  }
  args.console().table(rows);
  CHECK_OK(args.console().json({{"schema", "hone/run/1"}, {"same", same}, {"outputs", list}}));
  return same ? 0 : 1;
}

Result<Executable> open(const Path& path, const Args& args) {
  TRY(const Executor executor, executor_of(args));
  if (path.extension() != ".plan") {
    TRY(Model model, load_onnx(path));
    return make_executable(std::move(model), executor, args.threads()).in(path.string());
  }
  if (executor == Executor::reference) return usage_error("--reference runs an ONNX model, not a compiled plan");
  TRY(SharedBytes bytes, map_file(path));
  TRY(Plan plan, Plan::open(std::move(bytes)).in(path.string()));
  return session_executable(std::move(plan), args.threads());
}

Result<int> run(const Args& args) {
  if (args.has("output")) CHECK_OK(args.output());
  const std::string path = args.text("model");
  TRY(const Executable runner, open(path, args));
  return (args.has("test-data") ? run_tests(args, runner) : run_once(args, runner)).in(path);
}

constexpr Option options[] = {
    {"model", "MODEL", "an ONNX model, ONNX text, a .plan, or - for standard input", "", true},
    {"-i,--input", "FILE...", "inputs: an .npz with an array for each input, an .npy for the only one, or NAME=FILE.npy; - is standard input; may be repeated"},
    {"--test-data", "DIR", "run DIR's test_data_set_* and compare with the outputs stored there"},
    {"--rtol", "R", "relative tolerance of that comparison", "1e-4"},
    {"--atol", "A", "absolute tolerance of that comparison", "1e-5"},
    reference_option,
    via_option,
};

}  // namespace

extern const Command run_command{
    .name = "run",
    .usage = "MODEL [-i FILE] [-o OUT.npz] | MODEL --test-data DIR",
    .help =
        "execute a model\nWithout -o the outputs are printed as ONNX text. With --test-data the exit status is 1 when an output differs.",
    .options = options,
    .run = run};

}  // namespace hone
