// SPDX-License-Identifier: Apache-2.0
// hone unpack: the plain files of a verified bundle in a new directory. The directory appears complete or not at all.
#include <unistd.h>

#include "tools/hone/bundles.h"

namespace hone {

static Status extract(const Bundle& bundle, const Path& into) {
  std::vector<std::byte> content;
  return bundle.read_all({[&](const FileEntry&) -> Status {
                            content.clear();
                            return Ok{};
                          },
                          [&](const FileEntry&, std::uint64_t, Bytes plain) -> Status {
                            content.insert(content.end(), plain.begin(), plain.end());
                            return Ok{};
                          },
                          [&](const FileEntry& file) -> Status {
                            const Path path = into / file.name;
                            std::error_code failed;
                            std::filesystem::create_directories(path.parent_path(), failed);
                            if (failed) return io_error("{}: {}", path.parent_path().string(), failed.message());
                            return write_file(path, content);
                          }});
}

static Result<int> run(const Args& args) {
  if (!args.has("output") || args.text("output") == "-") return usage_error("name a new directory with -o DIR");
  Path output = args.text("output");
  if (!output.has_filename()) output = output.parent_path();  // "DIR/"
  TRY(const Trust trust, trust_from(args));
  TRY(Input input, open_input(args.text("bundle")));
  TRY(const Unlock with, unlock_from(args));
  TRY(const Bundle bundle, Bundle::open(std::move(input), trust, with));
  std::error_code failed;
  if (std::filesystem::exists(output, failed)) return usage_error("{}: exists already; name a new directory", output.string());
  const Path folder = output.has_parent_path() ? output.parent_path() : Path(".");
  const Path staging = folder / format(".{}.{}", output.filename().string(), ::getpid());
  // Ours alone: in a folder that others write to, a link of that name would send the files elsewhere.
  if (!std::filesystem::create_directory(staging, failed)) return io_error("{}: {}", staging.string(), failed ? failed.message() : "is there already");
  Status status = extract(bundle, staging);
  if (status) {
    std::filesystem::rename(staging, output, failed);
    if (failed) status = io_error("{}: {}", output.string(), failed.message());
  }
  if (!status) {
    std::filesystem::remove_all(staging, failed);
    return std::move(status).error();
  }
  const Manifest& m = bundle.manifest();
  args.console().say("{} {}: {} files in {}", m.name, m.version, m.files.size(), output.string());
  Json json{{"schema", "hone/unpack/1"}};
  json.update(describe(bundle.release()));
  CHECK_OK(args.console().json(json));
  return 0;
}

static constexpr Option options[] = {{"bundle", "B.hone", "the bundle; - is standard input", "", true}, pub_option, keyring_option, threshold_option, identity_option, grant_option};
extern const Command unpack_command{.name = "unpack", .usage = "B.hone --pub K.pub -o DIR", .help = "extract a bundle's files into a new directory, checking every byte",
                                    .options = options, .run = run};

}  // namespace hone
