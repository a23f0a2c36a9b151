// SPDX-License-Identifier: Apache-2.0
// hone pack: model, golden vectors, gate and provenance as one signed bundle. The same inputs give the same bytes.
#include <sstream>
#include <toml++/toml.h>

#include "lib/bundle/writer.h"
#include "tools/hone/bundles.h"

namespace hone {
namespace {

// Owns what FileInput only points at.
struct Files {
  std::vector<FileInput> list;
  std::vector<SharedBytes> owners;
  void add(std::string name, SharedBytes bytes, std::vector<Segment> segments = {}) {
    list.push_back({std::move(name), bytes.bytes, std::move(segments)});
    owners.push_back(std::move(bytes));
  }
};

// NAME=PATH.
Status add_named(const std::string& text, Files& files) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos) return usage_error("--file {}: expected NAME=PATH", text);
  TRY(auto bytes, read_file(text.substr(equals + 1)));
  files.add(text.substr(0, equals), share(std::move(bytes)));
  return Ok{};
}

Result<Json> read_gate(const Path& path) {
  TRY(const auto bytes, read_file(path, UINT64_C(1) << 20));
  try {
    const toml::table table = toml::parse(as_text(bytes), path.string());
    std::ostringstream text;
    text << toml::json_formatter(table);
    return parse_json(text.str()).in(path.string());
  } catch (const toml::parse_error& e) {
    return invalid("{}: line {}: {}", path.string(), e.source().begin.line, e.description());
  }
}

Result<int> run(const Args& args) {
  Manifest m;
  m.name = args.text("name");
  m.version = args.text("version");
  TRY(const std::int64_t counter, args.integer("counter", 1));
  m.counter = static_cast<std::uint64_t>(counter);
  m.architectures = args.list("arch");
  m.minimum_hone = args.text("minimum-hone");
  std::vector<SecretKey> keys;
  for (const std::string& path : args.list("key")) {
    TRY(SecretKey key, read_secret_key(path));
    keys.push_back(std::move(key));
  }
  Files files;
  for (const std::string& text : args.list("file")) CHECK_OK(add_named(text, files));
  if (args.has("gate")) {
    TRY(m.gate, read_gate(args.text("gate")));
  }
  if (files.list.empty()) return usage_error("nothing to pack: name a model, or files with --file NAME=PATH");
  TRY(const auto bundle, write_bundle(m, files.list, keys));
  CHECK_OK(args.write(bundle));
  TRY(const Bundle made, Bundle::open(memory_input("the new bundle", bundle), Trust{.keys = {keys[0].public_key()}}));
  std::uint64_t plain = made.manifest().payload_length();
  Console& console = args.console();
  console.say("{} {}, counter {}: {} files, {} -> {}, signed by {}", m.name, m.version, m.counter, made.manifest().files.size(), human_bytes(plain), human_bytes(bundle.size()),
              to_text(keys[0].public_key().id));
  Json json{{"schema", "hone/pack/1"}, {"bytes", bundle.size()}, {"plain_bytes", plain}};
  json.update(describe(made.release()));
  CHECK_OK(console.json(json));
  return 0;
}

constexpr Option options[] = {
    {"--key", "K.key...", "the key to sign with; repeat for several signatures", "", true},
    {"--name", "NAME", "the model's name; a device follows one", "", true},
    {"--version", "V", "the version, for people", "", true},
    {"--counter", "N", "the release counter, higher than any before: a device never goes back", "", true},
    {"--file", "NAME=PATH...", "add a file under that name"},
    {"--gate", "P.toml", "the health gate a device holds the release to"},
    {"--arch", "NAME...", "only for this architecture (x86_64, aarch64); repeat for several"},
    {"--minimum-hone", "X.Y.Z", "the oldest hone-target that may install it", "0.1.0"},
};

}  // namespace

extern const Command pack_command{.name = "pack",
                                  .usage = "--file NAME=PATH --key K.key --name N --version V --counter C -o B.hone",
                                  .help = "make a signed bundle",
                                  .options = options,
                                  .run = run};

}  // namespace hone
