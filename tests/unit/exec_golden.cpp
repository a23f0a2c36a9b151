// SPDX-License-Identifier: Apache-2.0
// Every golden text case of operators and passes, executed by a session as it stands and with its constants fed as inputs:
// outputs must be those of the interpreter. So each operator's case also tests its kernel, its folding and its lowering.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "lib/exec/session.h"
#include "lib/ir/text.h"
#include "lib/ops/upgrade.h"

namespace hone {
namespace {

// The models of a golden file: what stands between "# RUN" and "# EXPECT".
std::vector<std::string> cases(const Path& path) {
  const auto bytes = read_file(path);
  EXPECT_TRUE(bytes) << path;
  std::vector<std::string> out;
  bool inside = false;
  std::string_view text = as_text(*bytes);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    if (line.starts_with("# RUN")) out.emplace_back(), inside = true;
    else if (line.starts_with("# EXPECT")) inside = false;
    else if (inside && !line.starts_with('#')) out.back() += line;
  }
  return out;
}

bool deterministic(const Graph& graph) {
  for (const Node* n : graph.nodes()) {
    bool bodies = true;
    n->each_body([&](const Graph& body) { bodies = bodies && deterministic(body); });
    if (!n->schema || !n->schema->deterministic || !bodies) return false;
  }
  return true;
}

NamedTensors inputs_for(const Graph& graph) {
  NamedTensors inputs;
  for (const Value* v : graph.inputs) {
    if (v->constant) continue;
    Dims dims;
    for (const Dim& d : v->shape.dims) dims.push_back(d.known() ? d.value : 2);
    if (bits(v->dtype) == 0) return {};
    Tensor t = Tensor::allocate(v->dtype, dims);
    for (std::int64_t i = 0; i < t.count(); ++i) {
      if (v->dtype == DType::f32) t.data<float>()[i] = static_cast<float>((i * 7 + 3) % 11 - 5) / 4;
      if (v->dtype == DType::i64) t.data<std::int64_t>()[i] = i % 2;
      if (v->dtype == DType::u8 || v->dtype == DType::i8) t.writable()[i] = static_cast<std::byte>(i * 37 % 256);
      if (v->dtype == DType::boolean) t.data<bool>()[i] = i % 2 == 0;
    }
    inputs[v->name] = t;
  }
  return inputs;
}

void expect_same(const std::vector<Tensor>& got, const std::vector<Tensor>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t k = 0; k < got.size(); ++k) {
    ASSERT_EQ(got[k].dtype(), want[k].dtype()) << "output " << k;
    ASSERT_EQ(got[k].dims(), want[k].dims()) << "output " << k;
    if (!is_float(got[k].dtype())) {
      EXPECT_TRUE(identical(got[k], want[k])) << "output " << k;
      continue;
    }
    const std::vector<double> a = got[k].to_doubles(), b = want[k].to_doubles();
    double largest = 1;
    for (const double x : b)
      if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
    for (std::size_t i = 0; i < a.size(); ++i) {
      const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i])) || std::abs(a[i] - b[i]) <= 1e-5 * largest;
      EXPECT_TRUE(same) << "output " << k << " element " << i << ": " << a[i] << ", expected " << b[i];
    }
  }
}

// Small graphs stay on the executor: nothing may be known before it runs.
void feed_constants(Graph& graph, NamedTensors& inputs) {
  for (Value* v : graph.values()) {
    if (!v->constant || bits(v->dtype) == 0) continue;
    inputs[v->name] = *v->constant;
    v->constant.reset();
    if (std::ranges::find(graph.inputs, v) == graph.inputs.end()) graph.inputs.push_back(v);
  }
}

void check_case(const std::string& text) {
  auto model = parse_text(text);
  if (!model || !upgrade(*model) || !deterministic(*model->graph)) return;  // a case about refusing, or with no single answer
  NamedTensors inputs = inputs_for(*model->graph);
  const auto want = interpret(*model->graph, inputs);
  if (!want) return;
  for (const bool fed : {false, true}) {
    SCOPED_TRACE(fed ? "constants as inputs" : "as it stands");
    if (fed) feed_constants(*model->graph, inputs);
    const auto plan = compile(*model->graph);
    ASSERT_TRUE(plan) << plan.error().message;
    const Status sound = verify(plan->graph());
    ASSERT_TRUE(sound) << sound.error().message;
    auto session = Session::create(*plan);
    const auto got = session->run(inputs);
    ASSERT_TRUE(got) << got.error().message;
    expect_same(*got, *want);
  }
}

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, SessionEqualsInterpreter) {
  const char* source = std::getenv("HONE_SOURCE");
  const Path folder = Path(source ? source : ".") / "tests" / GetParam();
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  ASSERT_FALSE(files.empty());
  for (const Path& file : files)
    for (const std::string& text : cases(file)) {
      SCOPED_TRACE(file.filename().string());
      check_case(text);
    }
}

INSTANTIATE_TEST_SUITE_P(All, Golden, testing::Values("ops", "passes"), [](const auto& p) { return std::string(p.param); });

}  // namespace
}  // namespace hone
