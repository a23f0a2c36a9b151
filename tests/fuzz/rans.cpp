// SPDX-License-Identifier: Apache-2.0
// The entropy decoder on arbitrary frames, of every kind and width; then the input is coded, and must come back. First byte: the form; second: the length.
#include <cstdlib>

#include "lib/bundle/delta_form.h"
#include "lib/bundle/rans_encode.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  if (size < 2) return 0;
  constexpr DeltaForm forms[] = {{DeltaMethod::full, 1}, {DeltaMethod::full, 2}, {DeltaMethod::full, 4}, {DeltaMethod::full, 8}, {DeltaMethod::subtract, 1}, {DeltaMethod::subtract, 2},
                                 {DeltaMethod::subtract, 4}, {DeltaMethod::subtract, 8}, {DeltaMethod::nibbles, 1}, {DeltaMethod::ordered, 2}, {DeltaMethod::ordered, 4}, {DeltaMethod::ordered, 8}};
  DeltaForm form = forms[data[0] % std::size(forms)];
  form.coding = DeltaCoding::rans;
  const Bytes input = std::as_bytes(std::span(data + 2, size - 2));
  std::vector<std::byte> base(data[1] % 16 == 15 ? 40000 : data[1] + 1U), out(base.size());
  for (std::size_t i = 0; i < base.size(); ++i) base[i] = static_cast<std::byte>(i % 3 ? i * i >> 4 : 0);
  (void)decode_record(form, input, base, out).has_value();
  if (input.empty()) return 0;
  base.resize(input.size());
  out.resize(input.size());
  const Bytes with = form.method == DeltaMethod::full ? Bytes() : Bytes(base);
  encode_residual(form.method, form.width, input, base, out);
  const auto frame = rans_encode(form.shape(), form.width == 2 ? 5 : form.width == 4 ? 8 : 11, out, with);
  std::vector<std::byte> again(input.size());
  if (!decode_record(form, frame, base, again) || !std::ranges::equal(again, input)) std::abort();
  return 0;
}
