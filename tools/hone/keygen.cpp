// SPDX-License-Identifier: Apache-2.0
// hone keygen: a new key pair in minisign's formats, the public key of a token, or an age identity. Secret files are for their owner only.
#include <sys/stat.h>

#include "lib/bundle/age_keys.h"
#include "tools/hone/keys.h"

namespace hone {

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

// For their owner only.
static Status write_private(const std::vector<FileContent>& files, bool overwrite) {
  const mode_t mask = ::umask(077);
  Status status = write_files(files, overwrite);
  ::umask(mask);
  return status;
}

// A lost key cannot be had again.
static Status may_replace(const Args& args, const Path& path) {
  std::error_code ignored;
  if (!args.force() && std::filesystem::exists(path, ignored)) return usage_error("{}: exists already; a lost key cannot be had again. Use --force to replace it", path.string());
  return Ok{};
}

// As age-keygen writes it, but for the time of day.
static Result<int> age_identity(const Args& args, const Path& output) {
  CHECK_OK(may_replace(args, output));
  TRY(const AgeIdentity identity, AgeIdentity::generate());
  TRY(const SecretBytes secret, identity.print());
  const std::string recipient = print_age_recipient(identity.recipient()), comment = format("# public key: {}\n", recipient);
  CHECK_OK(write_private({{output, {as_bytes(comment), secret.bytes(), as_bytes("\n")}}}, args.force()));
  args.console().say("identity {} (keep it secret), recipient {}", output.string(), recipient);
  CHECK_OK(args.console().json({{"schema", "hone/keygen/1"}, {"identity", output.string()}, {"recipient", recipient}}));
  return 0;
}

// Both files or neither.
static Result<int> key_pair(const Args& args, const std::string& output) {
  const Path secret = output + ".key", open = output + ".pub";
  for (const Path& path : {secret, open}) CHECK_OK(may_replace(args, path));
  const SecretKey key = SecretKey::generate();
  const bool encrypt = args.flag("password") || args.has("password-from");
  std::string text = key.print();
  if (encrypt) {
    TRY(std::string password, new_password(args));
    if (password.empty()) return usage_error("an empty password protects nothing; leave out --password for a key without one");
    wipe(text);
    TRY(text, key.print(password));
    wipe(password);
  }
  const std::string pub = print_public_key(key.public_key());
  const Status written = write_private({{secret, {as_bytes(text)}}, {open, {as_bytes(pub)}}}, args.force());
  wipe(text);
  CHECK_OK(written);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::chmod(open.c_str(), 0666 & ~mask) != 0) return io_error("{}: cannot change its mode: {}", open.string(), std::strerror(errno));
  args.console().say("key {}: {} ({}keep it secret), {} (for devices)", to_text(key.public_key().id), secret.string(), encrypt ? "encrypted; " : "", open.string());
  CHECK_OK(args.console().json({{"schema", "hone/keygen/1"}, {"id", to_text(key.public_key().id)}, {"secret", secret.string()}, {"public", open.string()}, {"encrypted", encrypt}}));
  return 0;
}

static Result<int> run(const Args& args) {
  if (!args.has("output") || args.text("output") == "-") return usage_error("name the key with -o K: K.key and K.pub are written (with --age, K itself)");
  const std::string output = args.text("output");
  forbid_dumps();
  if (args.flag("age")) {
    if (args.has("key") || args.flag("password") || args.has("password-from")) return usage_error("--age makes an identity of its own, which a device opens without a password: leave out --key, --password and --password-from");
    return age_identity(args, output);
  }
  return args.has("key") ? token_key(args, output) : key_pair(args, output);
}

static constexpr Option options[] = {
    {"--age", "", "an age identity instead, for a device that reads encrypted releases: one file K; prints its recipient, for hone pack"},
    {"--password", "", "encrypt K.key with scrypt; asks on a terminal, or takes HONE_KEY_PASSWORD"},
    {"--password-from", "FILE", "encrypt it with the first line of FILE, which nobody else may read"},
    {"--key", "URI", "the key of a token, pkcs11:token=...;object=...: only K.pub is written"},
};
extern const Command keygen_command{.name = "keygen",
                                    .usage = "-o K",
                                    .help = "make a signing key: K.key and K.pub, as minisign reads and writes them; or an age identity\n"
                                            "HONE_KEY_PASSWORD, or a password typed on a terminal, opens an encrypted K.key wherever a key is used.\n"
                                            "Secret files are written with mode 0600, and refused where others may read them.",
                                    .options = options,
                                    .run = run};

}  // namespace hone
