// SPDX-License-Identifier: Apache-2.0
// A map's values in the order of a vocabulary of its keys, as one row; zero (or "") for a key the map lacks. A key the vocabulary
// lacks is ignored, as scikit-learn does, whose DictVectorizer exporters write this way.
#include <map>

#include "lib/ops/convert.h"
#include "lib/ops/rule.h"
#include "lib/ops/trees.h"

namespace hone {

static Result<Labels> vocabulary_of(const Node& node) {
  Labels l;
  if (const auto* s = node.find<std::vector<std::string>>("string_vocabulary")) l.strings = *s;
  if (const auto* i = node.find<std::vector<std::int64_t>>("int64_vocabulary")) l.integers = *i;
  if (l.strings.empty() == l.integers.empty()) return invalid("needs one of the attributes string_vocabulary and int64_vocabulary");
  return l;
}

static Status infer(InferCall& c) {
  TRY(const Labels vocabulary, vocabulary_of(c.node));
  const ValueType value = c.element(0);
  if (value.key != DType::undefined && (value.key == DType::string) != (vocabulary.dtype() == DType::string))
    return invalid("the map's keys are {}, those of the vocabulary {}", name(value.key), name(vocabulary.dtype()));
  c.set(0, value.dtype, Shape{1, static_cast<std::int64_t>(vocabulary.size())});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const Labels vocabulary, vocabulary_of(c.node));
  const Tensor &keys = c.in(0).items()[0], &values = c.in(0).items()[1];
  if (is_aggregate(values.dtype())) return invalid("the map's values are no numbers or strings");
  if ((keys.dtype() == DType::string) != (vocabulary.dtype() == DType::string))
    return invalid("the map's keys are {}, those of the vocabulary {}", name(keys.dtype()), name(vocabulary.dtype()));
  std::map<std::string_view, std::int64_t> texts;
  std::map<std::int64_t, std::int64_t> integers;
  const std::vector<std::int64_t> numbers = keys.dtype() == DType::string ? std::vector<std::int64_t>() : keys.to_ints();
  for (std::int64_t i = 0; i < keys.count(); ++i) {
    if (numbers.empty()) texts.emplace(keys.string_values()[static_cast<std::size_t>(i)], i);
    else integers.emplace(numbers[static_cast<std::size_t>(i)], i);
  }
  // Where the k-th word lies in the map; -1: nowhere.
  const auto place = [&](std::size_t k) -> std::int64_t {
    if (vocabulary.dtype() == DType::string) {
      const auto it = texts.find(vocabulary.strings[k]);
      return it == texts.end() ? -1 : it->second;
    }
    const auto it = integers.find(vocabulary.integers[k]);
    return it == integers.end() ? -1 : it->second;
  };
  const Dims dims{1, static_cast<std::int64_t>(vocabulary.size())};
  if (values.dtype() == DType::string) {
    std::vector<std::string> out(vocabulary.size());
    for (std::size_t k = 0; k < out.size(); ++k)
      if (const std::int64_t i = place(k); i >= 0) out[k] = values.string_values()[static_cast<std::size_t>(i)];
    c.set(0, Tensor::strings(dims, std::move(out)));
    return Ok{};
  }
  Tensor& y = c.make(0, values.dtype(), dims);
  const std::size_t width = bytes_of(values.dtype(), 1);
  for (std::size_t k = 0; k < vocabulary.size(); ++k)
    if (const std::int64_t i = place(k); i >= 0) std::memcpy(y.writable() + k * width, values.bytes().data() + static_cast<std::size_t>(i) * width, width);
  return Ok{};
}
extern const Op dictvectorizer_op{.name = "DictVectorizer",
                                  .domain = "ai.onnx.ml",
                                  .since = 1,
                                  .inputs = "X: M",
                                  .outputs = "Y: T",
                                  .attributes = "int64_vocabulary: ints, string_vocabulary: strings",
                                  .types = "M: map; T: int64 float double string",
                                  .infer = infer,
                                  .reference = run};

}  // namespace hone
