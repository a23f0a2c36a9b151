// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without libFuzzer: on every file of the corpus folders named, on every prefix of the small ones, and on
// seeded mutations. A crash or a sanitizer report fails the test, and writes the input to fuzz-finding in the current folder; so does
// a missing corpus.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <random>
#include <vector>

#include "lib/base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::size_t executions = 0;
const std::vector<std::uint8_t>* current = nullptr;

extern "C" void keep_input(int signal) {
  std::signal(signal, SIG_DFL);
  const int file = ::open("fuzz-finding", O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (file < 0 || !current || ::write(file, current->data(), current->size()) < 0) return;
  ::close(file);
}

void feed(const std::vector<std::byte>& bytes) {
  // A copy of the exact size, so that a sanitizer sees one byte read too many.
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const std::vector<std::uint8_t> exact(first, first + bytes.size());
  current = &exact;
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  ++executions;
}

void mutate(const std::vector<std::byte>& seed, std::mt19937_64& random) {
  const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % std::max<std::size_t>(n, 1)); };
  for (int round = 0; round < 200 && !seed.empty(); ++round) {
    std::vector<std::byte> bytes = seed;
    for (std::size_t edits = 1 + pick(4); edits-- > 0;) bytes[pick(bytes.size())] = static_cast<std::byte>(round % 3 ? random() : 0xff * (random() & 1));
    if (round % 5 == 0) bytes.resize(pick(bytes.size()));
    if (round % 7 == 0 && !bytes.empty()) {
      const std::vector<std::byte> piece(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(pick(bytes.size())));
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(pick(bytes.size())), piece.begin(), piece.end());
    }
    feed(bytes);
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) std::signal(signal, keep_input);
  std::mt19937_64 random(1);
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i], ignored)) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  if (files.empty()) return std::fputs("no corpus: name a folder with seed files\n", stderr), 1;
  for (const auto& file : files) {
    const auto bytes = hone::read_file(file);
    if (!bytes) return std::fputs((bytes.error().message + "\n").c_str(), stderr), 1;
    feed(*bytes);
    for (std::size_t n = 0; n < std::min<std::size_t>(bytes->size(), 512); ++n) feed({bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(n)});
    if (bytes->size() <= 65536) mutate(*bytes, random);
  }
  std::printf("%zu executions over %zu seeds\n", executions, files.size());
  return 0;
}
