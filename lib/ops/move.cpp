// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/dim_math.h"
#include "lib/ops/move.h"

#include <cstring>

namespace hone {
namespace {

std::byte packed_element(const std::byte* data, std::int64_t i, int bits) {
  const int per_byte = 8 / bits;
  return (data[i / per_byte] >> static_cast<int>(i % per_byte * bits)) & static_cast<std::byte>((1 << bits) - 1);
}
void set_packed(std::byte* data, std::int64_t i, int bits, std::byte value) {
  const int per_byte = 8 / bits, shift = static_cast<int>(i % per_byte) * bits;
  std::byte& b = data[i / per_byte];
  b = (b & ~(static_cast<std::byte>((1 << bits) - 1) << shift)) | (value << shift);
}

template <class T>
void copy_row(const std::byte* src, std::byte* dst, std::int64_t n, std::int64_t stride) {
  for (std::int64_t i = 0; i < n; ++i)
    std::memcpy(dst + i * static_cast<std::int64_t>(sizeof(T)), src + i * stride * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
}

}  // namespace

Mover::Mover(OpCall& c, std::size_t output, DType dtype, Dims dims)
    : call_(c), output_(output), dims_(std::move(dims)), count_(count_of(dims_)), bits_(bits(dtype)) {
  if (bits_ == 0)
    strings_.resize(static_cast<std::size_t>(count_));
  else
    data_ = c.make(output, dtype, dims_).writable();
}

Result<Mover> Mover::by_rule(OpCall& c, std::size_t output) {
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  const auto dims = output < facts.size() ? facts[output].shape.concrete() : std::nullopt;
  if (!dims || facts[output].dtype == DType::undefined) return invalid("the inputs do not determine the shape of output {}", output);
  CHECK_OK(check_size(*dims));
  return Mover(c, output, facts[output].dtype, *dims);
}

void Mover::copy(const Tensor& src, std::int64_t from, std::int64_t to, std::int64_t n) {
  if (n <= 0) return;
  if (bits_ == 0) {
    std::copy_n(src.string_values().begin() + from, n, strings_.begin() + to);
  } else if (bits_ >= 8) {
    const std::int64_t size = bits_ / 8;
    std::memcpy(data_ + to * size, src.bytes().data() + from * size, static_cast<std::size_t>(n * size));
  } else {
    for (std::int64_t i = 0; i < n; ++i) set_packed(data_, to + i, bits_, packed_element(src.bytes().data(), from + i, bits_));
  }
}

void Mover::fill(const Tensor& src, std::int64_t from, std::int64_t to, std::int64_t n) {
  if (n <= 0) return;
  copy(src, from, to, 1);
  if (bits_ < 8) {
    for (std::int64_t i = 1; i < n; ++i) copy(src, from, to + i, 1);
    return;
  }
  const std::int64_t size = bits_ / 8;
  std::byte* first = data_ + to * size;
  for (std::int64_t done = 1; done < n;) {  // doubling
    const std::int64_t now = std::min(done, n - done);
    std::memcpy(first + done * size, first, static_cast<std::size_t>(now * size));
    done += now;
  }
}

void Mover::copy_strided(const Tensor& src, std::int64_t offset, const Dims& dims, const Dims& strides) {
  if (count_ == 0) return;
  if (dims.empty()) return copy(src, offset, 0, 1);
  const std::int64_t n = dims.back(), stride = strides.back();
  const Dims outer(dims.begin(), dims.end() - 1);
  std::int64_t to = 0;
  each_index(outer, [&](const Dims& index) {
    std::int64_t from = offset;
    for (std::size_t k = 0; k < index.size(); ++k) from += index[k] * strides[k];
    const std::byte* in = src.bytes().data() + from * (bits_ / 8);
    std::byte* out = data_ + to * (bits_ / 8);
    if (stride == 1)
      copy(src, from, to, n);
    else if (stride == 0)
      fill(src, from, to, n);
    else if (bits_ == 8)
      copy_row<std::uint8_t>(in, out, n, stride);
    else if (bits_ == 16)
      copy_row<std::uint16_t>(in, out, n, stride);
    else if (bits_ == 32)
      copy_row<std::uint32_t>(in, out, n, stride);
    else if (bits_ == 64)
      copy_row<std::uint64_t>(in, out, n, stride);
    else
      for (std::int64_t i = 0; i < n; ++i) copy(src, from + i * stride, to + i, 1);
    to += n;
  });
}

Status Mover::finish() {
  if (bits_ == 0) call_.set(output_, Tensor::strings(dims_, std::move(strings_)));
  return Ok{};
}

std::int64_t product(std::span<const std::int64_t> dims, std::size_t from, std::size_t to) {
  return count_of(dims.subspan(from, to - from));
}

Result<std::int64_t> normalize_index(std::int64_t index, std::int64_t size) {
  if (index < -size || index >= size) return invalid("index {} is outside [-{}, {}]", index, size, size - 1);
  return index < 0 ? index + size : index;
}

Dim product(std::span<const Dim> dims) {
  if (std::ranges::find(dims, Dim(0)) != dims.end()) return Dim(0);
  Dim all(1);
  for (const Dim& d : dims) all = all * d;
  return all;
}

}  // namespace hone
