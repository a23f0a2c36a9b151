// SPDX-License-Identifier: Apache-2.0
// The files of releases: plain, or, of an encrypted release, age files for this device, each with a key of its own. Which of the two a file is follows
// from the signed manifest and shows in its name, never from what it begins with.
#include <algorithm>

#include "lib/bundle/age_stream.h"
#include "lib/store/folder.h"
#include "lib/store/store.h"

namespace hone {
namespace {

// Exactly these bytes and nothing after them, read in pieces.
bool holds(const Input& input, std::uint64_t length, const Digest& digest) {
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(length, block_limit)) + 1);
  Sha256 hash;
  for (std::uint64_t at = 0;;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length + 1 - at));
    const auto n = input.read(at, std::span(buffer).first(wanted));
    if (!n) return false;
    hash.update(Bytes(buffer).first(*n));
    at += *n;
    if (*n < wanted) return at == length && hash.finish() == digest;
    if (at > length) return false;
  }
}

}  // namespace

Status Store::need_identity(const Manifest& m) const {
  if (m.encryption && unlock_.identities.empty()) return usage_error("{} {} is encrypted; name this device's identity with --identity FILE", m.name, m.version);
  return Ok{};
}

Path Store::object(const Manifest& m, const FileEntry& file) const { return directory_ / "objects" / (to_hex(file.sha256) + (m.encryption ? ".age" : "")); }

Result<Input> Store::open_object(const Manifest& m, const FileEntry& file) const {
  const Path path = object(m, file);
  std::error_code missing;
  if (std::filesystem::exists(path, missing) && !std::filesystem::is_regular_file(path, missing)) return io_error("{}: is no plain file", path.string());
  TRY(Input input, open_input(path));
  if (!m.encryption) return input;
  CHECK_OK(need_identity(m));
  return open_age(std::move(input), unlock_);
}

bool Store::intact(const Manifest& m, const FileEntry& file) const {
  const Path path = object(m, file);
  std::error_code missing;
  const std::uint64_t size = std::filesystem::is_regular_file(path, missing) ? std::filesystem::file_size(path, missing) : 0;
  if (missing) return false;
  std::uint64_t expected = file.length;
  if (m.encryption) {
    const auto sealed = open_input(path);
    const auto header = sealed ? AgeHeader::read(*sealed) : sealed.error();
    if (!header) return false;
    expected = header->text().size() + age_payload_length(file.length);
  }
  if (size != expected) return false;
  if (m.encryption && unlock_.identities.empty()) return true;
  const auto input = open_object(m, file);
  return input && holds(*input, file.length, file.sha256);
}

Result<SharedBytes> Store::read(const Release& release, std::string_view name) const {
  const Manifest& m = release.manifest();
  const FileEntry* file = m.file(name);
  if (!file) return invalid("{} {} has no file '{}'", m.name, m.version, name);
  const Path path = object(m, *file);
  const auto damaged = [&] { return untrusted("{}: '{}' was damaged or altered after it was installed; install its bundle again", path.string(), name); };
  SharedBytes bytes;
  if (m.encryption) {
    TRY(const Input input, open_object(m, *file));
    TRY(SecretBytes secret, SecretBytes::allocate(static_cast<std::size_t>(file->length)));
    TRY(const std::size_t n, input.read(0, secret.bytes()));
    if (n != file->length) return damaged();
    bytes = share(std::move(secret));
  } else {
    TRY(auto plain, read_own(path, file->length));
    bytes = share(std::move(plain));
  }
  if (bytes.bytes.size() != file->length || sha256(bytes.bytes) != file->sha256) return damaged();
  return bytes;
}

Status Store::verify(const Release& release) const {
  const Manifest& m = release.manifest();
  for (const FileEntry& file : m.files)
    if (!intact(m, file)) return untrusted("{} {}: '{}' is missing, damaged or altered; install its full bundle again", m.name, m.version, file.name);
  return Ok{};
}

// Whether a trial would say something of the release, and not of how this command was called: no try is spent on the latter.
Status Store::may_load(const Release& release) const {
  const Manifest& m = release.manifest();
  if (!m.encryption) return Ok{};
  CHECK_OK(need_identity(m));
  CHECK_OK(SecretBytes::allocate(static_cast<std::size_t>(m.payload_length())));
  const auto opens = [&](const FileEntry& file) { return open_object(m, file).has_value(); };
  if (std::ranges::none_of(m.files, opens)) return untrusted("{} {}: none of its files is for the identities given; name this device's own with --identity FILE", m.name, m.version);
  return Ok{};
}

}  // namespace hone
