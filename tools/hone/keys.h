// SPDX-License-Identifier: Apache-2.0
// Keys as the commands name them: secret ones in files or on tokens, public ones in files or keyrings.
#pragma once
#include <unistd.h>

#include <cstdlib>

#include "lib/base/secret.h"
#include "lib/bundle/host/pkcs11.h"
#include "lib/bundle/input.h"
#include "tools/cli/command.h"

namespace hone {

constexpr Option pub_option{"--pub", "K.pub...", "a public key to trust; repeat for several"};
constexpr Option threshold_option{"--threshold", "K", "how many different trusted keys must have signed", "1"};
constexpr Option keyring_option{"--keyring", "K.keyring", "the keyring to trust, instead of --pub"};
constexpr Option signing_key_option{"--key", "K.key...", "a key to sign with, K.key or pkcs11:token=...;object=...; repeat for several signatures"};

// A .keyring file, signed by its own root role, and holding the number of its name.
inline Result<Keyring> read_keyring(const Path& path) {
  TRY(const auto bytes, read_file(path, 2 * keyring_limit));
  TRY(Keyring keyring, open_keyring(bytes).in(path.string()));
  CHECK_OK(check_keyring_name(path, keyring));
  return keyring;
}

// What --keyring names, else keyring 0 of the keys of --pub.
inline Result<Keyring> keyring_from(const Args& args) {
  if (args.has("keyring") && args.has("pub")) return usage_error("--keyring and --pub both say whom to trust; use one of them");
  if (args.has("threshold") && !args.has("pub")) return usage_error("--threshold says how many keys of --pub must have signed; name them, or leave it to the keyring");
  if (args.has("keyring")) return read_keyring(args.text("keyring"));
  const std::vector<std::string> files = args.list("pub");
  TRY(Trust trust, read_trust(files));
  TRY(const std::int64_t threshold, args.integer("threshold", 1, threshold_limit));
  trust.threshold = static_cast<std::size_t>(threshold);
  if (!files.empty() && trust.threshold > files.size()) return usage_error("--threshold {} can never be met: --pub names {}", threshold, files.size());
  return Keyring::by_hand(std::move(trust));
}

// Whose signatures count on a bundle. Without --keyring and --pub: hashes are checked, signatures are not, and a warning says so.
inline Result<Trust> trust_from(const Args& args) {
  TRY(Keyring keyring, keyring_from(args));
  Trust trust = std::move(keyring.release);
  trust.integrity_only = trust.keys.empty();
  if (trust.integrity_only) args.console().warn("no --pub given: hashes are checked, signatures are not");
  return trust;
}

// From the environment, else typed at the terminal, unseen.
inline Result<std::string> ask_secret(const char* variable, const std::string& prompt) {
  const char* given = std::getenv(variable);
  if (!given && ::isatty(0) == 1) given = ::getpass((prompt + ": ").c_str());
  if (!given) return usage_error("{}: set {}, or run this on a terminal", prompt, variable);
  return std::string(given);
}

inline void wipe(std::string& text) { wipe({reinterpret_cast<unsigned char*>(text.data()), text.size()}); }

// The first line of a file that nobody else may read, or of a pipe.
inline Result<std::string> first_line(const Path& path) {
  TRY(const SecretBytes bytes, read_secret_file(path, 4096));
  const std::string_view text = as_text(bytes.bytes());
  return std::string(text.substr(0, text.find('\n')));
}

// A .key file, opened with its password when it is encrypted.
inline Result<SecretKey> read_secret_key(const std::string& path) {
  forbid_dumps();
  TRY(const SecretBytes bytes, read_secret_file(path, 4096));
  const std::string_view text = as_text(bytes.bytes());
  std::string password;
  if (SecretKey::encrypted(text)) {
    TRY(password, ask_secret("HONE_KEY_PASSWORD", format("Password of {}", path)));
  }
  auto key = SecretKey::parse(text, password).in(path);
  wipe(password);
  return key;
}

inline Result<Signer> open_token(const std::string& text, bool private_half) {
  TRY(const TokenUri uri, parse_token_uri(text));
  const AskPin ask = [&](std::string_view token) -> Result<std::string> {
    if (!uri.pin_source.empty()) return first_line(uri.pin_source);
    return ask_secret("HONE_PKCS11_PIN", format("PIN of token '{}'", token));
  };
  return open_token_key(uri, ask, private_half);
}

// Those of --key.
inline Result<std::vector<Signer>> signers_from(const Args& args) {
  std::vector<Signer> signers;
  for (const std::string& text : args.list("key")) {
    if (is_token_uri(text)) {
      TRY(Signer signer, open_token(text, true));
      signers.push_back(std::move(signer));
    } else {
      TRY(const SecretKey key, read_secret_key(text));
      signers.push_back(key.signer());
    }
  }
  return signers;
}

inline std::string ids_of(const std::vector<PublicKey>& keys) {
  std::vector<std::string> ids;
  for (const PublicKey& key : keys) ids.push_back(to_text(key.id));
  return fmt::to_string(fmt::join(ids, ", "));
}

// By what a file begins with, not by its name.
inline bool is_keyring(Bytes bytes) { return as_text(bytes).starts_with(std::string_view("keyring.json\0", 13)); }
inline Result<bool> is_keyring(const Input& input) {
  std::array<std::byte, 16> head{};
  TRY(const std::size_t n, input.read(0, head));
  return is_keyring(Bytes(head).first(n));
}
// All of it; of what is too long for one, more than fits.
inline Result<std::vector<std::byte>> read_keyring_file(const Input& input) {
  std::vector<std::byte> bytes(2 * keyring_limit);
  TRY(const std::size_t length, input.read(0, bytes));
  bytes.resize(length);
  return bytes;
}

}  // namespace hone
