// SPDX-License-Identifier: Apache-2.0
// The header of an .npy file is a Python dict literal: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
// Only that dict is understood: three known keys, each once, in any order.
#include "lib/data/npy.h"

#include <charconv>

namespace hone {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t max_header = 1 << 16, max_rank = 32;  // NumPy's own limit is 32 (64 since 2.0)

struct Header {
  std::string descr;
  std::optional<bool> fortran;
  std::optional<Dims> shape;
};

class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  Result<Header> parse() {
    Header h;
    if (!eat('{')) return damaged();
    while (!eat('}')) {
      const auto key = quoted();
      if (!key || !eat(':')) return damaged();
      if (*key == "descr" && h.descr.empty()) {
        if (rest_.starts_with('[')) return invalid("structured .npy arrays are not supported; save one plain array for each input");
        const auto descr = quoted();
        if (!descr || descr->empty()) return damaged();
        h.descr = *descr;
      } else if (*key == "fortran_order" && !h.fortran) {
        if (!eat_word("True") && !eat_word("False")) return damaged();
        h.fortran = word_ == "True";
      } else if (*key == "shape" && !h.shape) {
        h.shape = tuple();
        if (!h.shape) return damaged();
      } else {
        return invalid(".npy header has an unexpected or repeated key '{}'", *key);
      }
      if (!eat(',') && !rest_.starts_with('}')) return damaged();
    }
    if (rest_.find_first_not_of(" \n") != std::string_view::npos || h.descr.empty() || !h.fortran || !h.shape) return damaged();
    return h;
  }

 private:
  static Error damaged() { return invalid("damaged .npy header; write the file again with numpy.save"); }
  void skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }
  bool eat(char c) {
    skip();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    skip();
    return true;
  }
  bool eat_word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    word_ = word;
    rest_.remove_prefix(word.size());
    skip();
    return true;
  }
  std::optional<std::string> quoted() {
    const char quote = rest_.empty() ? '\0' : rest_.front();
    if (quote != '\'' && quote != '"') return std::nullopt;
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    skip();
    return text;
  }
  std::optional<Dims> tuple() {
    Dims dims;
    if (!eat('(')) return std::nullopt;
    while (!eat(')')) {
      std::int64_t d = -1;
      const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), d);
      if (code != std::errc() || d < 0 || dims.size() == max_rank) return std::nullopt;
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      eat_word("L");  // Python 2 wrote 3L
      skip();
      dims.push_back(d);
      if (!eat(',') && !rest_.starts_with(')')) return std::nullopt;
    }
    return dims;
  }

  std::string_view rest_, word_;
};

struct TypeCode {
  std::string_view descr;  // without the byte order
  DType dtype;
};
constexpr TypeCode codes[] = {{"b1", DType::boolean}, {"i1", DType::i8}, {"u1", DType::u8}, {"i2", DType::i16}, {"u2", DType::u16}, {"i4", DType::i32},
                          {"u4", DType::u32},     {"i8", DType::i64}, {"u8", DType::u64}, {"f2", DType::f16}, {"f4", DType::f32}, {"f8", DType::f64}};

Result<DType> dtype_of_descr(const std::string& descr) {
  const bool ordered = descr.find_first_of("<>|=") == 0;
  const std::string_view code = std::string_view(descr).substr(ordered ? 1 : 0);
  for (const TypeCode& c : codes) {
    if (c.descr != code) continue;
    if (descr[0] == '>' && bits(c.dtype) > 8) return invalid(".npy holds big-endian numbers ('{}'); save x.astype('<{}') instead", descr, code);
    return c.dtype;
  }
  if (code.starts_with('O')) return invalid(".npy holds pickled Python objects, which are refused because they can run code; save plain numbers");
  return invalid(".npy holds elements of type '{}', which is not supported; save float32, float64, float16, bool or an integer type", descr);
}

}  // namespace

Result<Tensor> parse_npy(Bytes bytes, std::shared_ptr<const void> owner) {
  Reader reader(bytes);
  const auto start = reader.take(magic.size());
  if (!start || as_text(*start) != magic) return invalid("not an .npy file (it does not start with \\x93NUMPY)");
  const auto major = reader.get<std::uint8_t>(), minor = reader.get<std::uint8_t>();
  if (!major || !minor) return invalid(".npy file ends within its header");
  if (*major < 1 || *major > 3) return invalid(".npy format version {}.{} is not known (1.0 to 3.0 are)", *major, *minor);
  std::optional<std::uint64_t> length;
  if (*major == 1) {
    if (const auto n = reader.get<std::uint16_t>()) length = *n;
  } else if (const auto n = reader.get<std::uint32_t>()) {
    length = *n;
  }
  if (!length || *length > max_header) return invalid(".npy header is damaged: its length is missing or over {} bytes", max_header);
  const auto text = reader.take(*length);
  if (!text) return invalid(".npy file ends within its header");
  TRY(const Header header, HeaderParser(as_text(*text)).parse());
  TRY(const DType dtype, dtype_of_descr(header.descr));
  if (*header.fortran && header.shape->size() > 1) return invalid(".npy is in Fortran order; save numpy.ascontiguousarray(x) instead");
  TRY(const std::int64_t count, element_count(*header.shape));
  const auto need = checked_mul<std::uint64_t>(static_cast<std::uint64_t>(count), static_cast<std::uint64_t>(bits(dtype) / 8));
  if (!need || *need != reader.left())
    return invalid(".npy declares {} of {}, but holds {} bytes of data", to_string(*header.shape), name(dtype), reader.left());
  const Bytes data = *reader.take(*need);
  if (dtype == DType::boolean)
    for (const std::byte b : data)
      if (std::to_integer<int>(b) > 1) return invalid(".npy of type bool holds a byte that is neither 0 nor 1");
  const bool aligned = reinterpret_cast<std::uintptr_t>(data.data()) % static_cast<std::uintptr_t>(bits(dtype) / 8) == 0;
  if (owner && aligned) return Tensor::view(dtype, *header.shape, data, std::move(owner));
  Tensor copy = Tensor::allocate(dtype, *header.shape);
  std::copy(data.begin(), data.end(), copy.writable());
  return copy;
}

static std::vector<std::byte> plain_npy(const Tensor& t, std::string_view code) {
  std::string shape;
  for (const std::int64_t d : t.dims()) shape += format("{}, ", d);
  if (t.rank() > 1) shape.resize(shape.size() - 2);
  if (t.rank() == 1) shape.pop_back();
  const char order = bits(t.dtype()) > 8 ? '<' : '|';
  std::string dict = format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}", order, code, shape);
  constexpr std::size_t before = 10;  // magic, version, length
  dict.append(63 - (before + dict.size()) % 64, ' ');
  dict += '\n';
  assert(dict.size() <= UINT16_MAX);
  std::vector<std::byte> out;
  out.reserve(before + dict.size() + t.bytes().size());
  const auto put = [&](Bytes b) { out.insert(out.end(), b.begin(), b.end()); };
  put(as_bytes(magic));
  out.push_back(std::byte{1});
  out.push_back(std::byte{0});
  out.push_back(static_cast<std::byte>(dict.size() & 0xff));
  out.push_back(static_cast<std::byte>(dict.size() >> 8));
  put(as_bytes(dict));
  put(t.bytes());
  return out;
}

std::vector<std::byte> make_npy(const Tensor& t) {
  assert(t && t.dtype() != DType::string);
  for (const TypeCode& c : codes)
    if (c.dtype == t.dtype()) return plain_npy(t, c.descr);
  if (is_float(t.dtype())) return plain_npy(Tensor::of<float>(t.dims(), t.to_floats()), "f4");
  Tensor wide = Tensor::allocate(is_signed(t.dtype()) ? DType::i8 : DType::u8, t.dims());
  for (std::int64_t i = 0; i < t.count(); ++i) wide.writable()[i] = static_cast<std::byte>(static_cast<int>(element(t, i)));
  return plain_npy(wide, is_signed(t.dtype()) ? "i1" : "u1");
}

}  // namespace hone
