// SPDX-License-Identifier: Apache-2.0
// sample_size draws for each row of unnormalized log-probabilities: (batch, sample_size) class indices.
#include <algorithm>
#include <cmath>

#include "lib/ops/convert.h"
#include "lib/ops/random.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 2, "the input"));
  const std::int64_t dtype = c.node.integer("dtype", static_cast<std::int64_t>(DType::i32));
  if (dtype != static_cast<int>(DType::i32) && dtype != static_cast<int>(DType::i64))
    return invalid("dtype is {}, expected int32 or int64", dtype);
  const std::int64_t draws = c.node.integer("sample_size", 1);
  if (draws < 0) return invalid("sample_size is {}", draws);
  c.set(0, static_cast<DType>(dtype), {c.shape(0).ranked ? c.shape(0).dims[0] : Dim(), Dim(draws)});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  const std::int64_t rows = x.dims()[0], classes = x.dims()[1], draws = y->dims()[1];
  if (classes == 0 && rows * draws > 0) return invalid("there are no classes to draw from");
  Random random = random_of(c.node);
  std::vector<double> until(static_cast<std::size_t>(classes));  // cumulative, unnormalized
  for (std::int64_t r = 0; r < rows; ++r) {
    double most = -INFINITY, total = 0;
    for (std::int64_t k = 0; k < classes; ++k) most = std::max(most, element(x, r * classes + k));
    for (std::int64_t k = 0; k < classes; ++k) until[static_cast<std::size_t>(k)] = total += portable_exp(element(x, r * classes + k) - most);
    for (std::int64_t d = 0; d < draws; ++d) {
      const auto at = std::ranges::upper_bound(until, random.uniform() * total) - until.begin();
      store(*y, r * draws + d, std::min<std::int64_t>(at, classes - 1));
    }
  }
  return Ok{};
}
extern const Op multinomial_op{.name = "Multinomial",
                               .since = 7,
                               .inputs = "input: floats",
                               .outputs = "output: I",
                               .attributes = "dtype: int = 6, sample_size: int = 1, seed: float",
                               .types = "I: int32 int64",
                               .infer = infer,
                               .reference = run,
                               .deterministic = false};

}  // namespace hone
