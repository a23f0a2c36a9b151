// SPDX-License-Identifier: Apache-2.0
// The tokens of ONNX text: names, strings, numbers, punctuation; '#' starts a comment. Backslash in a string takes the next
// character as it is, as the ONNX reader does. Every error tells line, column and what stands there.
#pragma once
#include <charconv>
#include <limits>

#include "lib/base/result.h"
#include "lib/ir/tensor.h"

namespace hone {

class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}

  char peek();  // the next token's first character, '\0' at the end
  bool at_end() { return peek() == '\0' && at_ == text_.size(); }
  bool accept(char c);
  Status expect(char c);
  bool accept_arrow();
  bool next_is_arrow();
  Error error(std::string_view what);  // "line 3, column 7: WHAT, found '...'", at the next token

  std::string_view word();  // letters, digits, '_'; empty when none is here
  std::string_view peek_word();
  char after_word();             // what follows the next word
  Result<std::string> string();  // in quotes
  Result<std::string> identifier();
  Result<std::string_view> number();  // "-1.5e3", "inf", "nan": the characters, without a leading '+'
  template <class T>
  Result<T> number_as(std::string_view kind);

  // Where the next token starts, and the way back to it.
  std::size_t mark() { return skip(), at_; }
  void back(std::size_t mark) { at_ = mark; }

  static bool starts_id(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

 private:
  void skip();
  // Out of range means too large or too small: the exponent's sign tells (a mantissa of hundreds of digits does not occur in text we
  // print).
  template <class T>
  static T rounded(std::string_view text, T sign) {
    const std::size_t e = text.find_first_of("eE");
    const bool tiny = (e != std::string_view::npos && text.substr(e + 1).starts_with('-')) || text.starts_with("0.");
    return sign * (tiny ? T{0} : std::numeric_limits<T>::infinity());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

template <class T>
Result<T> TextReader::number_as(std::string_view kind) {
  const std::size_t start = mark();
  TRY(const std::string_view text, number());
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = end == text.data() + text.size();
  if constexpr (std::is_floating_point_v<T>) {
    if (code == std::errc::result_out_of_range && whole)
      return text.starts_with('-') ? rounded<T>(text.substr(1), -1) : rounded<T>(text, 1);
  }
  if (whole && code == std::errc()) return value;
  back(start);
  return error(format("expected a number that fits {}", kind));
}

// "{1, 2, 3}" after a type: a constant of that type. `name` is for errors.
Result<Tensor> read_tensor(TextReader&, DType, const Shape&, std::string_view name);

}  // namespace hone
