// SPDX-License-Identifier: Apache-2.0
// hone delta: what a device with OLD needs to become NEW.
#include "lib/bundle/delta_writer.h"
#include "tools/hone/bundles.h"

namespace hone {

static Result<int> run(const Args& args) {
  CHECK_OK(args.output());
  TRY(const Trust trust, trust_from(args));
  TRY(Input old_input, open_input(args.text("old")));
  TRY(Input new_input, open_input(args.text("new")));
  TRY(const Bundle base, Bundle::open(std::move(old_input), trust));
  TRY(const Bundle target, Bundle::open(std::move(new_input), trust));
  CHECK_OK(target.read_all(discard_blocks()));
  DeltaSummary summary;
  TRY(const auto delta, make_delta(base, target, &summary));
  CHECK_OK(args.write(delta));
  std::error_code unknown;
  const std::uintmax_t full = std::filesystem::file_size(args.text("new"), unknown);
  const double share = static_cast<double>(delta.size()) / static_cast<double>(full);
  Console& console = args.console();
  std::string methods;
  Json blocks = Json::object();
  for (std::size_t i = 0; i < summary.blocks.size(); ++i) {
    blocks[std::string(name(static_cast<DeltaMethod>(i)))] = summary.blocks[i];
    if (summary.blocks[i] > 0) methods += format("{}{} {}", methods.empty() ? "" : ", ", summary.blocks[i], name(static_cast<DeltaMethod>(i)));
  }
  console.say("{} {} -> {}: {} to download, {:.1f} % of the full bundle ({})", target.manifest().name, base.manifest().version, target.manifest().version,
              human_bytes(delta.size()), 100 * share, human_bytes(full));
  console.say("a device writes {}; {} of {} files unchanged; blocks: {}", human_bytes(summary.changed_bytes), summary.files_unchanged, target.manifest().files.size(),
              methods.empty() ? "none" : methods);
  if (share > 0.8) console.warn("the delta is over 80 % of the full bundle; shipping the full bundle is simpler");
  CHECK_OK(console.json({{"schema", "hone/delta/1"}, {"bytes", delta.size()}, {"full_bytes", full}, {"ratio", share}, {"written_bytes", summary.changed_bytes},
                         {"files_unchanged", summary.files_unchanged}, {"blocks", blocks}}));
  return 0;
}

static constexpr Option options[] = {{"old", "OLD.hone", "the release a device has", "", true}, {"new", "NEW.hone", "the release it shall get", "", true},
                                     pub_option, keyring_option, threshold_option};
extern const Command delta_command{.name = "delta", .usage = "OLD.hone NEW.hone -o D.hone", .help = "make the delta that turns one release into the next",
                                   .options = options, .run = run};

}  // namespace hone
