// SPDX-License-Identifier: Apache-2.0
// manifest.json (docs/bundle.md, section 2): what a release is called, whom it fits, and every byte it consists of.
#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/hash.h"
#include "lib/base/interface.h"
#include "lib/base/json.h"
#include "lib/bundle/codec.h"

namespace hone {

constexpr std::uint64_t manifest_limit = UINT64_C(4) << 20;
constexpr std::uint64_t block_limit = UINT64_C(1) << 20;
constexpr std::size_t ports_limit = 256, rank_limit = 64;         // inputs or outputs, and dimensions of one
constexpr std::size_t histograms_limit = 16, bins_limit = 64;     // of a manifest, and of one
constexpr std::size_t name_limit = 92;  // of a file; with "payload/" in front it fits a ustar name

struct Block {
  Codec codec = Codec::raw;
  std::uint64_t offset = 0;  // of the frame, within the archive entry
  std::uint32_t length = 0, plain_length = 0;
  Digest sha256{}, plain_sha256{};
};

struct FileEntry {
  std::string name;
  std::uint64_t length = 0;
  Digest sha256{};
  std::vector<Block> blocks;
  std::uint64_t stored() const { return blocks.empty() ? 0 : blocks.back().offset + blocks.back().length; }  // bytes in the archive
};

// The payload is an age file of what a plain bundle has after its signatures (docs/bundle.md, section 5).
struct Encryption {
  std::string header;                       // the age header, and
  std::array<unsigned char, 16> nonce{};    // the nonce: what the file begins with
  std::uint64_t length = 0;                 // of the whole file
  Digest sha256{};
};

struct Golden {
  std::map<std::string, std::string> inputs, outputs;  // graph value -> file
  double absolute = 0, relative = 0;                   // |got - expected| <= absolute + relative * |expected|; integers must be equal
};

// What running needs, in bytes, as the plan has it: its weights, and the planned activations with every open dimension 1.
struct MemoryNeeds {
  std::uint64_t weights = 0, arena = 0;
  std::uint64_t total() const { return weights + arena; }
};

// How an output was distributed over reference data: counts[i] values lie in [edges[i - 1], edges[i]), the first and the last bin are open.
struct Reference {
  enum class Of { values, argmax };  // every element; or, for rows of scores, the index of the highest
  std::string output;
  Of of = Of::values;
  std::vector<double> edges;
  std::vector<std::uint64_t> counts;
};
std::string_view name(Reference::Of);

struct Manifest {
  std::string name, version;
  std::uint64_t counter = 0;
  std::uint64_t floor = 0;  // once committed, releases with a smaller counter must not run any more
  std::uint64_t created = 0, expires = 0;  // seconds since 1970; 0: not stated, never
  std::string minimum_hone = "0.1.0";
  std::vector<std::string> architectures;  // as uname -m says; empty: any
  std::string encoder;
  std::vector<FileEntry> files;  // ascending by name
  std::optional<Encryption> encryption;
  Interface interface;
  MemoryNeeds memory;
  std::vector<Golden> golden;
  std::vector<Reference> histograms;  // ascending by output, then kind
  Json gate = Json::object(), provenance = Json::object();

  const FileEntry* file(std::string_view name) const;  // or null
  std::uint64_t payload_length() const;                // plain bytes of all files
  std::uint64_t archive_length() const;                // bytes of the payload entries and the archive's end
  std::string trusted_comment() const;                 // what the signature's trusted comment must say
};

std::string print_manifest(const Manifest&);
Json to_json(const Interface&);
Json to_json(const MemoryNeeds&);
Json to_json(const Reference&);
// Everything in docs/bundle.md is checked; no length in the result overflows. Errors: invalid, with the place.
Result<Manifest> parse_manifest(std::string_view text);
// May this architecture and version of Hone use the release? Errors: invalid, with the reason.
Status check_target(const Manifest&, std::string_view architecture, std::string_view hone_version);
// May the candidate take the place of what serves now? Errors: invalid, with the reason.
Status check_interface(const Manifest& candidate, const Manifest& serving);
// "1.2.3" as three numbers, or nothing.
std::optional<std::array<unsigned, 3>> parse_version(std::string_view text);
// Names, lengths, order, and blocks without gaps; parse_manifest calls it.
Status check_files(const std::vector<FileEntry>&);
Status check_encryption(const Manifest&);
// [A-Za-z0-9._-]{1,64}, as names have it; versions may hold '+' too.
bool plain_word(std::string_view text, bool plus = false);

}  // namespace hone
