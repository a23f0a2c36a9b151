// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/host/token_uri.h"

#include <algorithm>

namespace hone {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_plain(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-._~:[]@!$'()*+,=/").find(c) != std::string_view::npos; }

Result<std::string> decode(std::string_view text, std::string_view attribute, bool bytes) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1, low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return usage_error("'{}': '%' must be followed by two hexadecimal digits", attribute);
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (!is_plain(c)) {
      return usage_error("'{}': a character that must be written as %XX", attribute);
    }
    if (c == '\0' && !bytes) return usage_error("'{}': holds a zero byte", attribute);
    out.push_back(c);
  }
  return out;
}

std::string encode(std::string_view text) {
  std::string out;
  for (const char c : text) out += is_plain(c) ? std::string(1, c) : format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

struct Field {
  std::string_view name;
  std::optional<std::string> TokenUri::*part;
};
constexpr Field fields[] = {{"token", &TokenUri::token}, {"serial", &TokenUri::serial}, {"manufacturer", &TokenUri::manufacturer}, {"model", &TokenUri::model}, {"object", &TokenUri::object}, {"id", &TokenUri::id}};

Status take_path(TokenUri& uri, std::string_view name, std::string_view value) {
  if (name == "type") {
    if (value != "private") return usage_error("'type={}': a signing key is of type private", value);
    return Ok{};
  }
  const auto field = std::ranges::find(fields, name, &Field::name);
  if (field == std::end(fields)) return usage_error("'{}' is not known here; token, serial, manufacturer, model, object, id and type are", name);
  if (uri.*field->part) return usage_error("'{}' is given twice", name);
  TRY(uri.*field->part, decode(value, name, name == "id"));
  return Ok{};
}

Status take_query(TokenUri& uri, std::string_view name, std::string_view value) {
  if (name == "pin-value") return usage_error("'pin-value': other users could read it; use pin-source=FILE or HONE_PKCS11_PIN");
  if (name != "module-path" && name != "pin-source") return usage_error("'{}' is not known here; module-path and pin-source are", name);
  std::string& part = name == "module-path" ? uri.module_path : uri.pin_source;
  if (!part.empty()) return usage_error("'{}' is given twice", name);
  TRY(part, decode(value, name, false));
  if (name == "pin-source" && part.starts_with("file:")) part.erase(0, 5);
  if (part.empty()) return usage_error("'{}': names no file", name);
  return Ok{};
}

// name=value, separated by `separator`.
Status take_all(TokenUri& uri, std::string_view text, char separator, Status (*take)(TokenUri&, std::string_view, std::string_view)) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    const std::size_t equals = part.find('=');
    if (equals == part.npos) return usage_error("'{}': expected name=value", part);
    CHECK_OK(take(uri, part.substr(0, equals), part.substr(equals + 1)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return Ok{};
}

}  // namespace

Result<TokenUri> parse_token_uri(std::string_view text) {
  if (!is_token_uri(text)) return usage_error("a key on a token is named pkcs11:token=NAME;object=NAME");
  text.remove_prefix(std::string_view("pkcs11:").size());
  const std::size_t question = std::min(text.find('?'), text.size());
  TokenUri uri;
  CHECK_OK(take_all(uri, text.substr(0, question), ';', take_path).in("pkcs11"));
  if (question < text.size()) CHECK_OK(take_all(uri, text.substr(question + 1), '&', take_query).in("pkcs11"));
  return uri;
}

std::string print_token_uri(const TokenUri& uri) {
  std::string out = "pkcs11:", between;
  for (const Field& f : fields)
    if (uri.*f.part) out += format("{}{}={}", std::exchange(between, ";"), f.name, encode(*(uri.*f.part)));
  char separator = '?';
  const auto query = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += format("{}{}={}", std::exchange(separator, '&'), name, encode(value));
  };
  query("module-path", uri.module_path);
  query("pin-source", uri.pin_source.empty() ? "" : "file:" + uri.pin_source);
  return out;
}

}  // namespace hone
