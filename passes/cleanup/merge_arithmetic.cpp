// SPDX-License-Identifier: Apache-2.0
// Two additions of constants, or two multiplications, in a row become one.
//
//   t = Mul (x, 2)
//   y = Mul (t, [3, 4])     =>     y = Mul (x, [6, 8])
//
// One of the constants must be a single number, so that the new one is no larger than the other.
#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

bool merge(const Match& m, Edit& edit, bool add) {
  const Tensor *a = m.constant("a"), *b = m.constant("b");
  const Value* like = m.value("b");
  if (a->count() != 1 || b->rank() < a->rank()) std::swap(a, b), like = m.value("a");
  if (a->count() != 1 || b->rank() < a->rank() || !is_float(a->dtype()) || a->dtype() != b->dtype()) return false;
  const double one = element(*a, 0);
  std::vector<double> values = b->to_doubles();
  for (double& v : values) v = add ? v + one : v * one;
  Node* node = m.maker("y");
  edit.set_input(node, 0, m.value("x"));
  edit.set_input(node, 1, edit.constant(like, from_doubles(b->dtype(), b->dims(), values)));
  return true;
}
bool merge_add(const Match& m, Edit& edit) { return merge(m, edit, true); }
bool merge_mul(const Match& m, Edit& edit) { return merge(m, edit, false); }

constexpr Rule rules[] = {{R"(
  t = Mul (x, const a)
  y = Mul (t, const b)
)", merge_mul}, {R"(
  t = Add (x, const a)
  y = Add (t, const b)
)", merge_add}};

}  // namespace

extern const Pass merge_arithmetic_pass{
    .name = "merge-arithmetic", .help = "merge two additions of constants in a row, or two multiplications", .rules = rules, .approximate = true};

}  // namespace hone
