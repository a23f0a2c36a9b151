// SPDX-License-Identifier: Apache-2.0
// A Transpose before a Gemm becomes its transA or transB; a MatMul of matrices with a transposed operand becomes a Gemm.
//
//   t = Transpose <perm = [1, 0]> (a)
//   y = Gemm (t, b, c?)      =>     y = Gemm <transA = 1> (a, b, c)
//   y = MatMul (t, b)        =>     y = Gemm <transA = 1> (a, b)
#include "lib/rewrite/pass.h"

namespace hone {
namespace {

bool swaps(const Match& m) {
  const Node* transpose = m.maker("t");
  return m.value("a")->shape.rank() == 2 && transpose->integers("perm", {1, 0}) == std::vector<std::int64_t>{1, 0};
}

bool toggle(const Match& m, Edit& edit, std::size_t input, std::string attribute) {
  Node* gemm = m.node("Gemm");
  if (!swaps(m)) return false;
  edit.set_input(gemm, input, m.value("a"));
  if (gemm->integer(attribute) != 0) edit.drop_attribute(gemm, attribute);
  else edit.set_attribute(gemm, attribute, std::int64_t{1});
  return true;
}
bool toggle_a(const Match& m, Edit& edit) { return toggle(m, edit, 0, "transA"); }
bool toggle_b(const Match& m, Edit& edit) { return toggle(m, edit, 1, "transB"); }

bool become(const Match& m, Edit& edit, bool first) {
  const Value* b = m.value("b");
  if (!swaps(m) || b->shape.rank() != 2 || !is_float(b->dtype)) return false;
  std::vector<Value*> inputs{m.value("a"), m.value("b")};
  if (!first) std::swap(inputs[0], inputs[1]);
  Node* gemm = edit.add("Gemm", std::move(inputs), m.value("y")->name);
  edit.set_attribute(gemm, first ? "transA" : "transB", std::int64_t{1});
  return edit.replace(m.value("y"), gemm->outputs[0]);
}
bool become_a(const Match& m, Edit& edit) { return become(m, edit, true); }
bool become_b(const Match& m, Edit& edit) { return become(m, edit, false); }

constexpr Rule rules[] = {{R"(
  t = Transpose (a)
  y = Gemm (t, b, c?)
)", toggle_a}, {R"(
  t = Transpose (a)
  y = Gemm (b, t, c?)
)", toggle_b}, {R"(
  t = Transpose (a)
  y = MatMul (t, b)
)", become_a}, {R"(
  t = Transpose (a)
  y = MatMul (b, t)
)", become_b}};

}  // namespace

extern const Pass fuse_gemm_transpose_pass{
    .name = "fuse-gemm-transpose", .help = "make a Transpose before a Gemm or MatMul its transA or transB", .rules = rules, .approximate = true};

}  // namespace hone
