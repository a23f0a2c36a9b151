// SPDX-License-Identifier: Apache-2.0
// A recursive-descent reader of ONNX text (docs/Syntax.md of onnx/onnx has the grammar) into a Draft. Backslash in a string takes
// the next character as it is, as the ONNX reader does.
#include <charconv>
#include <cmath>
#include <limits>

#include "lib/ir/draft.h"
#include "lib/ir/text.h"

namespace hone {
namespace {

constexpr int max_depth = 64;  // of bodies inside bodies
constexpr int assumed_opset = 21, assumed_ir = 10;

bool starts_id(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The bits of a float of 8 bits or fewer whose value is exactly `value`.
std::optional<std::uint8_t> small_float_bits(DType dtype, float value) {
  for (int code = 0; code < 1 << bits(dtype); ++code) {
    const std::byte byte{static_cast<unsigned char>(code)};
    const auto one = Tensor::view(dtype, {1}, {&byte, 1}, nullptr);
    const auto got = static_cast<float>(element(*one, 0));
    if ((std::isnan(got) && std::isnan(value)) || (got == value && std::signbit(got) == std::signbit(value))) return static_cast<std::uint8_t>(code);
  }
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Model> model() {
    Model m;
    const bool headed = peek() == '<';
    if (headed) CHECK_OK(header(m));
    if (!headed) m.ir_version = assumed_ir;
    TRY(DraftGraph draft, graph());
    if (peek() == '<') return error("local functions are not supported; inline them");
    if (peek() != '\0' || at_ != text_.size()) return error("expected the end of the text after the graph");
    if (!headed) assume_opsets(draft, m);
    TRY(m.graph, build(std::move(draft)));
    return m;
  }

 private:
  // --- characters and tokens ---
  void skip() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }
  char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  Status expect(char c) {
    if (accept(c)) return Ok{};
    return error(format("expected '{}'", c));
  }
  bool accept_arrow() {
    skip();
    if (!text_.substr(at_).starts_with("=>")) return false;
    at_ += 2;
    return true;
  }
  // Where the next token starts.
  Error error(std::string_view what) {
    skip();
    const std::string_view before = text_.substr(0, at_);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t start = before.rfind('\n');
    const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
    std::string_view rest = text_.substr(at_);
    rest = rest.substr(0, std::min<std::size_t>(rest.find('\n'), 20));
    return invalid("line {}, column {}: {}, found {}", line, column, what, rest.empty() ? "the end" : format("'{}'", rest));
  }

  std::string_view word() {
    skip();
    std::size_t end = at_;
    if (end < text_.size() && starts_id(text_[end]))
      while (end < text_.size() && (starts_id(text_[end]) || is_digit(text_[end]))) ++end;
    const std::string_view found = text_.substr(at_, end - at_);
    at_ = end;
    return found;
  }
  std::string_view peek_word() {
    const std::string_view found = word();
    at_ -= found.size();
    return found;
  }
  Result<std::string> string() {
    CHECK_OK(expect('"'));
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') return ++at_, out;
      if (c == '\\' && at_ + 1 < text_.size()) ++at_;
      out += text_[at_];
    }
    return error("a string without its closing '\"'");
  }
  Result<std::string> identifier() {
    if (peek() == '"') return string();
    const std::string_view found = word();
    if (found.empty()) return error("expected a name");
    return std::string(found);
  }
  // "-1.5e3", "inf", "nan": the characters.
  Result<std::string_view> number() {
    skip();
    const std::size_t start = at_;
    if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
    if (at_ < text_.size() && starts_id(text_[at_])) {
      const std::string_view name = word();
      if (name == "inf" || name == "nan") return strip_plus(text_.substr(start, at_ - start));
    } else {
      while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.' || text_[at_] == 'e' || text_[at_] == 'E' ||
                                    ((text_[at_] == '-' || text_[at_] == '+') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E'))))
        ++at_;
      const std::string_view found = strip_plus(text_.substr(start, at_ - start));
      if (!found.empty() && found != "-") return found;
    }
    at_ = start;
    return error("expected a number");
  }
  static std::string_view strip_plus(std::string_view s) { return s.starts_with('+') ? s.substr(1) : s; }
  template <class T> Result<T> number_as(std::string_view kind) {
    skip();
    const std::size_t start = at_;
    TRY(const std::string_view text, number());
    T value{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool good = end == text.data() + text.size();
    if constexpr (std::is_floating_point_v<T>) {
      if (code == std::errc::result_out_of_range && good) return text.starts_with('-') ? rounded<T>(text.substr(1), -1) : rounded<T>(text, 1);
    }
    good = good && code == std::errc();
    if (good) return value;
    at_ = start;
    return error(format("expected a number that fits {}", kind));
  }
  // Out of range means too large or too small: the exponent's sign tells (a mantissa of hundreds of digits does not occur in text we print).
  template <class T> static T rounded(std::string_view text, T sign) {
    const std::size_t e = text.find_first_of("eE");
    const bool tiny = (e != std::string_view::npos && text.substr(e + 1).starts_with('-')) || text.starts_with("0.");
    return sign * (tiny ? T{0} : std::numeric_limits<T>::infinity());
  }

  // --- model header ---
  Status header(Model& m) {
    CHECK_OK(expect('<'));
    do {
      skip();
      const std::size_t start = at_;
      const std::string key(word());
      CHECK_OK(expect(':'));
      if (key == "ir_version") {
        TRY(const auto version, number_as<std::int32_t>("int32"));
        m.ir_version = version;
      } else if (key == "opset_import") {
        CHECK_OK(opsets(m));
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
        at_ = start;
        return error(format("'{}' is no property of a model", key));
      }
    } while (accept(','));
    CHECK_OK(expect('>'));
    if (m.opsets.empty()) return error("the model imports no opset: add opset_import");
    return Ok{};
  }
  Status opsets(Model& m) {
    CHECK_OK(expect('['));
    do {
      TRY(std::string domain, string());
      if (domain == "ai.onnx") domain.clear();
      CHECK_OK(expect(':'));
      TRY(const auto version, number_as<std::int64_t>("int64"));
      if (!m.opsets.emplace(domain, version).second) return error(format("domain '{}' is imported twice", domain));
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
  Result<std::optional<std::pair<DType, Shape>>> maybe_type() {
    const std::string_view found = peek_word();
    for (const std::string_view other : {"seq", "map", "optional", "sparse_tensor", "opaque"})
      if (found == other && after_word() == '(') return error(format("values of type {} are not supported", other));
    const auto dtype = dtype_from_name(found);
    if (!dtype) return std::optional<std::pair<DType, Shape>>();
    word();
    TRY(Shape shape_found, shape());
    return std::optional(std::pair(*dtype, std::move(shape_found)));
  }
  char after_word() {
    const std::size_t start = at_;
    word();
    const char c = peek();
    at_ = start;
    return c;
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
      v.dtype = found->first;
      v.shape = std::move(found->second);
    }
    TRY(v.name, identifier());
    return v;
  }
  // Values up to `close`, some with a constant: those go to `constants`.
  Status values(char close, std::vector<DraftValue>& into, std::vector<DraftConstant>* constants, bool constants_are_values) {
    if (accept(close)) return Ok{};
    do {
      TRY(DraftValue v, value());
      const bool constant = peek() == '=' && !text_.substr(at_).starts_with("=>");
      if (constant) {
        if (!constants) return error("an output cannot have a value");
        accept('=');
        TRY(Tensor t, tensor(v.dtype, v.shape, v.name));
        constants->push_back({v.name, std::move(t)});
      }
      if (!constant || constants_are_values) into.push_back(std::move(v));
    } while (accept(','));
    return expect(close);
  }

  // --- tensors ---
  Result<Tensor> tensor(DType dtype, const Shape& shape, std::string_view name) {
    if (peek() == '[') return error(format("the values of '{}' are not in the text (large constants print as a hash); use the ONNX file", name));
    const auto dims = shape.concrete();
    if (dtype == DType::undefined || !dims) return error(format("constant '{}' needs a type with known dimensions, such as float[2]", name));
    TRY(const std::int64_t count, element_count(*dims));
    CHECK_OK(expect('{'));
    TRY(Tensor t, elements(dtype, *dims, count));
    CHECK_OK(expect('}'));
    return t;
  }
  Result<Tensor> elements(DType dtype, const Dims& dims, std::int64_t count) {
    switch (dtype) {
      case DType::string: {
        std::vector<std::string> strings;
        CHECK_OK(each(count, [&]() -> Status {
          TRY(strings.emplace_back(), string());
          return Ok{};
        }));
        return Tensor::strings(dims, std::move(strings));
      }
      case DType::f32: return plain<float>(dtype, dims, count);
      case DType::f64: return plain<double>(dtype, dims, count);
      case DType::c64: return plain<float>(dtype, dims, 2 * count);
      case DType::c128: return plain<double>(dtype, dims, 2 * count);
      case DType::i64: return plain<std::int64_t>(dtype, dims, count);
      case DType::u64: return plain<std::uint64_t>(dtype, dims, count);
      case DType::i32: return plain<std::int32_t>(dtype, dims, count);
      case DType::u32: return plain<std::uint32_t>(dtype, dims, count);
      case DType::i16: return plain<std::int16_t>(dtype, dims, count);
      case DType::u16: return plain<std::uint16_t>(dtype, dims, count);
      case DType::i8: return plain<std::int8_t>(dtype, dims, count);
      case DType::u8: return plain<std::uint8_t>(dtype, dims, count);
      case DType::f16: case DType::bf16: return halves(dtype, dims, count);
      default: return codes(dtype, dims, count);
    }
  }
  template <class F> Status each(std::int64_t count, const F& read_one) {
    std::int64_t read = 0;
    if (peek() != '}') {
      do {
        if (read++ == count) return error(format("more than the {} elements of the type", count));
        CHECK_OK(read_one());
      } while (accept(','));
    }
    if (read != count) return error(format("{} elements, the type has {}", read, count));
    return Ok{};
  }
  template <class T> Result<Tensor> plain(DType dtype, const Dims& dims, std::int64_t count) {
    std::vector<T> numbers;
    CHECK_OK(each(count, [&]() -> Status {
      TRY(numbers.emplace_back(), number_as<T>(name(dtype)));
      return Ok{};
    }));
    return from(dtype, dims, std::as_bytes(std::span(numbers)));
  }
  static Tensor from(DType dtype, const Dims& dims, Bytes bytes) {
    Tensor t = Tensor::allocate(dtype, dims);
    assert(t.bytes().size() == bytes.size());
    if (!bytes.empty()) std::memcpy(t.writable(), bytes.data(), bytes.size());
    return t;
  }
  Result<Tensor> halves(DType dtype, const Dims& dims, std::int64_t count) {
    std::vector<std::uint16_t> numbers;
    CHECK_OK(each(count, [&]() -> Status {
      TRY(const float f, number_as<float>(name(dtype)));
      numbers.push_back(dtype == DType::f16 ? float_to_half(f) : float_to_bfloat(f));
      return Ok{};
    }));
    return from(dtype, dims, std::as_bytes(std::span(numbers)));
  }
  // bool, and everything of 8 bits or fewer that is not int8 or uint8; packed below 8 bits, the first element in the low bits.
  Result<Tensor> codes(DType dtype, const Dims& dims, std::int64_t count) {
    std::vector<std::uint8_t> numbers;
    CHECK_OK(each(count, [&]() -> Status {
      TRY(numbers.emplace_back(), code(dtype));
      return Ok{};
    }));
    const int width = bits(dtype), per_byte = 8 / width;
    Tensor t = Tensor::allocate(dtype, dims);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      t.writable()[i / static_cast<std::size_t>(per_byte)] |= std::byte(numbers[i] << (static_cast<int>(i) % per_byte * width));
    return t;
  }
  Result<std::uint8_t> code(DType dtype) {
    skip();
    const std::size_t start = at_;
    if (is_float(dtype)) {
      TRY(const float f, number_as<float>(name(dtype)));
      if (const auto found = small_float_bits(dtype, f)) return *found;
    } else if (dtype == DType::boolean && starts_id(peek())) {
      const std::string_view found = word();
      if (found == "true" || found == "false") return std::uint8_t{found == "true"};
    } else {
      TRY(const auto i, number_as<std::int64_t>(name(dtype)));
      const std::int64_t span = dtype == DType::boolean ? 2 : std::int64_t{1} << bits(dtype);
      const std::int64_t low = is_signed(dtype) ? -span / 2 : 0;
      if (i >= low && i < low + span) return static_cast<std::uint8_t>(i & (span - 1));
    }
    at_ = start;
    return error(format("expected a value of {}", name(dtype)));
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
    CHECK_OK(expect('{'));
    while (!accept('}')) {
      if (at_ >= text_.size()) return error("expected '}'");
      TRY(DraftNode n, node());
      g.nodes.push_back(std::move(n));
    }
    --depth_;
    return g;
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
    if (dot != std::string::npos) n.domain = full.substr(0, dot);
    if (n.domain == "ai.onnx") n.domain.clear();
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
      TRY(const std::string key, identifier());
      const auto same = [&](const DraftBody& b) { return b.attribute == key; };
      if (n.attributes.contains(key) || std::ranges::any_of(n.bodies, same)) return error(format("attribute '{}' is given twice", key));
      std::string kind;
      if (accept(':')) kind = word();
      CHECK_OK(expect('='));
      CHECK_OK(peek() == '[' ? attribute_list(n, key, kind) : attribute(n, key, kind));
    } while (accept(','));
    return expect('>');
  }
  using Scalar = std::variant<std::int64_t, float, std::string, Tensor, DraftGraph>;
  Result<Scalar> scalar() {
    const char c = peek();
    if (c == '@') return error("references to a function's attribute are not supported");
    if (c == '"') {
      const std::size_t start = at_;
      TRY(std::string s, string());
      if (peek() != '(') return Scalar(std::move(s));
      at_ = start;  // a graph whose name is quoted
    } else if (starts_id(c)) {
      const std::string_view first = peek_word();
      if (dtype_from_name(first)) return typed_tensor();
      if ((first == "inf" || first == "nan") && after_word() != '(') return float_scalar();
    } else {
      const std::size_t start = at_;
      TRY(const std::string_view digits, number());
      const bool is_real = digits.find_first_of(".eEn") != std::string_view::npos;
      at_ = start;
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
  Result<Scalar> typed_tensor() {
    TRY(auto type, maybe_type());
    if (peek() != '{' && peek() != '=' && peek() != '[') {
      TRY(const std::string ignored, identifier());
    }
    accept('=');
    TRY(Tensor t, tensor(type->first, type->second, "a tensor attribute"));
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
    static constexpr const char* kinds[] = {"ints", "floats", "strings", "tensors", "graphs"};
    return has(1) ? "floats" : kinds[items.front().index()];
  }
  template <class T> Status set_list(DraftNode& n, const std::string& key, std::vector<Scalar>& items) {
    std::vector<T> list;
    for (Scalar& s : items) {
      if (!std::holds_alternative<T>(s)) return error(format("list '{}' mixes kinds", key));
      list.push_back(std::move(std::get<T>(s)));
    }
    n.attributes.emplace(key, std::move(list));
    return Ok{};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<Model> parse_text(std::string_view text) { return Parser(text).model(); }

}  // namespace hone
