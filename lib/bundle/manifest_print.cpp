// SPDX-License-Identifier: Apache-2.0
// Printing: host only, so that a device carries only the parser.
#include "lib/bundle/manifest.h"

namespace hone {
namespace {

Json to_json(const FileEntry& f) {
  Json blocks = Json::array();
  for (const Block& b : f.blocks) blocks.push_back({name(b.codec), b.offset, b.length, to_hex(b.sha256), b.plain_length, to_hex(b.plain_sha256)});
  return {{"name", f.name}, {"length", f.length}, {"sha256", to_hex(f.sha256)}, {"blocks", std::move(blocks)}};
}

Json to_json(const Encryption& e) {
  return {{"header", e.header}, {"nonce", to_hex(std::as_bytes(std::span(e.nonce)))}, {"length", e.length}, {"sha256", to_hex(e.sha256)}};
}

Json to_json(const std::vector<Port>& ports) {
  Json list = Json::array();
  for (const Port& p : ports) {
    Json shape = nullptr;
    if (p.shape) shape = Json::array();
    for (const std::int64_t n : p.shape.value_or(std::vector<std::int64_t>())) shape.push_back(n == Port::any ? Json(nullptr) : Json(static_cast<std::uint64_t>(n)));
    list.push_back({{"name", p.name}, {"dtype", name(p.dtype)}, {"shape", std::move(shape)}});
  }
  return list;
}

}  // namespace

Json to_json(const Interface& i) { return {{"inputs", to_json(i.inputs)}, {"outputs", to_json(i.outputs)}}; }
Json to_json(const MemoryNeeds& n) { return {{"weights", n.weights}, {"arena", n.arena}, {"total", n.total()}}; }
Json to_json(const Reference& r) { return {{"output", r.output}, {"of", name(r.of)}, {"edges", r.edges}, {"counts", r.counts}}; }

std::string print_manifest(const Manifest& m) {
  Json files = Json::array(), golden = Json::array(), histograms = Json::array();
  for (const FileEntry& f : m.files) files.push_back(to_json(f));
  for (const Golden& g : m.golden) golden.push_back({{"inputs", g.inputs}, {"outputs", g.outputs}, {"absolute", g.absolute}, {"relative", g.relative}});
  for (const Reference& r : m.histograms) histograms.push_back(to_json(r));
  const Json json{{"schema", "hone/manifest/1"},
                  {"name", m.name},
                  {"version", m.version},
                  {"counter", m.counter},
                  {"floor", m.floor},
                  {"created", m.created},
                  {"expires", m.expires},
                  {"target", {{"minimum_hone", m.minimum_hone}, {"architectures", m.architectures}}},
                  {"encoder", m.encoder},
                  {"files", std::move(files)},
                  {"encryption", m.encryption ? to_json(*m.encryption) : Json(nullptr)},
                  {"interface", to_json(m.interface)},
                  {"memory", to_json(m.memory)},
                  {"golden", std::move(golden)},
                  {"histograms", std::move(histograms)},
                  {"gate", m.gate},
                  {"provenance", m.provenance}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hone
