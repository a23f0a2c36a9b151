// SPDX-License-Identifier: Apache-2.0
// Every element type that an operator's schema takes runs in its loop. The nodes and inputs are those of tests/ops: each node runs once as
// it is written there, and once for each other type of each of its type variables, with the inputs converted. Where conversion loses
// nothing, the results must agree.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "lib/base/file.h"
#include "lib/ir/text.h"
#include "lib/ops/convert.h"
#include "lib/ops/interpreter.h"
#include "lib/ops/schema.h"
#include "lib/ops/upgrade.h"

using namespace hone;

namespace {

bool is_plain(DType d) { return is_float(d) || is_integer(d) || d == DType::boolean; }

std::optional<Tensor> as(const Tensor& t, DType dtype) {
  if (is_aggregate(t.dtype()) || is_aggregate(dtype)) return std::nullopt;
  if (dtype == DType::c64 || dtype == DType::c128) {
    if (!is_plain(t.dtype())) return std::nullopt;
    Tensor out = Tensor::allocate(dtype, t.dims());
    for (std::int64_t i = 0; i < t.count(); ++i) {
      const double v = element(t, i);
      const float f = static_cast<float>(v);
      if (dtype == DType::c64) std::memcpy(out.writable() + 8 * i, &f, 4);
      else std::memcpy(out.writable() + 16 * i, &v, 8);
    }
    return out;
  }
  if (!is_plain(t.dtype()) || (!is_plain(dtype) && dtype != DType::string)) return std::nullopt;
  auto out = convert(t, dtype);
  return out ? std::optional(*out) : std::nullopt;
}

// Whether a and b hold the same numbers, as near as the coarser of the types allows.
bool agree(const Tensor& a, const Tensor& b, double tolerance) {
  if (a.dims() != b.dims()) return false;
  if (!is_plain(a.dtype()) || !is_plain(b.dtype())) return true;
  for (std::int64_t i = 0; i < a.count(); ++i) {
    const double x = element(a, i), y = element(b, i);
    if (std::isnan(x) != std::isnan(y)) return false;
    if (std::abs(x) > 6e4) continue;  // the ends of a type differ from type to type
    if (!std::isnan(x) && x != y && !(std::abs(x - y) <= tolerance * std::fmax(1, std::abs(x)))) return false;
  }
  return true;
}
bool whole(const Tensor& t) {
  for (std::int64_t i = 0; i < t.count(); ++i)
    if (!is_plain(t.dtype()) || element(t, i) != std::floor(element(t, i)) || std::abs(element(t, i)) > 1e6) return false;
  return true;
}

// What a schema allows but no meaning can be given to, or only together with attributes of another type.
bool without_meaning(const Node& n, DType d) {
  const bool number = is_float(d) || is_integer(d), complex = d == DType::c64 || d == DType::c128;
  if (n.text("reduction", "none") != "none" && !number) return true;
  if (n.op == "Mod" && is_float(d) && n.integer("fmod") == 0) return true;
  if (n.domain == "ai.onnx.ml" || n.op == "BitCast" || (d == DType::string && n.op == "TfIdfVectorizer")) return true;
  if (n.op == "DequantizeLinear" && d == DType::f8e8m0 && n.integer("output_dtype") == 0) return true;
  const bool computed = n.op == "Col2Im" || (n.op == "GridSample" && n.text("mode", "linear") != "nearest") ||
                        (n.op == "Resize" && (n.text("mode", "nearest") != "nearest" || n.text("coordinate_transformation_mode") == "tf_crop_and_resize"));
  return computed && (d == DType::string || (complex && n.op == "Resize"));
}

struct Tally {
  int types = 0, compared = 0;
};

void try_types(const Node& node, const std::vector<const Tensor*>& inputs, const std::vector<Tensor>& expected, Tally& tally) {
  const Schema& schema = schema_of(*node.schema);
  std::vector<std::string_view> variables;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (const Formal* f = schema.input(i); f && inputs[i] && !f->variable.empty() && std::ranges::find(variables, f->variable) == variables.end())
      variables.push_back(f->variable);
  for (const std::string_view variable : variables)
    for (int d = 1; d <= static_cast<int>(DType::i2); ++d) {
      const auto dtype = static_cast<DType>(d);
      std::vector<Tensor> converted(inputs.size());
      std::vector<const Tensor*> in = inputs;
      bool possible = true, exact = true, integers = true;
      for (std::size_t i = 0; i < inputs.size() && possible; ++i) {
        const Formal* f = schema.input(i);
        if (!f || !inputs[i] || f->variable != variable) continue;
        possible = (f->allowed & set_of(dtype)) && inputs[i]->dtype() != dtype;
        const auto t = possible ? as(*inputs[i], dtype) : std::nullopt;
        possible = t.has_value();
        if (!possible) continue;
        converted[i] = *t;
        in[i] = &converted[i];
        // Narrow types round and wrap, and integers divide, so only what was real or is an integer of the same numbers can be compared.
        const bool comparable = is_plain(dtype) && bits(inputs[i]->dtype()) >= 32 && (is_float(inputs[i]->dtype()) || !is_float(dtype));
        exact = exact && comparable && t->to_doubles() == inputs[i]->to_doubles();
        integers = integers && whole(*inputs[i]);
      }
      if (!possible || without_meaning(node, dtype)) continue;
      const auto outputs = run_reference(node, in);
      ++tally.types;
      const bool zero = !outputs && outputs.error().message.find("division by zero") != std::string::npos;  // 0.5 as an integer
      EXPECT_TRUE(outputs || zero || (is_integer(dtype) && !exact)) << node.op << ": " << variable << " = " << name(dtype) << ": " << (outputs ? "" : outputs.error().message);
      const bool border = node.op == "RoiAlign" && dtype == DType::f64;  // a place on the border in float is beside it in double
      if (!outputs || !exact || border || !node.schema->deterministic) continue;
      const bool real = is_float(dtype) && bits(dtype) >= 16;
      for (std::size_t i = 0; i < outputs->size() && i < expected.size(); ++i) {
        if (!(*outputs)[i] || !expected[i] || (!real && (!integers || !whole(expected[i]) || (*outputs)[i].dtype() != expected[i].dtype()))) continue;
        ++tally.compared;
        EXPECT_TRUE(agree(expected[i], (*outputs)[i], dtype == DType::bf16 ? 0.05 : dtype == DType::f16 ? 0.01 : 1e-4))
            << node.op << ": " << variable << " = " << name(dtype) << ", output " << i << " of " << print(node);
      }
    }
}

TEST(OperatorTypes, EveryTypeOfTheSchemaRuns) {
  const std::filesystem::path folder = std::filesystem::path(std::getenv("HONE_SOURCE")) / "tests/ops";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  Tally tally;
  for (const auto& file : files) {
    const auto bytes = read_file(file.string());
    ASSERT_TRUE(bytes);
    std::string text(as_text(*bytes));
    if (file.filename().string().starts_with("bad-") || text.find("# RUN: hone run") == text.npos) continue;
    text.resize(std::min(text.find("# EXPECT"), text.size()));
    auto model = parse_text(text);
    if (!model || !upgrade(*model)) continue;
    std::map<const Value*, Tensor> values;
    const auto outputs = interpret(*model->graph, {}, [&](const Value& v, const Tensor& t) { values.insert_or_assign(&v, t); });
    if (!outputs) continue;
    for (const Node* node : model->graph->nodes()) {
      bool bodies = false;
      node->each_body([&](Graph&) { bodies = true; });
      if (bodies || !node->schema || !node->schema->reference) continue;
      std::vector<const Tensor*> inputs;
      std::vector<Tensor> expected;
      for (const Value* v : node->inputs) inputs.push_back(!v ? nullptr : v->constant ? &*v->constant : &values.at(v));
      for (const Value* v : node->outputs) expected.push_back(v && values.contains(v) ? values.at(v) : Tensor());
      // What goes into a sequence is of the sequence's type.
      if (std::ranges::none_of(inputs, [](const Tensor* t) { return t && is_aggregate(t->dtype()); })) try_types(*node, inputs, expected, tally);
    }
  }
  EXPECT_GT(tally.types, 1500);
  EXPECT_GT(tally.compared, 500);
  RecordProperty("types", tally.types);
}

}  // namespace
