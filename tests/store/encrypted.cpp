// SPDX-License-Identifier: Apache-2.0
// Encrypted releases in the store: they lie there for this device alone, and what was tampered with changes nothing.
#include "lib/bundle/age_stream.h"
#include "tests/store/helpers.h"

namespace hone {
namespace {

const AgeIdentity& device_identity() {
  static const AgeIdentity identity = *AgeIdentity::generate();
  return identity;
}
const AgeIdentity& vendor_identity() {
  static const AgeIdentity identity = *AgeIdentity::generate();
  return identity;
}
const AgeIdentity& other_identity() {
  static const AgeIdentity identity = *AgeIdentity::generate();
  return identity;
}
Unlock vendor() { return {.identities = {vendor_identity()}, .grant = {}}; }

std::vector<AgeRecipient> vendor_and_device() { return {vendor_identity().recipient(), device_identity().recipient()}; }

Contents large_contents_of(std::uint64_t n) {
  Contents c = contents_of(n);
  c.model_weights = weights(60000, n == 1 ? 0 : 0.001F * static_cast<float>(n));
  return c;
}

Buffer encrypted_release(std::uint64_t n, const std::vector<AgeRecipient>& recipients = vendor_and_device()) {
  auto bundle = write_bundle(test_manifest(n), inputs_of(large_contents_of(n)), std::span(&test_key(), 1), recipients);
  EXPECT_TRUE(bundle) << bundle.error().message;
  return *bundle;
}
Bundle opened(Bytes bytes) { return *Bundle::open(memory_input("x", bytes), test_trust(), vendor()); }
Buffer encrypted_delta(Bytes from, Bytes to) { return *encrypt_age(*make_delta(opened(from), opened(to)), vendor_and_device()); }

// Every file of the store that says what it trusts and holds.
std::map<std::string, Buffer> contents(const Path& store) {
  std::map<std::string, Buffer> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(store))
    if (entry.is_regular_file()) files[entry.path().lexically_relative(store).string()] = *read_file(entry.path());
  return files;
}

class EncryptedStore : public testing::Test {
 protected:
  Folder folder;
  Path path = folder.path / "store";
  const Buffer first = encrypted_release(1), second = encrypted_release(2);
  void SetUp() override {
    auto store = open();
    ASSERT_TRUE(install(*store, first, {.factory = true}));
  }
  Result<Store> open(std::vector<AgeIdentity> identities = {device_identity()}) const {
    TRY(Store store, open_store(path));
    store.unlock(std::move(identities));
    return store;
  }
  std::uint64_t serves(std::vector<AgeIdentity> identities = {device_identity()}) const {
    const auto store = open(std::move(identities));
    const auto list = store->serving();
    if (list.empty()) return 0;
    for (const FileEntry& f : list[0].manifest().files)
      if (!store->read(list[0], f.name)) return 0;
    return list[0].manifest().counter;
  }
  void expect_unchanged_by(Bytes bytes, const InstallOptions& how = {}, std::vector<AgeIdentity> identities = {device_identity()}) {
    const auto before = contents(path);
    {
      auto store = open(std::move(identities));
      const auto installed = store->install(memory_input("attack", bytes), this_device(), how);
      ASSERT_FALSE(installed);
      EXPECT_EQ(installed.error().code, Code::untrusted) << installed.error().message;
    }
    EXPECT_EQ(contents(path), before);
    EXPECT_EQ(serves(), 1U);
  }
};

TEST_F(EncryptedStore, full_and_delta) {
  EXPECT_EQ(serves(), 1U);
  for (const Buffer& input : {second, encrypted_delta(second, encrypted_release(3))}) {
    auto store = open();
    const auto installed = store->install(memory_input("input", input), this_device());
    ASSERT_TRUE(installed) << installed.error().message;
    ASSERT_TRUE(try_candidate(*store));
    ASSERT_TRUE(store->commit());
  }
  EXPECT_EQ(serves(), 3U);
  EXPECT_EQ(serves({other_identity()}), 0U);
  EXPECT_EQ(serves({}), 0U);
}

TEST_F(EncryptedStore, delta_between_what_is_here) {
  auto store = open();
  const auto installed = store->install(memory_input("delta", encrypted_delta(first, second)), this_device());
  ASSERT_TRUE(installed) << installed.error().message;
  EXPECT_TRUE(installed->delta);
  ASSERT_TRUE(try_candidate(*store));
  ASSERT_TRUE(store->commit());
  const auto release = store->release(installed->digest);
  EXPECT_TRUE(store->verify(*release));
  EXPECT_TRUE(std::ranges::equal(store->read(*release, "model.weights")->bytes, large_contents_of(2).model_weights));
}

TEST_F(EncryptedStore, files_lie_there_for_this_device_only_each_with_its_own_key) {
  std::set<std::string> headers;
  std::size_t objects = 0;
  for (const auto& [name, bytes] : contents(path / "objects")) {
    EXPECT_TRUE(name.ends_with(".age")) << name;
    const auto header = AgeHeader::read(memory_input(name, bytes));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->stanzas().size(), 1U);
    EXPECT_TRUE(header->unwrap(std::vector{device_identity()})->has_value());
    EXPECT_FALSE(header->unwrap(std::vector{vendor_identity()})->has_value());
    headers.insert(header->text());
    ++objects;
  }
  EXPECT_EQ(headers.size(), objects);
}

TEST_F(EncryptedStore, without_an_identity_nothing_is_spent_or_lost) {
  const auto before = contents(path);
  auto store = open({});
  const auto refused = store->install(memory_input("input", second), this_device());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
  EXPECT_NE(refused.error().message.find("--identity"), std::string::npos);
  EXPECT_EQ(contents(path), before);
  store->unlock({device_identity()});
  ASSERT_TRUE(install(*store, second));
  store->unlock({});
  const State staged = store->state();
  expect_refused([&]() -> Status { CHECK_OK(store->begin_trial()); return Ok{}; }(), Code::usage, "--identity");
  store->unlock({other_identity()});
  expect_refused([&]() -> Status { CHECK_OK(store->begin_trial()); return Ok{}; }(), Code::untrusted, "identities");
  EXPECT_EQ(store->state().tries, staged.tries);
  EXPECT_EQ(store->state().phase, Phase::staged);
  store->unlock({device_identity()});
  EXPECT_TRUE(store->begin_trial());
}

TEST_F(EncryptedStore, a_new_identity_first_and_the_old_one_after_it) {
  {
    auto store = open({other_identity(), device_identity()});
    ASSERT_TRUE(install(*store, second));
    ASSERT_TRUE(try_candidate(*store));
    ASSERT_TRUE(store->commit());
  }
  EXPECT_EQ(serves({other_identity(), device_identity()}), 2U);
  const auto store = open({other_identity()});  // what changed lies there for the new one, what did not for the old one
  EXPECT_TRUE(store->read(store->serving()[0], "model.weights"));
  EXPECT_FALSE(store->read(store->serving()[0], "model.plan"));
}

TEST_F(EncryptedStore, from_encrypted_to_plain_and_back_by_delta) {
  const Buffer plain = make_bundle(large_contents_of(2), 2), sealed = encrypted_release(3);
  const auto upgrade_by = [&](Bytes delta) {
    auto store = open();
    const auto installed = store->install(memory_input("delta", delta), this_device());
    ASSERT_TRUE(installed) << installed.error().message;
    ASSERT_TRUE(try_candidate(*store));
    ASSERT_TRUE(store->commit());
    EXPECT_TRUE(store->verify(*store->release(installed->digest)));
  };
  upgrade_by(*make_delta(opened(first), opened(plain)));
  EXPECT_EQ(serves({}), 2U);
  upgrade_by(encrypted_delta(plain, sealed));
  EXPECT_EQ(serves({}), 0U);
  EXPECT_EQ(serves(), 3U);
}

TEST_F(EncryptedStore, a_grant_lets_a_new_device_in) {
  const Buffer for_vendor = encrypted_release(2, {vendor_identity().recipient()});
  expect_unchanged_by(for_vendor);
  const auto key = unlock(*AgeHeader::parse(opened(for_vendor).manifest().encryption->header), vendor());
  const std::array<AgeRecipient, 1> admitted{device_identity().recipient()};
  const auto grant = AgeHeader::make(*key, admitted);
  {
    auto store = open();
    const auto installed = store->install(memory_input("input", for_vendor), this_device(), {.grant = *grant});
    ASSERT_TRUE(installed) << installed.error().message;
    ASSERT_TRUE(try_candidate(*store));
    ASSERT_TRUE(store->commit());
  }
  EXPECT_EQ(serves(), 2U);
}

// Everything that is written is looked at on its way: nothing is plain on the disk even for a moment.
TEST_F(EncryptedStore, nothing_plain_is_ever_written) {
  std::set<std::string> secrets;
  for (const std::uint64_t n : {UINT64_C(1), UINT64_C(2)}) {
    const Contents c = large_contents_of(n);
    for (const Buffer& bytes : {c.model_weights, c.model_plan})
      for (std::size_t i = 0; i + 16 <= bytes.size(); i += 16) secrets.emplace(as_text(Bytes(bytes).subspan(i, 16)));
  }
  int looked = 0, plain = 0;
  const FileOps watching([&](const FileChange& change) {
    if (change.op == FileOp::write) ++looked;
    for (std::size_t i = 0; i + 16 <= change.bytes.size(); ++i)
      if (secrets.contains(std::string(as_text(change.bytes.subspan(i, 16))))) return ++plain, 0;
    return 0;
  });
  {
    auto store = open_store(path, watching);
    store->unlock({device_identity()});
    ASSERT_TRUE(store->install(memory_input("delta", encrypted_delta(first, second)), this_device()));
  }
  EXPECT_GT(looked, 5);
  EXPECT_EQ(plain, 0);
  plain = 0;
  const Path other = folder.path / "plain";
  auto store = open_store(other, watching);
  ASSERT_TRUE(install(*store, make_bundle(large_contents_of(1), 1), {.factory = true}));
  EXPECT_GT(plain, 0) << "what is looked for can be found";
}

TEST_F(EncryptedStore, any_failed_operation_leaves_the_old_release_and_a_repeated_install_finishes) {
  const Buffer delta = encrypted_delta(first, second);
  for (int last = 0;; ++last) {
    const Path copy = folder.path / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(path, copy, std::filesystem::copy_options::recursive);
    int n = 0;
    const auto install_into = [&](FileOps ops) -> Status {
      TRY(Store store, open_store(copy, std::move(ops)));
      store.unlock({device_identity()});
      CHECK_OK(store.install(memory_input("delta", delta), this_device()));
      return store.verify(*store.release(*store.state().candidate()));
    };
    const Status cut = install_into(FileOps([&](const FileChange&) { return n++ == last ? EIO : 0; }));
    if (n <= last) {
      EXPECT_TRUE(cut);
      EXPECT_GT(last, 10);
      break;
    }
    ASSERT_TRUE(install_into(FileOps())) << "operation " << last;
  }
}

using Threats = EncryptedStore;

TEST_F(Threats, threat_34_encrypted_chunks_moved_truncated_or_duplicated_change_nothing) {
  const Encryption e = *opened(second).manifest().encryption;
  const auto length = static_cast<std::size_t>(e.length);
  const std::size_t begin = second.size() - 1024 - ustar_padding(length) - length, chunk = 65552, payload = begin + e.header.size() + age_nonce_length;
  const auto at = [](Buffer& b, std::size_t i) { return b.begin() + static_cast<std::ptrdiff_t>(i); };
  Buffer moved = second, doubled = second, cut(second.begin(), second.begin() + static_cast<std::ptrdiff_t>(payload + chunk)), altered = second;
  std::swap_ranges(at(moved, payload), at(moved, payload + chunk), at(moved, payload + chunk));
  std::copy_n(second.begin() + static_cast<std::ptrdiff_t>(payload), chunk, at(doubled, payload + chunk));
  altered[begin + 60] ^= std::byte{1};  // in the first stanza
  for (const Buffer& attack : {moved, doubled, cut, altered}) expect_unchanged_by(attack);
}

TEST_F(Threats, threat_34_encrypted_delta_altered_changes_nothing) {
  const Buffer delta = encrypted_delta(first, second);
  for (const std::size_t at : {std::size_t{60}, std::size_t{150}, delta.size() / 2, delta.size() - 1}) {
    Buffer altered = delta;
    altered[at] ^= std::byte{1};
    expect_unchanged_by(altered);
    expect_unchanged_by(Bytes(delta).first(at));
  }
  expect_unchanged_by(delta, {}, {other_identity()});
}

TEST_F(Threats, threat_34_grant_of_another_device_or_another_release_changes_nothing) {
  const Buffer for_vendor = encrypted_release(2, {vendor_identity().recipient()}), other = encrypted_release(3, {vendor_identity().recipient()});
  const auto grant_for = [](Bytes bundle, const AgeIdentity& identity) {
    const std::array<AgeRecipient, 1> admitted{identity.recipient()};
    return *AgeHeader::make(*unlock(*AgeHeader::parse(opened(bundle).manifest().encryption->header), vendor()), admitted);
  };
  expect_unchanged_by(for_vendor, {.grant = grant_for(for_vendor, other_identity())});
  expect_unchanged_by(for_vendor, {.grant = grant_for(other, device_identity())});
}

TEST_F(Threats, threat_34_objects_swapped_or_altered_are_refused_when_read) {
  auto store = open();
  const auto release = store->serving()[0];
  const Manifest& m = release.manifest();
  const auto object = [&](const char* file) { return path / "objects" / (to_hex(m.file(file)->sha256) + ".age"); };
  const Buffer plan = *read_file(object("model.plan")), weights = *read_file(object("model.weights"));
  ASSERT_TRUE(write_file(object("model.weights"), plan, true));  // encrypted for this device, and yet not what it is called
  EXPECT_EQ(store->read(release, "model.weights").error().code, Code::untrusted);
  EXPECT_FALSE(store->verify(release));
  for (const std::size_t at : {std::size_t{30}, std::size_t{200}, weights.size() - 5}) {
    Buffer altered = weights;
    altered[at] ^= std::byte{1};
    ASSERT_TRUE(write_file(object("model.weights"), altered, true));
    EXPECT_EQ(store->read(release, "model.weights").error().code, Code::untrusted);
  }
  // The attacker knows the device's recipient, and so can encrypt for it: the hashes still decide.
  const Buffer forged(m.file("model.weights")->length);
  const AgeRecipient device = device_identity().recipient();
  ASSERT_TRUE(write_file(object("model.weights"), *encrypt_age(forged, std::span(&device, 1)), true));
  EXPECT_EQ(store->read(release, "model.weights").error().code, Code::untrusted);
  ASSERT_TRUE(write_file(object("model.weights"), weights, true));
  EXPECT_TRUE(store->verify(release));
}

}  // namespace
}  // namespace hone
