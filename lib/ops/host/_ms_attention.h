// SPDX-License-Identifier: Apache-2.0
// Scaled dot-product attention as the operators of com.microsoft share it: heads, masks, past and present states. Computed in float.
// B batch, N heads, S queries, T keys (past and new), H elements of a head.
#pragma once
#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

// (B, N, length, H), as floats.
struct Heads {
  std::int64_t batch = 0, heads = 0, length = 0, size = 0;
  std::vector<float> data;
  float* at(std::int64_t b, std::int64_t n, std::int64_t t) { return data.data() + ((b * heads + n) * length + t) * size; }
  const float* at(std::int64_t b, std::int64_t n, std::int64_t t) const { return data.data() + ((b * heads + n) * length + t) * size; }
  Dims dims() const { return {batch, heads, length, size}; }
};
// Zeros. An error when no memory holds them.
Result<Heads> make_heads(std::int64_t batch, std::int64_t heads, std::int64_t length, std::int64_t size);
// From rows of (B, length, width): head n is columns [first + n * step, ... + size) of each row; bias, if not null, has heads * size.
Result<Heads> heads_of_rows(const float* x, std::int64_t batch, std::int64_t length, std::int64_t width, std::int64_t heads,
                            std::int64_t size, std::int64_t first, std::int64_t step, const float* bias = nullptr);
// From a tensor (B, N, length, H).
Heads heads_of(const Tensor&);
// The positions of `past` and then those of `more`.
Result<Heads> joined(const Heads& past, const Heads& more);
// As a tensor of this type.
void store_heads(OpCall&, std::size_t output, DType, const Heads&);

struct Scoring {
  float scale = 1;    // 0: 1 / sqrt(H)
  float softcap = 0;  // c: a score s becomes c * tanh(s / c)
  // Added to the score of query s and key t; -infinity leaves the key out. May be null.
  std::function<float(std::int64_t b, std::int64_t n, std::int64_t s, std::int64_t t)> bias;
  // exp(sinks[n]) more in the denominator of head n, which weighs nothing. Null: none.
  const float* sinks = nullptr;
  // Where scores before and weights after the softmax are written, (B, N, S, T). May be null.
  float *scores = nullptr, *weights = nullptr;
};
// y (B, S, N, size of v): the weighted sums of v. Head n reads key and value head n / (q.heads / k.heads). REQUIRES: k.heads divides
// q.heads.
void attend(const Heads& q, const Heads& k, const Heads& v, const Scoring&, float* y);

// What a mask adds to scores: (B, S, T), or nothing when it is empty. Masks are int32 of shape (B) lengths, (2B) ends then starts,
// (3B + 2) lengths and offsets, (B, T), (B, S, T) or (B, 1, M, M); an element of 0 or below masks. `causal`: keys after the query's
// own position are left out too.
struct MaskCase {
  std::int64_t batch, queries, keys, past;
  float filter;  // what a masked key's score gains
  bool causal;
};
Result<std::vector<float>> mask_scores(const Tensor* mask, const MaskCase&);
Status check_mask(const InferCall&, std::size_t i, const Dim& batch, const Dim& queries, const Dim& keys);

// attention_bias (B or 1, N or 1, S, T) at these indices.
class AttentionBias {
 public:
  explicit AttentionBias(const Tensor* t) : values_(t), dims_(t ? t->dims() : Dims{}) {}
  explicit operator bool() const { return !dims_.empty(); }
  float operator()(std::int64_t b, std::int64_t n, std::int64_t s, std::int64_t t) const {
    return values_[(((dims_[0] == 1 ? 0 : b) * dims_[1] + (dims_[1] == 1 ? 0 : n)) * dims_[2] + s) * dims_[3] + t];
  }

 private:
  ReadAs<float> values_;
  Dims dims_;
};
Status check_attention_bias(const InferCall&, std::size_t i, const Dim& batch, std::int64_t heads, const Dim& queries, const Dim& keys);

// a + b where both are known.
Dim plus(const Dim& a, const Dim& b);

// Rotary embedding of the first `dim` elements of a head, in place: pairs are halves apart, or neighbours when interleaved. cos and sin
// hold dim / 2 elements.
void rotate(float* x, std::int64_t dim, const float* cos, const float* sin, bool interleaved);

}  // namespace hone
