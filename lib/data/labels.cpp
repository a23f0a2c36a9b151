// SPDX-License-Identifier: Apache-2.0
// Labels: one row for each sample.
#include <charconv>

#include "lib/data/dataset.h"
#include "lib/data/idx.h"
#include "lib/data/npy.h"

namespace hone {
namespace {

// Fields of one line; quotes as RFC 4180 has them, without line breaks inside.
std::vector<std::string> split_csv(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') fields.back() += line[++i];
    else if (c == '"') quoted = !quoted;
    else if (c == ',' && !quoted) fields.emplace_back();
    else if (c != '\r') fields.back() += c;
  }
  return fields;
}

Result<Tensor> parse_csv(std::string_view text) {
  std::vector<std::int64_t> labels;
  std::optional<std::size_t> column;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::vector<std::string> fields = split_csv(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!column) {
      const auto it = std::ranges::find(fields, "label");
      if (it == fields.end()) return invalid("line 1: no column is called 'label'; name the column of class numbers so");
      column = static_cast<std::size_t>(it - fields.begin());
      continue;
    }
    if (fields.size() == 1 && fields[0].empty()) continue;
    if (*column >= fields.size()) return invalid("line {}: no value in column 'label'", line);
    const std::string& word = fields[*column];
    std::int64_t value = 0;
    const auto [stop, code] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (code != std::errc() || stop != word.data() + word.size()) return invalid("line {}: label '{}' is not a whole number", line, word);
    labels.push_back(value);
  }
  return Tensor::vector<std::int64_t>(labels);
}

Result<Tensor> parse_any(const Path& path, Bytes bytes) {
  const std::string extension = path.extension().string();
  if (extension == ".csv") return parse_csv(as_text(bytes));
  if (as_text(bytes).starts_with("\x93NUMPY")) return parse_npy(bytes, nullptr);
  if (as_text(bytes).starts_with("PK")) {
    TRY(const TensorMap arrays, parse_npz(bytes));
    const auto it = arrays.find("labels");
    if (it != arrays.end()) return it->second;
    if (arrays.size() == 1) return arrays.begin()->second;
    return invalid("has no array 'labels' among its {}; name it so", arrays.size());
  }
  if (!bytes.empty() && (bytes[0] == std::byte{0} || bytes[0] == std::byte{0x1f})) return parse_idx(bytes);
  return invalid("is neither .npy, .npz, .csv nor IDX; labels are one of these");
}

}  // namespace

Result<Tensor> read_labels(const Path& path) {
  TRY(const std::vector<std::byte> bytes, read_file(path));
  TRY(const Tensor t, parse_any(path, bytes).in(path.string()));
  if (t.rank() == 0) return invalid("{}: is one number; labels are an array with one row for each sample", path.string());
  if (!is_integer(t.dtype()) && t.dtype() != DType::boolean) return t;
  return Tensor::of<std::int64_t>(t.dims(), t.to_ints());
}

}  // namespace hone
