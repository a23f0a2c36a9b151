// SPDX-License-Identifier: Apache-2.0
#include "lib/rewrite/proof.h"

#include <algorithm>
#include <cmath>

#include "lib/base/random.h"
#include "lib/ir/limits.h"

namespace hone {
namespace {

// Sizes for a batch and for all other unknown dimensions. The batch is the first dimension, or (recurrent states) the first unknown one.
struct Guess {
  std::int64_t batch, other;
  bool first_unknown = false;
};
// Small first; 32 suits networks that halve images five times, 512 (and 64 of context) audio windows.
constexpr Guess guesses[] = {{2, 32}, {1, 32}, {3, 5}, {1, 64}, {2, 1}, {1, 1}, {1, 512}, {1, 160}, {2, 32, true}, {1, 576, true}};

// Models with more bytes of weights are not executed: the reference loops do about one multiplication in a nanosecond.
constexpr std::size_t most_weights = std::size_t{1} << 30;

Dims guess_dims(const Shape& shape, Guess guess, std::map<std::string, std::int64_t>& symbols) {
  Dims dims;
  bool batch = true;
  for (const Dim& d : shape.dims) {
    const std::int64_t size = batch ? guess.batch : guess.other;
    if (!guess.first_unknown || !d.known()) batch = false;
    if (d.known())
      dims.push_back(d.value);
    else
      dims.push_back(d.symbol.empty() ? size : symbols.try_emplace(d.symbol, size).first->second);
  }
  return dims;
}

void collect_compared(const Value& input, std::vector<std::int64_t>& found) {
  for (const Node* user : input.users) {
    if (user->op != "Equal" && user->op != "Greater" && user->op != "Less" && user->op != "GreaterOrEqual" && user->op != "LessOrEqual")
      continue;
    for (const Value* other : user->inputs)
      if (other && other->constant && is_integer(other->dtype) && other->constant->count() == 1)
        found.push_back(other->constant->to_ints()[0]);
  }
}

template <class T>
void fill(Tensor& t, const std::function<double()>& draw) {
  T* data = t.data<T>();
  for (std::int64_t i = 0; i < t.count(); ++i) data[i] = static_cast<T>(draw());
}

Tensor random_tensor(const Value& input, DType dtype, const Dims& dims, Random& random) {
  std::vector<std::int64_t> compared;
  collect_compared(input, compared);
  const auto integer = [&]() -> double {
    const std::uint64_t r = random.next();
    return compared.empty() || r % 4 == 0 ? static_cast<double>(random.next() % 2) : static_cast<double>(compared[r / 4 % compared.size()]);
  };
  const auto normal = [&] { return random.normal(); };
  const auto byte = [&] { return static_cast<double>(random.next() % 256); };
  if (dtype == DType::string) {
    std::vector<std::string> words(static_cast<std::size_t>(count_of(dims)));
    for (std::string& w : words) w = std::string(1, static_cast<char>('a' + random.next() % 3));
    return Tensor::strings(dims, std::move(words));
  }
  Tensor t = Tensor::allocate(dtype, dims);
  switch (dtype) {
    case DType::f32: fill<float>(t, normal); break;
    case DType::f64: fill<double>(t, normal); break;
    case DType::u8: fill<std::uint8_t>(t, byte); break;
    case DType::i8: fill<std::int8_t>(t, [&] { return byte() - 128; }); break;
    case DType::i16: fill<std::int16_t>(t, integer); break;
    case DType::u16: fill<std::uint16_t>(t, integer); break;
    case DType::i32: fill<std::int32_t>(t, integer); break;
    case DType::u32: fill<std::uint32_t>(t, integer); break;
    case DType::i64: fill<std::int64_t>(t, integer); break;
    case DType::u64: fill<std::uint64_t>(t, integer); break;
    case DType::f16:  // random finite values: sign, exponent 11..18, fraction
    case DType::bf16: {
      const bool half = dtype == DType::f16;
      for (std::int64_t i = 0; i < t.count(); ++i) {
        const auto r = static_cast<std::uint16_t>(random.next());
        const auto bits = static_cast<std::uint16_t>(half ? (r & 0x9fff) + 0x2c00 : (r & 0x81ff) + 0x3e80);
        std::memcpy(t.writable() + i * 2, &bits, 2);
      }
      break;
    }
    case DType::boolean:
      for (std::byte& b : std::span(t.writable(), t.bytes().size())) b = static_cast<std::byte>(random.next() % 2);
      break;
    default: break;  // the small float and integer types stay zero
  }
  return t;
}

// Three items in a sequence and three entries in a map; an optional has content. Nothing when what it holds is not known.
std::optional<Tensor> random_value(const Value& input, const ValueType& type, const std::function<Dims(const Shape&)>& dims_of, Random& random) {
  constexpr std::int64_t held = 3;
  if (type.dtype == DType::undefined || (is_aggregate(type.dtype) && !type.element)) return std::nullopt;
  if (!is_aggregate(type.dtype)) {
    const Dims dims = dims_of(type.shape);
    const auto count = element_count(dims);
    if (!count || *count > INT64_MAX / 16 || !check_memory(static_cast<std::uint64_t>(*count) * 8)) return std::nullopt;
    return random_tensor(input, type.dtype, dims, random);
  }
  if (type.dtype == DType::optional) return random_value(input, *type.element, dims_of, random);
  std::vector<Tensor> items;
  while (std::ssize(items) < held) {
    auto item = random_value(input, *type.element, dims_of, random);
    if (!item) return std::nullopt;
    items.push_back(std::move(*item));
  }
  if (type.dtype == DType::sequence) return Tensor::sequence(std::move(items));
  const Tensor keys = type.element->key == DType::string ? Tensor::strings({held}, {"a", "b", "c"}) : Tensor::of<std::int64_t>({held}, {0, 1, 2});
  const bool scalars = !is_aggregate(type.element->dtype) && (!type.element->shape.ranked || type.element->shape.rank() == 0);
  return Tensor::map(keys, scalars ? random_tensor(input, type.element->dtype, {held}, random) : Tensor::sequence(std::move(items)));
}

bool is_deterministic(const Graph& graph) {
  bool yes = true;
  for (const Node* n : graph.nodes()) {
    yes = yes && (!n->schema || n->schema->deterministic);
    n->each_body([&](const Graph& body) { yes = yes && is_deterministic(body); });
  }
  return yes;
}

std::size_t weight_bytes(const Graph& graph) {
  std::size_t total = 0;
  for (const Value* v : graph.values())
    if (v->constant) total += v->constant->bytes().size();
  for (const Node* n : graph.nodes()) n->each_body([&](const Graph& body) { total += weight_bytes(body); });
  return total;
}

}  // namespace

NamedTensors random_inputs(const Graph& graph, const ProofOptions& options, int attempt) {
  Random random(options.seed * 1000003 + static_cast<std::uint64_t>(attempt));
  std::map<std::string, std::int64_t> symbols;
  NamedTensors inputs;
  for (const Value* v : graph.inputs) {
    if (v->constant) continue;
    const auto dims_of = [&](const Shape& shape) {
      const auto fixed = options.shapes.find(v->name);
      return fixed != options.shapes.end() ? fixed->second : guess_dims(shape, guesses[static_cast<std::size_t>(attempt) % std::size(guesses)], symbols);
    };
    if (auto value = random_value(*v, v->type(), dims_of, random)) inputs.emplace(v->name, std::move(*value));
  }
  return inputs;
}

// float32 sums of n terms err by about sqrt(n) units of 2^-24; a deep network multiplies that. 1e-4 of the largest magnitude is far
// under what a wrong rewrite does and over what re-association did in any model tried.
std::optional<std::string> difference(const Tensor& a, const Tensor& b, bool approximate) {
  if (a.dtype() != b.dtype()) return format("is {}, was {}", name(b.dtype()), name(a.dtype()));
  if (a.dims() != b.dims()) return format("has shape {}, had {}", to_string(b.dims()), to_string(a.dims()));
  if (identical(a, b)) return std::nullopt;
  if (a.dtype() == DType::string) return "holds other strings";
  if (is_aggregate(a.dtype())) {
    for (std::size_t i = 0; i < a.items().size(); ++i)
      if (auto d = difference(a.items()[i], b.items()[i], approximate)) return format("holds an item {} that {}", i, *d);
    return std::nullopt;
  }
  const std::vector<double> x = a.to_doubles(), y = b.to_doubles();
  double scale = 0;
  for (const double v : x)
    if (std::isfinite(v)) scale = std::max(scale, std::abs(v));
  const bool low = a.dtype() != DType::f32 && a.dtype() != DType::f64;  // 16 bits and fewer: their own rounding dominates
  double tolerance = (approximate ? 1e-4 : 1e-6) * (low ? 100 : 1) * scale;
  if (!is_float(a.dtype())) tolerance = approximate && bits(a.dtype()) <= 8 && a.dtype() != DType::boolean ? 1 : 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool same = x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i])) || std::abs(x[i] - y[i]) <= tolerance;
    if (!same) return format("differs at element {} of {}: {} before, {} after", i, x.size(), x[i], y[i]);
  }
  return std::nullopt;
}

Proof prove_equal(const Graph& before, const Graph& after, const ProofOptions& options) {
  if (!is_deterministic(before)) return {Proof::Verdict::impossible, "the model draws random numbers"};
  if (const std::size_t bytes = weight_bytes(before); bytes > most_weights)
    return {
        Proof::Verdict::impossible,
        format("its weights take {} MB, and the reference loops, which prove it, are too slow for that; 'hone compare' tells on real data",
               bytes / 1000000)};
  std::string failure;
  int done = 0;
  for (int attempt = 0; attempt < static_cast<int>(std::size(guesses)) && done < options.runs; ++attempt) {
    const NamedTensors inputs = random_inputs(before, options, attempt);
    const auto made = [&](const Value* v) { return v->constant || inputs.contains(v->name); };
    if (const auto it = std::ranges::find_if_not(before.inputs, made); it != before.inputs.end()) {
      failure = format("no random value was made for input '{}': its type is not known, or it is too large for --max-memory", (*it)->name);
      continue;
    }
    const auto old_outputs = interpret(before, inputs);
    if (!old_outputs) {
      if (failure.empty())
        failure = format("the model as it was does not run on random inputs: {}; --verify-shape NAME:DIMS sets the shapes of inputs",
                         old_outputs.error().message);
      continue;
    }
    ++done;
    const auto new_outputs = interpret(after, inputs);
    if (!new_outputs) return {Proof::Verdict::different, format("it no longer runs: {}", new_outputs.error().message)};
    for (std::size_t i = 0; i < old_outputs->size(); ++i)
      if (const auto d = difference((*old_outputs)[i], (*new_outputs)[i], options.approximate))
        return {Proof::Verdict::different, format("output '{}' {}", before.outputs[i]->name, *d)};
  }
  if (done == 0) return {Proof::Verdict::impossible, failure};
  return {Proof::Verdict::equal, ""};
}

}  // namespace hone
