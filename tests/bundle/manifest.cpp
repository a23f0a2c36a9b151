// SPDX-License-Identifier: Apache-2.0
// What a manifest says is printed and parsed to the same; whatever the specification does not allow is refused with one clear message.
#include "tests/bundle/helpers.h"

namespace hone {
namespace {

Manifest full_manifest() {
  Manifest m = test_manifest(7);
  m.floor = 3;
  m.created = 1795219200;
  m.expires = 1802995200;
  m.encoder = encoder_name();
  m.interface = {{{"x", DType::f32, {{Port::any, 3, 8, 8}}}, {"n", DType::i64, {std::vector<std::int64_t>{}}}}, {{"y", DType::f32, {{Port::any, 10}}}, {"z", DType::u8, std::nullopt}}};
  m.memory = {4096, 1024};
  m.histograms = {{"y", Reference::Of::values, {-1.5, 0, 2.25}, {0, 5, 7, 0}}, {"y", Reference::Of::argmax, {0, 1}, {0, 3, 9}}};
  return m;
}

Status parse(const std::string& text) {
  TRY(const Manifest m, parse_manifest(text));
  return Ok{};
}

// The text of full_manifest() with one piece of it replaced.
std::string with(const std::string& from, const std::string& to) {
  std::string text = print_manifest(full_manifest());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(manifest, every_field_survives) {
  const Manifest m = full_manifest();
  const auto again = parse_manifest(print_manifest(m));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(print_manifest(*again), print_manifest(m));
  EXPECT_EQ(again->created, m.created);
  EXPECT_EQ(again->expires, m.expires);
  EXPECT_EQ(again->interface, m.interface);
  EXPECT_EQ(again->memory.total(), 5120U);
  ASSERT_EQ(again->histograms.size(), 2U);
  EXPECT_EQ(again->histograms[0].edges, m.histograms[0].edges);
  EXPECT_EQ(again->histograms[1].counts, m.histograms[1].counts);
}

TEST(manifest, wrong_fields_are_named) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"\"expires\":1802995200", "\"expires\":1795219200", "expires before"},
      {"\"expires\":1802995200", "\"expires\":-1", "'expires' must be an integer"},
      {"\"created\":1795219200", "\"created\":1795219200.0", "'created' must be an integer"},
      {"\"floor\":3", "\"floor\":8", "above the release's own counter"},
      {"\"dtype\":\"float\"", "\"dtype\":\"floaty\"", "interface.inputs[0]: there is no element type 'floaty'"},
      {"[null,3,8,8]", "[null,3,-8,8]", "interface.inputs[0]: a size must be an integer"},
      {"[null,3,8,8]", "[null,3,9223372036854775808,8]", "a size must be an integer"},
      {"[null,3,8,8]", "3", "'shape' must be null, or a list"},
      {"\"name\":\"n\"", "\"name\":\"x\"", "'x' is listed twice"},
      {"\"total\":5120", "\"total\":5121", "memory: the total is not the sum"},
      {"\"weights\":4096", "\"weights\":9223372036854775807", "not the sum"},
      {"\"name\":\"n\"", "\"name\":\"n\\u0000\"", "no control characters"},
      {"\"name\":\"n\"", "\"name\":\"\\u001b[2J\"", "no control characters"},
      {"\"output\":\"y\"", "\"output\":\"q\"", "histograms[0]: the interface has no output 'q'"},
      {"\"of\":\"argmax\"", "\"of\":\"values\"", "histograms[1]: twice, or out of order"},
      {"\"of\":\"argmax\"", "\"of\":\"mean\"", "'of' must be values or argmax"},
      {"[-1.5,0.0,2.25]", "[-1.5,2.25,0.0]", "must ascend"},
      {"[-1.5,0.0,2.25]", "[-1.5,0.0,0.0]", "must ascend"},
      {"[-1.5,0.0,2.25]", "[-1.5,2.25]", "one more counts"},
      {"[-1.5,0.0,2.25]", "[-1.5,0.0,\"x\"]", "must be a number"},
      {"[-1.5,0.0,2.25]", "[]", "one more counts"},
      {"[0,5,7,0]", "[0,0,0,0]", "counts nothing"},
      {"[0,5,7,0]", "[0,5,7,1.0]", "counts must be integers"},
      {"[0,5,7,0]", "[0,9223372036854775807,1,0]", "at most 2^63 - 1"},
  };
  for (const auto& [from, to, words] : cases) expect_refused(parse(with(from, to)), Code::invalid, words);
}

TEST(manifest, lists_are_bounded) {
  Manifest m = full_manifest();
  for (int i = 0; i < 300; ++i) m.interface.inputs.push_back({format("i{}", i), DType::f32, {}});
  expect_refused(parse(print_manifest(m)), Code::invalid, "more than 256 inputs");
  m = full_manifest();
  m.histograms[0].edges.clear();
  for (int i = 0; i < 64; ++i) m.histograms[0].edges.push_back(i);
  m.histograms[0].counts.assign(65, 1);
  expect_refused(parse(print_manifest(m)), Code::invalid, "1 to 63 edges");
  m = full_manifest();
  m.interface.outputs[0].shape = std::vector<std::int64_t>(65, 1);
  expect_refused(parse(print_manifest(m)), Code::invalid, "at most 64 sizes");
}

TEST(manifest, threat_23_interface_of_what_serves) {
  const Manifest serving = full_manifest();
  Manifest next = full_manifest();
  next.version = "2";
  EXPECT_TRUE(check_interface(next, serving));
  EXPECT_TRUE(check_interface(next, Manifest())) << "nothing that could be disturbed";
  next.interface.outputs.push_back({"extra", DType::f32, {}});
  EXPECT_TRUE(check_interface(next, serving)) << "one more output disturbs nobody";
  const auto refused = [&](const std::function<void(Interface&)>& change, std::string_view words) {
    Manifest changed = full_manifest();
    change(changed.interface);
    expect_refused(check_interface(changed, serving), Code::invalid, words);
  };
  refused([](Interface& i) { (*i.inputs[0].shape)[2] = 16; }, "input 'x' (float ?x3x16x8) instead of 'x' (float ?x3x8x8)");
  refused([](Interface& i) { (*i.inputs[0].shape)[0] = 1; }, "float 1x3x8x8");
  refused([](Interface& i) { i.inputs[0].dtype = DType::u8; }, "uint8");
  refused([](Interface& i) { i.inputs[0].name = "image"; }, "input 'image'");
  refused([](Interface& i) { i.inputs.pop_back(); }, "1 inputs instead of 2");
  refused([](Interface& i) { i.outputs.pop_back(); }, "1 outputs instead of 2");
  refused([](Interface& i) { (*i.outputs[0].shape)[1] = 11; }, "output 'y'");
  refused([](Interface& i) { i.outputs[0].shape = std::nullopt; }, "any shape");
  refused([](Interface& i) { i = {}; }, "0 inputs");
  Manifest wider = full_manifest();
  (*wider.interface.inputs[0].shape)[1] = Port::any;
  (*wider.interface.outputs[0].shape)[0] = 1;
  EXPECT_TRUE(check_interface(wider, serving)) << "takes more, promises more";
}

}  // namespace
}  // namespace hone
