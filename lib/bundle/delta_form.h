// SPDX-License-Identifier: Apache-2.0
// The records of a delta (docs/bundle.md, section 4): which methods there are, and how a frame and a stretch of the base become a block.
#pragma once
#include "lib/bundle/codec.h"
#include "lib/bundle/rans.h"

namespace hone {

enum class DeltaMethod : std::uint8_t { same, full, exclusive_or, subtract, ordered, prefix, nibbles };
constexpr int method_count = 7;
std::string_view name(DeltaMethod);
enum class DeltaCoding : std::uint8_t { raw, zstd, rans };
constexpr int coding_count = 3;

struct DeltaForm {
  DeltaMethod method = DeltaMethod::full;
  std::uint8_t width = 1;
  DeltaCoding coding = DeltaCoding::raw;
  bool possible() const;
  RansShape shape() const;                                                     // for DeltaCoding::rans
  bool uses_base() const { return method != DeltaMethod::full; }
  bool uses_range() const { return uses_base() && method != DeltaMethod::same && method != DeltaMethod::prefix; }  // as long as the block
};
// Fills all of `plain`. REQUIRES: possible(), a method other than same; base as long as plain if uses_range(). Errors: untrusted.
Status decode_record(DeltaForm, Bytes frame, Bytes base, std::span<std::byte> plain);

// residual = encode(plain, base), plain = decode(residual, base), before and after the byte planes or the entropy coder.
void encode_residual(DeltaMethod, std::size_t width, Bytes plain, Bytes base, std::span<std::byte> residual);
void decode_residual(DeltaMethod, std::size_t width, std::span<std::byte> in_out, Bytes base);

}  // namespace hone
