// SPDX-License-Identifier: Apache-2.0
// Shared inside lib/onnx only: protobuf's classes, and tensors to and from TensorProto.
#pragma once
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include <onnx/onnx_pb.h>
#pragma GCC diagnostic pop

#include <map>

#include "lib/base/file.h"
#include "lib/ir/tensor.h"

namespace hone {

// The files beside a model that hold external data, each mapped once.
class ExternalFiles {
 public:
  explicit ExternalFiles(Path folder) : folder_(std::move(folder)) {}
  // The whole file. Refuses what is not a plain relative path to a regular file inside the folder.
  Result<SharedBytes> open(const std::string& location);

 private:
  Path folder_;
  std::map<std::string, SharedBytes, std::less<>> files_;
};

// Takes raw data out of `proto` without copying it. `files` null: external data is refused.
Result<Tensor> tensor_from(onnx::TensorProto& proto, ExternalFiles* files);
Result<Tensor> dense_from(onnx::SparseTensorProto& proto, ExternalFiles* files);
// dims, type and raw_data (or string_data); the name is the caller's.
void tensor_to(const Tensor&, onnx::TensorProto& proto);

// protobuf's number as DType; an error for a number ONNX does not define.
Result<DType> dtype_from(std::int32_t number);

// Parses `bytes` as T. False when they are not a T, or past protobuf's 2 GiB.
bool parse_message(Bytes bytes, google::protobuf::MessageLite& message);

}  // namespace hone
