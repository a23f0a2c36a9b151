// SPDX-License-Identifier: Apache-2.0
// hone ops: the operator table: every operator that Hone reads and runs, with its inputs, outputs, attributes and element types.
#include "lib/ops/schema.h"
#include "tools/cli/command.h"

namespace hone {

static Json types_of(DTypeSet set) {
  Json types = Json::array();
  for (int i = 1; i <= static_cast<int>(DType::map); ++i)
    if ((set & set_of(static_cast<DType>(i))) && name(static_cast<DType>(i)) != "undefined") types.push_back(name(static_cast<DType>(i)));
  return types;
}

static Json formals(const std::vector<Formal>& list) {
  Json out = Json::array();
  for (const Formal& f : list)
    out.push_back({{"name", f.name}, {"type", f.variable}, {"types", types_of(f.allowed)}, {"optional", f.optional}, {"variadic", f.variadic}});
  return out;
}

static constexpr Option options[] = {{.names = "operator", .help = "this operator only"}};

static Result<int> run(const Args& args) {
  const std::string wanted = args.has("operator") ? args.text("operator") : "";
  std::vector<std::vector<std::string>> rows{{"operator", "domain", "since", "inputs", "outputs"}};
  Json list = Json::array();
  for (const Op* op : all_ops()) {
    if (!wanted.empty() && op->name != wanted) continue;
    const Schema& schema = schema_of(*op);
    rows.push_back({std::string(op->name), op->domain.empty() ? "ai.onnx" : std::string(op->domain), format("{}", op->since),
                    std::string(op->inputs), std::string(op->outputs)});
    Json attributes = Json::array();
    for (const FormalAttribute& a : schema.attributes)
      attributes.push_back({{"name", a.name}, {"type", name(a.kind)}, {"required", a.required}, {"default", a.fallback}});
    list.push_back({{"name", op->name}, {"domain", op->domain}, {"since", op->since}, {"inputs", formals(schema.inputs)},
                    {"outputs", formals(schema.outputs)}, {"attributes", attributes}, {"runs", op->reference != nullptr}});
  }
  if (list.empty()) return invalid("there is no operator '{}'; 'hone ops' lists them", wanted);
  args.console().table(rows);
  CHECK_OK(args.console().json({{"schema", "hone/ops/1"}, {"operators", list}}));
  return 0;
}

extern const Command ops_command{
    .name = "ops", .usage = "[OPERATOR]", .help = "list the operators that can be read and run, with their inputs, attributes and types",
    .options = options, .run = run};

}  // namespace hone
