// SPDX-License-Identifier: Apache-2.0
// From a node whose shapes are known to a kernel call: which family, its parameters, which of the node's inputs it reads, and
// which constants it packs. One function for each family of operators, in bind_<family>.cpp; the table is in bind.cpp.
#pragma once
#include <optional>

#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"
#include "lib/ops/op.h"

namespace hone {

// A node at known shapes. Every input present and every output wanted has a known type and shape.
struct Site {
  const Node& node;
  std::span<const Fact* const> in;  // null: absent
  std::span<const Fact> out;
  bool has(std::size_t i) const { return i < in.size() && in[i]; }
  DType dtype(std::size_t i) const { return has(i) ? in[i]->dtype : DType::undefined; }
  Dims dims(std::size_t i) const { return has(i) ? in[i]->shape.concrete().value_or(Dims{}) : Dims{}; }
  Dims out_dims(std::size_t i = 0) const { return out[i].shape.concrete().value_or(Dims{}); }
  const Tensor* constant(std::size_t i) const { return has(i) && in[i]->constant ? &*in[i]->constant : nullptr; }
  // The bytes of a constant input, for Binding::constants; null when it is absent.
  const void* data(std::size_t i) const { return constant(i) ? constant(i)->bytes().data() : nullptr; }
};

// The most inputs a kernel call has.
inline constexpr std::size_t max_kernel_inputs = 64;

struct Binding {
  const Kernel* kernel = nullptr;
  std::shared_ptr<const void> params;
  std::vector<std::size_t> inputs;     // the node's inputs that the kernel reads, in its order
  std::vector<const void*> constants;  // for pack(); alive while the node's constants are
  std::shared_ptr<const void> tables;  // keeps constants that binding itself computed
  std::vector<std::size_t> in_place;   // of the node's inputs: those whose memory the output may take

  // Chooses the kernel of a family for these parameters; false when there is none.
  template <class P>
  bool choose(std::string_view family, DType dtype, P p) {
    auto owned = std::make_shared<const P>(std::move(p));
    kernel = find_kernel(family, dtype, owned.get());
    params = std::move(owned);
    return kernel != nullptr;
  }
};

// Nothing when no kernel takes the node: its reference loop runs instead.
std::optional<Binding> bind(const Site&);
// Whether bind() has a family for this operator at all.
bool has_binder(const Node&);

// One for each family: true when `b` is complete.
bool bind_binary(const Site&, Binding& b);
bool bind_concat(const Site&, Binding& b);
bool bind_conv(const Site&, Binding& b);
bool bind_gemm(const Site&, Binding& b);
bool bind_lut(const Site&, Binding& b);
bool bind_matmul(const Site&, Binding& b);
bool bind_norm(const Site&, Binding& b);
bool bind_pool(const Site&, Binding& b);
bool bind_quantize(const Site&, Binding& b);
bool bind_reduce(const Site&, Binding& b);
bool bind_resize(const Site&, Binding& b);
bool bind_softmax(const Site&, Binding& b);
bool bind_transpose(const Site&, Binding& b);
bool bind_unary(const Site&, Binding& b);

// Whether output 0 is input 0 under other dims: no bytes move (Reshape; a Transpose that moves only axes of size 1).
bool is_alias(const Site&);
// A Transpose's perm; reversed axes by default.
Dims permutation(const Node& transpose, std::size_t rank);

}  // namespace hone
