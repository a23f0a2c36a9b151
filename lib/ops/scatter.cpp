// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/scatter.h"

#include <cstring>

#include "lib/ops/convert.h"

namespace hone {
namespace {

template <class T>
T combine(std::string_view how, T a, T b) {
  if (how == "max") return std::max(a, b);
  if (how == "min") return std::min(a, b);
  if constexpr (std::is_same_v<T, std::int64_t>) {  // integers wrap
    const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    return static_cast<std::int64_t>(how == "add" ? x + y : x * y);
  } else {
    return how == "add" ? a + b : a * b;
  }
}

std::int64_t integer_at(const Tensor& t, std::int64_t i) {
  if (t.dtype() == DType::i64) return t.data<std::int64_t>()[i];
  return static_cast<std::int64_t>(element(t, i));
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
  if (how != "none" && data.dtype() == DType::u64) return invalid("reduction '{}' of uint64 is not supported", how);
  if (bits(data.dtype()) > 0 && bits(data.dtype()) < 8) return invalid("scattering {} is not supported", name(data.dtype()));
  return Scatter(c, data, how);
}

void Scatter::write(const Tensor& updates, std::int64_t from, std::int64_t to, std::int64_t n) {
  if (n <= 0) return;
  if (result_.dtype() == DType::string) {
    std::copy_n(updates.string_values().begin() + from, n, strings_.begin() + to);
  } else if (reduction_ == "none") {
    const std::int64_t size = bits(result_.dtype()) / 8;
    std::memcpy(result_.writable() + to * size, updates.bytes().data() + from * size, static_cast<std::size_t>(n * size));
  } else {
    for (std::int64_t i = 0; i < n; ++i) {
      if (is_integer(result_.dtype()))
        store(result_, to + i, combine(reduction_, integer_at(result_, to + i), integer_at(updates, from + i)));
      else if (result_.dtype() == DType::f64)
        store(result_, to + i, combine(reduction_, element(result_, to + i), element(updates, from + i)));
      else
        store(result_, to + i,
              static_cast<double>(
                  combine(reduction_, static_cast<float>(element(result_, to + i)), static_cast<float>(element(updates, from + i)))));
    }
  }
}

Status Scatter::finish() {
  if (result_.dtype() == DType::string) call_.set(0, Tensor::strings(result_.dims(), std::move(strings_)));
  return Ok{};
}

}  // namespace hone
