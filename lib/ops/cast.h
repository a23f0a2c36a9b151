// SPDX-License-Identifier: Apache-2.0
// What Cast and CastLike share: conversion as the node's attributes ask for.
#pragma once
#include "lib/ops/op.h"

namespace hone {

// An error when the attribute round_mode is unknown.
Status check_cast(const Node&);
// All elements of x as `dtype`, by the attributes saturate and round_mode: lib/ops/convert.h has the rules.
Result<Tensor> cast(const Node&, const Tensor& x, DType dtype);

}  // namespace hone
