// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/dim_math.h"
#include "lib/ops/window.h"

namespace hone {
namespace {

constexpr std::int64_t limit = std::int64_t{1} << 31;  // of each number, so that their sums and products fit

Status check_length(std::string_view what, std::size_t found, std::size_t expected, std::string_view why) {
  if (found == 0 || found == expected) return Ok{};
  return invalid("{} has {} values, expected {} ({} per spatial axis)", what, found, expected, why);
}
Status check_range(std::string_view what, std::int64_t value, std::int64_t lowest) {
  if (value >= lowest && value < limit) return Ok{};
  return invalid("{} contains {}, expected {} or more", what, value, lowest);
}

// Kernel, strides, dilations and explicit pads.
Result<Window> read_attributes(const Node& node, std::span<const Dim> spatial, std::span<const Dim> kernel) {
  const std::size_t rank = spatial.size();
  const auto shape = node.integers("kernel_shape"), strides = node.integers("strides"), dilations = node.integers("dilations"),
             pads = node.integers("pads");
  CHECK_OK(check_length("kernel_shape", shape.size(), rank, "1"));
  CHECK_OK(check_length("strides", strides.size(), rank, "1"));
  CHECK_OK(check_length("dilations", dilations.size(), rank, "1"));
  CHECK_OK(check_length("pads", pads.size(), 2 * rank, "2"));
  if (kernel.empty() && shape.size() != rank) return invalid("kernel_shape is missing");
  if (!kernel.empty() && kernel.size() != rank) return invalid("the weights have {} spatial axes, the input has {}", kernel.size(), rank);
  Window window(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    WindowAxis& a = window[i];
    a.in = spatial[i];
    a.kernel = shape.empty() ? kernel[i].value : shape[i];
    if (!kernel.empty() && kernel[i].known() && kernel[i].value != a.kernel)
      return invalid("kernel_shape says {} on spatial axis {}, the weights {}", a.kernel, i, kernel[i].value);
    if (!strides.empty()) a.stride = strides[i];
    if (!dilations.empty()) a.dilation = dilations[i];
    if (!pads.empty()) a.pad_begin = pads[i], a.pad_end = pads[rank + i];
    if (a.kernel >= 0 || kernel.empty()) CHECK_OK(check_range("kernel_shape", a.kernel, 1));
    CHECK_OK(check_range("strides", a.stride, 1));
    CHECK_OK(check_range("dilations", a.dilation, 1));
    CHECK_OK(check_range("pads", a.pad_begin, 0));
    CHECK_OK(check_range("pads", a.pad_end, 0));
    if (a.in.known()) CHECK_OK(check_range("the input's shape", a.in.value, 0));
  }
  return window;
}

enum class AutoPad { notset, valid, same_upper, same_lower };
Result<AutoPad> auto_pad_of(const Node& node) {
  const std::string_view text = node.text("auto_pad", "NOTSET");
  if (text == "NOTSET" || text.empty()) return AutoPad::notset;
  if (text == "VALID") return AutoPad::valid;
  if (text == "SAME_UPPER") return AutoPad::same_upper;
  if (text == "SAME_LOWER") return AutoPad::same_lower;
  return invalid("auto_pad is '{}', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER", text);
}

// The output keeps ceil(in / stride) positions; an odd pad more goes to the end (upper) or the beginning (lower).
void pad_same(WindowAxis& a, bool upper) {
  a.out = ceil_div(a.in, a.stride);
  if (!a.in.known()) return;
  const std::int64_t total = std::max<std::int64_t>((a.out.value - 1) * a.stride + a.extent() - a.in.value, 0);
  a.pad_begin = upper ? total / 2 : total - total / 2;
  a.pad_end = total - a.pad_begin;
}

Status slide(WindowAxis& a, bool ceil) {
  const std::int64_t pads = a.pad_begin + a.pad_end;
  if (!a.in.known()) {
    const Dim room = shift(a.in, pads - a.extent());
    // Rounded up only where the last window certainly begins before the padding at the end.
    if (!ceil) a.out = floor_div(room, Dim(a.stride)) + Dim(1);
    else a.out = a.pad_end + a.stride <= a.extent() ? ceil_div(room, a.stride) + Dim(1) : Dim();
    return Ok{};
  }
  const std::int64_t room = a.in.value + pads - a.extent();
  // Rounded up, there may be one window that ends past the padding.
  if (room + (ceil ? a.stride - 1 : 0) < 0) return invalid("the window spans {} elements but the padded input has {}", a.extent(), a.in.value + pads);
  a.out = (room + (ceil ? a.stride - 1 : 0)) / a.stride + 1;
  // A last window that would begin in the padding at the end is dropped.
  if (ceil && (a.out.value - 1) * a.stride >= a.in.value + a.pad_begin) a.out = a.out.value - 1;
  return Ok{};
}

}  // namespace

Result<Window> window_of(const Node& node, std::span<const Dim> spatial, std::span<const Dim> kernel) {
  TRY(Window window, read_attributes(node, spatial, kernel));
  TRY(const AutoPad mode, auto_pad_of(node));
  for (WindowAxis& a : window) {
    if (mode != AutoPad::notset) a.pad_begin = a.pad_end = 0;
    if (a.kernel < 0)
      a.out = Dim();
    else if (mode == AutoPad::same_upper || mode == AutoPad::same_lower)
      pad_same(a, mode == AutoPad::same_upper);
    else
      CHECK_OK(slide(a, node.integer("ceil_mode") != 0));
  }
  return window;
}

Result<Window> transposed_window_of(const Node& node, std::span<const Dim> spatial, std::span<const Dim> kernel) {
  TRY(Window window, read_attributes(node, spatial, kernel));
  TRY(const AutoPad mode, auto_pad_of(node));
  const bool same = mode == AutoPad::same_upper || mode == AutoPad::same_lower;
  const auto output_padding = node.integers("output_padding");
  auto wanted = node.integers("output_shape");
  CHECK_OK(check_length("output_padding", output_padding.size(), window.size(), "1"));
  if (wanted.size() == window.size() + 2) wanted.erase(wanted.begin(), wanted.begin() + 2);  // some exporters give batch and channels too
  CHECK_OK(check_length("output_shape", wanted.size(), window.size(), "1"));
  for (std::size_t i = 0; i < window.size(); ++i) {
    WindowAxis& a = window[i];
    const std::int64_t extra = output_padding.empty() ? 0 : output_padding[i];
    CHECK_OK(check_range("output_padding", extra, 0));
    if (mode != AutoPad::notset) a.pad_begin = a.pad_end = 0;
    a.out = wanted.empty() ? Dim() : Dim(wanted[i]);
    if (!wanted.empty()) CHECK_OK(check_range("output_shape", wanted[i], 0));
    if (a.kernel >= 0 && wanted.empty() && !a.in.known())
      a.out = same ? a.in * Dim(a.stride) : shift(a.in * Dim(a.stride), extra + a.extent() - a.stride - a.pad_begin - a.pad_end);
    if (!a.in.known() || a.kernel < 0) continue;
    const std::int64_t full = a.stride * (a.in.value - 1) + extra + a.extent();
    if (wanted.empty() && !same) {
      a.out = full - a.pad_begin - a.pad_end;
      if (full < a.pad_begin + a.pad_end) return invalid("pads {} and {} exceed the {} output elements", a.pad_begin, a.pad_end, full);
      continue;
    }
    if (wanted.empty()) a.out = a.in.value * a.stride;
    const std::int64_t total = std::max<std::int64_t>(full - a.out.value, 0);
    a.pad_begin = mode == AutoPad::same_upper ? total / 2 : total - total / 2;
    a.pad_end = total - a.pad_begin;
  }
  return window;
}

Window3::Window3(const Window& window) {
  assert(window.size() <= 3);
  const WindowAxis one;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t missing = 3 - window.size();
    const WindowAxis& a = i < missing ? one : window[i - missing];
    assert(a.in.known() && a.out.known() && a.kernel > 0);
    in[i] = a.in.value;
    out[i] = a.out.value;
    kernel[i] = a.kernel;
    stride[i] = a.stride;
    dilation[i] = a.dilation;
    pad[i] = a.pad_begin;
    pad_end[i] = a.pad_end;
  }
}

Status expect_spatial(const InferCall& c, std::size_t i) {
  if (!c.shape(i).ranked || (c.shape(i).rank() >= 3 && c.shape(i).rank() <= 5)) return Ok{};
  return invalid("the input has shape {}, expected 3 to 5 axes: batch, channels, and one to three spatial ones", to_string(c.shape(i)));
}

}  // namespace hone
