// SPDX-License-Identifier: Apache-2.0
// For each row of scores a map from the class labels to them; one axis is a single row.
#include "lib/ops/host/_sequence.h"
#include "lib/ops/trees.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(const Labels labels, Labels::read(c.node, "classlabels_int64s"));
  const Shape& x = c.shape(0);
  if (x.ranked && (x.rank() < 1 || x.rank() > 2)) return invalid("input 0 has shape {}, expected one or two axes", to_string(x));
  if (x.ranked && x.dims.back().known() && x.dims.back().value != static_cast<std::int64_t>(labels.size()))
    return invalid("the scores have {} columns for {} labels", x.dims.back().value, labels.size());
  ValueType value{DType::f32, Shape::unknown(0)};
  value.key = labels.dtype();
  c.set(0, sequence_of({DType::map, {}, std::make_shared<const ValueType>(std::move(value))}));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const Labels labels, Labels::read(c.node, "classlabels_int64s"));
  const auto columns = static_cast<std::int64_t>(labels.size());
  const Tensor keys = labels.strings.empty() ? Tensor::vector<std::int64_t>(labels.integers) : Tensor::strings({columns}, labels.strings);
  const Tensor& x = c.in(0);
  std::vector<Tensor> maps;
  for (std::int64_t row = 0; row < (x.rank() == 1 ? 1 : x.dims()[0]); ++row)
    maps.push_back(Tensor::map(keys, Tensor::vector<float>({x.data<float>() + row * columns, labels.size()})));
  c.set(0, Tensor::sequence(std::move(maps)));
  return Ok{};
}
extern const Op zipmap_op{.name = "ZipMap",
                          .domain = "ai.onnx.ml",
                          .since = 1,
                          .inputs = "X: T",
                          .outputs = "Z: S",
                          .attributes = "classlabels_int64s: ints, classlabels_strings: strings",
                          .types = "T: float; S: seq",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
