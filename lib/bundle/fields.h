// SPDX-License-Identifier: Apache-2.0
// Strict reading of a JSON object whose keys must all be known: what is not asked for by its name is an error, as is what is not there.
#pragma once
#include <limits>
#include <string>

#include "lib/base/json.h"

namespace hone {

class Fields {
 public:
  static constexpr std::uint64_t integer_limit = std::numeric_limits<std::int64_t>::max();

  static Result<Fields> of(const Json& json, std::string where) {
    if (!json.is_object()) return invalid("{}: expected an object", where);
    return Fields(json, std::move(where));
  }
  Result<const Json*> any(const char* key);
  Result<std::string> text(const char* key);
  Result<std::uint64_t> integer(const char* key);  // 0 to 2^63 - 1, written as an integer
  Result<double> number(const char* key);          // not negative
  Result<const Json*> list(const char* key);
  Result<const Json*> object(const char* key);
  Status finish() const;  // nothing is left over

 private:
  Fields(const Json& json, std::string where) : json_(&json), where_(std::move(where)) {}
  const Json* json_;
  std::string where_;
  std::size_t taken_ = 0;
};

}  // namespace hone
