// SPDX-License-Identifier: Apache-2.0
// hone grant: lets one more device read an encrypted bundle or delta, which stays as it is and as it was signed.
#include "tools/hone/bundles.h"

namespace hone {

// The header that wraps the file key: of an encrypted file as it begins, of a bundle as its manifest has it.
static Result<AgeHeader> header_of(const Args& args) {
  TRY(Input input, open_input(args.text("file")));
  TRY(const bool encrypted, is_age(input));
  if (encrypted) return AgeHeader::read(input);
  TRY(const Trust trust, trust_from(args));
  TRY(const Bundle bundle, Bundle::open(std::move(input), trust));
  if (!bundle.manifest().encryption) return usage_error("{}: is not encrypted; everyone can read it", args.text("file"));
  return AgeHeader::parse(bundle.manifest().encryption->header);
}

static Result<int> run(const Args& args) {
  CHECK_OK(args.output());
  if (!args.has("identity")) return usage_error("only who can read it can let others read it: name your identity with --identity FILE");
  TRY(const Unlock with, unlock_from(args));
  TRY(const auto recipients, recipients_from(args));
  if (recipients.empty()) return usage_error("whom shall it be for? Name them with --recipient age1...");
  TRY(const AgeHeader header, header_of(args));
  TRY(const AgeFileKey key, unlock(header, with).in(args.text("file")));
  TRY(const AgeHeader grant, AgeHeader::make(key, recipients));
  CHECK_OK(args.write(as_bytes(grant.text())));
  args.console().say("a grant for {}; next: hone-target install {} --grant {} --identity ITS_OWN", recipients_text(recipients.size()), args.text("file"),
                     args.text("output"));
  CHECK_OK(args.console().json({{"schema", "hone/grant/1"}, {"recipients", recipients.size()}, {"bytes", grant.text().size()}}));
  return 0;
}

static constexpr Option options[] = {{"file", "FILE", "an encrypted bundle or delta", "", true}, identity_option, grant_option, recipient_option, recipients_file_option, pub_option, threshold_option};
extern const Command grant_command{.name = "grant",
                                   .usage = "B.hone --identity FILE --recipient age1... -o D.grant",
                                   .help = "let one more device, or a cohort, read an encrypted bundle or delta\n"
                                           "The file is not changed and not signed again. Whoever holds a grant and its identity can read that one file, and grant it further.",
                                   .options = options,
                                   .run = run};

}  // namespace hone
