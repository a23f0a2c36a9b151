// SPDX-License-Identifier: Apache-2.0
// Support vector machines: the kernel and the support vectors that the attributes give.
#pragma once
#include "lib/ops/trees.h"

namespace hone {

struct Svm {
  enum class Kernel : std::uint8_t { linear, poly, rbf, sigmoid };
  Kernel kernel = Kernel::linear;
  double gamma = 0, coef0 = 0, degree = 0;
  std::vector<float> vectors, coefficients, rho;
  std::int64_t count = 0, features = 0;  // of the support vectors; without any, features of one row of coefficients

  // `rows`: the number of rows of coefficients when there are no support vectors (a linear machine).
  static Result<Svm> read(const Node&, std::int64_t support_vectors, std::int64_t rows);
  // K(x, support vector i), x having `features` elements.
  double of_vector(const double* x, std::int64_t i) const { return apply(x, vectors.data() + i * features); }
  // x times row `i` of coefficients.
  double of_row(const double* x, std::int64_t i) const { return apply(x, coefficients.data() + i * features); }

 private:
  double apply(const double* x, const float* y) const;
};

}  // namespace hone
