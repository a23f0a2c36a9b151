// SPDX-License-Identifier: Apache-2.0
// hone-target run: executes a plan, a bundle's, or the one that the store serves, on given inputs.
#include "tools/target/device.h"

namespace hone {
namespace {

Result<std::vector<Tensor>> execute(const Args& args, const Plan& plan) {
  NamedTensors inputs;
  for (const std::string& text : args.list("input")) CHECK_OK(add_npy_input(text, plan.graph(), inputs));
  TRY(Session session, Session::create(plan, {.threads = args.threads()}));
  return session.run(inputs);
}

Status write_outputs(const Args& args, const Graph& graph, const std::vector<Tensor>& outputs) {
  std::vector<std::string> names;
  for (const Value* v : graph.outputs) names.push_back(v->name);
  TRY(const auto named, named_file(args.text("output"), names, "output"));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (names[i] == named.first) return write_file(named.second, make_npy(outputs[i]), args.force());
  return usage_error("the plan has no output '{}'; it has {}", named.first, fmt::join(names, ", "));
}

Result<int> run(const Args& args) {
  std::optional<Store> store;
  TRY(const Loaded loaded, open_model(args, store));
  TRY(const std::vector<Tensor> outputs, execute(args, loaded.plan));
  const Graph& graph = loaded.plan.graph();
  Json list = Json::array();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string hash = to_hex(sha256(outputs[i].bytes()));
    const std::string& name_of = graph.outputs[i]->name;
    if (args.flag("sha256")) args.console().say("{}  {}", hash, name_of);
    else if (!args.has("output")) args.console().say("{} {} {}: [{}]", name(outputs[i].dtype()), to_string(outputs[i].dims()), name_of, fmt::join(outputs[i].to_doubles(), ", "));
    list.push_back({{"name", name_of}, {"dtype", name(outputs[i].dtype())}, {"shape", outputs[i].dims()}, {"sha256", hash}});
  }
  if (args.has("output")) CHECK_OK(write_outputs(args, graph, outputs));
  CHECK_OK(args.console().json({{"schema", "hone/run/1"}, {"outputs", list}}));
  return 0;
}

constexpr Option options[] = {
    model_option,
    store_option,
    device_pub_option,
    device_keyring_option,
    device_threshold_option, device_identity_option, device_grant_option,
    {"-i,--input", "FILE...", "inputs: an .npy for the only one, or NAME=FILE.npy; may be repeated"},
    {"--sha256", "", "print the SHA-256 of every output's bytes"},
};

}  // namespace

extern const Command run_command{
    .name = "run",
    .usage = "MODEL|--store DIR -i FILE.npy [-o FILE.npy] [--sha256]",
    .help = "execute a plan, a bundle, or what the store serves\nWithout -o and --sha256 the outputs are printed. A plan with several outputs takes -o NAME=FILE.npy.",
    .options = options,
    .run = run};

}  // namespace hone
