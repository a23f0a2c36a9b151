// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/text_reader.h"

namespace hone {

static std::string_view strip_plus(std::string_view s) { return s.starts_with('+') ? s.substr(1) : s; }

void TextReader::skip() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else {
      return;
    }
  }
}

char TextReader::peek() {
  skip();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool TextReader::accept(char c) {
  if (peek() != c || at_ >= text_.size()) return false;
  ++at_;
  return true;
}

Status TextReader::expect(char c) {
  if (accept(c)) return Ok{};
  return error(format("expected '{}'", c));
}

bool TextReader::accept_arrow() {
  skip();
  if (!text_.substr(at_).starts_with("=>")) return false;
  at_ += 2;
  return true;
}

Error TextReader::error(std::string_view what) {
  skip();
  const std::string_view before = text_.substr(0, at_);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n');
  const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  std::string_view rest = text_.substr(at_);
  rest = rest.substr(0, std::min<std::size_t>(rest.find('\n'), 20));
  return invalid("line {}, column {}: {}, found {}", line, column, what, rest.empty() ? "the end" : format("'{}'", rest));
}

std::string_view TextReader::word() {
  skip();
  std::size_t end = at_;
  if (end < text_.size() && starts_id(text_[end]))
    while (end < text_.size() && (starts_id(text_[end]) || is_digit(text_[end]))) ++end;
  const std::string_view found = text_.substr(at_, end - at_);
  at_ = end;
  return found;
}

std::string_view TextReader::peek_word() {
  const std::string_view found = word();
  at_ -= found.size();
  return found;
}

Result<std::string> TextReader::string() {
  CHECK_OK(expect('"'));
  std::string out;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') return ++at_, out;
    if (c == '\\' && at_ + 1 < text_.size()) ++at_;
    out += text_[at_];
  }
  return error("a string without its closing '\"'");
}

Result<std::string> TextReader::identifier() {
  if (peek() == '"') return string();
  const std::string_view found = word();
  if (found.empty()) return error("expected a name");
  return std::string(found);
}

Result<std::string_view> TextReader::number() {
  skip();
  const std::size_t start = at_;
  if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
  if (at_ < text_.size() && starts_id(text_[at_])) {
    const std::string_view name = word();
    if (name == "inf" || name == "nan") return strip_plus(text_.substr(start, at_ - start));
  } else {
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.' || text_[at_] == 'e' || text_[at_] == 'E' ||
                                  ((text_[at_] == '-' || text_[at_] == '+') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E'))))
      ++at_;
    const std::string_view found = strip_plus(text_.substr(start, at_ - start));
    if (!found.empty() && found != "-") return found;
  }
  at_ = start;
  return error("expected a number");
}

char TextReader::after_word() {
  const std::size_t start = at_;
  word();
  const char c = peek();
  at_ = start;
  return c;
}

bool TextReader::next_is_arrow() { return skip(), text_.substr(at_).starts_with("=>"); }

}  // namespace hone
