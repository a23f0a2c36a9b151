// SPDX-License-Identifier: Apache-2.0
// Models of any size through protobuf's classes, which copy every field and refuse 2 GiB. Weights suffer neither: before protobuf sees
// a model, the data of its large tensors is taken out on the wire and only pointed at; after protobuf has written one, it is put in.
// In between, field `taken_field` of the TensorProto holds an index into the list of what was taken.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/bytes.h"

namespace hone {

inline constexpr int taken_field = (1 << 29) - 1;   // the largest number a field can have; in no release of onnx.proto
inline constexpr std::size_t taken_from = 4096;     // bytes; smaller data stays where it is

// Data of a tensor: the content of raw_data, or of packed float_data or double_data, which have the same bytes.
struct TakenData {
  int field = 0;  // of TensorProto: 9, 4 or 10; 0 once it was used
  Bytes bytes;
};

// A ModelProto without the data of its large tensors (initializers, attributes, bodies). Points into `model`. A message that is not
// well formed, or beyond protobuf's depth, is left as it is: protobuf refuses it.
struct SlimModel {
  std::string message;
  bool changed = false;  // false: `message` is empty and the model can be parsed as it is
  std::vector<TakenData> taken;
};
SlimModel take_out(Bytes model);

// Pieces that together are a message; `own` holds those that point nowhere else.
struct Pieces {
  std::vector<Bytes> list;
  std::size_t size = 0;
  std::deque<std::string> own = {};
};
// The reverse: the message with raw_data in place of each taken_field. REQUIRES: `slim` is what protobuf wrote, and outlives the result.
Pieces put_in(Bytes slim, const std::vector<Bytes>& taken);

// Fields that are newer than our protobuf classes (of ONNX 1.12).
inline constexpr int function_attribute_proto = 11, function_value_info = 12, function_overload = 13, node_overload = 8;
// The contents of every field of this number that holds bytes, in order. What is not well formed ends the list.
std::vector<Bytes> fields_of(std::string_view message, int number);
// The last of them as text; empty when there is none.
std::string text_field(std::string_view message, int number);

}  // namespace hone
