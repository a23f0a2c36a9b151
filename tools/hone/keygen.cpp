// SPDX-License-Identifier: Apache-2.0
// hone keygen: a new key pair in minisign's formats, or the public key of a token.
#include <sys/stat.h>

#include "tools/hone/keys.h"

namespace hone {

// The secret half is for its owner only.
static Status write_private(const Path& path, std::string_view text, bool overwrite) {
  const mode_t mask = ::umask(077);
  Status status = write_file(path, as_bytes(text), overwrite);
  ::umask(mask);
  return status;
}

static Result<std::string> new_password(const Args& args) {
  if (args.has("password-from")) return first_line(args.text("password-from"));
  TRY(const std::string password, ask_secret("HONE_KEY_PASSWORD", "Password of the new key"));
  if (std::getenv("HONE_KEY_PASSWORD")) return password;
  TRY(const std::string again, ask_secret("HONE_KEY_PASSWORD", "The same once more"));
  if (again != password) return usage_error("the two passwords differ");
  return password;
}

static Result<int> token_key(const Args& args, const std::string& output) {
  const Path open = output.ends_with(".pub") ? output : output + ".pub";
  TRY(const Signer signer, open_token(args.text("key"), false));
  CHECK_OK(write_file(open, as_bytes(print_public_key(signer.public_key)), args.force()));
  args.console().say("key {} on a token: {} (for devices)", to_text(signer.public_key.id), open.string());
  CHECK_OK(args.console().json({{"schema", "hone/keygen/1"}, {"id", to_text(signer.public_key.id)}, {"public", open.string()}}));
  return 0;
}

static Result<int> run(const Args& args) {
  if (!args.has("output") || args.text("output") == "-") return usage_error("name the key with -o K: K.key and K.pub are written");
  const Path output = args.text("output");
  if (args.has("key")) return token_key(args, output.string());
  const Path secret = output.string() + ".key", open = output.string() + ".pub";
  if (!args.force())
    for (const Path& path : {secret, open})
      if (std::error_code ignored; std::filesystem::exists(path, ignored)) return usage_error("{}: exists already; a lost key cannot be had again. Use --force to replace it", path.string());
  const SecretKey key = SecretKey::generate();
  const bool encrypt = args.flag("password") || args.has("password-from");
  std::string text = key.print();
  if (encrypt) {
    TRY(const std::string password, new_password(args));
    if (password.empty()) return usage_error("an empty password protects nothing; leave out --password for a key without one");
    TRY(text, key.print(password));
  }
  CHECK_OK(write_private(secret, text, args.force()));
  CHECK_OK(write_file(open, as_bytes(print_public_key(key.public_key())), args.force()));
  args.console().say("key {}: {} ({}keep it secret), {} (for devices)", to_text(key.public_key().id), secret.string(), encrypt ? "encrypted; " : "", open.string());
  CHECK_OK(args.console().json({{"schema", "hone/keygen/1"}, {"id", to_text(key.public_key().id)}, {"secret", secret.string()}, {"public", open.string()}, {"encrypted", encrypt}}));
  return 0;
}

static constexpr Option options[] = {
    {"--password", "", "encrypt K.key with scrypt; asks on a terminal, or takes HONE_KEY_PASSWORD"},
    {"--password-from", "FILE", "encrypt it with the first line of FILE"},
    {"--key", "URI", "the key of a token, pkcs11:token=...;object=...: only K.pub is written"},
};
extern const Command keygen_command{.name = "keygen",
                                    .usage = "-o K",
                                    .help = "make a signing key: K.key and K.pub, as minisign reads and writes them\n"
                                            "HONE_KEY_PASSWORD, or a password typed on a terminal, opens an encrypted K.key wherever a key is used.",
                                    .options = options,
                                    .run = run};

}  // namespace hone
