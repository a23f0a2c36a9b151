// SPDX-License-Identifier: Apache-2.0
// What eval, compare, bench and quantize share: loading a model to run it, and the options that describe data.
#pragma once
#include <charconv>
#include <cmath>

#include "lib/base/hash.h"
#include "lib/data/dataset.h"
#include "lib/exec/session.h"
#include "lib/onnx/onnx.h"
#include "lib/rewrite/pass.h"
#include "tools/cli/command.h"

namespace hone {

inline constexpr Option data_option{"--data", "DATA", ".npz keyed by input name, .npy or IDX for one input, a folder of images, or an ONNX test_data_set directory"};
inline constexpr Option mean_option{"--mean", "LIST", "for integer pixels: subtracted after dividing by 255; one value, or one for each channel: 0.485,0.456,0.406"};
inline constexpr Option std_option{"--std", "LIST", "for integer pixels: divided by last"};
inline constexpr Option offset_option{"--offset", "N", "leave out the first N samples", "0"};
inline constexpr Option limit_option{"--limit", "N", "use at most N samples"};

// A model to run, and what identifies its file in results.
struct Loaded {
  Plan plan;
  std::string file, sha256;
  std::uint64_t bytes = 0;
  std::vector<std::pair<std::string, std::string>> metadata = {};  // of an ONNX file: what made it says how
};

// An .onnx model, compiled, or a plan as `hone pack` and `hone-target` use it.
inline Result<Loaded> load_plan(const Path& path) {
  TRY(const SharedBytes file, map_file(path));
  Loaded loaded{.plan = {}, .file = path.filename().string(), .sha256 = to_hex(sha256(file.bytes)), .bytes = file.bytes.size()};
  if (path.extension() == ".plan") {
    TRY(loaded.plan, Plan::open(file).in(path.string()));
    return loaded;
  }
  TRY(Model model, load_onnx(path));
  loaded.metadata = model.metadata;
  CHECK_OK(run_pipeline(model, "expand", {.prove = false}).in(path.string()));
  TRY(loaded.plan, compile(*model.graph).in(path.string()));
  return loaded;
}

inline Result<std::vector<float>> number_list(const Args& args, std::string_view option) {
  std::vector<float> values;
  if (!args.has(option)) return values;
  const std::string text = args.text(option);
  for (const char* at = text.data(); at <= text.data() + text.size();) {
    float value = 0;
    const auto [end, code] = std::from_chars(at, text.data() + text.size(), value);
    if (code != std::errc() || !std::isfinite(value) || (end != text.data() + text.size() && *end != ',')) return usage_error("--{}: '{}' is not a list of numbers such as 0.5 or 0.485,0.456,0.406", option, text);
    values.push_back(value);
    at = end + 1;
  }
  return values;
}

// --mean, --std, --offset, --limit.
inline Result<DatasetOptions> dataset_options(const Args& args) {
  DatasetOptions options;
  TRY(options.preprocess.mean, number_list(args, "mean"));
  TRY(options.preprocess.stddev, number_list(args, "std"));
  TRY(options.offset, args.integer("offset", 0));
  if (args.has("limit")) {
    TRY(options.limit, args.integer("limit", 1));
  }
  return options;
}

}  // namespace hone
