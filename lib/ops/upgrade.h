// SPDX-License-Identifier: Apache-2.0
// From the form of an old opset to the internal form (lib/ops/op.h), and the opset a model must be written with.
#pragma once
#include "lib/ir/draft.h"
#include "lib/ops/op.h"

namespace hone {

// Resolves every node and upgrades it from model.opsets to its internal form, bodies included. Deprecated operators become
// their successors (Upsample -> Resize, Scatter -> ScatterElements). `written` tells the nodes that came out of functions, which
// import opsets of their own: the model then declares the newest of these. Errors name the node.
Status upgrade(Model&, const NodeOpsets& written = {});

// The opset of `domain` this model needs: the largest `since` of its nodes' internal forms, at least what the file declared.
int needed_opset(const Model&, std::string_view domain = "");

}  // namespace hone
