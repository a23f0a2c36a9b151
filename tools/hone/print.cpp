// SPDX-License-Identifier: Apache-2.0
// hone print: a model as ONNX text, or as a drawing for Graphviz.
#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "tools/cli/command.h"

namespace hone {
namespace {

std::string escaped(std::string_view s) {
  std::string out;
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// A node is known by its first output.
std::string id_of(const Node& node) {
  for (const Value* v : node.outputs)
    if (v) return "op:" + escaped(v->name);
  return "op:" + escaped(node.name);
}

std::string shape_of(const Value& v) { return is_aggregate(v.dtype) ? print(v.type()) : to_string(v.shape); }

// Nodes as boxes, values as edges with their shapes, bodies as clusters. Constants are left out.
void draw(const Graph& graph, int& clusters, std::string& out) {
  for (const Value* v : graph.inputs)
    if (!v->constant) out += format("  \"in:{0}\" [shape=oval, label=\"{0}\\n{1}\"];\n", escaped(v->name), escaped(shape_of(*v)));
  for (const Node* node : graph.nodes()) {
    const std::string id = id_of(*node);
    out += format("  \"{}\" [shape=box, label=\"{}\"];\n", id, escaped(node->op));
    for (const Value* v : node->inputs) {
      if (!v || v->constant) continue;
      out += format("  \"{}\" -> \"{}\" [label=\"{}\"];\n", v->producer ? id_of(*v->producer) : "in:" + escaped(v->name), id,
                    v->shape.ranked || is_aggregate(v->dtype) ? escaped(shape_of(*v)) : "");
    }
    node->each_body([&](const Graph& body) {
      out += format("  subgraph cluster_{} {{ label=\"{}\";\n", clusters++, escaped(body.name));
      draw(body, clusters, out);
      out += "  }\n";
    });
  }
}

Result<int> run(const Args& args) {
  const std::string path = args.text("model");
  TRY(const Model model, load_onnx(path));
  std::string text;
  if (args.flag("dot")) {
    int clusters = 0;
    text = "digraph {\n";
    draw(*model.graph, clusters, text);
    text += "}\n";
  } else {
    TRY(text, print_onnx(model, {}, args.flag("full") ? INT64_MAX : print_limit).in(path));
  }
  CHECK_OK(write_file(args.has("output") ? Path(args.text("output")) : Path("-"), as_bytes(text), args.force()));
  return 0;
}

constexpr Option options[] = {
    {"model", "MODEL", "an ONNX model, ONNX text, or - for standard input", "", true},
    {"--full", "", "every constant in full; otherwise those of more than 32 elements print as their SHA-256"},
    {"--dot", "", "a graph for Graphviz (dot -Tsvg) instead of text"},
};

}  // namespace

extern const Command print_command{.name = "print", .usage = "MODEL [-o FILE]", .help = "print a model as ONNX text\nThe syntax is that of docs/Syntax.md of onnx/onnx; every command reads it too.", .options = options, .run = run};

}  // namespace hone
