// SPDX-License-Identifier: Apache-2.0
// Reading is libzip's, which knows deflate and zip64. Writing is ours: a stored zip (APPNOTE.TXT 4.3) without times or
// attributes is 60 lines, and libzip would leave its version and host in the bytes.
#include "lib/data/npz.h"

#include <zip.h>
#include <zlib.h>

#include "lib/data/npy.h"

namespace hone {
namespace {

// Deflate cannot expand by more than 1032 (zlib's technical notes); a claim beyond it is a lie.
constexpr std::uint64_t max_expansion = 1032;
constexpr std::size_t max_entries = 4096;

struct Archive {
  zip_t* zip = nullptr;
  ~Archive() {
    if (zip) zip_discard(zip);
  }
};

Result<Tensor> read_entry(zip_t* zip, std::uint64_t index, const zip_stat_t& stat) {
  if (stat.encryption_method != ZIP_EM_NONE) return invalid("is encrypted; save it without a password");
  std::vector<std::byte> bytes(stat.size);
  zip_file_t* file = zip_fopen_index(zip, index, 0);
  if (!file) return invalid("{}", zip_strerror(zip));
  std::size_t used = 0;
  while (used < bytes.size()) {
    const zip_int64_t n = zip_fread(file, bytes.data() + used, bytes.size() - used);
    if (n <= 0) break;
    used += static_cast<std::size_t>(n);
  }
  // One more read reaches the end of the stream, where libzip checks the CRC.
  std::byte more{};
  const bool complete = used == bytes.size() && zip_fread(file, &more, 1) == 0;
  zip_fclose(file);
  if (!complete) return invalid("is damaged (its bytes do not match the archive's size or checksum)");
  const SharedBytes shared = share(std::move(bytes));
  return parse_npy(shared.bytes, shared.owner);
}

void put(std::vector<std::byte>& out, Bytes b) { out.insert(out.end(), b.begin(), b.end()); }
template <class... T> void put_numbers(std::vector<std::byte>& out, T... numbers) {
  (put(out, std::as_bytes(std::span(&numbers, 1))), ...);
}

}  // namespace

Result<TensorMap> parse_npz(Bytes bytes) {
  if (bytes.empty()) return invalid("not an .npz file: it is empty");
  zip_error_t error{};
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (!source) return bug("zip_source_buffer_create failed");
  const Archive archive{zip_open_from_source(source, ZIP_RDONLY, &error)};
  if (!archive.zip) {
    const std::string why = zip_error_strerror(&error);
    zip_source_free(source);
    return invalid("not an .npz file: {}", why);
  }
  const zip_int64_t entries = zip_get_num_entries(archive.zip, 0);
  if (entries < 0 || static_cast<std::size_t>(entries) > max_entries) return invalid(".npz has {} entries, more than the {} allowed", entries, max_entries);
  TensorMap arrays;
  std::uint64_t left = bytes.size();  // compressed bytes not yet accounted for: entries may not overlap
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(entries); ++i) {
    zip_stat_t stat{};
    if (zip_stat_index(archive.zip, i, 0, &stat) != 0) return invalid(".npz: {}", zip_strerror(archive.zip));
    std::string name = stat.name;
    if (!name.ends_with(".npy")) return invalid(".npz has a member '{}' that is no .npy file; write it with numpy.savez", name);
    name.resize(name.size() - 4);
    if (stat.comp_size > left) return invalid("array '{}' claims more bytes than the file has", name);
    left -= stat.comp_size;
    if (stat.size > stat.comp_size * max_expansion + 64) return invalid("array '{}' claims {} bytes, which {} compressed bytes cannot hold", name, stat.size, stat.comp_size);
    TRY(Tensor tensor, read_entry(archive.zip, i, stat).in(format("array '{}'", name)));
    if (!arrays.emplace(name, std::move(tensor)).second) return invalid(".npz has two arrays named '{}'", name);
  }
  return arrays;
}

Result<TensorMap> read_npz(const Path& path) {
  TRY(const std::vector<std::byte> bytes, read_file(path));
  return parse_npz(bytes).in(path.string());
}

Result<std::vector<std::byte>> make_npz(const TensorMap& arrays) {
  using U16 = std::uint16_t;
  using U32 = std::uint32_t;
  constexpr U16 version = 20, flags = 1 << 11, stored = 0, time = 0, date = (1 << 5) | 1;  // names are UTF-8; 1980-01-01 00:00
  std::vector<std::byte> out, directory;
  for (const auto& [array, tensor] : arrays) {
    const std::string name = array + ".npy";
    const std::vector<std::byte> npy = make_npy(tensor);
    if (out.size() + directory.size() + npy.size() + 2 * name.size() + 256 > UINT32_MAX || arrays.size() > max_entries || name.size() > UINT16_MAX)
      return invalid("the arrays do not fit an .npz of 4 GiB and {} members; write fewer samples", max_entries);
    const auto crc = static_cast<U32>(crc32_z(0, reinterpret_cast<const Bytef*>(npy.data()), npy.size()));
    const auto size = static_cast<U32>(npy.size()), offset = static_cast<U32>(out.size());
    const auto name_size = static_cast<U16>(name.size());
    put_numbers(out, U32{0x04034b50}, version, flags, stored, time, date, crc, size, size, name_size, U16{0});
    put(out, as_bytes(name));
    put(out, npy);
    put_numbers(directory, U32{0x02014b50}, version, version, flags, stored, time, date, crc, size, size, name_size, U16{0}, U16{0}, U16{0}, U16{0}, U32{0}, offset);
    put(directory, as_bytes(name));
  }
  const auto count = static_cast<U16>(arrays.size());
  const auto start = static_cast<U32>(out.size()), length = static_cast<U32>(directory.size());
  put(out, directory);
  put_numbers(out, U32{0x06054b50}, U16{0}, U16{0}, count, count, length, start, U16{0});
  return out;
}

}  // namespace hone
