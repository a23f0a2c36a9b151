// SPDX-License-Identifier: Apache-2.0
// Every operator against random nodes: shapes, types, attributes and contents that mostly make no sense. Each run must end in outputs
// that agree with the shape rule, or in an error that blames the model: never in a crash (run under the sanitizers) or in Code::bug.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "lib/base/file.h"
#include "lib/exec/session.h"
#include "lib/ir/text.h"
#include "lib/ops/convert.h"
#include "lib/ops/interpreter.h"
#include "lib/ops/saturate.h"
#include "lib/ops/schema.h"
#include "lib/ops/upgrade.h"

using namespace hone;

namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::int64_t operator()(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool one_in(int n) { return (*this)(1, n) == 1; }
  template <class T, std::size_t N>
  T pick(const T (&from)[N]) {
    return from[(*this)(0, N - 1)];
  }

 private:
  std::mt19937 engine_;
};

DType random_dtype(Dice& dice, DTypeSet allowed) {
  std::vector<DType> choices;
  for (int d = 1; d <= static_cast<int>(DType::map); ++d)
    if (d != 27 && d != 28 && allowed & set_of(static_cast<DType>(d))) choices.push_back(static_cast<DType>(d));
  if (choices.empty()) return DType::f32;
  return dice.one_in(2) ? choices[0] : choices[static_cast<std::size_t>(dice(0, static_cast<std::int64_t>(choices.size()) - 1))];
}

Dims random_dims(Dice& dice, const Dims& base) {
  if (dice.one_in(2)) return base;
  Dims dims = base;
  dims.resize(static_cast<std::size_t>(dice(0, 4)), 2);
  for (auto& d : dims)
    if (dice.one_in(3)) d = dice(0, 4);
  return dims;
}

Tensor random_tensor(Dice& dice, DType dtype, const Dims& dims) {
  if (dtype == DType::string) {
    std::vector<std::string> values;
    for (std::int64_t i = 0; i < count_of(dims); ++i) values.push_back(dice.pick({"", "a", "B c", "-1", "nan"}));
    return Tensor::strings(dims, std::move(values));
  }
  if (dtype == DType::optional) return Tensor::none();
  if (dtype == DType::sequence) {
    std::vector<Tensor> items;
    for (std::int64_t n = dice(0, 3); n > 0; --n)
      items.push_back(dice.one_in(9) ? random_tensor(dice, random_dtype(dice, ~DTypeSet{1}), dims)
                                     : random_tensor(dice, DType::f32, random_dims(dice, dims)));
    return Tensor::sequence(std::move(items));
  }
  if (dtype == DType::map) {
    const std::int64_t n = dice(0, 3);
    const DType held = random_dtype(dice, set_of(DType::f32) | set_of(DType::string) | set_of(DType::i64));
    return Tensor::map(random_tensor(dice, dice.one_in(2) ? DType::i64 : DType::string, {n}),
                       dice.one_in(5) ? Tensor::sequence(std::vector<Tensor>(static_cast<std::size_t>(n), random_tensor(dice, held, {2})))
                                      : random_tensor(dice, held, {n}));
  }
  Tensor t = Tensor::allocate(DType::f64, dims);
  for (std::int64_t i = 0; i < t.count(); ++i) t.data<double>()[i] = static_cast<double>(dice(-3, 6)) / (dice.one_in(2) ? 1 : 2);
  auto converted = convert(t, dtype);
  return converted ? std::move(converted).value() : Tensor::allocate(DType::f32, dims);
}

std::string random_text(Dice& dice) {
  return dice.pick({"NOTSET",
                    "SAME_UPPER",
                    "SAME_LOWER",
                    "VALID",
                    "linear",
                    "cubic",
                    "nearest",
                    "bidirectional",
                    "reverse",
                    "forward",
                    "DCR",
                    "CRD",
                    "LEFT",
                    "RIGHT",
                    "tanh",
                    "none",
                    "ij,jk->ik",
                    "ii->i",
                    "...i,...i",
                    "i",
                    "align_corners",
                    "tf_crop_and_resize",
                    "asymmetric",
                    "half_pixel",
                    "not_larger",
                    "not_smaller",
                    "MAX",
                    "L1",
                    "L2",
                    "SOFTMAX",
                    "LOGISTIC",
                    "PROBIT",
                    "MIN",
                    "AVERAGE",
                    "SUM",
                    "BRANCH_LEQ",
                    "LEAF",
                    "Relu",
                    "Affine",
                    "constant",
                    "reflect",
                    "edge",
                    "wrap",
                    "zeros",
                    "border",
                    "floor",
                    "ceil",
                    "add",
                    "mul",
                    "nonsense",
                    ""});
}

Attribute random_attribute(Dice& dice, AttributeKind kind) {
  const auto list = [&](auto make) {
    std::vector<decltype(make())> values(static_cast<std::size_t>(dice(0, 5)));
    for (auto& v : values) v = make();
    return values;
  };
  const auto integer = [&]() -> std::int64_t { return dice.one_in(30) ? dice(-4, 3) * (std::int64_t{1} << 61) : dice(-2, 5); };
  const auto number = [&] { return dice.one_in(20) ? 1e30f * static_cast<float>(dice(-1, 1)) : static_cast<float>(dice(-4, 8)) / 4; };
  switch (kind) {
    case AttributeKind::integer: return integer();
    case AttributeKind::number: return number();
    case AttributeKind::text: return random_text(dice);
    case AttributeKind::integers: return list(integer);
    case AttributeKind::numbers: return list(number);
    case AttributeKind::texts: return list([&] { return random_text(dice); });
    default: return random_tensor(dice, DType::f32, {dice(0, 4)});
  }
}

// Fills in a node of the operator; its inputs are returned.
std::vector<Tensor> random_inputs(Dice& dice, const Op& op, Graph& g, Node*& node) {
  const Schema& schema = schema_of(op);
  std::map<std::string_view, DType> variables;
  Dims base(static_cast<std::size_t>(dice(0, 4)));
  for (auto& d : base) d = dice(1, 4);
  std::vector<Tensor> tensors;
  std::vector<Value*> in, out;
  const auto formals = static_cast<std::int64_t>(schema.inputs.size());
  const std::int64_t count = schema.inputs.empty()           ? 0
                             : schema.inputs.back().variadic ? dice(formals, formals + 2)
                                                             : dice(static_cast<std::int64_t>(schema.min_inputs()), formals);
  for (std::int64_t i = 0; i < count; ++i) {
    const Formal& formal = *schema.input(static_cast<std::size_t>(i));
    if (formal.optional && dice.one_in(3)) {
      tensors.emplace_back();
      in.push_back(nullptr);
      continue;
    }
    const DType dtype = variables.try_emplace(formal.variable, random_dtype(dice, formal.allowed)).first->second;
    tensors.push_back(random_tensor(dice, formal.variable.empty() ? random_dtype(dice, formal.allowed) : dtype, random_dims(dice, base)));
    in.push_back(g.value("in", tensors.back().dtype()));
  }
  for (std::size_t i = 0; i < std::max<std::size_t>(schema.outputs.size(), 1); ++i) out.push_back(g.value("out"));
  node = g.add(op.name, op.domain, in, out);
  node->schema = &op;
  for (const FormalAttribute& a : schema.attributes)
    if ((a.required || dice.one_in(3)) && a.kind < AttributeKind::tensors) node->attributes.emplace(a.name, random_attribute(dice, a.kind));
  return tensors;
}

bool has_body(const Op& op) {
  return std::ranges::any_of(schema_of(op).attributes, [](const FormalAttribute& a) { return a.kind == AttributeKind::graph; });
}

}  // namespace

namespace {

// Changes one constant's shape or content, or one attribute.
void mutate(Dice& dice, Graph& g) {
  std::vector<Value*> constants;
  for (Value* v : g.values())
    if (v->constant && bits(v->constant->dtype()) != 0) constants.push_back(v);
  if (g.nodes().empty()) return;
  Node* node = g.nodes()[static_cast<std::size_t>(dice(0, static_cast<std::int64_t>(g.nodes().size()) - 1))];
  if (dice.one_in(3) && node->schema && !node->attributes.empty()) {
    auto at = std::next(node->attributes.begin(), dice(0, static_cast<std::int64_t>(node->attributes.size()) - 1));
    const FormalAttribute* formal = schema_of(*node->schema).find(at->first);
    if (formal && formal->kind < AttributeKind::tensors) at->second = random_attribute(dice, formal->kind);
    return;
  }
  if (constants.empty()) return;
  Value* v = constants[static_cast<std::size_t>(dice(0, static_cast<std::int64_t>(constants.size()) - 1))];
  Dims dims = v->constant->dims();
  if (dice.one_in(2) && !dims.empty())
    dims[static_cast<std::size_t>(dice(0, static_cast<std::int64_t>(dims.size()) - 1))] = dice(0, 5);
  else if (dice.one_in(3))
    dims.resize(static_cast<std::size_t>(dice(0, 5)), 1);
  g.set_constant(v, random_tensor(dice, v->constant->dtype(), dims));
}

// Asks every node for all the outputs that its operator has.
void ask_for_all(Graph& g) {
  for (Node* node : g.nodes()) {
    if (!node->schema) continue;
    const std::vector<Formal>& formals = schema_of(*node->schema).outputs;
    if (formals.empty() || formals.back().variadic) continue;
    node->outputs.resize(formals.size());
    for (Value*& v : node->outputs) {
      if (v) continue;
      v = g.value("more");
      v->producer = node;
    }
  }
}

}  // namespace

// The golden models, which run, with one or two things changed: deeper than random nodes get.
TEST(HostileModels, GoldensWithChangesEndInOutputsOrInAnError) {
  const char* source = std::getenv("HONE_SOURCE");
  if (!source) GTEST_SKIP() << "needs HONE_SOURCE, the folder of the source tree, as ctest sets it";
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(Path(source) / "tests" / "ops")) files.push_back(entry.path());
  std::ranges::sort(files);
  ASSERT_FALSE(files.empty());
  for (const Path& file : files) {
    const auto bytes = read_file(file);
    ASSERT_TRUE(bytes);
    const std::string_view text = as_text(*bytes);
    std::string model_text;  // without the lines of the golden runner
    for (std::size_t at = 0; at < text.find("# EXPECT") && at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
      if (text[at] != '#') model_text += text.substr(at, end - at);
      at = end;
    }
    auto model = parse_text(model_text);
    if (!model || !upgrade(*model)) continue;
    for (unsigned seed = 0; seed < 60; ++seed) {
      Dice dice(seed);
      const Model m = model->clone();
      resolve(*m.graph);
      if (seed % 4 == 0) ask_for_all(*m.graph);
      for (int i = 0; i < 1 + (seed % 2 ? 1 : 0) && seed > 0; ++i) mutate(dice, *m.graph);  // 0: the outputs only
      const auto outputs = interpret(*m.graph, {});
      ASSERT_TRUE(outputs || outputs.error().code != Code::bug) << file << " seed " << seed << ": " << outputs.error().message;
    }
  }
}

// A body with inputs, nodes and outputs drawn from what is at hand, captures included.
GraphPtr random_body(Dice& dice, const std::vector<Value*>& around) {
  auto body = std::make_unique<Graph>();
  std::vector<Value*> values = around;
  const DType types[] = {DType::f32, DType::i64, DType::boolean};
  for (std::int64_t i = 0, n = dice(0, 4); i < n; ++i) values.push_back(body->input("b", dice.pick(types), Shape()));
  for (std::int64_t i = 0, n = dice(1, 2); i < n; ++i)
    values.push_back(body->constant("c", random_tensor(dice, dice.pick(types), dice.one_in(2) ? Dims{} : Dims{dice(0, 3)})));
  const auto any = [&] { return values[static_cast<std::size_t>(dice(0, static_cast<std::int64_t>(values.size()) - 1))]; };
  for (std::int64_t i = 0, n = dice(0, 3); i < n; ++i) {
    const std::string_view op = dice.pick<std::string_view>({"Identity", "Neg", "Add", "Not", "Shape", "Concat", "Greater"});
    std::vector<Value*> in{any()};
    if (op == "Add" || op == "Concat" || op == "Greater") in.push_back(any());
    Value* out = body->value("n");
    body->add(op, "", std::move(in), {out})->schema = find_op(op, "");
    values.push_back(out);
  }
  for (std::int64_t i = 0, n = dice(0, 4); i < n; ++i) {
    Value* v = any();
    if (v->graph == body.get() || dice.one_in(2)) body->outputs.push_back(v);
  }
  return body;
}

// Operators with bodies, and those of plans that have kernels only: as the one node of a graph, through the interpreter and a session.
void run_in_graphs(const Op& op) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    Dice dice(seed);
    Graph g;
    Node* node = nullptr;
    const std::vector<Tensor> tensors = random_inputs(dice, op, g, node);
    if (op.name == "Loop" && !node->input(0)) continue;  // without a trip count it may run for ever, as it says
    NamedTensors inputs;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      if (!node->inputs[i]) continue;
      node->inputs[i]->shape = dice.one_in(2) ? Shape::of(tensors[i].dims()) : Shape();
      if (!op.reference && dice.one_in(2)) {
        g.set_constant(node->inputs[i], tensors[i]);
        continue;
      }
      g.inputs.push_back(node->inputs[i]);
      inputs[node->inputs[i]->name] = tensors[i];
    }
    for (const FormalAttribute& a : schema_of(op).attributes)
      if (a.kind == AttributeKind::graph) g.attach(node, std::string(a.name), random_body(dice, g.inputs));
    g.outputs = node->outputs;
    if (!verify(g)) continue;
    const auto blame = [&](const char* by, const Error& e) {
      EXPECT_NE(e.code, Code::bug) << by << ", seed " << seed << ": " << e.message << "\n" << print(*node);
    };
    if (const auto plain = interpret(g, inputs); !plain && op.reference) blame("interpreter", plain.error());
    const auto plan = compile(g);
    if (!plan) {
      blame("compile", plan.error());
      continue;
    }
    auto session = Session::create(*plan, {.threads = 1});
    ASSERT_TRUE(session);
    if (const auto fast = session->run(inputs); !fast) blame("session", fast.error());
  }
}

class HostileOperators : public testing::TestWithParam<const Op*> {};

TEST_P(HostileOperators, EndInOutputsOrInAnError) {
  const Op& op = *GetParam();
  if (!op.reference || has_body(op)) return run_in_graphs(op);
  int ran = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    Dice dice(seed);
    Graph g;
    Node* node = nullptr;
    const std::vector<Tensor> tensors = random_inputs(dice, op, g, node);
    std::vector<const Tensor*> inputs;
    for (const Tensor& t : tensors) inputs.push_back(t ? &t : nullptr);
    const auto outputs = run_reference(*node, inputs);
    ran += outputs.has_value();
    if (outputs) continue;
    std::string shapes;
    for (const Tensor& t : tensors) shapes += t ? format(" {} {};", name(t.dtype()), to_string(t.dims())) : " absent;";
    ASSERT_NE(outputs.error().code, Code::bug) << "seed " << seed << ": " << outputs.error().message << "\n"
                                               << print(*node) << "\n"
                                               << shapes;
  }
  RecordProperty("ran", ran);
}

INSTANTIATE_TEST_SUITE_P(, HostileOperators, testing::ValuesIn(all_ops().begin(), all_ops().end()), [](const auto& info) {
  std::string text(info.param->domain.empty() ? info.param->name : format("{}_{}", info.param->domain, info.param->name));
  std::ranges::replace_if(
      text, [](char ch) { return !std::isalnum(static_cast<unsigned char>(ch)); }, '_');
  return text;
});

TEST(Saturate, RealsBecomeIntegersTheSameEverywhere) {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(to<std::int64_t>(9223372036854775808.0), INT64_MAX);
  EXPECT_EQ(to<std::int64_t>(9223372036854774784.0), 9223372036854774784);
  EXPECT_EQ(to<std::int64_t>(-inf), INT64_MIN);
  EXPECT_EQ(to<std::int64_t>(nan), 0);
  EXPECT_EQ(to<std::uint64_t>(-0.5), 0u);
  EXPECT_EQ(to<std::uint64_t>(-3.0f), 0u);
  EXPECT_EQ(to<std::uint64_t>(18446744073709551616.0), UINT64_MAX);
  EXPECT_EQ(to<std::int32_t>(2147483647.5), INT32_MAX);
  EXPECT_EQ(to<std::int32_t>(3e9f), INT32_MAX);
  EXPECT_EQ(to<std::uint8_t>(255.9), 255);
  EXPECT_EQ(to<std::int8_t>(-128.9), -128);
  EXPECT_EQ(to<std::int8_t>(-1000.0), -128);
  EXPECT_EQ(to<float>(0.5), 0.5f);
}
