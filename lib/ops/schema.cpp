// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/schema.h"

#include <map>

#include "lib/base/closest.h"

namespace hone {
namespace {

std::string_view trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

// Calls f for each trimmed part of `text` between separators; separators inside brackets do not count.
template <class F>
void split(std::string_view text, char separator, F f) {
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size()) depth += (text[i] == '[' || text[i] == '{') - (text[i] == ']' || text[i] == '}');
    if (i < text.size() && (text[i] != separator || depth > 0)) continue;
    if (const auto part = trim(text.substr(start, i - start)); !part.empty()) f(part);
    start = i + 1;
  }
}

std::pair<std::string_view, std::string_view> cut(std::string_view text, char at) {
  const std::size_t i = text.find(at);
  if (i == std::string_view::npos) return {trim(text), {}};
  return {trim(text.substr(0, i)), trim(text.substr(i + 1))};
}

bool drop_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text = trim(text.substr(0, text.size() - suffix.size()));
  return true;
}

constexpr std::string_view kind_names[] = {"int", "float", "string", "ints", "floats", "strings", "tensor", "tensors", "graph", "graphs", "type"};

AttributeKind kind_of(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kind_names); ++i)
    if (kind_names[i] == text) return static_cast<AttributeKind>(i);
  assert(!"unknown attribute type in a schema");
  return AttributeKind::integer;
}

using Variables = std::map<std::string_view, DTypeSet>;

std::vector<Formal> parse_formals(std::string_view text, const Variables& variables) {
  std::vector<Formal> formals;
  split(text, ',', [&](std::string_view part) {
    auto [name, type] = cut(part, ':');
    Formal f;
    for (bool more = true; more;) {
      more = false;
      if (drop_suffix(name, "...")) f.variadic = more = true;
      if (drop_suffix(name, "?")) f.optional = more = true;
    }
    f.name = name;
    if (const auto it = variables.find(type); it != variables.end()) {
      f.variable = it->first;
      f.allowed = it->second;
    } else {
      f.allowed = dtypes_of(type);
    }
    formals.push_back(f);
  });
  return formals;
}

Schema parse_schema(const Op& op) {
  Variables variables;
  split(op.types, ';', [&](std::string_view part) {
    const auto [name, words] = cut(part, ':');
    variables[name] = dtypes_of(words);
  });
  Schema s{parse_formals(op.inputs, variables), parse_formals(op.outputs, variables), {}};
  split(op.attributes, ',', [&](std::string_view part) {
    auto [name, rest] = cut(part, ':');
    const auto [type, fallback] = cut(rest, '=');
    const bool required = drop_suffix(name, "!");
    drop_suffix(name, "?");
    s.attributes.push_back({name, kind_of(type), required, fallback});
  });
  return s;
}

const Formal* formal_at(const std::vector<Formal>& formals, std::size_t i) {
  if (i < formals.size()) return &formals[i];
  return !formals.empty() && formals.back().variadic ? &formals.back() : nullptr;
}

std::string names_of(const std::vector<Formal>& formals) {
  std::string text;
  for (const Formal& f : formals)
    text += format("{}{}{}{}", text.empty() ? "" : ", ", f.name, f.variadic ? "..." : "", f.optional ? "?" : "");
  return text;
}

void check_attributes(const Node& node, const Schema& schema, std::vector<Problem>& problems) {
  for (const auto& [name, value] : node.attributes) {
    const FormalAttribute* formal = schema.find(name);
    if (!formal) {
      std::vector<std::string> known;
      for (const FormalAttribute& a : schema.attributes) known.emplace_back(a.name);
      const std::string meant = closest(name, known);
      problems.push_back(
          {describe(node), format("has no attribute '{}'", name), meant.empty() ? "remove it" : format("did you mean '{}'?", meant)});
    } else if (value.index() != static_cast<std::size_t>(formal->kind)) {
      problems.push_back({describe(node),
                          format("attribute '{}' is of type {}, expected {}", name, kind_names[value.index()], hone::name(formal->kind)),
                          ""});
    }
  }
  for (const FormalAttribute& a : schema.attributes)
    if (a.required && !node.attributes.contains(a.name))
      problems.push_back({describe(node), format("needs the attribute '{}' ({})", a.name, hone::name(a.kind)), ""});
}

}  // namespace

std::string_view name(AttributeKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

DTypeSet dtypes_of(std::string_view words) {
  constexpr DTypeSet floats = set_of(DType::f16) | set_of(DType::bf16) | set_of(DType::f32) | set_of(DType::f64);
  constexpr DTypeSet integers = set_of(DType::i8) | set_of(DType::i16) | set_of(DType::i32) | set_of(DType::i64) | set_of(DType::u8) |
                                set_of(DType::u16) | set_of(DType::u32) | set_of(DType::u64);
  constexpr DTypeSet float8 = set_of(DType::f8e4m3fn) | set_of(DType::f8e4m3fnuz) | set_of(DType::f8e5m2) | set_of(DType::f8e5m2fnuz);
  constexpr DTypeSet held = set_of(DType::sequence) | set_of(DType::optional) | set_of(DType::map);
  DTypeSet set = 0;
  split(words, ' ', [&](std::string_view word) {
    if (word == "floats")
      set |= floats;
    else if (word == "integers")
      set |= integers;
    else if (word == "numeric")
      set |= floats | integers;
    else if (word == "float8")
      set |= float8;
    else if (word == "all")
      set |= ~(set_of(DType::undefined) | held);
    else if (word == "any")
      set |= ~set_of(DType::undefined);
    else if (word == "seq")
      set |= set_of(DType::sequence);
    else if (word == "optional")
      set |= set_of(DType::optional);
    else if (word == "map")
      set |= set_of(DType::map);
    else {
      const auto dtype = dtype_from_name(word);
      assert(dtype && "unknown type in a schema");
      if (dtype) set |= set_of(*dtype);
    }
  });
  return set;
}

std::string to_string(DTypeSet set) {
  std::string text;
  for (int i = 1; i <= static_cast<int>(DType::map); ++i)
    if ((set & (DTypeSet{1} << i)) && name(static_cast<DType>(i)) != "undefined") text += format("{}{}", text.empty() ? "" : ", ", name(static_cast<DType>(i)));
  return text;
}

const Formal* Schema::input(std::size_t i) const { return formal_at(inputs, i); }
const Formal* Schema::output(std::size_t i) const { return formal_at(outputs, i); }

const FormalAttribute* Schema::find(std::string_view attribute) const {
  for (const FormalAttribute& a : attributes)
    if (a.name == attribute) return &a;
  return nullptr;
}

std::size_t Schema::min_inputs() const {
  std::size_t n = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].optional) n = i + 1;
  return n;
}

const Schema& schema_of(const Op& op) {
  static const std::map<const Op*, Schema> schemas = [] {
    std::map<const Op*, Schema> all;
    for (const Op* row : all_ops()) all.emplace(row, parse_schema(*row));
    return all;
  }();
  const auto it = schemas.find(&op);
  assert(it != schemas.end());
  return it->second;
}

void check_form(const Node& node, std::vector<Problem>& problems) {
  const Schema& schema = schema_of(*node.schema);
  if (!node.inputs.empty() && !schema.input(node.inputs.size() - 1))
    problems.push_back({describe(node),
                        format("has {} inputs, expected at most {}: {}", node.inputs.size(), schema.inputs.size(), names_of(schema.inputs)),
                        ""});
  for (std::size_t i = 0; i < std::max(node.inputs.size(), schema.inputs.size()); ++i) {
    const Formal* f = schema.input(i);
    if (!f || node.input(i)) continue;
    if (f->variadic && i < node.inputs.size())
      problems.push_back({describe(node), format("input {} (of '{}') is left out", i, f->name), ""});
    else if (!f->optional)
      problems.push_back({describe(node), format("lacks input {} ('{}'); its inputs are: {}", i, f->name, names_of(schema.inputs)), ""});
  }
  if (node.outputs.empty()) problems.push_back({describe(node), format("has no outputs, expected: {}", names_of(schema.outputs)), "remove it"});
  if (!node.outputs.empty() && !schema.output(node.outputs.size() - 1))
    problems.push_back(
        {describe(node),
         format("has {} outputs, expected at most {}: {}", node.outputs.size(), schema.outputs.size(), names_of(schema.outputs)), ""});
  check_attributes(node, schema, problems);
}

void check_types(const Node& node, std::span<const DType> inputs, std::vector<Problem>& problems) {
  const Schema& schema = schema_of(*node.schema);
  struct Bound {
    std::string_view variable;
    DType dtype;
    std::string_view input;
  };
  std::vector<Bound> bound;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Formal* f = schema.input(i);
    if (!f || inputs[i] == DType::undefined) continue;
    if (!(f->allowed & set_of(inputs[i]))) {
      problems.push_back({describe(node), format("input {} ('{}') is {}, which {} does not take", i, f->name, name(inputs[i]), node.op),
                          format("it takes {}: put a Cast before it", to_string(f->allowed))});
      continue;
    }
    if (f->variable.empty()) continue;
    const auto it = std::ranges::find(bound, f->variable, &Bound::variable);
    if (it == bound.end())
      bound.push_back({f->variable, inputs[i], f->name});
    else if (it->dtype != inputs[i])
      problems.push_back({describe(node),
                          format("input {} ('{}') is {} but '{}' is {}", i, f->name, name(inputs[i]), it->input, name(it->dtype)),
                          "both must have the same type: put a Cast before one"});
  }
}

Status check_node(const Node& node, std::span<const DType> inputs) {
  std::vector<Problem> problems;
  check_form(node, problems);
  if (problems.empty()) check_types(node, inputs, problems);
  if (problems.empty()) return Ok{};
  const Problem& p = problems.front();
  return p.remedy.empty() ? invalid("{}", p.what) : invalid("{}; {}", p.what, p.remedy);
}

}  // namespace hone
