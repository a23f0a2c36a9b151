// SPDX-License-Identifier: Apache-2.0
// Printing and strict parsing: a key that is not known, a number that is no integer, a block out of place are all errors.
#include "lib/bundle/manifest.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "lib/bundle/ustar.h"

namespace hone {
namespace {

constexpr std::string_view schema = "hone/manifest/1";
constexpr std::uint64_t integer_limit = std::numeric_limits<std::int64_t>::max();

// An object whose keys must all be asked for.
class Fields {
 public:
  static Result<Fields> of(const Json& json, std::string where) {
    if (!json.is_object()) return invalid("{}: expected an object", where);
    return Fields(json, std::move(where));
  }
  Result<const Json*> any(const char* key) {
    const auto it = json_->find(key);
    if (it == json_->end()) return invalid("{}: '{}' is missing", where_, key);
    ++taken_;
    return &*it;
  }
  Result<std::string> text(const char* key) {
    TRY(const Json* value, any(key));
    if (!value->is_string()) return invalid("{}: '{}' must be a string", where_, key);
    return value->get<std::string>();
  }
  Result<std::uint64_t> integer(const char* key) {
    TRY(const Json* value, any(key));
    if (!value->is_number_unsigned() || value->get<std::uint64_t>() > integer_limit) return invalid("{}: '{}' must be an integer from 0 to 2^63 - 1", where_, key);
    return value->get<std::uint64_t>();
  }
  Result<double> number(const char* key) {
    TRY(const Json* value, any(key));
    if (!value->is_number() || !(value->get<double>() >= 0)) return invalid("{}: '{}' must be a number that is not negative", where_, key);
    return value->get<double>();
  }
  Result<const Json*> list(const char* key) {
    TRY(const Json* value, any(key));
    if (!value->is_array()) return invalid("{}: '{}' must be a list", where_, key);
    return value;
  }
  Result<const Json*> object(const char* key) {
    TRY(const Json* value, any(key));
    if (!value->is_object()) return invalid("{}: '{}' must be an object", where_, key);
    return value;
  }
  Status finish() const {
    if (taken_ != json_->size()) return invalid("{}: holds a key that this version does not know; a newer Hone may have made it", where_);
    return Ok{};
  }

 private:
  Fields(const Json& json, std::string where) : json_(&json), where_(std::move(where)) {}
  const Json* json_;
  std::string where_;
  std::size_t taken_ = 0;
};

Result<Digest> parse_digest(const Json& json) {
  const auto bytes = json.is_string() ? from_hex(json.get_ref<const std::string&>()) : std::nullopt;
  if (!bytes || bytes->size() != sizeof(Digest)) return invalid("a SHA-256 must be 64 lower-case hexadecimal digits");
  Digest digest;
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

Result<std::uint64_t> parse_length(const Json& json, std::uint64_t low, std::uint64_t high) {
  if (!json.is_number_unsigned()) return invalid("a length or offset must be an integer");
  const auto value = json.get<std::uint64_t>();
  if (value < low || value > high) return invalid("a length or offset of {} is outside [{}, {}]", value, low, high);
  return value;
}

Result<Block> parse_block(const Json& json) {
  if (!json.is_array() || json.size() != 6 || !json[0].is_string()) return invalid("a block must be a list of codec, offset, length, sha256, plain length, plain sha256");
  const auto codec = codec_from_name(json[0].get_ref<const std::string&>());
  if (!codec) return invalid("there is no codec '{}'", json[0].get<std::string>());
  Block block{.codec = *codec};
  TRY(block.offset, parse_length(json[1], 0, ustar_size_limit));
  TRY(const std::uint64_t length, parse_length(json[2], 1, block_limit));
  TRY(block.sha256, parse_digest(json[3]));
  TRY(const std::uint64_t plain_length, parse_length(json[4], 1, block_limit));
  TRY(block.plain_sha256, parse_digest(json[5]));
  block.length = static_cast<std::uint32_t>(length);
  block.plain_length = static_cast<std::uint32_t>(plain_length);
  return block;
}

Result<FileEntry> parse_file(const Json& json, const std::string& where) {
  TRY(auto fields, Fields::of(json, where));
  FileEntry file;
  TRY(file.name, fields.text("name"));
  TRY(file.length, fields.integer("length"));
  TRY(const Json* digest, fields.any("sha256"));
  TRY(file.sha256, parse_digest(*digest).in(where));
  TRY(const Json* blocks, fields.list("blocks"));
  CHECK_OK(fields.finish());
  file.blocks.reserve(blocks->size());
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    TRY(const Block block, parse_block((*blocks)[i]).in(format("{}.blocks[{}]", where, i)));
    file.blocks.push_back(block);
  }
  return file;
}

Result<std::map<std::string, std::string>> parse_values(const Json& json, const Manifest& m, const std::string& where) {
  std::map<std::string, std::string> values;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string() || !m.file(value.get<std::string>())) return invalid("{}: '{}' does not name a file of this bundle", where, key);
    values[key] = value.get<std::string>();
  }
  return values;
}

Result<Golden> parse_golden(const Json& json, const Manifest& m, const std::string& where) {
  TRY(auto fields, Fields::of(json, where));
  Golden golden;
  TRY(const Json* inputs, fields.object("inputs"));
  TRY(const Json* outputs, fields.object("outputs"));
  TRY(golden.inputs, parse_values(*inputs, m, where));
  TRY(golden.outputs, parse_values(*outputs, m, where));
  TRY(golden.absolute, fields.number("absolute"));
  TRY(golden.relative, fields.number("relative"));
  CHECK_OK(fields.finish());
  return golden;
}

// "1.2.3" as three numbers, or nothing.
std::optional<std::array<unsigned, 3>> parse_version(std::string_view text) {
  std::array<unsigned, 3> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto [next, code] = std::from_chars(at, end, numbers[i]);
    if (code != std::errc() || (i < 2 ? next == end || *next != '.' : next != end)) return std::nullopt;
    at = next + 1;
  }
  return numbers;
}

Status parse_target(const Json& json, Manifest& m) {
  TRY(auto fields, Fields::of(json, "target"));
  TRY(m.minimum_hone, fields.text("minimum_hone"));
  TRY(const Json* architectures, fields.list("architectures"));
  CHECK_OK(fields.finish());
  if (!parse_version(m.minimum_hone)) return invalid("target: minimum_hone '{}' is not X.Y.Z", m.minimum_hone);
  for (const Json& a : *architectures) {
    if (!a.is_string() || !plain_word(a.get_ref<const std::string&>())) return invalid("target: an architecture must be a plain word");
    m.architectures.push_back(a.get<std::string>());
  }
  return Ok{};
}

Status check_blocks(const FileEntry& file) {
  std::uint64_t offset = 0, plain = 0;
  for (std::size_t i = 0; i < file.blocks.size(); ++i) {
    const Block& b = file.blocks[i];
    if (b.offset != offset) return invalid("file '{}': block {} starts at {}, the one before it ends at {}", file.name, i, b.offset, offset);
    if (b.length == 0 || b.plain_length == 0 || b.plain_length > block_limit) return invalid("file '{}': block {} has an impossible length", file.name, i);
    if (b.length > b.plain_length) return invalid("file '{}': block {} is longer compressed than plain", file.name, i);
    if (b.codec == Codec::raw && (b.length != b.plain_length || b.sha256 != b.plain_sha256))
      return invalid("file '{}': block {} is raw, yet its two lengths or hashes differ", file.name, i);
    offset += b.length;  // cannot overflow: at most 2^22 blocks of 2^20 bytes fit a manifest
    plain += b.plain_length;
  }
  if (plain != file.length) return invalid("file '{}': its blocks hold {} bytes, its length is {}", file.name, plain, file.length);
  if (offset >= ustar_size_limit) return invalid("file '{}': larger than the 8 GiB an archive entry can hold", file.name);
  return Ok{};
}

}  // namespace

bool plain_word(std::string_view text, bool plus) {
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || (plus && c == '+');
  };
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, fits);
}

const FileEntry* Manifest::file(std::string_view wanted) const {
  const auto it = std::ranges::lower_bound(files, wanted, {}, &FileEntry::name);
  return it != files.end() && it->name == wanted ? &*it : nullptr;
}

std::uint64_t Manifest::payload_length() const {
  std::uint64_t total = 0;
  for (const FileEntry& f : files) total += f.length;
  return total;
}

std::string Manifest::trusted_comment() const { return format("hone bundle name={} version={} counter={}", name, version, counter); }

Status check_files(const std::vector<FileEntry>& files) {
  const FileEntry* before = nullptr;
  for (const FileEntry& file : files) {
    if (!safe_name(file.name, name_limit)) return untrusted("a file name that is not plain and relative, or longer than {} bytes", name_limit);
    if (before && before->name >= file.name) return untrusted("file '{}': twice, or out of order", file.name);
    CHECK_OK(check_blocks(file));
    before = &file;
  }
  for (const FileEntry& file : files) {
    const std::string directory = file.name + "/";
    const auto inside = std::ranges::lower_bound(files, directory, {}, &FileEntry::name);
    if (inside != files.end() && inside->name.starts_with(directory)) return untrusted("file '{}': is also the directory of another", file.name);
  }
  return Ok{};
}

std::string print_manifest(const Manifest& m) {
  Json files = Json::array();
  for (const FileEntry& f : m.files) {
    Json blocks = Json::array();
    for (const Block& b : f.blocks) blocks.push_back({name(b.codec), b.offset, b.length, to_hex(b.sha256), b.plain_length, to_hex(b.plain_sha256)});
    files.push_back({{"name", f.name}, {"length", f.length}, {"sha256", to_hex(f.sha256)}, {"blocks", std::move(blocks)}});
  }
  Json golden = Json::array();
  for (const Golden& g : m.golden) golden.push_back({{"inputs", g.inputs}, {"outputs", g.outputs}, {"absolute", g.absolute}, {"relative", g.relative}});
  const Json json{{"schema", schema},
                  {"name", m.name},
                  {"version", m.version},
                  {"counter", m.counter},
                  {"floor", m.floor},
                  {"target", {{"minimum_hone", m.minimum_hone}, {"architectures", m.architectures}}},
                  {"encoder", m.encoder},
                  {"files", std::move(files)},
                  {"golden", std::move(golden)},
                  {"gate", m.gate},
                  {"provenance", m.provenance}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  if (text.size() > manifest_limit) return invalid("manifest.json: larger than {} bytes", manifest_limit);
  TRY(const Json json, parse_json(text).in("manifest.json"));
  TRY(auto fields, Fields::of(json, "manifest.json"));
  Manifest m;
  TRY(const std::string made_for, fields.text("schema"));
  if (made_for != schema) return invalid("manifest.json: schema '{}' is not known here (expected '{}'); a newer Hone may have made it", made_for, schema);
  TRY(m.name, fields.text("name"));
  TRY(m.version, fields.text("version"));
  TRY(m.counter, fields.integer("counter"));
  TRY(m.floor, fields.integer("floor"));
  if (!plain_word(m.name) || !plain_word(m.version, true)) return invalid("manifest.json: name and version must be 1 to 64 of [A-Za-z0-9._-]");
  if (m.counter == 0) return invalid("manifest.json: the counter starts at 1");
  if (m.floor > m.counter) return invalid("manifest.json: the floor is above the release's own counter");
  TRY(const Json* target, fields.object("target"));
  CHECK_OK(parse_target(*target, m).in("manifest.json"));
  TRY(m.encoder, fields.text("encoder"));
  TRY(const Json* files, fields.list("files"));
  for (std::size_t i = 0; i < files->size(); ++i) {
    TRY(FileEntry file, parse_file((*files)[i], format("manifest.json: files[{}]", i)));
    m.files.push_back(std::move(file));
  }
  CHECK_OK(check_files(m.files).in("manifest.json"));
  TRY(const Json* golden, fields.list("golden"));
  for (std::size_t i = 0; i < golden->size(); ++i) {
    TRY(Golden g, parse_golden((*golden)[i], m, format("manifest.json: golden[{}]", i)));
    m.golden.push_back(std::move(g));
  }
  TRY(const Json* gate, fields.object("gate"));
  TRY(const Json* provenance, fields.object("provenance"));
  CHECK_OK(fields.finish());
  m.gate = *gate;
  m.provenance = *provenance;
  return m;
}

Status check_target(const Manifest& m, std::string_view architecture, std::string_view hone_version) {
  if (!m.architectures.empty() && std::ranges::find(m.architectures, architecture) == m.architectures.end())
    return invalid("{} {} is for {}, this is {}", m.name, m.version, fmt::to_string(fmt::join(m.architectures, ", ")), architecture);
  const auto have = parse_version(hone_version), need = parse_version(m.minimum_hone);
  if (!have || !need || *have < *need) return invalid("{} {} needs Hone {} or newer, this is {}", m.name, m.version, m.minimum_hone, hone_version);
  return Ok{};
}

}  // namespace hone
