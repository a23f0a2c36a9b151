// SPDX-License-Identifier: Apache-2.0
// Sequences, optionals and maps: as values, in files, through the fast executor, and compared.
#include <gtest/gtest.h>

#include "lib/data/compare.h"
#include "lib/exec/session.h"
#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/ops/infer.h"

namespace hone {
namespace {

Tensor floats(std::vector<float> values) { return Tensor::vector<float>(values); }
Tensor keys(std::vector<std::int64_t> values) { return Tensor::vector<std::int64_t>(values); }

Model parsed(std::string_view text) {
  auto m = parse_onnx(share(std::vector<std::byte>(as_bytes(text).begin(), as_bytes(text).end())), {});
  if (!m) ADD_FAILURE() << m.error().message;
  return m ? std::move(*m) : Model();
}

TEST(Held, IdenticalLooksInside) {
  const Tensor a = Tensor::sequence({floats({1, 2}), floats({3})}), b = Tensor::sequence({floats({1, 2}), floats({3})});
  EXPECT_TRUE(identical(a, b));
  EXPECT_FALSE(identical(a, Tensor::sequence({floats({1, 2}), floats({4})})));
  EXPECT_FALSE(identical(a, Tensor::sequence({floats({1, 2})})));
  EXPECT_TRUE(identical(Tensor::none(), Tensor::none()));
  EXPECT_FALSE(identical(Tensor::none(), Tensor::sequence({})));
  EXPECT_EQ(a.count(), 2);
  EXPECT_TRUE(a.bytes().empty());
  EXPECT_EQ(a.items()[1].count(), 1);
  const Tensor map = Tensor::map(keys({4, 2}), floats({1, 2}));
  EXPECT_EQ(map.count(), 2);
  EXPECT_TRUE(identical(map, Tensor::map(keys({4, 2}), floats({1, 2}))));
  EXPECT_FALSE(identical(map, Tensor::map(keys({2, 4}), floats({2, 1}))));  // as bytes; difference() compares by key
}

TEST(Held, TypesSurviveTextAndProtobuf) {
  const std::string_view text = R"(<
  ir_version: 8,
  opset_import: ["" : 16, "ai.onnx.ml" : 3]
>
g (seq(float[N,3]) s, optional(seq(int64[])) o, map(string, seq(double[2])) m, optional(string) w) => (seq(float[N,3]) t, optional(seq(int64[])) p, optional(map(int64, float)) q, optional(float16[?,2]) r) {
  t = Identity (s)
  p = Identity (o)
  q = Optional <type = map(int64, float)> ()
  r = Optional <type = float16[?,2]> ()
}
)";
  const Model model = parsed(text);
  EXPECT_EQ(print(model), text);
  const auto bytes = serialize_onnx(model);
  ASSERT_TRUE(bytes) << bytes.error().message;
  const auto again = parse_onnx(share(std::vector<std::byte>(*bytes)), {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(print(*again), text);
}

TEST(Held, BadTypesAreRefusedInText) {
  for (const std::string_view type : {"seq()", "seq(float", "map(float, float)", "map(int64)", "optional(N)", "sparse_tensor(float)"})
    EXPECT_FALSE(parse_text(format("g ({} x) => (y) {{ y = Identity (x) }}", type))) << type;
  std::string deep = "float";
  for (int i = 0; i < 1000; ++i) deep = "seq(" + deep + ")";
  EXPECT_FALSE(parse_text("g (" + deep + " x) => (y) { y = Identity (x) }"));
}

TEST(Held, InferenceKnowsWhatIsHeld) {
  Model m = parsed(R"(<ir_version: 8, opset_import: ["" : 17]>
g (float[2,N] x, seq(float[2,3]) s, int64 i, optional(seq(float[2,3])) o) => (a, b, c, d, e) {
  parts = SplitToSequence <axis = 1> (x)
  a = SequenceAt (parts, i)
  longer = SequenceInsert (s, a)
  b = SequenceAt (longer, i)
  got = OptionalGetElement (o)
  c = SequenceAt (got, i)
  d = ConcatFromSequence <axis = 0, new_axis = 1> (got)
  mapped = SequenceMap <body = f (y) => (z) { z = Transpose (y) }> (s)
  e = SequenceAt (mapped, i)
})");
  ASSERT_TRUE(infer_shapes(*m.graph));
  const auto type = [&](std::string_view name) { return print(m.graph->find(name)->type()); };
  EXPECT_EQ(type("parts"), "seq(float[2,1])");
  EXPECT_EQ(type("a"), "float[2,1]");
  EXPECT_EQ(type("longer"), "seq(float[2,?])");
  EXPECT_EQ(type("b"), "float[2,?]");
  EXPECT_EQ(type("c"), "float[2,3]");
  EXPECT_EQ(type("d"), "float[?,2,3]");
  EXPECT_EQ(type("mapped"), "seq(float[3,2])");
  EXPECT_EQ(type("e"), "float[3,2]");
}

// What a sequence holds may lie in memory that later steps write again.
TEST(Held, NothingIsLostInTheArena) {
  const Model m = parsed(R"(<ir_version: 8, opset_import: ["" : 17]>
g (float[4] x, int64[1] shape, int64 i) => (y, z, s) {
  a = Relu (x)
  s = SequenceConstruct (a, x)
  alias = Reshape (a, shape)
  b = Neg (x)
  c = Exp (b)
  d = Sin (c)
  first = SequenceAt (s, i)
  y = Add (first, d)
  z = Add (alias, d)
})");
  const NamedTensors inputs{{"x", floats({1, -2, 3, -4})}, {"shape", keys({-1})}, {"i", Tensor::scalar<std::int64_t>(0)}};
  const auto expected = interpret(*m.graph, inputs);
  ASSERT_TRUE(expected) << expected.error().message;
  auto plan = compile(*m.graph);
  ASSERT_TRUE(plan);
  auto session = Session::create(std::move(*plan));
  ASSERT_TRUE(session);
  for (int run = 0; run < 2; ++run) {
    const auto got = session->run(inputs);
    ASSERT_TRUE(got) << got.error().message;
    for (std::size_t k = 0; k < got->size(); ++k) EXPECT_TRUE(difference((*got)[k], (*expected)[k]).same) << "output " << k;
  }
}

TEST(Held, ComparedItemByItemAndKeyByKey) {
  const Tensor a = Tensor::sequence({floats({1}), floats({2, 3})});
  EXPECT_TRUE(difference(a, Tensor::sequence({floats({1}), floats({2, 3.000001f})})).same);
  const Difference item = difference(a, Tensor::sequence({floats({1}), floats({2, 4})}));
  EXPECT_FALSE(item.same);
  EXPECT_EQ(item.what.find("item 1: 1 of 2 elements differ"), 0u) << item.what;
  EXPECT_FALSE(difference(a, Tensor::sequence({floats({1})})).same);
  EXPECT_FALSE(difference(a, Tensor::none()).same);
  const Tensor map = Tensor::map(keys({4, 2}), floats({10, 20}));
  EXPECT_TRUE(difference(map, Tensor::map(keys({2, 4}), floats({20, 10}))).same);
  EXPECT_TRUE(difference(map, Tensor::map(keys({2, 4}), Tensor::sequence({floats({20}), floats({10})}))).same);
  EXPECT_FALSE(difference(map, Tensor::map(keys({2, 4}), floats({10, 20}))).same);
  EXPECT_FALSE(difference(map, Tensor::map(keys({2, 5}), floats({20, 10}))).same);
}

// Protobuf by hand: a field's number and type, a length, the bytes.
std::string field(int number, std::string_view content) { return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(content.size())} + std::string(content); }
std::string field(int number, int value) { return {static_cast<char>(number << 3), static_cast<char>(value)}; }
std::string tensor(const Tensor& t) { return std::string(as_text(serialize_tensor(t, ""))); }

TEST(Held, TestDataIsReadByItsDeclaredType) {
  const std::string sequence = field(2, 1) + field(3, tensor(floats({1, 2}))) + field(3, tensor(floats({3})));
  const auto s = parse_value(as_bytes(sequence), DType::sequence);
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_TRUE(identical(*s, Tensor::sequence({floats({1, 2}), floats({3})})));
  const auto o = parse_value(as_bytes(field(2, 3) + field(5, sequence)), DType::optional);
  ASSERT_TRUE(o);
  EXPECT_TRUE(identical(*o, *s));
  const auto none = parse_value(as_bytes(field(2, 0)), DType::optional);
  ASSERT_TRUE(none);
  EXPECT_TRUE(identical(*none, Tensor::none()));
  const std::string values = field(2, 1) + field(3, tensor(floats({5}))) + field(3, tensor(floats({6})));
  const auto m = parse_value(as_bytes(field(2, 7) + field(3, 9) + field(3, 8) + field(5, values)), DType::map);
  ASSERT_TRUE(m) << m.error().message;
  EXPECT_TRUE(identical(*m, Tensor::map(keys({9, 8}), floats({5, 6}))));
  const auto w = parse_value(as_bytes(field(2, 8) + field(4, "a") + field(4, "b") + field(5, values)), DType::map);
  ASSERT_TRUE(w) << w.error().message;
  EXPECT_TRUE(identical(*w, Tensor::map(Tensor::strings({2}, {"a", "b"}), floats({5, 6}))));
  EXPECT_FALSE(parse_value(as_bytes(field(2, 7) + field(3, 9) + field(5, values)), DType::map));  // one key, two values
  EXPECT_FALSE(parse_value(as_bytes(field(2, 1) + field(3, 9) + field(5, values)), DType::map));  // keys of float
  EXPECT_FALSE(parse_value(as_bytes(sequence).first(5), DType::sequence));
}

TEST(Held, InputsAreCheckedInside) {
  const Model m = parsed(R"(<ir_version: 8, opset_import: ["" : 18]>
g (seq(float[2]) s, optional(float[2]) o) => (n, h) { n = SequenceLength (s)  h = OptionalHasElement (o) })");
  const auto run = [&](Tensor s, Tensor o) { return interpret(*m.graph, {{"s", std::move(s)}, {"o", std::move(o)}}); };
  EXPECT_TRUE(run(Tensor::sequence({floats({1, 2})}), Tensor::none()));
  EXPECT_TRUE(run(Tensor::sequence({}), floats({1, 2})));
  EXPECT_FALSE(run(Tensor::sequence({floats({1})}), Tensor::none()));
  EXPECT_FALSE(run(Tensor::sequence({keys({1, 2})}), Tensor::none()));
  EXPECT_FALSE(run(Tensor::sequence({}), keys({1, 2})));
  const auto array = run(floats({1, 2}), Tensor::none());
  ASSERT_FALSE(array);
  EXPECT_NE(array.error().message.find("which no array can carry"), std::string::npos);
}

}  // namespace
}  // namespace hone
