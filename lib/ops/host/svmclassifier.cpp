// SPDX-License-Identifier: Apache-2.0
// One machine for each pair of classes votes for one of the two; the class with most votes wins. The scores are those of the pairs, or,
// when prob_a and prob_b are given, probabilities of the classes coupled from the pairs (Wu, Lin and Weng 2004, as libsvm does).
// Without support vectors: a linear machine, one row of coefficients and one score for each class.
#include <cmath>

#include "lib/ops/host/_svm.h"

namespace hone {

static constexpr std::string_view integer_labels = "classlabels_ints";

namespace {

struct Machine {
  Svm svm;
  std::vector<std::int64_t> begin;  // of each class among the support vectors; then the end
  std::vector<float> prob_a, prob_b;
  std::int64_t classes = 0;
  bool pairs() const { return svm.count > 0; }
  std::int64_t scores() const { return pairs() && prob_a.empty() ? classes * (classes - 1) / 2 : classes; }
};

// The number of support vectors, and where those of each class begin.
Result<std::vector<std::int64_t>> class_begins(const Node& node) {
  std::vector<std::int64_t> begin{0};
  for (const std::int64_t n : node.integers("vectors_per_class")) {
    if (n < 0 || n > INT32_MAX) return invalid("vectors_per_class contains {}", n);
    begin.push_back(begin.back() + n);
  }
  return begin;
}

Result<Machine> read_machine(const Node& node) {
  Machine m;
  TRY(const Labels labels, Labels::read(node, integer_labels));
  m.classes = static_cast<std::int64_t>(labels.size());
  TRY(m.begin, class_begins(node));
  TRY(m.svm, Svm::read(node, m.begin.back(), m.classes));
  m.prob_a = node.numbers("prob_a"), m.prob_b = node.numbers("prob_b");
  if (m.prob_a.size() != m.prob_b.size()) return invalid("prob_a has {} values, prob_b {}", m.prob_a.size(), m.prob_b.size());
  if (!m.pairs()) return m;
  if (m.classes < 2) return invalid("support vectors of {} class; pairs of classes need two", m.classes);
  const auto pairs = static_cast<std::size_t>(m.classes * (m.classes - 1) / 2);
  if (static_cast<std::int64_t>(m.begin.size()) != m.classes + 1)
    return invalid("vectors_per_class has {} values for {} labels", m.begin.size() - 1, m.classes);
  if (static_cast<std::int64_t>(m.svm.coefficients.size()) != (m.classes - 1) * m.svm.count)
    return invalid("coefficients has {} values, expected {}", m.svm.coefficients.size(), (m.classes - 1) * m.svm.count);
  if (m.svm.rho.size() != pairs || (!m.prob_a.empty() && m.prob_a.size() != pairs))
    return invalid("rho, prob_a and prob_b need {} values, one for each pair of classes", pairs);
  return m;
}

// The scores of the pairs, and the votes of the classes.
std::vector<double> pair_scores(const Machine& m, const double* x, std::vector<double>& votes) {
  std::vector<double> kernels, scores;
  for (std::int64_t i = 0; i < m.svm.count; ++i) kernels.push_back(m.svm.of_vector(x, i));
  const auto dot = [&](std::int64_t row, std::int64_t of) {
    double sum = 0;
    for (std::int64_t v = m.begin[static_cast<std::size_t>(of)]; v < m.begin[static_cast<std::size_t>(of) + 1]; ++v)
      sum += static_cast<double>(m.svm.coefficients[static_cast<std::size_t>(row * m.svm.count + v)]) * kernels[static_cast<std::size_t>(v)];
    return sum;
  };
  votes.assign(static_cast<std::size_t>(m.classes), 0);
  for (std::int64_t i = 0; i < m.classes; ++i)
    for (std::int64_t j = i + 1; j < m.classes; ++j) {
      scores.push_back(static_cast<double>(m.svm.rho[scores.size()]) + dot(j - 1, i) + dot(i, j));
      ++votes[static_cast<std::size_t>(scores.back() > 0 ? i : j)];
    }
  return scores;
}

// The probabilities p that minimize the disagreement with r[i * k + j], the probability of class i against j.
std::vector<double> couple(const std::vector<double>& r, std::size_t k) {
  std::vector<double> q(k * k), qp(k), p(k, 1.0 / static_cast<double>(k));
  for (std::size_t t = 0; t < k; ++t)
    for (std::size_t j = 0; j < k; ++j) {
      if (j == t) continue;
      q[t * k + t] += r[j * k + t] * r[j * k + t];
      q[t * k + j] = -r[j * k + t] * r[t * k + j];
    }
  for (std::size_t round = 0; round < std::max<std::size_t>(100, k); ++round) {
    double pqp = 0, worst = 0;
    for (std::size_t t = 0; t < k; ++t) {
      qp[t] = 0;
      for (std::size_t j = 0; j < k; ++j) qp[t] += q[t * k + j] * p[j];
      pqp += p[t] * qp[t];
    }
    for (std::size_t t = 0; t < k; ++t) worst = std::max(worst, std::abs(qp[t] - pqp));
    if (worst < 0.005 / static_cast<double>(k)) break;
    for (std::size_t t = 0; t < k; ++t) {
      const double by = (pqp - qp[t]) / q[t * k + t], all = 1 + by;
      p[t] += by;
      pqp = (pqp + by * (by * q[t * k + t] + 2 * qp[t])) / (all * all);
      for (std::size_t j = 0; j < k; ++j) {
        qp[j] = (qp[j] + by * q[t * k + j]) / all;
        p[j] /= all;
      }
    }
  }
  return p;
}

std::vector<double> probabilities(const Machine& m, const std::vector<double>& scores) {
  const auto k = static_cast<std::size_t>(m.classes);
  std::vector<double> r(k * k);
  std::size_t pair = 0;
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = i + 1; j < k; ++j, ++pair) {
      const double p = logistic(-(scores[pair] * static_cast<double>(m.prob_a[pair]) + static_cast<double>(m.prob_b[pair])));
      r[i * k + j] = std::clamp(p, 1e-7, 1 - 1e-7);
      r[j * k + i] = 1 - r[i * k + j];
    }
  return couple(r, k);
}

}  // namespace

static Status infer(InferCall& c) {
  TRY(const Dim rows, rows_of(c));
  TRY(const Labels labels, Labels::read(c.node, integer_labels));
  CHECK_OK(check_transform(c.node.text("post_transform", "NONE")));
  TRY(const Machine m, read_machine(c.node));
  c.set(0, labels.dtype(), Shape{rows});
  c.set(1, DType::f32, Shape{rows, Dim(std::max<std::int64_t>(m.scores(), m.classes == 2 ? 2 : 1))});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  TRY(const Labels labels, Labels::read(c.node, integer_labels));
  TRY(const Machine m, read_machine(c.node));
  const Samples x = samples_of(c.in(0));
  if (x.columns != m.svm.features) return invalid("the input has {} features, expected {}", x.columns, m.svm.features);
  const std::string_view transform = c.node.text("post_transform", "NONE");
  const std::int64_t width = facts[1].shape.dims[1].value;
  Tensor z = Tensor::allocate(DType::f32, {x.rows, width});
  std::vector<std::size_t> chosen;
  for (std::int64_t row = 0; row < x.rows; ++row) {
    const double* sample = x.values.data() + row * x.columns;
    std::vector<double> scores, votes;
    if (m.pairs()) {
      scores = pair_scores(m, sample, votes);
      if (!m.prob_a.empty()) scores = probabilities(m, scores);
    } else {
      for (std::int64_t k = 0; k < m.classes; ++k) scores.push_back(static_cast<double>(m.svm.rho[0]) + m.svm.of_row(sample, k));
    }
    const std::vector<double>& ballot = m.pairs() ? votes : scores;
    chosen.push_back(static_cast<std::size_t>(std::ranges::max_element(ballot) - ballot.begin()));
    if (static_cast<std::int64_t>(scores.size()) < width) scores = {-scores[0], scores[0]};  // one pair: against the second class, and for it
    transform_scores(transform, scores);
    std::ranges::transform(scores, z.data<float>() + row * width, [](double v) { return static_cast<float>(v); });
  }
  c.set(0, labels.pick(chosen));
  c.set(1, std::move(z));
  return Ok{};
}
extern const Op svmclassifier_op{
    .name = "SVMClassifier",
    .domain = "ai.onnx.ml",
    .since = 1,
    .inputs = "X: T1",
    .outputs = "Y: T2, Z: float",
    .attributes = "classlabels_ints: ints, classlabels_strings: strings, coefficients: floats, kernel_params: floats, "
                  "kernel_type: string = LINEAR, post_transform: string = NONE, prob_a: floats, prob_b: floats, rho: floats, "
                  "support_vectors: floats, vectors_per_class: ints",
    .types = "T1: float double int64 int32; T2: string int64",
    .infer = infer,
    .reference = run};

}  // namespace hone
