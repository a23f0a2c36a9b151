// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/age_stream.h"

#include <sodium.h>

#include <algorithm>
#include <mutex>

namespace hone {
namespace {

constexpr std::size_t chunk_length = 65536, tag_length = crypto_aead_chacha20poly1305_IETF_ABYTES, sealed_length = chunk_length + tag_length;

std::array<unsigned char, crypto_aead_chacha20poly1305_IETF_NPUBBYTES> chunk_nonce(std::uint64_t number, bool last) {
  std::array<unsigned char, crypto_aead_chacha20poly1305_IETF_NPUBBYTES> nonce{};  // eleven bytes big-endian, then whether it is the last
  for (std::size_t i = 0; i < 8; ++i) nonce[10 - i] = static_cast<unsigned char>(number >> (8 * i));
  nonce[11] = last ? 1 : 0;
  return nonce;
}

const unsigned char* raw(Bytes bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Result<SecretBytes> payload_key(const AgeFileKey& file_key, Bytes nonce) { return age_derive(file_key.bytes(), nonce, "payload"); }

// Keeps the chunk that was read last.
class ChunkReader {
 public:
  ChunkReader(Input input, SecretBytes key, SecretBytes plain, std::uint64_t begin)
      : input_(std::move(input)), key_(std::move(key)), plain_(std::move(plain)), sealed_(sealed_length + 1), begin_(begin) {}

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> out) {
    const std::lock_guard lock(mutex_);
    std::size_t done = 0;
    while (done < out.size()) {
      CHECK_OK(load((offset + done) / chunk_length));
      const auto within = static_cast<std::size_t>((offset + done) % chunk_length);
      if (within >= length_) break;
      const std::size_t n = std::min(length_ - within, out.size() - done);
      std::memcpy(out.data() + done, plain_.bytes().data() + within, n);
      done += n;
    }
    return done;
  }

 private:
  static constexpr std::uint64_t none = UINT64_MAX, most = UINT64_C(1) << 46;  // chunks, so that no offset overflows

  // The plain bytes of a chunk into plain_; none of them past the end of a file whose last chunk was seen to be one.
  Status load(std::uint64_t number) {
    if (number == number_) return Ok{};
    if (number > most) return untrusted("{}: read {} chunks into an encrypted file", input_.name, number);
    number_ = none;
    bool present = last_ == none || number <= last_;
    if (present) {
      TRY(present, fetch(number));
    }
    if (!present && last_ == none && number > 0) CHECK_OK(fetch(number - 1));  // which says whether it is the last
    if (!present && (last_ == none || number <= last_)) return untrusted("{}: the encrypted file is cut short, or was read past its end", input_.name);
    if (!present) length_ = 0;
    number_ = number;
    return Ok{};
  }

  // False when the input ends before this chunk.
  Result<bool> fetch(std::uint64_t number) {
    TRY(const std::size_t n, input_.read(begin_ + number * sealed_length, sealed_));
    if (n == 0) return false;
    CHECK_OK(open(number, Bytes(sealed_).first(std::min(n, sealed_length)), n <= sealed_length));
    return true;
  }

  // A chunk is the last if and only if nothing follows it.
  Status open(std::uint64_t number, Bytes sealed, bool last) {
    const auto bad = [&](std::string_view what) { return untrusted("{}: chunk {} of the encrypted file {}: damaged, altered, or cut short", input_.name, number, what); };
    if (sealed.size() < tag_length) return bad("is no whole one");
    length_ = sealed.size() - tag_length;
    if (length_ == 0 && number > 0) return bad("is empty");
    const auto nonce = chunk_nonce(number, last);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(plain_.data(), nullptr, nullptr, raw(sealed), sealed.size(), nullptr, 0, nonce.data(), key_.data()) != 0)
      return bad("does not authenticate");
    if (last) last_ = number;
    return Ok{};
  }

  std::mutex mutex_;  // make_delta reads in several threads
  Input input_;
  SecretBytes key_, plain_;
  std::vector<std::byte> sealed_;  // a chunk, and a byte to see whether more follows
  std::uint64_t begin_, number_ = none, last_ = none;
  std::size_t length_ = 0;
};

}  // namespace

AgeNonce random_nonce() {
  AgeNonce nonce{};
  randombytes_buf(nonce.data(), nonce.size());
  return nonce;
}

std::uint64_t age_payload_length(std::uint64_t plain) {
  const std::uint64_t chunks = std::max<std::uint64_t>((plain + chunk_length - 1) / chunk_length, 1);
  return age_nonce_length + plain + chunks * tag_length;
}

Result<AgeWriter> AgeWriter::begin(const AgeHeader& header, const AgeFileKey& file_key, const AgeNonce& nonce, Out out) {
  const Bytes nonce_bytes = std::as_bytes(std::span(nonce));
  TRY(SecretBytes key, payload_key(file_key, nonce_bytes));
  TRY(SecretBytes chunk, SecretBytes::allocate(chunk_length));
  CHECK_OK(out(as_bytes(header.text())));
  CHECK_OK(out(nonce_bytes));
  return AgeWriter(std::move(key), std::move(chunk), std::move(out));
}

Result<AgeWriter> AgeWriter::begin(std::span<const AgeRecipient> recipients, Out out) {
  TRY(const AgeFileKey file_key, AgeFileKey::generate());
  TRY(const AgeHeader header, AgeHeader::make(file_key, recipients));
  return begin(header, file_key, random_nonce(), std::move(out));
}

Status AgeWriter::write(Bytes plain) {
  while (!plain.empty()) {
    if (used_ == chunk_length) CHECK_OK(seal(false));
    const std::size_t n = std::min(chunk_length - used_, plain.size());
    std::memcpy(chunk_.bytes().data() + used_, plain.data(), n);
    used_ += n;
    plain = plain.subspan(n);
  }
  return Ok{};
}

Status AgeWriter::finish() { return seal(true); }

Status AgeWriter::seal(bool last) {
  std::vector<std::byte> sealed(used_ + tag_length);
  const auto nonce = chunk_nonce(count_++, last);
  crypto_aead_chacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(sealed.data()), nullptr, chunk_.data(), used_, nullptr, 0, nullptr, nonce.data(), key_.data());
  used_ = 0;
  return out_(sealed);
}

Result<bool> is_age(const Input& input) {
  std::array<char, age_version.size() + 1> head{};
  TRY(const std::size_t n, input.read(0, std::as_writable_bytes(std::span(head))));
  return n == head.size() && std::string_view(head.data(), age_version.size()) == age_version && head.back() == '\n';
}

Result<Input> open_age_payload(Input input, const AgeFileKey& file_key, std::uint64_t payload) {
  std::array<std::byte, age_nonce_length> nonce{};
  CHECK_OK(read_exactly(input, payload, nonce));
  TRY(SecretBytes key, payload_key(file_key, nonce));
  TRY(SecretBytes plain, SecretBytes::allocate(chunk_length));
  std::string name = input.name;
  const auto reader = std::make_shared<ChunkReader>(std::move(input), std::move(key), std::move(plain), payload + nonce.size());
  return Input{std::move(name), [reader](std::uint64_t offset, std::span<std::byte> out) { return reader->read(offset, out); }};
}

Result<Input> open_age(Input input, const Unlock& with) {
  TRY(const AgeHeader header, AgeHeader::read(input));
  TRY(const AgeFileKey key, unlock(header, with).in(input.name));
  return open_age_payload(std::move(input), key, header.text().size());
}

Result<Input> open_age_or_plain(Input input, const Unlock& with) {
  TRY(const bool encrypted, is_age(input));
  if (encrypted) return open_age(std::move(input), with);
  return input;
}

Result<std::vector<std::byte>> encrypt_age(Bytes plain, std::span<const AgeRecipient> recipients) {
  std::vector<std::byte> out;
  TRY(AgeWriter writer, AgeWriter::begin(recipients, [&](Bytes bytes) -> Status {
        out.insert(out.end(), bytes.begin(), bytes.end());
        return Ok{};
      }));
  CHECK_OK(writer.write(plain));
  CHECK_OK(writer.finish());
  return out;
}

}  // namespace hone
