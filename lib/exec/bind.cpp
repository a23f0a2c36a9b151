// SPDX-License-Identifier: Apache-2.0
// Which family binds which operator.
#include "lib/exec/bind.h"

namespace hone {
namespace {

struct Row {
  std::string_view domain, op;
  bool (*bind)(const Site&, Binding&);
};

constexpr Row rows[] = {
    {"", "Abs", bind_unary},
    {"", "Add", bind_binary},
    {"", "Clip", bind_unary},
    {"", "Concat", bind_concat},
    {"", "DequantizeLinear", bind_quantize},
    {"", "Div", bind_binary},
    {"", "Elu", bind_unary},
    {"", "Erf", bind_unary},
    {"", "Exp", bind_unary},
    {"", "Gelu", bind_unary},
    {"", "Gemm", bind_gemm},
    {"", "HardSigmoid", bind_unary},
    {"", "HardSwish", bind_unary},
    {"", "LayerNormalization", bind_norm},
    {"", "LeakyRelu", bind_unary},
    {"", "Log", bind_unary},
    {"", "MatMul", bind_matmul},
    {"", "Max", bind_binary},
    {"", "Min", bind_binary},
    {"", "Mul", bind_binary},
    {"", "Neg", bind_unary},
    {"", "Pow", bind_binary},
    {"", "QuantizeLinear", bind_quantize},
    {"", "RMSNormalization", bind_norm},
    {"", "Reciprocal", bind_unary},
    {"", "ReduceMean", bind_reduce},
    {"", "ReduceSum", bind_reduce},
    {"", "Relu", bind_unary},
    {"", "Resize", bind_resize},
    {"", "Sigmoid", bind_unary},
    {"", "Softmax", bind_softmax},
    {"", "Softplus", bind_unary},
    {"", "Sqrt", bind_unary},
    {"", "Sub", bind_binary},
    {"", "Tanh", bind_unary},
    {"", "Transpose", bind_transpose},
    {"hone", "Add", bind_binary},
    {"hone", "AveragePool", bind_pool},
    {"hone", "Conv", bind_conv},
    {"hone", "Gemm", bind_gemm},
    {"hone", "Lut", bind_lut},
    {"hone", "MaxPool", bind_pool},
    {"hone", "QAdd", bind_binary},
    {"hone", "QAveragePool", bind_pool},
    {"hone", "QConv", bind_conv},
    {"hone", "QGemm", bind_gemm},
    {"hone", "QMul", bind_binary},
};

const Row* find_row(const Node& node) {
  for (const Row& row : rows)
    if (row.op == node.op && row.domain == node.domain) return &row;
  return nullptr;
}

constexpr Kernel nothing_kernel{.name = "nothing", .op = "nothing", .dtype = DType::u8, .run = [](const KernelArgs&) {}};

}  // namespace

bool has_binder(const Node& node) { return find_row(node) != nullptr; }

std::optional<Binding> bind(const Site& site) {
  const Row* row = find_row(site.node);
  if (!row || site.out.size() != 1 || !site.node.output(0)) return std::nullopt;
  if (site.out[0].dtype == DType::string) return std::nullopt;  // no kernel makes strings, not even none
  Binding b;
  if (count_of(site.out_dims()) == 0) {  // an empty batch: nothing to do, and kernels count on something
    b.kernel = &nothing_kernel;
    return b;
  }
  if (!row->bind(site, b)) return std::nullopt;
  return b;
}

bool is_alias(const Site& s) {
  const Node& n = s.node;
  if (!s.has(0) || s.out.size() != 1 || s.dtype(0) != s.out[0].dtype || count_of(s.dims(0)) != count_of(s.out_dims())) return false;
  if (!n.domain.empty()) return false;
  static constexpr std::string_view reshaping[] = {"Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"};
  if (std::ranges::find(reshaping, n.op) != std::end(reshaping)) return true;
  if (n.op != "Transpose") return false;
  // Axes of size 1 may go anywhere; the others must keep their order.
  const Dims dims = s.dims(0), perm = permutation(n, dims.size());
  std::int64_t last = -1;
  for (const std::int64_t axis : perm) {
    if (dims[static_cast<std::size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

Dims permutation(const Node& transpose, std::size_t rank) {
  Dims perm = transpose.integers("perm");
  for (std::int64_t& axis : perm) axis += axis < 0 ? static_cast<std::int64_t>(rank) : 0;
  if (!perm.empty()) return perm;
  for (std::size_t i = rank; i-- > 0;) perm.push_back(static_cast<std::int64_t>(i));
  return perm;
}

}  // namespace hone
