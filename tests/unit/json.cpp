// SPDX-License-Identifier: Apache-2.0
// The parser of JSON that nobody vouches for: one clear message for each way of being wrong, and no way to make it slow or large.
#include "lib/base/json.h"

#include <gtest/gtest.h>

namespace hone {
namespace {

void refused(std::string_view text, std::string_view words) {
  const auto parsed = parse_json(text);
  ASSERT_FALSE(parsed) << text.substr(0, 80);
  EXPECT_EQ(parsed.error().code, Code::invalid);
  EXPECT_NE(parsed.error().message.find(words), std::string::npos) << parsed.error().message;
}

TEST(json, values_keep_their_order_and_their_kind) {
  const auto json = parse_json(R"({"z": [1, -2, 3.5, true, null, "text"], "a": {"b": {}, "c": []}, "": 18446744073709551615})");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(json->dump(), R"({"z":[1,-2,3.5,true,null,"text"],"a":{"b":{},"c":[]},"":18446744073709551615})");
  EXPECT_TRUE((*json)["z"][0].is_number_unsigned());
  EXPECT_FALSE((*json)["z"][1].is_number_unsigned());
  EXPECT_TRUE((*json)["z"][2].is_number_float());
  EXPECT_EQ(parse_json("7")->get<int>(), 7);
  EXPECT_TRUE(parse_json(" null ")->is_null());
}

TEST(Threats, threat_28_duplicate_keys) {
  refused(R"({"a":1,"a":1})", "key \"a\" appears twice");
  refused(R"({"a":1,"b":2,"\u0061":3})", "key \"a\" appears twice");
  refused(R"({"x":[{"a":{},"b":{},"a":{}}]})", "key \"a\" appears twice");
  EXPECT_TRUE(parse_json(R"([{"a":1},{"a":1},{"b":{"a":1}}])"));
}

TEST(Threats, threat_28_depth) {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(parse_json(nested(64)));
  for (const std::size_t n : {65U, 10'000U, 4'000'000U}) refused(nested(n), "nested deeper than 64 levels");
  refused(std::string(10'000, '['), "nested deeper");
  std::string objects;
  for (int i = 0; i < 100; ++i) objects += "{\"a\":";
  refused(objects, "nested deeper");
  EXPECT_TRUE(parse_json("\"" + nested(1000) + "\"")) << "brackets in a string nest nothing";
}

TEST(Threats, threat_28_numbers_out_of_range) {
  for (const char* text : {"1e400", "[-1e999]"}) refused(text, "a number out of range");
  for (const char* text : {"01", "+1", "0x10", "1.", ".5", "NaN", "Infinity", "1e"}) refused(text, "wrong at byte");
  EXPECT_TRUE(parse_json("18446744073709551616")->is_number_float()) << "no integer: whoever wants one refuses it";
  EXPECT_TRUE(parse_json("1e3")->is_number_float());
  EXPECT_TRUE(parse_json("1.0")->is_number_float());
  EXPECT_FALSE(parse_json("-0")->is_number_unsigned());
}

TEST(Threats, threat_28_invalid_utf8) {
  // Not UTF-8; overlong; surrogates, as bytes and as escapes; past U+10FFFF; cut short.
  for (const std::string_view bad : {"\"\xff\xfe\"", "\"\xc0\x80\"", "\"\xe0\x9f\xbf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\"\xe2\x82", "\"\\ud800\"", "\"\\udc00\\ud800\"", "{\"\xff\":1}"})
    refused(bad, "not UTF-8");
  EXPECT_TRUE(parse_json("\"\xe2\x82\xac \xf0\x9f\x98\x80 \\ud83d\\ude00\""));
}

TEST(Threats, threat_28_syntax) {
  for (const std::string_view bad : {"", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "[1 2]", "1 2", "{}x", "// c\n1", "'a'", "\"\n\"", "tru"}) refused(bad, "wrong at byte");
  refused(std::string_view("\"a\0b\"", 5), "wrong at byte");
  refused(std::string_view("1\0", 2), "wrong at byte 1: a zero byte");
  refused(std::string_view("{}\0{}", 5), "a zero byte");
  refused("\xef\xbb\xbf{}", "byte order mark");
}

// In time proportional to the length: quadratic ways would take hours here.
TEST(Threats, threat_28_wide) {
  std::string objects = "[{}", keys = "{";
  while (objects.size() < (std::size_t{4} << 20)) objects += ",{}";
  for (int i = 0; keys.size() < (std::size_t{4} << 20); ++i) keys += format("\"{}\":{{}},", i);
  EXPECT_TRUE(parse_json(objects + "]"));
  EXPECT_TRUE(parse_json(keys + "\"last\":0}"));
  refused(keys + "\"0\":0}", "appears twice");
}

}  // namespace
}  // namespace hone
