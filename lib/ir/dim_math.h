// SPDX-License-Identifier: Apache-2.0
// Arithmetic on dimensions of which some are names. A symbol is a sum of products of names with whole coefficients, where
// floor(sum/number), min(sum, sum) and max(sum, sum) count as names too: "floor((height + 1)/2)", "2*batch*time - 1". The text is
// canonical: equal sums print alike, so Dim::same compares them. Symbols of a file are read by the same grammar; one that
// does not fit it ("batch size") is only ever equal to itself.
//
// A result is Dim(), not known, when an operand is not, when a coefficient would overflow, when the text would grow too long,
// or when it is a negative number.
#pragma once
#include <functional>

#include "lib/ir/shape.h"

namespace hone {

// Its name means something to a reader; names with a '?' are inference's own, for what it cannot name otherwise.
inline bool is_named(const Dim& d) { return !d.known() && !d.symbol.empty() && d.symbol.find('?') == std::string::npos; }

Dim operator+(const Dim&, const Dim&);
Dim operator-(const Dim&, const Dim&);
Dim operator*(const Dim&, const Dim&);
Dim shift(const Dim&, std::int64_t by);  // + by, which may be negative
// floor(a / b). REQUIRES of the model: b > 0. With a symbol for b only what divides without remainder is known.
Dim floor_div(const Dim& a, const Dim& b);
Dim ceil_div(const Dim& a, std::int64_t b);
Dim min(const Dim&, const Dim&);
Dim max(const Dim&, const Dim&);
// True when a >= 0 whatever its names stand for (they are sizes, so none is negative).
bool certainly_not_negative(const Dim& a);

// The number that a symbol stands for, once `value_of` tells each name; nothing when a name has no value.
std::optional<std::int64_t> evaluate(const Dim&, const std::function<std::optional<std::int64_t>(std::string_view name)>& value_of);

}  // namespace hone
