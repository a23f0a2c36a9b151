// SPDX-License-Identifier: Apache-2.0
// Model -> ModelProto. Starts each message from its `opaque` bytes, so that what import did not understand is written back.
#include <array>
#include <unordered_set>

#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/onnx/proto.h"
#include "lib/ops/upgrade.h"

namespace hone {
namespace {

constexpr std::size_t external_from = 1024;            // bytes; smaller weights stay in the model
constexpr std::size_t external_alignment = 4096;       // so that others can map the file too; smaller weights than that to 64 bytes
constexpr std::size_t own_choice = 1'500'000'000;      // past this protobuf's 2 GiB comes near: external data by itself
constexpr std::size_t protobuf_limit = INT32_MAX;

// The IR version that each opset was released with (docs/Versioning.md of onnx/onnx), from opset 1.
constexpr std::array<std::int8_t, 28> ir_of_opset{3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13, 13, 13};

int ir_of(DType dtype) {
  switch (dtype) {
    case DType::bf16: return 4;
    case DType::f8e4m3fn: case DType::f8e4m3fnuz: case DType::f8e5m2: case DType::f8e5m2fnuz: return 9;
    case DType::u4: case DType::i4: return 10;
    case DType::optional: return 8;
    case DType::f4e2m1: return 11;
    case DType::f8e8m0: return 12;
    case DType::u2: case DType::i2: return 13;
    default: return 3;
  }
}

// The lowest IR in which everything this graph uses exists. Before IR 4 every initializer had to be an input as well.
int ir_of(const Graph& graph) {
  int ir = 3;
  const std::unordered_set<const Value*> inputs(graph.inputs.begin(), graph.inputs.end());
  for (const Value* v : graph.values()) {
    ir = std::max(ir, ir_of(v->dtype));
    if (v->constant && !inputs.contains(v)) ir = std::max(ir, 4);
  }
  for (const Node* node : graph.nodes()) node->each_body([&](Graph& body) { ir = std::max(ir, ir_of(body)); });
  return ir;
}

void start(google::protobuf::MessageLite& message, const std::string& opaque) {
  if (!opaque.empty()) message.ParsePartialFromString(opaque);  // our own bytes, from import
}

// The data file beside a model: pieces that lie where the tensors have them, and zeros between.
class DataFile {
 public:
  explicit DataFile(std::string location) : location(std::move(location)) {}
  // The offset of these bytes. What several tensors share is written once.
  std::size_t add(Bytes bytes) {
    const auto [known, fresh] = offsets_.try_emplace({bytes.data(), bytes.size()}, 0);
    if (!fresh) return known->second;
    const std::size_t alignment = bytes.size() < external_alignment ? 64 : external_alignment;
    if (const std::size_t gap = (alignment - size_ % alignment) % alignment) append(Bytes(zeros).first(gap));
    known->second = size_;
    append(bytes);
    return known->second;
  }
  const std::string location;
  std::vector<Bytes> pieces;

 private:
  static constexpr std::array<std::byte, external_alignment> zeros{};
  void append(Bytes bytes) {
    pieces.push_back(bytes);
    size_ += bytes.size();
  }
  std::size_t size_ = 0;
  std::map<std::pair<const std::byte*, std::size_t>, std::size_t> offsets_;
};

class Exporter {
 public:
  // The data of large tensors goes to `data`, or when that is null to `taken` (lib/onnx/wire.h): protobuf never sees it.
  Exporter(DataFile* data, std::vector<Bytes>& taken) : data_(data), taken_(taken) {}

  void graph(const Graph& g, onnx::GraphProto& p) {
    start(p, g.opaque);
    p.set_name(g.name);
    if (!g.doc.empty()) p.set_doc_string(g.doc);
    for (const Value* v : g.inputs) value(*v, *p.add_input());
    for (const Value* v : g.outputs) value(*v, *p.add_output());
    const std::unordered_set<const Value*> outputs(g.outputs.begin(), g.outputs.end());
    for (const Value* v : g.values()) {
      if (v->constant) tensor(*v->constant, v->name, *p.add_initializer());
      else if (v->producer && v->dtype != DType::undefined && !outputs.contains(v)) value(*v, *p.add_value_info());
    }
    for (const Node* n : g.nodes()) node(*n, *p.add_node());
  }

 private:
  static void value(const Value& v, onnx::ValueInfoProto& p) {
    start(p, v.opaque);
    p.set_name(v.name);
    if (is_complete(v.type())) type(v.type(), *p.mutable_type());
  }

  // A type in ONNX cannot leave out what it holds.
  static bool is_complete(const ValueType& t) {
    if (is_aggregate(t.dtype)) return t.element && is_complete(*t.element);
    return t.dtype != DType::undefined;
  }
  static void type(const ValueType& t, onnx::TypeProto& p) {
    switch (t.dtype) {
      case DType::sequence: return type(*t.element, *p.mutable_sequence_type()->mutable_elem_type());
      case DType::optional: return type(*t.element, *p.mutable_optional_type()->mutable_elem_type());
      case DType::map:
        p.mutable_map_type()->set_key_type(static_cast<std::int32_t>(t.element->key));
        return type(*t.element, *p.mutable_map_type()->mutable_value_type());
      default: break;
    }
    auto& tensor = *p.mutable_tensor_type();
    tensor.set_elem_type(static_cast<std::int32_t>(t.dtype));
    if (!t.shape.ranked) return;
    auto& shape = *tensor.mutable_shape();
    for (const Dim& d : t.shape.dims) {
      auto& dim = *shape.add_dim();
      if (d.known()) dim.set_dim_value(d.value);
      else if (!d.symbol.empty()) dim.set_dim_param(d.symbol);
    }
  }

  void tensor(const Tensor& t, const std::string& name, onnx::TensorProto& p) {
    if (!name.empty()) p.set_name(name);
    const bool external = data_ && t.dtype() != DType::string && t.bytes().size() >= external_from;
    if (!external && (t.dtype() == DType::string || t.bytes().size() < taken_from)) return tensor_to(t, p);
    p.set_data_type(static_cast<std::int32_t>(t.dtype()));
    p.mutable_dims()->Assign(t.dims().begin(), t.dims().end());
    if (!external) {
      p.mutable_unknown_fields()->AddVarint(taken_field, taken_.size());
      taken_.push_back(t.bytes());
      return;
    }
    p.set_data_location(onnx::TensorProto::EXTERNAL);
    const std::pair<std::string, std::string> entries[] = {
        {"location", data_->location}, {"offset", fmt::to_string(data_->add(t.bytes()))}, {"length", fmt::to_string(t.bytes().size())}};
    for (const auto& [key, text] : entries) {
      auto& entry = *p.add_external_data();
      entry.set_key(key);
      entry.set_value(text);
    }
  }

  void node(const Node& n, onnx::NodeProto& p) {
    start(p, n.opaque);
    for (const Value* v : n.inputs) p.add_input(v ? v->name : "");
    for (const Value* v : n.outputs) p.add_output(v ? v->name : "");
    if (!n.name.empty()) p.set_name(n.name);
    p.set_op_type(n.op);
    if (!n.domain.empty()) p.set_domain(n.domain);
    if (!n.doc.empty()) p.set_doc_string(n.doc);
    for (const auto& [name, attribute] : n.attributes) {
      onnx::AttributeProto& a = *p.add_attribute();
      a.set_name(name);
      std::visit([&](const auto& content) { set(content, a); }, attribute);
    }
  }

  using Proto = onnx::AttributeProto;
  void set(std::int64_t i, Proto& a) { a.set_i(i), a.set_type(Proto::INT); }
  void set(float f, Proto& a) { a.set_f(f), a.set_type(Proto::FLOAT); }
  void set(const std::string& s, Proto& a) { a.set_s(s), a.set_type(Proto::STRING); }
  void set(const std::vector<std::int64_t>& v, Proto& a) { a.mutable_ints()->Assign(v.begin(), v.end()), a.set_type(Proto::INTS); }
  void set(const std::vector<float>& v, Proto& a) { a.mutable_floats()->Assign(v.begin(), v.end()), a.set_type(Proto::FLOATS); }
  void set(const std::vector<std::string>& v, Proto& a) { a.mutable_strings()->Assign(v.begin(), v.end()), a.set_type(Proto::STRINGS); }
  void set(const Tensor& t, Proto& a) { tensor(t, "", *a.mutable_t()), a.set_type(Proto::TENSOR); }
  void set(const std::vector<Tensor>& v, Proto& a) {
    for (const Tensor& t : v) tensor(t, "", *a.add_tensors());
    a.set_type(Proto::TENSORS);
  }
  void set(const ValueType& t, Proto& a) { type(t, *a.mutable_tp()), a.set_type(Proto::TYPE_PROTO); }
  void set(const GraphPtr& g, Proto& a) { graph(*g, *a.mutable_g()), a.set_type(Proto::GRAPH); }
  void set(const std::vector<GraphPtr>& v, Proto& a) {
    for (const GraphPtr& g : v) graph(*g, *a.add_graphs());
    a.set_type(Proto::GRAPHS);
  }

  DataFile* data_;
  std::vector<Bytes>& taken_;
};

std::size_t weight_bytes(const Graph& graph) {
  std::size_t total = 0;
  for (const Value* v : graph.values())
    if (v->constant) total += v->constant->bytes().size();
  for (const Node* node : graph.nodes()) {
    for (const auto& [name, attribute] : node->attributes) {
      if (const auto* t = std::get_if<Tensor>(&attribute)) total += t->bytes().size();
      if (const auto* list = std::get_if<std::vector<Tensor>>(&attribute))
        for (const Tensor& t : *list) total += t.bytes().size();
    }
    node->each_body([&](Graph& body) { total += weight_bytes(body); });
  }
  return total;
}

struct Versions {
  int ir = 0;
  std::map<std::string, std::int64_t, std::less<>> opsets;
};

// What the present form of the nodes and `options` ask for.
Result<Versions> versions_of(const Model& model, const SaveOptions& options) {
  const int needed = needed_opset(model), newest = static_cast<int>(ir_of_opset.size()) - 1;
  if (options.opset != 0 && options.opset < needed) return invalid("the model needs opset {} at least, {} was asked for", needed, options.opset);
  if (options.opset > newest) return invalid("opset {} is not known (up to {} is)", options.opset, newest);
  const int opset = options.opset ? options.opset : needed;
  const int least = ir_of(*model.graph);
  if (options.ir_version != 0 && options.ir_version < least)
    return invalid("the model needs IR version {} at least (for its types, or for weights that are no inputs), {} was asked for", least, options.ir_version);
  Versions v;
  v.opsets = model.opsets;
  for (auto& [domain, version] : v.opsets) version = std::max<std::int64_t>(version, needed_opset(model, domain));
  v.opsets[""] = opset;
  v.ir = options.ir_version;
  const int own = options.opset ? 0 : model.ir_version;
  if (v.ir == 0) v.ir = std::max({least, own, static_cast<int>(ir_of_opset[static_cast<std::size_t>(std::clamp(opset, 0, newest))])});
  return v;
}

Status to_proto(const Model& model, const SaveOptions& options, Exporter& exporter, onnx::ModelProto& p) {
  start(p, model.opaque);
  TRY(const Versions versions, versions_of(model, options));
  p.set_ir_version(versions.ir);
  for (const auto& [domain, version] : versions.opsets) {
    auto& entry = *p.add_opset_import();
    if (!domain.empty()) entry.set_domain(domain);
    entry.set_version(version);
  }
  if (!model.producer_name.empty()) p.set_producer_name(model.producer_name);
  if (!model.producer_version.empty()) p.set_producer_version(model.producer_version);
  if (!model.domain.empty()) p.set_domain(model.domain);
  if (!model.doc.empty()) p.set_doc_string(model.doc);
  if (model.model_version) p.set_model_version(model.model_version);
  for (const auto& [key, text] : model.metadata) {
    auto& entry = *p.add_metadata_props();
    entry.set_key(key);
    entry.set_value(text);
  }
  exporter.graph(*model.graph, *p.mutable_graph());
  return Ok{};
}

// A model as bytes: what protobuf wrote, and the weights where they lie.
struct Written {
  std::string slim;
  std::vector<Bytes> taken;
  Pieces pieces;
};
Status write(const Model& model, const SaveOptions& options, DataFile* data, Written& w) {
  onnx::ModelProto p;
  Exporter exporter(data, w.taken);
  CHECK_OK(to_proto(model, options, exporter, p));
  if (p.ByteSizeLong() > protobuf_limit) return invalid("the model without its weights takes more than protobuf's 2 GiB");
  p.SerializeToString(&w.slim);
  w.pieces = put_in(as_bytes(w.slim), w.taken);
  if (w.pieces.size > protobuf_limit) return invalid("the model takes {} bytes, more than protobuf's 2 GiB; write it with external data", w.pieces.size);
  return Ok{};
}

bool is_text_name(const Path& path) { return path.extension() == ".txt" || path.extension() == ".onnxtxt"; }

}  // namespace

Result<std::string> print_onnx(const Model& model, const SaveOptions& options, std::int64_t max_elements) {
  TRY(const Versions versions, versions_of(model, options));
  return print(model, versions.ir, versions.opsets, max_elements);
}

Result<std::vector<std::byte>> serialize_onnx(const Model& model, const SaveOptions& options) {
  if (options.external_data) return invalid("external data needs a file to lie beside");
  Written w;
  CHECK_OK(write(model, options, nullptr, w));
  std::vector<std::byte> bytes;
  bytes.reserve(w.pieces.size);
  for (const Bytes piece : w.pieces.list) bytes.insert(bytes.end(), piece.begin(), piece.end());
  return bytes;
}

Status save_onnx(const Model& model, const Path& path, const SaveOptions& options) {
  if (is_text_name(path)) {
    TRY(const std::string text, print_onnx(model, options));
    return write_file(path, as_bytes(text), options.overwrite);
  }
  const bool external = options.external_data || weight_bytes(*model.graph) > own_choice;
  if (external && path == "-") return usage_error("external data needs a file to lie beside; name one with -o FILE");
  const Path data_path(path.string() + ".data");
  std::error_code ignored;
  if (external && std::filesystem::is_other(data_path, ignored)) return io_error("{}: is a device or a pipe; external data needs a file", data_path.string());
  DataFile data(data_path.filename().string());
  Written w;
  CHECK_OK(write(model, options, external ? &data : nullptr, w));
  // The data first: a model never refers to a file that is not there.
  std::vector<FileContent> files;
  if (external) files.push_back({data_path, std::move(data.pieces)});
  files.push_back({path, std::move(w.pieces.list)});
  return write_files(files, options.overwrite);
}

}  // namespace hone
