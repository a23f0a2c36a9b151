// SPDX-License-Identifier: Apache-2.0
// The steps of compile(), in their order. Each treats one graph, not its bodies, and leaves it verified; dead nodes may stay.
#pragma once
#include "lib/exec/session.h"

namespace hone {

// Values known before any input become constants; with `weights`, large ones too (dequantized or transposed weights).
// DequantizeLinear of a constant stays without `weights`: the integer step wants to see it.
Status fold_constants(Graph&, bool weights);
// BatchNormalization goes into the Conv before it, or becomes a multiplication and an addition. Identity goes.
Status lower_batch_norm(Graph&);
// Convolutions, pools and what stands between them work channels last; Transposes stand at the borders.
Status lower_layout(Graph&);
// int8 activations become uint8 with zero points shifted by 128; DequantizeLinear moves behind what only moves elements.
Status lower_unsigned(Graph&);
// DequantizeLinear -> operator -> QuantizeLinear becomes an integer operator.
Status lower_integers(Graph&);
// Activations, residual additions and biases go into the convolution, product or addition before them.
Status lower_fusion(Graph&);

// Infers again and writes what is known of every value that a node makes; outputs of the main graph keep their declared shapes.
void refresh_shapes(Graph& main_graph);

// A node in the place of `old`, whose only output it takes over under its name; `old` is gone afterwards.
Node* supersede(Graph&, Node* old, std::string_view op, std::string_view domain, std::vector<Value*> inputs);
// A node before `before` with one new output.
Value* insert(Graph&, Node* before, std::string_view op, std::string_view domain, std::vector<Value*> inputs, std::string_view hint, DType, Shape);
// Those of the attributes named that `from` has and that are integers, lists of integers, or text.
void copy_attributes(const Node& from, Node& to, std::initializer_list<std::string_view> names);
// The value is used once, by one node of its own graph, and is no graph output: its maker may be merged into its user.
bool is_inner(const Value*);
// The single value of a constant, as float.
std::optional<float> scalar(const Value*);

// Works on each element for itself, with broadcasting; in any layout.
bool is_elementwise(const Node&);
Tensor transpose(const Tensor&, const std::vector<std::int64_t>& perm);

}  // namespace hone
