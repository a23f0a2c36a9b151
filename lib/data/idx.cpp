// SPDX-License-Identifier: Apache-2.0
#include "lib/data/idx.h"

#include <zlib.h>

namespace hone {
namespace {

constexpr std::size_t max_rank = 8;
constexpr std::uint64_t max_expansion = 1032;  // of deflate

struct Inflater {
  z_stream z{};
  bool ok;
  explicit Inflater(Bytes in) {
    z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
    z.avail_in = static_cast<uInt>(in.size());
    ok = inflateInit2(&z, 15 + 16) == Z_OK;  // 16: a gzip header
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&z); }
  // Fills `out`; false when the stream ends before or is damaged.
  bool read(std::byte* out, std::size_t n) {
    while (n > 0) {
      z.next_out = reinterpret_cast<Bytef*>(out);
      z.avail_out = static_cast<uInt>(std::min<std::size_t>(n, 1u << 30));
      const std::size_t before = z.avail_out;
      const int code = inflate(&z, Z_NO_FLUSH);
      const std::size_t got = before - z.avail_out;
      out += got, n -= got;
      if (code == Z_STREAM_END) return n == 0;
      if (code != Z_OK) return false;
      if (got == 0 && z.avail_in == 0) return n == 0;
    }
    return true;
  }
  // At the end of the stream zlib checks length and CRC.
  bool finish() {
    std::byte more;
    z.next_out = reinterpret_cast<Bytef*>(&more);
    z.avail_out = 1;
    return inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_out == 1;
  }
};

Error damaged() { return invalid("damaged IDX file: it ends early, or its gzip stream is broken"); }

// Reads from the bytes themselves or through gzip.
class Source {
 public:
  explicit Source(Bytes bytes) : plain_(bytes), size_(bytes.size()) {
    if (bytes.size() > 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b}) gzip_.emplace(bytes);
  }
  bool read(std::byte* out, std::size_t n) {
    if (gzip_) return gzip_->ok && gzip_->read(out, n);
    const auto head = plain_.take(n);
    if (head) std::copy(head->begin(), head->end(), out);
    return head.has_value();
  }
  bool finish() { return gzip_ ? gzip_->finish() : plain_.left() == 0; }
  // Whether `n` elements could follow at all.
  bool plausible(std::uint64_t n) const { return gzip_ ? n <= size_ * max_expansion : n == plain_.left(); }

 private:
  Reader plain_;
  std::uint64_t size_;
  std::optional<Inflater> gzip_;
};

}  // namespace

Result<Tensor> parse_idx(Bytes bytes) {
  if (bytes.size() > UINT32_MAX) return invalid("IDX file over 4 GiB");
  Source source(bytes);
  std::byte head[4];
  if (!source.read(head, 4)) return damaged();
  const auto rank = std::to_integer<std::size_t>(head[3]);
  if (head[0] != std::byte{0} || head[1] != std::byte{0}) return invalid("not an IDX file (it does not start with two zero bytes)");
  if (head[2] != std::byte{8}) return invalid("IDX element type {} is not supported; only bytes (type 8) are", std::to_integer<int>(head[2]));
  if (rank < 1 || rank > max_rank) return invalid("IDX rank {} is outside [1, {}]", rank, max_rank);
  Dims dims;
  for (std::size_t i = 0; i < rank; ++i) {
    std::byte d[4];
    if (!source.read(d, 4)) return damaged();
    std::int64_t value = 0;
    for (const std::byte b : d) value = value << 8 | std::to_integer<int>(b);
    dims.push_back(value);
  }
  TRY(const std::int64_t count, element_count(dims));
  if (!source.plausible(static_cast<std::uint64_t>(count))) return invalid("IDX header declares {}, which the file's bytes cannot hold", to_string(dims));
  Tensor t = Tensor::allocate(DType::u8, dims);
  if (!source.read(t.writable(), static_cast<std::size_t>(count)) || !source.finish()) return damaged();
  return t;
}

}  // namespace hone
