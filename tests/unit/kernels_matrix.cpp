// SPDX-License-Identifier: Apache-2.0
// Every conv, groupconv, depthwise and gemm kernel against the definition in lib/kernels/params.h, computed here with plain loops:
// integers to the byte, floats within the rounding of the sum, and the same bits at every thread count.
#include "tests/unit/kernel_harness.h"

namespace hone {
namespace {

struct Shape { std::int64_t n, ih, iw, ic, oc, kh, kw, stride, dilation, pad, group; };

// Channels around the lanes of every ISA, few channels, strides, dilation, padding on all sides, a window larger than the image.
std::vector<Shape> shapes(bool depthwise, bool grouped) {
  if (depthwise) {
    std::vector<Shape> list;
    for (std::int64_t c : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 96, 130}) list.push_back({1, 5, 6, c, c, 3, 3, 1, 1, 1, c});
    for (std::int64_t k : {1, 2, 5, 7}) list.push_back({2, 9, 8, 20, 20, k, k, 2, 1, k / 2, 20});
    list.push_back({1, 11, 7, 24, 24, 3, 1, 1, 2, 2, 24});
    return list;
  }
  if (grouped) return {{1, 6, 5, 8, 12, 3, 3, 1, 1, 1, 2}, {2, 7, 7, 96, 96, 3, 3, 2, 1, 1, 4}, {1, 5, 5, 6, 9, 1, 1, 1, 1, 0, 3}, {1, 5, 5, 4, 8, 3, 3, 1, 1, 1, 4},
                       {1, 6, 6, 80, 160, 3, 3, 1, 2, 2, 2}, {1, 6, 6, 33, 66, 1, 1, 1, 1, 0, 3}};
  std::vector<Shape> list;
  for (std::int64_t oc : {1, 3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 33, 48, 49, 64, 80, 97}) list.push_back({1, 4, 5, 5, oc, 1, 1, 1, 1, 0, 1});
  for (std::int64_t ic : {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 18, 31, 64}) list.push_back({1, 6, 5, ic, 20, 3, 3, 1, 1, 1, 1});
  for (std::int64_t w : {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17}) list.push_back({1, 1, w, 16, 16, 1, 1, 1, 1, 0, 1});
  list.push_back({2, 15, 13, 3, 32, 7, 7, 2, 1, 3, 1});
  list.push_back({1, 9, 9, 20, 10, 3, 3, 2, 2, 2, 1});
  list.push_back({1, 2, 2, 16, 8, 5, 5, 1, 1, 2, 1});
  list.push_back({1, 40, 40, 32, 40, 3, 3, 1, 1, 1, 1});
  return list;
}

ConvParams params_of(const Shape& s) {
  const auto out = [&](std::int64_t in, std::int64_t k) { return (in + 2 * s.pad - (k - 1) * s.dilation - 1) / s.stride + 1; };
  return {.n = s.n, .ih = s.ih, .iw = s.iw, .ic = s.ic, .oh = out(s.ih, s.kh), .ow = out(s.iw, s.kw), .oc = s.oc, .kh = s.kh, .kw = s.kw,
          .stride_h = s.stride, .stride_w = s.stride, .dilation_h = s.dilation, .dilation_w = s.dilation, .pad_top = s.pad, .pad_left = s.pad,
          .group = s.group};
}

std::string text(const Kernel& k, const ConvParams& p) {
  std::ostringstream s;
  s << k.name << " n" << p.n << " " << p.ih << "x" << p.iw << "x" << p.ic << " -> " << p.oh << "x" << p.ow << "x" << p.oc << " k" << p.kh << "x" << p.kw << " group " << p.group;
  return s.str();
}

// Calls each(output index, channel, products) where products(f) calls f(x index or -1, weight index).
template <class F>
void for_outputs(const ConvParams& p, F each) {
  const std::int64_t group_in = p.ic / p.group, group_out = p.oc / p.group;
  std::size_t at = 0;
  for (std::int64_t n = 0; n < p.n; ++n)
    for (std::int64_t oh = 0; oh < p.oh; ++oh)
      for (std::int64_t ow = 0; ow < p.ow; ++ow)
        for (std::int64_t oc = 0; oc < p.oc; ++oc)
          each(at++, static_cast<std::size_t>(oc), [=, &p](auto f) {
            for (std::int64_t kh = 0; kh < p.kh; ++kh)
              for (std::int64_t kw = 0; kw < p.kw; ++kw)
                for (std::int64_t c = 0; c < group_in; ++c) {
                  const std::int64_t y = oh * p.stride_h + kh * p.dilation_h - p.pad_top, x = ow * p.stride_w + kw * p.dilation_w - p.pad_left;
                  const bool inside = y >= 0 && y < p.ih && x >= 0 && x < p.iw;
                  f(inside ? ((n * p.ih + y) * p.iw + x) * p.ic + oc / group_out * group_in + c : -1, static_cast<std::size_t>(((oc * p.kh + kh) * p.kw + kw) * group_in + c));
                }
          });
}

void check_conv_f32(const Kernel& k, const Shape& shape, bool residual, Clamp clamp) {
  ConvParams p = params_of(shape);
  p.residual = residual;
  p.clamp = clamp;
  Random random;
  const auto count = [](auto... d) { return static_cast<std::size_t>((d * ...)); };
  const auto x = random_buffer<float>(random, count(p.n, p.ih, p.iw, p.ic), -1, 1);
  const auto w = random_buffer<float>(random, count(p.oc, p.kh, p.kw, p.ic / p.group), -1, 1), bias = random_buffer<float>(random, count(p.oc), -1, 1);
  const auto r = random_buffer<float>(random, count(p.n, p.oh, p.ow, p.oc), -1, 1);
  Buffer<float> y(r.size()), threaded = r;  // the second run adds in place
  run_kernel(k, p, {w.data(), bias.data()}, {x.data(), r.data()}, {y.data()}, 1);
  run_kernel(k, p, {w.data(), bias.data()}, {x.data(), residual ? threaded.data() : r.data()}, {threaded.data()}, 3);
  EXPECT_TRUE(y.same(threaded)) << text(k, p) << ": the result depends on the thread count";
  EXPECT_TRUE(y.intact()) << text(k, p);
  for_outputs(p, [&](std::size_t at, std::size_t oc, auto products) {
    double expected = bias[oc], magnitude = 2;
    products([&](std::int64_t i, std::size_t j) {
      if (i < 0) return;
      const double product = static_cast<double>(x[static_cast<std::size_t>(i)]) * w[j];
      expected += product;
      magnitude += std::fabs(product);
    });
    if (residual) expected += r[at];
    expected = std::fmin(clamp.high, std::fmax(clamp.low, expected));
    ASSERT_NEAR(y[at], expected, 1e-6 * magnitude) << text(k, p) << " at " << at;
  });
}

void check_conv_u8(const Kernel& k, const Shape& shape, bool extreme, Requant quant) {
  ConvParams p = params_of(shape);
  p.quant = quant;
  Random random;
  const auto count = [](auto... d) { return static_cast<std::size_t>((d * ...)); };
  // Extreme values: what a saturating 16-bit intermediate would get wrong.
  const auto x = random_buffer<std::uint8_t>(random, count(p.n, p.ih, p.iw, p.ic), extreme ? 250 : 0, 255);
  auto w = random_buffer<std::int8_t>(random, count(p.oc, p.kh, p.kw, p.ic / p.group), -128, extreme ? -120 : 127);
  const auto bias = random_buffer<std::int32_t>(random, count(p.oc), -3000, 3000);
  auto multiplier = random_buffer<float>(random, count(p.oc), 1e-4f, 2e-3f);
  multiplier[0] = 0.5f;  // ties
  Buffer<std::uint8_t> y(count(p.n, p.oh, p.ow, p.oc)), threaded(y.size());
  const bool with_bias = !extreme;
  const std::vector<const void*> constants{w.data(), with_bias ? bias.data() : nullptr, multiplier.data()};
  run_kernel(k, p, constants, {x.data()}, {y.data()}, 1);
  run_kernel(k, p, constants, {x.data()}, {threaded.data()}, 3);
  EXPECT_TRUE(y.same(threaded)) << text(k, p);
  EXPECT_TRUE(y.intact()) << text(k, p);
  for_outputs(p, [&](std::size_t at, std::size_t oc, auto products) {
    std::int64_t acc = with_bias ? bias[oc] : 0;
    products([&](std::int64_t i, std::size_t j) { acc += ((i < 0 ? quant.x_zero : x[static_cast<std::size_t>(i)]) - quant.x_zero) * std::int64_t{w[j]}; });
    const std::uint8_t expected = requantized(static_cast<float>(static_cast<std::int32_t>(acc)) * multiplier[oc], quant.low, quant.high, quant.y_zero);
    ASSERT_EQ(y[at], expected) << text(k, p) << " at " << at;
  });
}

class Conv : public testing::TestWithParam<const char*> {};
TEST_P(Conv, FloatKernelsMatchTheDefinition) {
  const std::string op = GetParam();
  const auto kernels = kernels_of(op, DType::f32);
  ASSERT_FALSE(kernels.empty());
  for (const Kernel* k : kernels)
    for (const Shape& s : shapes(op == "depthwise", op == "groupconv")) {
      check_conv_f32(*k, s, false, {});
      check_conv_f32(*k, s, true, {0, 6});
    }
}
TEST_P(Conv, IntegerKernelsMatchTheDefinitionToTheByte) {
  const std::string op = GetParam();
  const auto kernels = kernels_of(op, DType::u8);
  ASSERT_FALSE(kernels.empty());
  for (const Kernel* k : kernels)
    for (const Shape& s : shapes(op == "depthwise", op == "groupconv")) {
      check_conv_u8(*k, s, false, {.x_zero = 113, .y_zero = 128});
      check_conv_u8(*k, s, true, {.x_zero = 0, .y_zero = 255, .low = 3, .high = 250});
      check_conv_u8(*k, s, false, {.x_zero = 255, .y_zero = 0});
    }
}
INSTANTIATE_TEST_SUITE_P(Kernels, Conv, testing::Values("conv", "groupconv", "depthwise"), [](const auto& info) { return std::string(info.param); });

std::vector<GemmParams> products() {
  std::vector<GemmParams> list;
  for (std::int64_t m : {1, 2, 3, 4, 5, 7, 8, 9, 13}) list.push_back({.m = m, .n = 33, .k = 17});
  for (std::int64_t n : {1, 2, 4, 8, 15, 16, 17, 31, 32, 48, 49, 65, 100}) list.push_back({.m = 6, .n = n, .k = 9});
  for (std::int64_t k : {1, 2, 3, 4, 5, 8, 64, 1000}) list.push_back({.batch = 2, .m = 5, .n = 20, .k = k});
  list.push_back({.m = 600, .n = 40, .k = 70});
  return list;
}

void check_gemm_f32(const Kernel& kernel, GemmParams g) {
  Random random;
  const auto batch = static_cast<std::size_t>(g.batch), m = static_cast<std::size_t>(g.m), n = static_cast<std::size_t>(g.n), k = static_cast<std::size_t>(g.k);
  const auto a = random_buffer<float>(random, batch * m * k, -1, 1), b = random_buffer<float>(random, (g.shared_b ? 1 : batch) * k * n, -1, 1);
  const auto bias = random_buffer<float>(random, n, -1, 1);
  Buffer<float> y(batch * m * n), threaded(y.size());
  const bool biased = g.constant_b || g.has_bias;
  run_kernel(kernel, g, {b.data(), bias.data()}, {a.data(), b.data(), bias.data()}, {y.data()}, 1);
  run_kernel(kernel, g, {b.data(), bias.data()}, {a.data(), b.data(), bias.data()}, {threaded.data()}, 3);
  EXPECT_TRUE(y.same(threaded)) << kernel.name;
  EXPECT_TRUE(y.intact()) << kernel.name;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t column = i % n, row = i / n, matrix = g.shared_b ? 0 : row / m;
    double expected = 0, magnitude = 1;
    for (std::size_t j = 0; j < k; ++j) {
      const double product = static_cast<double>(a[row * k + j]) * b[matrix * k * n + (g.transpose_b ? column * k + j : j * n + column)] * g.alpha;
      expected += product;
      magnitude += std::fabs(product);
    }
    if (biased) expected += bias[column];
    expected = std::fmin(g.clamp.high, std::fmax(g.clamp.low, expected));
    ASSERT_NEAR(y[i], expected, 1e-6 * magnitude) << kernel.name << " m " << m << " n " << n << " k " << k << " batch " << batch << " at " << i;
  }
}

TEST(Gemm, FloatKernelsMatchTheDefinition) {
  for (const Kernel* kernel : kernels_of("gemm", DType::f32))
    for (GemmParams g : products()) {
      check_gemm_f32(*kernel, g);
      g.transpose_b = true;
      g.alpha = 0.25f;
      g.clamp = {-0.5f, 0.5f};
      check_gemm_f32(*kernel, g);
      g.constant_b = false;
      check_gemm_f32(*kernel, g);
      g.shared_b = false;
      g.has_bias = true;
      check_gemm_f32(*kernel, g);
      g.transpose_b = false;
      check_gemm_f32(*kernel, g);
    }
}

TEST(Gemm, IntegerKernelsMatchTheDefinitionToTheByte) {
  for (const Kernel* kernel : kernels_of("gemm", DType::u8))
    for (GemmParams g : products())
      for (const bool transposed : {false, true}) {
        g.transpose_b = transposed;
        g.quant = {.x_zero = 77, .y_zero = 131, .low = 1};
        Random random;
        const auto rows = static_cast<std::size_t>(g.batch * g.m), n = static_cast<std::size_t>(g.n), k = static_cast<std::size_t>(g.k);
        const auto a = random_buffer<std::uint8_t>(random, rows * k, 0, 255);
        const auto b = random_buffer<std::int8_t>(random, k * n, -128, 127);
        const auto bias = random_buffer<std::int32_t>(random, n, -3000, 3000);
        const auto multiplier = random_buffer<float>(random, n, 1e-4f, 2e-3f);
        Buffer<std::uint8_t> y(rows * n), threaded(y.size());
        run_kernel(*kernel, g, {b.data(), bias.data(), multiplier.data()}, {a.data()}, {y.data()}, 1);
        run_kernel(*kernel, g, {b.data(), bias.data(), multiplier.data()}, {a.data()}, {threaded.data()}, 3);
        EXPECT_TRUE(y.same(threaded) && y.intact()) << kernel->name;
        for (std::size_t i = 0; i < y.size(); ++i) {
          std::int32_t acc = bias[i % n];
          for (std::size_t j = 0; j < k; ++j) acc += (a[i / n * k + j] - g.quant.x_zero) * b[transposed ? i % n * k + j : j * n + i % n];
          ASSERT_EQ(y[i], requantized(static_cast<float>(acc) * multiplier[i % n], g.quant.low, g.quant.high, g.quant.y_zero)) << kernel->name << " at " << i;
        }
      }
}

TEST(Gemm, DeepIntegerSumsAreRefused) {
  const GemmParams deep{.m = 1, .n = 1, .k = max_int8_depth + 1};
  const GemmParams fits{.m = 1, .n = 1, .k = max_int8_depth};
  for (const Kernel* kernel : kernels_of("gemm", DType::u8)) {
    EXPECT_FALSE(kernel->accepts(&deep)) << kernel->name;
    EXPECT_TRUE(kernel->accepts(&fits)) << kernel->name;
  }
}

}  // namespace
}  // namespace hone
