// SPDX-License-Identifier: Apache-2.0
// Names of keys on tokens; the tokens themselves are tests/scripts/pkcs11's.
#include "lib/bundle/host/token_uri.h"

#include "tests/bundle/helpers.h"

namespace hone {

TEST(token_uri, parts) {
  const auto uri = parse_token_uri("pkcs11:token=Our%20token;object=release;id=%00%0a;type=private?module-path=/usr/lib/x.so&pin-source=file:/run/pin");
  ASSERT_TRUE(uri) << uri.error().message;
  EXPECT_EQ(uri->token, "Our token");
  EXPECT_EQ(uri->object, "release");
  EXPECT_EQ(uri->id, std::string("\0\n", 2));
  EXPECT_FALSE(uri->serial);
  EXPECT_EQ(uri->module_path, "/usr/lib/x.so");
  EXPECT_EQ(uri->pin_source, "/run/pin");
  const auto again = parse_token_uri(print_token_uri(*uri));
  ASSERT_TRUE(again) << print_token_uri(*uri);
  EXPECT_EQ(*again, *uri);
  EXPECT_TRUE(parse_token_uri("pkcs11:"));
  for (const char* text : {"pkcs11:token=ends:;object=x", "pkcs11:?pin-source=file:file:x", "pkcs11:id=%25%3b%26"}) {
    const auto odd = parse_token_uri(text);
    ASSERT_TRUE(odd) << text;
    EXPECT_EQ(parse_token_uri(print_token_uri(*odd)).value(), *odd) << text;
  }
}

TEST(token_uri, refused) {
  const auto refused = [](const char* text, std::string_view words) {
    const auto uri = parse_token_uri(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_EQ(uri.error().code, Code::usage);
    EXPECT_NE(uri.error().message.find(words), std::string::npos) << uri.error().message;
  };
  refused("http:token=x", "is named pkcs11:");
  refused("pkcs11:token", "expected name=value");
  refused("pkcs11:tokn=x", "'tokn' is not known here");
  refused("pkcs11:token=x;token=y", "given twice");
  refused("pkcs11:token=%0", "two hexadecimal digits");
  refused("pkcs11:token=%zz", "two hexadecimal digits");
  refused("pkcs11:token=a%00b", "zero byte");
  refused("pkcs11:token=a b", "must be written as %XX");
  refused("pkcs11:type=public", "of type private");
  refused("pkcs11:token=x?pin-value=1234", "other users could read it");
  refused("pkcs11:token=x?module-name=softhsm", "'module-name' is not known here");
  refused("pkcs11:token=x?module-path=", "names no file");
}

}  // namespace hone
