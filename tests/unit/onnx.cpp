// SPDX-License-Identifier: Apache-2.0
// ONNX in and out. Models are made by hand, field by field (numbers as in onnx.proto), so that they can be wrong.
#include <gtest/gtest.h>

#include <random>

#include "lib/data/compare.h"
#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/onnx/test_data.h"
#include "tests/unit/onnx_bytes.h"

namespace hone {
namespace {

// --- reading ---
TEST(Onnx, ReadsAndWritesTheSame) {
  const std::string bytes = model(graph(relu));
  const Model m = read_ok(bytes);
  EXPECT_EQ(m.graph->nodes().size(), 1u);
  EXPECT_EQ(to_string(m.graph->inputs[0]->shape), "2");
  EXPECT_EQ(print(read_ok(written(m))), print(m));
}

TEST(Onnx, UnknownFieldsSurvive) {
  const std::string future = field(1000, "a field of the future"), at_node = field(1001, "at node"), at_graph = field(1002, "at graph"), at_value = field(1003, "at value");
  const std::string g = field(1, node("Relu", {"x"}, {"y"}, at_node)) + field(2, "g") + field(11, value_info("x") + at_value) + field(12, value_info("y")) + at_graph +
                        field(16, field(1, "key") + field(2, "metadata_props of a graph"));
  std::string bytes = model(g) + future;
  for (int trip = 0; trip < 2; ++trip) {
    bytes = written(read_ok(bytes));
    for (const std::string& part : {future, at_node, at_graph, at_value}) EXPECT_NE(bytes.find(part), std::string::npos) << trip;
    EXPECT_NE(bytes.find("metadata_props of a graph"), std::string::npos);
  }
}

TEST(Onnx, AttributesWithoutAPlaceInTheIrSurvive) {
  const std::string type = field(14, field(1, field(1, 1)));
  const std::string bytes = model(graph(field(1, node("Optional", {"x"}, {"y"}, field(5, field(1, "type") + type + field(20, 13))))));
  EXPECT_NE(written(read_ok(bytes)).find(field(1, "type") + type), std::string::npos);
}

TEST(Onnx, InitializersListedAsInputsStayListed) {
  const std::string g = graph(field(1, node("Add", {"x", "w"}, {"y"})), field(11, value_info("w")) + field(5, tensor("w", 1, {2}, field(9, raw({1.f, 2.f})))));
  const Model m = read_ok(model(g, 3));
  ASSERT_EQ(m.graph->inputs.size(), 2u);
  const Model again = read_ok(written(m));
  ASSERT_EQ(again.graph->inputs.size(), 2u);
  EXPECT_TRUE(again.graph->find("w")->constant && again.graph->inputs[0]->name == "w");
}

TEST(Onnx, ConstantNodesBecomeConstants) {
  const std::string value = field(5, field(1, "value") + field(20, 4) + field(5, tensor("", 7, {1}, field(9, raw<std::int64_t>({5})))));
  const Model m = read_ok(model(graph(field(1, node("Constant", {}, {"c"}, value)) + field(1, node("Add", {"x", "c"}, {"y"})))));
  EXPECT_EQ(m.graph->nodes().size(), 1u);
  EXPECT_EQ(m.graph->find("c")->constant->to_ints(), std::vector<std::int64_t>{5});
}

TEST(Onnx, TypedFieldsOfTensors) {
  const auto values = [](std::int64_t elem, std::int64_t count, std::string_view content) {
    const auto t = parse_tensor(as_bytes(tensor("", elem, {count}, content)));
    EXPECT_TRUE(t) << elem << (t ? "" : t.error().message);
    return t ? t->to_doubles() : std::vector<double>{};
  };
  const std::string minus_one = varint(static_cast<std::uint64_t>(-1));
  EXPECT_EQ(values(1, 2, field(4, raw({1.5f, -2.f}))), (std::vector<double>{1.5, -2}));
  EXPECT_EQ(values(11, 1, field(10, raw({0.1}))), std::vector<double>{0.1});
  EXPECT_EQ(values(7, 2, field(7, varint(3) + minus_one)), (std::vector<double>{3, -1}));
  for (const std::int64_t elem : {3, 5, 6}) EXPECT_EQ(values(elem, 2, field(5, varint(3) + minus_one)), (std::vector<double>{3, -1})) << elem;
  for (const std::int64_t elem : {2, 4, 9}) EXPECT_EQ(values(elem, 2, field(5, varint(0) + varint(1))), (std::vector<double>{0, 1})) << elem;
  EXPECT_EQ(values(10, 1, field(5, varint(0x3c00))), std::vector<double>{1});
  EXPECT_EQ(values(16, 1, field(5, varint(0x3f80))), std::vector<double>{1});
  EXPECT_EQ(values(12, 1, field(11, varint(4000000000))), std::vector<double>{4e9});
  EXPECT_EQ(values(22, 3, field(5, varint(0xf1) + varint(0x07))), (std::vector<double>{1, -1, 7}));
  EXPECT_EQ(values(17, 1, field(5, varint(0x38))), std::vector<double>{1});
}

TEST(Onnx, BytesOfTensorsSurvive) {
  const std::string nan = raw<std::uint32_t>({0x7fc12345, 0xffa00001, 0x80000000});
  const auto t = parse_tensor(as_bytes(tensor("t", 1, {3}, field(9, nan))));
  ASSERT_TRUE(t);
  EXPECT_EQ(as_text(t->bytes()), nan);
  std::string name;
  const auto bytes = serialize_tensor(*t, "t");
  EXPECT_TRUE(identical(*parse_tensor(bytes, &name), *t));
  EXPECT_EQ(name, "t");
  const auto strings = parse_tensor(as_bytes(tensor("", 8, {2}, field(6, "") + field(6, "a\xff"))));
  ASSERT_TRUE(strings);
  EXPECT_TRUE(identical(*parse_tensor(serialize_tensor(*strings, "")), *strings));
}

TEST(Onnx, TensorsThatLieAreRefused) {
  const auto error = [](std::string_view bytes) {
    const auto t = parse_tensor(as_bytes(bytes));
    return t ? std::string("accepted") : t.error().message;
  };
  EXPECT_NE(error(tensor("", 1, {3}, field(9, raw({1.f})))).find("need 12 bytes, found 4"), std::string::npos);
  EXPECT_NE(error(tensor("", 1, {3}, field(4, raw({1.f})))).find("float_data has 1 values, expected 3"), std::string::npos);
  EXPECT_NE(error(tensor("", 1, {1 << 30, 1 << 30, 1 << 30}, "")).find("more elements than fit"), std::string::npos);
  EXPECT_NE(error(tensor("", 1, {INT64_MAX}, "")).find("too large"), std::string::npos);
  EXPECT_NE(error(tensor("", 1, {-1}, "")).find("negative"), std::string::npos);
  EXPECT_NE(error(tensor("", 99, {1}, "")).find("element type 99"), std::string::npos);
  EXPECT_NE(error(tensor("", 8, {1}, field(9, "x"))).find("strings in raw_data"), std::string::npos);
  EXPECT_NE(error("\xff").find("not an ONNX tensor"), std::string::npos);
}

TEST(Onnx, SparseInitializersBecomeDense) {
  const auto sparse = [](std::int64_t size, std::int64_t index) {
    return field(15, field(1, tensor("w", 1, {1}, field(9, raw({7.f})))) + field(2, tensor("", 7, {1}, field(9, raw<std::int64_t>({index})))) + field(3, size));
  };
  const std::string add = field(1, node("Add", {"x", "w"}, {"y"}));
  EXPECT_EQ(read_ok(model(graph(add, sparse(2, 1)))).graph->find("w")->constant->to_doubles(), (std::vector<double>{0, 7}));
  refused(model(graph(add, sparse(2, 2))), "index 2 is outside");
  refused(model(graph(add, sparse(INT64_C(1) << 40, 1))), "too large to make dense");
}

TEST(Onnx, BrokenGraphsNameTheNode) {
  refused(model(graph(field(1, node("Add", {"x", "z"}, {"y"})))), "node making 'y' (Add): reads 'z'");
  refused(model(graph(relu + relu)), "its output 'y' is made twice");
  refused(model(graph(field(1, node("Add", {"x", "b"}, {"a"})) + field(1, node("Relu", {"a"}, {"b"})) + field(1, node("Relu", {"b"}, {"y"})))), "a cycle");
  refused(model(graph("")), "output 'y' of graph 'g'");
  refused(model(graph(relu, field(5, tensor("x", 7, {2}, field(9, raw<std::int64_t>({1, 2})))))), "input 'x' is float but its initializer is int64");
  refused(model(graph(field(1, node("Relu", {"x"}, {"y"}, field(5, field(1, "a") + field(20, 2)) + field(5, field(1, "a") + field(20, 2)))))), "attribute 'a': is given twice");
  refused(model(graph(field(1, node("ai", {"x"}, {"y"}, field(7, "com.acme"))))), "imports no opset of domain 'com.acme'");
}

TEST(Onnx, VersionsAndFunctions) {
  refused(model(graph(relu), 14), "IR version 14 is not supported");
  refused(model(graph(relu), 2), "IR version 2 is not supported");
  refused(model(graph(relu), 8, opset(29)), "opset 29 is not supported");
  refused(model(graph(relu), 8, ""), "imports no opset");
  refused(model(graph(field(1, node("Relu", {"x"}, {"y"}, field(5, field(1, "a") + field(21, "b")))))), "refers to a function's attribute outside a function");
  refused("", "not an ONNX model");
  refused("\x08", "not an ONNX model");
  const Model m = read_ok(model(graph(relu), 3, opset(9, "ai.onnx")));
  EXPECT_EQ(m.opsets.at(""), 9);
  const Model high = read_ok(written(m, {.opset = 21}));
  EXPECT_EQ(high.opsets.at(""), 21);
  EXPECT_EQ(high.ir_version, 10);
  EXPECT_FALSE(serialize_onnx(high, {.opset = 13}));
}

TEST(Onnx, NodesAreSortedAndNamesInBodiesDoNotShadow) {
  const std::string body = field(1, node("Neg", {"x"}, {"t"})) + field(2, "b") + field(12, value_info("t"));
  const std::string branch = field(5, field(1, "then_branch") + field(20, 5) + field(6, body)) + field(5, field(1, "else_branch") + field(20, 5) + field(6, body));
  const std::string nodes = field(1, node("If", {"t"}, {"y"}, branch)) + field(1, node("Relu", {"c"}, {"t"})) + field(1, node("Neg", {"x"}, {"c"}));
  const Model m = read_ok(model(graph(nodes)));
  EXPECT_EQ(m.graph->nodes()[0]->op, "Neg");
  EXPECT_EQ(m.graph->nodes()[2]->body("then_branch")->outputs[0]->name, "t_1");
}

// --- external data ---
TEST(Onnx, ExternalData) {
  const Folder folder;
  folder.write("w.bin", "...." + raw({3.f, 4.f}));
  std::filesystem::create_directory(folder.path / "sub");
  folder.write("sub/w.bin", raw({5.f, 6.f}));
  EXPECT_EQ(read_ok(external("w.bin", "4", "8"), folder.path).graph->find("w")->constant->to_doubles(), (std::vector<double>{3, 4}));
  EXPECT_EQ(read_ok(external("w.bin", "4"), folder.path).graph->find("w")->constant->to_doubles(), (std::vector<double>{3, 4}));
  EXPECT_EQ(read_ok(external("./sub/w.bin"), folder.path).graph->find("w")->constant->to_doubles(), (std::vector<double>{5, 6}));
  folder.write("m.onnx", external("w.bin", "4"));
  EXPECT_TRUE(load_onnx(folder.path / "m.onnx"));
}

TEST(Onnx, ExternalDataStaysInTheFolder) {
  const Folder outside, folder;
  outside.write("secret", raw({1.f, 2.f}));
  std::filesystem::create_symlink(outside.path / "secret", folder.path / "link");
  std::filesystem::create_symlink(outside.path, folder.path / "dir");
  std::filesystem::create_directory(folder.path / "d");
  folder.write("w.bin", raw({1.f, 2.f}));
  refused(external((outside.path / "secret").string()), "is absolute", folder.path);
  refused(external("../" + outside.path.filename().string() + "/secret"), "leaves the model's folder", folder.path);
  refused(external("d/../../x"), "leaves the model's folder", folder.path);
  refused(external("link"), "a link out of the model's folder", folder.path);
  refused(external("dir/secret"), "a link out of the model's folder", folder.path);
  refused(external("d"), "not a regular file", folder.path);
  refused(external("none"), "external data 'none'", folder.path);
  refused(external(""), "no location", folder.path);
  refused(external(std::string_view("w.bin\0x", 7)), "no location", folder.path);
  refused(external("w.bin"), "not read from a folder");
  refused(external("w.bin", "4"), "too short for 8 bytes at offset 4", folder.path);
  refused(external("w.bin", "18446744073709551615"), "too short", folder.path);
  refused(external("w.bin", "-1"), "is not a number", folder.path);
  refused(external("w.bin", "0", "4"), "length is 4, expected 8", folder.path);
  EXPECT_FALSE(parse_tensor(as_bytes(tensor("", 1, {2}, field(13, field(1, "location") + field(2, "w.bin")) + field(14, 1)))));
}

TEST(Onnx, SavesExternalData) {
  const Folder folder;
  Model m = read_ok(model(graph(field(1, node("Add", {"x", "w"}, {"y"})), field(5, tensor("w", 1, {2}, field(9, raw({1.f, 2.f})))))));
  std::vector<float> numbers(1000);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  m.graph->set_output(0, m.graph->constant("big", Tensor::vector<float>(numbers)));
  const Path path = folder.path / "m.onnx";
  ASSERT_TRUE(save_onnx(m, path, {.external_data = true}));
  EXPECT_GT(std::filesystem::file_size(folder.path / "m.onnx.data"), 3999u);
  EXPECT_LT(std::filesystem::file_size(path), 1000u);
  const auto again = load_onnx(path);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(identical(*again->graph->find("big")->constant, *m.graph->find("big")->constant));
  EXPECT_FALSE(save_onnx(m, path, {.external_data = true}));  // exists
  ASSERT_TRUE(save_onnx(m, folder.path / "m.onnxtxt"));
  const auto text = load_onnx(folder.path / "m.onnxtxt");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(print(*text->graph), print(*again->graph));
}

// --- hostile bytes ---
TEST(Onnx, PrefixesAndFlippedBytesNeverCrash) {
  const std::string body = field(1, node("Neg", {"x"}, {"t"})) + field(2, "b") + field(12, value_info("t"));
  const std::string nodes = field(1, node("If", {"x"}, {"z"}, field(5, field(1, "then_branch") + field(20, 5) + field(6, body)))) + field(1, node("Add", {"z", "w"}, {"y"}));
  const std::string bytes = model(graph(nodes, field(5, tensor("w", 22, {3}, field(5, varint(0x21) + varint(3))))), 10, opset(21)) + field(14, field(1, "k"));
  ASSERT_TRUE(read(bytes));
  int accepted = 0;
  for (std::size_t n = 0; n < bytes.size(); ++n) accepted += read(bytes.substr(0, n)).has_value();
  EXPECT_LE(accepted, 1);  // without the metadata at its end it is a model still
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      std::string bad = bytes;
      bad[n] = static_cast<char>(bad[n] ^ flip);
      if (const auto m = read(bad)) {
        EXPECT_TRUE(verify(*m->graph));
        (void)serialize_onnx(*m);
      }
    }
  }
}

TEST(Onnx, RandomBytesNeverCrash) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(static_cast<std::size_t>(random() % 200), '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    (void)read(bytes);
    (void)parse_tensor(as_bytes(bytes));
  }
}

// --- real files ---
const Path conformance_data = "/usr/share/libonnx-testdata/data";

TEST(Onnx, RoundTripsOfTheConformanceModels) {
  if (!std::filesystem::exists(conformance_data)) GTEST_SKIP() << "needs Debian's libonnx-testdata";
  int models = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(conformance_data)) {
    if (entry.path().filename() != "model.onnx") continue;
    const auto m = load_onnx(entry.path());
    if (!m) {
      // A refusal must be about the operators of the model, not about the file.
      EXPECT_NE(m.error().message.find("node"), std::string::npos) << m.error().message;
      continue;
    }
    ++models;
    ASSERT_TRUE(verify(*m->graph)) << entry.path();
    const std::string text = print(*m->graph);
    const Model again = read_ok(written(*m));
    EXPECT_EQ(print(*again.graph), text) << entry.path();
    for (const Value* v : m->graph->values()) {
      EXPECT_TRUE(!v->constant || identical(*v->constant, *again.graph->find(v->name)->constant)) << v->name;
    }
    const auto full = print_onnx(*m);
    ASSERT_TRUE(full);
    if (full->size() > 1'000'000) continue;
    const auto reread = read(*full);
    ASSERT_TRUE(reread) << entry.path() << ": " << reread.error().message;
    EXPECT_EQ(print(*reread->graph), text) << entry.path();
  }
  EXPECT_GT(models, 900);
}

TEST(TestData, InputsByPosition) {
  const Folder folder;
  std::filesystem::create_directories(folder.path / "test_data_set_10");
  std::filesystem::create_directories(folder.path / "test_data_set_2");
  const std::string two = tensor("", 1, {2}, field(9, raw({1.f, 2.f})));
  for (const char* set : {"test_data_set_2", "test_data_set_10"}) {
    folder.write(Path(set) / "input_0.pb", two);
    folder.write(Path(set) / "output_0.pb", two);
  }
  const auto sets = find_test_sets(folder.path);
  ASSERT_EQ(sets.size(), 2u);
  EXPECT_EQ(sets[0].filename(), "test_data_set_2");
  EXPECT_EQ(find_test_sets(sets[1]), std::vector<Path>{sets[1]});
  const Model m = read_ok(model(graph(relu)));
  const auto set = read_test_set(sets[0], *m.graph);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->inputs.at("x").to_doubles(), (std::vector<double>{1, 2}));
  folder.write("test_data_set_2/input_1.pb", two);
  EXPECT_FALSE(read_test_set(sets[0], *m.graph));
}

TEST(Compare, ToleranceAndWorstElement) {
  const auto of = [](std::initializer_list<float> v) { return Tensor::of<float>({static_cast<std::int64_t>(v.size())}, v); };
  EXPECT_TRUE(difference(of({1, NAN, INFINITY}), of({1.00001f, NAN, INFINITY})).same);
  EXPECT_FALSE(difference(of({INFINITY}), of({-INFINITY})).same);
  EXPECT_FALSE(difference(of({1}), of({NAN})).same);
  const Difference d = difference(of({1, 2, 3}), of({1, 2.5f, 3.25f}));
  EXPECT_EQ(d.count, 2);
  EXPECT_EQ(d.what, "2 of 3 elements differ, worst at [1]: 2, expected 2.5");
  EXPECT_EQ(d.max_absolute, 0.5);
  EXPECT_NE(difference(of({1}), of({1, 2})).what.find("is float 1, expected float 2"), std::string::npos);
  EXPECT_FALSE(difference(Tensor::scalar<std::int64_t>(INT64_MAX), Tensor::scalar<std::int64_t>(INT64_MAX - 1), {0, 0}).same);
  EXPECT_FALSE(difference(Tensor::strings({1}, {"a"}), Tensor::strings({1}, {"b"})).same);
}

// --- functions: defaults, types and overload are newer than our protobuf classes ---
std::string local_function(std::string_view name, std::string_view body, std::string_view more = "") {
  return field(25, field(1, name) + field(4, "a") + field(5, "b") + std::string(body) + field(9, field(2, 13)) + field(10, "local") + std::string(more));
}
const std::string with_local = opset(18) + opset(1, "local");
std::string call(std::string_view more = "") { return field(1, node("f", {"x"}, {"y"}, field(7, "local") + std::string(more))); }

TEST(Functions, DefaultsOverloadsAndTypes) {
  const std::string elu = field(7, node("Elu", {"a"}, {"b"}, field(5, field(1, "alpha") + field(20, 1) + field(21, "slope"))));
  const std::string slope = field(1, "slope") + field(20, 1) + varint(2 << 3 | 5) + raw<float>({0.5F});
  const std::string wrong = local_function("f", field(7, node("Neg", {"a"}, {"b"})));
  const std::string right = local_function("f", elu, field(11, slope) + field(13, "second") + field(12, value_info("b")));
  Model m = read_ok(model(graph(call(field(8, "second"))), 10, with_local) + wrong + right);
  ASSERT_EQ(m.graph->nodes().size(), 1U);
  EXPECT_EQ(m.graph->nodes()[0]->op, "Elu");
  EXPECT_EQ(m.graph->nodes()[0]->number("alpha"), 0.5F);
  EXPECT_FALSE(m.opsets.contains("local"));
  EXPECT_EQ(m.opsets.at(""), 18);
  m = read_ok(model(graph(call(field(8, "second") + field(5, slope.substr(0, slope.size() - 4) + raw<float>({2.0F})))), 10, with_local) + wrong + right);
  EXPECT_EQ(m.graph->nodes()[0]->number("alpha"), 2.0F);
}

// Squeeze of opset 12 has its axes in an attribute; the model's own nodes are of opset 18, and the other way round.
TEST(Functions, OfAnotherOpsetThanTheModel) {
  const auto ints = [](std::string_view name, std::int64_t v) { return field(5, field(1, name) + field(8, v) + field(20, 7)); };
  const std::string body = field(7, node("Unsqueeze", {"a"}, {"t"}, ints("axes", 0))) + field(7, node("Squeeze", {"t"}, {"b"}, ints("axes", 0)));
  const std::string old = field(25, field(1, "f") + field(4, "a") + field(5, "b") + body + field(9, field(2, 11)) + field(10, "local"));
  const Model m = read_ok(model(graph(call()), 10, with_local) + old);
  for (const Node* n : m.graph->nodes()) EXPECT_TRUE(n->input(1) && n->attributes.empty()) << n->op;
  EXPECT_EQ(m.opsets.at(""), 18);
  const std::string newer = field(25, field(1, "f") + field(4, "a") + field(5, "b") + field(7, node("Gelu", {"a"}, {"b"})) + field(9, field(2, 20)) + field(10, "local"));
  EXPECT_EQ(read_ok(model(graph(call()), 10, with_local) + newer).opsets.at(""), 20);
}

TEST(Functions, Refused) {
  const auto with = [&](std::string_view nodes, std::string_view functions) { return model(graph(nodes), 10, with_local) + std::string(functions); };
  const std::string f = local_function("f", field(7, node("Relu", {"a"}, {"b"})));
  refused(with(call(), f + f), "function 'local.f' is defined twice");
  refused(with(call(), local_function("f", field(7, node("f", {"a"}, {"b"}, field(7, "local"))))), "calls itself: f -> f");
  refused(with(call(), local_function("f", field(7, node("Relu", {"a"}, {"a"})))), "'a' is made twice");
  refused(with(call(), local_function("f", field(7, node("Relu", {"a"}, {"c"})))), "output 'b' of function 'local.f' is made by none of its nodes");
  refused(with(field(1, node("f", {"x", "x"}, {"y"}, field(7, "local"))), f), "2 inputs given, function 'local.f' has 1");
  refused(with(call(), local_function("f", field(7, node("Relu", {"a"}, {"b"})), field(11, "broken"))), "a default value is no AttributeProto");
}

}  // namespace
}  // namespace hone
