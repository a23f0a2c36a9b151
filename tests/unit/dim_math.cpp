// SPDX-License-Identifier: Apache-2.0
// Sums of named dimensions: canonical texts, and agreement with plain integers on random expressions.
#include <gtest/gtest.h>

#include <random>

#include "lib/ir/dim_math.h"

namespace hone {
namespace {

Dim name(const char* text) { return Dim(std::string(text)); }

TEST(DimMath, WritesSumsInOneWay) {
  const Dim h = name("h"), w = name("w");
  EXPECT_EQ((h + w).symbol, "h + w");
  EXPECT_EQ((w + h).symbol, "h + w");
  EXPECT_EQ((h * w * Dim(2) - h + Dim(3)).symbol, "2*h*w - h + 3");
  EXPECT_EQ(h + w - w, h);
  EXPECT_EQ(h - h, Dim(0));
  EXPECT_EQ((h + Dim(2)) * Dim(3) - h * Dim(3), Dim(6));
  EXPECT_EQ(floor_div(h * w * Dim(6), w * Dim(3)).symbol, "2*h");
}

TEST(DimMath, ReducesFloors) {
  const Dim h = name("h");
  EXPECT_EQ((floor_div(h - Dim(1), Dim(2)) + Dim(1)).symbol, "floor((h + 1)/2)");
  EXPECT_EQ(floor_div(floor_div(h + Dim(1), Dim(2)) + Dim(1), Dim(2)).symbol, "floor((h + 3)/4)");
  EXPECT_EQ(floor_div(h * Dim(4) + Dim(3), Dim(4)), h);
  EXPECT_EQ(floor_div(h * Dim(4) + Dim(5), Dim(4)).symbol, "h + 1");
}

TEST(DimMath, KnowsTheLargerWhereItIsCertain) {
  const Dim h = name("h");
  EXPECT_EQ(min(h, h + Dim(2)), h);
  EXPECT_EQ(max(Dim(0), h), h);
  EXPECT_EQ(max(h - Dim(2), Dim(0)).symbol, "max(0, h - 2)");
  EXPECT_TRUE(certainly_not_negative(max(h - Dim(2), Dim(0))));
  EXPECT_FALSE(certainly_not_negative(h - Dim(2)));
}

TEST(DimMath, DoesNotGuess) {
  EXPECT_EQ(Dim() + Dim(1), Dim());
  EXPECT_EQ(name("batch size") + Dim(1), Dim());
  EXPECT_EQ(name("batch size") - name("batch size"), Dim(0));
  EXPECT_EQ(name("a") * Dim(INT64_MAX) + name("a"), Dim());
  EXPECT_EQ(Dim(2) - Dim(3), Dim());
  EXPECT_EQ(floor_div(name("a"), name("b")), Dim());
  EXPECT_EQ(name("((((((((((((((((((a))))))))))))))))))") + Dim(1), Dim());
}

// Random expressions over small numbers: what the text evaluates to is what the integers give.
TEST(DimMath, AgreesWithIntegers) {
  std::mt19937 random(1);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  int compared = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::int64_t a = pick(9), b = pick(9);
    const auto value_of = [&](std::string_view n) { return n == "a" ? std::optional(a) : n == "b" ? std::optional(b) : std::nullopt; };
    std::vector<std::pair<Dim, std::int64_t>> pool{{name("a"), a}, {name("b"), b}};
    for (int step = 0; step < 6; ++step) {
      const auto [x, i] = pool[static_cast<std::size_t>(pick(static_cast<int>(pool.size())))];
      const auto [y, j] = pick(2) ? pool[static_cast<std::size_t>(pick(static_cast<int>(pool.size())))] : std::pair<Dim, std::int64_t>(Dim(pick(7)), 0);
      const std::int64_t k = y.known() ? y.value : j;
      const int divisor = 1 + pick(5);
      Dim d;
      std::int64_t n = 0;
      switch (pick(6)) {
        case 0: d = x + y, n = i + k; break;
        case 1: d = x - y, n = i - k; break;
        case 2: d = x * y, n = i * k; break;
        case 3: d = floor_div(x, Dim(divisor)), n = i >= 0 ? i / divisor : -((-i + divisor - 1) / divisor); break;
        case 4: d = min(x, y), n = std::min(i, k); break;
        default: d = max(x, y), n = std::max(i, k); break;
      }
      if (!d.known() && d.symbol.empty()) continue;
      ASSERT_EQ(evaluate(d, value_of), n) << d.symbol << " of a = " << a << ", b = " << b;
      ASSERT_TRUE(n >= 0 || !certainly_not_negative(d)) << d.symbol;
      pool.emplace_back(d, n);
      ++compared;
    }
  }
  EXPECT_GT(compared, 60000);
}

}  // namespace
}  // namespace hone
