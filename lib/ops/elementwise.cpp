// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/elementwise.h"

#include <algorithm>

namespace hone {

Rows::Rows(const Dims& out, std::initializer_list<const Dims*> operands) : at(operands.size(), 0), step(operands.size(), 0) {
  count_ = count_of(out);
  std::vector<Dims> strides;  // [operand][axis of out], 0 where the operand repeats
  for (const Dims* dims : operands) {
    const Dims own = strides_of(*dims);
    const std::size_t missing = out.size() - dims->size();
    Dims s(out.size(), 0);
    for (std::size_t i = 0; i < dims->size(); ++i) s[missing + i] = (*dims)[i] == 1 ? 0 : own[i];
    strides.push_back(std::move(s));
  }
  // Merge from the last axis outwards: an axis joins its inner neighbour when each operand's stride continues over it.
  Dims dims;
  strides_.resize(operands.size());
  for (std::size_t i = out.size(); i-- > 0;) {
    if (out[i] == 1) continue;
    bool joins = !dims.empty();
    for (std::size_t k = 0; k < strides.size() && joins; ++k) joins = strides[k][i] == strides_[k].back() * dims.back();
    if (joins) {
      dims.back() *= out[i];
      continue;
    }
    dims.push_back(out[i]);
    for (std::size_t k = 0; k < strides.size(); ++k) strides_[k].push_back(strides[k][i]);
  }
  if (!dims.empty()) {
    n = dims.front();  // innermost first, here and in outer_
    outer_.assign(dims.begin() + 1, dims.end());
    for (std::size_t k = 0; k < strides_.size(); ++k) {
      step[k] = strides_[k].front();
      strides_[k].erase(strides_[k].begin());
    }
  }
  index_.assign(outer_.size(), 0);
}

void Rows::next() {
  begin += n;
  for (std::size_t axis = 0; axis < outer_.size(); ++axis) {
    for (std::size_t k = 0; k < at.size(); ++k) at[k] += strides_[k][axis];
    if (++index_[axis] < outer_[axis]) return;
    for (std::size_t k = 0; k < at.size(); ++k) at[k] -= strides_[k][axis] * outer_[axis];
    index_[axis] = 0;
  }
}

namespace {

enum Carrier : int { f32, f64, i64, u64 };

// The carrier of a type among those that have a loop; -1 when there is none.
template <class Loop>
int carrier_of(DType dtype, const Loop (&loop)[4]) {
  int carrier = u64;
  if (dtype == DType::f64) carrier = f64;
  else if (is_float(dtype)) carrier = f32;
  else if (is_signed(dtype) || (is_integer(dtype) && dtype != DType::u64 && loop[i64])) carrier = i64;
  else if (!is_integer(dtype) && dtype != DType::boolean) return -1;
  return loop[carrier] ? carrier : -1;
}

constexpr DType carriers[] = {DType::f32, DType::f64, DType::i64, DType::u64};
constexpr std::int64_t carrier_bytes[] = {4, 8, 8, 8};

// A part of a tensor that is carried.
constexpr std::int64_t part = 512;
union Part {
  float f32[part];
  double f64[part];
  std::int64_t i64[part];
  std::uint64_t u64[part];
  void read(int carrier, const Tensor& t, std::int64_t from, std::int64_t step, std::int64_t n) {
    switch (carrier) {
      case Carrier::f32: return read_elements(t, from, step, n, f32);
      case Carrier::f64: return read_elements(t, from, step, n, f64);
      case Carrier::i64: return read_elements(t, from, step, n, i64);
      default: return read_elements(t, from, step, n, u64);
    }
  }
  void write(int carrier, Tensor& t, std::int64_t at, std::int64_t n) const {
    switch (carrier) {
      case Carrier::f32: return write_elements(t, at, n, f32);
      case Carrier::f64: return write_elements(t, at, n, f64);
      case Carrier::i64: return write_elements(t, at, n, i64);
      default: return write_elements(t, at, n, u64);
    }
  }
};

}  // namespace

Status map_tensor(const Tensor& x, Tensor& y, const MapLoops& loops, bool test) {
  const int carrier = carrier_of(x.dtype(), loops.loop);
  if (carrier < 0) return unsupported(x.dtype());
  const auto run = loops.loop[carrier];
  if (x.dtype() == carriers[carrier]) {
    run(loops.f, x.bytes().data(), y.writable(), x.count());
    return Ok{};
  }
  Part in, out;
  for (std::int64_t at = 0; at < x.count(); at += part) {
    const std::int64_t n = std::min(part, x.count() - at);
    in.read(carrier, x, at, 1, n);
    run(loops.f, &in, test ? static_cast<void*>(y.writable() + at) : &out, n);
    if (!test) out.write(carrier, y, at, n);
  }
  return Ok{};
}

Status zip_tensors(const Tensor& a, const Tensor& b, Tensor& y, const ZipLoops& loops, bool test) {
  const int carrier = carrier_of(a.dtype(), loops.loop);
  if (carrier < 0) return unsupported(a.dtype());
  if (b.dtype() != a.dtype()) return invalid("element types {} and {} must be the same", name(a.dtype()), name(b.dtype()));
  const auto run = loops.loop[carrier];
  const bool direct = a.dtype() == carriers[carrier];
  const std::int64_t size = carrier_bytes[carrier];
  Part p, q, out;
  for (Rows rows(y.dims(), {&a.dims(), &b.dims()}); !rows.done(); rows.next()) {
    if (direct) {
      run(loops.f, a.bytes().data() + rows.at[0] * size, rows.step[0], b.bytes().data() + rows.at[1] * size, rows.step[1],
          y.writable() + rows.begin * (test ? 1 : size), rows.n);
      continue;
    }
    for (std::int64_t i = 0; i < rows.n; i += part) {
      const std::int64_t n = std::min(part, rows.n - i);
      p.read(carrier, a, rows.at[0] + i * rows.step[0], rows.step[0], rows.step[0] ? n : 1);
      q.read(carrier, b, rows.at[1] + i * rows.step[1], rows.step[1], rows.step[1] ? n : 1);
      void* to = test ? static_cast<void*>(y.writable() + rows.begin + i) : &out;
      run(loops.f, &p, rows.step[0] != 0, &q, rows.step[1] != 0, to, n);
      if (!test) out.write(carrier, y, rows.begin + i, n);
    }
  }
  return Ok{};
}

Status fold_tensors(OpCall& c, const ZipLoops& loops) {
  if (c.inputs() == 1) {
    c.set(0, c.in(0));
    return Ok{};
  }
  TRY(Tensor* const y, make_by_rule(c));
  CHECK_OK(zip_tensors(c.in(0), c.in(1), *y, loops, false));
  for (std::size_t k = 2; k < c.inputs(); ++k) CHECK_OK(zip_tensors(*y, c.in(k), *y, loops, false));
  return Ok{};
}

Status check_divisor(const Tensor& t) {
  if (!is_integer(t.dtype())) return Ok{};
  const ReadAs<std::uint64_t> divisors(t);
  if (std::find(divisors.data(), divisors.data() + t.count(), 0u) != divisors.data() + t.count()) return invalid("integer division by zero");
  return Ok{};
}

Status infer_test(InferCall& c) {
  c.set(0, DType::boolean, c.shape(0));
  return Ok{};
}

Status infer_comparison(InferCall& c) {
  CHECK_OK(infer_broadcast(c));
  c.set(0, DType::boolean, c.wants(0) ? c.out(0).shape : Shape());
  return Ok{};
}

Status infer_arithmetic(InferCall& c, Dim (*f)(const Dim&, const Dim&)) {
  CHECK_OK(infer_broadcast(c));
  if (c.dtype(0) != DType::i64 && c.dtype(0) != DType::i32) return Ok{};
  const auto a = c.content(0), b = c.content(1);
  if (!a || !b || (a->size() != b->size() && a->size() != 1 && b->size() != 1)) return Ok{};
  std::vector<Dim> content(a->empty() || b->empty() ? 0 : std::max(a->size(), b->size()));
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = f((*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]);
  c.set_content(0, std::move(content));
  return Ok{};
}

}  // namespace hone
