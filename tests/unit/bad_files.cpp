// SPDX-License-Identifier: Apache-2.0
// Models and files made to harm: what they say of other files, of sizes and of themselves. Each is one clear error, and nothing outside
// the model's folder is read or written. Attacks known by a CVE number carry it.
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "lib/bundle/ustar.h"
#include "lib/data/npy.h"
#include "lib/data/npz.h"
#include "lib/ir/limits.h"
#include "lib/ir/text.h"
#include "tests/unit/onnx_bytes.h"

namespace hone {
namespace {

// A folder of secrets beside a model's folder.
struct Neighbours {
  Folder outside, folder;
  Neighbours() {
    outside.write("secret", raw({1.f, 2.f}));
    folder.write("w.bin", raw({1.f, 2.f}));
    std::filesystem::create_directory(folder.path / "sub");
  }
  std::string up() const { return "../" + outside.path.filename().string() + "/secret"; }
};

// --- external data: reading ---

TEST(BadFiles, Cve2022_25882_LocationClimbsOut) {  // onnx 1.12: "../" in a location was followed
  const Neighbours n;
  for (const std::string& location : {n.up(), "./" + n.up(), "sub/../" + n.up(), std::string("../../../../../../etc/passwd"), std::string(".."), std::string("sub/..")})
    refused(external(location), "leaves the model's folder", n.folder.path);
}

TEST(BadFiles, Cve2024_27318_LocationClimbsOutByDetours) {  // onnx 1.15: the check looked at the beginning of the text only
  const Neighbours n;
  for (const char* location : {"nosuch/../../x", "sub//..//../x", "sub/./../../x", "./sub/../../../x"})
    refused(external(location), "leaves the model's folder", n.folder.path);
  refused(external((n.outside.path / "secret").string()), "is absolute", n.folder.path);
  refused(external("//etc/passwd"), "is absolute", n.folder.path);
  refused(external("file:///etc/passwd"), "external data 'file:///etc/passwd'", n.folder.path);
  refused(external(std::string("w.bin\0/../../x", 14)), "no location", n.folder.path);
}

TEST(BadFiles, LinksOutOfTheFolder) {
  const Neighbours n;
  namespace fs = std::filesystem;
  fs::create_symlink(n.outside.path / "secret", n.folder.path / "absolute");
  fs::create_symlink(n.up(), n.folder.path / "relative");
  fs::create_symlink("relative", n.folder.path / "chain");
  fs::create_symlink(n.outside.path, n.folder.path / "dir");
  fs::create_symlink("../dir", n.folder.path / "sub" / "dir");
  fs::create_symlink("/proc/self/environ", n.folder.path / "environ");
  fs::create_symlink("/dev/zero", n.folder.path / "zero");
  for (const char* location : {"absolute", "relative", "chain", "dir/secret", "sub/dir/secret", "environ", "zero"})
    refused(external(location), "a link out of the model's folder", n.folder.path);
  fs::create_symlink("loop", n.folder.path / "loop");
  refused(external("loop"), "external data 'loop'", n.folder.path);
  // Links that stay inside are followed, whether relative or absolute; so is a link to the model's folder itself.
  fs::create_symlink("../w.bin", n.folder.path / "sub" / "inside");
  fs::create_symlink(n.folder.path / "w.bin", n.folder.path / "inside");
  fs::create_symlink(n.folder.path, n.outside.path / "model");
  read_ok(external("sub/inside"), n.folder.path);
  read_ok(external("inside"), n.folder.path);
  read_ok(external("w.bin"), n.outside.path / "model");
}

TEST(BadFiles, WhatIsNoRegularFileIsNotWaitedFor) {
  const Neighbours n;
  ASSERT_EQ(::mkfifo((n.folder.path / "pipe").c_str(), 0600), 0);
  const auto start = std::chrono::steady_clock::now();
  refused(external("pipe"), "not a regular file", n.folder.path);
  refused(external("sub"), "not a regular file", n.folder.path);
  refused(external("."), "not a regular file", n.folder.path);
  EXPECT_FALSE(load_onnx(n.folder.path / "pipe"));
  EXPECT_FALSE(load_onnx(n.folder.path / "sub"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(BadFiles, ExternalNumbers) {
  const Neighbours n;
  for (const char* text : {"-1", " 0", "0 ", "0x0", "1e0", "+0", "18446744073709551616", "zero"})
    refused(external("w.bin", text), "is not a number", n.folder.path);
  for (const char* text : {"1", "8", "9", "4096", "18446744073709551615", "18446744073709551608"})
    refused(external("w.bin", text), "too short for 8 bytes at offset", n.folder.path);
  for (const char* text : {"0", "7", "9", "18446744073709551615"}) refused(external("w.bin", "0", text), "expected 8", n.folder.path);
  const auto entry = [](std::string_view key, std::string_view text) { return field(13, field(1, key) + field(2, text)); };
  refused(external("w.bin", "0", "8", entry("offset", "0")), "offset is given twice", n.folder.path);
  refused(external("w.bin", "0", "8", entry("location", "sub")), "location is given twice", n.folder.path);
  read_ok(external("w.bin", "0", "8", entry("__class__", "x") + entry("prepacked", "1")), n.folder.path);  // keys of others mean nothing
}

TEST(BadFiles, ExternalChecksum) {
  const Neighbours n;
  n.folder.write("zeros", std::string(8, '\0'));
  const auto checksum = [](std::string_view sha1) { return field(13, field(1, "checksum") + field(2, sha1)); };
  read_ok(external("zeros", "0", "8", checksum("05fe405753166f125559e7c9ac558654f107c7e9")), n.folder.path);
  read_ok(external("zeros", "0", "8", checksum("05FE405753166F125559E7C9AC558654F107C7E9")), n.folder.path);
  for (const char* wrong : {"05fe405753166f125559e7c9ac558654f107c7e8", "05fe", "x"})
    refused(external("zeros", "0", "8", checksum(wrong)), "the file was changed or belongs to another model", n.folder.path);
}

std::string two_of(std::string_view offset_of_second, std::string_view second_dims = "") {
  const auto entry = [](std::string_view key, std::string_view text) { return field(13, field(1, key) + field(2, text)); };
  const auto w = [&](std::string_view name, std::string_view offset) { return field(5, tensor(name, 1, {1}, entry("location", "w.bin") + entry("offset", offset) + field(14, 1) + std::string(second_dims))); };
  return model(graph(field(1, node("Add", {"v", "w"}, {"y"})), w("v", "0") + w("w", offset_of_second)));
}

TEST(BadFiles, OverlappingRangesAreOnlyReadings) {
  const Neighbours n;
  EXPECT_EQ(read_ok(two_of("0"), n.folder.path).graph->find("w")->constant->to_doubles(), std::vector<double>{1});
  EXPECT_EQ(read_ok(two_of("4"), n.folder.path).graph->find("w")->constant->to_doubles(), std::vector<double>{2});
  read_ok(two_of("2"), n.folder.path);
}

// Many tensors that claim the same bytes of a small file, at an address where they must be copied.
TEST(BadFiles, CopiesOfSharedBytesCountAgainstTheLimit) {
  const Folder folder;
  folder.write("w.bin", std::string(1 << 20, '\0'));
  const auto entry = [](std::string_view key, std::string_view text) { return field(13, field(1, key) + field(2, text)); };
  std::string tensors;
  for (int i = 0; i < 100; ++i)
    tensors += field(5, tensor(format("w{}", i), 1, {(1 << 18) - 1}, entry("location", "w.bin") + entry("offset", "1") + field(14, 1)));
  const std::string bytes = model(graph(relu, tensors));
  limits().memory_bytes = tensor_bytes() + (32 << 20);
  refused(bytes, "past the limit of", folder.path);
  limits().memory_bytes = UINT64_MAX;
  read_ok(bytes, folder.path);
}

TEST(BadFiles, ExternalDataEverywhereATensorCanBe) {
  const Neighbours n;
  const std::string evil = field(13, field(1, "location") + field(2, n.up())) + field(14, 1);
  const std::string in_attribute = field(5, field(1, "value") + field(20, 4) + field(5, tensor("", 1, {2}, evil)));
  refused(model(graph(field(1, node("Constant", {}, {"y"}, in_attribute)))), "leaves the model's folder", n.folder.path);
  const std::string list = field(5, field(1, "values") + field(20, 9) + field(10, tensor("", 1, {2}, evil)));
  refused(model(graph(field(1, node("Relu", {"x"}, {"y"}, list)))), "leaves the model's folder", n.folder.path);
  const std::string body = field(1, node("Identity", {"w"}, {"z"})) + field(2, "b") + field(5, tensor("w", 1, {2}, evil)) + field(12, value_info("z"));
  const std::string branches = field(5, field(1, "then_branch") + field(20, 5) + field(6, body)) + field(5, field(1, "else_branch") + field(20, 5) + field(6, body));
  refused(model(graph(field(1, node("If", {"x"}, {"y"}, branches)))), "leaves the model's folder", n.folder.path);
  refused(model(graph(relu, field(15, field(1, tensor("s", 1, {2}, evil)) + field(3, std::int64_t{4})))), "leaves the model's folder", n.folder.path);
}

// --- external data: writing ---

TEST(BadFiles, Cve2025_51480_SavingNeverFollowsTheModel) {  // onnx 1.17: the location in a model said where its data was written
  const Neighbours n;
  n.folder.write("m.onnx", external("sub/../w.bin"));
  EXPECT_FALSE(load_onnx(n.folder.path / "m.onnx"));
  n.folder.write("m.onnx", external("w.bin"));
  auto m = load_onnx(n.folder.path / "m.onnx");
  ASSERT_TRUE(m);
  m->graph->set_constant(m->graph->find("w"), Tensor::allocate(DType::f32, {1024}));
  const Path out = n.outside.path / "o.onnx", data = n.outside.path / "o.onnx.data";
  ASSERT_TRUE(save_onnx(*m, out, {.external_data = true}));
  EXPECT_EQ(std::filesystem::file_size(n.folder.path / "w.bin"), 8u);
  EXPECT_EQ(std::filesystem::file_size(data), 4096u);
}

TEST(BadFiles, SavingReplacesLinks) {
  const Neighbours n;
  const Model m = read_ok(model(graph(relu, field(5, tensor("w", 1, {1024}, field(9, std::string(4096, '\1')))))));
  const Path out = n.folder.path / "o.onnx", data = n.folder.path / "o.onnx.data", secret = n.outside.path / "secret";
  for (const Path& trap : {out, data}) {
    std::filesystem::create_symlink(secret, trap);
    EXPECT_FALSE(save_onnx(m, out, {.external_data = true}));
    EXPECT_TRUE(save_onnx(m, out, {.overwrite = true, .external_data = true}));
    EXPECT_EQ(std::filesystem::file_size(secret), 8u);
    EXPECT_FALSE(std::filesystem::is_symlink(trap));
    std::filesystem::remove(out), std::filesystem::remove(data);
  }
  ASSERT_EQ(::mkfifo(data.c_str(), 0600), 0);
  const Status written_into = save_onnx(m, out, {.overwrite = true, .external_data = true});
  ASSERT_FALSE(written_into);
  EXPECT_NE(written_into.error().message.find("a device or a pipe"), std::string::npos);
  std::filesystem::remove(data);
  std::filesystem::create_directory(data);
  EXPECT_FALSE(save_onnx(m, out, {.overwrite = true, .external_data = true}));
  EXPECT_FALSE(std::filesystem::exists(out));  // both or none
  std::size_t left = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(n.folder.path)) ++left;
  EXPECT_EQ(left, 3u);  // no temporary file
}

TEST(BadFiles, Cve2024_5187_ArchivesHoldNoPaths) {  // onnx 1.16: a downloaded tar wrote where its members said
  for (const char* name : {"../x", "a/../../x", "/x", "", ".", "..", "a//b", "a/", "a\\..\\x", "a\nb"}) EXPECT_FALSE(safe_name(name)) << name;
  EXPECT_TRUE(safe_name("model.plan"));
}

// --- protobuf ---

TEST(BadFiles, NestingOfMessages) {
  std::string g = field(2, "leaf") + field(12, value_info("y"));
  for (int depth = 0; depth < 5000; ++depth) g = field(1, node("If", {"x"}, {"y"}, field(5, field(1, "then_branch") + field(20, 5) + field(6, g)))) + field(2, "g");
  refused(model(g), "not an ONNX model");
  std::string type = field(1, field(1, std::int64_t{1}));
  for (int depth = 0; depth < 5000; ++depth) type = field(4, field(1, type));
  refused(model(graph(relu, field(13, field(1, "t") + field(2, type)))), "not an ONNX model");
  std::string groups(100000, '\x0b');
  refused(model(graph(relu) + groups), "not an ONNX model");
}

TEST(BadFiles, LengthsThatLie) {
  const std::string good = model(graph(relu));
  for (const char* lie : {"\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "\xff\xff\xff\xff\x0f", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"})
    refused(good + varint(7 << 3 | 2) + lie + std::string(8192, 'x'), "not an ONNX model");
  refused(model(graph(relu, field(5, tensor("w", 1, {INT64_MAX, INT64_MAX}, field(9, std::string(8192, 'x')))))), "initializer 'w'");
  refused(model(graph(relu, field(5, tensor("w", 1, {-1}, "")))), "initializer 'w'");
  refused(model(graph(relu, field(5, tensor("w", 1, {std::int64_t{1} << 62}, "")))), "initializer 'w'");
  refused(model(graph(relu, field(5, tensor("w", 8, {1 << 30}, "")))), "string_data has 0 values");
}

// A few bytes that declare a sparse tensor of any size.
TEST(BadFiles, SparseTensorsMadeDense) {
  const auto sparse = [](std::int64_t dim) {
    return field(15, field(1, tensor("s", 1, {1}, field(9, raw({1.f})))) + field(2, tensor("", 7, {1}, field(9, raw<std::int64_t>({0})))) + field(3, dim));
  };
  refused(model(graph(relu, sparse(std::int64_t{1} << 40))), "too large to make dense");
  limits().memory_bytes = tensor_bytes() + (1 << 20);
  refused(model(graph(relu, sparse(1 << 20))), "past the limit of");
  limits().memory_bytes = UINT64_MAX;
}

// --- ONNX text ---

TEST(BadFiles, NestingOfText) {
  std::string text = "g (bool x) => (bool y) { ";
  for (int i = 0; i < 20000; ++i) text += "y = If (x) <then_branch = b () => (bool y) { ";
  refused(text, "nested deeper than 64");
  refused("g (" + std::string(100000, '(') + ") => () {}", "expected");
  std::string types = "g (";
  for (int i = 0; i < 100000; ++i) types += "seq(";
  EXPECT_FALSE(read(types + "float x) => (float y) { y = Relu(x) }"));
}

// --- arrays ---

TEST(BadFiles, ArraysThatDeclareMoreThanTheyHold) {
  const auto npy = [](std::string_view shape) {
    const std::string dict = "{'descr': '<f4', 'fortran_order': False, 'shape': " + std::string(shape) + ", }";
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(dict.size() & 0xff) + static_cast<char>(dict.size() >> 8) + dict + std::string(8, '\0');
  };
  EXPECT_TRUE(parse_npy(as_bytes(npy("(2,)")), nullptr));
  for (const char* shape : {"(1000000000000,)", "(9223372036854775807, 9223372036854775807)", "(9223372036854775808,)", "(-2,)", "(4294967296, 4294967296)", "(3,)", "(1,)", "(0,)"})
    EXPECT_FALSE(parse_npy(as_bytes(npy(shape)), nullptr)) << shape;
  std::string many = "(";
  for (int i = 0; i < 20000; ++i) many += "1,";
  EXPECT_FALSE(parse_npy(as_bytes(npy(many + "2)")), nullptr));
  TensorMap arrays;
  arrays.emplace("a", Tensor::allocate(DType::f32, {4}));
  std::vector<std::byte> zip = *make_npz(arrays);
  // The sizes in the directory (and in the entry): 4 GiB that are not there.
  for (std::size_t at = 0; at + 4 <= zip.size(); ++at) {
    std::vector<std::byte> lie = zip;
    std::uint32_t size = 0;
    std::memcpy(&size, lie.data() + at, 4);
    if (size != 144 || at < zip.size() / 2) continue;  // 128 of header, 16 of data; what stands before the entry itself counts for nothing
    const std::uint32_t most = UINT32_MAX - 1;
    std::memcpy(lie.data() + at, &most, 4);
    EXPECT_FALSE(parse_npz(lie)) << at;
  }
}

}  // namespace
}  // namespace hone
