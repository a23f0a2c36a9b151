// SPDX-License-Identifier: Apache-2.0
// Counts of the n-grams of a pool in each row of words or numbers, with up to max_skip_count elements left out between neighbours. "IDF"
// counts an n-gram once; "IDF" and "TFIDF" scale each column of the output by its weight.
#include <algorithm>
#include <map>

#include "lib/ops/rule.h"

namespace hone {

namespace {

// The pool as a tree: an n-gram is a path from the root, and its last node has a column.
struct Grams {
  std::map<std::string, std::int64_t, std::less<>> words;              // string -> token
  std::map<std::pair<std::size_t, std::int64_t>, std::size_t> next;  // node, token -> node
  std::vector<std::int64_t> column{-1};                                // of each node; -1: no n-gram ends here. Node 0 is the root

  void add(std::span<const std::int64_t> tokens, std::int64_t to) {
    std::size_t at = 0;
    for (const std::int64_t token : tokens) {
      const auto [it, added] = next.emplace(std::pair(at, token), column.size());
      if (added) column.push_back(-1);
      at = it->second;
    }
    column[at] = to;
  }
};

Result<Grams> read_grams(const Node& node) {
  Grams grams;
  std::vector<std::int64_t> pool = node.integers("pool_int64s");
  if (const auto* strings = node.find<std::vector<std::string>>("pool_strings")) {
    if (!pool.empty()) return invalid("both pool_int64s and pool_strings are given");
    for (const std::string& s : *strings) pool.push_back(grams.words.emplace(s, static_cast<std::int64_t>(grams.words.size())).first->second);
  }
  const std::vector<std::int64_t> starts = node.integers("ngram_counts"), columns = node.integers("ngram_indexes");
  const std::int64_t least = node.integer("min_gram_length"), most = node.integer("max_gram_length");
  const auto total = static_cast<std::int64_t>(pool.size());
  std::size_t gram = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::int64_t begin = starts[i], end = i + 1 < starts.size() ? starts[i + 1] : total, n = static_cast<std::int64_t>(i) + 1;
    if (begin < 0 || end < begin || end > total || (end - begin) % n != 0)
      return invalid("ngram_counts[{}] is {}: the {}-grams do not fit the pool of {}", i, begin, n, total);
    for (std::int64_t at = begin; at < end; at += n, ++gram) {
      if (gram >= columns.size()) return invalid("ngram_indexes has {} values, fewer than there are n-grams in the pool", columns.size());
      if (n >= least && n <= most) grams.add(std::span(pool).subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(n)), columns[gram]);
    }
  }
  return grams;
}

// Adds to `counts` what one row contains.
void count_row(const Grams& grams, std::span<const std::int64_t> row, const Node& node, float* counts) {
  const std::int64_t skips = node.integer("max_skip_count"), most = node.integer("max_gram_length");
  std::int64_t least = node.integer("min_gram_length");
  const auto n = static_cast<std::int64_t>(row.size());
  for (std::int64_t step = 1; step <= std::min(skips + 1, std::max<std::int64_t>(n, 1)) && least <= most; ++step) {
    for (std::int64_t begin = 0; begin < n; ++begin) {
      std::size_t at = 0;
      for (std::int64_t length = 1, i = begin; length <= most && i < n; ++length, i += step) {
        const auto child = grams.next.find(std::pair(at, row[static_cast<std::size_t>(i)]));
        if (child == grams.next.end()) break;
        at = child->second;
        if (length >= least && grams.column[at] >= 0) ++counts[grams.column[at]];
      }
    }
    least = std::max<std::int64_t>(least, 2);  // skipping makes no other 1-grams
  }
}

}  // namespace

static Status infer(InferCall& c) {
  const Node& n = c.node;
  const std::string_view mode = n.text("mode");
  if (mode != "TF" && mode != "IDF" && mode != "TFIDF") return invalid("mode is '{}', expected TF, IDF or TFIDF", mode);
  const std::int64_t least = n.integer("min_gram_length"), most = n.integer("max_gram_length"), skips = n.integer("max_skip_count");
  if (least < 1 || most < least) return invalid("min_gram_length is {} and max_gram_length is {}", least, most);
  if (skips < 0) return invalid("max_skip_count is {}", skips);
  const auto* strings = n.find<std::vector<std::string>>("pool_strings");
  if (c.dtype(0) != DType::undefined && (c.dtype(0) == DType::string) != (strings != nullptr))
    return invalid("the input is {}, so the pool must be in {}", name(c.dtype(0)), strings ? "pool_int64s" : "pool_strings");
  const std::vector<std::int64_t> columns = n.integers("ngram_indexes");
  if (columns.empty() || *std::ranges::min_element(columns) < 0 || *std::ranges::max_element(columns) >= INT32_MAX)
    return invalid("ngram_indexes must hold the columns of the n-grams, 0 or more");
  const std::int64_t width = *std::ranges::max_element(columns) + 1;
  if (const auto weights = n.numbers("weights"); !weights.empty() && static_cast<std::int64_t>(weights.size()) < width)
    return invalid("weights has {} values, expected {}", weights.size(), width);
  const Shape& x = c.shape(0);
  if (x.ranked && x.rank() > 2) return invalid("the input has shape {}, expected words, or rows of words", to_string(x));
  c.set(0, DType::f32, !x.ranked ? Shape() : x.rank() == 2 ? Shape{x.dims[0], Dim(width)} : Shape{Dim(width)});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const Grams grams, read_grams(c.node));
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  std::vector<std::int64_t> tokens;
  if (x.dtype() == DType::string) {
    for (const std::string& s : x.string_values()) {
      const auto it = grams.words.find(s);
      tokens.push_back(it == grams.words.end() ? -1 : it->second);
    }
  } else {
    tokens = x.to_ints();
  }
  const std::int64_t rows = x.rank() == 2 ? x.dims()[0] : 1, width = y->dims().back();
  const std::size_t length = rows > 0 ? tokens.size() / static_cast<std::size_t>(rows) : 0;
  float* out = y->data<float>();
  std::fill_n(out, y->count(), 0.0f);
  for (std::int64_t r = 0; r < rows; ++r)
    count_row(grams, std::span(tokens).subspan(static_cast<std::size_t>(r) * length, length), c.node, out + r * width);
  const std::string_view mode = c.node.text("mode");
  const std::vector<float> weights = c.node.numbers("weights");
  for (std::int64_t i = 0; i < y->count(); ++i) {
    if (mode == "IDF") out[i] = std::min(out[i], 1.0f);
    if (mode != "TF" && !weights.empty()) out[i] *= weights[static_cast<std::size_t>(i % width)];
  }
  return Ok{};
}
extern const Op tfidfvectorizer_op{
    .name = "TfIdfVectorizer",
    .since = 9,
    .inputs = "X: T",
    .outputs = "Y: float",
    .attributes = "max_gram_length!: int, max_skip_count!: int, min_gram_length!: int, mode!: string, ngram_counts!: ints, "
                  "ngram_indexes!: ints, pool_int64s: ints, pool_strings: strings, weights: floats",
    .types = "T: string int32 int64",
    .infer = infer,
    .reference = run};

}  // namespace hone
