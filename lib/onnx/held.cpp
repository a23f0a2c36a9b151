// SPDX-License-Identifier: Apache-2.0
// Sequences, optionals and maps of test data: SequenceProto, OptionalProto and MapProto of onnx-data.proto.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include <onnx/onnx-data_pb.h>
#pragma GCC diagnostic pop

#include <algorithm>

#include "lib/onnx/onnx.h"
#include "lib/onnx/proto.h"

namespace hone {
namespace {

Result<Tensor> sequence_from(onnx::SequenceProto&);
Result<Tensor> map_from(onnx::MapProto&);
Result<Tensor> optional_from(onnx::OptionalProto&);

Result<Tensor> item_from(onnx::TensorProto& p) { return tensor_from(p, nullptr); }
Result<Tensor> item_from(onnx::SparseTensorProto& p) { return dense_from(p, nullptr); }
Result<Tensor> item_from(onnx::SequenceProto& p) { return sequence_from(p); }
Result<Tensor> item_from(onnx::MapProto& p) { return map_from(p); }
Result<Tensor> item_from(onnx::OptionalProto& p) { return optional_from(p); }

template <class Items>
Result<Tensor> sequence_of(Items& items) {
  std::vector<Tensor> made;
  for (auto& item : items) {
    TRY(Tensor t, item_from(item).in(format("item {}", made.size())));
    made.push_back(std::move(t));
  }
  return Tensor::sequence(std::move(made));
}

Result<Tensor> sequence_from(onnx::SequenceProto& p) {
  using Kind = onnx::SequenceProto;
  switch (p.elem_type()) {
    case Kind::SPARSE_TENSOR: return sequence_of(*p.mutable_sparse_tensor_values());
    case Kind::SEQUENCE: return sequence_of(*p.mutable_sequence_values());
    case Kind::MAP: return sequence_of(*p.mutable_map_values());
    case Kind::OPTIONAL: return sequence_of(*p.mutable_optional_values());
    default: return sequence_of(*p.mutable_tensor_values());  // an empty sequence need not say
  }
}

template <class Keys>
Status no_twins(Keys keys) {
  std::ranges::sort(keys);
  const auto it = std::ranges::adjacent_find(keys);
  return it == keys.end() ? Status(Ok{}) : invalid("a map has the key '{}' twice", *it);
}

Result<Tensor> keys_from(const onnx::MapProto& p) {
  TRY(const DType dtype, dtype_from(p.key_type()).in("the keys of a map"));
  if (dtype == DType::string) {
    std::vector<std::string> keys(p.string_keys().begin(), p.string_keys().end());
    CHECK_OK(no_twins(keys));
    return Tensor::strings({p.string_keys_size()}, std::move(keys));
  }
  if (!is_integer(dtype)) return invalid("a map's keys are {}, expected integers or strings", name(dtype));
  const std::vector<std::int64_t> keys(p.keys().begin(), p.keys().end());  // whatever integer type they have
  CHECK_OK(no_twins(keys));
  return Tensor::vector<std::int64_t>(keys);
}

// Scalars of one type become one tensor; anything else stays a sequence.
Tensor packed(const Tensor& sequence) {
  const std::span<const Tensor> items = sequence.items();
  const auto plain = [&](const Tensor& t) {
    return t.dtype() == items[0].dtype() && t.count() == 1 && t.rank() <= 1 && (bits(t.dtype()) >= 8 || t.dtype() == DType::string);
  };
  if (items.empty() || !std::ranges::all_of(items, plain)) return sequence;
  if (items[0].dtype() == DType::string) {
    std::vector<std::string> all;
    for (const Tensor& t : items) all.push_back(t.string_values()[0]);
    return Tensor::strings(sequence.dims(), std::move(all));
  }
  Tensor all = Tensor::allocate(items[0].dtype(), sequence.dims());
  std::byte* to = all.writable();
  for (const Tensor& t : items) to = std::ranges::copy(t.bytes(), to).out;
  return all;
}

Result<Tensor> map_from(onnx::MapProto& p) {
  TRY(Tensor keys, keys_from(p));
  TRY(const Tensor values, sequence_from(*p.mutable_values()));
  if (keys.count() != values.count()) return invalid("a map has {} keys and {} values", keys.count(), values.count());
  return Tensor::map(std::move(keys), packed(values));
}

Result<Tensor> optional_from(onnx::OptionalProto& p) {
  if (p.has_tensor_value()) return item_from(*p.mutable_tensor_value());
  if (p.has_sparse_tensor_value()) return item_from(*p.mutable_sparse_tensor_value());
  if (p.has_sequence_value()) return item_from(*p.mutable_sequence_value());
  if (p.has_map_value()) return item_from(*p.mutable_map_value());
  if (p.has_optional_value()) return item_from(*p.mutable_optional_value());
  return Tensor::none();
}

template <class Message>
Result<Tensor> parse_as(Bytes bytes, std::string_view what) {
  Message p;
  if (!parse_message(bytes, p)) return invalid("not {}", what);
  return item_from(p);
}

}  // namespace

Result<Tensor> parse_value(Bytes bytes, DType dtype) {
  switch (dtype) {
    case DType::sequence: return parse_as<onnx::SequenceProto>(bytes, "an ONNX sequence (SequenceProto)");
    case DType::optional: return parse_as<onnx::OptionalProto>(bytes, "an ONNX optional (OptionalProto)");
    case DType::map: return parse_as<onnx::MapProto>(bytes, "an ONNX map (MapProto)");
    default: return parse_tensor(bytes);
  }
}

}  // namespace hone
