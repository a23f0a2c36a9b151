// SPDX-License-Identifier: Apache-2.0
// For each block the smallest of what section 4 of docs/bundle.md offers. Methods are ranked by the order-0 entropy of their byte planes, which costs one
// pass over the bytes; only the best of them is compressed and compared with the block on its own.
#include "lib/bundle/delta_writer.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "lib/bundle/codec_encode.h"
#include "lib/bundle/rans_encode.h"
#include "lib/bundle/writer.h"

namespace hone {
namespace {

constexpr int level = 6;
constexpr std::array<std::string_view, method_count> names{"same", "full", "xor", "subtract", "ordered", "prefix", "nibbles"};

struct Record {
  DeltaMethod method = DeltaMethod::full;
  std::uint32_t base = 0;
  std::uint8_t width = 1;
  DeltaCoding coding = DeltaCoding::raw;
  std::vector<std::byte> frame{};
};

template <class T> void put(std::vector<std::byte>& out, T value) {
  const auto* p = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), p, p + sizeof(T));
}
void append(std::vector<std::byte>& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void put(std::vector<std::byte>& out, const Record& r) {
  put(out, static_cast<std::uint8_t>(r.method));
  if (uses_base(r.method)) put(out, r.base);
  if (r.method == DeltaMethod::same) return;
  put(out, r.width);
  put(out, static_cast<std::uint8_t>(r.coding));
  put(out, static_cast<std::uint32_t>(r.frame.size()));
  append(out, r.frame);
}

double entropy(Bytes planes, std::size_t width) {
  const std::size_t n = std::max<std::size_t>(planes.size() / width, 1);
  double sum = 0;
  for (std::size_t begin = 0; begin < planes.size(); begin += n) {
    const Bytes plane = planes.subspan(begin, std::min(n, planes.size() - begin));
    std::array<std::uint32_t, 256> counts{};
    for (const std::byte b : plane) ++counts[std::to_integer<std::size_t>(b)];
    for (const std::uint32_t c : counts)
      if (c > 0) sum -= c * std::log2(static_cast<double>(c) / static_cast<double>(plane.size()));
  }
  return sum / 8;
}

constexpr unsigned exponent_bits(std::size_t width) { return width == 2 ? 5 : width == 4 ? 8 : 11; }

// Sets coding and frame to the smallest. `values` before the byte planes.
void encode(Record& r, Bytes values, Bytes base = {}) {
  r.frame.assign(values.begin(), values.end());
  const auto consider = [&](DeltaCoding coding, std::vector<std::byte> frame) {
    if (frame.size() < r.frame.size()) r.coding = coding, r.frame = std::move(frame);
  };
  const DeltaForm form{.method = r.method, .width = r.width, .coding = DeltaCoding::rans};
  if (form.possible()) consider(DeltaCoding::rans, rans_encode(form.shape(), exponent_bits(r.width), values, r.method == DeltaMethod::full ? Bytes() : base));
  std::vector<std::byte> planes(values.size());
  split_planes(values, r.width, planes);
  if (repeats(planes)) consider(DeltaCoding::zstd, zstd_compress(planes, level));
  if (r.coding == DeltaCoding::raw) r.frame = std::move(planes);
}

class Encoder {
 public:
  Encoder(const Bundle& base, const Bundle& target) : base_(base), target_(target) {
    std::uint32_t flat = 0;
    const auto& files = base.manifest().files;
    for (std::uint32_t f = 0; f < files.size(); ++f) {
      std::uint64_t begin = 0;
      for (std::uint32_t b = 0; b < files[f].blocks.size(); ++b, ++flat) {
        by_digest_.emplace(files[f].blocks[b].plain_sha256, flat);
        by_place_[{files[f].name, begin}] = {flat, f, b};
        begin += files[f].blocks[b].plain_length;
      }
    }
  }

  Result<Record> encode_block(std::size_t file, std::size_t index, std::uint64_t begin) const {
    const FileEntry& entry = target_.manifest().files[file];
    const Block& block = entry.blocks[index];
    if (const auto it = by_digest_.find(block.plain_sha256); it != by_digest_.end()) return Record{.method = DeltaMethod::same, .base = it->second};
    TRY(const auto plain, target_.block(file, index));
    Record best = alone(block.codec, plain);
    const auto place = by_place_.find({entry.name, begin});
    if (place == by_place_.end()) return best;
    TRY(const auto base, base_.block(place->second.file, place->second.block));
    std::vector<Record> candidates;
    if (base.size() == plain.size()) candidates.push_back(against(block.codec, plain, base));
    if (block.codec == Codec::raw || block.codec == Codec::zstd || block.codec == Codec::rans1) {
      candidates.push_back({.method = DeltaMethod::prefix, .coding = DeltaCoding::zstd});
      candidates.back().frame = zstd_compress(plain, level, base);
    }
    for (Record& r : candidates) {
      r.base = place->second.flat;
      if (r.frame.size() < best.frame.size() && r.frame.size() <= plain.size()) best = std::move(r);
    }
    return best;
  }

 private:
  struct Place {
    std::uint32_t flat, file, block;
  };

  static Record alone(Codec codec, Bytes plain) {
    Record r{.width = static_cast<std::uint8_t>(width_of(codec))};
    encode(r, plain);
    return r;
  }

  // A raw or zstd block may hold integers of any width (noise does not compress, whatever it is), so every width is tried.
  static Record against(Codec codec, Bytes plain, Bytes base) {
    const std::size_t known = width_of(codec);
    double least = INFINITY;
    Record best;
    std::vector<std::byte> best_residual, residual(plain.size()), planes(plain.size());
    for (const std::size_t width : {std::size_t{1}, std::size_t{2}, std::size_t{4}, std::size_t{8}}) {
      if (known != 1 && width != known) continue;
      for (const DeltaMethod method : {DeltaMethod::exclusive_or, DeltaMethod::subtract, DeltaMethod::ordered}) {
        if (method == DeltaMethod::ordered && width == 1) continue;
        encode_residual(method, width, plain, base, residual);
        split_planes(residual, width, planes);
        const double estimate = entropy(planes, width);
        if (estimate >= least) continue;
        least = estimate;
        best = {.method = method, .width = static_cast<std::uint8_t>(width)};
        best_residual = residual;
      }
    }
    encode(best, best_residual, base);
    return best;
  }

  const Bundle& base_;
  const Bundle& target_;
  std::map<Digest, std::uint32_t> by_digest_;
  std::map<std::pair<std::string, std::uint64_t>, Place> by_place_;
};

bool held_by(const Manifest& base, const FileEntry& file) {
  return std::ranges::any_of(base.files, [&](const FileEntry& f) { return f.length == file.length && f.sha256 == file.sha256; });
}

std::vector<std::byte> header(const Release& base, const Release& target) {
  std::vector<std::byte> out;
  append(out, std::as_bytes(std::span(delta_magic)));
  append(out, base.digest());
  const auto manifest = zstd_compress(target.manifest_bytes(), 19, base.manifest_bytes());
  put(out, static_cast<std::uint32_t>(target.manifest_bytes().size()));
  put(out, static_cast<std::uint32_t>(manifest.size()));
  put(out, static_cast<std::uint8_t>(target.signatures().size()));
  append(out, manifest);
  for (const std::string& text : target.signatures()) {
    put(out, static_cast<std::uint32_t>(text.size()));
    append(out, as_bytes(text));
  }
  return out;
}

}  // namespace

std::string_view name(DeltaMethod method) { return names[static_cast<std::size_t>(method)]; }

Result<std::vector<std::byte>> make_delta(const Bundle& base, const Bundle& target, DeltaSummary* summary) {
  DeltaSummary unused;
  DeltaSummary& count = summary ? *summary : unused;
  if (base.manifest().name != target.manifest().name)
    return invalid("a delta leads from one release to the next of the same model; these are '{}' and '{}'", base.manifest().name, target.manifest().name);
  std::vector<std::byte> out = header(base.release(), target.release());
  const Encoder encoder(base, target);
  const auto& files = target.manifest().files;
  for (std::size_t f = 0; f < files.size(); ++f) {
    if (held_by(base.manifest(), files[f])) {
      ++count.files_unchanged;
      continue;
    }
    std::uint64_t begin = 0;
    for (std::size_t b = 0; b < files[f].blocks.size(); ++b) {
      TRY(const Record record, encoder.encode_block(f, b, begin));
      put(out, record);
      ++count.blocks[static_cast<std::size_t>(record.method)];
      begin += files[f].blocks[b].plain_length;
    }
    count.changed_bytes += begin;
  }
  append(out, sha256(out));
  return out;
}

Result<std::vector<std::byte>> apply_delta(const Bundle& base, Input input, const Trust& trust) {
  TRY(Delta delta, Delta::open(std::move(input), trust, base.release()));
  const Manifest& target = delta.release().manifest();
  std::vector<std::vector<std::byte>> contents(target.files.size());
  const auto content = [&](const FileEntry& file) -> auto& { return contents[static_cast<std::size_t>(&file - target.files.data())]; };
  const auto nothing = [](const FileEntry&) -> Status { return Ok{}; };
  CHECK_OK(delta.apply([&](std::size_t f, std::size_t b) { return base.block(f, b); },
                       {.begin = nothing,
                        .block = [&](const FileEntry& file, std::uint64_t, Bytes plain) -> Status {
                          append(content(file), plain);
                          return Ok{};
                        },
                        .end = nothing}));
  for (const FileEntry& file : target.files)
    if (const FileEntry* same = delta.unchanged(file)) {
      TRY(content(file), base.file(same->name));
    }
  std::vector<std::size_t> used(contents.size());
  return rebuild_bundle(delta.release(), [&](std::size_t f, std::size_t b) -> Result<std::vector<std::byte>> {
    const std::size_t begin = std::exchange(used[f], used[f] + target.files[f].blocks[b].plain_length);
    return std::vector<std::byte>(contents[f].begin() + static_cast<std::ptrdiff_t>(begin), contents[f].begin() + static_cast<std::ptrdiff_t>(used[f]));
  });
}

}  // namespace hone
