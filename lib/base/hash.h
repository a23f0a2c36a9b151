// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) and its hexadecimal spelling. OpenSSL's, which uses the CPU's own instructions where it has them: four times libsodium's speed.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/bytes.h"

namespace hone {

using Digest = std::array<std::byte, 32>;

Digest sha256(Bytes);

// For data that arrives in pieces: update any number of times, then finish once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(Bytes);
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string to_hex(Bytes);                              // lower case
std::optional<std::vector<std::byte>> from_hex(std::string_view);  // nothing unless an even number of [0-9a-f]

}  // namespace hone
