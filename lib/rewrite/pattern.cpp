// SPDX-License-Identifier: Apache-2.0
#include "lib/rewrite/pattern.h"

#include <algorithm>
#include <charconv>

namespace hone {
namespace {

using Literal = decltype(PatternAttribute::value);

class PatternParser {
 public:
  explicit PatternParser(std::string_view text) : rest_(text) {}

  Result<Pattern> parse() {
    Pattern pattern;
    for (skip(true); !rest_.empty(); skip(true)) {
      auto line = node();
      if (!line) return std::move(line).error().in(format("pattern line {}", pattern.nodes.size() + 1));
      pattern.nodes.push_back(std::move(line).value());
    }
    CHECK_OK(check(pattern));
    return pattern;
  }

  Result<Literal> literal() {
    skip();
    if (eat("[")) {
      std::vector<std::int64_t> list;
      while (!eat("]")) {
        TRY(const auto n, number());
        if (!std::holds_alternative<std::int64_t>(n)) return usage_error("a list holds integers only");
        list.push_back(std::get<std::int64_t>(n));
        eat(",");
        if (rest_.empty()) return usage_error("']' is missing");
      }
      return Literal(std::move(list));
    }
    if (!eat("\"")) return number();
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos) return usage_error("a closing '\"' is missing");
    const Literal text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool done() { return skip(), rest_.empty(); }

 private:
  Result<PatternNode> node() {
    PatternNode n;
    do {
      TRY(const auto name, word("a value's name"));
      n.outputs.push_back(name);
    } while (eat(","));
    CHECK_OK(expect("="));
    do {
      TRY(const auto name, word("an operator"));
      n.ops.push_back(name);
    } while (eat("|"));
    if (eat("<")) {
      while (!eat(">")) {
        TRY(const auto name, word("an attribute's name"));
        CHECK_OK(expect("="));
        TRY(auto value, literal());
        n.attributes.push_back({name, std::move(value)});
        eat(",");
      }
    }
    CHECK_OK(expect("("));
    while (!eat(")")) {
      PatternInput input;
      TRY(input.name, word("an input's name or ')'"));
      input.constant = input.name == "const";
      if (input.constant) {
        TRY(input.name, word("the name of a constant"));
      }
      input.optional = eat("?");
      n.inputs.push_back(input);
      if (!eat(",") && !rest_.starts_with(")")) return usage_error("expected ',' or ')' at '{}'", rest_.substr(0, 12));
    }
    return n;
  }

  static Status check(const Pattern& pattern) {
    if (pattern.nodes.empty()) return usage_error("the pattern has no line");
    for (std::size_t i = 0; i < pattern.nodes.size(); ++i) {
      for (const std::string_view out : pattern.nodes[i].outputs)
        if (pattern.maker(out) != &pattern.nodes[i]) return usage_error("pattern line {}: '{}' is made twice", i + 1, out);
      for (const PatternInput& in : pattern.nodes[i].inputs) {
        const PatternNode* maker = pattern.maker(in.name);
        if (maker && maker >= &pattern.nodes[i]) return usage_error("pattern line {}: '{}' is used before it is made", i + 1, in.name);
        if (maker && (in.constant || in.optional)) return usage_error("pattern line {}: '{}' is made by a line: neither const nor optional", i + 1, in.name);
      }
      const auto used = [&](std::string_view out) {
        return std::any_of(pattern.nodes.begin() + static_cast<std::ptrdiff_t>(i) + 1, pattern.nodes.end(),
                           [&](const PatternNode& later) { return std::ranges::find(later.inputs, out, &PatternInput::name) != later.inputs.end(); });
      };
      if (i + 1 < pattern.nodes.size() && std::ranges::none_of(pattern.nodes[i].outputs, used))
        return usage_error("pattern line {}: no later line uses '{}'", i + 1, pattern.nodes[i].outputs[0]);
    }
    return Ok{};
  }

  void skip(bool lines = false) {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || (lines && rest_[0] == '\n')))
      rest_.remove_prefix(1);
  }
  bool eat(std::string_view token) {
    skip();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    skip();
    return true;
  }
  Status expect(std::string_view token) {
    if (eat(token)) return Ok{};
    return usage_error("expected '{}' at '{}'", token, rest_.substr(0, 12));
  }
  Result<std::string_view> word(std::string_view what) {
    skip();
    const auto inside = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; };
    const std::size_t n = static_cast<std::size_t>(std::ranges::find_if_not(rest_, inside) - rest_.begin());
    if (n == 0) return usage_error("expected {} at '{}'", what, rest_.substr(0, 12));
    const std::string_view w = rest_.substr(0, n);
    rest_.remove_prefix(n);
    skip();
    return w;
  }
  Result<Literal> number() {
    skip();
    const std::size_t n = std::min(rest_.find_first_not_of("+-.0123456789eE"), rest_.size());
    const char *first = rest_.data(), *last = first + n;
    Literal value;
    std::int64_t i = 0;
    float f = 0;
    if (const auto [end, code] = std::from_chars(first, last, i); n > 0 && code == std::errc() && end == last) value = i;
    else if (const auto [stop, wrong] = std::from_chars(first, last, f); n > 0 && wrong == std::errc() && stop == last) value = f;
    else return usage_error("expected a number, a string or a list at '{}'", rest_.substr(0, 12));
    rest_.remove_prefix(n);
    skip();
    return value;
  }

  std::string_view rest_;
};

}  // namespace

const PatternNode* Pattern::maker(std::string_view value) const {
  for (const PatternNode& n : nodes)
    if (std::ranges::find(n.outputs, value) != n.outputs.end()) return &n;
  return nullptr;
}

Result<Pattern> parse_pattern(std::string_view text) { return PatternParser(text).parse(); }

Result<Literal> parse_literal(std::string_view text) {
  PatternParser parser(text);
  TRY(auto value, parser.literal());
  if (!parser.done()) return usage_error("'{}' is not one value", text);
  return value;
}

}  // namespace hone
