// SPDX-License-Identifier: Apache-2.0
// Seeded noise in place of data: for timing, for comparing two models, and for calibration only when asked for.
#include "lib/base/random.h"
#include "lib/data/dataset.h"

namespace hone {
namespace {

// Normal numbers, or small integers: what indices and masks can bear.
Result<Tensor> random_tensor(const Value& v, Dims dims, std::int64_t count, Random& random) {
  const int width = bits(v.dtype);
  if (width != 8 && width != 16 && width != 32 && width != 64) return invalid("input '{}' is of type {}, for which no random data are made; give --data", v.name, name(v.dtype));
  Tensor t = Tensor::allocate(v.dtype, std::move(dims));
  const auto fill = [&]<class T>(T*, auto draw) {
    for (std::int64_t i = 0; i < count; ++i) reinterpret_cast<T*>(t.writable())[i] = T(draw());
  };
  const auto normal = [&] { return static_cast<float>(random.normal()); };
  const auto bit = [&] { return random.below(2); };
  switch (v.dtype) {
    case DType::f32: fill(static_cast<float*>(nullptr), normal); break;
    case DType::f64: fill(static_cast<double*>(nullptr), normal); break;
    case DType::f16: fill(static_cast<Half*>(nullptr), normal); break;
    case DType::bf16: fill(static_cast<BFloat*>(nullptr), normal); break;
    case DType::i16: case DType::u16: fill(static_cast<std::uint16_t*>(nullptr), bit); break;
    case DType::i32: case DType::u32: fill(static_cast<std::uint32_t*>(nullptr), bit); break;
    case DType::i64: case DType::u64: fill(static_cast<std::uint64_t*>(nullptr), bit); break;
    default:
      for (std::int64_t i = 0; i < count; ++i) t.writable()[i] = static_cast<std::byte>(random.below(v.dtype == DType::boolean ? 2 : 256));
      break;
  }
  return t;
}

// A tensor of this shape, what is unknown taken as 1; the first axis holds at least `rows`.
Result<Tensor> random_input(const Value& v, const Shape& shape, std::int64_t rows, Random& random) {
  if (is_aggregate(v.dtype)) return no_array(v);
  if (!shape.ranked) return invalid("input '{}' has no known rank, so no random data can be made for it; give --data", v.name);
  Dims dims;
  for (const Dim& dim : shape.dims) dims.push_back(dim.known() ? dim.value : 1);
  if (!dims.empty()) dims[0] = std::max(rows, dims[0]);
  TRY(const std::int64_t count, element_count(dims));
  if (count > (std::int64_t{1} << 31)) return invalid("input '{}' of {} is too large for random data", v.name, to_string(dims));
  return random_tensor(v, std::move(dims), count, random);
}

// The declared shapes of the inputs, but for those that are given and for the symbols that these give a number to.
std::vector<Shape> shapes_of(const std::vector<const Value*>& inputs, const std::map<std::string, Dims>& given) {
  std::map<std::string, std::int64_t> numbers;
  for (const Value* v : inputs)
    if (const auto it = given.find(v->name); it != given.end())
      for (std::size_t i = 0; i < v->shape.rank(); ++i)
        if (!v->shape.dims[i].symbol.empty()) numbers[v->shape.dims[i].symbol] = it->second[i];
  std::vector<Shape> shapes;
  for (const Value* v : inputs) {
    const auto it = given.find(v->name);
    Shape& shape = shapes.emplace_back(it != given.end() ? Shape::of(it->second) : v->shape);
    for (Dim& d : shape.dims)
      if (const auto number = numbers.find(d.symbol); !d.known() && number != numbers.end()) d = Dim(number->second);
  }
  return shapes;
}

}  // namespace

Result<Dataset> Dataset::random(const Graph& graph, std::int64_t samples, std::uint64_t seed, const std::map<std::string, Dims>& given) {
  Dataset d;
  d.source_ = "random";
  Random random(seed);
  const std::vector<const Value*> inputs = fed_inputs(graph);
  const std::vector<Shape> shapes = shapes_of(inputs, given);
  d.agree_on_batch(shapes);
  const std::int64_t rows = d.whole_ ? 0 : std::max(samples, d.fixed_batch_);
  for (std::int64_t set = 0; set < (d.whole_ ? samples : 1); ++set) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      TRY(Tensor t, random_input(*inputs[i], shapes[i], rows, random));
      CHECK_OK(d.add_column(*inputs[i], std::move(t), false));
    }
    if (d.whole_) d.end_set();
  }
  CHECK_OK(d.select({}));
  return d;
}

}  // namespace hone
