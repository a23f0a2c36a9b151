// SPDX-License-Identifier: Apache-2.0
// ModelProto -> Model. Each message is taken apart field by field into a Draft; what remains of it (fields newer than our
// protobuf classes, and what the IR has no place for) is kept as bytes in `opaque`, and merged again by export.cpp.
#include "lib/ir/draft.h"
#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/onnx/proto.h"
#include "lib/onnx/wire.h"
#include "lib/ops/upgrade.h"

namespace hone {
namespace {

constexpr int oldest_ir = 3, newest_ir = 13, newest_opset = 28;

std::string plain_domain(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

// The rest of a message after its known parts were taken out.
template <class Message> std::string rest_of(Message& message) {
  return message.ByteSizeLong() == 0 ? std::string() : message.SerializeAsString();
}

class Importer {
 public:
  explicit Importer(TensorSources sources) : sources_(std::move(sources)) {}

  Result<DraftGraph> graph(onnx::GraphProto& p) {
    DraftGraph draft;
    draft.name = p.name();
    draft.doc = p.doc_string();
    TRY(draft.inputs, values(*p.mutable_input()));
    TRY(draft.outputs, values(*p.mutable_output()));
    TRY(draft.infos, values(*p.mutable_value_info()));
    for (onnx::TensorProto& t : *p.mutable_initializer()) {
      TRY(Tensor tensor, tensor_from(t, &sources_).in(format("initializer '{}'", t.name())));
      draft.constants.push_back({t.name(), std::move(tensor)});
    }
    for (onnx::SparseTensorProto& t : *p.mutable_sparse_initializer()) {
      const std::string name = t.values().name();
      TRY(Tensor tensor, dense_from(t, &sources_).in(format("sparse initializer '{}'", name)));
      draft.constants.push_back({name, std::move(tensor)});
    }
    for (onnx::NodeProto& n : *p.mutable_node()) {
      const std::string where = n.name().empty() ? format("node making '{}' ({})", n.output_size() ? n.output(0) : "", n.op_type())
                                                 : format("node '{}' ({})", n.name(), n.op_type());
      TRY(DraftNode made, node(n).in(where));
      draft.nodes.push_back(std::move(made));
    }
    p.clear_name(), p.clear_doc_string(), p.clear_input(), p.clear_output(), p.clear_value_info();
    p.clear_initializer(), p.clear_sparse_initializer(), p.clear_node();
    draft.opaque = rest_of(p);
    return draft;
  }

  // Fields that are newer than our protobuf classes (defaults, types, overload) are read from the bytes.
  Result<DraftFunction> function(onnx::FunctionProto& p) {
    DraftFunction f;
    in_function_ = true;
    f.name = p.name();
    f.domain = plain_domain(p.domain());
    f.inputs = {p.input().begin(), p.input().end()};
    f.outputs = {p.output().begin(), p.output().end()};
    for (const auto& entry : p.opset_import())
      if (!f.opsets.emplace(plain_domain(entry.domain()), entry.version()).second) return invalid("domain '{}' is imported twice", entry.domain());
    for (onnx::NodeProto& n : *p.mutable_node()) {
      TRY(f.nodes.emplace_back(), node(n).in(format("node '{}' ({})", n.name(), n.op_type())));
    }
    p.clear_node();
    const std::string rest = rest_of(p);
    f.overload = text_field(rest, function_overload);
    for (const Bytes bytes : fields_of(rest, function_attribute_proto)) {
      onnx::AttributeProto a;
      if (!parse_message(bytes, a)) return invalid("a default value is no AttributeProto");
      TRY(const bool taken, attribute(a, f.defaults).in(format("attribute '{}'", a.name())));
      if (!taken) return invalid("attribute '{}': a default value of this kind is not supported", a.name());
    }
    for (const Bytes bytes : fields_of(rest, function_value_info)) {
      onnx::ValueInfoProto v;
      if (!parse_message(bytes, v)) return invalid("a value_info is no ValueInfoProto");
      TRY(f.infos.emplace_back(), value(v).in(format("value '{}'", v.name())));
    }
    return f;
  }

 private:
  Result<std::vector<DraftValue>> values(google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& infos) {
    std::vector<DraftValue> drafts;
    for (onnx::ValueInfoProto& info : infos) {
      TRY(DraftValue draft, value(info).in(format("value '{}'", info.name())));
      drafts.push_back(std::move(draft));
    }
    return drafts;
  }

  // A sparse tensor's type stays in `opaque`: its dtype is undefined.
  Result<DraftValue> value(onnx::ValueInfoProto& p) {
    DraftValue draft;
    draft.name = p.name();
    p.clear_name();
    if (p.has_type()) {
      TRY(ValueType t, type(*p.mutable_type()));
      draft.dtype = t.dtype;
      draft.shape = std::move(t.shape);
      draft.element = std::move(t.element);
      if (p.type().ByteSizeLong() == 0) p.clear_type();
    }
    draft.opaque = rest_of(p);
    return draft;
  }

  // Takes the type out of its message.
  static Result<ValueType> type(onnx::TypeProto& p) {
    ValueType t;
    if (p.has_tensor_type()) {
      if (p.tensor_type().elem_type() != 0) {
        TRY(t.dtype, dtype_from(p.tensor_type().elem_type()));
      }
      if (p.tensor_type().has_shape()) t.shape = shape(p.tensor_type().shape());
      p.clear_tensor_type();
    } else if (p.has_sequence_type()) {
      t.dtype = DType::sequence;
      TRY(t.element, held(*p.mutable_sequence_type()->mutable_elem_type()));
      p.clear_sequence_type();
    } else if (p.has_optional_type()) {
      t.dtype = DType::optional;
      TRY(t.element, held(*p.mutable_optional_type()->mutable_elem_type()));
      p.clear_optional_type();
    } else if (p.has_map_type()) {
      TRY(const DType key, dtype_from(p.map_type().key_type()).in("the key of a map"));
      if (key != DType::string && !is_integer(key)) return invalid("a map's keys are {}, expected integers or strings", name(key));
      t.dtype = DType::map;
      TRY(t.element, held(*p.mutable_map_type()->mutable_value_type(), key));
      p.clear_map_type();
    }
    return t;
  }
  static Result<TypePtr> held(onnx::TypeProto& p, DType key = DType::undefined) {
    TRY(ValueType t, type(p));
    if (t.dtype == DType::undefined) return invalid("what a sequence, optional or map holds has no type");
    t.key = key;
    return std::make_shared<const ValueType>(std::move(t));
  }

  static Shape shape(const onnx::TensorShapeProto& p) {
    std::vector<Dim> dims;
    for (const auto& d : p.dim()) {
      if (d.has_dim_value() && d.dim_value() >= 0) dims.emplace_back(d.dim_value());
      else dims.emplace_back(Dim(d.dim_param()));
    }
    return dims;
  }

  Result<DraftNode> node(onnx::NodeProto& p) {
    DraftNode draft;
    draft.name = p.name();
    draft.op = p.op_type();
    draft.domain = plain_domain(p.domain());
    draft.doc = p.doc_string();
    draft.inputs = {p.input().begin(), p.input().end()};
    draft.outputs = {p.output().begin(), p.output().end()};
    if (draft.op.empty()) return invalid("a node without an operator");
    p.clear_name(), p.clear_op_type(), p.clear_domain(), p.clear_doc_string(), p.clear_input(), p.clear_output();
    google::protobuf::RepeatedPtrField<onnx::AttributeProto> kept;
    for (onnx::AttributeProto& a : *p.mutable_attribute()) {
      const std::string name = a.name();
      TRY(const bool taken, attribute(a, draft).in(format("attribute '{}'", name)));
      if (!taken) kept.Add(std::move(a));
    }
    p.mutable_attribute()->Swap(&kept);
    draft.opaque = rest_of(p);
    draft.overload = text_field(draft.opaque, node_overload);
    return draft;
  }

  // Puts the attribute into the draft; false for the kinds the IR has no place for (lists of types), which stay in the message.
  Result<bool> attribute(onnx::AttributeProto& a, DraftNode& draft) {
    if (a.name().empty()) return invalid("an attribute without a name");
    const auto same = [&](const auto& other) { return other.attribute == a.name(); };
    if (draft.attributes.contains(a.name()) || std::ranges::any_of(draft.bodies, same) || std::ranges::any_of(draft.references, same))
      return invalid("is given twice");
    if (!a.ref_attr_name().empty()) {
      if (!in_function_) return invalid("refers to a function's attribute outside a function");
      draft.references.push_back({a.name(), a.ref_attr_name()});
      return true;
    }
    using Kind = onnx::AttributeProto;
    const auto kind = a.type() == Kind::UNDEFINED ? guess(a) : a.type();
    std::optional<Attribute> made;
    switch (kind) {
      case Kind::FLOAT: made = a.f(); break;
      case Kind::INT: made = static_cast<std::int64_t>(a.i()); break;
      case Kind::STRING: made = std::move(*a.mutable_s()); break;
      case Kind::FLOATS: made = std::vector<float>(a.floats().begin(), a.floats().end()); break;
      case Kind::INTS: made = std::vector<std::int64_t>(a.ints().begin(), a.ints().end()); break;
      case Kind::STRINGS: made = std::vector<std::string>(a.strings().begin(), a.strings().end()); break;
      case Kind::TENSOR: {
        TRY(made, tensor_from(*a.mutable_t(), &sources_));
        break;
      }
      case Kind::SPARSE_TENSOR: {
        TRY(Tensor dense, dense_from(*a.mutable_sparse_tensor(), &sources_));
        draft.attributes.emplace(a.name() == "sparse_value" ? "value" : a.name(), std::move(dense));  // Constant
        return true;
      }
      case Kind::TENSORS: {
        std::vector<Tensor> tensors;
        for (onnx::TensorProto& t : *a.mutable_tensors()) {
          TRY(Tensor tensor, tensor_from(t, &sources_));
          tensors.push_back(std::move(tensor));
        }
        made = std::move(tensors);
        break;
      }
      case Kind::GRAPH: case Kind::GRAPHS: {
        TRY(DraftBody made_bodies, bodies(a, kind == Kind::GRAPHS));
        draft.bodies.push_back(std::move(made_bodies));
        return true;
      }
      case Kind::TYPE_PROTO: {
        TRY(ValueType t, type(*a.mutable_tp()));
        made = std::move(t);
        break;
      }
      default: return false;
    }
    draft.attributes.emplace(a.name(), std::move(*made));
    return true;
  }

  // Files of IR 1 and some exporters leave `type` out: the field that is present tells.
  static onnx::AttributeProto::AttributeType guess(const onnx::AttributeProto& a) {
    using Kind = onnx::AttributeProto;
    if (a.has_f()) return Kind::FLOAT;
    if (a.has_i()) return Kind::INT;
    if (a.has_s()) return Kind::STRING;
    if (a.has_t()) return Kind::TENSOR;
    if (a.has_g()) return Kind::GRAPH;
    if (a.has_tp()) return Kind::TYPE_PROTO;
    if (a.floats_size()) return Kind::FLOATS;
    if (a.ints_size()) return Kind::INTS;
    if (a.strings_size()) return Kind::STRINGS;
    if (a.tensors_size()) return Kind::TENSORS;
    if (a.graphs_size()) return Kind::GRAPHS;
    return Kind::UNDEFINED;
  }

  Result<DraftBody> bodies(onnx::AttributeProto& a, bool many) {
    DraftBody body{a.name(), many, {}};
    if (many) {
      for (onnx::GraphProto& g : *a.mutable_graphs()) {
        TRY(DraftGraph draft, graph(g));
        body.graphs.push_back(std::move(draft));
      }
    } else {
      TRY(DraftGraph draft, graph(*a.mutable_g()));
      body.graphs.push_back(std::move(draft));
    }
    return body;
  }

  TensorSources sources_;
  bool in_function_ = false;
};

Status check_versions(const Model& model) {
  if (model.ir_version < oldest_ir || model.ir_version > newest_ir)
    return invalid("IR version {} is not supported (3 to {} are); export the model again with another version of its exporter", model.ir_version, newest_ir);
  for (const auto& [domain, version] : model.opsets)
    if (domain.empty() && (version < 1 || version > newest_opset))
      return invalid("opset {} is not supported (7 to {} are); convert the model to opset {} first", version, newest_opset, newest_opset);
  return Ok{};
}

// The nodes of functions may be of domains and versions that the model itself does not import.
Status check_domains(const Graph& graph, const Model& model, const NodeOpsets& written) {
  for (const Node* node : graph.nodes()) {
    const auto it = written.find(node);
    if (it != written.end() && node->domain.empty() && (it->second < 1 || it->second > newest_opset))
      return invalid("{}: its function imports opset {}, which is not supported (1 to {} are)", describe(*node), it->second, newest_opset);
    if (it == written.end() && !model.opsets.contains(node->domain))
      return invalid("{}: the model imports no opset of domain '{}'", describe(*node), node->domain.empty() ? "ai.onnx" : node->domain);
    Status bodies = Ok{};
    node->each_body([&](Graph& body) {
      if (bodies) bodies = check_domains(body, model, written);
    });
    CHECK_OK(std::move(bodies));
  }
  return Ok{};
}

// What remains to be done once the graph is built, whatever it was read from.
Status settle(Model& model, const NodeOpsets& written) {
  CHECK_OK(check_versions(model));
  CHECK_OK(check_domains(*model.graph, model, written));
  return upgrade(model, written);
}

Result<Model> model_from(onnx::ModelProto& p, TensorSources sources, std::size_t file_bytes) {
  Model model;
  if (!p.has_ir_version() || !p.has_graph()) return invalid("not an ONNX model: it has no {}", p.has_graph() ? "ir_version" : "graph");
  model.ir_version = static_cast<int>(std::min<std::int64_t>(p.ir_version(), INT32_MAX));
  for (const auto& entry : p.opset_import()) {
    if (!model.opsets.emplace(plain_domain(entry.domain()), entry.version()).second)
      return invalid("domain '{}' is imported twice", entry.domain());
  }
  if (model.opsets.empty()) return invalid("the model imports no opset");
  CHECK_OK(check_versions(model));
  model.producer_name = p.producer_name();
  model.producer_version = p.producer_version();
  model.domain = p.domain();
  model.doc = p.doc_string();
  model.model_version = p.model_version();
  for (const auto& entry : p.metadata_props()) model.metadata.emplace_back(entry.key(), entry.value());
  Importer importer(std::move(sources));
  TRY(DraftGraph draft, importer.graph(*p.mutable_graph()));
  std::vector<DraftFunction> functions;
  for (onnx::FunctionProto& f : *p.mutable_functions()) {
    TRY(functions.emplace_back(), importer.function(f).in(format("function '{}'", f.name())));
  }
  CHECK_OK(inline_functions(draft, functions, model.opsets, file_bytes));
  NodeOpsets written;
  TRY(model.graph, build(std::move(draft), &written));
  p.clear_ir_version(), p.clear_opset_import(), p.clear_producer_name(), p.clear_producer_version(), p.clear_domain();
  p.clear_doc_string(), p.clear_model_version(), p.clear_metadata_props(), p.clear_graph(), p.clear_functions();
  model.opaque = rest_of(p);
  CHECK_OK(settle(model, written));
  return model;
}

// A protobuf of a model has bytes below the space within its first few; text has none.
bool is_text(Bytes bytes) {
  const std::string_view head = as_text(bytes).substr(0, 512);
  return !head.empty() && std::ranges::all_of(head, [](char c) { return c == '\n' || c == '\t' || c == '\r' || static_cast<unsigned char>(c) >= 0x20; });
}

Result<Model> model_from(std::string_view text) {
  NodeOpsets written;
  TRY(Model model, parse_text(text, &written));
  CHECK_OK(settle(model, written));
  return model;
}

}  // namespace

Result<Model> parse_onnx(SharedBytes bytes, const Path& folder) {
  if (is_text(bytes.bytes)) return model_from(as_text(bytes.bytes));
  onnx::ModelProto p;
  const std::size_t file_bytes = bytes.bytes.size();
  SlimModel slim = take_out(bytes.bytes);
  if (!parse_message(slim.changed ? as_bytes(slim.message) : bytes.bytes, p)) return invalid("not an ONNX model (a protobuf ModelProto), or cut short");
  slim.message = {};
  return model_from(p, TensorSources(folder, std::move(slim.taken), std::move(bytes.owner)), file_bytes);
}

Result<Model> load_onnx(const Path& path) {
  if (path == "-") {
    TRY(std::vector<std::byte> bytes, read_file(path));
    return parse_onnx(share(std::move(bytes)), {}).in("standard input");
  }
  TRY(SharedBytes bytes, map_file(path));
  return parse_onnx(std::move(bytes), path.has_parent_path() ? path.parent_path() : Path(".")).in(path.string());
}

}  // namespace hone
