// SPDX-License-Identifier: Apache-2.0
// Transposes in a row become one, or none; a Transpose moves past an element-wise node when another Transpose waits behind it.
//
//   t = Transpose <perm = [0, 2, 1]> (x)
//   y = Transpose <perm = [0, 2, 1]> (t)      =>     x
//   t = Transpose (x)  u = Relu (t)  y = Transpose (u)     =>     u = Relu (x)  y = Transpose <both> (u)
#include <algorithm>

#include "lib/rewrite/matcher.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

using Perm = std::vector<std::int64_t>;

// Absent means reversed, for which the rank must be known.
std::optional<Perm> perm_of(const Node* node) {
  if (const auto* p = node->find<Perm>("perm")) return *p;
  const Shape& shape = node->inputs[0]->shape;
  if (!shape.ranked) return std::nullopt;
  Perm reversed(shape.rank());
  for (std::size_t i = 0; i < reversed.size(); ++i) reversed[i] = static_cast<std::int64_t>(reversed.size() - 1 - i);
  return reversed;
}

// What transposing by `first` and then by `second` does.
std::optional<Perm> composed(const Node* first, const Node* second) {
  const auto a = perm_of(first), b = perm_of(second);
  if (!a || !b || a->size() != b->size()) return std::nullopt;
  const auto known = [&](std::int64_t i) { return i >= 0 && i < static_cast<std::int64_t>(a->size()); };  // of an unknown rank, nothing is checked yet
  if (!std::ranges::all_of(*a, known) || !std::ranges::all_of(*b, known)) return std::nullopt;
  Perm both;
  for (const std::int64_t i : *b) both.push_back((*a)[static_cast<std::size_t>(i)]);
  return both;
}
bool is_identity(const Perm& p) {
  for (std::size_t i = 0; i < p.size(); ++i)
    if (p[i] != static_cast<std::int64_t>(i)) return false;
  return true;
}

bool compose(const Match& m, Edit& edit) {
  Node* second = m.maker("y");
  const Node* first = m.value("t")->producer;  // other nodes may use t: it is only bypassed
  if (!first || !first->is("Transpose") || first->graph != second->graph) return false;
  const auto both = composed(first, second);
  if (!both) return false;
  if (is_identity(*both)) return edit.replace(m.value("y"), first->inputs[0]);
  edit.set_input(second, 0, first->inputs[0]);
  edit.set_attribute(second, "perm", *both);
  return true;
}

// u = Op (t) moves before the first Transpose, which then meets the second.
bool exchange(const Match& m, Edit& edit) {
  Node *first = m.maker("t"), *op = m.maker("u"), *second = m.maker("y");
  const auto both = composed(first, second);
  if (!both) return false;
  std::vector<Value*> inputs = op->inputs;
  std::ranges::replace(inputs, m.value("t"), m.value("x"));
  Node* moved = edit.add(op->op, std::move(inputs), m.value("u")->name, op->domain);
  for (const auto& [name, attribute] : op->attributes) {
    if (const auto* f = std::get_if<float>(&attribute)) edit.set_attribute(moved, name, *f);
    else if (const auto* i = std::get_if<std::int64_t>(&attribute)) edit.set_attribute(moved, name, *i);
    else if (const auto* s = std::get_if<std::string>(&attribute)) edit.set_attribute(moved, name, *s);
    else return false;
  }
  if (is_identity(*both)) return edit.replace(m.value("y"), moved->outputs[0]);
  edit.set_input(second, 0, moved->outputs[0]);
  edit.set_attribute(second, "perm", *both);
  return true;
}
// With a constant that is the same everywhere.
bool exchange_scalar(const Match& m, Edit& edit) { return m.constant("c")->count() == 1 && m.constant("c")->rank() == 0 && exchange(m, edit); }

constexpr Rule rules[] = {
    {"y = Transpose (t)", compose},
    {R"(
  t = Transpose (x)
  u = Relu|Sigmoid|Tanh|LeakyRelu|Elu|Selu|Celu|HardSigmoid|HardSwish|Gelu|Erf|Exp|Log|Sqrt|Abs|Neg|Cast|Softplus|Softsign|Mish|Swish|Floor|Ceil|Round|Not|Reciprocal (t)
  y = Transpose (u)
)", exchange},
    {R"(
  t = Transpose (x)
  u = Clip (t, const low?, const high?)
  y = Transpose (u)
)", exchange},
    {R"(
  t = Transpose (x)
  u = Add|Sub|Mul|Div|Pow|Max|Min (t, const c)
  y = Transpose (u)
)", exchange_scalar},
};

}  // namespace

extern const Pass cancel_transpose_pass{
    .name = "cancel-transpose", .help = "merge Transposes in a row, also across element-wise nodes", .rules = rules};

}  // namespace hone
