// SPDX-License-Identifier: Apache-2.0
// For each block the smallest of what section 4 of docs/bundle.md offers. Where in the base it came from and by which arithmetic is judged by the entropy
// coder's estimate on a sample; only the best is coded, and by zstd too where there is something to repeat.
#include "lib/bundle/delta_writer.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "lib/base/thread_pool.h"
#include "lib/bundle/codec_encode.h"
#include "lib/bundle/delta_match.h"
#include "lib/bundle/rans_encode.h"
#include "lib/bundle/writer.h"

namespace hone {
namespace {

constexpr int level = 6, front_level = 19;
constexpr std::size_t small_block = 65536;   // in which everything is tried
constexpr std::size_t sample_piece = 4096, sample_pieces = 4;

struct Record {
  DeltaForm form;
  std::uint32_t base = 0, offset = 0;
  std::vector<std::byte> frame{};
};

template <class T> void put(std::vector<std::byte>& out, T value) {
  const auto* p = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), p, p + sizeof(T));
}
void append(std::vector<std::byte>& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void put(std::vector<std::byte>& out, const Record& r) {
  put(out, static_cast<std::uint8_t>(r.form.method));
  if (r.form.uses_base()) put(out, r.base);
  if (r.form.uses_range()) put(out, r.offset);
  if (r.form.method == DeltaMethod::same) return;
  put(out, r.form.width);
  put(out, static_cast<std::uint8_t>(r.form.coding));
  put(out, static_cast<std::uint32_t>(r.frame.size()));
  append(out, r.frame);
}

// What a block may be, and what it costs by the sample.
struct Candidate {
  DeltaForm form;
  unsigned exponent_bits = 0;
  std::uint64_t place = 0;  // in the base file
  std::uint64_t cost = UINT64_MAX;
};

// Forms for elements of a known width, or of any: noise does not compress, whatever it is.
std::vector<Candidate> forms_of(Codec codec, bool based) {
  std::vector<Candidate> out;
  const std::size_t known = width_of(codec);
  const auto add = [&](DeltaMethod method, std::size_t width, unsigned exponent_bits = 0) {
    if (known == 1 || known == width) out.push_back({.form = {method, static_cast<std::uint8_t>(width), DeltaCoding::rans}, .exponent_bits = exponent_bits});
  };
  for (const std::size_t width : {std::size_t{1}, std::size_t{2}, std::size_t{4}, std::size_t{8}}) add(based ? DeltaMethod::subtract : DeltaMethod::full, width);
  if (!based) return out;
  add(DeltaMethod::nibbles, 1);
  add(DeltaMethod::ordered, 4, 8);
  add(DeltaMethod::ordered, 2, 5);  // float16
  add(DeltaMethod::ordered, 2, 8);  // bfloat16
  add(DeltaMethod::ordered, 8, 11);
  return out;
}

std::vector<std::byte> sample_of(Bytes bytes) {
  if (bytes.size() <= sample_piece * sample_pieces) return {bytes.begin(), bytes.end()};
  std::vector<std::byte> out;
  for (std::size_t i = 0; i < sample_pieces; ++i) append(out, bytes.subspan((bytes.size() - sample_piece) * i / (sample_pieces - 1) / 8 * 8, sample_piece));
  return out;
}

std::uint64_t estimate(const Candidate& c, Bytes plain, Bytes base) {
  std::vector<std::byte> values(plain.size());
  encode_residual(c.form.method, c.form.width, plain, base, values);
  return rans_estimate(c.form.shape(), c.exponent_bits, values, base);
}

void consider(Record& best, DeltaForm form, std::vector<std::byte> frame) {
  if (!best.frame.empty() && frame.size() >= best.frame.size()) return;
  best.form = form;
  best.frame = std::move(frame);
}

// By the entropy coder, by zstd, or as it is.
Record encode(const Candidate& c, Bytes plain, Bytes base) {
  Record best;
  DeltaForm form = c.form;
  std::vector<std::byte> values(plain.size()), planes(plain.size());
  encode_residual(form.method, form.width, plain, base, values);
  split_planes(values, form.width, planes);
  if (form.possible()) consider(best, form, rans_encode(form.shape(), c.exponent_bits, values, base));
  if (repeats(planes)) {
    form.coding = DeltaCoding::zstd;
    consider(best, form, zstd_compress(planes, level));
  }
  form.coding = DeltaCoding::raw;
  consider(best, form, std::move(planes));
  return best;
}

struct FilePair {
  std::size_t target = 0, base = 0;
  bool based = false;
  std::vector<std::uint64_t> begins;               // by block
  std::vector<std::vector<std::uint64_t>> places;
};

class Encoder {
 public:
  Encoder(const Bundle& base, const Bundle& target) : base_(base), target_(target) {
    std::uint32_t flat = 0;
    for (const FileEntry& file : base.manifest().files) {
      std::uint64_t begin = 0;
      first_.push_back(flat);
      begins_.emplace_back();
      for (const Block& block : file.blocks) {
        by_digest_.emplace(block.plain_sha256, flat++);
        begins_.back().push_back(begin);
        begin += block.plain_length;
      }
    }
  }

  FilePair pair(std::size_t file) const {
    FilePair out{.target = file, .begins = {}, .places = {}};
    const FileEntry& entry = target_.manifest().files[file];
    std::uint64_t begin = 0;
    for (const Block& block : entry.blocks) out.begins.push_back(std::exchange(begin, begin + block.plain_length));
    if (const FileEntry* from = counterpart(base_.manifest(), entry)) {
      out.base = static_cast<std::size_t>(from - base_.manifest().files.data());
      out.based = true;
      out.places = likely_places(*from, entry);
    }
    return out;
  }

  Result<Record> block(const FilePair& pair, std::size_t index) const {
    const Block& block = target_.manifest().files[pair.target].blocks[index];
    if (const auto it = by_digest_.find(block.plain_sha256); it != by_digest_.end()) return Record{.form = {.method = DeltaMethod::same}, .base = it->second};
    TRY(const auto plain, target_.block(pair.target, index));
    const auto sample = sample_of(plain);
    Candidate alone, based;
    for (Candidate c : forms_of(block.codec, false))
      if (c.cost = estimate(c, sample, {}); c.cost < alone.cost) alone = c;
    std::vector<std::byte> range;
    for (const std::uint64_t place : pair.based ? pair.places[index] : std::vector<std::uint64_t>()) {
      TRY(auto bytes, base_range(pair.base, place, plain.size()));
      const auto base_sample = sample_of(bytes);
      bool better = false;
      for (Candidate c : forms_of(block.codec, true))
        if (c.cost = estimate(c, sample, base_sample); c.cost < based.cost) based = c, based.place = place, better = true;
      if (better) range = std::move(bytes);
    }
    Record best;
    const bool all = plain.size() <= small_block;
    if (!range.empty() && (all || based.cost < alone.cost)) best = against(based, pair.base, plain, range);
    if (best.frame.empty() || all) {
      Record other = encode(alone, plain, {});
      if (best.frame.empty() || other.frame.size() < best.frame.size()) best = std::move(other);
    }
    const std::uint64_t length = pair.based ? base_.manifest().files[pair.base].length : 0;
    if (length > 0 && (all || !is_rans(block.codec))) CHECK_OK(try_prefix(best, pair.base, range.empty() ? std::min(pair.begins[index], length - 1) : based.place, plain));
    return best;
  }

 private:
  Record against(const Candidate& c, std::size_t file, Bytes plain, Bytes base) const {
    Record best = encode(c, plain, base);
    if (plain.size() <= small_block) {
      Record other = encode({.form = {DeltaMethod::exclusive_or, c.form.width, DeltaCoding::rans}}, plain, base);
      if (other.frame.size() < best.frame.size()) best = std::move(other);
    }
    std::tie(best.base, best.offset) = address(file, c.place);
    return best;
  }

  Status try_prefix(Record& best, std::size_t file, std::uint64_t place, Bytes plain) const {
    const auto [flat, offset] = address(file, place);
    TRY(const auto prefix, base_.block(file, flat - first_[file]));
    auto frame = zstd_compress(plain, level, prefix);
    if (frame.size() < best.frame.size()) best = {.form = {DeltaMethod::prefix, 1, DeltaCoding::zstd}, .base = flat, .frame = std::move(frame)};
    return Ok{};
  }

  // Block (through all files) and offset in it.
  std::pair<std::uint32_t, std::uint32_t> address(std::size_t file, std::uint64_t place) const {
    const auto& begins = begins_[file];
    const auto b = static_cast<std::size_t>(std::upper_bound(begins.begin(), begins.end(), place) - begins.begin()) - 1;
    return {first_[file] + static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(place - begins[b])};
  }

  Result<std::vector<std::byte>> base_range(std::size_t file, std::uint64_t place, std::size_t length) const {
    const auto [flat, offset] = address(file, place);
    std::size_t b = flat - first_[file];
    TRY(auto bytes, base_.block(file, b));
    bytes.erase(bytes.begin(), bytes.begin() + offset);
    while (bytes.size() < length) {
      TRY(const auto more, base_.block(file, ++b));
      append(bytes, more);
    }
    bytes.resize(length);
    return bytes;
  }

  const Bundle& base_;
  const Bundle& target_;
  std::map<Digest, std::uint32_t> by_digest_;
  std::vector<std::uint32_t> first_;                 // flat number of each file's first block
  std::vector<std::vector<std::uint64_t>> begins_;   // by file and block
};

std::vector<std::byte> header(const Release& base, const Release& target) {
  std::vector<std::byte> front, out;
  put(front, static_cast<std::uint32_t>(target.manifest_bytes().size()));
  append(front, target.manifest_bytes());
  for (const std::string& text : target.signatures()) {
    put(front, static_cast<std::uint32_t>(text.size()));
    append(front, as_bytes(text));
  }
  const auto packed = zstd_compress(front, front_level, front_prefix(base));
  append(out, std::as_bytes(std::span(delta_magic)));
  append(out, base.digest());
  put(out, static_cast<std::uint32_t>(front.size()));
  put(out, static_cast<std::uint32_t>(packed.size()));
  append(out, packed);
  return out;
}

bool held_by(const Manifest& base, const FileEntry& file) {
  return std::ranges::any_of(base.files, [&](const FileEntry& f) { return f.length == file.length && f.sha256 == file.sha256; });
}

}  // namespace

Result<std::vector<std::byte>> make_delta(const Bundle& base, const Bundle& target, int threads) {
  if (base.manifest().name != target.manifest().name)
    return invalid("a delta leads from one release to the next of the same model; these are '{}' and '{}'", base.manifest().name, target.manifest().name);
  const Encoder encoder(base, target);
  const auto& files = target.manifest().files;
  std::vector<FilePair> pairs;
  std::vector<std::pair<std::size_t, std::size_t>> work;  // pair and block
  for (std::size_t f = 0; f < files.size(); ++f) {
    if (held_by(base.manifest(), files[f])) continue;
    pairs.push_back(encoder.pair(f));
    for (std::size_t b = 0; b < files[f].blocks.size(); ++b) work.emplace_back(pairs.size() - 1, b);
  }
  std::vector<Result<Record>> records(work.size(), Record{});
  ThreadPool pool(threads);
  pool.parallel(work.size(), 1, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i) records[i] = encoder.block(pairs[work[i].first], work[i].second);
  });
  std::vector<std::byte> out = header(base.release(), target.release());
  for (auto& record : records) {
    if (!record) return std::move(record).error();
    put(out, *record);
  }
  append(out, sha256(out));
  return out;
}

Result<std::vector<std::byte>> apply_delta(const Bundle& base, Input input, const Trust& trust, DeltaFallback* full, const Unlock& with) {
  TRY(Delta delta, Delta::open(std::move(input), trust, base.release()));
  const Manifest& target = delta.release().manifest();
  std::vector<std::vector<std::byte>> contents(target.files.size());
  const auto content = [&](const FileEntry& file) -> auto& { return contents[static_cast<std::size_t>(&file - target.files.data())]; };
  const auto nothing = [](const FileEntry&) -> Status { return Ok{}; };
  const BlockSink sink{.begin = nothing,
                       .block = [&](const FileEntry& file, std::uint64_t, Bytes plain) -> Status {
                         append(content(file), plain);
                         return Ok{};
                       },
                       .end = nothing};
  CHECK_OK(delta.apply([&](std::size_t f, std::size_t b) { return base.block(f, b); }, sink, full));
  for (const FileEntry& file : target.files)
    if (const FileEntry* same = delta.unchanged(file)) {
      auto bytes = base.file(same->name);
      if (!bytes && full) CHECK_OK(delta.take_full(file, sink, *full));
      else if (!bytes) return std::move(bytes).error();
      else content(file) = std::move(*bytes);
    }
  std::vector<std::size_t> used(contents.size());
  return rebuild_bundle(delta.release(), [&](std::size_t f, std::size_t b) -> Result<std::vector<std::byte>> {
    const std::size_t begin = std::exchange(used[f], used[f] + target.files[f].blocks[b].plain_length);
    return std::vector<std::byte>(contents[f].begin() + static_cast<std::ptrdiff_t>(begin), contents[f].begin() + static_cast<std::ptrdiff_t>(used[f]));
  }, with);
}

}  // namespace hone
