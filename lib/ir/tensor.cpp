// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/tensor.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <new>

#include "lib/ir/limits.h"

namespace hone {
namespace {

std::atomic<std::uint64_t> held{0};  // bytes of the tensors alive

template <class T> T load(const std::byte* data, std::int64_t i) {
  T value;
  std::memcpy(&value, data + i * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
  return value;
}

unsigned packed(const std::byte* data, std::int64_t i, int bits) {
  const int per_byte = 8 / bits;
  return (std::to_integer<unsigned>(data[i / per_byte]) >> (i % per_byte * bits)) & ((1u << bits) - 1);
}
int sign_extend(unsigned v, int bits) { return static_cast<int>(v ^ (1u << (bits - 1))) - (1 << (bits - 1)); }

// An 8- or 4-bit float: sign, `exponent_bits`, the rest fraction. Infinities and NaN are the caller's matter.
double small_float(unsigned v, int total_bits, int exponent_bits, int bias) {
  const int fraction_bits = total_bits - 1 - exponent_bits;
  const double sign = (v >> (total_bits - 1)) & 1 ? -1 : 1;
  const int exponent = static_cast<int>(v >> fraction_bits) & ((1 << exponent_bits) - 1);
  const double fraction = static_cast<double>(v & ((1u << fraction_bits) - 1)) / (1 << fraction_bits);
  return exponent == 0 ? sign * std::ldexp(fraction, 1 - bias) : sign * std::ldexp(1 + fraction, exponent - bias);
}
double float8(unsigned v, DType dtype) {
  const double sign = v & 0x80 ? -1 : 1;
  switch (dtype) {  // OCP 8-bit floating point specification, and the "FNUZ" forms of IEEE P3109
    case DType::f8e4m3fn: return (v & 0x7f) == 0x7f ? NAN : small_float(v, 8, 4, 7);
    case DType::f8e4m3fnuz: return v == 0x80 ? NAN : small_float(v, 8, 4, 8);
    case DType::f8e5m2: return (v & 0x7f) == 0x7c ? sign * INFINITY : (v & 0x7f) > 0x7c ? NAN : small_float(v, 8, 5, 15);
    case DType::f8e5m2fnuz: return v == 0x80 ? NAN : small_float(v, 8, 5, 16);
    default: return v == 0xff ? NAN : std::ldexp(1.0, static_cast<int>(v) - 127);  // f8e8m0: a power of two
  }
}

}  // namespace

Limits& limits() {
  static Limits instance;
  return instance;
}

std::uint64_t tensor_bytes() { return held; }

Status check_memory(std::uint64_t bytes) {
  const std::uint64_t most = limits().memory_bytes, now = held;
  if (now <= most && bytes <= most - now) return Ok{};
  return invalid("asks for {} bytes of memory beside the {} in use, past the limit of {}; --max-memory raises it", bytes, now, most);
}

Tensor Tensor::allocate(DType dtype, Dims dims) {
  assert(dtype != DType::undefined && dtype != DType::string && !is_aggregate(dtype));
  Tensor t;
  t.dtype_ = dtype;
  t.dims_ = std::move(dims);
  t.count_ = count_of(t.dims_);
  // What no memory can hold (16 bytes each would not fit size_t) asks for the most instead, and fails as any allocation does.
  t.size_ = t.count_ > INT64_MAX / 32 ? SIZE_MAX / 2 : bytes_of(dtype, static_cast<std::size_t>(t.count_));
  const std::size_t rounded = (t.size_ + 64) & ~static_cast<std::size_t>(63);  // at least one byte past the end
  auto* memory = static_cast<std::byte*>(::operator new(rounded, std::align_val_t(64)));
  std::memset(memory, 0, rounded);
  held += rounded;
  t.owner_ = std::shared_ptr<const void>(memory, [rounded](const void* p) {
    held -= rounded;
    ::operator delete(const_cast<void*>(p), std::align_val_t(64));
  });
  t.data_ = memory;
  return t;
}

Result<Tensor> Tensor::view(DType dtype, Dims dims, Bytes bytes, std::shared_ptr<const void> owner) {
  if (bits(dtype) == 0) return invalid("a tensor of {} has no plain bytes", name(dtype));
  TRY(const std::int64_t count, element_count(dims));
  if (count > INT64_MAX / 16) return invalid("shape {} is too large", to_string(dims));
  const std::size_t need = bytes_of(dtype, static_cast<std::size_t>(count));
  if (need != bytes.size()) return invalid("{} elements of {} need {} bytes, found {}", count, name(dtype), need, bytes.size());
  Tensor t;
  t.dtype_ = dtype;
  t.dims_ = std::move(dims);
  t.count_ = count;
  t.owner_ = std::move(owner);
  t.data_ = bytes.data();
  t.size_ = bytes.size();
  return t;
}

Tensor Tensor::strings(Dims dims, std::vector<std::string> values) {
  assert(count_of(dims) == static_cast<std::int64_t>(values.size()));
  Tensor t;
  t.dtype_ = DType::string;
  t.dims_ = std::move(dims);
  t.count_ = static_cast<std::int64_t>(values.size());
  t.owner_ = std::make_shared<const std::vector<std::string>>(std::move(values));
  return t;
}

Tensor Tensor::holding(DType dtype, std::int64_t count, std::vector<Tensor> items) {
  Tensor t;
  t.dtype_ = dtype;
  t.dims_ = {count};
  t.count_ = count;
  t.owner_ = std::make_shared<const std::vector<Tensor>>(std::move(items));
  return t;
}
Tensor Tensor::sequence(std::vector<Tensor> items) {
  const auto count = static_cast<std::int64_t>(items.size());
  return holding(DType::sequence, count, std::move(items));
}
Tensor Tensor::none() { return holding(DType::optional, 0, {}); }
Tensor Tensor::map(Tensor keys, Tensor values) {
  assert(keys.rank() == 1 && values.rank() == 1 && keys.count() == values.count());
  const std::int64_t count = keys.count();
  return holding(DType::map, count, {std::move(keys), std::move(values)});
}

Tensor Tensor::reshaped(Dims dims) const {
  assert(count_of(dims) == count_);
  Tensor t = *this;
  t.dims_ = std::move(dims);
  return t;
}

std::span<const std::string> Tensor::string_values() const {
  assert(dtype_ == DType::string);
  return *static_cast<const std::vector<std::string>*>(owner_.get());
}

std::span<const Tensor> Tensor::items() const {
  assert(is_aggregate(dtype_));
  return *static_cast<const std::vector<Tensor>*>(owner_.get());
}

double element(const Tensor& t, std::int64_t i) {
  const std::byte* data = t.bytes().data();
  switch (t.dtype()) {
    case DType::f32: return static_cast<double>(load<float>(data, i));
    case DType::f64: return load<double>(data, i);
    case DType::f16: return static_cast<double>(half_to_float(load<std::uint16_t>(data, i)));
    case DType::bf16: return static_cast<double>(bfloat_to_float(load<std::uint16_t>(data, i)));
    case DType::u8: return load<std::uint8_t>(data, i);
    case DType::boolean: return load<std::uint8_t>(data, i) != 0;
    case DType::i8: return load<std::int8_t>(data, i);
    case DType::u16: return load<std::uint16_t>(data, i);
    case DType::i16: return load<std::int16_t>(data, i);
    case DType::u32: return load<std::uint32_t>(data, i);
    case DType::i32: return load<std::int32_t>(data, i);
    case DType::u64: return static_cast<double>(load<std::uint64_t>(data, i));
    case DType::i64: return static_cast<double>(load<std::int64_t>(data, i));
    case DType::u4: return packed(data, i, 4);
    case DType::u2: return packed(data, i, 2);
    case DType::i4: return sign_extend(packed(data, i, 4), 4);
    case DType::i2: return sign_extend(packed(data, i, 2), 2);
    case DType::f4e2m1: return small_float(packed(data, i, 4), 4, 2, 1);
    case DType::f8e4m3fn: case DType::f8e4m3fnuz: case DType::f8e5m2: case DType::f8e5m2fnuz: case DType::f8e8m0:
      return float8(load<std::uint8_t>(data, i), t.dtype());
    default: assert(false); return 0;
  }
}

std::vector<double> Tensor::to_doubles() const {
  std::vector<double> out(static_cast<std::size_t>(count_));
  for (std::int64_t i = 0; i < count_; ++i) out[static_cast<std::size_t>(i)] = element(*this, i);
  return out;
}

std::vector<std::int64_t> Tensor::to_ints() const {
  if (dtype_ == DType::i64) return {data<std::int64_t>(), data<std::int64_t>() + count_};
  std::vector<std::int64_t> out(static_cast<std::size_t>(count_));
  for (std::int64_t i = 0; i < count_; ++i) {
    const double v = dtype_ == DType::u64 ? 0 : element(*this, i);
    const bool fits = v >= -0x1p63 && v < 0x1p63;  // what does not, NaN too, is INT64_MIN on every machine
    out[static_cast<std::size_t>(i)] = dtype_ == DType::u64 ? static_cast<std::int64_t>(load<std::uint64_t>(data_, i))
                                       : fits               ? static_cast<std::int64_t>(v)
                                                            : INT64_MIN;
  }
  return out;
}

std::vector<float> Tensor::to_floats() const {
  if (dtype_ == DType::f32) {
    std::vector<float> out(static_cast<std::size_t>(count_));
    if (count_ > 0) std::memcpy(out.data(), data_, size_);
    return out;
  }
  std::vector<float> out(static_cast<std::size_t>(count_));
  for (std::int64_t i = 0; i < count_; ++i) out[static_cast<std::size_t>(i)] = static_cast<float>(element(*this, i));
  return out;
}

bool identical(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.dims() != b.dims()) return false;
  if (a.dtype() == DType::string) return std::ranges::equal(a.string_values(), b.string_values());
  if (is_aggregate(a.dtype())) return std::ranges::equal(a.items(), b.items(), identical);
  return a.bytes().data() == b.bytes().data() || std::ranges::equal(a.bytes(), b.bytes());
}

}  // namespace hone
