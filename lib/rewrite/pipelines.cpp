// SPDX-License-Identifier: Apache-2.0
#include "lib/rewrite/pipelines.h"

#include <array>

namespace hone {
namespace {

// Rounds repeat until nothing changes, so the order is for speed and for the choice between two rewrites that both fit.
constexpr std::string_view clean[] = {
    "drop-input-defaults",  // first: until then legacy weights do not count as constants
    "drop-dead",            // before anything is computed that nobody uses
    "fold-shapes",          // makes conditions, targets and axes constant for what follows
    "fold-if",              // before the rest, which then works on what is left of the branches
    "fold-constants",
    "drop-identity",        // after folding: operands are then known to be neutral, shapes to be equal
    "merge-common",         // after Identities are gone that hid that two inputs are one
    "cancel-transpose", "merge-reshape", "merge-slices", "merge-concats", "merge-casts",
};

constexpr std::string_view optimize[] = {
    "drop-input-defaults", "drop-dead", "fold-shapes", "fold-if", "fold-constants", "drop-identity", "merge-common",
    "cancel-transpose", "merge-reshape", "merge-slices", "merge-concats", "merge-casts",
    "fold-pad",             // before the Conv fusions: a Pad hides a Conv's pads
    "fuse-conv-bn", "fuse-conv-transpose-bn", "fuse-conv-mul", "fuse-conv-add",
    "fuse-bn-conv",         // after fuse-conv-bn: a BatchNormalization between two Convs goes into the first, whatever the second pads
    "fuse-matmul-mul", "fuse-gemm-transpose", "fuse-matmul-add",
    "fuse-gemm-bn",         // after the Gemms are made
    "merge-arithmetic", "fuse-layer-norm", "fuse-gelu", "fuse-hard-swish", "fuse-clip", "fuse-softmax",
};

// Before calibration: what would move weights or merge nodes after ranges were measured. Standard operators that other quantizing
// runtimes know stay as they are, so no LayerNormalization, Gelu or HardSwish is made here.
constexpr std::string_view quantize_prepare[] = {
    "drop-input-defaults", "drop-dead", "fold-shapes", "fold-if", "fold-constants", "drop-identity", "merge-common",
    "cancel-transpose", "merge-reshape", "merge-slices", "merge-concats", "merge-casts", "fold-pad",
    "fuse-conv-bn", "fuse-conv-transpose-bn", "fuse-conv-mul", "fuse-conv-add", "fuse-bn-conv",
    "fuse-matmul-mul", "fuse-gemm-transpose", "fuse-matmul-add", "fuse-gemm-bn", "fuse-clip", "fuse-softmax",
};

// Before compilation, so that devices and fast kernels know every operator that has a standard spelling.
constexpr std::string_view expand[] = {"expand-fused", "expand-qlinear"};

constexpr Pipeline pipelines[] = {
    {"optimize", "clean-up, folding and fusion", optimize},
    {"quantize-prepare", "what quantization wants done before it calibrates", quantize_prepare},
    {"clean", "clean-up only: every result bit for bit as before", clean},
    {"expand", "standard operators for those of com.microsoft: done before a model is compiled for a device", expand},
};

}  // namespace

std::span<const Pipeline> all_pipelines() { return pipelines; }

}  // namespace hone
