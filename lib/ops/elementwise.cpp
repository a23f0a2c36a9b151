// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/elementwise.h"

namespace hone {

Rows::Rows(const Dims& out, std::initializer_list<const Dims*> operands) : at(operands.size(), 0), step(operands.size(), 0) {
  count_ = count_of(out);
  std::vector<Dims> strides;  // [operand][axis of out], 0 where the operand repeats
  for (const Dims* dims : operands) {
    const Dims own = strides_of(*dims);
    const std::size_t missing = out.size() - dims->size();
    Dims s(out.size(), 0);
    for (std::size_t i = 0; i < dims->size(); ++i) s[missing + i] = (*dims)[i] == 1 ? 0 : own[i];
    strides.push_back(std::move(s));
  }
  // Merge from the last axis outwards: an axis joins its inner neighbour when each operand's stride continues over it.
  Dims dims;
  strides_.resize(operands.size());
  for (std::size_t i = out.size(); i-- > 0;) {
    if (out[i] == 1) continue;
    bool joins = !dims.empty();
    for (std::size_t k = 0; k < strides.size() && joins; ++k) joins = strides[k][i] == strides_[k].back() * dims.back();
    if (joins) {
      dims.back() *= out[i];
      continue;
    }
    dims.push_back(out[i]);
    for (std::size_t k = 0; k < strides.size(); ++k) strides_[k].push_back(strides[k][i]);
  }
  if (!dims.empty()) {
    n = dims.front();  // innermost first, here and in outer_
    outer_.assign(dims.begin() + 1, dims.end());
    for (std::size_t k = 0; k < strides_.size(); ++k) {
      step[k] = strides_[k].front();
      strides_[k].erase(strides_[k].begin());
    }
  }
  index_.assign(outer_.size(), 0);
}

void Rows::next() {
  begin += n;
  for (std::size_t axis = 0; axis < outer_.size(); ++axis) {
    for (std::size_t k = 0; k < at.size(); ++k) at[k] += strides_[k][axis];
    if (++index_[axis] < outer_[axis]) return;
    for (std::size_t k = 0; k < at.size(); ++k) at[k] -= strides_[k][axis] * outer_[axis];
    index_[axis] = 0;
  }
}

Status check_divisor(const Tensor& t) {
  if (!is_integer(t.dtype())) return Ok{};
  return dispatch(t.dtype(), Integers{}, [&]<class T>(Type<T>) -> Status {
    if (std::ranges::find(t.values<T>(), T(0)) != t.values<T>().end()) return invalid("integer division by zero");
    return Ok{};
  });
}

Status infer_test(InferCall& c) {
  c.set(0, DType::boolean, c.shape(0));
  return Ok{};
}

Status infer_comparison(InferCall& c) {
  CHECK_OK(infer_broadcast(c));
  c.set(0, DType::boolean, c.wants(0) ? c.out(0).shape : Shape());
  return Ok{};
}

Status infer_arithmetic(InferCall& c, Dim (*f)(const Dim&, const Dim&)) {
  CHECK_OK(infer_broadcast(c));
  if (c.dtype(0) != DType::i64 && c.dtype(0) != DType::i32) return Ok{};
  const auto a = c.content(0), b = c.content(1);
  if (!a || !b || (a->size() != b->size() && a->size() != 1 && b->size() != 1)) return Ok{};
  std::vector<Dim> content(a->empty() || b->empty() ? 0 : std::max(a->size(), b->size()));
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = f((*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]);
  c.set_content(0, std::move(content));
  return Ok{};
}

}  // namespace hone
