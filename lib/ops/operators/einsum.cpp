// SPDX-License-Identifier: Apache-2.0
// Sums of products by Einstein's convention: "bij,bjk->bik". A letter repeated within a term takes the diagonal; "..." stands for axes that
// broadcast; without "->" the output has the letters that appear once, in alphabetical order.
#include <map>

#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

// Labels are letters; the axes of an ellipsis, counted from the last one, are labelled 0, 1, ...
using Term = std::vector<int>;
namespace {
struct Equation {
  std::vector<Term> inputs;
  Term output;
};
}  // namespace

static bool is_letter(char ch) { return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z'); }

// One term for an operand of `rank` axes; no rank: the output, whose ellipsis has `hidden` axes.
static Result<Term> parse_term(std::string_view text, std::optional<std::size_t> rank, std::size_t& hidden) {
  const std::size_t dots = text.find("...");
  const std::size_t letters = text.size() - (dots == text.npos ? 0 : 3);
  if (rank && (dots == text.npos ? letters != *rank : letters > *rank))
    return invalid("term '{}' has {} letters but its input has {} axes", text, letters, *rank);
  const std::size_t here = dots == text.npos ? 0 : rank ? *rank - letters : hidden;
  hidden = std::max(hidden, here);
  Term term;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == dots) {
      for (std::size_t k = here; k-- > 0;) term.push_back(static_cast<int>(k));
      i += 2;
    } else if (is_letter(text[i])) {
      term.push_back(text[i]);
    } else {
      return invalid("equation has '{}' in term '{}', expected letters and '...'", text[i], text);
    }
  }
  return term;
}

static Result<Equation> parse(const Node& node, std::span<const std::size_t> ranks) {
  std::string text;
  for (const char ch : node.text("equation"))
    if (ch != ' ') text += ch;
  const std::size_t arrow = text.find("->");
  Equation e;
  std::size_t hidden = 0;
  std::string_view rest = std::string_view(text).substr(0, arrow);
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    more = comma != rest.npos;
    if (e.inputs.size() == ranks.size()) return invalid("equation '{}' has more terms than the {} inputs", text, ranks.size());
    TRY(Term term, parse_term(rest.substr(0, comma), ranks[e.inputs.size()], hidden));
    e.inputs.push_back(std::move(term));
    if (more) rest.remove_prefix(comma + 1);
  }
  if (e.inputs.size() != ranks.size()) return invalid("equation '{}' has {} terms for {} inputs", text, e.inputs.size(), ranks.size());
  if (arrow != text.npos) {
    TRY(e.output, parse_term(std::string_view(text).substr(arrow + 2), std::nullopt, hidden));
    return e;
  }
  std::map<int, int> seen;
  for (const Term& term : e.inputs)
    for (const int label : term) ++seen[label];
  for (std::size_t k = hidden; k-- > 0;) e.output.push_back(static_cast<int>(k));
  for (const auto& [label, times] : seen)
    if (times == 1 && label >= 'A') e.output.push_back(label);
  return e;
}

// The size of every label. Axes of an ellipsis broadcast, and so do those of a letter in different terms, as in numpy and its kin.
static Result<std::map<int, Dim>> sizes_of(const Equation& e, std::span<const Shape> shapes) {
  std::map<int, Dim> sizes;
  for (std::size_t k = 0; k < shapes.size(); ++k)
    for (std::size_t i = 0; i < shapes[k].rank(); ++i) {
      const int label = e.inputs[k][i];
      Dim d = shapes[k].dims[i];
      for (std::size_t j = 0; j < i; ++j)  // but a diagonal has one size
        if (e.inputs[k][j] == label) {
          TRY(d, unify(shapes[k].dims[j], d).in(format("letter '{}'", static_cast<char>(label))));
        }
      const auto [at, fresh] = sizes.emplace(label, d);
      if (fresh) continue;
      if (label < 'A' || d.value == 1 || at->second.value == 1) {
        TRY(const Shape both, broadcast(Shape{at->second}, Shape{d}));
        at->second = both.dims[0];
      } else {
        TRY(at->second, unify(at->second, d).in(format("letter '{}'", static_cast<char>(label))));
      }
    }
  for (const int label : e.output)
    if (!sizes.contains(label)) return invalid("the output of equation names '{}', which no input has", static_cast<char>(label));
  return sizes;
}

static Status infer(InferCall& c) {
  std::vector<std::size_t> ranks;
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    CHECK_OK(same_dtype(c, 0, i));
    if (!c.shape(i).ranked) {
      c.set(0, c.dtype(0), Shape());
      return Ok{};
    }
    ranks.push_back(c.shape(i).rank());
    shapes.push_back(c.shape(i));
  }
  TRY(const Equation e, parse(c.node, ranks));
  TRY(const auto sizes, sizes_of(e, shapes));
  Shape y{std::vector<Dim>()};
  for (const int label : e.output) y.dims.push_back(sizes.at(label));
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

// A position in the space of some labels, and where each operand is there.
namespace {
struct Odometer {
  Dims dims, index;
  std::vector<Dims> strides;  // [axis][operand]
  bool next(Dims& at) {
    for (std::size_t a = dims.size(); a-- > 0;) {
      for (std::size_t k = 0; k < at.size(); ++k) at[k] += strides[a][k];
      if (++index[a] < dims[a]) return true;
      for (std::size_t k = 0; k < at.size(); ++k) at[k] -= strides[a][k] * dims[a];
      index[a] = 0;
    }
    return false;
  }
};
}  // namespace

static Odometer odometer(const Equation& e, const std::map<int, Dim>& sizes, std::span<const Shape> shapes, const Term& labels) {
  Odometer o;
  for (const int label : labels) {
    Dims strides(shapes.size(), 0);
    for (std::size_t k = 0; k < shapes.size(); ++k) {
      const Dims own = strides_of(*shapes[k].concrete());
      for (std::size_t i = 0; i < own.size(); ++i)
        if (e.inputs[k][i] == label && (shapes[k].dims[i].value != 1 || sizes.at(label).value == 1)) strides[k] += own[i];
    }
    o.dims.push_back(sizes.at(label).value);
    o.strides.push_back(std::move(strides));
  }
  o.index.assign(o.dims.size(), 0);
  return o;
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  std::vector<std::size_t> ranks;
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    ranks.push_back(c.in(i).rank());
    shapes.push_back(Shape::of(c.in(i).dims()));
  }
  TRY(const Equation e, parse(c.node, ranks));
  TRY(const auto sizes, sizes_of(e, shapes));
  Term summed;
  for (const auto& [label, size] : sizes)
    if (std::ranges::find(e.output, label) == e.output.end()) summed.push_back(label);
  Odometer outer = odometer(e, sizes, shapes, e.output), inner = odometer(e, sizes, shapes, summed);
  const bool empty = count_of(inner.dims) == 0;
  return dispatch_wide(y->dtype(), [&]<class A>(Type<A>) {
    std::vector<ReadAs<A>> in;
    for (std::size_t k = 0; k < c.inputs(); ++k) in.emplace_back(c.in(k));
    WriteAs<A> out(*y);
    Dims at(c.inputs(), 0);
    for (std::int64_t i = 0; i < y->count() && !empty; ++i, outer.next(at)) {
      Dims here = at;
      A sum = 0;
      do {
        A product = 1;
        for (std::size_t k = 0; k < in.size(); ++k) product *= in[k][here[k]];
        sum += product;
      } while (inner.next(here));
      out[i] = sum;
    }
  });
}
extern const Op einsum_op{.name = "Einsum",
                          .since = 12,
                          .inputs = "Inputs...: T",
                          .outputs = "Output: T",
                          .attributes = "equation!: string",
                          .types = "T: numeric",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
