// SPDX-License-Identifier: Apache-2.0
// Large tensors: their data goes from the mapped file to the written one without passing through protobuf, and past its 2 GiB.
#include "lib/ir/text.h"
#include "tests/unit/onnx_bytes.h"

namespace hone {
namespace {

constexpr std::int64_t many = 5000;  // elements; past what stays in the message

std::string numbers(float first) {
  std::string bytes;
  for (std::int64_t i = 0; i < many; ++i) bytes += raw({first + static_cast<float>(i)});
  return bytes;
}
std::string large(std::string_view name, std::string_view data) { return tensor(name, 1, {many}, data); }
std::string add_w(std::string_view w) {
  return model(field(1, node("Add", {"x", "w"}, {"y"})) + field(2, "g") + field(5, w) + field(11, value_info("x", 1, {many})) + field(12, value_info("y", 1, {many})));
}
void expect_numbers(const Model& m, std::string_view name, float first) {
  const Value* w = m.graph->find(name);
  ASSERT_TRUE(w && w->constant);
  EXPECT_EQ(as_text(w->constant->bytes()), numbers(first));
}

TEST(OnnxLarge, DataInAnyFieldIsTakenFromTheFile) {
  for (const int field_number : {9, 4}) {
    const std::string bytes = add_w(large("w", field(field_number, numbers(1))));
    const Model m = read_ok(bytes);
    expect_numbers(m, "w", 1);
    expect_numbers(read_ok(written(m)), "w", 1);
  }
  std::string doubles;
  for (std::int64_t i = 0; i < many; ++i) doubles += raw({static_cast<double>(i) / 3});
  const Model m = read_ok(model(graph(relu, field(5, tensor("w", 11, {many}, field(10, doubles))))));
  EXPECT_EQ(as_text(m.graph->find("w")->constant->bytes()), doubles);
}

TEST(OnnxLarge, AlignedDataIsNotCopied) {
  int shared = 0;
  for (int shift = 0; shift < 4; ++shift) {  // of the data in the file: each in turn is aligned once
    const auto bytes = share([&] {
      const std::string text = add_w(large("w", field(12, std::string(static_cast<std::size_t>(shift), 'd')) + field(9, numbers(1))));
      return std::vector<std::byte>(as_bytes(text).begin(), as_bytes(text).end());
    }());
    const auto m = parse_onnx(bytes, {});
    ASSERT_TRUE(m);
    expect_numbers(*m, "w", 1);
    const std::byte* at = m->graph->find("w")->constant->bytes().data();
    shared += at > bytes.bytes.data() && at < bytes.bytes.data() + bytes.bytes.size();
  }
  EXPECT_EQ(shared, 1);
}

TEST(OnnxLarge, DataInAttributesAndBodies) {
  const std::string value = field(5, field(1, "value") + field(20, 4) + field(5, large("", field(9, numbers(7)))));
  const std::string branch = field(1, node("Constant", {}, {"c"}, value)) + field(1, node("Add", {"c", "w"}, {"d"})) + field(2, "b") +
                             field(5, large("w", field(9, numbers(9)))) + field(12, value_info("d", 1, {many}));
  const std::string both = field(5, field(1, "then_branch") + field(20, 5) + field(6, branch)) + field(5, field(1, "else_branch") + field(20, 5) + field(6, branch));
  const std::string bytes = model(field(1, node("If", {"x"}, {"y"}, both)) + field(2, "g") + field(11, value_info("x", 9, {})) + field(12, value_info("y", 1, {many})));
  const Model m = read_ok(bytes);
  const Model again = read_ok(written(m));
  EXPECT_EQ(print(again), print(m));
  for (const char* name : {"then_branch", "else_branch"}) {
    const Graph* body = again.graph->nodes()[0]->body(name);
    std::size_t found = 0;
    for (const Value* v : body->values()) found += v->constant && as_text(v->constant->bytes()) == numbers(v->name[0] == 'c' ? 7 : 9);
    EXPECT_EQ(found, 2u);
  }
}

TEST(OnnxLarge, AttributesGoToTheDataFileToo) {
  const Folder folder;
  const std::string value = field(5, field(1, "value") + field(20, 4) + field(5, large("", field(9, numbers(3)))));
  const Model m = read_ok(model(graph(field(1, node("ConstantOfShape", {"x"}, {"y"}, value)))));
  ASSERT_TRUE(save_onnx(m, folder.path / "m.onnx", {.external_data = true}));
  EXPECT_EQ(std::filesystem::file_size(folder.path / "m.onnx.data"), static_cast<std::uintmax_t>(many * 4));
  const auto again = load_onnx(folder.path / "m.onnx");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(as_text(again->graph->nodes()[0]->find<Tensor>("value")->bytes()), numbers(3));
}

TEST(OnnxLarge, WhatSharesItsBytesIsWrittenOnce) {
  const Folder folder;
  Model m = read_ok(add_w(large("w", field(9, numbers(1)))));
  Value* w = m.graph->find("w");
  m.graph->set_input(m.graph->nodes()[0], 0, m.graph->constant("v", *w->constant));
  ASSERT_TRUE(save_onnx(m, folder.path / "m.onnx", {.external_data = true}));
  EXPECT_EQ(std::filesystem::file_size(folder.path / "m.onnx.data"), static_cast<std::uintmax_t>(many * 4));
  const auto again = load_onnx(folder.path / "m.onnx");
  ASSERT_TRUE(again);
  expect_numbers(*again, "v", 1);
  expect_numbers(*again, "w", 1);
}

TEST(OnnxLarge, WrittenBytesDoNotDependOnHowItWasRead) {  // as protobuf alone would write it
  const std::string bytes = written(read_ok(add_w(large("w", field(9, numbers(1))))));
  EXPECT_NE(bytes.find(field(9, numbers(1))), std::string::npos);
  EXPECT_EQ(written(read_ok(bytes)), bytes);
}

TEST(OnnxLarge, BadData) {
  const std::string data = field(9, numbers(1));
  refused(add_w(tensor("w", 1, {many - 1}, data)), "elements of float need");
  refused(add_w(tensor("w", 7, {many}, field(4, numbers(1)))), "float_data holds the data of a tensor of int64");
  refused(add_w(tensor("w", 8, {many}, data)), "strings in raw_data");
  refused(add_w(large("w", data)).substr(0, 9000), "cut short");
  refused(add_w(large("w", field(9, numbers(1)) + field(4, numbers(1)))).substr(0, 30000), "cut short");
  // The field that stands for data taken out is not a file's to use: not without data, not for data that another tensor has.
  const std::string forged = field((1 << 29) - 1, std::int64_t{0});
  refused(model(graph(relu, field(5, tensor("v", 1, {2}, forged)))), "which no release of ONNX has");
  refused(model(graph(relu, field(5, large("w", data)) + field(5, large("v", forged)))), "which no release of ONNX has");
  refused(model(graph(relu, field(5, large("w", data + forged)))), "which no release of ONNX has");
}

// A protobuf of more than 2 GiB, which some exporters write and protobuf refuses; sparse, so it takes no room on the disk.
TEST(OnnxLarge, ReadsPastTwoGibibytes) {
  const Folder folder;
  constexpr std::int64_t count = (std::int64_t{5} << 30) / 8;
  constexpr std::uint64_t bytes = count * 4;  // 2.5 GiB
  const auto headed = [&](std::size_t shift) {  // everything before the data, which ends the file
    const std::string w = field(1, count) + field(2, std::int64_t{1}) + field(8, "w") + field(12, std::string(shift, 'd')) + varint(9 << 3 | 2) + varint(bytes);
    const std::string g = field(1, node("Relu", {"w"}, {"y"})) + field(2, "g") + field(12, value_info("y", 1, {count})) + varint(5 << 3 | 2) + varint(w.size() + bytes) + w;
    return field(1, std::int64_t{8}) + opset(17) + varint(7 << 3 | 2) + varint(g.size() + bytes) + g;
  };
  std::string head = headed(0);
  for (std::size_t shift = 1; head.size() % 4 != 0; ++shift) head = headed(shift);  // aligned, so that it is not copied
  folder.write("m.onnx", head);
  std::error_code error;
  std::filesystem::resize_file(folder.path / "m.onnx", head.size() + bytes, error);
  if (error) GTEST_SKIP() << "needs a file system with files of 2.5 GiB";
  const auto m = load_onnx(folder.path / "m.onnx");
  ASSERT_TRUE(m) << m.error().message;
  EXPECT_EQ(m->graph->find("w")->constant->count(), count);
}

}  // namespace
}  // namespace hone
