// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/delta.h"

#include <algorithm>
#include <cassert>

#include "lib/bundle/rans.h"
#include "lib/bundle/residual.h"

namespace hone {
namespace {

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

// The same for the two halves of a byte.
std::byte encode_nibbles(std::byte plain, std::byte base) {
  unsigned out = 0;
  for (const unsigned at : {0U, 4U}) {
    const unsigned d = ((std::to_integer<unsigned>(plain) >> at) - (std::to_integer<unsigned>(base) >> at)) & 15;
    out |= ((d << 1 ^ (d & 8 ? 15U : 0U)) & 15) << at;
  }
  return static_cast<std::byte>(out);
}
std::byte decode_nibbles(std::byte residual, std::byte base) {
  unsigned out = 0;
  for (const unsigned at : {0U, 4U}) {
    const unsigned z = std::to_integer<unsigned>(residual) >> at & 15;
    out |= (((z >> 1 ^ (z & 1 ? 15U : 0U)) + (std::to_integer<unsigned>(base) >> at)) & 15) << at;
  }
  return static_cast<std::byte>(out);
}

}  // namespace

void encode_residual(DeltaMethod method, std::size_t width, Bytes plain, Bytes base, std::span<std::byte> residual) {
  assert(plain.size() == residual.size() && (method == DeltaMethod::full || base.size() == plain.size()));
  std::memcpy(residual.data(), plain.data(), plain.size());
  if (method == DeltaMethod::exclusive_or)
    for (std::size_t i = 0; i < plain.size(); ++i) residual[i] ^= base[i];
  if (method == DeltaMethod::nibbles)
    for (std::size_t i = 0; i < plain.size(); ++i) residual[i] = encode_nibbles(plain[i], base[i]);
  if (method == DeltaMethod::subtract || method == DeltaMethod::ordered)
    by_width(width, [&](auto type) { encode_as<decltype(type)>(method == DeltaMethod::ordered, plain, base, residual); });
}

void decode_residual(DeltaMethod method, std::size_t width, std::span<std::byte> in_out, Bytes base) {
  assert(method == DeltaMethod::full || base.size() == in_out.size());
  if (method == DeltaMethod::exclusive_or)
    for (std::size_t i = 0; i < in_out.size(); ++i) in_out[i] ^= base[i];
  if (method == DeltaMethod::nibbles)
    for (std::size_t i = 0; i < in_out.size(); ++i) in_out[i] = decode_nibbles(in_out[i], base[i]);
  if (method == DeltaMethod::subtract || method == DeltaMethod::ordered)
    by_width(width, [&](auto type) { decode_as<decltype(type)>(method == DeltaMethod::ordered, in_out, base); });
}

bool DeltaForm::possible() const {
  if (width != 1 && width != 2 && width != 4 && width != 8) return false;
  switch (method) {
    case DeltaMethod::full:
    case DeltaMethod::subtract: return true;
    case DeltaMethod::exclusive_or: return coding != DeltaCoding::rans;
    case DeltaMethod::ordered: return width > 1;
    case DeltaMethod::prefix: return width == 1 && coding == DeltaCoding::zstd;
    case DeltaMethod::nibbles: return width == 1;
    default: return false;
  }
}

RansShape DeltaForm::shape() const {
  const RansKind kind = method == DeltaMethod::full ? RansKind::plain : method == DeltaMethod::ordered ? RansKind::ordered : RansKind::integer;
  return {.kind = kind, .width = width, .nibbles = method == DeltaMethod::nibbles};
}

Status decode_record(DeltaForm form, Bytes frame, Bytes base, std::span<std::byte> plain) {
  if (form.method == DeltaMethod::prefix) return zstd_decompress(frame, plain, base);
  if (form.method == DeltaMethod::full) base = {};
  if (form.coding == DeltaCoding::rans) {
    CHECK_OK(rans_decode(form.shape(), frame, base, plain));
  } else if (form.width == 1) {
    CHECK_OK(decode_block(form.coding == DeltaCoding::zstd ? Codec::zstd : Codec::raw, frame, plain));
  } else {
    std::vector<std::byte> planes(plain.size());
    CHECK_OK(decode_block(form.coding == DeltaCoding::zstd ? Codec::zstd : Codec::raw, frame, planes));
    join_planes(planes, form.width, plain);
  }
  decode_residual(form.method, form.width, plain, base);
  return Ok{};
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
  const DeltaForm form{.method = method, .width = width, .coding = static_cast<DeltaCoding>(coding)};
  if (coding >= coding_count || !form.possible() || length == 0 || length > target.plain_length) return untrusted("the delta has a block of impossible form");
  if (method != DeltaMethod::full && method != DeltaMethod::prefix && base.size() != target.plain_length)
    return untrusted("the delta pairs blocks of different lengths");
  TRY(const auto frame, stream_->take(length));
  std::vector<std::byte> plain(target.plain_length);
  CHECK_OK(decode_record(form, frame, base, plain));
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
