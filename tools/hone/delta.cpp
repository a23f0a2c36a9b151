// SPDX-License-Identifier: Apache-2.0
// hone delta: what a device with OLD needs to become NEW. Its plan is told by the delta's own records, as 'hone-target plan' tells it.
#include "lib/bundle/delta_writer.h"
#include "tools/hone/bundles.h"

namespace hone {

static Result<int> run(const Args& args) {
  CHECK_OK(args.output());
  TRY(const Trust trust, trust_from(args));
  TRY(Input old_input, open_input(args.text("old")));
  TRY(Input new_input, open_input(args.text("new")));
  TRY(const Unlock with, identities_from(args));
  TRY(const auto recipients, recipients_from(args));
  TRY(const Bundle base, Bundle::open(std::move(old_input), trust, with));
  TRY(const Bundle target, Bundle::open(std::move(new_input), trust, with));
  if (target.manifest().encryption && recipients.empty())
    return usage_error("{}: is encrypted, and so must be its delta: name who may read it with --recipient age1...", args.text("new"));
  TRY(const auto bytes, make_delta(base, target, args.threads()));
  TRY(Delta delta, Delta::open(memory_input("the delta", bytes), trust, base.release()));
  TRY(const DeltaPlan plan, delta.plan());
  std::vector<std::byte> sealed;
  if (!recipients.empty()) {
    TRY(sealed, encrypt_age(bytes, recipients));
  }
  const Bytes made = recipients.empty() ? Bytes(bytes) : Bytes(sealed);
  std::error_code unknown;
  const std::uintmax_t full = std::filesystem::file_size(args.text("new"), unknown);
  const double share = static_cast<double>(made.size()) / static_cast<double>(full);
  const bool worth = share <= 0.8;
  Console& console = args.console();
  for (const std::string& line : describe(plan)) console.say("{}", line);
  console.say("{:.1f} % of the full bundle ({})", 100 * share, human_bytes(full));
  Json json{{"schema", "hone/delta/1"}, {"bytes", made.size()}, {"full_bytes", full}, {"ratio", share}, {"written", worth || args.flag("force")}};
  json.update(to_json(plan));
  CHECK_OK(console.json(json));
  if (!worth && !args.flag("force"))
    return Error{Code::no, format("the delta would be {:.1f} % of the full bundle, more than 80 %: ship {} instead (--force writes the delta all the same)", 100 * share, args.text("new"))};
  CHECK_OK(args.write(made));
  return 0;
}

static constexpr Option options[] = {{"old", "OLD.hone", "the release a device has", "", true}, {"new", "NEW.hone", "the release it shall get", "", true},
                                     pub_option, keyring_option, threshold_option, identity_option, recipient_option, recipients_file_option};
extern const Command delta_command{.name = "delta", .usage = "OLD.hone NEW.hone -o D.hone", .help = "make the delta that turns one release into the next\n"
                                   "A delta of more than 80 % of the full bundle is not written, unless --force is given (exit status 1).",
                                   .options = options, .run = run};

}  // namespace hone
