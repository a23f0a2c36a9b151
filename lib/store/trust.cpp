// SPDX-License-Identifier: Apache-2.0
// Whom the device trusts: what the first install was given, in the file "trusted" (docs/store.md).
#include "lib/store/folder.h"
#include "lib/store/store.h"

namespace hone {

Result<Trust> Store::pinned(const Path& directory) {
  if (std::error_code missing; !std::filesystem::is_directory(directory, missing)) return io_error("{}: there is no store here", directory.string());
  const Path path = directory / "trusted";
  const auto bytes = read_own(path, 65536);
  if (!bytes) return untrusted("no key to trust: {}; name one with --pub K.pub", bytes.error().message);
  std::string_view text = as_text(*bytes);
  Trust trust{.keys = {}, .threshold = 0};
  for (std::size_t line = 0; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return untrusted("{}: cut short", path.string());
    if (line == 0 && end == 1 && text[0] >= '1' && text[0] <= '8') trust.threshold = static_cast<std::size_t>(text[0] - '0');
    if (line > 0) {
      TRY(const PublicKey key, parse_public_key(text.substr(0, end)).in(path.string()));
      trust.keys.push_back(key);
    }
    text.remove_prefix(end + 1);
  }
  if (trust.threshold == 0 || trust.keys.empty()) return untrusted("{}: holds no keys", path.string());
  return trust;
}

// With the first release that is accepted.
Status Store::pin_trust() const {
  std::string text = format("{}\n", trust_.threshold);
  for (const PublicKey& key : trust_.keys) {
    const std::string lines = print_public_key(key);
    text += lines.substr(lines.find('\n') + 1);
  }
  const Path from = directory_ / "staging" / "trusted";
  {
    TRY(const FileOps::File file, ops_.create(from));
    CHECK_OK(file.write(0, as_bytes(text)));
    CHECK_OK(file.sync());
  }
  CHECK_OK(ops_.rename(from, directory_ / "trusted"));
  return ops_.sync_directory(directory_);
}

}  // namespace hone
