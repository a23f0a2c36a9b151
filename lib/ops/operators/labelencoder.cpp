// SPDX-License-Identifier: Apache-2.0
// Each element looked up among the keys and replaced by the value at its place, or by the default.
#include <map>

#include "lib/ops/convert.h"
#include "lib/ops/rule.h"
#include "lib/ops/schema.h"

namespace hone {

namespace {

// The attribute <stem>_strings, <stem>_int64s, <stem>_floats or <stem>_tensor as a tensor; none: an error.
Result<Tensor> listed(const Node& node, std::string_view stem) {
  if (const auto* s = node.find<std::vector<std::string>>(format("{}_strings", stem)))
    return Tensor::strings({static_cast<std::int64_t>(s->size())}, *s);
  if (const auto* i = node.find<std::vector<std::int64_t>>(format("{}_int64s", stem))) return Tensor::vector<std::int64_t>(*i);
  if (const auto* f = node.find<std::vector<float>>(format("{}_floats", stem))) return Tensor::vector<float>(*f);
  if (const auto* t = node.find<Tensor>(format("{}_tensor", stem))) return *t;
  return invalid("needs one of the attributes {0}_strings, {0}_int64s, {0}_floats, {0}_tensor", stem);
}

Tensor otherwise(const Node& node, DType dtype) {
  if (const auto* t = node.find<Tensor>("default_tensor"); t && t->dtype() == dtype && t->count() == 1) return *t;
  if (dtype == DType::string) return Tensor::strings({}, {std::string(node.text("default_string", "_Unused"))});
  if (dtype == DType::i64) return Tensor::scalar<std::int64_t>(node.integer("default_int64", -1));
  if (dtype == DType::f32) return Tensor::scalar<float>(node.number("default_float", -0.0f));
  Tensor t = Tensor::allocate(dtype, {});
  store(t, 0, is_integer(dtype) ? -1.0 : -0.0);
  return t;
}

// Equal elements have equal keys; every NaN counts as one key.
std::string key_of(const Tensor& t, std::int64_t i) {
  if (t.dtype() == DType::string) return t.string_values()[static_cast<std::size_t>(i)];
  if (t.dtype() == DType::i64) return format("{}", t.data<std::int64_t>()[i]);
  const double v = element(t, i);
  return v == 0 ? "0" : v != v ? "nan" : format("{}", v);
}

}  // namespace

static Status infer(InferCall& c) {
  TRY(const Tensor keys, listed(c.node, "keys"));
  TRY(const Tensor values, listed(c.node, "values"));
  if (keys.count() != values.count()) return invalid("there are {} keys but {} values", keys.count(), values.count());
  if (c.dtype(0) != DType::undefined && c.dtype(0) != keys.dtype())
    return invalid("the keys are {}, but the input is {}", name(keys.dtype()), name(c.dtype(0)));
  if (!(schema_of(*c.node.schema).output(0)->allowed & set_of(values.dtype())))
    return invalid("values of {} are not supported", name(values.dtype()));
  c.set(0, values.dtype(), c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(const Tensor keys, listed(c.node, "keys"));
  TRY(const Tensor values, listed(c.node, "values"));
  std::map<std::string, std::int64_t> place;
  for (std::int64_t i = 0; i < keys.count(); ++i) place.insert_or_assign(key_of(keys, i), i);  // of equal keys the last counts
  const Tensor fallback = otherwise(c.node, values.dtype());
  std::vector<std::string> texts;
  Tensor y = values.dtype() == DType::string ? Tensor() : c.make(0, values.dtype(), x.dims());
  for (std::int64_t i = 0; i < x.count(); ++i) {
    const auto it = place.find(key_of(x, i));
    const Tensor& from = it == place.end() ? fallback : values;
    const std::int64_t at = it == place.end() ? 0 : it->second, size = bits(values.dtype()) / 8;
    if (size == 0)
      texts.push_back(from.string_values()[static_cast<std::size_t>(at)]);
    else
      std::copy_n(from.bytes().data() + at * size, size, y.writable() + i * size);
  }
  if (values.dtype() == DType::string) c.set(0, Tensor::strings(x.dims(), std::move(texts)));
  return Ok{};
}

static Status upgrade(Graph&, Node& n, int) {  // version 1 maps between strings and their places in classes_strings
  const auto* classes = n.find<std::vector<std::string>>("classes_strings");
  if (!classes) return invalid("needs the attribute 'classes_strings'");
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < classes->size(); ++i) places.push_back(static_cast<std::int64_t>(i));
  const DType known = n.input(0) ? n.input(0)->dtype : DType::undefined;
  const bool from_strings = known != DType::undefined ? known == DType::string : !n.attributes.contains("default_string");
  n.attributes.emplace(from_strings ? "keys_strings" : "values_strings", *classes);
  n.attributes.emplace(from_strings ? "values_int64s" : "keys_int64s", std::move(places));
  n.attributes.erase("classes_strings");
  return Ok{};
}
extern const Op labelencoder_op{
    .name = "LabelEncoder",
    .domain = "ai.onnx.ml",
    .since = 2,
    .inputs = "X: T1",
    .outputs = "Y: T2",
    .attributes =
        "keys_strings: strings, keys_int64s: ints, keys_floats: floats, keys_tensor: tensor, "
        "values_strings: strings, values_int64s: ints, values_floats: floats, values_tensor: tensor, "
        "default_string: string = _Unused, default_int64: int = -1, default_float: float = -0, default_tensor: tensor",
    .types = "T1: string int64 float double int32 int16; T2: string int64 float double int32 int16",
    .infer = infer,
    .reference = run,
    .upgrade = upgrade};

}  // namespace hone
