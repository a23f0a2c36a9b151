// SPDX-License-Identifier: Apache-2.0
// hone keygen: a new key pair in minisign's formats.
#include <sys/stat.h>

#include "tools/hone/bundles.h"

namespace hone {

// The secret half is for its owner only.
static Status write_private(const Path& path, std::string_view text, bool overwrite) {
  const mode_t mask = ::umask(077);
  Status status = write_file(path, as_bytes(text), overwrite);
  ::umask(mask);
  return status;
}

static Result<int> run(const Args& args) {
  if (!args.has("output") || args.text("output") == "-") return usage_error("name the key with -o K: K.key and K.pub are written");
  const Path output = args.text("output");
  const Path secret = output.string() + ".key", open = output.string() + ".pub";
  if (!args.force())
    for (const Path& path : {secret, open})
      if (std::error_code ignored; std::filesystem::exists(path, ignored)) return usage_error("{}: exists already; a lost key cannot be had again. Use --force to replace it", path.string());
  const SecretKey key = SecretKey::generate();
  CHECK_OK(write_private(secret, key.print(), args.force()));
  CHECK_OK(write_file(open, as_bytes(print_public_key(key.public_key())), args.force()));
  args.console().say("key {}: {} (keep it secret), {} (for devices)", to_text(key.public_key().id), secret.string(), open.string());
  CHECK_OK(args.console().json({{"schema", "hone/keygen/1"}, {"id", to_text(key.public_key().id)}, {"secret", secret.string()}, {"public", open.string()}}));
  return 0;
}

extern const Command keygen_command{.name = "keygen",
                                    .usage = "-o K",
                                    .help = "make a signing key: K.key and K.pub, as minisign reads and writes them\n"
                                            "K.key is not encrypted; 'minisign -C -s K.key' gives it a password, and HONE_KEY_PASSWORD opens it here.",
                                    .run = run};

}  // namespace hone
