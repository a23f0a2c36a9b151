// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/fields.h"

namespace hone {

Result<const Json*> Fields::any(const char* key) {
  const auto it = json_->find(key);
  if (it == json_->end()) return invalid("{}: '{}' is missing", where_, key);
  ++taken_;
  return &*it;
}

Result<std::string> Fields::text(const char* key) {
  TRY(const Json* value, any(key));
  if (!value->is_string()) return invalid("{}: '{}' must be a string", where_, key);
  return value->get<std::string>();
}

Result<std::uint64_t> Fields::integer(const char* key) {
  TRY(const Json* value, any(key));
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > integer_limit) return invalid("{}: '{}' must be an integer from 0 to 2^63 - 1", where_, key);
  return value->get<std::uint64_t>();
}

Result<double> Fields::number(const char* key) {
  TRY(const Json* value, any(key));
  if (!value->is_number() || !(value->get<double>() >= 0)) return invalid("{}: '{}' must be a number that is not negative", where_, key);
  return value->get<double>();
}

Result<const Json*> Fields::list(const char* key) {
  TRY(const Json* value, any(key));
  if (!value->is_array()) return invalid("{}: '{}' must be a list", where_, key);
  return value;
}

Result<const Json*> Fields::object(const char* key) {
  TRY(const Json* value, any(key));
  if (!value->is_object()) return invalid("{}: '{}' must be an object", where_, key);
  return value;
}

Status Fields::finish() const {
  if (taken_ != json_->size()) return invalid("{}: holds a key that this version does not know; a newer Hone may have made it", where_);
  return Ok{};
}

}  // namespace hone
