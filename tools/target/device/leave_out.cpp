// SPDX-License-Identifier: Apache-2.0
// Parts of the libraries that no bundle can ask for, replaced before the linker looks for them in the archives (160 kB):
//  - the zstd formats of before 2016, which Debian's decoder also reads. A frame of one becomes "corrupted", as any unknown bytes do.
//  - what libsodium's sodium_init() sets up: password hashing, and vectorized ciphers and key exchange. The device checks signatures, hashes, and
//    reads and writes age files by the portable code, which needs no set-up. sodium_misuse(), the only way to sodium_init(), ends the program.
#include <cstddef>
#include <cstdlib>

extern "C" {

void sodium_misuse() { std::abort(); }

#define LEAVE_OUT(version)                                                                                                          \
  void* ZBUFF##version##_createDCtx() { return nullptr; }                                                                           \
  std::size_t ZBUFF##version##_freeDCtx(void*) { return 0; }                                                                        \
  std::size_t ZBUFF##version##_decompressInitDictionary(void*, const void*, std::size_t) { return static_cast<std::size_t>(-20); }  \
  std::size_t ZBUFF##version##_decompressContinue(void*, void*, std::size_t*, const void*, std::size_t*) {                          \
    return static_cast<std::size_t>(-20);                                                                                           \
  }                                                                                                                                 \
  void* ZSTD##version##_createDCtx() { return nullptr; }                                                                            \
  std::size_t ZSTD##version##_freeDCtx(void*) { return 0; }                                                                         \
  std::size_t ZSTD##version##_decompress_usingDict(void*, void*, std::size_t, const void*, std::size_t, const void*, std::size_t) { \
    return static_cast<std::size_t>(-20);                                                                                           \
  }                                                                                                                                 \
  std::size_t ZSTD##version##_getFrameParams(void*, const void*, std::size_t) { return static_cast<std::size_t>(-20); }             \
  void ZSTD##version##_findFrameSizeInfoLegacy(const void*, std::size_t, std::size_t* compressed, unsigned long long* plain) {      \
    *compressed = static_cast<std::size_t>(-20), *plain = static_cast<unsigned long long>(-2);                                      \
  }
LEAVE_OUT(v05)
LEAVE_OUT(v06)
LEAVE_OUT(v07)

}  // extern "C"
