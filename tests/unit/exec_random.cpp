// SPDX-License-Identifier: Apache-2.0
// Graphs put together at random from what image networks are made of, values used once, twice, by one node twice, or returned as well. Whatever
// compile() and the optimize pipeline make of them must compute what the interpreter computes. HONE_ROUNDS sets how many are tried.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "lib/exec/session.h"
#include "lib/ir/text.h"
#include "lib/ops/upgrade.h"
#include "lib/rewrite/pass.h"

namespace hone {
namespace {

// Every image is (N, 4, 6, 6). A line is ONNX text with $ for a fresh name; what it makes last is a new image.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  std::string model() {
    const int steps = 4 + pick(12);
    for (int i = 0; i < steps; ++i) step();
    std::string outputs, last;
    for (int i = 0, n = 1 + pick(3); i < n; ++i) {
      const std::string from = i == 0 ? images_.back() : image();
      const std::string name = format("y{}", i);
      last += format("  {} = {} ({})\n", name, pick(2) ? "Neg" : "Relu", from);
      outputs += format("{}float[N,4,6,6] {}", i ? ", " : "", name);
    }
    const std::string& inner = images_[static_cast<std::size_t>(1 + pick(static_cast<int>(images_.size()) - 1))];
    if (pick(2)) outputs += format(", float[N,4,6,6] {}", inner);
    return format("<ir_version: 10, opset_import: [\"\" : 21]>\nm (float[N,4,6,6] x) => ({})\n<{}>\n{{\n{}{}}}\n", outputs, constants_, body_, last);
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  // Often a recent one, so that chains grow as well as branches.
  std::string image() { return pick(2) ? images_.back() : images_[static_cast<std::size_t>(pick(static_cast<int>(images_.size())))]; }
  std::string fresh(std::string_view kind) { return format("{}{}", kind, ++names_); }

  std::string weights(const std::string& shape, int count, float scale, float base = 0) {
    const std::string name = fresh("w");
    constants_ += format("{}float[{}] {} = {{", constants_.empty() ? "" : ", ", shape, name);
    for (int i = 0; i < count; ++i) constants_ += format("{}{}", i ? ", " : "", base + scale * static_cast<float>(pick(65) - 32) / 32);
    constants_ += "}";
    return name;
  }
  std::string numbers(std::initializer_list<int> values) {
    const std::string name = fresh("i");
    constants_ += format("{}int64[{}] {} = {{{}}}", constants_.empty() ? "" : ", ", values.size(), name, fmt::join(values, ", "));
    return name;
  }
  std::string line(std::string_view text) {
    const std::string name = fresh("v");
    body_ += format("  {} = {}\n", name, text);
    return name;
  }
  void made(std::string name) { images_.push_back(std::move(name)); }

  std::string conv(const std::string& from, int channels) {
    const std::string bias = pick(2) ? ", " + weights("4", 4, 0.5f) : "";
    switch (pick(6)) {
      case 0: return line(format("Conv ({}, {}{})", from, weights(format("4,{},1,1", channels), 4 * channels, 0.5f), bias));
      case 1: return line(format("Conv <auto_pad = \"SAME_UPPER\"> ({}, {}{})", from, weights(format("4,{},2,2", channels), 16 * channels, 0.3f), bias));
      case 2: return line(format("Conv <group = 4, pads = [1, 1, 1, 1]> ({}, {}{})", from, weights(format("4,{},3,3", channels / 4), 9 * channels, 0.4f), bias));
      case 3: return line(format("Conv <group = 2, pads = [1, 0, 1, 0]> ({}, {}{})", from, weights(format("4,{},3,1", channels / 2), 6 * channels, 0.4f), bias));
      case 4: {
        const std::string padded = line(format("Pad ({}, {})", from, numbers({0, 0, 1, 1, 0, 0, 1, 1})));
        return line(format("Conv ({}, {}{})", padded, weights(format("4,{},3,3", channels), 36 * channels, 0.2f), bias));
      }
      default: return line(format("Conv <pads = [2, 2, 2, 2], dilations = [2, 2]> ({}, {}{})", from, weights(format("4,{},3,3", channels), 36 * channels, 0.2f), bias));
    }
  }

  std::string broadcast() {
    switch (pick(5)) {
      case 0: return weights("1", 1, 1, 0.5f);
      case 1: return weights("4,1,1", 4, 1, 0.5f);
      case 2: return weights("1,4,1,1", 4, 1, 0.5f);
      case 3: return weights("6", 6, 1, 0.5f);
      default: return weights("6,1", 6, 1, 0.5f);
    }
  }

  void step() {
    static constexpr std::string_view unary[] = {"Relu", "Sigmoid", "Tanh", "Abs", "Neg", "HardSwish", "Identity", "Dropout", "HardSigmoid", "LeakyRelu", "Softplus"};
    static constexpr std::string_view binary[] = {"Add", "Add", "Sub", "Mul", "Max", "Min"};
    const std::string a = image();
    switch (pick(14)) {
      case 0: case 1: return made(line(format("{} ({})", unary[pick(std::size(unary))], a)));
      case 2: case 3: return made(line(format("{} ({}, {})", binary[pick(std::size(binary))], a, image())));
      case 4: return made(line(pick(2) ? format("{} ({}, {})", binary[pick(std::size(binary))], a, broadcast()) : format("{} ({}, {})", binary[pick(std::size(binary))], broadcast(), a)));
      case 5: case 6: return made(conv(a, 4));
      case 7: return made(line(format("Add ({}, {})", a, conv(a, 4))));  // a block around one convolution
      case 8: {
        const std::string s = weights("4", 4, 0.5f, 1), b = weights("4", 4, 0.5f), m = weights("4", 4, 0.5f), v = weights("4", 4, 0.2f, 1);
        return made(line(format("BatchNormalization ({}, {}, {}, {}, {})", pick(2) ? conv(a, 4) : a, s, b, m, v)));
      }
      case 9: return made(line(format("{} <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> ({})", pick(2) ? "MaxPool" : "AveragePool", a)));
      case 10: return made(line(format("Mul ({}, {})", a, line(format("Sigmoid ({})", line(format("GlobalAveragePool ({})", image())))))));
      case 11: return made(conv(line(format("Concat <axis = 1> ({}, {})", a, image())), 8));
      case 12: {
        const std::string t = line(format("Transpose <perm = [0, 2, 3, 1]> ({})", a));
        const std::string u = pick(2) ? t : pick(2) ? line(format("Relu ({})", t)) : line(format("Softmax <axis = {}> ({})", pick(4) - 1, t));
        return made(line(format("Transpose <perm = [0, 3, 1, 2]> ({})", u)));
      }
      default: {
        if (pick(2)) return made(line(format("Reshape ({}, {})", line(format("Flatten ({})", a)), numbers({-1, 4, 6, 6}))));
        const std::string one = numbers({1}), first = line(format("Slice ({}, {}, {}, {})", a, numbers({0}), numbers({2}), one));
        return made(line(format("Concat <axis = 1> ({}, {})", line(format("Slice ({}, {}, {}, {})", a, numbers({2}), numbers({9}), one)), first)));
      }
    }
  }

  std::mt19937 random_;
  std::vector<std::string> images_{"x"};
  std::string constants_, body_;
  int names_ = 0;
};

std::optional<std::string> difference(const std::vector<Tensor>& got, const std::vector<Tensor>& want) {
  for (std::size_t k = 0; k < want.size(); ++k) {
    if (got[k].dims() != want[k].dims()) return format("output {}: shape {}, expected {}", k, to_string(got[k].dims()), to_string(want[k].dims()));
    const std::vector<double> a = got[k].to_doubles(), b = want[k].to_doubles();
    double largest = 1;
    for (const double v : b) largest = std::max(largest, std::abs(v));
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!(std::abs(a[i] - b[i]) <= 2e-4 * largest)) return format("output {}, element {}: {}, expected {}", k, i, a[i], b[i]);
  }
  return std::nullopt;
}

std::optional<std::string> run_compiled(const Graph& graph, const CompileOptions& options, const NamedTensors& inputs, const std::vector<Tensor>& want, int threads) {
  const auto plan = compile(graph, options);
  if (!plan) return plan.error().message;
  auto session = Session::create(*plan, {.threads = threads});
  if (!session) return session.error().message;
  for (int turn = 0; turn < 2; ++turn) {
    const auto got = session->run(inputs);
    if (!got) return got.error().message;
    if (auto d = difference(*got, want)) return d;
  }
  return std::nullopt;
}

void check(unsigned seed) {
  const std::string text = Maker(seed).model();
  SCOPED_TRACE(format("seed {}\n{}", seed, text));
  auto model = parse_text(text);
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_TRUE(upgrade(*model));
  std::mt19937 random(seed);
  Tensor x = Tensor::allocate(DType::f32, {1 + static_cast<std::int64_t>(seed % 3), 4, 6, 6});
  for (std::int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = std::normal_distribution<float>()(random);
  const NamedTensors inputs{{"x", x}};
  const auto want = interpret(*model->graph, inputs);
  ASSERT_TRUE(want) << want.error().message;
  for (const bool layout : {false, true})
    for (const bool fuse : {false, true}) {
      const auto wrong = run_compiled(*model->graph, {.layout = layout, .fuse = fuse}, inputs, *want, 1);
      EXPECT_FALSE(wrong) << "layout " << layout << " fuse " << fuse << ": " << *wrong;
    }
  Model optimized = model->clone();
  const auto reports = run_pipeline(optimized, "optimize", {.prove = false});
  ASSERT_TRUE(reports) << reports.error().message;
  const auto kept = interpret(*optimized.graph, inputs);
  ASSERT_TRUE(kept) << kept.error().message;
  const auto moved = difference(*kept, *want);
  EXPECT_FALSE(moved) << "after optimize: " << *moved << "\n" << print(optimized);
  const auto wrong = run_compiled(*optimized.graph, {}, inputs, *want, 2);
  EXPECT_FALSE(wrong) << "optimized and compiled: " << *wrong << "\n" << print(optimized);
}

TEST(Random, GraphsComputeTheSameHoweverTheyAreRun) {
  const char* rounds = std::getenv("HONE_ROUNDS");
  const int n = rounds ? std::atoi(rounds) : 60;
  for (int seed = 1; seed <= n && !HasFailure(); ++seed) check(static_cast<unsigned>(seed));
}

}  // namespace
}  // namespace hone
