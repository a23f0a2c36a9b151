// SPDX-License-Identifier: Apache-2.0
// A map's values as one row, in the order of its integer keys (DENSE), or each at the place its key says in a row of max_map
// elements, zero (or "") elsewhere (SPARSE); converted as Cast does. One row, where the standard says one axis: models declare
// [1, N], as the runtimes they were exported for make it.
#include <algorithm>

#include "lib/ops/convert.h"
#include "lib/ops/rule.h"

namespace hone {

static Result<DType> target_of(const Node& node) {
  const std::string_view to = node.text("cast_to", "TO_FLOAT");
  if (to == "TO_FLOAT") return DType::f32;
  if (to == "TO_INT64") return DType::i64;
  if (to == "TO_STRING") return DType::string;
  return invalid("cast_to is '{}', expected TO_FLOAT, TO_STRING or TO_INT64", to);
}

// The length of a sparse row; nothing for a dense one.
static Result<std::optional<std::int64_t>> sparse_length(const Node& node) {
  const std::string_view form = node.text("map_form", "DENSE");
  if (form == "DENSE") return std::optional<std::int64_t>();
  if (form != "SPARSE") return invalid("map_form is '{}', expected DENSE or SPARSE", form);
  const std::int64_t n = node.integer("max_map", 1);
  if (n < 1) return invalid("max_map is {}, expected 1 or more", n);
  return std::optional(n);
}

static Status infer(InferCall& c) {
  TRY(const DType to, target_of(c.node));
  TRY(const std::optional<std::int64_t> length, sparse_length(c.node));
  c.set(0, to, Shape{1, length ? Dim(*length) : Dim()});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const DType to, target_of(c.node));
  TRY(const std::optional<std::int64_t> length, sparse_length(c.node));
  const Tensor &keys = c.in(0).items()[0], &held = c.in(0).items()[1];
  if (keys.dtype() != DType::i64 || is_aggregate(held.dtype())) return invalid("the map must be one from integers to numbers or strings");
  TRY(const Tensor values, convert(held, to));
  std::vector<std::pair<std::int64_t, std::int64_t>> order;  // key, where its value lies
  for (std::int64_t i = 0; i < keys.count(); ++i) order.emplace_back(keys.data<std::int64_t>()[i], i);
  std::ranges::sort(order);
  if (length && !order.empty() && (order.front().first < 0 || order.back().first >= *length))
    return invalid("the map has keys from {} to {}, which must be below max_map ({}) and not negative", order.front().first,
                   order.back().first, *length);
  const Dims dims{1, length.value_or(keys.count())};
  CHECK_OK(check_size(dims));
  std::vector<std::string> texts(to == DType::string ? static_cast<std::size_t>(dims[1]) : 0);
  Tensor row = to == DType::string ? Tensor() : Tensor::allocate(to, dims);
  const std::size_t width = bytes_of(to, 1);
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto [key, from] = order[k];
    const std::size_t at = length ? static_cast<std::size_t>(key) : k;
    if (to == DType::string) texts[at] = values.string_values()[static_cast<std::size_t>(from)];
    else std::memcpy(row.writable() + at * width, values.bytes().data() + static_cast<std::size_t>(from) * width, width);
  }
  c.set(0, to == DType::string ? Tensor::strings(dims, std::move(texts)) : std::move(row));
  return Ok{};
}
extern const Op castmap_op{.name = "CastMap",
                           .domain = "ai.onnx.ml",
                           .since = 1,
                           .inputs = "X: M",
                           .outputs = "Y: T",
                           .attributes = "cast_to: string = TO_FLOAT, map_form: string = DENSE, max_map: int = 1",
                           .types = "M: map; T: float int64 string",
                           .infer = infer,
                           .reference = run};

}  // namespace hone
