// SPDX-License-Identifier: Apache-2.0
// nlohmann's parser, with a builder of our own: its own ones keep the last of two equal keys, know no depth, and search an object or a list for every
// value they add to it, so that four megabytes of "{}," would take hours.
#include "lib/base/json.h"

#include <algorithm>
#include <string>
#include <vector>

namespace hone {
namespace {

class Builder {
 public:
  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  bool null() { return add(nullptr) != nullptr; }
  bool boolean(bool value) { return add(value) != nullptr; }
  bool number_integer(number_integer_t value) { return add(value) != nullptr; }
  bool number_unsigned(number_unsigned_t value) { return add(value) != nullptr; }
  bool number_float(number_float_t value, const string_t&) { return add(value) != nullptr; }
  bool string(string_t& value) { return add(std::move(value)) != nullptr; }
  bool binary(binary_t&) { return false; }  // JSON has none
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool key(string_t& text) {
    key_ = std::move(text);
    return true;
  }
  bool end_object() {
    std::vector<std::string_view> keys;
    for (const auto& [key, value] : open_.back()->get_ref<Json::object_t&>()) keys.push_back(key);
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    if (twice != keys.end()) return fail(format("key {} appears twice", Json(*twice).dump()));
    return end_array();
  }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  template <class Exception> bool parse_error(std::size_t at, const std::string&, const Exception&) {
    return fail(format("wrong at byte {}: a syntax error, a number out of range, or bytes that are not UTF-8", at));
  }

  Json root;
  std::string problem;

 private:
  static constexpr std::size_t max_depth = 64;

  bool fail(std::string what) {
    problem = std::move(what);
    return false;
  }
  Json* add(Json value) {
    if (open_.empty()) return root = std::move(value), &root;
    Json& parent = *open_.back();
    if (parent.is_array()) return &parent.get_ref<Json::array_t&>().emplace_back(std::move(value));
    return &parent.get_ref<Json::object_t&>().emplace_back(std::move(key_), std::move(value)).second;
  }
  bool open(Json container) {
    if (open_.size() == max_depth) return fail(format("nested deeper than {} levels", max_depth));
    open_.push_back(add(std::move(container)));
    return true;
  }

  std::vector<Json*> open_;  // the containers around what comes next: none of them moves before those inside it are closed
  std::string key_;
};

}  // namespace

Result<Json> parse_json(std::string_view text) {
  // The library takes a zero byte for the end, and skips a byte order mark.
  if (const std::size_t zero = text.find('\0'); zero != text.npos) return invalid("not acceptable as JSON: wrong at byte {}: a zero byte", zero);
  if (text.starts_with("\xef\xbb\xbf")) return invalid("not acceptable as JSON: begins with a byte order mark");
  Builder builder;
  const bool whole = Json::sax_parse(text, &builder);
  if (!whole) return invalid("not acceptable as JSON: {}", builder.problem);
  return std::move(builder.root);
}

}  // namespace hone
