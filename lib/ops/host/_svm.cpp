// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_svm.h"

#include <cmath>

namespace hone {

Result<Svm> Svm::read(const Node& node, std::int64_t support_vectors, std::int64_t rows) {
  Svm svm;
  static constexpr std::pair<std::string_view, Kernel> kernels[] = {
      {"LINEAR", Kernel::linear}, {"POLY", Kernel::poly}, {"RBF", Kernel::rbf}, {"SIGMOID", Kernel::sigmoid}};
  const std::string_view name = node.text("kernel_type", "LINEAR");
  const auto known = std::ranges::find(kernels, name, &std::pair<std::string_view, Kernel>::first);
  if (known == std::end(kernels)) return invalid("kernel_type '{}' is not known", name);
  svm.kernel = known->second;
  if (const std::vector<float> p = node.numbers("kernel_params"); !p.empty()) {
    if (p.size() != 3) return invalid("kernel_params has {} values, expected gamma, coef0 and degree", p.size());
    svm.gamma = static_cast<double>(p[0]), svm.coef0 = static_cast<double>(p[1]), svm.degree = static_cast<double>(p[2]);
  }
  svm.vectors = node.numbers("support_vectors");
  svm.coefficients = node.numbers("coefficients");
  svm.rho = node.numbers("rho");
  svm.count = support_vectors;
  if (svm.rho.empty()) return invalid("needs the attribute rho");
  const std::size_t values = support_vectors > 0 ? svm.vectors.size() : svm.coefficients.size();
  const auto n = static_cast<std::size_t>(support_vectors > 0 ? support_vectors : rows);
  if (values == 0 || values % n != 0)
    return invalid("{} has {} values, expected a multiple of {}", support_vectors > 0 ? "support_vectors" : "coefficients", values, n);
  svm.features = static_cast<std::int64_t>(values / n);
  if (support_vectors == 0) svm.kernel = Kernel::linear;
  return svm;
}

double Svm::apply(const double* x, const float* y) const {
  double sum = 0;
  for (std::int64_t i = 0; i < features; ++i) {
    const double v = static_cast<double>(y[i]);
    sum += kernel == Kernel::rbf ? (x[i] - v) * (x[i] - v) : x[i] * v;
  }
  switch (kernel) {
    case Kernel::linear: return sum;
    case Kernel::poly: return std::pow(gamma * sum + coef0, degree);
    case Kernel::rbf: return std::exp(-gamma * sum);
    case Kernel::sigmoid: return std::tanh(gamma * sum + coef0);
  }
  return sum;
}

}  // namespace hone
