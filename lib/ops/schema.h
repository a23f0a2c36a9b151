// SPDX-License-Identifier: Apache-2.0
// The schema text of an Op (lib/ops/op.h), parsed once for each operator, and the rules that follow from it alone: counts of
// inputs and outputs, attribute names and types, element types.
#pragma once
#include "lib/ops/check.h"
#include "lib/ops/op.h"

namespace hone {

using DTypeSet = std::uint32_t;  // bit (1 << DType)
constexpr DTypeSet set_of(DType d) { return DTypeSet{1} << static_cast<unsigned>(d); }
// "float int64 seq", or the groups "floats", "float8", "integers", "numeric", "all" (every tensor), "any" (sequences, optionals
// and maps too). REQUIRES: every word is known.
DTypeSet dtypes_of(std::string_view words);
std::string to_string(DTypeSet);  // "float, double"

struct Formal {
  std::string_view name;
  std::string_view variable;  // values of one variable ("T") have one dtype; empty when the type is written out
  DTypeSet allowed = 0;
  bool optional = false, variadic = false;
};

// In the order of Attribute's alternatives.
enum class AttributeKind : std::uint8_t { integer, number, text, integers, numbers, texts, tensor, tensors, graph, graphs, type };
std::string_view name(AttributeKind);

struct FormalAttribute {
  std::string_view name;
  AttributeKind kind;
  bool required = false;
  std::string_view fallback;  // the default, as text; empty: none
};

struct Schema {
  std::vector<Formal> inputs, outputs;
  std::vector<FormalAttribute> attributes;
  const Formal* input(std::size_t i) const;  // the variadic one for all from its place on; null past the end
  const Formal* output(std::size_t i) const;
  const FormalAttribute* find(std::string_view attribute) const;
  std::size_t min_inputs() const;
};
const Schema& schema_of(const Op&);  // REQUIRES: a row of the table

// What is wrong with one node by its schema: counts and attributes; then the element types of its inputs (undefined: not
// known). REQUIRES: node.schema.
void check_form(const Node&, std::vector<Problem>&);
void check_types(const Node&, std::span<const DType> inputs, std::vector<Problem>&);
// The first of these as an error, without the node's name.
Status check_node(const Node&, std::span<const DType> inputs);

}  // namespace hone
