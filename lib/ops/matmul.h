// SPDX-License-Identifier: Apache-2.0
// Matrix products, shared by MatMul, Gemm, MatMulInteger and QLinearMatMul.
#pragma once
#include "lib/ops/elementwise.h"

namespace hone {

// Numpy's matmul: the last two axes multiply, the others broadcast; a vector gains an axis for the product and loses it after.
Result<Shape> matmul_shape(const Shape& a, const Shape& b);

// y (m, n) += a (m, k) * b (k, n); element (i, j) of a matrix lies at data[i * row + j * column].
template <class A>
struct Matrix {
  const A* data;
  std::int64_t row, column;
};
template <class A>
void multiply(std::int64_t m, std::int64_t k, std::int64_t n, Matrix<A> a, Matrix<A> b, A* y) {
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t p = 0; p < k; ++p) {
      const A left = a.data[i * a.row + p * a.column];
      const A* right = b.data + p * b.row;
      if (b.column == 1)
        for (std::int64_t j = 0; j < n; ++j) y[i * n + j] += left * right[j];
      else
        for (std::int64_t j = 0; j < n; ++j) y[i * n + j] += left * right[j * b.column];
    }
}

// y += matmul(a, b) for tensors of these dims. REQUIRES: matmul_shape accepts them, y is zero.
template <class A>
void matmul(Dims a_dims, Dims b_dims, const A* a, const A* b, A* y) {
  if (a_dims.size() == 1) a_dims.insert(a_dims.begin(), 1);
  if (b_dims.size() == 1) b_dims.push_back(1);
  const std::int64_t m = a_dims.end()[-2], k = a_dims.end()[-1], n = b_dims.end()[-1];
  const Dims a_batch(a_dims.begin(), a_dims.end() - 2), b_batch(b_dims.begin(), b_dims.end() - 2);
  const Dims batch = *broadcast(a_batch, b_batch);
  for (Rows rows(batch, {&a_batch, &b_batch}); !rows.done(); rows.next())
    for (std::int64_t i = 0; i < rows.n; ++i)
      multiply(m, k, n, Matrix<A>{a + (rows.at[0] + i * rows.step[0]) * m * k, k, 1},
               Matrix<A>{b + (rows.at[1] + i * rows.step[1]) * k * n, n, 1}, y + (rows.begin + i) * m * n);
}

}  // namespace hone
