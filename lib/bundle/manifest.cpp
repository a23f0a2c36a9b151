// SPDX-License-Identifier: Apache-2.0
// Strict parsing: a key that is not known, a number that is no integer, a block out of place are all errors. Printing is in manifest_print.cpp.
#include "lib/bundle/manifest.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "lib/bundle/fields.h"
#include "lib/bundle/ustar.h"

namespace hone {
namespace {

constexpr std::string_view schema = "hone/manifest/1";

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

Result<Encryption> parse_encryption(const Json& json) {
  TRY(auto fields, Fields::of(json, "encryption"));
  Encryption e;
  TRY(e.header, fields.text("header"));
  TRY(const std::string nonce, fields.text("nonce"));
  TRY(e.length, fields.integer("length"));
  TRY(const Json* digest, fields.any("sha256"));
  TRY(e.sha256, parse_digest(*digest).in("encryption"));
  CHECK_OK(fields.finish());
  const auto bytes = from_hex(nonce);
  if (!bytes || bytes->size() != e.nonce.size()) return invalid("encryption: the nonce must be 32 lower-case hexadecimal digits");
  std::memcpy(e.nonce.data(), bytes->data(), e.nonce.size());
  return e;
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

Result<Port> parse_port(const Json& json, const std::string& where) {
  TRY(auto fields, Fields::of(json, where));
  Port port;
  TRY(port.name, fields.text("name"));
  TRY(const std::string dtype, fields.text("dtype"));
  TRY(const Json* shape, fields.any("shape"));
  CHECK_OK(fields.finish());
  if (const auto known = dtype_from_name(dtype)) port.dtype = *known;
  else return invalid("{}: there is no element type '{}'", where, dtype);
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };  // a zero byte would end the name where C reads it
  if (port.name.empty() || port.name.size() > 1024 || std::ranges::any_of(port.name, control)) return invalid("{}: a name has 1 to 1024 bytes, and no control characters", where);
  if (shape->is_null()) return port;
  if (!shape->is_array() || shape->size() > rank_limit) return invalid("{}: 'shape' must be null, or a list of at most {} sizes", where, rank_limit);
  port.shape.emplace();
  for (const Json& size : *shape) {
    const bool integer = size.is_number_unsigned() && size.get<std::uint64_t>() <= Fields::integer_limit;
    if (!integer && !size.is_null()) return invalid("{}: a size must be an integer from 0 to 2^63 - 1, or null for any", where);
    port.shape->push_back(integer ? size.get<std::int64_t>() : Port::any);
  }
  return port;
}

Status parse_ports(const Json& list, std::string_view key, std::vector<Port>& ports) {
  if (list.size() > ports_limit) return invalid("interface: more than {} {}", ports_limit, key);
  for (std::size_t i = 0; i < list.size(); ++i) {
    TRY(Port port, parse_port(list[i], format("interface.{}[{}]", key, i)));
    for (const Port& other : ports)
      if (other.name == port.name) return invalid("interface: '{}' is listed twice among the {}", port.name, key);
    ports.push_back(std::move(port));
  }
  return Ok{};
}

Status parse_interface(const Json& json, Manifest& m) {
  TRY(auto fields, Fields::of(json, "interface"));
  TRY(const Json* inputs, fields.list("inputs"));
  TRY(const Json* outputs, fields.list("outputs"));
  CHECK_OK(fields.finish());
  CHECK_OK(parse_ports(*inputs, "inputs", m.interface.inputs));
  return parse_ports(*outputs, "outputs", m.interface.outputs);
}

Status parse_memory(const Json& json, Manifest& m) {
  TRY(auto fields, Fields::of(json, "memory"));
  TRY(m.memory.weights, fields.integer("weights"));
  TRY(m.memory.arena, fields.integer("arena"));
  TRY(const std::uint64_t total, fields.integer("total"));
  CHECK_OK(fields.finish());
  if (m.memory.total() != total) return invalid("memory: the total is not the sum of weights and arena");  // two of 63 bits: no overflow
  return Ok{};
}

Status parse_bins(const Json& edges, const Json& counts, const std::string& where, Reference& r) {
  if (edges.empty() || edges.size() >= bins_limit || counts.size() != edges.size() + 1)
    return invalid("{}: 1 to {} edges and one more counts are expected", where, bins_limit - 1);
  for (const Json& edge : edges) {
    if (!edge.is_number() || !std::isfinite(edge.get<double>())) return invalid("{}: an edge must be a number", where);
    if (!r.edges.empty() && r.edges.back() >= edge.get<double>()) return invalid("{}: the edges must ascend", where);
    r.edges.push_back(edge.get<double>());
  }
  std::uint64_t total = 0;
  for (const Json& count : counts) {
    if (!count.is_number_unsigned() || count.get<std::uint64_t>() > Fields::integer_limit - total)
      return invalid("{}: counts must be integers whose sum is at most 2^63 - 1", where);
    total += count.get<std::uint64_t>();
    r.counts.push_back(count.get<std::uint64_t>());
  }
  if (total == 0) return invalid("{}: counts nothing", where);
  return Ok{};
}

Result<Reference> parse_reference(const Json& json, const Manifest& m, const std::string& where) {
  TRY(auto fields, Fields::of(json, where));
  Reference r;
  TRY(r.output, fields.text("output"));
  TRY(const std::string of, fields.text("of"));
  TRY(const Json* edges, fields.list("edges"));
  TRY(const Json* counts, fields.list("counts"));
  CHECK_OK(fields.finish());
  const auto& outputs = m.interface.outputs;
  if (std::ranges::find(outputs, r.output, &Port::name) == outputs.end()) return invalid("{}: the interface has no output '{}'", where, r.output);
  if (of != name(Reference::Of::values) && of != name(Reference::Of::argmax)) return invalid("{}: 'of' must be values or argmax", where);
  r.of = of == name(Reference::Of::values) ? Reference::Of::values : Reference::Of::argmax;
  CHECK_OK(parse_bins(*edges, *counts, where, r));
  const auto place = [](const Reference& x) { return std::pair<std::string_view, Reference::Of>(x.output, x.of); };
  if (!m.histograms.empty() && place(m.histograms.back()) >= place(r)) return invalid("{}: twice, or out of order", where);
  return r;
}

Status parse_times(Fields& fields, Manifest& m) {
  TRY(m.created, fields.integer("created"));
  TRY(m.expires, fields.integer("expires"));
  if (m.expires != 0 && m.expires <= m.created) return invalid("manifest.json: it expires before it was created");
  return Ok{};
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

}  // namespace

std::string_view name(Reference::Of of) { return of == Reference::Of::values ? "values" : "argmax"; }

const FileEntry* Manifest::file(std::string_view wanted) const {
  const auto it = std::ranges::lower_bound(files, wanted, {}, &FileEntry::name);
  return it != files.end() && it->name == wanted ? &*it : nullptr;
}

std::uint64_t Manifest::payload_length() const {
  std::uint64_t total = 0;
  for (const FileEntry& f : files) total += f.length;
  return total;
}

std::uint64_t Manifest::archive_length() const {
  std::uint64_t total = 2 * ustar_block;
  for (const FileEntry& f : files) total += ustar_block + f.stored() + ustar_padding(f.stored());
  return total;
}

std::string Manifest::trusted_comment() const { return format("hone bundle name={} version={} counter={}", name, version, counter); }

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
  CHECK_OK(parse_times(fields, m));
  TRY(const Json* target, fields.object("target"));
  CHECK_OK(parse_target(*target, m).in("manifest.json"));
  TRY(m.encoder, fields.text("encoder"));
  TRY(const Json* files, fields.list("files"));
  for (std::size_t i = 0; i < files->size(); ++i) {
    TRY(FileEntry file, parse_file((*files)[i], format("manifest.json: files[{}]", i)));
    m.files.push_back(std::move(file));
  }
  CHECK_OK(check_files(m.files).in("manifest.json"));
  TRY(const Json* encryption, fields.any("encryption"));
  if (!encryption->is_null()) {
    TRY(m.encryption, parse_encryption(*encryption).in("manifest.json"));
    CHECK_OK(check_encryption(m).in("manifest.json"));
  }
  TRY(const Json* interface, fields.object("interface"));
  CHECK_OK(parse_interface(*interface, m).in("manifest.json"));
  TRY(const Json* memory, fields.object("memory"));
  CHECK_OK(parse_memory(*memory, m).in("manifest.json"));
  TRY(const Json* golden, fields.list("golden"));
  for (std::size_t i = 0; i < golden->size(); ++i) {
    TRY(Golden g, parse_golden((*golden)[i], m, format("manifest.json: golden[{}]", i)));
    m.golden.push_back(std::move(g));
  }
  TRY(const Json* histograms, fields.list("histograms"));
  if (histograms->size() > histograms_limit) return invalid("manifest.json: more than {} histograms", histograms_limit);
  for (std::size_t i = 0; i < histograms->size(); ++i) {
    TRY(Reference r, parse_reference((*histograms)[i], m, format("manifest.json: histograms[{}]", i)));
    m.histograms.push_back(std::move(r));
  }
  TRY(const Json* gate, fields.object("gate"));
  TRY(const Json* provenance, fields.object("provenance"));
  CHECK_OK(fields.finish());
  m.gate = *gate;
  m.provenance = *provenance;
  return m;
}

}  // namespace hone
