// SPDX-License-Identifier: Apache-2.0
// ONNX backend test data: folders test_data_set_0, test_data_set_1, ... of input_K.pb and output_K.pb: a TensorProto, or a
// SequenceProto, OptionalProto or MapProto where the model declares such a value.
#pragma once
#include "lib/base/file.h"
#include "lib/ir/graph.h"

namespace hone {

struct TestSet {
  std::map<std::string, Tensor, std::less<>> inputs;  // by input name
  std::vector<Tensor> outputs;                        // in graph order
};

// The test_data_set_* folders in `folder`, by number; `folder` itself when it holds input or output files. None: an empty list.
std::vector<Path> find_test_sets(const Path& folder);
// input_K.pb is the K-th input of the graph that has no initializer (or of all, when there are as many files), output_K.pb the K-th output.
Result<TestSet> read_test_set(const Path& folder, const Graph&);

}  // namespace hone
