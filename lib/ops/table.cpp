// SPDX-License-Identifier: Apache-2.0
// The operator table, sorted once, and what InferCall and OpCall do for every operator.
#include <algorithm>
#include <vector>

#include "lib/ops/op.h"

namespace hone {

std::span<const Op* const> op_table();  // generated: alphabetical by file name

std::span<const Op* const> all_ops() {
  static const std::vector<const Op*> sorted = [] {
    std::vector<const Op*> ops(op_table().begin(), op_table().end());
    std::ranges::sort(ops, {}, [](const Op* op) { return std::pair(op->domain, op->name); });
    return ops;
  }();
  return sorted;
}

const Op* find_op(std::string_view name, std::string_view domain) {
  const auto key = [](const Op* op) { return std::pair(op->domain, op->name); };
  const auto it = std::ranges::lower_bound(all_ops(), std::pair(domain, name), {}, key);
  return it != all_ops().end() && key(*it) == std::pair(domain, name) ? *it : nullptr;
}

void resolve(Graph& graph) {
  for (Node* node : graph.nodes()) {
    node->schema = find_op(node->op, node->domain);
    node->each_body(resolve);
  }
}

const Shape& InferCall::shape(std::size_t i) const {
  static const Shape unknown;
  return has(i) ? in_[i]->shape : unknown;
}

std::optional<std::vector<Dim>> InferCall::content(std::size_t i) const {
  if (!has(i)) return std::nullopt;
  if (in_[i]->content) return in_[i]->content;
  const Tensor* t = constant(i);
  if (!t || !is_integer(t->dtype()) || t->rank() > 1 || t->count() > 4096) return std::nullopt;  // shapes are short
  const std::vector<std::int64_t> values = t->to_ints();
  return std::vector<Dim>(values.begin(), values.end());
}

std::optional<std::vector<std::int64_t>> InferCall::integers(std::size_t i) const {
  if (const Tensor* t = constant(i); t && is_integer(t->dtype())) return t->to_ints();
  const auto dims = content(i);
  if (!dims) return std::nullopt;
  std::vector<std::int64_t> values;
  for (const Dim& d : *dims) {
    if (!d.known()) return std::nullopt;
    values.push_back(d.value);
  }
  return values;
}

void InferCall::set(std::size_t i, DType dtype, Shape shape) {
  if (i >= out_.size()) return;
  out_[i].dtype = dtype;
  out_[i].shape = std::move(shape);
}

void InferCall::set(std::size_t i, ValueType type) {
  if (i >= out_.size()) return;
  out_[i].element = std::move(type.element);
  set(i, type.dtype, std::move(type.shape));
}

void InferCall::set_content(std::size_t i, std::vector<Dim> content) {
  if (i < out_.size()) out_[i].content = std::move(content);
}

Tensor& OpCall::make(std::size_t i, DType dtype, const Dims& dims) {
  Tensor& slot = i < out_.size() ? out_[i] : unwanted_.emplace_back();
  std::byte* memory = planned && i < out_.size() ? planned(i, dtype, dims) : nullptr;
  if (memory) {
    const auto bytes = bytes_of(dtype, static_cast<std::size_t>(count_of(dims)));
    slot = std::move(Tensor::view(dtype, dims, {memory, bytes}, nullptr)).value();
  } else {
    slot = Tensor::allocate(dtype, dims);
  }
  return slot;
}

void OpCall::set(std::size_t i, Tensor t) {
  if (i < out_.size()) out_[i] = std::move(t);
}

}  // namespace hone
