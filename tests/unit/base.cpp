// SPDX-License-Identifier: Apache-2.0
// lib/base: results, element types, files, hashes, JSON, threads.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <filesystem>

#include "lib/base/bytes.h"
#include "lib/base/dtype.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/json.h"
#include "lib/base/thread_pool.h"

namespace hone {
namespace {

Result<int> half_of(int x) {
  if (x % 2) return invalid("{} is odd", x);
  return x / 2;
}
Result<int> quarter_of(int x) {
  TRY(const int half, half_of(x));
  return half_of(half).in("second half");
}

TEST(Result, TryReturnsTheErrorWithItsPlace) {
  EXPECT_EQ(quarter_of(8).value(), 2);
  EXPECT_EQ(quarter_of(7).error().message, "7 is odd");
  EXPECT_EQ(quarter_of(6).error().message, "second half: 3 is odd");
  EXPECT_EQ(quarter_of(6).error().code, Code::invalid);
}

TEST(DType, NamesRoundTrip) {
  for (int i = 1; i <= 26; ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(dtype_from_name(name(dtype)), dtype) << name(dtype);
  }
  EXPECT_FALSE(dtype_from_name("undefined"));
  EXPECT_FALSE(dtype_from_name("flaot"));
  EXPECT_EQ(bytes_of(DType::i4, 3), 2u);
  EXPECT_EQ(bytes_of(DType::u2, 5), 2u);
}

TEST(DType, HalfRoundTripsEveryValue) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const auto h = static_cast<std::uint16_t>(bits);
    const float f = half_to_float(h);
    if (std::isnan(f)) EXPECT_TRUE(std::isnan(half_to_float(float_to_half(f))));
    else ASSERT_EQ(float_to_half(f), h) << bits;
  }
}

TEST(DType, HalfRoundsHalfToEven) {
  EXPECT_EQ(float_to_half(65519.996f), 0x7bff);          // just under the halfway point to infinity
  EXPECT_EQ(float_to_half(65520.0f), 0x7c00);
  EXPECT_EQ(float_to_half(std::ldexp(1.0f, -25)), 0);    // half of the smallest subnormal: to even
  EXPECT_EQ(float_to_half(std::ldexp(1.5f, -24)), 2);
  EXPECT_EQ(float_to_half(1.0f + std::ldexp(1.0f, -11)), 0x3c00);
  EXPECT_EQ(float_to_half(1.0f + std::ldexp(3.0f, -11)), 0x3c02);
  EXPECT_EQ(float_to_bfloat(1.0f + std::ldexp(1.0f, -8)), 0x3f80);
  EXPECT_EQ(float_to_bfloat(1.0f + std::ldexp(3.0f, -8)), 0x3f82);
  EXPECT_TRUE(std::isnan(bfloat_to_float(float_to_bfloat(NAN))));
}

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "hone-base-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  Path folder;
};

TEST_F(Folder, WritesAppearWholeAndRespectForce) {
  const Path file = folder / "a";
  ASSERT_TRUE(write_file(file, as_bytes("one")));
  const Status refused = write_file(file, as_bytes("two"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
  EXPECT_NE(refused.error().message.find("--force"), std::string::npos);
  ASSERT_TRUE(write_file(file, as_bytes("two"), true));
  EXPECT_EQ(as_text(*read_file(file)), "two");
  EXPECT_EQ(as_text(map_file(file)->bytes), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << "no temporary file is left";
}

TEST_F(Folder, ReadErrorsSayWhatAndWhere) {
  EXPECT_EQ(read_file(folder / "none").error().code, Code::io);
  EXPECT_NE(read_file(folder).error().message.find("directory"), std::string::npos);
  ASSERT_TRUE(write_file(folder / "big", as_bytes("12345")));
  EXPECT_FALSE(read_file(folder / "big", 4));
  EXPECT_TRUE(read_file(folder / "big", 5));
}

TEST(Hash, Sha256OfFips180) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 pieces;
  pieces.update(as_bytes("a"));
  pieces.update(as_bytes("bc"));
  EXPECT_EQ(pieces.finish(), sha256(as_bytes("abc")));
  EXPECT_EQ(from_hex("00ff")->size(), 2u);
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0G"));
}

TEST(JsonText, RefusesWhatIsAmbiguous) {
  EXPECT_EQ((*parse_json(R"({"b": 1, "a": [2, 3]})"))["a"][1], 3);
  for (const char* bad : {"", "{", R"({"a": 1, "a": 2})", R"({"x": {"a": 1, "b": 2, "a": 3}})", "[1,]", "\"\xff\"", "1 2", "nul"})
    EXPECT_FALSE(parse_json(bad)) << bad;
  EXPECT_FALSE(parse_json(std::string(10000, '[') + std::string(10000, ']')));
  EXPECT_TRUE(parse_json(std::string(60, '[') + std::string(60, ']')));
  EXPECT_TRUE(parse_json(R"([{"a": 1}, {"a": 2}])")) << "the same key in two objects is fine";
}

TEST(Reader, StopsAtTheEnd) {
  Reader r(as_bytes("\x01\x02\x03"));
  EXPECT_EQ(r.get<std::uint16_t>(), 0x0201);
  EXPECT_FALSE(r.get<std::uint16_t>());
  EXPECT_EQ(r.left(), 1u);
  EXPECT_FALSE(r.take(UINT64_MAX));
  EXPECT_FALSE(checked_mul<std::int64_t>(INT64_MAX, 2));
}

TEST(ThreadPool, VisitsEveryItemOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const std::size_t count : {0u, 1u, 7u, 1000u}) {
      for (int round = 0; round < 20; ++round) {
        std::vector<std::atomic<int>> seen(count);
        pool.parallel(count, 3, [&](std::size_t begin, std::size_t end, int worker) {
          EXPECT_LT(worker, threads);
          for (std::size_t i = begin; i < end; ++i) seen[i].fetch_add(1);
        });
        for (const auto& s : seen) ASSERT_EQ(s.load(), 1);
      }
    }
  }
}

}  // namespace
}  // namespace hone
