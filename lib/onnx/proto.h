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
#include "lib/onnx/wire.h"

namespace hone {

// Where the data of tensors lies that is not in their messages: files beside the model, each mapped once, and what take_out() took.
class TensorSources {
 public:
  explicit TensorSources(Path folder) : folder_(std::move(folder)) {}
  // `owner` keeps the bytes alive.
  TensorSources(Path folder, std::vector<TakenData> taken, std::shared_ptr<const void> owner)
      : folder_(std::move(folder)), taken_(std::move(taken)), owner_(std::move(owner)) {}
  // The whole file. Refuses what is not a plain relative path to a regular file inside the folder, or has another checksum.
  Result<SharedBytes> open(const std::string& location, const std::string& sha1);
  // What was taken from one tensor; each can be had once.
  Result<TakenData> take(std::uint64_t index);
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  struct File {
    SharedBytes data;
    std::string sha1;  // once it was asked for
  };
  Result<File*> file(const std::string& location);
  Path folder_;
  std::map<std::string, File, std::less<>> files_;
  std::vector<TakenData> taken_;
  std::shared_ptr<const void> owner_;
};

// Takes raw data out of `proto` without copying it. `sources` null: only data in the message is accepted.
Result<Tensor> tensor_from(onnx::TensorProto& proto, TensorSources* sources);
Result<Tensor> dense_from(onnx::SparseTensorProto& proto, TensorSources* sources);
// dims, type and raw_data (or string_data); the name is the caller's.
void tensor_to(const Tensor&, onnx::TensorProto& proto);

// protobuf's number as DType; an error for a number ONNX does not define.
Result<DType> dtype_from(std::int32_t number);

// Parses `bytes` as T. False when they are not a T, or past protobuf's 2 GiB.
bool parse_message(Bytes bytes, google::protobuf::MessageLite& message);

}  // namespace hone
