// SPDX-License-Identifier: Apache-2.0
// Tensors to and from TensorProto. Raw and external bytes are shared where they lie; typed fields are copied once.
#include <google/protobuf/io/coded_stream.h>

#include <charconv>
#include <climits>
#include <set>

#include "lib/ir/limits.h"
#include "lib/onnx/onnx.h"
#include "lib/onnx/proto.h"

namespace hone {
namespace {

constexpr std::size_t dense_limit = std::size_t{1} << 30;  // of a sparse initializer: its dims alone could ask for any amount

// Shares `bytes` when they are aligned for the dtype, else copies them.
Result<Tensor> shared_or_copied(DType dtype, Dims dims, Bytes bytes, std::shared_ptr<const void> owner) {
  const auto alignment = static_cast<std::uintptr_t>(std::max(1, bits(dtype) / 8));
  const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % std::min<std::uintptr_t>(alignment, 8) == 0;
  TRY(Tensor view, Tensor::view(dtype, dims, bytes, std::move(owner)));
  if (aligned && !bytes.empty()) return view;
  CHECK_OK(check_memory(bytes.size()));  // several tensors may claim the same bytes
  Tensor copy = Tensor::allocate(dtype, std::move(dims));
  if (!bytes.empty()) std::memcpy(copy.writable(), bytes.data(), bytes.size());
  return copy;
}

// Copies one number of a typed field into one element (or, below 8 bits and for complex, one part of it).
template <class To, class Field> Result<Tensor> from_field(DType dtype, Dims dims, const Field& field, std::string_view field_name) {
  TRY(const std::int64_t count, element_count(dims));
  if (count > INT64_MAX / 16) return invalid("shape {} is too large", to_string(dims));
  const std::size_t need = bytes_of(dtype, static_cast<std::size_t>(count)) / sizeof(To);
  if (static_cast<std::size_t>(field.size()) != need)
    return invalid("{} has {} values, expected {} for {} of shape {}", field_name, field.size(), need, name(dtype), to_string(dims));
  Tensor t = Tensor::allocate(dtype, std::move(dims));
  std::byte* to = t.writable();
  for (const auto& number : field) {
    const To value = static_cast<To>(number);
    std::memcpy(to, &value, sizeof(To));
    to += sizeof(To);
  }
  return t;
}

Result<Tensor> from_typed(const onnx::TensorProto& p, DType dtype, Dims dims) {
  switch (dtype) {  // the field for each type: onnx.proto, TensorProto
    case DType::f32: case DType::c64: return from_field<float>(dtype, std::move(dims), p.float_data(), "float_data");
    case DType::f64: case DType::c128: return from_field<double>(dtype, std::move(dims), p.double_data(), "double_data");
    case DType::i64: return from_field<std::int64_t>(dtype, std::move(dims), p.int64_data(), "int64_data");
    case DType::u64: return from_field<std::uint64_t>(dtype, std::move(dims), p.uint64_data(), "uint64_data");
    case DType::u32: return from_field<std::uint32_t>(dtype, std::move(dims), p.uint64_data(), "uint64_data");
    case DType::i32: return from_field<std::int32_t>(dtype, std::move(dims), p.int32_data(), "int32_data");
    case DType::u16: case DType::i16: case DType::f16: case DType::bf16:
      return from_field<std::uint16_t>(dtype, std::move(dims), p.int32_data(), "int32_data");
    default: return from_field<std::uint8_t>(dtype, std::move(dims), p.int32_data(), "int32_data");  // 8 bits; packed bytes below 8
  }
}

Result<Tensor> from_strings(const onnx::TensorProto& p, Dims dims) {
  TRY(const std::int64_t count, element_count(dims));
  if (p.has_raw_data()) return invalid("strings in raw_data");
  if (p.string_data_size() != count) return invalid("string_data has {} values, expected {} for shape {}", p.string_data_size(), count, to_string(dims));
  return Tensor::strings(std::move(dims), {p.string_data().begin(), p.string_data().end()});
}

Result<std::uint64_t> parse_offset(std::string_view key, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return invalid("external data: {} '{}' is not a number", key, text);
  return value;
}

struct External {
  std::string location, checksum;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
};

// Keys that other tools add are ignored.
Result<External> external_of(const onnx::TensorProto& p) {
  External e;
  std::set<std::string_view> seen;
  for (const auto& entry : p.external_data()) {
    const std::string& key = entry.key();
    if (!seen.insert(key).second) return invalid("external data: {} is given twice", key);
    if (key == "location") e.location = entry.value();
    if (key == "checksum") e.checksum = entry.value();
    if (key == "offset") {
      TRY(e.offset, parse_offset(key, entry.value()));
    }
    if (key == "length") {
      TRY(e.length, parse_offset(key, entry.value()));
    }
  }
  return e;
}

Result<Tensor> from_external(const onnx::TensorProto& p, DType dtype, Dims dims, TensorSources* sources) {
  if (!sources) return invalid("external data is not accepted here");
  TRY(const External e, external_of(p));
  if (bits(dtype) == 0) return invalid("external data of type {}", name(dtype));
  TRY(const std::int64_t count, element_count(dims));
  if (count > INT64_MAX / 16) return invalid("shape {} is too large", to_string(dims));
  const std::uint64_t need = bytes_of(dtype, static_cast<std::size_t>(count));
  if (e.length && *e.length != need)
    return invalid("external data: length is {}, expected {} for {} of shape {}", *e.length, need, name(dtype), to_string(dims));
  TRY(const SharedBytes file, sources->open(e.location, e.checksum));
  if (e.offset > file.bytes.size() || need > file.bytes.size() - e.offset)
    return invalid("external data: '{}' has {} bytes, too short for {} bytes at offset {}", e.location, file.bytes.size(), need, e.offset);
  return shared_or_copied(dtype, std::move(dims), file.bytes.subspan(e.offset, need), file.owner);
}

// Data that take_out() left in the file.
Result<Tensor> from_taken(const onnx::TensorProto& p, DType dtype, Dims dims, TensorSources* sources) {
  const auto& unknown = p.unknown_fields();
  int markers = 0;
  std::uint64_t index = UINT64_MAX;
  for (int i = 0; i < unknown.field_count(); ++i)
    if (const auto& f = unknown.field(i); f.number() == taken_field)
      ++markers, index = f.type() == f.TYPE_VARINT ? f.varint() : UINT64_MAX;
  if (!sources || markers != 1 || p.has_raw_data() || p.float_data_size() || p.double_data_size()) index = UINT64_MAX;
  TRY(const TakenData data, sources ? sources->take(index) : TensorSources("").take(index));
  if (dtype == DType::string) return invalid("strings in raw_data");
  const bool fits = data.field == 9 || (data.field == 4 && (dtype == DType::f32 || dtype == DType::c64)) ||
                    (data.field == 10 && (dtype == DType::f64 || dtype == DType::c128));
  if (!fits) return invalid("{} holds the data of a tensor of {}", data.field == 4 ? "float_data" : "double_data", name(dtype));
  return shared_or_copied(dtype, std::move(dims), data.bytes, sources->owner());
}

bool was_taken(const onnx::TensorProto& p) {
  const auto& unknown = p.unknown_fields();
  for (int i = 0; i < unknown.field_count(); ++i)
    if (unknown.field(i).number() == taken_field) return true;
  return false;
}

}  // namespace

Result<DType> dtype_from(std::int32_t number) {
  if (number <= 0 || number > static_cast<std::int32_t>(DType::i2)) return invalid("element type {} is not one ONNX defines", number);
  return static_cast<DType>(number);
}

Result<Tensor> tensor_from(onnx::TensorProto& p, TensorSources* sources) {
  TRY(const DType dtype, dtype_from(p.data_type()));
  Dims dims(p.dims().begin(), p.dims().end());
  if (p.has_segment()) return invalid("segmented tensors are not supported");
  if (p.data_location() == onnx::TensorProto::EXTERNAL) return from_external(p, dtype, std::move(dims), sources);
  if (was_taken(p)) return from_taken(p, dtype, std::move(dims), sources);
  if (dtype == DType::string) return from_strings(p, std::move(dims));
  if (!p.has_raw_data()) return from_typed(p, dtype, std::move(dims));
  const std::shared_ptr<const std::string> raw(p.release_raw_data());
  return shared_or_copied(dtype, std::move(dims), as_bytes(*raw), raw);
}

// ONNX's SparseTensorProto: `values` (NNZ), and `indices`, either linear (NNZ) or one row for each value (NNZ x rank).
Result<Tensor> dense_from(onnx::SparseTensorProto& p, TensorSources* sources) {
  TRY(const Tensor values, tensor_from(*p.mutable_values(), sources).in("values"));
  TRY(const Tensor indices, tensor_from(*p.mutable_indices(), sources).in("indices"));
  Dims dims(p.dims().begin(), p.dims().end());
  TRY(const std::int64_t count, element_count(dims));
  const std::int64_t found = values.count();
  if (values.rank() != 1 || bits(values.dtype()) < 8) return invalid("sparse tensor: values must be one list of whole-byte elements");
  const std::int64_t columns = indices.rank() == 2 ? indices.dims()[1] : 1;
  if (indices.dtype() != DType::i64 || indices.rank() < 1 || indices.rank() > 2 || indices.dims()[0] != found ||
      (indices.rank() == 2 && columns != static_cast<std::int64_t>(dims.size())))
    return invalid("sparse tensor: indices must be int64 of shape [{}] or [{}, {}]", found, found, dims.size());
  const auto width = static_cast<std::size_t>(bits(values.dtype()) / 8);
  if (static_cast<std::uint64_t>(count) > dense_limit / width) return invalid("sparse tensor of shape {} is too large to make dense", to_string(dims));
  CHECK_OK(check_memory(static_cast<std::uint64_t>(count) * width));
  Tensor dense = Tensor::allocate(values.dtype(), dims);
  const std::int64_t* index = indices.data<std::int64_t>();
  for (std::int64_t i = 0; i < found; ++i) {
    std::int64_t linear = 0;
    for (std::int64_t c = 0; c < columns; ++c) {
      const std::int64_t at = *index++, bound = indices.rank() == 2 ? dims[static_cast<std::size_t>(c)] : count;
      if (at < 0 || at >= bound) return invalid("sparse tensor: index {} is outside [0, {})", at, bound);
      linear = indices.rank() == 2 ? linear * bound + at : at;
    }
    std::memcpy(dense.writable() + static_cast<std::size_t>(linear) * width, values.bytes().data() + static_cast<std::size_t>(i) * width, width);
  }
  return dense;
}

void tensor_to(const Tensor& t, onnx::TensorProto& p) {
  p.set_data_type(static_cast<std::int32_t>(t.dtype()));
  p.mutable_dims()->Assign(t.dims().begin(), t.dims().end());
  if (t.dtype() == DType::string) {
    for (const std::string& s : t.string_values()) p.add_string_data(s);
  } else {
    p.set_raw_data(t.bytes().data(), t.bytes().size());
  }
}

bool parse_message(Bytes bytes, google::protobuf::MessageLite& message) {
  if (bytes.size() > INT_MAX) return false;
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  stream.SetTotalBytesLimit(INT_MAX);
  return message.ParseFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

Result<Tensor> parse_tensor(Bytes bytes, std::string* name) {
  onnx::TensorProto p;
  if (!parse_message(bytes, p)) return invalid("not an ONNX tensor (TensorProto)");
  if (name) *name = p.name();
  return tensor_from(p, nullptr);
}

std::vector<std::byte> serialize_tensor(const Tensor& t, std::string_view name) {
  onnx::TensorProto p;
  tensor_to(t, p);
  if (!name.empty()) p.set_name(std::string(name));
  std::vector<std::byte> bytes(p.ByteSizeLong());
  p.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

}  // namespace hone
