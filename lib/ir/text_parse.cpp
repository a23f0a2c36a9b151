// SPDX-License-Identifier: Apache-2.0
// A recursive-descent reader of ONNX text (docs/Syntax.md of onnx/onnx has the grammar) into a Draft.
#include "lib/ir/draft.h"
#include "lib/ir/text.h"
#include "lib/ir/text_reader.h"

namespace hone {
namespace {

constexpr int max_depth = 64;  // of bodies inside bodies
constexpr int assumed_opset = 21, assumed_ir = 10;

class Parser : TextReader {
 public:
  using TextReader::TextReader;

  Result<Model> model(NodeOpsets* written) {
    Model m;
    const bool headed = peek() == '<';
    if (headed) CHECK_OK(header(m));
    if (!headed) m.ir_version = assumed_ir;
    TRY(DraftGraph draft, graph());
    std::vector<DraftFunction> functions;
    while (peek() == '<' || starts_id(peek())) {
      TRY(functions.emplace_back(), function());
    }
    if (!at_end()) return error("expected a function or the end of the text after the graph");
    CHECK_OK(inline_functions(draft, functions, m.opsets, mark()));
    if (!headed) assume_opsets(draft, m);
    TRY(m.graph, build(std::move(draft), written));
    return m;
  }

 private:
  // --- model header ---
  Status header(Model& m) {
    CHECK_OK(expect('<'));
    do {
      const std::size_t start = mark();
      const std::string key(word());
      CHECK_OK(expect(':'));
      if (key == "ir_version") {
        TRY(const auto version, number_as<std::int32_t>("int32"));
        m.ir_version = version;
      } else if (key == "opset_import") {
        CHECK_OK(opsets(m.opsets));
      } else if (key == "metadata_props") {
        CHECK_OK(metadata(m));
      } else if (key == "model_version") {
        TRY(m.model_version, number_as<std::int64_t>("int64"));
      } else if (std::string* slot = key == "producer_name"      ? &m.producer_name
                                     : key == "producer_version" ? &m.producer_version
                                     : key == "domain"           ? &m.domain
                                     : key == "doc_string"       ? &m.doc
                                                                 : nullptr) {
        TRY(*slot, string());
      } else {
        back(start);
        return error(format("'{}' is no property of a model", key));
      }
    } while (accept(','));
    CHECK_OK(expect('>'));
    if (m.opsets.empty()) return error("the model imports no opset: add opset_import");
    return Ok{};
  }
  Status opsets(Opsets& into) {
    CHECK_OK(expect('['));
    do {
      TRY(std::string domain, string());
      if (domain == "ai.onnx") domain.clear();
      CHECK_OK(expect(':'));
      TRY(const auto version, number_as<std::int64_t>("int64"));
      if (!into.emplace(domain, version).second) return error(format("domain '{}' is imported twice", domain));
    } while (accept(','));
    return expect(']');
  }
  Status metadata(Model& m) {
    CHECK_OK(expect('['));
    do {
      TRY(std::string key, string());
      CHECK_OK(expect(':'));
      TRY(std::string content, string());
      m.metadata.emplace_back(std::move(key), std::move(content));
    } while (accept(','));
    return expect(']');
  }
  static void assume_opsets(const DraftGraph& g, Model& m) {
    m.opsets.emplace("", assumed_opset);
    for (const DraftNode& n : g.nodes) {
      m.opsets.emplace(n.domain, n.domain == "ai.onnx.ml" ? 3 : 1);
      for (const DraftBody& b : n.bodies)
        for (const DraftGraph& body : b.graphs) assume_opsets(body, m);
    }
  }

  // --- types and values ---
  // A type, when there is one here.
  Result<std::optional<ValueType>> maybe_type() {
    ValueType t;
    const std::string_view found = peek_word();
    const bool holding = after_word() == '(';
    for (const std::string_view other : {"sparse_tensor", "opaque"})
      if (found == other && holding) return error(format("values of type {} are not supported", other));
    for (const DType d : {DType::sequence, DType::optional, DType::map})
      if (found == name(d) && holding) t.dtype = d;
    const bool tensor = t.dtype == DType::undefined;
    if (tensor) t.dtype = dtype_from_name(found).value_or(DType::undefined);
    if (t.dtype == DType::undefined) return std::optional<ValueType>();
    word();
    if (tensor) {
      TRY(t.shape, shape());
    } else {
      TRY(t.element, held(t.dtype == DType::map));
    }
    return std::optional(std::move(t));
  }
  // What stands in the parentheses of seq(...), optional(...) and map(KEY, ...).
  Result<TypePtr> held(bool keyed) {
    if (++depth_ > max_depth) return error(format("types nested deeper than {}", max_depth));
    CHECK_OK(expect('('));
    DType key = DType::undefined;
    if (keyed) {
      key = dtype_from_name(peek_word()).value_or(DType::undefined);
      if (key != DType::string && !is_integer(key)) return error("expected the type of a map's keys: an integer type or string");
      word();
      CHECK_OK(expect(','));
    }
    TRY(std::optional<ValueType> found, maybe_type());
    if (!found) return error("expected a type");
    found->key = key;
    CHECK_OK(expect(')'));
    --depth_;
    return std::make_shared<const ValueType>(std::move(*found));
  }
  Result<Shape> shape() {
    std::vector<Dim> dims;
    if (!accept('[')) return Shape(dims);
    if (accept(']')) return Shape();
    do {
      if (accept('?')) {
        dims.emplace_back();
      } else if (is_digit(peek()) || peek() == '-') {
        TRY(const auto d, number_as<std::int64_t>("int64"));
        if (d < 0) return error("a dimension cannot be negative");
        dims.emplace_back(d);
      } else {
        TRY(std::string symbol, identifier());
        dims.emplace_back(Dim(std::move(symbol)));
      }
    } while (accept(','));
    CHECK_OK(expect(']'));
    return Shape(std::move(dims));
  }
  Result<DraftValue> value() {
    DraftValue v;
    TRY(auto found, maybe_type());
    if (found) {
      v.dtype = found->dtype;
      v.shape = std::move(found->shape);
      v.element = std::move(found->element);
    }
    TRY(v.name, identifier());
    return v;
  }
  // Values up to `close`, some with a constant: those go to `constants`.
  Status values(char close, std::vector<DraftValue>& into, std::vector<DraftConstant>* constants, bool constants_are_values) {
    if (accept(close)) return Ok{};
    do {
      TRY(DraftValue v, value());
      const bool constant = peek() == '=' && !next_is_arrow();
      if (constant) {
        if (!constants) return error("an output cannot have a value");
        accept('=');
        if (is_aggregate(v.dtype)) return error(format("'{}' is a {}, which cannot be a constant", v.name, name(v.dtype)));
        TRY(Tensor t, read_tensor(*this, v.dtype, v.shape, v.name));
        constants->push_back({v.name, std::move(t)});
      }
      if (!constant || constants_are_values) into.push_back(std::move(v));
    } while (accept(','));
    return expect(close);
  }

  // --- graphs and nodes ---
  Result<DraftGraph> graph() {
    if (++depth_ > max_depth) return error(format("graphs nested deeper than {}", max_depth));
    DraftGraph g;
    TRY(g.name, identifier());
    CHECK_OK(expect('('));
    CHECK_OK(values(')', g.inputs, &g.constants, true));
    if (!accept_arrow()) return error("expected '=>'");
    CHECK_OK(expect('('));
    CHECK_OK(values(')', g.outputs, nullptr, true));
    if (accept('<')) CHECK_OK(values('>', g.infos, &g.constants, false));
    TRY(g.nodes, nodes());
    --depth_;
    return g;
  }
  Result<std::vector<DraftNode>> nodes() {
    std::vector<DraftNode> made;
    CHECK_OK(expect('{'));
    while (!accept('}')) {
      if (at_end()) return error("expected '}'");
      TRY(made.emplace_back(), node());
    }
    return made;
  }

  // --- functions ---
  Result<DraftFunction> function() {
    DraftFunction f;
    in_function_ = true;
    if (peek() == '<') CHECK_OK(function_header(f));
    TRY(f.name, identifier());
    if (peek() == '<') CHECK_OK(parameters(f.defaults));
    std::vector<DraftValue> inputs, outputs;
    CHECK_OK(expect('('));
    CHECK_OK(values(')', inputs, nullptr, true));
    if (!accept_arrow()) return error("expected '=>'");
    CHECK_OK(expect('('));
    CHECK_OK(values(')', outputs, nullptr, true));
    if (accept('<')) CHECK_OK(values('>', f.infos, nullptr, true));
    for (const DraftValue& v : inputs) f.inputs.push_back(v.name), f.infos.push_back(v);
    for (const DraftValue& v : outputs) f.outputs.push_back(v.name), f.infos.push_back(v);
    TRY(f.nodes, nodes());
    return f;
  }
  Status function_header(DraftFunction& f) {
    CHECK_OK(expect('<'));
    do {
      const std::size_t start = mark();
      const std::string key(word());
      CHECK_OK(expect(':'));
      if (key == "opset_import") {
        CHECK_OK(opsets(f.opsets));
      } else if (key == "domain" || key == "overload" || key == "doc_string") {
        TRY((key == "domain" ? f.domain : key == "overload" ? f.overload : f.defaults.doc), string());
      } else {
        back(start);
        return error(format("'{}' is no property of a function", key));
      }
    } while (accept(','));
    if (f.domain == "ai.onnx") f.domain.clear();
    return expect('>');
  }
  // Attributes of a function: names alone, or with a default.
  Status parameters(DraftNode& defaults) {
    CHECK_OK(expect('<'));
    do {
      const std::size_t start = mark();
      TRY(const std::string key, identifier());
      if (accept(':')) word();
      if (peek() != '=') continue;
      back(start);
      CHECK_OK(named_attribute(defaults));
    } while (accept(','));
    return expect('>');
  }

  // Names up to `close` (not consumed), empty where nothing stands between commas.
  Result<std::vector<std::string>> names(char close) {
    std::vector<std::string> list;
    if (peek() == close) return list;
    do {
      if (peek() == ',' || peek() == close) {
        list.emplace_back();
      } else {
        TRY(list.emplace_back(), identifier());
      }
    } while (accept(','));
    return list;
  }
  Result<DraftNode> node() {
    DraftNode n;
    if (accept('[')) {
      TRY(n.name, identifier());
      CHECK_OK(expect(']'));
    }
    TRY(n.outputs, names('='));
    CHECK_OK(expect('='));
    TRY(std::string full, identifier());
    while (accept('.')) {
      TRY(const std::string part, identifier());
      full += '.' + part;
    }
    const std::size_t dot = full.rfind('.');
    n.op = dot == std::string::npos ? full : full.substr(dot + 1);
    if (n.op.empty()) return error("expected the name of an operator");
    if (dot != std::string::npos) n.domain = full.substr(0, dot);
    if (n.domain == "ai.onnx") n.domain.clear();
    if (accept(':')) n.overload = word();
    const bool before = peek() == '<';
    if (before) CHECK_OK(attributes(n));
    CHECK_OK(expect('('));
    TRY(n.inputs, names(')'));
    CHECK_OK(expect(')'));
    if (!before && peek() == '<') CHECK_OK(attributes(n));
    return n;
  }

  // --- attributes ---
  Status attributes(DraftNode& n) {
    CHECK_OK(expect('<'));
    if (accept('>')) return Ok{};
    do {
      CHECK_OK(named_attribute(n));
    } while (accept(','));
    return expect('>');
  }
  Status named_attribute(DraftNode& n) {
    TRY(const std::string key, identifier());
    const auto same = [&](const auto& other) { return other.attribute == key; };
    if (n.attributes.contains(key) || std::ranges::any_of(n.bodies, same) || std::ranges::any_of(n.references, same))
      return error(format("attribute '{}' is given twice", key));
    std::string kind;
    if (accept(':')) kind = word();
    CHECK_OK(expect('='));
    if (peek() == '@') return reference(n, key);
    return peek() == '[' ? attribute_list(n, key, kind) : attribute(n, key, kind);
  }
  Status reference(DraftNode& n, const std::string& key) {
    if (!in_function_) return error("only a node of a function may refer to a function's attribute");
    CHECK_OK(expect('@'));
    TRY(std::string parameter, identifier());
    n.references.push_back({key, std::move(parameter)});
    return Ok{};
  }
  using Scalar = std::variant<std::int64_t, float, std::string, Tensor, DraftGraph, ValueType>;
  Result<Scalar> scalar() {
    const char c = peek();
    if (c == '"') {
      const std::size_t start = mark();
      TRY(std::string s, string());
      if (peek() != '(') return Scalar(std::move(s));
      back(start);  // a graph whose name is quoted
    } else if (starts_id(c)) {
      const std::string_view first = peek_word();
      if (dtype_from_name(first)) return type_or_tensor();
      if ((first == "seq" || first == "optional" || first == "map") && after_word() == '(') return type_or_tensor();
      if ((first == "inf" || first == "nan") && after_word() != '(') return float_scalar();
    } else {
      const std::size_t start = mark();
      TRY(const std::string_view digits, number());
      const bool is_real = digits.find_first_of(".eEn") != std::string_view::npos;
      back(start);
      if (is_real) return float_scalar();
      TRY(const auto i, number_as<std::int64_t>("int64"));
      return Scalar(i);
    }
    TRY(DraftGraph g, graph());
    return Scalar(std::move(g));
  }
  Result<Scalar> float_scalar() {
    TRY(const float f, number_as<float>("float"));
    return Scalar(f);
  }
  // A type alone is an attribute too.
  Result<Scalar> type_or_tensor() {
    TRY(auto type, maybe_type());
    if (peek() == ',' || peek() == '>' || is_aggregate(type->dtype)) return Scalar(std::move(*type));
    if (peek() != '{' && peek() != '=' && peek() != '[') {
      TRY(const std::string ignored, identifier());
    }
    accept('=');
    TRY(Tensor t, read_tensor(*this, type->dtype, type->shape, "a tensor attribute"));
    return Scalar(std::move(t));
  }
  Status attribute(DraftNode& n, const std::string& key, std::string_view kind) {
    TRY(Scalar s, scalar());
    if (kind == "float" && std::holds_alternative<std::int64_t>(s)) s = static_cast<float>(std::get<std::int64_t>(s));
    if (auto* g = std::get_if<DraftGraph>(&s)) {
      DraftBody body{key, false, {}};
      body.graphs.push_back(std::move(*g));
      n.bodies.push_back(std::move(body));
    } else if (auto* i = std::get_if<std::int64_t>(&s)) {
      n.attributes.emplace(key, *i);
    } else if (auto* f = std::get_if<float>(&s)) {
      n.attributes.emplace(key, *f);
    } else if (auto* text = std::get_if<std::string>(&s)) {
      n.attributes.emplace(key, std::move(*text));
    } else if (auto* type = std::get_if<ValueType>(&s)) {
      n.attributes.emplace(key, std::move(*type));
    } else {
      n.attributes.emplace(key, std::move(std::get<Tensor>(s)));
    }
    return Ok{};
  }
  Status attribute_list(DraftNode& n, const std::string& key, std::string kind) {
    std::vector<Scalar> items;
    CHECK_OK(expect('['));
    if (!accept(']')) {
      do {
        TRY(items.emplace_back(), scalar());
      } while (accept(','));
      CHECK_OK(expect(']'));
    }
    if (kind.empty()) kind = kind_of(items);
    if (kind == "ints") return set_list<std::int64_t>(n, key, items);
    if (kind == "floats") {
      for (Scalar& s : items)
        if (const auto* i = std::get_if<std::int64_t>(&s)) s = static_cast<float>(*i);
      return set_list<float>(n, key, items);
    }
    if (kind == "strings") return set_list<std::string>(n, key, items);
    if (kind == "tensors") return set_list<Tensor>(n, key, items);
    if (kind != "graphs") return error(format("list '{}' needs a kind: ints, floats, strings, tensors or graphs", key));
    DraftBody body{key, true, {}};
    for (Scalar& s : items) {
      if (!std::holds_alternative<DraftGraph>(s)) return error(format("list '{}' mixes kinds", key));
      body.graphs.push_back(std::move(std::get<DraftGraph>(s)));
    }
    n.bodies.push_back(std::move(body));
    return Ok{};
  }
  static std::string kind_of(const std::vector<Scalar>& items) {
    if (items.empty()) return "";
    const auto has = [&](std::size_t index) { return std::ranges::any_of(items, [&](const Scalar& s) { return s.index() == index; }); };
    static constexpr const char* kinds[] = {"ints", "floats", "strings", "tensors", "graphs", "types"};
    return has(1) ? "floats" : kinds[items.front().index()];
  }
  template <class T>
  Status set_list(DraftNode& n, const std::string& key, std::vector<Scalar>& items) {
    std::vector<T> list;
    for (Scalar& s : items) {
      if (!std::holds_alternative<T>(s)) return error(format("list '{}' mixes kinds", key));
      list.push_back(std::move(std::get<T>(s)));
    }
    n.attributes.emplace(key, std::move(list));
    return Ok{};
  }

  int depth_ = 0;
  bool in_function_ = false;
};

}  // namespace

Result<Model> parse_text(std::string_view text, NodeOpsets* written) { return Parser(text).model(written); }

}  // namespace hone
