// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/delta_form.h"

#include <array>
#include <cassert>

#include "lib/bundle/residual.h"

namespace hone {
namespace {

template <class T> void encode_as(bool ordered, Bytes plain, Bytes base, std::span<std::byte> out) {
  for (std::size_t i = 0; i < plain.size() / sizeof(T); ++i) {
    const T a = load<T>(plain, i), b = load<T>(base, i);
    const T d = ordered ? static_cast<T>(to_ordered(a) - to_ordered(b)) : static_cast<T>(a - b);
    store(out, i, zigzag(outward(d, b)));
  }
}

template <class T> void decode_as(bool ordered, std::span<std::byte> in_out, Bytes base) {
  for (std::size_t i = 0; i < in_out.size() / sizeof(T); ++i) {
    const T b = load<T>(base, i), d = outward(unzigzag(load<T>(in_out, i)), b);
    store(in_out, i, ordered ? from_ordered(static_cast<T>(to_ordered(b) + d)) : static_cast<T>(b + d));
  }
}

// The same for the two halves of a byte.
std::byte encode_nibbles(std::byte plain, std::byte base) {
  unsigned out = 0;
  for (const unsigned at : {0U, 4U}) {
    const unsigned b = std::to_integer<unsigned>(base) >> at & 15, a = std::to_integer<unsigned>(plain) >> at & 15;
    const unsigned d = (b & 8 ? b - a : a - b) & 15;
    out |= ((d << 1 ^ (d & 8 ? 15U : 0U)) & 15) << at;
  }
  return static_cast<std::byte>(out);
}
std::byte decode_nibbles(std::byte residual, std::byte base) {
  unsigned out = 0;
  for (const unsigned at : {0U, 4U}) {
    const unsigned z = std::to_integer<unsigned>(residual) >> at & 15, b = std::to_integer<unsigned>(base) >> at & 15;
    const unsigned d = z >> 1 ^ (z & 1 ? 15U : 0U);
    out |= ((b & 8 ? b - d : b + d) & 15) << at;
  }
  return static_cast<std::byte>(out);
}

}  // namespace

void encode_residual(DeltaMethod method, std::size_t width, Bytes plain, Bytes base, std::span<std::byte> residual) {
  assert(plain.size() == residual.size() && (method == DeltaMethod::full || base.size() == plain.size()));
  std::memcpy(residual.data(), plain.data(), plain.size());
  if (method == DeltaMethod::exclusive_or)
    for (std::size_t i = 0; i < plain.size(); ++i) residual[i] ^= base[i];
  if (method == DeltaMethod::nibbles)
    for (std::size_t i = 0; i < plain.size(); ++i) residual[i] = encode_nibbles(plain[i], base[i]);
  if (method == DeltaMethod::subtract || method == DeltaMethod::ordered)
    by_width(width, [&](auto type) { encode_as<decltype(type)>(method == DeltaMethod::ordered, plain, base, residual); });
}

void decode_residual(DeltaMethod method, std::size_t width, std::span<std::byte> in_out, Bytes base) {
  assert(method == DeltaMethod::full || base.size() == in_out.size());
  if (method == DeltaMethod::exclusive_or)
    for (std::size_t i = 0; i < in_out.size(); ++i) in_out[i] ^= base[i];
  if (method == DeltaMethod::nibbles)
    for (std::size_t i = 0; i < in_out.size(); ++i) in_out[i] = decode_nibbles(in_out[i], base[i]);
  if (method == DeltaMethod::subtract || method == DeltaMethod::ordered)
    by_width(width, [&](auto type) { decode_as<decltype(type)>(method == DeltaMethod::ordered, in_out, base); });
}

std::string_view name(DeltaMethod method) {
  static constexpr std::array<std::string_view, method_count> names{"same", "full", "xor", "subtract", "ordered", "prefix", "nibbles"};
  return names[static_cast<std::size_t>(method)];
}

bool DeltaForm::possible() const {
  if (width != 1 && width != 2 && width != 4 && width != 8) return false;
  switch (method) {
    case DeltaMethod::full:
    case DeltaMethod::subtract: return true;
    case DeltaMethod::exclusive_or: return coding != DeltaCoding::rans;
    case DeltaMethod::ordered: return width > 1;
    case DeltaMethod::prefix: return width == 1 && coding == DeltaCoding::zstd;
    case DeltaMethod::nibbles: return width == 1;
    default: return false;
  }
}

RansShape DeltaForm::shape() const {
  const RansKind kind = method == DeltaMethod::full ? RansKind::plain : method == DeltaMethod::ordered ? RansKind::ordered : RansKind::integer;
  return {.kind = kind, .width = width, .nibbles = method == DeltaMethod::nibbles};
}

Status decode_record(DeltaForm form, Bytes frame, Bytes base, std::span<std::byte> plain) {
  if (form.method == DeltaMethod::prefix) return zstd_decompress(frame, plain, base);
  if (form.method == DeltaMethod::full) base = {};
  if (form.coding == DeltaCoding::rans) {
    CHECK_OK(rans_decode(form.shape(), frame, base, plain));
  } else if (form.width == 1) {
    CHECK_OK(decode_block(form.coding == DeltaCoding::zstd ? Codec::zstd : Codec::raw, frame, plain));
  } else {
    std::vector<std::byte> planes(plain.size());
    CHECK_OK(decode_block(form.coding == DeltaCoding::zstd ? Codec::zstd : Codec::raw, frame, planes));
    join_planes(planes, form.width, plain);
  }
  decode_residual(form.method, form.width, plain, base);
  return Ok{};
}

}  // namespace hone
