// SPDX-License-Identifier: Apache-2.0
// The elements of a constant in ONNX text, for every dtype.
#include <cmath>
#include <cstring>

#include "lib/ir/text_reader.h"

namespace hone {
namespace {

// The bits of a float of 8 bits or fewer whose value is exactly `value`.
std::optional<std::uint8_t> small_float_bits(DType dtype, float value) {
  for (int code = 0; code < 1 << bits(dtype); ++code) {
    const std::byte byte{static_cast<unsigned char>(code)};
    const auto one = Tensor::view(dtype, {1}, {&byte, 1}, nullptr);
    const auto got = static_cast<float>(element(*one, 0));
    if ((std::isnan(got) && std::isnan(value)) || (got == value && std::signbit(got) == std::signbit(value)))
      return static_cast<std::uint8_t>(code);
  }
  return std::nullopt;
}

// A constant of known type, its elements between braces.
class Elements {
 public:
  Elements(TextReader& in, DType dtype, const Dims& dims, std::int64_t count) : in_(in), dtype_(dtype), dims_(dims), count_(count) {}

  Result<Tensor> read() {
    switch (dtype_) {
      case DType::string: return strings();
      case DType::f32:
      case DType::c64: return plain<float>();
      case DType::f64:
      case DType::c128: return plain<double>();
      case DType::i64: return plain<std::int64_t>();
      case DType::u64: return plain<std::uint64_t>();
      case DType::i32: return plain<std::int32_t>();
      case DType::u32: return plain<std::uint32_t>();
      case DType::i16: return plain<std::int16_t>();
      case DType::u16: return plain<std::uint16_t>();
      case DType::i8: return plain<std::int8_t>();
      case DType::u8: return plain<std::uint8_t>();
      case DType::f16:
      case DType::bf16: return halves();
      default: return codes();
    }
  }

 private:
  template <class F>
  Status each(std::int64_t count, const F& read_one) {
    std::int64_t read = 0;
    if (in_.peek() != '}') {
      do {
        if (read++ == count) return in_.error(format("more than the {} elements of the type", count));
        CHECK_OK(read_one());
      } while (in_.accept(','));
    }
    if (read != count) return in_.error(format("{} elements, the type has {}", read, count));
    return Ok{};
  }
  Tensor from(Bytes bytes) const {
    Tensor t = Tensor::allocate(dtype_, dims_);
    assert(t.bytes().size() == bytes.size());
    if (!bytes.empty()) std::memcpy(t.writable(), bytes.data(), bytes.size());
    return t;
  }
  Result<Tensor> strings() {
    std::vector<std::string> strings;
    CHECK_OK(each(count_, [&]() -> Status {
      TRY(strings.emplace_back(), in_.string());
      return Ok{};
    }));
    return Tensor::strings(dims_, std::move(strings));
  }
  // A complex number is two of its parts.
  template <class T>
  Result<Tensor> plain() {
    const bool pairs = dtype_ == DType::c64 || dtype_ == DType::c128;
    std::vector<T> numbers;
    CHECK_OK(each(pairs ? 2 * count_ : count_, [&]() -> Status {
      TRY(numbers.emplace_back(), in_.number_as<T>(name(dtype_)));
      return Ok{};
    }));
    return from(std::as_bytes(std::span(numbers)));
  }
  Result<Tensor> halves() {
    std::vector<std::uint16_t> numbers;
    CHECK_OK(each(count_, [&]() -> Status {
      TRY(const float f, in_.number_as<float>(name(dtype_)));
      numbers.push_back(dtype_ == DType::f16 ? float_to_half(f) : float_to_bfloat(f));
      return Ok{};
    }));
    return from(std::as_bytes(std::span(numbers)));
  }
  // bool, and everything of 8 bits or fewer that is not int8 or uint8; packed below 8 bits, the first element in the low bits.
  Result<Tensor> codes() {
    std::vector<std::uint8_t> numbers;
    CHECK_OK(each(count_, [&]() -> Status {
      TRY(numbers.emplace_back(), code());
      return Ok{};
    }));
    const int width = bits(dtype_), per_byte = 8 / width;
    Tensor t = Tensor::allocate(dtype_, dims_);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      t.writable()[i / static_cast<std::size_t>(per_byte)] |= std::byte(numbers[i] << (static_cast<int>(i) % per_byte * width));
    return t;
  }
  Result<std::uint8_t> code() {
    const std::size_t start = in_.mark();
    if (is_float(dtype_)) {
      TRY(const float f, in_.number_as<float>(name(dtype_)));
      if (const auto found = small_float_bits(dtype_, f)) return *found;
    } else if (dtype_ == DType::boolean && TextReader::starts_id(in_.peek())) {
      const std::string_view found = in_.word();
      if (found == "true" || found == "false") return std::uint8_t{found == "true"};
    } else {
      TRY(const auto i, in_.number_as<std::int64_t>(name(dtype_)));
      const std::int64_t span = dtype_ == DType::boolean ? 2 : std::int64_t{1} << bits(dtype_);
      const std::int64_t low = is_signed(dtype_) ? -span / 2 : 0;
      if (i >= low && i < low + span) return static_cast<std::uint8_t>(i & (span - 1));
    }
    in_.back(start);
    return in_.error(format("expected a value of {}", name(dtype_)));
  }

  TextReader& in_;
  DType dtype_;
  const Dims& dims_;
  std::int64_t count_;
};

}  // namespace

Result<Tensor> read_tensor(TextReader& in, DType dtype, const Shape& shape, std::string_view name) {
  if (in.peek() == '[')
    return in.error(format("the values of '{}' are not in the text (large constants print as a hash); use the ONNX file", name));
  const auto dims = shape.concrete();
  if (dtype == DType::undefined || !dims)
    return in.error(format("constant '{}' needs a type with known dimensions, such as float[2]", name));
  TRY(const std::int64_t count, element_count(*dims));
  CHECK_OK(in.expect('{'));
  TRY(Tensor t, Elements(in, dtype, *dims, count).read());
  CHECK_OK(in.expect('}'));
  return t;
}

}  // namespace hone
