// SPDX-License-Identifier: Apache-2.0
// Opening a plan. The bytes may be hostile: FlatBuffers' verifier proves that every offset lies inside, and what is built
// from them is checked here: indices, names, element types, sizes, order, operators. Memory used is bounded by the plan's
// size: what is copied is charged against it, since a table may be referred to many times. Weights are shared, not copied.
#include <cstring>

#include "lib/exec/plan_format.h"
#include "lib/exec/session.h"
#include "lib/ops/check.h"
#include "plan_generated.h"

namespace hone {
namespace {

std::string_view view(const flatbuffers::String* s) { return s ? std::string_view(s->c_str(), s->size()) : std::string_view(); }

// The least that each takes in a plan, its name and lists not counted, so that what was opened can be opened again as it is saved.
constexpr std::uint64_t graph_bytes = 48, value_bytes = 24, dim_bytes = 8, node_bytes = 48, attribute_bytes = 16, tensor_bytes = 16, string_bytes = 8;

class PlanReader {
 public:
  PlanReader(std::size_t plan_bytes, const SharedBytes& weights) : budget_(plan_bytes), weights_(weights) {}

  Status read(const fb::Graph& from, Graph& to) {
    const std::size_t outer = visible_.size();
    TRY(const std::string_view graph_name, text(from.name()));
    to.name = graph_name;
    if (from.values())
      for (const fb::Value* v : *from.values()) CHECK_OK(value(*v, to));
    if (from.inputs())
      for (const std::int32_t i : *from.inputs()) CHECK_OK(input(i, outer, to));
    if (from.nodes())
      for (const fb::Node* n : *from.nodes()) CHECK_OK(node(*n, to));
    if (from.outputs()) {
      for (const std::int32_t i : *from.outputs()) {
        TRY(Value* const v, made(i, to));
        to.outputs.push_back(v);
      }
    }
    visible_.resize(outer);
    return Ok{};
  }

 private:
  Status charge(std::uint64_t bytes) {
    if (bytes > budget_) return invalid("the plan refers to the same bytes again and again");
    budget_ -= bytes;
    return Ok{};
  }
  Result<std::string_view> text(const flatbuffers::String* s) {
    CHECK_OK(charge(view(s).size()));
    return view(s);
  }
  template <class T> Result<std::vector<T>> list(const flatbuffers::Vector<T>* from) {
    if (!from) return std::vector<T>{};
    CHECK_OK(charge(from->size() * sizeof(T)));
    std::vector<T> out(from->size());
    if (!out.empty()) std::memcpy(out.data(), from->Data(), out.size() * sizeof(T));  // the verifier lets 8-byte elements lie unaligned
    return out;
  }
  static Result<DType> dtype(std::uint8_t number) {
    if (number > static_cast<std::uint8_t>(DType::i2)) return invalid("element type {} does not exist", number);
    return static_cast<DType>(number);
  }

  Result<Tensor> tensor(const fb::Tensor* t) {
    if (!t) return invalid("a tensor is missing");
    CHECK_OK(charge(tensor_bytes));
    TRY(const DType type, dtype(t->dtype()));
    TRY(const Dims dims, list(t->dims()));
    Dims padded = dims;  // zero-sized tensors must not hide dimensions whose product overflows
    for (std::int64_t& d : padded)
      if (d == 0) d = 1;
    CHECK_OK(element_count(padded));
    if (type == DType::string) return strings(*t, dims);
    if (t->offset() % weight_alignment != 0) return invalid("a tensor lies at offset {}, which is no multiple of {}", t->offset(), weight_alignment);
    const std::uint64_t size = weights_.bytes.size();
    if (t->offset() > size || t->length() > size - t->offset())
      return invalid("a tensor of {} bytes at offset {} is outside the weights, which have {} bytes", t->length(), t->offset(), size);
    return Tensor::view(type, dims, weights_.bytes.subspan(t->offset(), t->length()), weights_.owner);
  }
  Result<Tensor> strings(const fb::Tensor& t, const Dims& dims) {
    const std::size_t count = t.strings() ? t.strings()->size() : 0;
    if (static_cast<std::uint64_t>(count_of(dims)) != count) return invalid("shape {} has {} strings", to_string(dims), count);
    CHECK_OK(charge(count * string_bytes));
    std::vector<std::string> values;
    for (std::size_t i = 0; i < count; ++i) {
      TRY(const std::string_view s, text(t.strings()->Get(static_cast<flatbuffers::uoffset_t>(i))));
      values.emplace_back(s);
    }
    return Tensor::strings(dims, std::move(values));
  }

  Result<ValueType> value_type(const fb::Value& v) {  // the verifier limits the depth
    CHECK_OK(charge(value_bytes));
    ValueType type;
    if (is_aggregate(static_cast<DType>(v.dtype())) && v.dtype() <= static_cast<std::uint8_t>(DType::map)) {
      type.dtype = static_cast<DType>(v.dtype());
    } else {
      TRY(type.dtype, dtype(v.dtype()));
    }
    TRY(type.key, dtype(v.key()));
    type.shape.ranked = v.ranked();
    if (v.dims()) {
      CHECK_OK(charge(v.dims()->size() * dim_bytes));
      for (const fb::Dim* d : *v.dims()) {
        Dim dim(std::string(view(d->symbol())));
        CHECK_OK(charge(dim.symbol.size()));
        if (d->value() < -1) return invalid("a dimension is {}", d->value());
        dim.value = d->value();
        type.shape.dims.push_back(std::move(dim));
      }
    }
    if (!type.shape.ranked && !type.shape.dims.empty()) return invalid("it has dimensions but no rank");
    if (!v.element()) return type;
    TRY(ValueType element, value_type(*v.element()));
    type.element = std::make_shared<const ValueType>(std::move(element));
    return type;
  }

  Status value(const fb::Value& v, Graph& to) {
    TRY(const std::string_view value_name, text(v.name()));
    if (value_name.empty()) return invalid("a value has no name");
    if (to.lookup(value_name)) return invalid("two values are named '{}'", value_name);
    TRY(ValueType type, value_type(v).in(format("value '{}'", value_name)));
    Value* made = to.value(value_name, type.dtype, std::move(type.shape));
    made->element = std::move(type.element);
    visible_.push_back(made);
    if (!v.constant()) return Ok{};
    TRY(Tensor t, tensor(v.constant()).in(format("'{}'", value_name)));
    to.set_constant(made, std::move(t));
    return Ok{};
  }

  Result<Value*> at(std::int64_t i) {
    if (i < 0 || static_cast<std::uint64_t>(i) >= visible_.size()) return invalid("value {} is referred to, but only {} are in scope", i, visible_.size());
    return visible_[static_cast<std::size_t>(i)];
  }
  static bool is_input(const Value& v) { return std::ranges::find(v.graph->inputs, &v) != v.graph->inputs.end(); }
  // A value that has been made by now: a constant, an input, or an output of an earlier node.
  Result<Value*> made(std::int64_t i, const Graph&) {
    TRY(Value* const v, at(i));
    if (!v->constant && !v->producer && !is_input(*v)) return invalid("'{}' is used before it is made", v->name);
    return v;
  }
  Status input(std::int64_t i, std::size_t outer, Graph& to) {
    TRY(Value* const v, at(i));
    if (static_cast<std::size_t>(i) < outer) return invalid("graph input '{}' belongs to an enclosing graph", v->name);
    if (is_input(*v)) return invalid("'{}' is a graph input twice", v->name);
    to.inputs.push_back(v);
    return Ok{};
  }

  Status node(const fb::Node& n, Graph& to) {
    CHECK_OK(charge(node_bytes));
    TRY(const std::string_view op, text(n.op()));
    TRY(const std::string_view domain, text(n.domain()));
    TRY(const std::string_view node_name, text(n.name()));
    const Op* schema = find_op(op, domain);
    if (!schema) return invalid("node '{}': this build has no operator '{}' of domain '{}'", node_name, op, domain);
    TRY(const std::vector<std::int32_t> in, list(n.inputs()));
    TRY(const std::vector<std::int32_t> out, list(n.outputs()));
    std::vector<Value*> inputs, outputs;
    for (const std::int32_t i : in) {
      if (i == -1) {
        inputs.push_back(nullptr);
        continue;
      }
      TRY(Value* const v, made(i, to).in(format("node '{}'", node_name)));
      inputs.push_back(v);
    }
    for (const std::int32_t i : out) {
      if (i == -1) {
        outputs.push_back(nullptr);
        continue;
      }
      TRY(Value* const v, at(i));
      const bool free = v->graph == &to && !v->producer && !v->constant && !is_input(*v) && std::ranges::find(outputs, v) == outputs.end();
      if (!free) return invalid("node '{}' makes '{}', which exists already", node_name, v->name);
      outputs.push_back(v);
    }
    Node* made = to.add(op, domain, std::move(inputs), {}, nullptr);
    made->name = node_name;
    made->schema = schema;
    if (n.attributes())
      for (const fb::Attribute* a : *n.attributes()) CHECK_OK(attribute(*a, *made, to).in(format("node '{}'", node_name)));
    // Outputs come last, so that a body of this node cannot see them.
    for (Value* v : outputs)
      if (v) v->producer = made;
    made->outputs = std::move(outputs);
    return Ok{};
  }

  Status attribute(const fb::Attribute& a, Node& node, Graph& to) {
    CHECK_OK(charge(attribute_bytes));
    TRY(const std::string_view key, text(a.name()));
    if (node.attributes.contains(key)) return invalid("attribute '{}' is given twice", key);
    TRY(Attribute value, content(a, node, to).in(format("attribute '{}'", key)));
    node.attributes.emplace(key, std::move(value));
    return Ok{};
  }

  Result<Attribute> content(const fb::Attribute& a, Node& node, Graph&) {
    switch (a.kind()) {
      case fb::Kind::integer: return Attribute(a.integer());
      case fb::Kind::number: return Attribute(a.number());
      case fb::Kind::text: {
        TRY(const std::string_view s, text(a.text()));
        return Attribute(std::string(s));
      }
      case fb::Kind::integers: {
        TRY(std::vector<std::int64_t> v, list(a.integers()));
        return Attribute(std::move(v));
      }
      case fb::Kind::numbers: {
        TRY(std::vector<float> v, list(a.numbers()));
        return Attribute(std::move(v));
      }
      case fb::Kind::texts: {
        std::vector<std::string> v;
        if (a.texts()) {
          CHECK_OK(charge(a.texts()->size() * string_bytes));
          for (const flatbuffers::String* s : *a.texts()) {
            TRY(const std::string_view one, text(s));
            v.emplace_back(one);
          }
        }
        return Attribute(std::move(v));
      }
      case fb::Kind::tensor: case fb::Kind::tensors: return tensors(a);
      case fb::Kind::graph: case fb::Kind::graphs: return graphs(a, node);
      case fb::Kind::type: {
        if (!a.held()) return invalid("a type is missing");
        TRY(ValueType v, value_type(*a.held()));
        return Attribute(std::move(v));
      }
    }
    return invalid("attribute kind {} does not exist", static_cast<int>(a.kind()));
  }
  Result<Attribute> tensors(const fb::Attribute& a) {
    std::vector<Tensor> all;
    if (a.tensors()) {
      for (const fb::Tensor* t : *a.tensors()) {
        TRY(Tensor one, tensor(t));
        all.push_back(std::move(one));
      }
    }
    if (a.kind() == fb::Kind::tensors) return Attribute(std::move(all));
    if (all.size() != 1) return invalid("{} tensors where one belongs", all.size());
    return Attribute(std::move(all[0]));
  }
  Result<Attribute> graphs(const fb::Attribute& a, Node& node) {
    std::vector<GraphPtr> all;
    if (a.graphs()) {
      for (const fb::Graph* g : *a.graphs()) {
        CHECK_OK(charge(graph_bytes));
        auto body = std::make_unique<Graph>();
        body->owner = &node;
        CHECK_OK(read(*g, *body));
        all.push_back(std::move(body));
      }
    }
    if (a.kind() == fb::Kind::graphs) return Attribute(std::move(all));
    if (all.size() != 1) return invalid("{} graphs where one belongs", all.size());
    return Attribute(std::move(all[0]));
  }

  std::uint64_t budget_;
  const SharedBytes& weights_;
  std::vector<Value*> visible_;  // by index: enclosing graphs' values first
};

// FlatBuffers and typed tensors need their bytes aligned; what is not (a slice of something larger) is copied once.
SharedBytes aligned(SharedBytes b) {
  if (reinterpret_cast<std::uintptr_t>(b.bytes.data()) % 16 == 0) return b;
  const auto size = static_cast<std::int64_t>(b.bytes.size());
  Tensor t = Tensor::allocate(DType::u8, {size});
  std::memcpy(t.writable(), b.bytes.data(), b.bytes.size());
  return {t.owner(), t.bytes()};
}

Result<std::pair<SharedBytes, SharedBytes>> split_single(const SharedBytes& file) {
  std::uint64_t length = 0;
  if (file.bytes.size() < single_header) return invalid("the plan ends within its header");
  std::memcpy(&length, file.bytes.data() + single_magic.size(), sizeof length);
  if (length > file.bytes.size() - single_header) return invalid("the plan says it has {} bytes, but {} are left", length, file.bytes.size() - single_header);
  const std::uint64_t at = std::min<std::uint64_t>(single_weights_offset(length), file.bytes.size());
  return std::pair(SharedBytes{file.owner, file.bytes.subspan(single_header, length)}, SharedBytes{file.owner, file.bytes.subspan(at)});
}

}  // namespace

Result<Plan> Plan::open(SharedBytes plan, SharedBytes weights) {
  if (as_text(plan.bytes).starts_with(single_magic)) {
    TRY(auto parts, split_single(plan));
    plan = std::move(parts.first);
    weights = std::move(parts.second);
  }
  plan = aligned(std::move(plan));
  weights = aligned(std::move(weights));
  const auto* data = reinterpret_cast<const std::uint8_t*>(plan.bytes.data());
  if (plan.bytes.size() < 16 || plan.bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) return invalid("not a plan: {} bytes", plan.bytes.size());
  flatbuffers::Verifier verifier(data, plan.bytes.size());
  if (!fb::VerifyPlanBuffer(verifier)) return invalid("not a plan, or a damaged one; compile the model again with 'hone compile'");
  const fb::Plan& root = *fb::GetPlan(data);
  if (root.version() != plan_version) return invalid("the plan has version {}, this build reads version {}; compile the model again", root.version(), plan_version);
  if (root.weights_length() != weights.bytes.size())
    return invalid("the plan goes with weights of {} bytes, found {}", root.weights_length(), weights.bytes.size());
  Model model;
  CHECK_OK(PlanReader(plan.bytes.size(), weights).read(*root.graph(), *model.graph).in("plan"));
  for (const Problem& p : check(model))
    if (p.fatal) return invalid("plan: {}: {}", p.where, p.what);
  Plan result;
  result.graph_ = std::shared_ptr<const Graph>(std::move(model.graph));
  return result;
}

}  // namespace hone
