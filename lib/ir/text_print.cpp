// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <cmath>
#include <unordered_set>

#include "lib/base/hash.h"
#include "lib/ir/text.h"

namespace hone {
namespace {

bool is_identifier(std::string_view s) {
  if (s.empty() || std::isdigit(static_cast<unsigned char>(s[0]))) return false;
  for (const char c : s)
    if (c != '_' && !(std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80)) return false;
  return true;
}

// Words that a type may start with, or that read as numbers.
bool is_reserved(std::string_view s) {
  static constexpr std::string_view words[] = {"seq", "map", "optional", "sparse_tensor", "opaque", "inf", "nan", "undefined"};
  return dtype_from_name(s) || std::ranges::find(words, s) != std::end(words);
}

std::string quoted(std::string_view s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

std::string id(std::string_view s) { return is_identifier(s) && !is_reserved(s) ? std::string(s) : quoted(s); }

// Shortest text that reads back as the same number of this width.
template <class T> std::string number(T f) {
  if (std::isnan(f)) return "nan";
  return format("{}", f);
}
// An attribute's float must not read as an int.
std::string attribute_number(float f) {
  std::string text = number(f);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

std::string type(const ValueType& t) {
  if (t.dtype == DType::map) return format("map({}, {})", name(t.element ? t.element->key : DType::undefined), type(t.element ? *t.element : ValueType()));
  if (is_aggregate(t.dtype)) return format("{}({})", name(t.dtype), type(t.element ? *t.element : ValueType()));
  const Shape& shape = t.shape;
  std::string text(name(t.dtype));
  if (!shape.ranked) return text + "[]";
  if (shape.dims.empty()) return text;
  for (std::size_t i = 0; i < shape.dims.size(); ++i) {
    const Dim& d = shape.dims[i];
    text += i == 0 ? '[' : ',';
    text += d.known() ? fmt::to_string(d.value) : d.symbol.empty() ? "?" : id(d.symbol);
  }
  return text + ']';
}

// A sequence, an optional or a map at hand does not know what it may hold: its items tell.
std::string typed(const Tensor& t) {
  return is_aggregate(t.dtype()) ? std::string(name(t.dtype())) : type({t.dtype(), Shape::of(t.dims())});
}

void append_elements(std::string& out, const Tensor& t) {
  const auto join = [&](const auto& text_of, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      if (i) out += ", ";
      out += text_of(i);
    }
  };
  const std::byte* data = t.bytes().data();
  const auto floats = [&](std::int64_t i) {
    float f;
    std::memcpy(&f, data + i * 4, 4);
    return number(f);
  };
  const auto doubles = [&](std::int64_t i) {
    double d;
    std::memcpy(&d, data + i * 8, 8);
    return number(d);
  };
  switch (t.dtype()) {
    case DType::string: return join([&](std::int64_t i) { return quoted(t.string_values()[static_cast<std::size_t>(i)]); }, t.count());
    case DType::f32: return join(floats, t.count());
    case DType::f64: return join(doubles, t.count());
    case DType::c64: return join(floats, 2 * t.count());  // real, imaginary, real, ...
    case DType::c128: return join(doubles, 2 * t.count());
    case DType::i64: return join([&](std::int64_t i) { return fmt::to_string(t.data<std::int64_t>()[i]); }, t.count());
    case DType::u64: return join([&](std::int64_t i) { return fmt::to_string(t.data<std::uint64_t>()[i]); }, t.count());
    default:
      if (is_float(t.dtype())) return join([&](std::int64_t i) { return number(static_cast<float>(element(t, i))); }, t.count());
      return join([&](std::int64_t i) { return fmt::to_string(static_cast<std::int64_t>(element(t, i))); }, t.count());
  }
}

std::string digest(const Tensor& t) {
  if (t.dtype() != DType::string) return to_hex(sha256(t.bytes()));
  Sha256 hash;
  for (const std::string& s : t.string_values()) hash.update(as_bytes(format("{}:{}", s.size(), s)));
  return to_hex(hash.finish());
}

class Printer {
 public:
  Printer(std::int64_t limit, bool lines) : limit_(limit), lines_(lines) {}
  std::string take() { return std::move(out_); }

  void model(const Model& m, int ir_version, const Opsets& imported) {
    std::vector<std::string> opsets, properties;
    for (const auto& [domain, version] : imported) opsets.push_back(format("{} : {}", quoted(domain), version));
    for (const auto& [key, text] : m.metadata) properties.push_back(format("{} : {}", quoted(key), quoted(text)));
    out_ += format("<\n  ir_version: {},\n  opset_import: [{}]", ir_version, fmt::join(opsets, ", "));
    if (!m.producer_name.empty()) out_ += format(",\n  producer_name: {}", quoted(m.producer_name));
    if (!m.producer_version.empty()) out_ += format(",\n  producer_version: {}", quoted(m.producer_version));
    if (!m.domain.empty()) out_ += format(",\n  domain: {}", quoted(m.domain));
    if (m.model_version) out_ += format(",\n  model_version: {}", m.model_version);
    if (!m.doc.empty()) out_ += format(",\n  doc_string: {}", quoted(m.doc));
    if (!properties.empty()) out_ += format(",\n  metadata_props: [{}]", fmt::join(properties, ", "));
    out_ += "\n>\n";
    graph(*m.graph);
    out_ += '\n';
  }

  void graph(const Graph& g) {
    out_ += id(g.name) + " (";
    list(g.inputs, [&](const Value* v) { value(*v, true); });
    out_ += ") => (";
    list(g.outputs, [&](const Value* v) { value(*v, false); });
    out_ += ')';
    header(g);
    out_ += lines_ ? " {" : " { ";
    ++depth_;
    for (const Node* n : g.nodes()) {
      line();
      node(*n);
      if (!lines_) out_ += ' ';
    }
    --depth_;
    line();
    out_ += '}';
  }

  void node(const Node& n) {
    if (!n.name.empty()) out_ += format("[{}] ", id(n.name));
    list(n.outputs, [&](const Value* v) { out_ += v ? id(v->name) : "\"\""; });
    out_ += " = ";
    const std::string full = n.domain.empty() ? n.op : n.domain + '.' + n.op;
    out_ += is_qualified(full) ? full : quoted(full);
    if (!n.attributes.empty()) {
      out_ += " <";
      list(n.attributes, [&](const auto& entry) { attribute(entry.first, entry.second); });
      out_ += '>';
    }
    out_ += " (";
    list(n.inputs, [&](const Value* v) { out_ += v ? id(v->name) : ""; });
    out_ += ')';
  }

  void constant(const Tensor& t) {
    if (is_aggregate(t.dtype())) {
      holder(t);
    } else if (t.count() <= limit_) {
      out_ += '{';
      append_elements(out_, t);
      out_ += '}';
    } else {
      out_ += format("[\"sha256\": \"{}\"]", digest(t));
    }
  }

 private:
  // No syntax of ONNX, which has no such constants: "[float[2] {0, 2}, float {1}]", "none", "{int64[2] {1, 2}: float[2] {3, 4}}".
  void holder(const Tensor& t) {
    const bool map = t.dtype() == DType::map;
    if (t.dtype() == DType::optional) return static_cast<void>(out_ += "none");
    out_ += map ? '{' : '[';
    for (std::size_t i = 0; i < t.items().size(); ++i) {
      out_ += i == 0 ? "" : map ? ": " : ", ";
      set(t.items()[i]);
    }
    out_ += map ? '}' : ']';
  }
  static bool is_qualified(std::string_view s) {
    for (std::size_t dot = s.find('.'); dot != std::string_view::npos; s.remove_prefix(dot + 1), dot = s.find('.'))
      if (!is_identifier(s.substr(0, dot))) return false;
    return is_identifier(s);
  }
  void line() {
    if (lines_) out_ += '\n' + std::string(2 * static_cast<std::size_t>(depth_), ' ');
  }
  template <class Items, class F> void list(const Items& items, const F& print_one) {
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ", ";
      first = false;
      print_one(item);
    }
  }

  // A value whose type is not known has its name alone.
  void value(const Value& v, bool with_constant) {
    if (v.dtype != DType::undefined) out_ += type(v.type()) + ' ';
    out_ += id(v.name);
    if (!with_constant || !v.constant) return;
    out_ += " = ";
    constant(*v.constant);
  }

  // Initializers that are no inputs, then the types of inner values.
  void header(const Graph& g) {
    std::vector<const Value*> constants, typed;
    const std::unordered_set<const Value*> inputs(g.inputs.begin(), g.inputs.end()), outputs(g.outputs.begin(), g.outputs.end());
    for (const Value* v : g.values()) {
      if (v->constant && !inputs.contains(v)) constants.push_back(v);
      if (v->producer && v->dtype != DType::undefined && !outputs.contains(v)) typed.push_back(v);
    }
    constants.insert(constants.end(), typed.begin(), typed.end());
    if (constants.empty()) return;
    line();
    out_ += lines_ ? "<" : " <";
    ++depth_;
    bool first = true;
    for (const Value* v : constants) {
      if (!first) out_ += lines_ ? "," : ", ";
      first = false;
      line();
      value(*v, true);
    }
    --depth_;
    line();
    out_ += '>';
  }

  void attribute(const std::string& key, const Attribute& a) {
    out_ += id(key);
    if (const char* kind = kind_if_empty(a)) out_ += format(": {}", kind);
    out_ += " = ";
    std::visit([&](const auto& content) { set(content); }, a);
  }
  // An empty list does not tell its kind.
  static const char* kind_if_empty(const Attribute& a) {
    if (const auto* v = std::get_if<std::vector<std::int64_t>>(&a); v && v->empty()) return "ints";
    if (const auto* v = std::get_if<std::vector<float>>(&a); v && v->empty()) return "floats";
    if (const auto* v = std::get_if<std::vector<std::string>>(&a); v && v->empty()) return "strings";
    if (const auto* v = std::get_if<std::vector<Tensor>>(&a); v && v->empty()) return "tensors";
    if (const auto* v = std::get_if<std::vector<GraphPtr>>(&a); v && v->empty()) return "graphs";
    return nullptr;
  }
  void set(std::int64_t i) { out_ += fmt::to_string(i); }
  void set(float f) { out_ += attribute_number(f); }
  void set(const std::string& s) { out_ += quoted(s); }
  void set(const Tensor& t) {
    out_ += typed(t) + ' ';
    constant(t);
  }
  void set(const ValueType& t) { out_ += type(t); }
  void set(const GraphPtr& g) { graph(*g); }
  template <class T> void set(const std::vector<T>& items) {
    out_ += '[';
    list(items, [&](const T& item) { set(item); });
    out_ += ']';
  }

  std::int64_t limit_;
  bool lines_;
  int depth_ = 0;
  std::string out_;
};

}  // namespace

std::string print(const Model& model, std::int64_t max_elements) { return print(model, model.ir_version, model.opsets, max_elements); }
std::string print(const Model& model, int ir_version, const Opsets& opsets, std::int64_t max_elements) {
  Printer printer(max_elements, true);
  printer.model(model, ir_version, opsets);
  return printer.take();
}
std::string print(const Graph& graph) {
  Printer printer(print_limit, true);
  printer.graph(graph);
  return printer.take() + '\n';
}
std::string print(const Node& node) {
  Printer printer(print_limit, false);
  printer.node(node);
  return printer.take();
}
std::string print(const ValueType& t) { return type(t); }
std::string print_constant(std::string_view name, const Tensor& tensor, std::int64_t max_elements) {
  Printer printer(max_elements, false);
  printer.constant(tensor);
  return format("{} {} = {}", typed(tensor), id(name), printer.take());
}

}  // namespace hone
