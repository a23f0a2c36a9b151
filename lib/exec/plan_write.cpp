// SPDX-License-Identifier: Apache-2.0
// A plan as bytes: the FlatBuffers of plan.fbs, and the weights it points into. The same graph gives the same bytes: everything
// is written in the order the graph has it, and equal tensors share one 64-byte aligned place in the weights.
#include <cstring>
#include <map>

#include "lib/exec/plan_format.h"
#include "lib/exec/session.h"
#include "plan_generated.h"

namespace hone {
namespace {

template <class T> using Offset = flatbuffers::Offset<T>;

class Writer {
 public:
  Plan::Saved write(const Graph& graph) {
    const auto root = body(graph);
    builder_.Finish(fb::CreatePlan(builder_, plan_version, saved_.weights.size(), root), fb::PlanIdentifier());
    const auto* bytes = reinterpret_cast<const std::byte*>(builder_.GetBufferPointer());
    saved_.plan.assign(bytes, bytes + builder_.GetSize());
    return std::move(saved_);
  }

 private:
  // A graph's values are visible to its bodies, under the same numbers.
  Offset<fb::Graph> body(const Graph& graph) {
    const std::size_t outer = visible_;
    std::vector<Offset<fb::Value>> values;
    for (const Value* v : graph.values()) {
      index_[v] = static_cast<std::int32_t>(visible_++);
      values.push_back(value(*v));
    }
    std::vector<Offset<fb::Node>> nodes;
    for (const Node* n : graph.nodes()) nodes.push_back(node(*n));
    const auto name = builder_.CreateString(graph.name);
    const auto value_list = builder_.CreateVector(values);
    const auto inputs = builder_.CreateVector(indices(graph.inputs)), outputs = builder_.CreateVector(indices(graph.outputs));
    const auto node_list = builder_.CreateVector(nodes);
    visible_ = outer;
    return fb::CreateGraph(builder_, name, value_list, inputs, outputs, node_list);
  }

  std::vector<std::int32_t> indices(const std::vector<Value*>& values) const {
    std::vector<std::int32_t> out;
    for (const Value* v : values) out.push_back(v ? index_.at(v) : -1);
    return out;
  }

  Offset<fb::Value> value(const Value& v) {
    return value(v.name, v.type(), v.constant ? &*v.constant : nullptr);
  }
  Offset<fb::Value> value(std::string_view value_name, const ValueType& type, const Tensor* held) {
    std::vector<Offset<fb::Dim>> dims;
    for (const Dim& d : type.shape.dims) {
      const auto symbol = d.symbol.empty() ? Offset<flatbuffers::String>() : builder_.CreateString(d.symbol);
      dims.push_back(fb::CreateDim(builder_, d.value, symbol));
    }
    const auto name = builder_.CreateString(value_name);
    const auto dim_list = builder_.CreateVector(dims);
    const auto constant = held ? tensor(*held) : Offset<fb::Tensor>();
    const auto element = type.element ? value("", *type.element, nullptr) : Offset<fb::Value>();
    return fb::CreateValue(builder_, name, static_cast<std::uint8_t>(type.dtype), type.shape.ranked, dim_list, constant, element,
                           static_cast<std::uint8_t>(type.key));
  }

  Offset<fb::Tensor> tensor(const Tensor& t) {
    const auto dims = builder_.CreateVector(t.dims());
    if (t.dtype() != DType::string) return fb::CreateTensor(builder_, static_cast<std::uint8_t>(t.dtype()), dims, place(t), t.bytes().size());
    const auto values = builder_.CreateVectorOfStrings({t.string_values().begin(), t.string_values().end()});
    return fb::CreateTensor(builder_, static_cast<std::uint8_t>(t.dtype()), dims, 0, 0, values);
  }

  std::uint64_t place(const Tensor& t) {
    if (t.bytes().empty()) return 0;
    const auto [it, fresh] = places_.emplace(as_text(t.bytes()), 0);
    if (fresh) {
      it->second = saved_.weights.size();
      saved_.weights.insert(saved_.weights.end(), t.bytes().begin(), t.bytes().end());
      saved_.segments.push_back({it->second, t.bytes().size(), std::max(1, bits(t.dtype()) / 8)});
      saved_.weights.resize((saved_.weights.size() + weight_alignment - 1) / weight_alignment * weight_alignment);
    }
    return it->second;
  }

  Offset<fb::Node> node(const Node& n) {
    std::vector<Offset<fb::Attribute>> attributes;
    for (const auto& [key, a] : n.attributes)
      attributes.push_back(std::visit([&, &name = key](const auto& x) { return attribute(name, x); }, a));
    const auto name = builder_.CreateString(n.name), op = builder_.CreateString(n.op), domain = builder_.CreateString(n.domain);
    const auto inputs = builder_.CreateVector(indices(n.inputs)), outputs = builder_.CreateVector(indices(n.outputs));
    return fb::CreateNode(builder_, name, op, domain, inputs, outputs, builder_.CreateVector(attributes));
  }

  // One overload for each alternative of Attribute.
  template <class F> Offset<fb::Attribute> finish(const std::string& name, fb::Kind kind, F add) {
    const auto key = builder_.CreateString(name);
    fb::AttributeBuilder a(builder_);
    a.add_name(key);
    a.add_kind(kind);
    add(a);
    return a.Finish();
  }
  Offset<fb::Attribute> attribute(const std::string& name, std::int64_t v) {
    return finish(name, fb::Kind::integer, [&](auto& a) { a.add_integer(v); });
  }
  Offset<fb::Attribute> attribute(const std::string& name, float v) {
    return finish(name, fb::Kind::number, [&](auto& a) { a.add_number(v); });
  }
  Offset<fb::Attribute> attribute(const std::string& name, const std::string& v) {
    const auto text = builder_.CreateString(v);
    return finish(name, fb::Kind::text, [&](auto& a) { a.add_text(text); });
  }
  Offset<fb::Attribute> attribute(const std::string& name, const std::vector<std::int64_t>& v) {
    const auto list = builder_.CreateVector(v);
    return finish(name, fb::Kind::integers, [&](auto& a) { a.add_integers(list); });
  }
  Offset<fb::Attribute> attribute(const std::string& name, const std::vector<float>& v) {
    const auto list = builder_.CreateVector(v);
    return finish(name, fb::Kind::numbers, [&](auto& a) { a.add_numbers(list); });
  }
  Offset<fb::Attribute> attribute(const std::string& name, const std::vector<std::string>& v) {
    const auto list = builder_.CreateVectorOfStrings(v);
    return finish(name, fb::Kind::texts, [&](auto& a) { a.add_texts(list); });
  }
  Offset<fb::Attribute> tensors(const std::string& name, fb::Kind kind, std::span<const Tensor> v) {
    std::vector<Offset<fb::Tensor>> list;
    for (const Tensor& t : v) list.push_back(tensor(t));
    const auto all = builder_.CreateVector(list);
    return finish(name, kind, [&](auto& a) { a.add_tensors(all); });
  }
  Offset<fb::Attribute> attribute(const std::string& name, const Tensor& v) { return tensors(name, fb::Kind::tensor, {&v, 1}); }
  Offset<fb::Attribute> attribute(const std::string& name, const std::vector<Tensor>& v) { return tensors(name, fb::Kind::tensors, v); }
  Offset<fb::Attribute> graphs(const std::string& name, fb::Kind kind, std::span<const GraphPtr> v) {
    std::vector<Offset<fb::Graph>> list;
    for (const GraphPtr& g : v) list.push_back(body(*g));
    const auto all = builder_.CreateVector(list);
    return finish(name, kind, [&](auto& a) { a.add_graphs(all); });
  }
  Offset<fb::Attribute> attribute(const std::string& name, const GraphPtr& v) { return graphs(name, fb::Kind::graph, {&v, 1}); }
  Offset<fb::Attribute> attribute(const std::string& name, const std::vector<GraphPtr>& v) { return graphs(name, fb::Kind::graphs, v); }

  Offset<fb::Attribute> attribute(const std::string& name, const ValueType& v) {
    const auto held = value("", v, nullptr);
    return finish(name, fb::Kind::type, [&](auto& a) { a.add_held(held); });
  }

  flatbuffers::FlatBufferBuilder builder_;
  Plan::Saved saved_;
  std::map<std::string_view, std::uint64_t> places_;  // by content; the views live as long as the graph
  std::map<const Value*, std::int32_t> index_;
  std::size_t visible_ = 0;
};

}  // namespace

Plan::Saved Plan::save() const { return Writer().write(*graph_); }

std::vector<std::byte> Plan::save_single() const {
  const Saved saved = save();
  const std::size_t weights_at = single_weights_offset(saved.plan.size());
  std::vector<std::byte> out(weights_at + saved.weights.size());
  const std::uint64_t length = saved.plan.size();
  std::memcpy(out.data(), single_magic.data(), single_magic.size());
  std::memcpy(out.data() + single_magic.size(), &length, sizeof length);
  std::memcpy(out.data() + single_header, saved.plan.data(), saved.plan.size());
  if (!saved.weights.empty()) std::memcpy(out.data() + weights_at, saved.weights.data(), saved.weights.size());
  return out;
}

}  // namespace hone
