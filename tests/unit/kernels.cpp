// SPDX-License-Identifier: Apache-2.0
// Every kernel of the table but the matrix families (kernels_matrix.cpp) against its definition in lib/kernels/params.h: integers
// to the byte, floats to 1e-5; at every length around the vector width, unaligned, in place, with one thread and three.
#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "tests/unit/kernel_harness.h"

namespace hone {
namespace {

void expect_close(const Kernel& k, const Buffer<float>& y, const std::vector<double>& expected, double absolute = 1e-6) {
  ASSERT_EQ(y.size(), expected.size());
  EXPECT_TRUE(y.intact()) << k.name;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(expected[i])) { ASSERT_TRUE(std::isnan(y[i])) << k.name << " at " << i; continue; }
    if (static_cast<float>(expected[i]) == y[i]) continue;
    ASSERT_NEAR(y[i], expected[i], 1e-5 * std::fabs(expected[i]) + absolute) << k.name << " at " << i << " of " << y.size();
  }
}

using Scalar = double (*)(double, double alpha, double beta);
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
const std::map<std::string_view, Scalar>& unary() {
  static const std::map<std::string_view, Scalar> table{
      {"abs", [](double x, double, double) { return std::fabs(x); }},
      {"neg", [](double x, double, double) { return -x; }},
      {"reciprocal", [](double x, double, double) { return 1 / x; }},
      {"sqrt", [](double x, double, double) { return std::sqrt(x); }},
      {"relu", [](double x, double, double) { return x > 0 ? x : x != x ? x : 0; }},
      {"leakyrelu", [](double x, double a, double) { return x < 0 ? a * x : x; }},
      {"clip", [](double x, double a, double b) { return x != x ? x : std::fmin(std::fmax(x, a), b); }},
      {"exp", [](double x, double, double) { return std::exp(x); }},
      {"log", [](double x, double, double) { return std::log(x); }},
      {"sigmoid", [](double x, double, double) { return sigmoid(x); }},
      {"tanh", [](double x, double, double) { return std::tanh(x); }},
      {"erf", [](double x, double, double) { return std::erf(x); }},
      {"silu", [](double x, double, double) { return std::isinf(x) && x < 0 ? std::nan("") : x < -100 ? 0 : x * sigmoid(x); }},
      {"gelu", [](double x, double, double) { return std::isinf(x) ? (x > 0 ? x : std::nan("")) : x * (1 + std::erf(x / std::sqrt(2.0))) / 2; }},
      {"gelu_tanh", [](double x, double, double) {
         return std::isinf(x) ? (x > 0 ? x : std::nan("")) : x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x))) / 2;
       }},
      {"hardsigmoid", [](double x, double a, double b) { return x != x ? x : std::fmin(1, std::fmax(0, a * x + b)); }},
      {"hardswish", [](double x, double, double) { return x * (x != x ? x : std::fmin(1, std::fmax(0, x / 6 + 0.5))); }},
      {"softplus", [](double x, double, double) { return x > 50 ? x : std::log1p(std::exp(x)); }},
      {"elu", [](double x, double a, double) { return x > 0 ? x : a * std::expm1(x); }},
  };
  return table;
}

void check_unary(const Kernel& k) {
  const Scalar f = unary().at(k.op);
  for (std::size_t n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 40000}) {
    const UnaryParams p{.n = static_cast<std::int64_t>(n), .alpha = k.op == "clip" ? -0.75f : 0.3f, .beta = 0.6f};
    Random random;
    auto x = random_buffer<float>(random, n, k.op == "sqrt" ? 0 : -12, 12);
    if (n > 1000) {
      const float special[] = {0.0f, -0.0f, 1e-30f, -1e-30f, 1e-40f, 0.7071f, 1.0f, -1.0f, 88.0f, 88.7f, 89.5f, -87.0f, -100.0f, 1e30f, -1e30f, INFINITY, -INFINITY, NAN, 3e-5f, -3e-5f};
      std::copy(std::begin(special), std::end(special), &x[0]);
    }
    std::vector<double> expected(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = f(x[i], p.alpha, p.beta);
    Buffer<float> y(n, 3), in_place = x;
    run_kernel(k, p, {}, {x.data()}, {y.data()}, 1);
    // The negative tail of the gelus is a difference of nearly equal numbers: the error is that of 1 + tanh, times x.
    // So is a hard sigmoid next to where it meets 0.
    expect_close(k, y, expected, k.op.starts_with("gelu") ? 2e-6 : k.op.starts_with("hard") ? 2e-7 : 1e-30);
    run_kernel(k, p, {}, {in_place.data()}, {in_place.data()}, 3);
    EXPECT_EQ(std::memcmp(in_place.data(), y.data(), n * 4), 0) << k.name << ": in place or threaded differs, n " << n;
  }
}

// Broadcasts of a (2, 3, 4, 5)-like output: same shape, one element, along the last axis, along others, middle axes, transposed.
std::vector<BinaryParams> broadcasts() {
  std::vector<BinaryParams> list;
  for (std::int64_t n : {1, 2, 3, 4, 5, 8, 9, 16, 17, 33, 20000}) {
    list.push_back({.rank = 1, .dims = {n}, .a_strides = {1}, .b_strides = {1}});
    list.push_back({.rank = 1, .dims = {n}, .a_strides = {1}, .b_strides = {0}});
    list.push_back({.rank = 1, .dims = {n}, .a_strides = {0}, .b_strides = {1}});
  }
  list.push_back({.rank = 0, .dims = {}, .a_strides = {}, .b_strides = {}});
  list.push_back({.rank = 4, .dims = {2, 3, 4, 5}, .a_strides = {60, 20, 5, 1}, .b_strides = {0, 0, 0, 1}});
  list.push_back({.rank = 4, .dims = {2, 3, 4, 5}, .a_strides = {60, 20, 5, 1}, .b_strides = {0, 1, 0, 0}});
  list.push_back({.rank = 4, .dims = {2, 3, 4, 5}, .a_strides = {0, 20, 5, 1}, .b_strides = {3, 1, 0, 0}});
  list.push_back({.rank = 3, .dims = {7, 1, 19}, .a_strides = {1, 0, 7}, .b_strides = {19, 0, 1}});
  list.push_back({.rank = 2, .dims = {3, 0}, .a_strides = {0, 1}, .b_strides = {0, 1}});
  return list;
}

std::int64_t span_of(std::int64_t rank, const std::int64_t* dims, const std::int64_t* strides) {
  std::int64_t last = 0;
  for (std::int64_t i = 0; i < rank; ++i) last += std::max<std::int64_t>(dims[i] - 1, 0) * strides[i];
  return last + 1;
}

// The operands' elements of output i.
std::pair<std::size_t, std::size_t> operands(const BinaryParams& p, std::size_t i) {
  std::int64_t rest = static_cast<std::int64_t>(i), a = 0, b = 0;
  for (std::int64_t d = p.rank; d-- > 0; rest /= p.dims[d]) a += rest % p.dims[d] * p.a_strides[d], b += rest % p.dims[d] * p.b_strides[d];
  return {static_cast<std::size_t>(a), static_cast<std::size_t>(b)};
}
std::size_t outputs(const BinaryParams& p) { return static_cast<std::size_t>(std::accumulate(p.dims, p.dims + p.rank, std::int64_t{1}, std::multiplies<>())); }

using Pair = double (*)(double, double);
const std::map<std::string_view, Pair>& binary() {
  static const std::map<std::string_view, Pair> table{
      {"add", [](double a, double b) { return a + b; }}, {"sub", [](double a, double b) { return a - b; }},
      {"mul", [](double a, double b) { return a * b; }}, {"div", [](double a, double b) { return a / b; }},
      {"min", [](double a, double b) { return a != a ? a : b != b ? b : std::fmin(a, b); }},
      {"max", [](double a, double b) { return a != a ? a : b != b ? b : std::fmax(a, b); }},
      {"pow", [](double a, double b) { return std::pow(a, b); }},
  };
  return table;
}

void check_binary_f32(const Kernel& k) {
  for (BinaryParams p : broadcasts())
    for (const bool clamps : {false, true}) {
      if (clamps) p.clamp = {0, 6};
      Random random;
      const float low = k.op == "pow" ? 0.1f : -4;
      auto a = random_buffer<float>(random, static_cast<std::size_t>(span_of(p.rank, p.dims, p.a_strides)), low, 4);
      auto b = random_buffer<float>(random, static_cast<std::size_t>(span_of(p.rank, p.dims, p.b_strides)), low, 4);
      if (k.op != "pow" && a.size() > 4 && b.size() > 4) a[2] = NAN, b[3] = NAN;
      const std::size_t n = outputs(p);
      std::vector<double> expected(n);
      for (std::size_t i = 0; i < n; ++i) {
        const auto [at_a, at_b] = operands(p, i);
        const double v = binary().at(k.op)(a[at_a], b[at_b]);
        expected[i] = v != v ? v : std::fmin(p.clamp.high, std::fmax(p.clamp.low, v));
      }
      Buffer<float> y(n), threaded(n);
      run_kernel(k, p, {}, {a.data(), b.data()}, {y.data()}, 1);
      expect_close(k, y, expected);
      run_kernel(k, p, {}, {a.data(), b.data()}, {threaded.data()}, 3);
      EXPECT_EQ(std::memcmp(y.data(), threaded.data(), n * 4), 0) << k.name;
      if (a.size() == n) {
        run_kernel(k, p, {}, {a.data(), b.data()}, {a.data()}, 1);
        EXPECT_EQ(std::memcmp(y.data(), a.data(), p.rank < 3 ? n * 4 : 0), 0) << k.name << ": in place differs";
      }
    }
}

void check_binary_u8(const Kernel& k) {
  for (BinaryParams p : broadcasts()) {
    p.a_zero = 20, p.b_zero = 200, p.y_zero = 128, p.low = 2, p.high = 251;
    p.a_multiplier = k.op == "add" ? 0.5f : 0.0078f, p.b_multiplier = 0.75f;
    Random random;
    const auto a = random_buffer<std::uint8_t>(random, static_cast<std::size_t>(span_of(p.rank, p.dims, p.a_strides)), 0, 255);
    const auto b = random_buffer<std::uint8_t>(random, static_cast<std::size_t>(span_of(p.rank, p.dims, p.b_strides)), 0, 255);
    const std::size_t n = outputs(p);
    Buffer<std::uint8_t> y(n), threaded(n);
    run_kernel(k, p, {}, {a.data(), b.data()}, {y.data()}, 1);
    run_kernel(k, p, {}, {a.data(), b.data()}, {threaded.data()}, 3);
    EXPECT_TRUE(y.same(threaded) && y.intact()) << k.name;
    for (std::size_t i = 0; i < n; ++i) {
      const auto [at_a, at_b] = operands(p, i);
      const int u = a[at_a] - p.a_zero, v = b[at_b] - p.b_zero;
      const float left = static_cast<float>(u) * p.a_multiplier, right = static_cast<float>(v) * p.b_multiplier;
      const float real = k.op == "add" ? left + right : static_cast<float>(u * v) * p.a_multiplier;
      ASSERT_EQ(y[i], requantized(real, p.low, p.high, p.y_zero)) << k.name << " at " << i;
    }
  }
}

struct PoolCase { std::int64_t n, ih, iw, c, k, stride, dilation, top, left, bottom, right; bool include; };

template <class T>
void check_pool(const Kernel& k) {
  std::vector<PoolCase> cases;
  for (std::int64_t c : {1, 3, 4, 5, 8, 15, 16, 17, 33}) cases.push_back({1, 6, 5, c, 2, 2, 1, 0, 0, 0, 0, false});
  for (const bool include : {false, true}) {
    cases.push_back({2, 9, 7, 20, 3, 2, 1, 1, 1, 1, 1, include});
    cases.push_back({1, 7, 7, 10, 3, 1, 2, 2, 1, 2, 3, include});
    cases.push_back({1, 6, 6, 4, 3, 2, 1, 0, 0, 1, 1, include});
    cases.push_back({1, 7, 7, 64, 7, 1, 1, 0, 0, 0, 0, include});
  }
  for (const PoolCase& s : cases) {
    const auto out = [&](std::int64_t in, std::int64_t pads) { return (in + pads - (s.k - 1) * s.dilation - 1) / s.stride + 1; };
    const bool average = k.op == "avgpool";
    const PoolParams p{.n = s.n, .ih = s.ih, .iw = s.iw, .c = s.c, .oh = out(s.ih, s.top + s.bottom), .ow = out(s.iw, s.left + s.right), .kh = s.k, .kw = s.k,
                       .stride_h = s.stride, .stride_w = s.stride, .dilation_h = s.dilation, .dilation_w = s.dilation, .pad_top = s.top, .pad_left = s.left,
                       .pad_bottom = s.bottom, .pad_right = s.right, .count_include_pad = s.include, .quant = {.x_zero = 100, .y_zero = 90, .low = 4, .high = 240}, .multiplier = 0.9f};
    Random random;
    const auto x = random_buffer<T>(random, static_cast<std::size_t>(p.n * p.ih * p.iw * p.c), 0, 255);
    Buffer<T> y(static_cast<std::size_t>(p.n * p.oh * p.ow * p.c)), threaded(y.size());
    run_kernel(k, p, {}, {x.data()}, {y.data()}, 1);
    run_kernel(k, p, {}, {x.data()}, {threaded.data()}, 3);
    EXPECT_TRUE(y.same(threaded) && y.intact()) << k.name;
    std::size_t at = 0;
    for (std::int64_t n = 0; n < p.n; ++n)
      for (std::int64_t oh = 0; oh < p.oh; ++oh)
        for (std::int64_t ow = 0; ow < p.ow; ++ow)
          for (std::int64_t c = 0; c < p.c; ++c, ++at) {
            double total = 0, most = -1e30;
            std::int64_t inside = 0, padded = 0;
            for (std::int64_t kh = 0; kh < p.kh; ++kh)
              for (std::int64_t kw = 0; kw < p.kw; ++kw) {
                const std::int64_t i = oh * p.stride_h + kh * p.dilation_h - p.pad_top, j = ow * p.stride_w + kw * p.dilation_w - p.pad_left;
                padded += i < p.ih + p.pad_bottom && j < p.iw + p.pad_right;
                if (i < 0 || i >= p.ih || j < 0 || j >= p.iw) continue;
                const double v = x[static_cast<std::size_t>(((n * p.ih + i) * p.iw + j) * p.c + c)];
                total += v, most = std::fmax(most, v), ++inside;
              }
            const auto count = static_cast<float>(p.count_include_pad ? padded : inside);
            if constexpr (sizeof(T) == 4) {
              ASSERT_NEAR(y[at], average ? total / count : most, 1e-3) << k.name << " at " << at;
            } else {
              const auto s32 = static_cast<std::int32_t>(total) - static_cast<std::int32_t>(inside) * p.quant.x_zero;
              const auto expected = average ? requantized(static_cast<float>(s32) * (p.multiplier / count), p.quant.low, p.quant.high, p.quant.y_zero)
                                            : static_cast<std::uint8_t>(std::clamp<double>(most, p.quant.low, p.quant.high));
              ASSERT_EQ(y[at], expected) << k.name << " at " << at;
            }
          }
  }
}

void check_rows(const Kernel& k) {
  for (std::int64_t n : {1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 31, 33, 197, 1000}) {
    const bool norm = k.op.ends_with("norm"), reduces = k.op.starts_with("reduce");
    const RowParams p{.rows = 40, .n = n, .epsilon = 1e-5f, .has_bias = n % 2 == 0};
    Random random;
    const auto width = static_cast<std::size_t>(n);
    const auto x = random_buffer<float>(random, 40 * width, -5, 5), scale = random_buffer<float>(random, width, -2, 2), bias = random_buffer<float>(random, width, -1, 1);
    const std::size_t outputs = reduces ? 40 : 40 * width;
    Buffer<float> y(outputs), threaded = reduces ? Buffer<float>(outputs) : x;
    run_kernel(k, p, {}, {x.data(), scale.data(), bias.data()}, {y.data()}, 1);
    run_kernel(k, p, {}, {reduces ? x.data() : threaded.data(), scale.data(), bias.data()}, {threaded.data()}, 3);
    EXPECT_TRUE(y.same(threaded)) << k.name << ": in place or threaded differs";
    std::vector<double> expected;
    for (std::size_t r = 0; r < 40; ++r) {
      const float* row = x.data() + r * width;
      double total = 0, most = -1e30, exps = 0, squares = 0, variance = 0;
      for (std::size_t i = 0; i < width; ++i) total += row[i], most = std::fmax(most, row[i]), squares += static_cast<double>(row[i]) * row[i];
      const double count = static_cast<double>(n), mean = total / count;
      for (std::size_t i = 0; i < width; ++i) exps += std::exp(row[i] - most), variance += (row[i] - mean) * (row[i] - mean) / count;
      if (reduces) { expected.push_back(k.op == "reducemean" ? mean : total); continue; }
      for (std::size_t i = 0; i < width; ++i) {
        if (!norm) { expected.push_back(std::exp(row[i] - most) / exps); continue; }
        const double v = k.op == "layernorm" ? (row[i] - mean) / std::sqrt(variance + p.epsilon) : row[i] / std::sqrt(squares / count + p.epsilon);
        expected.push_back(v * scale[i] + (p.has_bias ? bias[i] : 0));
      }
    }
    // Sums cancel, and a short row of nearly equal values divides their rounding errors by a small deviation.
    expect_close(k, y, expected, reduces ? 2e-6 * static_cast<double>(n) : k.op == "layernorm" ? 5e-5 : 1e-6);
  }
}

void check_transpose(const Kernel& k) {
  const std::vector<std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>> cases{
      {{}, {}}, {{5}, {0}}, {{3, 7}, {1, 0}}, {{33, 65}, {1, 0}}, {{2, 3, 4}, {0, 2, 1}}, {{2, 3, 4}, {2, 1, 0}}, {{2, 3, 4}, {1, 0, 2}}, {{1, 16, 1, 9}, {0, 2, 3, 1}},
      {{2, 17, 5, 6}, {0, 2, 3, 1}}, {{2, 5, 6, 17}, {0, 3, 1, 2}}, {{2, 3, 4, 5, 6}, {4, 0, 3, 1, 2}}, {{2, 1, 3, 1, 2, 2, 1, 3}, {7, 6, 5, 4, 3, 2, 1, 0}}, {{3, 0, 2}, {2, 0, 1}}, {{4, 4, 4}, {2, 0, 1}}};
  for (const auto& [dims, perm] : cases)
    for (std::size_t bytes : {1, 2, 4, 8}) {
      TransposeParams p{.rank = static_cast<std::int64_t>(dims.size()), .dims = {}, .perm = {}, .element_bytes = static_cast<std::int64_t>(bytes)};
      std::copy(dims.begin(), dims.end(), p.dims);
      std::copy(perm.begin(), perm.end(), p.perm);
      const auto n = static_cast<std::size_t>(std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>()));
      Random random;
      const auto x = random_buffer<std::uint8_t>(random, n * bytes, 0, 255);
      Buffer<std::uint8_t> y(n * bytes), threaded(n * bytes);
      run_kernel(k, p, {}, {x.data()}, {y.data()}, 1);
      run_kernel(k, p, {}, {x.data()}, {threaded.data()}, 3);
      EXPECT_TRUE(y.same(threaded) && y.intact()) << k.name;
      for (std::size_t i = 0; i < n; ++i) {
        std::vector<std::int64_t> index(dims.size());
        std::int64_t rest = static_cast<std::int64_t>(i), from = 0;
        for (std::size_t d = dims.size(); d-- > 0;) {
          const std::int64_t size = dims[static_cast<std::size_t>(perm[d])];
          index[static_cast<std::size_t>(perm[d])] = rest % size;
          rest /= size;
        }
        for (std::size_t d = 0; d < dims.size(); ++d) from = from * dims[d] + index[d];
        ASSERT_EQ(std::memcmp(y.data() + i * bytes, x.data() + static_cast<std::size_t>(from) * bytes, bytes), 0) << k.name << " at " << i;
      }
    }
}

void check_quantize(const Kernel& k) {
  for (std::size_t n : {1, 3, 4, 5, 8, 15, 16, 17, 33, 50000}) {
    const QuantizeParams p{.n = static_cast<std::int64_t>(n), .scale = 0.05f, .zero = 117, .low = 1, .high = 254};
    Random random;
    if (k.op == "dequantize") {
      const auto x = random_buffer<std::uint8_t>(random, n, 0, 255);
      Buffer<float> y(n);
      run_kernel(k, p, {}, {x.data()}, {y.data()}, 3);
      for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(y[i], static_cast<float>(x[i] - p.zero) * p.scale) << k.name;
      continue;
    }
    auto x = random_buffer<float>(random, n, -8, 8);
    for (std::size_t i = 0; i < n; i += 3) x[i] = static_cast<float>(random.integer(-300, 300)) * 0.5f * p.scale;  // ties
    if (n > 1000) x[0] = NAN, x[1] = INFINITY, x[2] = -INFINITY, x[3] = 3e38f;
    Buffer<std::uint8_t> y(n);
    run_kernel(k, p, {}, {x.data()}, {y.data()}, 3);
    EXPECT_TRUE(y.intact());
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(y[i], std::isnan(x[i]) ? p.low : requantized(x[i] / p.scale, p.low, p.high, p.zero)) << k.name << " at " << i;
  }
}

void check_lut(const Kernel& k) {
  Random random;
  const auto table = random_buffer<std::uint8_t>(random, 256, 0, 255);
  for (std::size_t n : {1, 15, 16, 63, 64, 65, 127, 100000}) {
    const auto x = random_buffer<std::uint8_t>(random, n, 0, 255);
    Buffer<std::uint8_t> y(n), in_place = x;
    const LutParams p{static_cast<std::int64_t>(n)};
    run_kernel(k, p, {table.data()}, {x.data()}, {y.data()}, 1);
    run_kernel(k, p, {table.data()}, {in_place.data()}, {in_place.data()}, 3);
    EXPECT_TRUE(y.same(in_place) && y.intact()) << k.name;
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(y[i], table[x[i]]) << k.name;
  }
}

void check_resize(const Kernel& k) {
  const ResizeParams p{.n = 2, .ih = 5, .iw = 4, .c = 19, .oh = 9, .ow = 7};
  Random random;
  std::vector<std::int32_t> rows, columns;
  std::vector<float> y_at, x_at;
  for (std::int64_t i = 0; i < p.oh; ++i) y_at.push_back((static_cast<float>(i) + 0.5f) * 5 / 9 - 0.5f), rows.push_back(static_cast<std::int32_t>(i * 5 / 9));
  for (std::int64_t i = 0; i < p.ow; ++i) x_at.push_back((static_cast<float>(i) + 0.5f) * 4 / 7 - 0.5f), columns.push_back(static_cast<std::int32_t>(i * 4 / 7));
  const auto inputs = static_cast<std::size_t>(p.n * p.ih * p.iw * p.c), outputs = static_cast<std::size_t>(p.n * p.oh * p.ow * p.c);
  const auto x = random_buffer<float>(random, inputs, -1, 1);
  const auto bytes = random_buffer<std::uint8_t>(random, inputs, 0, 255);
  Buffer<float> y(outputs);
  Buffer<std::uint8_t> y_bytes(outputs);
  if (k.op == "resize_linear") run_kernel(k, p, {y_at.data(), x_at.data()}, {x.data()}, {y.data()}, 3);
  else run_kernel(k, p, {rows.data(), columns.data()}, {bytes.data()}, {y_bytes.data()}, 3);
  EXPECT_TRUE(y.intact() && y_bytes.intact());
  const auto at = [&](std::int64_t n, std::int64_t r, std::int64_t c, std::int64_t i) { return static_cast<std::size_t>(((n * p.ih + r) * p.iw + c) * p.c + i); };
  for (std::size_t o = 0; o < outputs; ++o) {
    const auto i = static_cast<std::int64_t>(o), c = i % p.c, column = i / p.c % p.ow, row = i / p.c / p.ow % p.oh, n = i / p.c / p.ow / p.oh;
    if (k.op == "resize_nearest") { ASSERT_EQ(y_bytes[o], bytes[at(n, rows[static_cast<std::size_t>(row)], columns[static_cast<std::size_t>(column)], c)]); continue; }
    const double v = std::clamp<double>(y_at[static_cast<std::size_t>(row)], 0, 4), h = std::clamp<double>(x_at[static_cast<std::size_t>(column)], 0, 3);
    const auto v0 = static_cast<std::int64_t>(v), h0 = static_cast<std::int64_t>(h), v1 = std::min<std::int64_t>(v0 + 1, 4), h1 = std::min<std::int64_t>(h0 + 1, 3);
    const double fv = v - static_cast<double>(v0), fh = h - static_cast<double>(h0);
    const double top = x[at(n, v0, h0, c)] * (1 - fh) + x[at(n, v0, h1, c)] * fh, bottom = x[at(n, v1, h0, c)] * (1 - fh) + x[at(n, v1, h1, c)] * fh;
    ASSERT_NEAR(y[o], top * (1 - fv) + bottom * fv, 1e-5) << k.name;
  }
}

const std::set<std::string_view> matrix{"conv", "groupconv", "depthwise", "gemm"};

// The check of a family, or null.
void (*check_of(const Kernel& k))(const Kernel&) {
  static const std::map<std::string_view, void (*)(const Kernel&)> others{
      {"softmax", check_rows}, {"layernorm", check_rows}, {"rmsnorm", check_rows}, {"reducemean", check_rows}, {"reducesum", check_rows},
      {"transpose", check_transpose}, {"quantize", check_quantize}, {"dequantize", check_quantize}, {"lut", check_lut},
      {"resize_nearest", check_resize}, {"resize_linear", check_resize}};
  if (k.op == "maxpool" || k.op == "avgpool") return k.dtype == DType::f32 ? check_pool<float> : check_pool<std::uint8_t>;
  if (binary().contains(k.op)) return k.dtype == DType::f32 ? check_binary_f32 : check_binary_u8;
  if (unary().contains(k.op)) return check_unary;
  const auto found = others.find(k.op);
  return found == others.end() ? nullptr : found->second;
}

TEST(Kernels, EveryKernelMatchesItsDefinition) {
  for (const Kernel* k : all_kernels()) {
    if (matrix.contains(k->op)) continue;
    const auto check = check_of(*k);
    ASSERT_NE(check, nullptr) << k->name << ": the family has no test; add one to tests/unit/kernels.cpp";
    if (supported(k->isa)) check(*k);
  }
}

TEST(Kernels, EveryFamilyHasAGenericKernelAndEveryNameSaysWhatItIs) {
  for (const Kernel* k : all_kernels()) {
    EXPECT_EQ(std::string(k->name), std::string(k->op) + (k->dtype == DType::f32 ? "_f32_" : "_u8_") + std::string(name(k->isa)));
    EXPECT_TRUE(std::ranges::any_of(all_kernels(), [&](const Kernel* g) { return g->op == k->op && g->dtype == k->dtype && g->isa == Isa::generic; })) << k->name;
  }
}

TEST(Kernels, TheHighestUsableIsaIsChosen) {
  const UnaryParams p{.n = 1};
  const Kernel* chosen = find_kernel("exp", DType::f32, &p);
  ASSERT_NE(chosen, nullptr);
  for (const Kernel* k : kernels_of("exp", DType::f32)) EXPECT_LE(k->isa, chosen->isa);
  EXPECT_EQ(find_kernel("no such family", DType::f32, &p), nullptr);
}

}  // namespace
}  // namespace hone
