// SPDX-License-Identifier: Apache-2.0
// BERT's first layer: LayerNormalization of word_embedding[input_ids] + position_embedding[position] + segment_embedding[segment_ids].
// Without position_ids the position is the index in the sequence. mask_index counts the ones of each row of the mask.
#include "lib/ops/host/_skipnorm.h"
#include "lib/ops/move.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape &ids = c.shape(0), &words = c.shape(2);
  CHECK_OK(expect_rank(c, 0, 2, "input_ids"));
  for (const std::size_t i : {2, 3, 4})
    if (c.has(i)) CHECK_OK(expect_rank(c, i, 2, "an embedding"));
  for (const std::size_t i : {3, 4, 5, 6}) {
    if (i > 4) CHECK_OK(expect_rank(c, i, 1, i == 5 ? "gamma" : "beta"));
    if (words.ranked && c.shape(i).ranked) CHECK_OK(unify(words.dims[1], c.shape(i).dims.back()).in(format("hidden size of input {}", i)));
  }
  for (const std::size_t i : {1, 7}) {
    const auto dims = c.shape(i).concrete(), wanted = ids.concrete();
    if (dims && wanted && *dims != *wanted) return invalid("input {} has shape {}, input_ids {}", i, to_string(*dims), to_string(*wanted));
  }
  if (const auto dims = c.shape(8).concrete(), wanted = ids.concrete();
      dims && wanted && *dims != *wanted && *dims != Dims{1, (*wanted)[1]})
    return invalid("position_ids has shape {}, expected {} or one row of it", to_string(*dims), to_string(*wanted));
  if (c.has(1) != c.has(4)) return invalid("segment_ids and segment_embedding come together");
  Shape y = Shape::unknown(3);
  if (ids.ranked) y.dims[0] = ids.dims[0], y.dims[1] = ids.dims[1];
  if (words.ranked) y.dims[2] = words.dims[1];
  c.set(1, DType::i32, Shape{y.dims[0]});
  c.set(2, c.dtype(2), y);
  c.set(0, c.dtype(2), std::move(y));
  return Ok{};
}

// y += row `index` of the table.
static Status add_row(const Tensor& table, const ReadAs<float>& rows, std::int64_t index, std::string_view what, float* y) {
  const std::int64_t n = table.dims()[1];
  if (index < 0 || index >= table.dims()[0]) return invalid("{} holds {}, but its embedding has {} rows", what, index, table.dims()[0]);
  for (std::int64_t i = 0; i < n; ++i) y[i] += rows[index * n + i];
  return Ok{};
}

static void count_mask(OpCall& c) {
  const std::int64_t batch = c.in(0).dims()[0], n = c.in(0).dims()[1];
  std::int32_t* lengths = c.make(1, DType::i32, {batch}).data<std::int32_t>();
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::int32_t* row = c.has(7) ? c.in(7).data<std::int32_t>() + b * n : nullptr;
    lengths[b] = row ? static_cast<std::int32_t>(std::count(row, row + n, 1)) : 0;
  }
}

static Status run(OpCall& c) {
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  const Dims dims = *facts[0].shape.concrete();
  const std::int64_t length = dims[1], n = dims[2], positions = c.has(8) ? c.in(8).count() : 1;
  const ReadAs<float> words(c.in(2)), places(c.in(3)), segments(c.find(4)), gamma(c.in(5)), beta(c.in(6));
  std::vector<float> sum(static_cast<std::size_t>(count_of(dims)) + 1);
  WriteAs<float> y(c.make(0, c.in(2).dtype(), dims));
  for (std::int64_t t = 0; t < dims[0] * length; ++t) {
    float* row = sum.data() + t * n;
    const auto id = [&](std::size_t input, std::int64_t i) { return static_cast<std::int64_t>(c.in(input).data<std::int32_t>()[i]); };
    CHECK_OK(add_row(c.in(2), words, id(0, t), "input_ids", row));
    CHECK_OK(add_row(c.in(3), places, c.has(8) ? id(8, t % positions) : t % length, "position_ids", row));
    if (c.has(4)) CHECK_OK(add_row(c.in(4), segments, id(1, t), "segment_ids", row));
    float mean = 0;
    normalize_row(row, n, c.node.number("epsilon", 1e-12f), false, gamma.data(), beta.data(), y.data() + t * n, &mean);
  }
  if (c.wants(1)) count_mask(c);
  if (c.wants(2)) {
    WriteAs<float> s(c.make(2, c.in(2).dtype(), dims));
    std::copy_n(sum.data(), count_of(dims), s.data());
  }
  return Ok{};
}
extern const Op embedlayernormalization_op{
    .name = "EmbedLayerNormalization",
    .domain = "com.microsoft",
    .inputs =
        "input_ids: T1, segment_ids?: T1, word_embedding: T, position_embedding: T, segment_embedding?: T, gamma: T, beta: T, mask?: T1, "
        "position_ids?: T1",
    .outputs = "output: T, mask_index?: T1, embedding_sum?: T",
    .attributes = "epsilon: float = 1e-12, mask_index_type: int = 1",
    .types = "T1: int32; T: float float16",
    .infer = infer,
    .reference = run};

}  // namespace hone
