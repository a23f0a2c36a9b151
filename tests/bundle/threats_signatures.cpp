// SPDX-License-Identifier: Apache-2.0
// Attacks on who signed what, and which release it is (threats 2 to 7, 9, 24). Keyrings are in tests/store/keyring.cpp.
#include "tests/bundle/threats.h"

namespace hone {
namespace {

// The release with other signatures than its own.
Buffer signed_with(const std::vector<std::string>& signatures) {
  const auto opened = Bundle::open(memory_input("test", release()), test_trust());
  Buffer out = print_front(opened->release().manifest_bytes(), signatures);
  out.insert(out.end(), release().begin() + static_cast<std::ptrdiff_t>(find(release(), "payload/")), release().end());
  return out;
}

Signature signature_by(const SecretKey& key) {
  const auto opened = Bundle::open(memory_input("test", release()), test_trust());
  return key.sign(opened->release().manifest_bytes(), opened->manifest().trusted_comment());
}

std::string text_of(const Signature& s) { return print_signature(s, signature_comment); }

// Keys of another role are in keyring.cpp.
TEST_F(Threats, threat_2_unknown_key) {
  refused(signed_with({text_of(signature_by(other_key()))}), Code::untrusted, "which is not trusted here");
  Signature borrowed = signature_by(other_key());
  borrowed.id = test_key().public_key().id;
  refused(signed_with({text_of(borrowed)}), Code::untrusted, "is wrong");
  refused(signed_with({text_of(signature_by(test_key())), text_of(borrowed)}), Code::untrusted, "is wrong");  // beside a good one
}

TEST_F(Threats, threat_3_one_key_twice_where_two_are_demanded) {
  const Folder folder;
  const Path store_path = folder.path / "store";
  const Trust two = trust_in({&test_key(), &other_key()}, 2);
  const auto install_of_two = [&](Bytes bytes, const InstallOptions& options = {}) -> Status {
    TRY(Store store, Store::open(store_path, two, Store::Access::change));
    return ::hone::install(store, bytes, options);
  };
  ASSERT_TRUE(install_of_two(make_bundle({}, serving, {&test_key(), &other_key()}), {.factory = true}));
  const auto before = contents(store_path);
  const std::string one = text_of(signature_by(test_key())), other = text_of(signature_by(other_key()));
  const SecretKey stranger = SecretKey::generate();
  for (const std::vector<std::string>& signatures : {std::vector{one}, {one, one}, {one, one, one, one, one, one, one, one}, {one, text_of(signature_by(stranger))}}) {
    expect_refused(install_of_two(signed_with(signatures)), Code::untrusted, "signed by 1 trusted keys, 2 are needed");
    EXPECT_EQ(contents(store_path), before);
  }
  EXPECT_TRUE(install_of_two(signed_with({one, one, other}))) << "the second key is there";
}

TEST_F(Threats, threat_4_empty_zero_or_absent_signature) {
  refused(signed_with({}), Code::untrusted, "not signed");
  refused(signed_with({""}), Code::untrusted, "not a minisign signature");
  for (const std::size_t n : {1, 64, 300}) refused(signed_with({std::string(n, '\0')}), Code::untrusted, "not a minisign signature");
  Signature zeros = signature_by(test_key());
  zeros.signature.fill(0);
  zeros.global.fill(0);
  refused(signed_with({text_of(zeros)}), Code::untrusted, "is wrong");
  Signature half = signature_by(test_key());  // right, but for the one over the trusted comment
  half.global.fill(0);
  refused(signed_with({text_of(half)}), Code::untrusted, "trusted comment");
  const std::string good = text_of(signature_by(test_key()));
  for (std::size_t n = 0; n < good.size(); n += 7) refused(signed_with({good.substr(0, n)}), Code::untrusted, "");
  refused(signed_with({good + " "}), Code::untrusted, "");
}

TEST_F(Threats, threat_6_version_strings_change_no_check) {
  for (const std::string version : {"-dev", "dev", "0.0.0-dev", "99.99.99", "1.0+local", "...", "v"}) {
    const auto versioned = [&](std::uint64_t counter) {
      Manifest m = test_manifest(counter);
      m.version = version;
      return *write_bundle(m, inputs_of({}), std::span(&test_key(), 1));
    };
    refused_by_store(versioned(serving - 1), Code::untrusted, "rollback refused");
    Buffer unsigned_one = versioned(serving + 1);
    unsigned_one[find(unsigned_one, "\"files\"") + 1] ^= std::byte{1};
    refused(unsigned_one, Code::untrusted, "altered");
    EXPECT_TRUE(read_bundle(versioned(serving + 1)));
  }
  for (const std::string minimum : {"-dev", "0.1.0-dev", "0.1", "0.1.0.0", "+0.1.0", "-1.0.0", "99999999999.0.0", " 0.1.0", "", "0.1.x"})
    refused(resigned(release(), replace("\"minimum_hone\":\"0.1.0\"", format("\"minimum_hone\":\"{}\"", minimum))), Code::invalid, "is not X.Y.Z");
  refused_by_store(release(), Code::invalid, "needs Hone 0.1.0", {"x86_64", "0.1.0-dev"});  // a device that cannot tell its version takes nothing
}

TEST_F(Threats, threat_7_manifest_or_golden_vector_altered) {
  Manifest m = test_manifest(6);
  Golden golden{.inputs = {}, .outputs = {}, .absolute = 1e-3, .relative = 1e-3};
  golden.inputs["x"] = "golden/0/x.npy";
  golden.outputs["y"] = "golden/0/y.npy";
  m.golden.push_back(golden);
  const Contents c;
  std::vector<FileInput> files = inputs_of(c);
  const Buffer x = to_buffer("golden input"), y = to_buffer("golden output");
  files.push_back({"golden/0/x.npy", x, {}});
  files.push_back({"golden/0/y.npy", y, {}});
  const Buffer good = *write_bundle(m, files, std::span(&test_key(), 1));
  ASSERT_TRUE(read_bundle(good));
  for (const std::string_view piece : {"\"tool\":\"test\"", "\"absolute\":0.001", "golden/0/y.npy\"}", "\"gate\":{}", "\"expires\":0"}) {
    Buffer bytes = good;
    bytes[find(bytes, piece) + piece.size() - 2] ^= std::byte{1};
    refused(bytes, Code::untrusted, "altered");
  }
  Buffer bytes = good;
  bytes[data_of(bytes, "golden/0/y.npy") + 3] ^= std::byte{1};
  refused(bytes, Code::untrusted, "golden/0/y.npy");
}

TEST_F(Threats, threat_9_signature_of_another_bundle_or_comment) {
  refused(resigned(release(), replace(counter_is(6), counter_is(7)), "hone bundle name=tiny version=1.0.6 counter=6"), Code::untrusted, "another release");
  refused(resigned(release(), replace("\"name\":\"tiny\"", "\"name\":\"tine\""), "hone bundle name=tiny version=1.0.6 counter=6"), Code::untrusted, "another release");
  refused(resigned(release(), [](std::string&) {}, "hone keyring name=tiny version=1.0.6 counter=6"), Code::untrusted, "another release");
  refused(resigned(release(), [](std::string&) {}, "hone bundle name=tiny version=1.0.6 counter=6 "), Code::untrusted, "another release");
  Buffer altered = release();
  altered[find(altered, "trusted comment: hone") + 17] = std::byte{'H'};
  refused(altered, Code::untrusted, "trusted comment");
  Buffer untrusted_comment = release();
  untrusted_comment[find(untrusted_comment, "signature of a Hone bundle")] = std::byte{'S'};
  refused(untrusted_comment, Code::untrusted, "altered");
  // The manifest of one release, the signature of another.
  const Buffer other = make_bundle({}, 7);
  const auto a = Bundle::open(memory_input("a", release()), test_trust()), b = Bundle::open(memory_input("b", other), test_trust());
  Buffer mixed = print_front(a->release().manifest_bytes(), b->release().signatures());
  mixed.insert(mixed.end(), release().begin() + static_cast<std::ptrdiff_t>(find(release(), "payload/")), release().end());
  refused(mixed, Code::untrusted, "altered");
}

TEST_F(Threats, threat_24_older_release_under_a_newer_name) {
  const Folder folder;
  const Path newer = folder.path / "tiny-9.9.9-counter-99.hone";
  ASSERT_TRUE(write_file(newer, make_bundle({}, serving - 1)));
  const auto before = contents();
  {
    auto store = open_store(path());
    ASSERT_TRUE(store);
    const auto installed = store->install(*open_input(newer), this_device());
    ASSERT_FALSE(installed);
    EXPECT_EQ(installed.error().code, Code::untrusted);
    EXPECT_NE(installed.error().message.find("rollback refused: tiny 1.0.4 has counter 4, this device has committed 5"), std::string::npos) << installed.error().message;
  }
  expect_unmoved(before);
}

}  // namespace
}  // namespace hone
