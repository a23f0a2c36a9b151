// SPDX-License-Identifier: Apache-2.0
// Labelled or plain samples for calibration and evaluation: .npz keyed by input name, .npy for one input, ONNX test_data_set_*
// directories, image folders, and IDX files (MNIST's format, gzip or not).
#pragma once
#include <map>

#include "lib/base/file.h"
#include "lib/ir/graph.h"

namespace hone {

// How integer pixels become what the model wants: (pixel / 255 - mean) / stddev, per channel (one value serves all).
struct Preprocess {
  std::vector<float> mean{0}, stddev{1};
};

class Dataset {
 public:
  // `graph` tells input names, dtypes and sample shapes; what does not fit is an error with a remedy.
  static Result<Dataset> open(const Path&, const Graph& graph, const Preprocess& = {});
  std::int64_t samples() const { return samples_; }
  // Samples [begin, end) as one batch for every input; the first axis is the batch. A model with a fixed batch of 1 takes end = begin + 1.
  std::map<std::string, Tensor, std::less<>> batch(std::int64_t begin, std::int64_t end) const;
  // Whole arrays found beside the inputs (a `labels` array), or null.
  const Tensor* extra(std::string_view name) const;
  // SHA-256 over names, types, shapes and bytes: the calibration-set hash of provenance.
  std::string digest() const;

 private:
  std::int64_t samples_ = 0;
  std::map<std::string, Tensor, std::less<>> inputs_, extras_;
};

// .npy, .csv with a `label` column, an IDX label file, or the dataset's own `labels`. One int64 per sample.
Result<std::vector<std::int64_t>> read_labels(const Path&);

// NumPy's .npy format 1.0-3.0 (C order; Fortran order is refused with a remedy) in lib/data/npy.h; .npz below.
Result<std::map<std::string, Tensor, std::less<>>> read_npz(const Path&);
Result<std::vector<std::byte>> make_npz(const std::map<std::string, Tensor, std::less<>>&);  // stored, zero time: reproducible

}  // namespace hone
