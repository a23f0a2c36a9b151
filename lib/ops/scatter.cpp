// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/scatter.h"

#include <cstring>

#include "lib/ops/wide.h"

namespace hone {
namespace {

template <class T>
T combine(std::string_view how, T a, T b) {
  if (how == "max") return std::max(a, b);
  if (how == "min") return std::min(a, b);
  if constexpr (std::is_floating_point_v<T>) {
    return how == "add" ? a + b : a * b;
  } else {  // integers wrap
    const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    return static_cast<T>(how == "add" ? x + y : x * y);
  }
}

// Combines n elements as A; "none" takes the update.
template <class A>
void combine_as(std::string_view how, Tensor& result, std::int64_t to, const Tensor& updates, std::int64_t from, std::int64_t n) {
  A a, b;
  for (std::int64_t i = 0; i < n; ++i) {
    read_elements(result, to + i, 1, 1, &a);
    read_elements(updates, from + i, 1, 1, &b);
    a = how == "none" ? b : combine(how, a, b);
    write_elements(result, to + i, 1, &a);
  }
}

}  // namespace

Scatter::Scatter(OpCall& c, const Tensor& data, std::string_view reduction) : call_(c), reduction_(reduction) {
  if (data.dtype() == DType::string) {
    strings_.assign(data.string_values().begin(), data.string_values().end());
    result_ = data;
    return;
  }
  result_ = c.make(0, data.dtype(), data.dims());
  if (data.count() > 0) std::memcpy(result_.writable(), data.bytes().data(), data.bytes().size());
}

Result<Scatter> Scatter::begin(OpCall& c, const Tensor& data) {
  const std::string_view how = c.node.text("reduction", "none");
  if (how != "none" && how != "add" && how != "mul" && how != "max" && how != "min") return invalid("unknown reduction '{}'", how);
  if (how != "none" && !is_float(data.dtype()) && !is_integer(data.dtype()))
    return invalid("reduction '{}' needs numbers, not {}", how, name(data.dtype()));
  return Scatter(c, data, how);
}

void Scatter::write(const Tensor& updates, std::int64_t from, std::int64_t to, std::int64_t n) {
  if (n <= 0) return;
  if (result_.dtype() == DType::string) {
    std::copy_n(updates.string_values().begin() + from, n, strings_.begin() + to);
  } else if (reduction_ == "none" && bits(result_.dtype()) >= 8) {
    const std::int64_t size = bits(result_.dtype()) / 8;
    std::memcpy(result_.writable() + to * size, updates.bytes().data() + from * size, static_cast<std::size_t>(n * size));
  } else {
    const DType dtype = result_.dtype();
    const auto run = dtype == DType::f64 ? combine_as<double> : is_float(dtype) ? combine_as<float>
                     : is_signed(dtype)  ? combine_as<std::int64_t>
                                         : combine_as<std::uint64_t>;
    run(reduction_, result_, to, updates, from, n);
  }
}

Status Scatter::finish() {
  if (result_.dtype() == DType::string) call_.set(0, Tensor::strings(result_.dims(), std::move(strings_)));
  return Ok{};
}

}  // namespace hone
