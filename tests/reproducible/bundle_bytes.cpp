// SPDX-License-Identifier: Apache-2.0
// Makes bundles and the deltas between them from fixed content with a fixed key, and prints their SHA-256: tests/scripts/arm64_same_bundle runs it as
// an x86-64 and as an AArch64 program, and both must print the same.
#include <cstdio>

#include "lib/bundle/delta_writer.h"
#include "lib/bundle/writer.h"
#include "tests/fuzz/release.h"

namespace hone {
namespace {

using Buffer = std::vector<std::byte>;

// Bytes of elements that look like weights: integers of a linear congruential generator (Knuth, The Art of Computer Programming 2, 3.3.4, line 26), added
// up so that they bunch; scaled by a power of two to floats, which is exact everywhere.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::int64_t next() {
    std::int64_t sum = 0;
    for (int i = 0; i < 8; ++i) {
      state_ = state_ * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      sum += static_cast<std::int64_t>(state_ >> 48) - 32768;
    }
    return sum;
  }

 private:
  std::uint64_t state_;
};

// `moved`: every how many elements one differs from the first release's.
template <class T, class Make> Buffer tensor(std::size_t count, std::uint64_t seed, std::size_t moved, Make make) {
  Numbers numbers(seed), noise(seed + 1000);
  Buffer bytes(count * sizeof(T));
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t n = numbers.next();
    if (moved != 0 && i % moved == 0) n += noise.next() / 256;
    const T value = make(n);
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

Buffer bundle(std::uint64_t counter, std::size_t moved, const SecretKey& key) {
  const Buffer f32 = tensor<float>(400'000, 1, moved, [](std::int64_t n) { return static_cast<float>(n) * 0x1p-20F; });
  const Buffer f16 = tensor<std::uint16_t>(100'001, 2, moved, [](std::int64_t n) { return float_to_half(static_cast<float>(n) * 0x1p-20F); });
  const Buffer i8 = tensor<std::int8_t>(300'000, 3, moved * 7, [](std::int64_t n) { return static_cast<std::int8_t>(n >> 11); });
  Buffer weights;
  std::vector<Segment> segments;
  for (const auto& [bytes, width] : {std::pair(&f32, 4), std::pair(&f16, 2), std::pair(&i8, 1)}) {
    weights.resize((weights.size() + 63) / 64 * 64);
    segments.push_back({weights.size(), bytes->size(), width});
    weights.insert(weights.end(), bytes->begin(), bytes->end());
  }
  Manifest m;
  m.name = "same";
  m.version = format("1.0.{}", counter);
  m.counter = counter;
  m.floor = 1;
  m.created = 1795219200;
  m.expires = 1802995200;
  m.architectures = {"aarch64", "x86_64"};
  m.interface = {{{"x", DType::f32, {{Port::any, 3, 224, 224}}}}, {{"y", DType::f32, {{Port::any, 1000}}}}};
  m.memory = {weights.size(), 602112};
  m.histograms = {{"y", Reference::Of::values, {-1.0 / 3, 0.1, 1e-7 + 2, 12345.678}, {0, 1, 2, 3, 4}}};
  m.gate = {{"latency", {{"max_p95_us", 1.5e4}}}};
  m.provenance = {{"tool", "a test"}, {"tolerance", 0.3}};
  const std::string text = "notes for people\n";
  return *write_bundle(m, {{"model.weights", weights, segments}, {"notes.txt", as_bytes(text), {}}, {"empty", {}, {}}}, std::span(&key, 1));
}

void show(const char* what, Bytes bytes) { std::printf("%s  %s, %zu bytes\n", to_hex(sha256(bytes)).c_str(), what, bytes.size()); }

}  // namespace
}  // namespace hone

int main() {
  using namespace hone;
  const SecretKey key = *SecretKey::parse(fuzz_key);
  const Trust trust{.keys = {key.public_key()}};
  const Buffer first = bundle(1, 0, key), second = bundle(2, 1, key), third = bundle(3, 50, key);
  show("bundle", first);
  show("bundle, every weight moved", second);
  show("bundle, some weights moved", third);
  const Bundle a = *Bundle::open(memory_input("a", first), trust);
  for (const Buffer* target : {&second, &third}) show("delta", *make_delta(a, *Bundle::open(memory_input("b", *target), trust)));
  return 0;
}
