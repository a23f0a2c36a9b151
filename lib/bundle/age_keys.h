// SPDX-License-Identifier: Apache-2.0
// Who may decrypt: X25519 recipients and identities in age's spelling (bech32), as `age-keygen` writes them (docs/bundle.md, section 5).
#pragma once
#include <array>
#include <memory>

#include "lib/base/secret.h"

namespace hone {

struct AgeRecipient {
  std::array<unsigned char, 32> key{};
  friend bool operator==(const AgeRecipient&, const AgeRecipient&) = default;
};
Result<AgeRecipient> parse_age_recipient(std::string_view text);  // "age1..."
std::string print_age_recipient(const AgeRecipient&);

// A secret scalar in locked memory, which copies share, and the recipient it belongs to.
class AgeIdentity {
 public:
  static Result<AgeIdentity> generate();
  static Result<AgeIdentity> parse(std::string_view text);  // "AGE-SECRET-KEY-1..."
  Result<SecretBytes> print() const;
  const AgeRecipient& recipient() const { return recipient_; }
  const unsigned char* scalar() const { return scalar_->data(); }  // 32 bytes

 private:
  static Result<AgeIdentity> from(SecretBytes scalar);
  std::shared_ptr<const SecretBytes> scalar_;
  AgeRecipient recipient_;
};

// Files with one of them a line, empty lines and lines that begin with '#'. An identity file is for its owner's eyes only (read_secret_file).
Result<std::vector<AgeIdentity>> read_age_identities(const Path&);
Result<std::vector<AgeRecipient>> read_age_recipients(const Path&);

}  // namespace hone
