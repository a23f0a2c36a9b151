// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/dim_math.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "lib/base/bytes.h"

namespace hone {
namespace {

constexpr std::size_t longest = 256;  // characters of a symbol
constexpr int deepest = 16;           // parentheses

// Product of atoms, sorted -> coefficient; the empty product is the constant. No coefficient is 0.
using Product = std::vector<std::string>;
using Sum = std::map<Product, std::int64_t>;
using Maybe = std::optional<Sum>;

bool add_term(Sum& s, const Product& p, std::int64_t coefficient) {
  const auto it = s.find(p);
  const auto total = checked_add(it == s.end() ? 0 : it->second, coefficient);
  if (!total) return false;
  if (*total == 0) {
    if (it != s.end()) s.erase(it);
  } else {
    s[p] = *total;
  }
  return true;
}

Maybe add(Sum a, const Sum& b, std::int64_t factor) {
  for (const auto& [p, c] : b) {
    const auto scaled = checked_mul(c, factor);
    if (!scaled || !add_term(a, p, *scaled)) return std::nullopt;
  }
  return a;
}

Maybe multiply(const Sum& a, const Sum& b) {
  Sum out;
  for (const auto& [p, c] : a)
    for (const auto& [q, d] : b) {
      Product both;
      std::ranges::merge(p, q, std::back_inserter(both));
      const auto coefficient = checked_mul(c, d);
      if (!coefficient || !add_term(out, both, *coefficient)) return std::nullopt;
    }
  return out;
}

std::optional<std::int64_t> constant_of(const Sum& s) {
  if (s.empty()) return 0;
  return s.size() == 1 && s.begin()->first.empty() ? std::optional(s.begin()->second) : std::nullopt;
}

// What "floor(sum/number)", "min(sum, sum)" or "max(sum, sum)" is made of; nothing for a plain name.
struct Call {
  std::string_view name, left, right;
};
std::optional<Call> call_of(std::string_view atom) {
  const std::size_t open = atom.find('(');
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view name = atom.substr(0, open), inside = atom.substr(open + 1, atom.size() - open - 2);
  int depth = 0;
  for (std::size_t i = inside.size(); i-- > 0;) {
    depth += inside[i] == ')' ? 1 : inside[i] == '(' ? -1 : 0;
    if (depth == 0 && inside[i] == (name == "floor" ? '/' : ',')) return Call{name, inside.substr(0, i), inside.substr(i + 1)};
  }
  return std::nullopt;
}

Maybe read(std::string_view);

// Names are sizes.
bool not_negative(const Sum& s) {
  const auto atom = [](std::string_view text) {
    const auto call = call_of(text);
    if (!call) return true;
    const auto half = [](std::string_view part) {
      const Maybe sum = read(part);
      return sum && not_negative(*sum);
    };
    return call->name == "max" ? half(call->left) || half(call->right) : half(call->left) && half(call->right);
  };
  return std::ranges::all_of(s, [&](const auto& term) { return term.second > 0 && std::ranges::all_of(term.first, atom); });
}

std::string text_of(const Sum& s) {
  std::string out;
  const auto put = [&](const Product& p, std::int64_t c) {
    if (out.empty())
      out = c < 0 ? "-" : "";
    else
      out += c < 0 ? " - " : " + ";
    const std::uint64_t size = c < 0 ? 0 - static_cast<std::uint64_t>(c) : static_cast<std::uint64_t>(c);
    if (size != 1 || p.empty()) out += fmt::to_string(size) + (p.empty() ? "" : "*");
    out += fmt::to_string(fmt::join(p, "*"));
  };
  for (const bool positive : {true, false})  // what is added first, the constant last
    for (const auto& [p, c] : s)
      if (!p.empty() && (c > 0) == positive) put(p, c);
  if (const auto it = s.find({}); it != s.end() || s.empty()) put({}, s.empty() ? 0 : it->second);
  return out;
}

std::int64_t floor_of(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

// floor(a / b) for b > 0: what divides leaves the floor, and the constant within it is reduced to [0, b).
Maybe floor_sum(const Sum& a, std::int64_t b) {
  if (b == 1) return a;
  Sum whole, rest;
  for (const auto& [p, c] : a) {
    if (p.empty()) {
      const std::int64_t quotient = floor_of(c, b);
      if (quotient) whole[p] = quotient;
      if (c - quotient * b) rest[p] = c - quotient * b;
    } else if (c % b == 0) {
      whole[p] = c / b;
    } else {
      rest[p] = c;
    }
  }
  if (constant_of(rest)) return whole;  // in [0, b)
  // A floor in a floor: floor((floor(x/k) + c)/b) = floor((x + c*k)/(b*k)).
  const auto& [inner, coefficient] = *rest.rbegin();
  const std::int64_t constant = rest.contains({}) ? rest[{}] : 0;
  if (rest.size() == (constant ? 2u : 1u) && coefficient == 1 && inner.size() == 1) {
    if (const auto call = call_of(inner[0]); call && call->name == "floor") {
      const Maybe x = read(call->left), k = read(call->right);
      const std::int64_t inner_divisor = k ? constant_of(*k).value_or(0) : 0;
      const std::int64_t divisor = checked_mul(inner_divisor, b).value_or(0),
                         shift = checked_mul(constant, inner_divisor).value_or(INT64_MIN);
      const bool fits = x && divisor > 0 && shift != INT64_MIN;
      const Maybe merged = fits ? add(*x, Sum{{{}, shift}}, shift != 0) : std::nullopt;
      const Maybe floored = merged ? floor_sum(*merged, divisor) : std::nullopt;
      return floored ? add(whole, *floored, 1) : std::nullopt;
    }
  }
  const bool single = rest.size() == 1;
  const std::string text = text_of(rest);
  if (text.size() > longest || !add_term(whole, {single ? format("floor({}/{})", text, b) : format("floor(({})/{})", text, b)}, 1))
    return std::nullopt;
  return whole;
}

Maybe extreme(const Sum& a, const Sum& b, bool largest) {
  const Maybe difference = add(a, b, -1);
  if (!difference) return std::nullopt;
  if (not_negative(*difference)) return largest ? a : b;
  const Maybe opposite = add(b, a, -1);
  if (opposite && not_negative(*opposite)) return largest ? b : a;
  std::string x = text_of(a), y = text_of(b);
  if (y < x) std::swap(x, y);
  return Sum{{{format("{}({}, {})", largest ? "max" : "min", x, y)}, 1}};
}

// Reads the grammar of the header. Every failure is nullopt.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  Maybe all() {
    const Maybe s = sum();
    return at_ == text_.size() ? s : std::nullopt;
  }

 private:
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) { return peek() == c && (++at_, true); }

  Maybe sum() {
    if (++depth_ > deepest) return std::nullopt;
    Maybe total = Sum{};
    for (std::int64_t sign = accept('-') ? -1 : 1; total;) {
      const Maybe t = product();
      total = t ? add(std::move(*total), *t, sign) : std::nullopt;
      if (accept('+'))
        sign = 1;
      else if (accept('-'))
        sign = -1;
      else
        break;
    }
    --depth_;
    return total;
  }
  Maybe product() {
    Maybe total = factor();
    while (total && accept('*')) {
      const Maybe f = factor();
      total = f ? multiply(*total, *f) : std::nullopt;
    }
    return total;
  }
  std::optional<std::int64_t> number() {
    peek();
    std::int64_t n = 0;
    const auto [end, code] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), n);
    if (code != std::errc() || n < 0) return std::nullopt;
    at_ = static_cast<std::size_t>(end - text_.data());
    return n;
  }
  Maybe factor() {
    const char c = peek();
    if (c >= '0' && c <= '9') {
      const auto n = number();
      if (!n) return std::nullopt;
      return *n ? Sum{{{}, *n}} : Sum{};
    }
    if (accept('(')) {
      const Maybe s = sum();
      return accept(')') ? s : std::nullopt;
    }
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    const std::string name(text_.substr(start, at_ - start));
    if (name.empty()) return std::nullopt;
    const bool call = at_ < text_.size() && text_[at_] == '(' && (name == "floor" || name == "min" || name == "max");
    if (!call) return Sum{{{name}, 1}};
    ++at_;
    const Maybe a = sum();
    if (!a) return std::nullopt;
    if (name == "floor") {
      if (!accept('/')) return std::nullopt;
      const auto b = number();
      return b && *b > 0 && accept(')') ? floor_sum(*a, *b) : std::nullopt;
    }
    const Maybe b = accept(',') ? sum() : std::nullopt;
    return b && accept(')') ? extreme(*a, *b, name == "max") : std::nullopt;
  }
  static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '?';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Maybe read(std::string_view text) { return Reader(text).all(); }

Maybe sum_of(const Dim& d) {
  if (d.known()) return d.value ? Sum{{{}, d.value}} : Sum{};
  if (d.symbol.empty()) return std::nullopt;
  return read(d.symbol);
}

Dim dim_of(const Maybe& s) {
  if (!s) return Dim();
  if (const auto n = constant_of(*s)) return *n < 0 ? Dim() : Dim(*n);
  std::string text = text_of(*s);
  return text.size() > longest ? Dim() : Dim(std::move(text));
}

template <class F>
Dim both(const Dim& a, const Dim& b, const F& f) {
  const Maybe x = sum_of(a), y = sum_of(b);
  return x && y ? dim_of(f(*x, *y)) : Dim();
}

// a / b when every product of a holds the one of b.
Maybe divide_exactly(const Sum& a, const Sum& b) {
  if (b.size() != 1) {  // a multiple of the very sum
    if (b.empty() || a.size() != b.size()) return std::nullopt;
    const std::int64_t factor = a.begin()->second / b.begin()->second;
    const Maybe rest = add(a, b, -factor);
    return rest && rest->empty() ? Maybe(Sum{{{}, factor}}) : std::nullopt;
  }
  const auto& [divisor, coefficient] = *b.begin();
  if (coefficient <= 0) return std::nullopt;
  Sum out;
  for (const auto& [p, c] : a) {
    Product quotient;
    std::ranges::set_difference(p, divisor, std::back_inserter(quotient));
    if (quotient.size() + divisor.size() != p.size()) return std::nullopt;
    out[quotient] = c;
  }
  return floor_sum(out, coefficient);
}

}  // namespace

// Numbers, which is all that an executor sees, take the short way.
Dim operator+(const Dim& a, const Dim& b) {
  if (a.known() && b.known()) return Dim(checked_add(a.value, b.value).value_or(-1));
  return both(a, b, [](const Sum& x, const Sum& y) { return add(x, y, 1); });
}

Dim operator-(const Dim& a, const Dim& b) {
  if (a.same(b)) return Dim(0);
  if (a.known() && b.known()) return Dim(std::max<std::int64_t>(a.value - b.value, -1));
  return both(a, b, [](const Sum& x, const Sum& y) { return add(x, y, -1); });
}

Dim shift(const Dim& a, std::int64_t by) {
  if (by == INT64_MIN) return Dim();
  return by < 0 ? a - Dim(-by) : a + Dim(by);
}

Dim operator*(const Dim& a, const Dim& b) {
  if (a == Dim(1)) return b;
  if (b == Dim(1)) return a;
  if (a.known() && b.known()) return Dim(checked_mul(a.value, b.value).value_or(-1));
  return both(a, b, multiply);
}

Dim floor_div(const Dim& a, const Dim& b) {
  if (b == Dim(1)) return a;
  if (a.known() && b.known()) return b.value == 0 ? Dim() : Dim(a.value / b.value);
  if (b.known()) return b.value == 0 ? Dim() : both(a, b, [&](const Sum& x, const Sum&) { return floor_sum(x, b.value); });
  if (a.same(b)) return Dim(1);
  return both(a, b, divide_exactly);
}

Dim ceil_div(const Dim& a, std::int64_t b) { return floor_div(a + Dim(b - 1), Dim(b)); }

Dim min(const Dim& a, const Dim& b) {
  if (a.same(b)) return a;
  if (a.known() && b.known()) return Dim(std::min(a.value, b.value));
  return both(a, b, [](const Sum& x, const Sum& y) { return extreme(x, y, false); });
}

Dim max(const Dim& a, const Dim& b) {
  if (a.same(b)) return a;
  if (a.known() && b.known()) return Dim(std::max(a.value, b.value));
  return both(a, b, [](const Sum& x, const Sum& y) { return extreme(x, y, true); });
}

bool certainly_not_negative(const Dim& a) {
  const Maybe s = sum_of(a);
  return s ? not_negative(*s) : !a.symbol.empty();
}

using Values = std::function<std::optional<std::int64_t>(std::string_view)>;

static std::optional<std::int64_t> evaluate(const Sum& s, const Values& value_of) {
  const auto atom = [&](const std::string& a) -> std::optional<std::int64_t> {
    const auto call = call_of(a);
    if (!call) return value_of(a);
    const Maybe left = read(call->left), right = read(call->right);
    if (!left || !right) return std::nullopt;
    const auto x = evaluate(*left, value_of), y = evaluate(*right, value_of);
    if (!x.has_value() || !y.has_value()) return std::nullopt;
    return call->name == "floor" ? floor_of(x.value(), y.value())
           : call->name == "max" ? std::max(x.value(), y.value())
                                 : std::min(x.value(), y.value());
  };
  std::int64_t total = 0;
  for (const auto& [p, c] : s) {
    std::optional<std::int64_t> term = c;
    for (const std::string& a : p) {
      const auto value = atom(a);
      term = term && value ? checked_mul(*term, *value) : std::nullopt;
    }
    const auto next = term ? checked_add(total, *term) : std::nullopt;
    if (!next) return std::nullopt;
    total = *next;
  }
  return total;
}

std::optional<std::int64_t> evaluate(const Dim& d, const Values& value_of) {
  if (const Maybe s = sum_of(d)) return evaluate(*s, value_of);
  return d.symbol.empty() ? std::nullopt : value_of(d.symbol);
}

}  // namespace hone
