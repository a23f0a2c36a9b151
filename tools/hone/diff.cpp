// SPDX-License-Identifier: Apache-2.0
// hone diff: how two models differ in structure. Nodes are told apart by the name of their first output, constants by their own.
#include <map>
#include <set>

#include "lib/base/hash.h"
#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "tools/cli/command.h"

namespace hone {
namespace {

// What stands under each name of a graph: a node's line, or a constant with the hash of its bytes where it is long.
using Items = std::map<std::string, std::string>;

std::string type_of(const Value& v) {
  return is_aggregate(v.dtype) ? print(v.type()) : format("{} {}", name(v.dtype), to_string(v.shape));
}

Items items_of(const Graph& graph) {
  Items items;
  for (const Value* v : graph.values())
    if (v->constant) items[v->name] = format("{} = constant {} {}", v->name, type_of(*v), to_hex(sha256(v->constant->bytes())).substr(0, 16));
  for (const Node* n : graph.nodes())
    for (const Value* v : n->outputs)
      if (v) {
        items[v->name] = print(*n);
        break;
      }
  for (const Value* v : graph.inputs) items["input " + v->name] = format("input {} {}", v->name, type_of(*v));
  for (const Value* v : graph.outputs) items["output " + v->name] = format("output {} {}", v->name, type_of(*v));
  return items;
}

Result<int> run(const Args& args) {
  TRY(const Model a, load_onnx(args.text("a")).in(args.text("a")));
  TRY(const Model b, load_onnx(args.text("b")).in(args.text("b")));
  const Items before = items_of(*a.graph), after = items_of(*b.graph);
  std::set<std::string> names;
  for (const auto& [name, line] : before) names.insert(name);
  for (const auto& [name, line] : after) names.insert(name);
  Console& console = args.console();
  Json changes = Json::array();
  int removed = 0, added = 0, changed = 0;
  for (const std::string& name : names) {
    const auto old = before.find(name), now = after.find(name);
    if (old != before.end() && now != after.end() && old->second == now->second) continue;
    if (old != before.end()) console.say("- {}", old->second);
    if (now != after.end()) console.say("+ {}", now->second);
    ++(now == after.end() ? removed : old == before.end() ? added : changed);
    changes.push_back({{"name", name}, {"before", old == before.end() ? Json() : Json(old->second)}, {"after", now == after.end() ? Json() : Json(now->second)}});
  }
  if (removed + added + changed == 0) console.say("the same structure and weights");
  else console.say("{} removed, {} added, {} changed", removed, added, changed);
  CHECK_OK(console.json({{"schema", "hone/diff/1"}, {"removed", removed}, {"added", added}, {"changed", changed}, {"changes", changes}}));
  return removed + added + changed == 0 ? 0 : 1;
}

constexpr Option options[] = {{"a", "A", "an ONNX file", "", true}, {"b", "B", "another", "", true}};

}  // namespace

extern const Command diff_command{.name = "diff", .usage = "A B",
                                  .help = "how two models differ in nodes, weights, inputs and outputs\n"
                                          "Nodes and weights are told apart by the names of the values they make. Exit status 1 when there is a\n"
                                          "difference. 'hone compare' tells whether two models compute the same.",
                                  .options = options, .run = run};

}  // namespace hone
