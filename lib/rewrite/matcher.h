// SPDX-License-Identifier: Apache-2.0
// Finds a pattern in a graph, from its root upwards.
#pragma once
#include "lib/rewrite/pass.h"
#include "lib/rewrite/pattern.h"

namespace hone {

class Matcher {
 public:
  explicit Matcher(const Pattern& pattern) : pattern_(pattern) {}
  using Accept = std::function<bool(const Match&)>;
  // Tries every way in which the pattern fits with `root` as its last line, until `accept` takes one; false when none was taken.
  bool match(Node* root, const Accept& accept) const;

 private:
  struct Goal;
  bool solve(std::vector<Goal> goals, Match m, const Accept& accept) const;
  bool bind_input(const PatternInput&, Value*, std::vector<Goal>&, Match&) const;
  bool bind_node(const PatternNode&, Node*, Match&) const;
  bool closed(const Match&) const;
  const Pattern& pattern_;
};

// A value that no one can change at run time: an initializer that is not also listed among the inputs of its graph.
bool is_fixed(const Value*);
// Whether some graph returns v: its own, or a body below that captures it.
bool is_returned(const Value*);
// Whether the order of the two inputs of this operator does not matter.
bool is_commutative(const Node&);

}  // namespace hone
