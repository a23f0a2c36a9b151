// SPDX-License-Identifier: Apache-2.0
// QDQ patterns to integer operators on uint8 tensors, for instance
//   t = DequantizeLinear(x, sx, zx)   w = DequantizeLinear(W, sw)   b = DequantizeLinear(B, sx * sw)
//   c = hone.Conv(t, w, b)   r = Relu(c)   y = QuantizeLinear(r, sy, zy)
//   =>   y = hone.QConv <x_zero = zx, y_zero = zy, low = zy> (x, W, M, B)   with M = sx * sw / sy in float32, as DESIGN's decision 4 says
// A chain of element-wise operators becomes a table of 256 entries, computed by the reference operators themselves. What has
// no integer form is left as it is: dequantize, float operator, quantize.
#include <cmath>

#include "lib/exec/lower.h"
#include "lib/exec/quant.h"
#include "lib/ops/saturate.h"

namespace hone {
namespace {

// A quantized tensor: real value = (q - zero) * scale.
struct Linear {
  Value* q = nullptr;
  float scale = 0;
  int zero = 0;
  bool operator==(const Linear& o) const { return scale == o.scale && zero == o.zero; }
};

// What QuantizeLinear asks for, after the clamps before it.
struct Target {
  Linear y;
  std::int64_t low = 0, high = 255;
};

// Weights as int8 around zero, and their scales: one, or one for each output channel.
struct Weights {
  Value* q;
  std::vector<float> scales;
};

// c varies along the last axis of y and nowhere else: (4, 1) added to (4, 4) is a number for each row.
bool is_row(const Shape& c, const Shape& y) {
  if (!c.known() || c.rank() == 0 || !y.ranked || y.rank() == 0) return false;
  return c.dims.back().same(y.dims.back()) && std::all_of(c.dims.begin(), c.dims.end() - 1, [](const Dim& d) { return d.value == 1; });
}

std::optional<std::pair<float, int>> parameters(const Node& n) {
  const auto scale = scalar(n.input(1)), zero = n.input(2) ? scalar(n.input(2)) : 0.0f;
  if (!scale || !zero || n.input(1)->dtype != DType::f32 || !std::isfinite(*scale) || !(*scale > 0)) return std::nullopt;
  return std::pair(*scale, static_cast<int>(*zero));
}

class Integers {
 public:
  explicit Integers(Graph& graph) : graph_(graph) {}

  void run() {
    const std::vector<Node*> nodes = graph_.nodes();
    for (Node* node : nodes)
      if (node->is("QuantizeLinear") && node->output(0)->dtype == DType::u8 && node->input(0)->dtype == DType::f32) convert(node);
  }

 private:
  void convert(Node* quantize) {
    const auto p = parameters(*quantize);
    if (!p || table(quantize)) return;
    Target t{{nullptr, p->first, p->second}};
    const Value* v = clamps(quantize->input(0), t);
    Node* op = v->producer;
    if (!op || op->graph != &graph_ || !is_inner(v)) return;
    at_ = quantize;
    if (op->is("Conv", "hone")) conv(*op, t);
    else if (op->is("AveragePool", "hone")) average(*op, t);
    else if (op->is("Gemm")) gemm(*op, t);
    else if (op->is("MatMul")) product(*op, nullptr, t);
    else if (op->is("Add") || op->is("Mul")) static_cast<void>(biased(*op, t) || binary(*op, t));
    else if (op->is("Concat")) concat(*op, t);
  }

  // Walks up over Relu and Clip: quantizing is monotonic, so clamping the quantized value to the quantized bounds is the same.
  static const Value* clamps(const Value* v, Target& t) {
    for (;;) {
      const Node* n = v->producer;
      if (!n || !is_inner(v) || !(n->is("Relu") || n->is("Clip"))) return v;
      const auto low = n->is("Relu") ? 0.0f : n->input(1) ? scalar(n->input(1)) : -INFINITY;
      const auto high = n->is("Clip") && n->input(2) ? scalar(n->input(2)) : INFINITY;
      if (!low || !high || !(*low <= *high)) return v;
      const auto quantized = [&](float x) {
        return to<std::int64_t>(std::clamp(std::nearbyint(x / t.y.scale) + static_cast<float>(t.y.zero), 0.0f, 255.0f));
      };
      const std::int64_t last_low = t.low, last_high = t.high;  // of the clamps behind this one, which have the last word
      t.low = std::clamp(quantized(*low), last_low, last_high);
      t.high = std::clamp(quantized(*high), last_low, last_high);
      v = n->input(0);
    }
  }

  // The uint8 tensor behind a dequantized value; a constant int8 one is shifted to uint8.
  std::optional<Linear> linear(const Value* v) {
    const Node* dq = v ? v->producer : nullptr;
    if (!dq || !dq->is("DequantizeLinear") || v->dtype != DType::f32) return std::nullopt;
    const auto p = parameters(*dq);
    Value* q = dq->input(0);
    if (!p) return std::nullopt;
    if (q->dtype == DType::u8) return Linear{q, p->first, p->second};
    if (q->dtype != DType::i8 || !q->constant) return std::nullopt;
    Tensor shifted = Tensor::allocate(DType::u8, q->constant->dims());
    for (std::int64_t i = 0; i < shifted.count(); ++i) shifted.writable()[i] = q->constant->bytes()[static_cast<std::size_t>(i)] ^ std::byte{0x80};
    return Linear{graph_.constant(q->name, std::move(shifted)), p->first, p->second + 128};
  }

  // DequantizeLinear of constant 8-bit weights with scales along `channel_axis`. Zero points are taken out: what is left must fit int8.
  std::optional<Weights> weights(const Value* v, std::size_t channel_axis) {
    const Node* dq = v ? v->producer : nullptr;
    if (!dq || !dq->is("DequantizeLinear") || !dq->input(0)->constant || !dq->input(1)->constant || dq->integer("block_size") != 0) return std::nullopt;
    const Tensor& q = *dq->input(0)->constant;
    if ((q.dtype() != DType::i8 && q.dtype() != DType::u8) || dq->input(1)->dtype != DType::f32 || (dq->input(2) && !dq->input(2)->constant)) return std::nullopt;
    Weights w{dq->input(0), dq->input(1)->constant->to_floats()};
    const std::vector<std::int64_t> zeros = dq->input(2) ? dq->input(2)->constant->to_ints() : std::vector<std::int64_t>(w.scales.size(), 0);
    const std::int64_t channels = q.dims()[channel_axis];
    const auto axis = normalize_axis(dq->integer("axis", 1), q.rank());
    const bool shaped = w.scales.size() == 1 || (w.scales.size() == static_cast<std::size_t>(channels) && axis && *axis == channel_axis);
    const bool positive = std::ranges::all_of(w.scales, [](float s) { return std::isfinite(s) && s > 0; });
    if (!shaped || !positive || zeros.size() != w.scales.size()) return std::nullopt;
    if (q.dtype() == DType::i8 && std::ranges::all_of(zeros, [](std::int64_t z) { return z == 0; })) return w;
    Tensor centred = Tensor::allocate(DType::i8, q.dims());
    std::int64_t inner = 1;
    for (std::size_t i = channel_axis + 1; i < q.rank(); ++i) inner *= q.dims()[i];
    const std::vector<std::int64_t> values = q.to_ints();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t channel = static_cast<std::size_t>(static_cast<std::int64_t>(i) / inner % channels);
      const std::int64_t value = values[i] - zeros[zeros.size() == 1 ? 0 : channel];
      if (value < -128 || value > 127) return std::nullopt;
      centred.data<std::int8_t>()[i] = static_cast<std::int8_t>(value);
    }
    w.q = graph_.constant(dq->input(0)->name, std::move(centred));
    return w;
  }

  // The bias in units of the accumulator. A dequantized int32 bias is taken as it is when its scale is that unit.
  std::optional<Tensor> bias(const Value* v, const Linear& x, const Weights& w, std::int64_t channels) {
    const Node* dq = v->producer;
    const bool quantized = dq && dq->is("DequantizeLinear") && dq->input(0)->constant && dq->input(0)->dtype == DType::i32 && dq->input(1)->constant && !dq->input(2);
    const auto* t = quantized ? &dq->input(0)->constant : &v->constant;
    if (!*t || (*t)->count() != channels || (!quantized && (*t)->dtype() != DType::f32)) return std::nullopt;
    const std::vector<double> values = (*t)->to_doubles();
    const std::vector<float> scales = quantized ? dq->input(1)->constant->to_floats() : std::vector<float>{1};
    if (scales.size() != 1 && scales.size() != values.size()) return std::nullopt;
    Tensor out = Tensor::allocate(DType::i32, {channels});
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double unit = static_cast<double>(x.scale) * static_cast<double>(w.scales[w.scales.size() == 1 ? 0 : i]);
      const double own = static_cast<double>(scales[scales.size() == 1 ? 0 : i]);
      const bool same_unit = quantized && std::abs(own - unit) <= 1e-5 * unit;
      const double value = std::nearbyint(same_unit ? values[i] : values[i] * own / unit);
      if (!(std::abs(value) < 2147483648.0)) return std::nullopt;
      out.data<std::int32_t>()[i] = static_cast<std::int32_t>(value);
    }
    return out;
  }

  // {x, weights, multiplier, bias?}, or nothing when the accumulator might overflow.
  std::optional<std::vector<Value*>> operands(const Linear& x, const Weights& w, const Value* bias_value, const Target& t, std::int64_t channels, std::int64_t depth) {
    Tensor multiplier = Tensor::allocate(DType::f32, {channels});
    for (std::int64_t c = 0; c < channels; ++c) multiplier.data<float>()[c] = x.scale * w.scales[w.scales.size() == 1 ? 0 : static_cast<std::size_t>(c)] / t.y.scale;
    std::optional<Tensor> b;
    if (bias_value && !(b = bias(bias_value, x, w, channels))) return std::nullopt;
    if (!safe_integers(depth, multiplier, b ? &*b : nullptr)) return std::nullopt;
    std::vector<Value*> inputs{x.q, w.q, graph_.constant(w.q->name + "_multiplier", std::move(multiplier))};
    if (b) inputs.push_back(graph_.constant(w.q->name + "_bias", std::move(*b)));
    return inputs;
  }

  Node* finish(std::string_view op, std::vector<Value*> inputs, const Target& t) {
    Node* node = supersede(graph_, at_, op, "hone", std::move(inputs));
    node->attributes["y_zero"] = static_cast<std::int64_t>(t.y.zero);
    node->attributes["low"] = t.low;
    node->attributes["high"] = t.high;
    return node;
  }

  void conv(const Node& op, const Target& t) {
    const auto x = linear(op.input(0));
    const auto w = weights(op.input(1), 0);
    if (!x || !w) return;
    const Dims dims = w->q->constant->dims();
    const auto inputs = operands(*x, *w, op.input(2), t, dims[0], dims[0] ? w->q->constant->count() / dims[0] : 0);
    if (!inputs) return;
    Node* node = finish("QConv", *inputs, t);
    node->name = op.name;
    copy_attributes(op, *node, {"auto_pad", "dilations", "group", "pads", "strides"});
    node->attributes["x_zero"] = static_cast<std::int64_t>(x->zero);
  }

  void average(const Node& op, const Target& t) {
    const auto x = linear(op.input(0));
    if (!x) return;
    Node* node = finish("QAveragePool", {x->q}, t);
    node->name = op.name;
    copy_attributes(op, *node, {"auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides"});
    node->attributes["x_zero"] = static_cast<std::int64_t>(x->zero);
    node->attributes["multiplier"] = x->scale / t.y.scale;
  }

  void gemm(const Node& op, const Target& t) {
    if (op.integer("transA") != 0 || op.number("alpha", 1) != 1) return;
    if (op.input(2) && (op.number("beta", 1) != 1 || !is_row(op.input(2)->shape, op.outputs[0]->shape))) return;
    const bool transposed = op.integer("transB") != 0;
    const auto x = linear(op.input(0));
    auto w = weights(op.input(1), transposed ? 0 : 1);
    if (!x || !w) return;
    if (transposed) w->q = graph_.constant(w->q->name, transpose(*w->q->constant, {1, 0}));
    integer_product(op, *x, *w, op.input(2), t);
  }

  bool product(const Node& op, const Value* bias_value, const Target& t) {
    const Value* b = op.input(1);
    if (!b->shape.ranked || b->shape.rank() != 2 || !op.input(0)->shape.ranked || op.input(0)->shape.rank() < 2) return false;
    const auto x = linear(op.input(0));
    const auto w = weights(b, 1);
    return x && w && integer_product(op, *x, *w, bias_value, t);
  }

  bool integer_product(const Node& op, const Linear& x, const Weights& w, const Value* bias_value, const Target& t) {
    const Dims dims = w.q->constant->dims();  // (k, n)
    const auto inputs = operands(x, w, bias_value, t, dims[1], dims[0]);
    if (!inputs) return false;
    Node* node = finish("QGemm", *inputs, t);
    node->name = op.name;
    node->attributes["x_zero"] = static_cast<std::int64_t>(x.zero);
    return true;
  }

  // MatMul, then a constant added along the last axis.
  bool biased(const Node& op, const Target& t) {
    if (!op.is("Add")) return false;
    for (const std::size_t i : {0, 1}) {
      const Value *v = op.input(i), *row = op.input(1 - i);
      if (v->producer && v->producer->is("MatMul") && is_inner(v) && row->shape.ranked && row->shape.rank() == 1) return product(*v->producer, row, t);
    }
    return false;
  }

  bool binary(const Node& op, const Target& t) {
    const auto a = linear(op.input(0)), b = linear(op.input(1));
    if (!a || !b) return false;
    const bool add = op.is("Add");
    const float am = add ? a->scale / t.y.scale : a->scale * b->scale / t.y.scale, bm = add ? b->scale / t.y.scale : 1;
    if (!std::isfinite(am) || !std::isfinite(bm)) return false;
    Node* node = finish(add ? "QAdd" : "QMul", {a->q, b->q}, t);
    node->name = op.name;
    node->attributes["a_zero"] = static_cast<std::int64_t>(a->zero);
    node->attributes["b_zero"] = static_cast<std::int64_t>(b->zero);
    node->attributes["a_multiplier"] = am;
    node->attributes["b_multiplier"] = bm;
    return true;
  }

  // Inputs that are quantized like the output go in as they are; the others through a table.
  void concat(const Node& op, const Target& t) {
    std::vector<Linear> parts;
    for (const Value* v : op.inputs) {
      const auto part = linear(v);
      if (!part) return;
      parts.push_back(*part);
    }
    std::vector<Value*> inputs;
    for (const Linear& part : parts) {
      Value* q = part.q;
      if (!(part == t.y) || t.low > 0 || t.high < 255) {
        Tensor entries = Tensor::allocate(DType::u8, {256});
        for (int i = 0; i < 256; ++i) {
          const float real = static_cast<float>(i - part.zero) * part.scale;
          entries.data<std::uint8_t>()[i] = to<std::uint8_t>(std::clamp(std::nearbyint(real / t.y.scale) + static_cast<float>(t.y.zero), static_cast<float>(t.low), static_cast<float>(t.high)));
        }
        q = insert(graph_, at_, "Lut", "hone", {q, graph_.constant(q->name + "_table", std::move(entries))}, q->name, DType::u8, q->shape);
      }
      inputs.push_back(q);
    }
    const std::int64_t axis = op.integer("axis");
    Node* node = supersede(graph_, at_, "Concat", "", std::move(inputs));
    node->name = op.name;
    node->attributes["axis"] = axis;
  }

  // DequantizeLinear, any number of element-wise operators of one varying input, QuantizeLinear: one table.
  bool table(Node* quantize) {
    std::vector<std::pair<const Node*, std::size_t>> chain{{quantize, 0}};  // from the end; with the input that varies
    const Value* v = quantize->input(0);
    std::optional<Linear> x;
    while (!(x = linear(v)) || x->q->constant) {
      const Node* n = v->producer;
      if (!n || !is_elementwise(*n) || !is_inner(v)) return false;
      std::size_t varying = n->inputs.size();
      for (std::size_t i = 0; i < n->inputs.size(); ++i) {
        if (!n->input(i) || scalar(n->input(i))) continue;
        if (varying != n->inputs.size()) return false;
        varying = i;
      }
      if (varying == n->inputs.size()) return false;
      chain.emplace_back(n, varying);
      v = n->input(varying);
    }
    if (x->q->shape.ranked != quantize->output(0)->shape.ranked || x->q->shape.rank() != quantize->output(0)->shape.rank()) return false;
    const auto entries = evaluate(chain, *x);
    if (!entries) return false;
    bool same = true;
    for (int i = 0; i < 256; ++i) same = same && entries->data<std::uint8_t>()[i] == i;
    if (same) supersede(graph_, quantize, "Identity", "", {x->q});
    else supersede(graph_, quantize, "Lut", "hone", {x->q, graph_.constant(quantize->output(0)->name + "_table", *entries)});
    return true;
  }

  static std::optional<Tensor> evaluate(const std::vector<std::pair<const Node*, std::size_t>>& chain, const Linear& x) {
    Tensor t = Tensor::allocate(DType::f32, {256});
    for (int i = 0; i < 256; ++i) t.data<float>()[i] = static_cast<float>(i - x.zero) * x.scale;
    for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
      std::vector<const Tensor*> in;
      for (const Value* v : it->first->inputs) in.push_back(v && v->constant ? &*v->constant : nullptr);
      in[it->second] = &t;
      auto out = run_reference(*it->first, in);
      if (!out || (*out)[0].count() != 256) return std::nullopt;
      t = std::move((*out)[0]);
    }
    return t.reshaped({256});
  }

  Graph& graph_;
  Node* at_ = nullptr;  // the QuantizeLinear being treated
};

}  // namespace

Status lower_integers(Graph& graph) {
  Integers(graph).run();
  return Ok{};
}

}  // namespace hone
