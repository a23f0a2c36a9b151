// SPDX-License-Identifier: Apache-2.0
// Datasets that are directories: images in class folders, and ONNX test_data_set_* directories.
#include <algorithm>
#include <charconv>

#include "lib/data/dataset.h"
#include "lib/image/image.h"
#include "lib/onnx/onnx.h"

namespace hone {
namespace {

namespace fs = std::filesystem;

bool is_image(const Path& path) {
  std::string e = path.extension().string();
  std::ranges::transform(e, e.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return e == ".jpg" || e == ".jpeg" || e == ".png";
}

// Sorted entries of a folder, hidden ones left out.
Result<std::vector<Path>> entries_of(const Path& folder) {
  std::vector<Path> paths;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (!it->path().filename().string().starts_with('.')) paths.push_back(it->path());
  if (error) return io_error("{}: {}", folder.string(), error.message());
  std::ranges::sort(paths);
  return paths;
}

struct Images {
  std::vector<Path> files;
  std::vector<std::int64_t> labels;  // the index of the class folder, in sorted order; empty when there are no class folders
};
Result<Images> list_images(const Path& folder) {
  Images found;
  TRY(const std::vector<Path> top, entries_of(folder));
  std::int64_t label = 0;
  for (const Path& path : top) {
    if (is_image(path)) found.files.push_back(path);
    if (!fs::is_directory(path)) continue;
    TRY(const std::vector<Path> inner, entries_of(path));
    for (const Path& file : inner) {
      if (!is_image(file)) continue;
      found.files.push_back(file);
      found.labels.push_back(label);
    }
    ++label;
  }
  if (!found.labels.empty() && found.labels.size() != found.files.size())
    return invalid("has images both in class folders and beside them; move the latter into a class folder");
  if (found.files.empty()) return invalid("holds no .jpg, .jpeg or .png image");
  return found;
}

}  // namespace

Status Dataset::read_images(const Path& folder, const Value& input, const DatasetOptions& options) {
  if (input.shape.ranked && input.shape.rank() != 4) return invalid("images need an input of rank 4, '{}' is {}", input.name, to_string(input.shape));
  const auto known = [&](std::size_t axis) { return input.shape.ranked && input.shape.dims[axis].known() ? input.shape.dims[axis].value : -1; };
  const bool channels_last = known(1) != 1 && known(1) != 3 && (known(3) == 1 || known(3) == 3);
  const std::int64_t channels = channels_last ? known(3) : known(1) == 1 ? 1 : 3;
  TRY(Images images, list_images(folder));
  if (fs::exists(folder / "labels.csv")) {
    TRY(labels_, read_labels(folder / "labels.csv"));
  } else if (!images.labels.empty()) {
    labels_ = Tensor::vector<std::int64_t>(images.labels);
  }
  rows_ = static_cast<std::int64_t>(images.files.size());
  // Only what --offset and --limit leave is decoded; the rest stays black and is never handed out.
  const std::int64_t first = std::clamp<std::int64_t>(options.offset, 0, rows_);
  const std::int64_t last = options.limit < 0 ? rows_ : std::min(rows_, first + options.limit);
  Tensor all;
  for (std::int64_t i = first; i < last; ++i) {
    const Path& path = images.files[static_cast<std::size_t>(i)];
    TRY(const std::vector<std::byte> bytes, read_file(path));
    TRY(const Tensor image, decode_image(bytes, channels).in(path.string()));
    const std::int64_t height = image.dims()[0], width = image.dims()[1];
    const Dims dims = channels_last ? Dims{rows_, height, width, channels} : Dims{rows_, channels, height, width};
    if (!all) {
      TRY(const std::int64_t count, element_count(dims));
      if (count > (std::int64_t{1} << 36)) return invalid("{} images of {}x{} are too many to hold; use --limit", rows_, width, height);
      all = Tensor::allocate(DType::u8, dims);
    }
    if (all.dims() != dims) return invalid("{}: {}x{} pixels, the first image has other sizes; resize them all to what the model wants", path.string(), width, height);
    std::uint8_t* out = all.data<std::uint8_t>() + i * image.count();
    const std::uint8_t* in = image.data<std::uint8_t>();
    for (std::int64_t p = 0; p < height * width; ++p)
      for (std::int64_t c = 0; c < channels; ++c) out[channels_last ? p * channels + c : c * height * width + p] = in[p * channels + c];
  }
  if (!all) return usage_error("--offset and --limit leave no image");
  return add_column(input, std::move(all), true);
}

Status Dataset::read_test_sets(const Path& path, const std::vector<const Value*>& inputs) {
  std::vector<std::pair<int, Path>> folders;
  if (fs::exists(path / "input_0.pb")) {
    folders.emplace_back(0, path);
  } else {
    constexpr std::string_view prefix = "test_data_set_";
    TRY(const std::vector<Path> all, entries_of(path));
    for (const Path& folder : all) {
      const std::string name = folder.filename().string();
      int number = 0;
      if (name.starts_with(prefix) && std::from_chars(name.data() + prefix.size(), name.data() + name.size(), number).ec == std::errc()) folders.emplace_back(number, folder);
    }
    std::ranges::sort(folders);
  }
  if (folders.empty()) return invalid("holds neither input_0.pb nor a test_data_set_0");
  for (const auto& [number, folder] : folders) {
    TensorMap set;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Path file = folder / format("input_{}.pb", i);
      TRY(const std::vector<std::byte> bytes, read_file(file));
      TRY(set[inputs[i]->name], parse_value(bytes, inputs[i]->dtype).in(file.string()));
      if (set[inputs[i]->name].dtype() != inputs[i]->dtype && inputs[i]->dtype != DType::optional)
        return invalid("{}: input '{}' wants {}, the file holds {}", file.string(), inputs[i]->name, name(inputs[i]->dtype), name(set[inputs[i]->name].dtype()));
    }
    sets_.push_back(std::move(set));
  }
  rows_ = static_cast<std::int64_t>(sets_.size());
  fixed_batch_ = 1;
  return Ok{};
}

}  // namespace hone
