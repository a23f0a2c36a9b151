// SPDX-License-Identifier: Apache-2.0
// Strings to the integers at their places in two parallel lists, or integers to strings; others to the default.
#include <map>

#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  const auto* strings = c.node.find<std::vector<std::string>>("cats_strings");
  const std::size_t n = strings ? strings->size() : 0, m = c.node.integers("cats_int64s").size();
  if (n != m) return invalid("cats_strings has {} values, cats_int64s {}", n, m);
  if (c.dtype(0) != DType::undefined) c.set(0, c.dtype(0) == DType::string ? DType::i64 : DType::string, c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  CHECK_OK(outputs_by_rule(c));
  const std::vector<std::int64_t> integers = c.node.integers("cats_int64s");
  const auto* listed = c.node.find<std::vector<std::string>>("cats_strings");
  const std::vector<std::string> strings = listed ? *listed : std::vector<std::string>();
  if (x.dtype() == DType::string) {
    std::map<std::string, std::int64_t> to;
    for (std::size_t i = 0; i < strings.size(); ++i) to.insert_or_assign(strings[i], integers[i]);
    Tensor& y = c.make(0, DType::i64, x.dims());
    for (std::int64_t i = 0; i < x.count(); ++i) {
      const auto it = to.find(x.string_values()[static_cast<std::size_t>(i)]);
      y.data<std::int64_t>()[i] = it == to.end() ? c.node.integer("default_int64", -1) : it->second;
    }
    return Ok{};
  }
  std::map<std::int64_t, std::string> to;
  for (std::size_t i = 0; i < strings.size(); ++i) to.insert_or_assign(integers[i], strings[i]);
  std::vector<std::string> y;
  for (const std::int64_t i : x.values<std::int64_t>()) {
    const auto it = to.find(i);
    y.push_back(it == to.end() ? std::string(c.node.text("default_string", "_Unused")) : it->second);
  }
  c.set(0, Tensor::strings(x.dims(), std::move(y)));
  return Ok{};
}
extern const Op categorymapper_op{
    .name = "CategoryMapper",
    .domain = "ai.onnx.ml",
    .since = 1,
    .inputs = "X: T1",
    .outputs = "Y: T2",
    .attributes = "cats_int64s: ints, cats_strings: strings, default_int64: int = -1, default_string: string = _Unused",
    .types = "T1: string int64; T2: string int64",
    .infer = infer,
    .reference = run};

}  // namespace hone
