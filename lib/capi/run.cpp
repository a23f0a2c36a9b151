// SPDX-License-Identifier: Apache-2.0
// hone_run: the caller's memory as tensors, a run, and the outputs where the caller wants them.
#include "lib/capi/handles.h"

namespace hone {
namespace {

Result<Dims> dims_of(const hone_tensor& t) {
  if (t.rank < 0 || t.rank > HONE_MAX_RANK) return usage_error("its rank is {}; 0 to {} are possible", t.rank, HONE_MAX_RANK);
  std::int64_t count = 1;
  for (int i = 0; i < t.rank; ++i) {
    const auto product = t.dims[i] < 0 ? std::nullopt : checked_mul(count, t.dims[i]);
    if (!product || *product > INT64_MAX / 16) return usage_error("its dims[{}] is {}", i, t.dims[i]);
    count = *product;
  }
  return Dims(t.dims, t.dims + t.rank);
}

Result<Tensor> input_from(const hone_tensor& t, const Value& wanted) {
  if (const int dtype = number_of(t.dtype); dtype != static_cast<int>(wanted.dtype))
    return usage_error("its dtype is {}, the model wants {} ({})", dtype, static_cast<int>(wanted.dtype), name(wanted.dtype));
  if (bits(wanted.dtype) == 0 || is_aggregate(wanted.dtype)) return invalid("is no tensor of numbers; this interface cannot carry it");
  TRY(Dims dims, dims_of(t));
  const std::size_t need = bytes_of(wanted.dtype, static_cast<std::size_t>(count_of(dims)));
  if (t.bytes != need) return usage_error("its shape {} needs {} bytes, it has {}", to_string(dims), need, t.bytes);
  if (!t.data && need > 0) return usage_error("its data is NULL");
  const Bytes bytes(static_cast<const std::byte*>(t.data), need);
  const std::size_t alignment = std::max<std::size_t>(1, static_cast<std::size_t>(bits(wanted.dtype)) / 8);
  if (reinterpret_cast<std::uintptr_t>(t.data) % alignment == 0) return Tensor::view(wanted.dtype, std::move(dims), bytes, nullptr);
  Tensor own = Tensor::allocate(wanted.dtype, std::move(dims));
  std::memcpy(own.writable(), bytes.data(), bytes.size());
  return own;
}

Result<NamedTensors> inputs_from(const LoadedModel& m, const hone_tensor* inputs, std::size_t count) {
  if (count != m.inputs.size()) return usage_error("{} inputs were given, the model has {}", count, m.inputs.size());
  if (!inputs && count > 0) return usage_error("inputs is NULL");
  NamedTensors named;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& name = m.inputs[i]->name;
    TRY(named[name], input_from(inputs[i], *m.inputs[i]).in(format("input {}, '{}'", i, name)));
  }
  if (Status fits = check_inputs(m.plan.graph(), named); !fits) return usage_error("{}", fits.error().message);
  return named;
}

// As far as it can be told before the run.
Status check_outputs(const LoadedModel& m, const hone_output* outputs, std::size_t count) {
  const auto& values = m.plan.graph().outputs;
  if (count != values.size()) return usage_error("{} outputs were given, the model has {}", count, values.size());
  if (!outputs && count > 0) return usage_error("outputs is NULL");
  for (std::size_t i = 0; i < count; ++i) {
    const auto dims = values[i]->shape.concrete();
    if (!outputs[i].buffer || !dims) continue;
    const std::size_t need = bytes_of(values[i]->dtype, static_cast<std::size_t>(count_of(*dims)));
    if (outputs[i].capacity < need) return usage_error("output {}, '{}': needs {} bytes, the buffer has {}", i, values[i]->name, need, outputs[i].capacity);
  }
  return Ok{};
}

Status check_made(const Tensor& made, const hone_output& out) {
  if (bits(made.dtype()) == 0 || is_aggregate(made.dtype())) return invalid("is no tensor of numbers; this interface cannot carry it");
  if (made.rank() > HONE_MAX_RANK) return invalid("has {} dimensions; this interface carries {}", made.rank(), HONE_MAX_RANK);
  if (out.buffer && out.capacity < made.bytes().size()) return usage_error("needs {} bytes, the buffer has {}", made.bytes().size(), out.capacity);
  return Ok{};
}

void hand_out(const Tensor& made, hone_output& out) {
  if (out.buffer && !made.bytes().empty()) std::memcpy(out.buffer, made.bytes().data(), made.bytes().size());
  hone_tensor& t = out.tensor;
  t = {};
  t.dtype = static_cast<hone_dtype>(made.dtype());
  t.rank = static_cast<int>(made.rank());
  std::ranges::copy(made.dims(), t.dims);
  t.data = out.buffer ? out.buffer : made.bytes().data();
  t.bytes = made.bytes().size();
}

Status run(OpenModel& m, const NamedTensors& inputs, hone_output* outputs) {
  const FloatModes modes;
  auto made = m.session.run(inputs);
  m.outputs.clear();  // not before: they may have been the inputs
  if (!made) return std::move(made).error();
  const auto& values = m.loaded->plan.graph().outputs;
  for (std::size_t i = 0; i < made->size(); ++i) CHECK_OK(check_made((*made)[i], outputs[i]).in(format("output {}, '{}'", i, values[i]->name)));
  for (std::size_t i = 0; i < made->size(); ++i) hand_out((*made)[i], outputs[i]);
  for (std::size_t i = 0; i < made->size(); ++i)
    if (!outputs[i].buffer) m.outputs.push_back(std::move((*made)[i]));
  return Ok{};
}

}  // namespace
}  // namespace hone

using namespace hone;

hone_status hone_run(hone_model* handle, const hone_tensor* inputs, size_t input_count, hone_output* outputs, size_t output_count) {
  return boundary([&]() -> Status {
    TRY(const auto model, models().find(handle, "model"));
    TRY(const NamedTensors named, inputs_from(*model->loaded, inputs, input_count));
    CHECK_OK(check_outputs(*model->loaded, outputs, output_count));
    const std::lock_guard lock(model->running);
    return run(*model, named, outputs);
  });
}
