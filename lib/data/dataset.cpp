// SPDX-License-Identifier: Apache-2.0
#include "lib/data/dataset.h"

#include <cmath>
#include <numeric>
#include <set>

#include "lib/base/closest.h"
#include "lib/base/hash.h"
#include "lib/base/random.h"
#include "lib/data/idx.h"
#include "lib/data/npy.h"

namespace hone {
namespace {

std::string names_of(const TensorMap& arrays) {
  std::string names;
  for (const auto& [name, t] : arrays) names += format("{}'{}'", names.empty() ? "" : ", ", name);
  return names.empty() ? "no array at all" : names;
}

Error missing(const Value& input, const TensorMap& arrays) {
  std::vector<std::string> names;
  for (const auto& [name, t] : arrays) names.push_back(name);
  const std::string near = closest(input.name, names);
  return invalid("no array for input '{}' ({}); the file has {}{}", input.name, to_string(input.shape), names_of(arrays),
                 near.empty() ? "" : format(": did you mean '{}'? Name the array as the input", near));
}

// What is wrong with rows of these dims for this input, or nothing. The first axis of both is the batch, unless the array is a whole one.
Status check_rows(const Value& input, const Dims& dims, bool whole) {
  if (!input.shape.ranked || (input.shape.rank() == 0 && !whole)) return Ok{};
  const std::vector<Dim>& want = input.shape.dims;
  const auto fits = [&](std::span<const std::int64_t> have) {
    for (std::size_t i = whole ? 0 : 1; i < want.size(); ++i)
      if (want[i].known() && want[i].value != have[i]) return false;
    return true;
  };
  std::string hint;
  if (dims.size() == want.size()) {
    if (fits(dims)) return Ok{};
    if (dims.size() == 4 && fits(std::vector{dims[0], dims[3], dims[1], dims[2]})) hint = "; the data look like NHWC: save x.transpose(0, 3, 1, 2)";
    else if (dims.size() == 4 && fits(std::vector{dims[0], dims[2], dims[3], dims[1]})) hint = "; the data look like NCHW: save x.transpose(0, 2, 3, 1)";
  } else if (dims.size() + 1 == want.size() && !whole) {
    hint = "; the first axis counts the samples, so one sample is saved as x[None]";
  }
  return invalid("input '{}' wants {}, the array is {}{}", input.name, to_string(input.shape), to_string(dims), hint);
}

// float64 and int64 are what NumPy makes unasked: they are narrowed when nothing but precision is lost.
Result<Tensor> convert(const Value& input, const Tensor& t) {
  if (t.dtype() == input.dtype || input.dtype == DType::undefined) return t;
  if (is_float(t.dtype()) && input.dtype == DType::f32) return Tensor::of<float>(t.dims(), t.to_floats());
  if (t.dtype() == DType::i64 && input.dtype == DType::i32) {
    const std::vector<std::int64_t> from = t.to_ints();
    const std::vector<std::int32_t> to(from.begin(), from.end());
    if (std::ranges::equal(from, to)) return Tensor::of<std::int32_t>(t.dims(), to);
    return invalid("input '{}' wants int32, the array holds int64 values beyond it", input.name);
  }
  const std::string_view numpy = name(input.dtype) == "float" ? "float32" : name(input.dtype);
  return invalid("input '{}' wants {}, the array holds {}; save x.astype('{}')", input.name, name(input.dtype), name(t.dtype()), numpy);
}

bool gzip_or_idx(Bytes bytes) { return bytes.size() > 4 && (bytes[0] == std::byte{0x1f} || (bytes[0] == std::byte{0} && bytes[1] == std::byte{0})); }

}  // namespace

Error no_array(const Value& input) {
  return invalid("input '{}' is a {}, which no array can carry; give a test_data_set directory", input.name, name(input.dtype));
}

std::vector<const Value*> fed_inputs(const Graph& graph) {
  std::vector<const Value*> fed;
  for (const Value* v : graph.inputs)
    if (v->is_input()) fed.push_back(v);
  return fed;
}

Status Dataset::add_column(const Value& input, Tensor data, bool images) {
  Column column{std::move(data), input.dtype, false};
  const bool small = column.data.dtype() == DType::u8 && is_float(input.dtype);
  if (small && !images && !preprocess_.given())
    return invalid("input '{}' wants {}, the array holds uint8; give --mean and --std of the pixels (--mean 0 --std 1 scales them to [0, 1])", input.name, name(input.dtype));
  if (small && input.dtype != DType::f32) return invalid("input '{}' wants {}; pixels can only become float32", input.name, name(input.dtype));
  if (!small && preprocess_.given() && is_float(column.data.dtype()))
    return invalid("--mean and --std are for integer pixels, the array for input '{}' holds {}; leave them out", input.name, name(column.data.dtype()));
  column.pixels = small;
  if (!small) {
    TRY(column.data, convert(input, column.data));
  }
  if (images && input.shape.ranked && input.shape.rank() == column.data.rank() + 1) {  // grey images without a channel axis
    Dims dims = column.data.dims();
    dims.insert(dims.begin() + (input.shape.dims.back() == Dim(1) ? static_cast<std::ptrdiff_t>(dims.size()) : 1), 1);
    column.data = column.data.reshaped(std::move(dims));
  }
  CHECK_OK(check_rows(input, column.data.dims(), whole_));
  if (!whole_ && column.data.rank() > 0) {
    const std::int64_t rows = column.data.dims()[0];
    if (rows_ != 0 && rows != rows_)
      return invalid("the array for input '{}' has {} samples, others have {}; where the first axes are no batch, give a test_data_set directory", input.name, rows, rows_);
    rows_ = rows;
  }
  const std::vector<std::int64_t> sample(column.data.dims().begin() + (column.data.rank() > 0), column.data.dims().end());
  const std::size_t channels = column.pixels && sample.size() == 3 ? static_cast<std::size_t>(input.shape.ranked && input.shape.dims.back().known() && input.shape.dims.back().value <= 4 ? sample[2] : sample[0]) : 1;
  for (const auto* list : {&preprocess_.mean, &preprocess_.stddev})
    if (column.pixels && list->size() > 1 && list->size() != channels) return invalid("--mean and --std have {} values, input '{}' has {} channels", list->size(), input.name, channels);
  columns_[input.name] = std::move(column);
  return Ok{};
}

// (pixel / 255 - mean) / stddev by a table for each channel: the same float for the same pixel everywhere.
static Tensor preprocess(const Tensor& pixels, const Preprocess& p) {
  const Dims& d = pixels.dims();
  const std::size_t channels = std::max({p.mean.size(), p.stddev.size(), std::size_t{1}});
  const bool channels_last = d.size() == 4 && channels > 1 && d[1] != static_cast<std::int64_t>(channels);
  std::vector<float> table(channels * 256);
  const auto pick = [](const std::vector<float>& v, std::size_t c, float otherwise) { return v.empty() ? otherwise : v[v.size() == 1 ? 0 : c]; };
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < 256; ++i) table[c * 256 + i] = (static_cast<float>(i) / 255.0f - pick(p.mean, c, 0)) / pick(p.stddev, c, 1);
  const std::int64_t inner = channels == 1 || channels_last ? 1 : d[2] * d[3];
  Tensor out = Tensor::allocate(DType::f32, d);
  for (std::int64_t i = 0; i < pixels.count(); ++i) {
    const auto c = static_cast<std::size_t>(i / inner) % channels;
    out.data<float>()[i] = table[c * 256 + pixels.data<std::uint8_t>()[i]];
  }
  return out;
}

void Dataset::agree_on_batch(const std::vector<Shape>& inputs) {
  std::set<std::int64_t> sizes;  // that first axes are fixed to
  bool axis = false;
  for (const Shape& s : inputs) {
    axis = axis || !s.ranked || s.rank() > 0;
    if (s.ranked && s.rank() > 0 && s.dims[0].known()) sizes.insert(s.dims[0].value);
  }
  whole_ = !axis || sizes.size() > 1;
  fixed_batch_ = whole_ ? 1 : sizes.empty() ? 0 : *sizes.begin();
}

void Dataset::end_set() {
  TensorMap set;
  for (auto& [name, column] : columns_) set[name] = column.pixels ? preprocess(column.data, preprocess_) : std::move(column.data);
  columns_.clear();
  sets_.push_back(std::move(set));
  rows_ = static_cast<std::int64_t>(sets_.size());
}

Result<Dataset> Dataset::open(const Path& path, const Graph& graph, const DatasetOptions& options) {
  auto result = open_whole(path, graph, options);
  if (!result) {
    Error e = std::move(result).error();
    return e.code == Code::io ? e : std::move(e).in(path.string());  // an I/O error names its file
  }
  CHECK_OK(result->select(options));
  return result;
}

Result<Dataset> Dataset::open_whole(const Path& path, const Graph& graph, const DatasetOptions& options) {
  Dataset d;
  d.preprocess_ = options.preprocess;
  d.source_ = path.string();
  for (const float s : d.preprocess_.stddev)
    if (!(s > 0)) return usage_error("--std must be positive");
  const std::vector<const Value*> inputs = fed_inputs(graph);
  if (inputs.empty()) return invalid("the model has no input to feed");
  std::vector<Shape> shapes;
  for (const Value* v : inputs) shapes.push_back(v->shape);
  d.agree_on_batch(shapes);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    const bool sets = path.filename().string().starts_with("test_data_set") || std::filesystem::exists(path / "test_data_set_0", ignored) ||
                      std::filesystem::exists(path / "input_0.pb", ignored);
    if (sets) {
      CHECK_OK(d.read_test_sets(path, inputs));
      return d;
    }
    if (inputs.size() != 1) return invalid("a folder of images feeds one input, the model has {}; use an .npz with an array for each", inputs.size());
    CHECK_OK(d.read_images(path, *inputs[0], options));
    return d;
  }
  for (const Value* v : inputs)
    if (is_aggregate(v->dtype)) return no_array(*v);
  TRY(const std::vector<std::byte> bytes, read_file(path));
  if (as_text(bytes).starts_with("PK")) {
    TRY(TensorMap arrays, parse_npz(bytes));
    for (const Value* input : inputs) {
      const auto it = arrays.find(input->name);
      if (it == arrays.end()) return missing(*input, arrays);
      CHECK_OK(d.add_column(*input, it->second, false));
    }
    if (d.whole_) d.end_set();
    if (const auto it = arrays.find("labels"); it != arrays.end()) d.labels_ = it->second;
    return d;
  }
  const bool npy = as_text(bytes).starts_with("\x93NUMPY");
  if (!npy && !gzip_or_idx(bytes)) return invalid("is neither .npz, .npy, IDX, a folder of images, nor a test_data_set directory");
  if (inputs.size() != 1) return invalid("holds one array, the model has {} inputs; use an .npz with an array for each", inputs.size());
  TRY(Tensor data, npy ? parse_npy(bytes, nullptr) : parse_idx(bytes));
  CHECK_OK(d.add_column(*inputs[0], std::move(data), !npy));
  if (d.whole_) d.end_set();
  return d;
}

Status Dataset::select(const DatasetOptions& options) {
  if (rows_ == 0) return invalid("{}: holds no sample", source_);
  if (options.offset < 0 || options.offset >= rows_) return usage_error("--offset {} is outside the {} samples of {}", options.offset, rows_, source_);
  const std::int64_t left = rows_ - options.offset;
  order_.resize(static_cast<std::size_t>(options.limit < 0 ? left : std::min(left, options.limit)));
  if (order_.empty()) return usage_error("--limit 0 leaves no sample");
  std::iota(order_.begin(), order_.end(), options.offset);
  return Ok{};
}

Dataset Dataset::subset(std::int64_t n, std::uint64_t seed) const {
  Dataset d = *this;
  if (n >= samples()) return d;
  Random random(seed);
  for (std::int64_t i = 0; i < n; ++i)  // Fisher-Yates, stopped after n
    std::swap(d.order_[static_cast<std::size_t>(i)], d.order_[static_cast<std::size_t>(i) + random.below(static_cast<std::uint64_t>(samples() - i))]);
  d.order_.resize(static_cast<std::size_t>(n));
  std::ranges::sort(d.order_);
  return d;
}

Tensor Dataset::rows(const Tensor& t, std::int64_t begin, std::int64_t end, std::int64_t count) const {
  if (t.rank() == 0) return t;
  Dims dims = t.dims();
  dims[0] = count;
  const std::size_t row_bytes = t.bytes().size() / static_cast<std::size_t>(t.dims()[0]);
  const auto row = [&](std::int64_t sample) { return t.bytes().subspan(static_cast<std::size_t>(order_[static_cast<std::size_t>(sample)]) * row_bytes, row_bytes); };
  const bool contiguous = order_[static_cast<std::size_t>(end - 1)] - order_[static_cast<std::size_t>(begin)] == end - 1 - begin && count == end - begin;
  if (contiguous) {
    auto view = Tensor::view(t.dtype(), dims, {row(begin).data(), row_bytes * static_cast<std::size_t>(count)}, t.owner());
    assert(view);
    return *view;
  }
  Tensor out = Tensor::allocate(t.dtype(), dims);
  for (std::int64_t i = 0; i < count; ++i) std::ranges::copy(row(std::min(begin + i, end - 1)), out.writable() + static_cast<std::size_t>(i) * row_bytes);
  return out;
}

TensorMap Dataset::batch(std::int64_t begin, std::int64_t end) const {
  assert(0 <= begin && begin < end && end <= samples());
  if (!sets_.empty()) return assert(end == begin + 1), sets_[static_cast<std::size_t>(order_[static_cast<std::size_t>(begin)])];
  TensorMap out;
  for (const auto& [name, column] : columns_) {
    Tensor t = rows(column.data, begin, end, batch_size(end - begin));
    out[name] = column.pixels ? preprocess(t, preprocess_) : std::move(t);
  }
  return out;
}

Result<Tensor> Dataset::labels(const Path* file) const {
  if (!file && !labels_) return invalid("{}: holds no array 'labels'; give --labels FILE", source_);
  Tensor all;
  if (file) {
    TRY(all, read_labels(*file));
  } else {
    all = *labels_;
  }
  if (all.rank() == 0 || all.dims()[0] < rows_)
    return invalid("{}: {} labels for {} samples", file ? file->string() : source_, all.rank() == 0 ? 1 : all.dims()[0], rows_);
  if (all.dims()[0] > rows_) return invalid("{}: {} labels for {} samples; are they of another set?", file ? file->string() : source_, all.dims()[0], rows_);
  if (is_integer(all.dtype())) all = Tensor::of<std::int64_t>(all.dims(), all.to_ints());
  return rows(all, 0, samples(), samples());
}

static void add(Sha256& hash, const Tensor& t) {
  hash.update(as_bytes(format("\n{}\n{}\n", name(t.dtype()), to_string(t.dims()))));
  if (is_aggregate(t.dtype()))
    for (const Tensor& item : t.items()) add(hash, item);
  hash.update(t.bytes());
}

std::string Dataset::digest() const {
  Sha256 hash;
  for (std::int64_t i = 0; i < samples(); ++i)
    for (const auto& [name, t] : batch(i, i + 1)) {
      hash.update(as_bytes(name));
      add(hash, t);
    }
  return to_hex(hash.finish());
}

}  // namespace hone
