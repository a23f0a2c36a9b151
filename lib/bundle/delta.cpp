// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/delta.h"

#include <algorithm>
#include <cassert>

namespace hone {
namespace {

// IEEE bits in the order of their values: negative numbers reversed below the positive ones.
template <class T> T to_ordered(T x) { return x >> (sizeof(T) * 8 - 1) ? static_cast<T>(~x) : static_cast<T>(x | (T{1} << (sizeof(T) * 8 - 1))); }
template <class T> T from_ordered(T x) { return x >> (sizeof(T) * 8 - 1) ? static_cast<T>(x & ~(T{1} << (sizeof(T) * 8 - 1))) : static_cast<T>(~x); }
template <class T> T zigzag(T d) { return static_cast<T>(static_cast<T>(d << 1) ^ static_cast<T>(-static_cast<T>(d >> (sizeof(T) * 8 - 1)))); }
template <class T> T unzigzag(T z) { return static_cast<T>(static_cast<T>(z >> 1) ^ static_cast<T>(-static_cast<T>(z & 1))); }

template <class T> T load(Bytes bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}
template <class T> void store(std::span<std::byte> bytes, std::size_t i, T value) { std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T)); }

template <class T> void encode_as(bool ordered, Bytes plain, Bytes base, std::span<std::byte> out) {
  for (std::size_t i = 0; i < plain.size() / sizeof(T); ++i) {
    T a = load<T>(plain, i), b = load<T>(base, i);
    if (ordered) a = to_ordered(a), b = to_ordered(b);
    store(out, i, zigzag(static_cast<T>(a - b)));
  }
}

template <class T> void decode_as(bool ordered, std::span<std::byte> in_out, Bytes base) {
  for (std::size_t i = 0; i < in_out.size() / sizeof(T); ++i) {
    const T d = unzigzag(load<T>(in_out, i)), b = load<T>(base, i);
    store(in_out, i, ordered ? from_ordered(static_cast<T>(to_ordered(b) + d)) : static_cast<T>(b + d));
  }
}

template <class F> void by_width(std::size_t width, F f) {
  switch (width) {
    case 1: return f(std::uint8_t{});
    case 2: return f(std::uint16_t{});
    case 4: return f(std::uint32_t{});
    default: return f(std::uint64_t{});
  }
}

}  // namespace

void encode_residual(DeltaMethod method, std::size_t width, Bytes plain, Bytes base, std::span<std::byte> residual) {
  assert(plain.size() == residual.size() && (method == DeltaMethod::full || base.size() == plain.size()));
  std::memcpy(residual.data(), plain.data(), plain.size());
  if (method == DeltaMethod::exclusive_or)
    for (std::size_t i = 0; i < plain.size(); ++i) residual[i] ^= base[i];
  if (method == DeltaMethod::subtract || method == DeltaMethod::ordered)
    by_width(width, [&](auto type) { encode_as<decltype(type)>(method == DeltaMethod::ordered, plain, base, residual); });
}

void decode_residual(DeltaMethod method, std::size_t width, std::span<std::byte> in_out, Bytes base) {
  assert(method == DeltaMethod::full || base.size() == in_out.size());
  if (method == DeltaMethod::exclusive_or)
    for (std::size_t i = 0; i < in_out.size(); ++i) in_out[i] ^= base[i];
  if (method == DeltaMethod::subtract || method == DeltaMethod::ordered)
    by_width(width, [&](auto type) { decode_as<decltype(type)>(method == DeltaMethod::ordered, in_out, base); });
}

// Reads front to back and hashes what it reads, for the digest at the end.
class Delta::Stream {
 public:
  explicit Stream(Input input) : input_(std::move(input)) {}
  const std::string& name() const { return input_.name; }
  Result<std::vector<std::byte>> take(std::size_t n) {
    std::vector<std::byte> bytes(n);
    CHECK_OK(read_exactly(input_, at_, bytes));
    at_ += n;
    hash_.update(bytes);
    return bytes;
  }
  template <class T> Result<T> get() {
    TRY(const auto bytes, take(sizeof(T)));
    return load<T>(bytes, 0);
  }
  Status finish() {
    const Digest expected = hash_.finish();
    Digest found{};
    CHECK_OK(read_exactly(input_, at_, found));
    if (found != expected) return untrusted("{}: the delta's own checksum is wrong: damaged on the way", name());
    std::byte extra;
    TRY(const std::size_t n, input_.read(at_ + found.size(), std::span(&extra, 1)));
    if (n != 0) return untrusted("{}: bytes after the end of the delta", name());
    return Ok{};
  }

 private:
  Input input_;
  std::uint64_t at_ = 0;
  Sha256 hash_;
};

Delta::Delta(std::shared_ptr<Stream> stream, Release release, const Release& base)
    : stream_(std::move(stream)), release_(std::move(release)), base_files_(base.manifest().files) {
  for (std::uint32_t f = 0; f < base_files_.size(); ++f)
    for (std::uint32_t b = 0; b < base_files_[f].blocks.size(); ++b) base_index_.emplace_back(f, b);
}

Result<bool> Delta::recognize(const Input& input) {
  std::array<char, delta_magic_length> magic{};
  TRY(const std::size_t n, input.read(0, std::as_writable_bytes(std::span(magic))));
  return n == magic.size() && std::equal(magic.begin(), magic.end() - 1, delta_magic.begin());
}

Result<Digest> Delta::base_of(const Input& input) {
  std::array<std::byte, delta_magic_length + sizeof(Digest)> head{};
  CHECK_OK(read_exactly(input, 0, head));
  return load<Digest>(Bytes(head).subspan(delta_magic_length), 0);
}

Result<Delta> Delta::open(Input input, const Trust& trust, const Release& base) {
  const auto stream = std::make_shared<Stream>(std::move(input));
  TRY(const auto magic, stream->take(delta_magic_length));
  if (std::memcmp(magic.data(), delta_magic.data(), delta_magic_length) != 0) return untrusted("{}: not a delta that this version knows", stream->name());
  TRY(const Digest wanted, stream->get<Digest>());
  if (wanted != base.digest())
    return untrusted("{}: made for another base than {} {}; use the delta made for it, or the full bundle", stream->name(), base.manifest().name, base.manifest().version);
  TRY(const auto length, stream->get<std::uint32_t>());
  TRY(const auto packed, stream->get<std::uint32_t>());
  TRY(const auto count, stream->get<std::uint8_t>());
  if (length == 0 || length > manifest_limit || packed > length + 1024 || count == 0 || count > signatures_limit)
    return untrusted("{}: impossible lengths in the delta's header", stream->name());
  TRY(const auto frame, stream->take(packed));
  std::vector<std::byte> manifest(length);
  CHECK_OK(zstd_decompress(frame, manifest, base.manifest_bytes()).in(stream->name()));
  std::vector<std::string> signatures;
  for (int i = 0; i < count; ++i) {
    TRY(const auto n, stream->get<std::uint32_t>());
    if (n > signature_limit) return untrusted("{}: a signature of {} bytes", stream->name(), n);
    TRY(const auto text, stream->take(n));
    signatures.emplace_back(as_text(text));
  }
  TRY(Release release, Release::verify(std::move(manifest), std::move(signatures), trust).in(stream->name()));
  return Delta(stream, std::move(release), base);
}

const FileEntry* Delta::unchanged(const FileEntry& file) const {
  const auto same = [&](const FileEntry& f) { return f.length == file.length && f.sha256 == file.sha256; };
  const auto it = std::ranges::find_if(base_files_, same);
  return it == base_files_.end() ? nullptr : &*it;
}

Result<std::vector<std::byte>> Delta::base_block(std::uint32_t index, const BlockSource& base_blocks) const {
  if (index >= base_index_.size()) return untrusted("the delta refers to block {} of a base that has {}", index, base_index_.size());
  const auto [f, b] = base_index_[index];
  TRY(auto bytes, base_blocks(f, b));
  CHECK_OK(check_plain(base_files_[f].blocks[b], bytes).in(format("base file '{}' is damaged", base_files_[f].name)));
  return bytes;
}

Result<std::vector<std::byte>> Delta::next_block(const Block& target, const BlockSource& base_blocks) {
  TRY(const auto code, stream_->get<std::uint8_t>());
  if (code >= method_count) return untrusted("the delta has a block of unknown method {}", code);
  const auto method = static_cast<DeltaMethod>(code);
  std::vector<std::byte> base;
  if (uses_base(method)) {
    TRY(const auto index, stream_->get<std::uint32_t>());
    TRY(base, base_block(index, base_blocks));
  }
  if (method == DeltaMethod::same) return base;
  TRY(const auto width, stream_->get<std::uint8_t>());
  TRY(const auto coding, stream_->get<std::uint8_t>());
  TRY(const auto length, stream_->get<std::uint32_t>());
  if ((width != 1 && width != 2 && width != 4 && width != 8) || coding > 1 || length == 0 || length > target.plain_length)
    return untrusted("the delta has a block of impossible form");
  if (method == DeltaMethod::prefix && (width != 1 || coding != 1)) return untrusted("the delta has a block of impossible form");
  const bool arithmetic = method == DeltaMethod::exclusive_or || method == DeltaMethod::subtract || method == DeltaMethod::ordered;
  if (arithmetic && base.size() != target.plain_length) return untrusted("the delta pairs blocks of different lengths");
  TRY(const auto frame, stream_->take(length));
  std::vector<std::byte> plain(target.plain_length);
  if (coding == 0) CHECK_OK(decode_block(Codec::raw, frame, plain));
  else CHECK_OK(zstd_decompress(frame, plain, method == DeltaMethod::prefix ? Bytes(base) : Bytes()));
  if (width > 1) {
    const std::vector<std::byte> planes = plain;
    join_planes(planes, width, plain);
  }
  if (arithmetic) decode_residual(method, width, plain, base);
  return plain;
}

Status Delta::apply(const BlockSource& base_blocks, const BlockSink& sink) {
  for (const FileEntry& file : release_.manifest().files) {
    if (unchanged(file)) continue;
    const std::string where = format("{}: {}", stream_->name(), file.name);
    CHECK_OK(sink.begin(file));
    Sha256 whole;
    std::uint64_t offset = 0;
    for (const Block& block : file.blocks) {
      TRY(const auto plain, next_block(block, base_blocks).in(where));
      CHECK_OK(check_plain(block, plain).in(where));
      whole.update(plain);
      CHECK_OK(sink.block(file, offset, plain));
      offset += plain.size();
    }
    if (whole.finish() != file.sha256) return untrusted("{}: the file does not have the SHA-256 that was signed", where);
    CHECK_OK(sink.end(file));
  }
  return stream_->finish();
}

}  // namespace hone
