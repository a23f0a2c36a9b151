// SPDX-License-Identifier: Apache-2.0
// ONNX messages made by hand, field by field (numbers as in onnx.proto), so that they can be wrong; and a folder for one test.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "lib/onnx/onnx.h"

namespace hone {

inline std::string varint(std::uint64_t n) {
  std::string out;
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
  return out += static_cast<char>(n);
}
inline std::string field(int number, std::string_view bytes) { return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(bytes.size()) + std::string(bytes); }
inline std::string field(int number, std::int64_t value) { return varint(static_cast<std::uint64_t>(number) << 3) + varint(static_cast<std::uint64_t>(value)); }
template <class T> std::string raw(std::initializer_list<T> values) { return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)}; }

inline std::string value_info(std::string_view name, std::int64_t elem = 1, std::initializer_list<std::int64_t> dims = {2}) {
  std::string shape;
  for (const std::int64_t d : dims) shape += field(1, field(1, d));
  return field(1, name) + field(2, field(1, field(1, elem) + field(2, shape)));
}
inline std::string node(std::string_view op, std::vector<std::string> in, std::vector<std::string> out, std::string_view more = "") {
  std::string n;
  for (const std::string& i : in) n += field(1, i);
  for (const std::string& o : out) n += field(2, o);
  return n + field(4, op) + std::string(more);
}
inline std::string tensor(std::string_view name, std::int64_t elem, std::initializer_list<std::int64_t> dims, std::string_view more) {
  std::string t;
  for (const std::int64_t d : dims) t += field(1, d);
  return t + field(2, elem) + field(8, name) + std::string(more);
}
inline std::string opset(std::int64_t version, std::string_view domain = "") { return field(8, (domain.empty() ? "" : field(1, domain)) + field(2, version)); }
inline std::string model(std::string_view graph, std::int64_t ir = 8, std::string_view opsets = opset(17)) { return field(1, ir) + std::string(opsets) + field(7, graph); }
// y = Relu(x), or what `nodes` say.
inline std::string graph(std::string_view nodes, std::string_view more = "") {
  return std::string(nodes) + field(2, "g") + std::string(more) + field(11, value_info("x")) + field(12, value_info("y"));
}
inline const std::string relu = field(1, node("Relu", {"x"}, {"y"}));

inline Result<Model> read(std::string_view bytes, const Path& folder = {}) {
  return parse_onnx(share({as_bytes(bytes).begin(), as_bytes(bytes).end()}), folder);
}
inline Model read_ok(std::string_view bytes, const Path& folder = {}) {
  auto m = read(bytes, folder);
  if (!m) {
    ADD_FAILURE() << m.error().message;
    return {};
  }
  const Status valid = verify(*m->graph);
  EXPECT_TRUE(valid) << (valid ? "" : valid.error().message);
  return std::move(m).value();
}
inline void refused(std::string_view bytes, std::string_view message, const Path& folder = {}) {
  const auto m = read(bytes, folder);
  ASSERT_FALSE(m) << "accepted; expected: " << message;
  EXPECT_NE(m.error().message.find(message), std::string::npos) << m.error().message;
}
inline std::string written(const Model& m, const SaveOptions& options = {}) {
  const auto bytes = serialize_onnx(m, options);
  EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().message);
  return bytes ? std::string(as_text(*bytes)) : "";
}
// y = x + w, with the data of w in a file.
inline std::string external(std::string_view location, std::string_view offset = "", std::string_view length = "", std::string_view more = "") {
  const auto entry = [](std::string_view key, std::string_view text) { return text.empty() ? "" : field(13, field(1, key) + field(2, text)); };
  const std::string w = tensor("w", 1, {2}, entry("location", location) + entry("offset", offset) + entry("length", length) + std::string(more) + field(14, 1));
  return model(graph(field(1, node("Add", {"x", "w"}, {"y"})), field(5, w)));
}

struct Folder {
  Path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "hone-onnx-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  void write(const Path& name, std::string_view text) const { std::ofstream(path / name, std::ios::binary) << text; }
};

}  // namespace hone
