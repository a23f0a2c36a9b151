// SPDX-License-Identifier: Apache-2.0
// hone inspect X.hone: everything the manifest says, for people; --json has the same.
#pragma once
#include "tools/cli/printable.h"
#include "tools/hone/bundles.h"
#include "lib/base/times.h"

namespace hone {

using Rows = std::vector<std::vector<std::string>>;

inline void say_identity(Console& console, const Release& release) {
  const Manifest& m = release.manifest();
  console.say("{} {} (counter {}), for {}, Hone {} or newer", m.name, m.version, m.counter,
              m.architectures.empty() ? "any architecture" : fmt::to_string(fmt::join(m.architectures, ", ")), m.minimum_hone);
  console.say("digest: {}", to_hex(release.digest()));
  for (const KeyId& id : release.signers()) console.say("signed by {}", to_text(id));
  if (m.floor > 0) console.say("floor: once it is committed, nothing below counter {} runs any more", m.floor);
  console.say("created: {}; expires: {}", m.created ? print_time(m.created) : "not stated", m.expires ? print_time(m.expires) : "never");
}

inline void say_ports(std::string_view direction, const std::vector<Port>& ports, Rows& rows) {
  for (const Port& p : ports) {
    std::string shape;
    for (const std::int64_t n : p.shape.value_or(std::vector<std::int64_t>())) shape += (shape.empty() ? "" : "x") + (n == Port::any ? "?" : fmt::to_string(n));
    rows.push_back({std::string(direction), p.name, std::string(name(p.dtype)), p.shape ? shape : "any"});
  }
}

inline void say_model(Console& console, const Manifest& m) {
  if (m.interface.empty()) return;
  Rows rows{{"", "name", "type", "shape"}};
  say_ports("input", m.interface.inputs, rows);
  say_ports("output", m.interface.outputs, rows);
  console.table(rows);
  console.say("memory: {} (weights {}, activations {})", human_bytes(m.memory.total()), human_bytes(m.memory.weights), human_bytes(m.memory.arena));
}

inline void say_files(Console& console, const Manifest& m) {
  Rows rows{{"file", "bytes", "stored", "blocks", "sha256"}};
  for (const FileEntry& f : m.files)
    rows.push_back({f.name, fmt::to_string(f.length), fmt::to_string(f.stored()), fmt::to_string(f.blocks.size()), to_hex(f.sha256).substr(0, 16)});
  console.table(rows);
  console.say("compressed by {}", printable(m.encoder, true));
  if (m.encryption) console.say("encrypted (age) for {}", recipients_text(AgeHeader::parse(m.encryption->header)->stanzas().size()));
}

inline void say_evidence(Console& console, const Manifest& m) {
  if (!m.golden.empty()) console.say("golden vectors: {}, tolerance {} absolute, {} relative", m.golden.size(), m.golden[0].absolute, m.golden[0].relative);
  if (!m.histograms.empty()) {
    Rows rows{{"reference histogram of", "what", "bins", "counted", "from", "to"}};
    for (const Reference& r : m.histograms) {
      std::uint64_t total = 0;
      for (const std::uint64_t n : r.counts) total += n;
      rows.push_back({r.output, std::string(name(r.of)), fmt::to_string(r.counts.size()), fmt::to_string(total), format("{:.4g}", r.edges.front()), format("{:.4g}", r.edges.back())});
    }
    console.table(rows);
  }
  if (!m.gate.empty()) console.say("gate: {}", m.gate.dump());
  for (const auto& [key, value] : m.provenance.items()) console.say("provenance: {}: {}", printable(key, true), printable(value.is_string() ? value.get<std::string>() : value.dump(), true));
}

// Every hash is checked on the way. Returns the exit status.
inline Result<int> inspect_bundle(const Args& args, Input input) {
  TRY(const Trust trust, trust_from(args));
  TRY(const Bundle bundle, Bundle::open(std::move(input), trust));
  CHECK_OK(check_bundle(bundle));
  Console& console = args.console();
  say_identity(console, bundle.release());
  say_model(console, bundle.manifest());
  say_files(console, bundle.manifest());
  say_evidence(console, bundle.manifest());
  Json json{{"schema", "hone/inspect/1"}, {"kind", "bundle"}};
  json.update(describe(bundle.release()));
  CHECK_OK(console.json(json));
  return 0;
}

}  // namespace hone
