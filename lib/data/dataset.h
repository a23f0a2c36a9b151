// SPDX-License-Identifier: Apache-2.0
// Labelled or plain samples for calibration and evaluation: .npz keyed by input name, .npy for one input, ONNX test_data_set_*
// directories, image folders, and IDX files (MNIST's format, gzip or not).
#pragma once
#include "lib/data/npz.h"
#include "lib/ir/graph.h"

namespace hone {

// How integer pixels become what a float model wants: (pixel / 255 - mean) / stddev, per channel (one value serves all).
struct Preprocess {
  std::vector<float> mean = {}, stddev = {};  // empty: 0 and 1
  bool given() const { return !mean.empty() || !stddev.empty(); }
};

struct DatasetOptions {
  Preprocess preprocess = {};  // images and IDX files need none given: then pixels become [0, 1]
  std::int64_t offset = 0, limit = -1;  // only samples [offset, offset + limit); -1: all from there on
};

class Dataset {
 public:
  // `graph` tells input names, dtypes and sample shapes; what does not fit is an error with a remedy.
  static Result<Dataset> open(const Path&, const Graph& graph, const DatasetOptions& = {});
  // Seeded standard normal floats, small integers, `samples` of them: for timing, and for calibration only when asked for.
  // `shapes` gives inputs, by name, other dims than declared, and with them a value to the symbols of these; what is unknown still
  // counts as 1. A model whose inputs share no batch axis gets as many whole batches.
  // REQUIRES: dims in `shapes` have the rank of the input and agree with its known sizes.
  static Result<Dataset> random(const Graph& graph, std::int64_t samples, std::uint64_t seed, const std::map<std::string, Dims>& shapes = {});
  std::int64_t samples() const { return static_cast<std::int64_t>(order_.size()); }
  // How many samples batch() can take at once: `wanted`, or what the model's fixed first dimension or the data allow.
  std::int64_t batch_size(std::int64_t wanted) const { return fixed_batch_ ? fixed_batch_ : wanted; }
  // Samples [begin, end) as one batch for every input; the first axis is the batch. REQUIRES: end - begin <= batch_size(end - begin).
  // A model with a fixed batch gets it full: the last sample is repeated.
  TensorMap batch(std::int64_t begin, std::int64_t end) const;
  // `n` samples drawn without replacement, in their order here; all of them when there are no more.
  Dataset subset(std::int64_t n, std::uint64_t seed) const;
  // What belongs to the samples, row by row: from the file (.npy, .csv with a `label` column, IDX), or from the data themselves
  // (an array `labels`, the folder names of images) when `file` is null.
  Result<Tensor> labels(const Path* file) const;
  // SHA-256 over names, types, shapes and bytes of the samples: the calibration-set hash of provenance.
  std::string digest() const;

 private:
  struct Column {
    Tensor data;          // (samples, ...); a rank 0 input is the same for every batch
    DType dtype;          // what the model wants
    bool pixels = false;  // integers to be preprocessed
  };
  static Result<Dataset> open_whole(const Path&, const Graph&, const DatasetOptions&);
  void agree_on_batch(const std::vector<Shape>& inputs);  // sets fixed_batch_ and whole_; an initial state beside a sequence cannot agree
  Status add_column(const Value& input, Tensor data, bool images);
  void end_set();  // the columns become one whole batch
  Status read_images(const Path& folder, const Value& input, const DatasetOptions&);
  Status read_test_sets(const Path&, const std::vector<const Value*>& inputs);
  Status select(const DatasetOptions&);
  Tensor rows(const Tensor&, std::int64_t begin, std::int64_t end, std::int64_t count) const;

  Preprocess preprocess_;
  std::int64_t fixed_batch_ = 0;                // 0: any
  std::map<std::string, Column, std::less<>> columns_;
  bool whole_ = false;                          // the inputs share no batch axis: a file is one batch, of the shapes the model wants
  std::vector<TensorMap> sets_;                 // test_data_set_* or whole: one whole batch each, shapes may differ; columns_ is empty then
  std::vector<std::int64_t> order_;             // sample -> row
  std::int64_t rows_ = 0;                       // before selection
  std::optional<Tensor> labels_;
  std::string source_;                          // for messages
};

// One row for each sample; whole numbers come as int64. (.npy, .npz with an array `labels`, .csv with a column `label`, IDX.)
Result<Tensor> read_labels(const Path&);
// The inputs that must be fed: those without an initializer.
std::vector<const Value*> fed_inputs(const Graph&);
Error no_array(const Value& input);  // for an input that is a sequence, an optional or a map

}  // namespace hone
