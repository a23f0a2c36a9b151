// SPDX-License-Identifier: Apache-2.0
// ONNX files <-> Model. Reading accepts IR 3-13 and opset 7-28, resolves operators, upgrades every node to its internal form
// (lib/ops/op.h), keeps unknown protobuf fields, and shares (maps) the bytes of raw and external tensor data.
#pragma once
#include "lib/base/file.h"
#include "lib/ir/graph.h"

namespace hone {

// Errors: io; invalid (not ONNX, unsupported IR or opset, broken graph: cycles, duplicate names, missing inputs), naming the node.
// External data must lie in the model's folder: absolute paths, "..", and links leading out are refused. ONNX text
// (lib/ir/text.h) is accepted wherever a model is read.
Result<Model> load_onnx(const Path&);
Result<Model> parse_onnx(SharedBytes, const Path& folder);

struct SaveOptions {
  bool overwrite = false;
  int opset = 0;               // 0: the larger of the file's own opset and what the nodes' forms need (lib/onnx/downgrade.h lowers those)
  int ir_version = 0;          // 0: the lowest valid for that opset and the types used; without `opset`, not under the file's own
  bool external_data = false;  // weights of 1 KiB and more into FILE.data beside the model; chosen by itself past 1.5 GB
};
Result<std::vector<std::byte>> serialize_onnx(const Model&, const SaveOptions& = {});
// Writes ONNX text, every constant in full, when the name ends in .txt or .onnxtxt.
Status save_onnx(const Model&, const Path&, const SaveOptions& = {});
// The text of the model as it would be written: with the opsets and the IR version that its present form needs.
Result<std::string> print_onnx(const Model&, const SaveOptions& = {}, std::int64_t max_elements = INT64_MAX);

// One TensorProto (test_data_set_*/input_0.pb); its name, when it has one, goes to `name`.
Result<Tensor> parse_tensor(Bytes, std::string* name = nullptr);
// A file of test data for a value of this kind: a SequenceProto, OptionalProto or MapProto, else a TensorProto.
Result<Tensor> parse_value(Bytes, DType declared);
std::vector<std::byte> serialize_tensor(const Tensor&, std::string_view name);

}  // namespace hone
