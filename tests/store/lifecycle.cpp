// SPDX-License-Identifier: Apache-2.0
// Attacks on a device over time: expired releases and wrong clocks, other interfaces, floors, releases that fail again and again, damage that is mended, and
// what another hand puts into the store.
#include <sys/stat.h>

#include "tests/store/helpers.h"

namespace hone {
namespace {

constexpr std::uint64_t year = 365 * 86400, made = 1800000000;  // early 2027

Device at(std::uint64_t now) { return {"x86_64", "0.1.0", now}; }

Buffer bundle_of(const Manifest& m, const Contents& c) {
  const SecretKey key = test_key();
  auto bundle = write_bundle(m, inputs_of(c), std::span(&key, 1));
  EXPECT_TRUE(bundle) << bundle.error().message;
  return *bundle;
}
// Release n, made n days after `made`, good for 90 days.
Buffer dated(std::uint64_t n, std::uint64_t floor = 0) {
  Manifest m = test_manifest(n);
  m.created = made + n * 86400;
  m.expires = m.created + 90 * 86400;
  m.floor = floor;
  return bundle_of(m, contents_of(n));
}
std::size_t contents_files(Bytes bundle) { return Bundle::open(memory_input("x", bundle), test_trust())->manifest().files.size(); }
bool alarmed(const Store& store, const Device& device, std::string_view words) {
  return std::ranges::any_of(store.alarms(device), [&](const std::string& a) { return a.find(words) != a.npos; });
}

}  // namespace

class Lifecycle : public testing::Test {
 protected:
  Folder folder;
  Path path = folder.path / "store";
  std::string bytes_of_state() const { return std::string(as_text(*read_file(path / "state"))); }
  // Installs, tries, commits.
  void take(Bytes bundle, const Device& device) {
    auto store = open_store(path);
    const bool first = store->state().generation == 0;
    const auto installed = store->install(memory_input("x", bundle), device, {.factory = first});
    ASSERT_TRUE(installed) << installed.error().message;
    if (first) return;
    ASSERT_TRUE(try_candidate(*store));
    ASSERT_TRUE(store->commit());
  }
  // Refused for that reason, and every byte of the state is the same.
  void refuse(Bytes bundle, const Device& device, Code code, std::string_view words, const InstallOptions& options = {}) {
    auto store = open_store(path);
    const std::string before = bytes_of_state();
    const std::uint64_t serves = serving_counter(path);
    const auto installed = store->install(memory_input("x", bundle), device, options);
    ASSERT_FALSE(installed);
    EXPECT_EQ(installed.error().code, code) << installed.error().message;
    EXPECT_NE(installed.error().message.find(words), std::string::npos) << installed.error().message;
    EXPECT_EQ(bytes_of_state(), before);
    EXPECT_EQ(files_in(path / "staging"), 0U);
    EXPECT_EQ(serving_counter(path), serves);
  }
};

void refuse_delta(Store& store, const Buffer& delta) {
  const auto installed = store.install(memory_input("x", delta), at(0));
  ASSERT_FALSE(installed);
  EXPECT_NE(installed.error().message.find("rollback refused"), std::string::npos) << installed.error().message;
}

TEST_F(Lifecycle, threat_17_expired_release_or_clock_a_year_ahead) {
  take(dated(1), at(made + 2 * 86400));
  take(dated(2), at(made + 3 * 86400));
  refuse(dated(3), at(made + 100 * 86400), Code::untrusted, "expired on 2027-");
  refuse(dated(3), at(made + year), Code::untrusted, "or set the clock");
  const auto store = Store::open(path, test_trust(), Store::Access::read);
  EXPECT_TRUE(store->alarms(at(made + 4 * 86400)).empty());
  EXPECT_TRUE(alarmed(*store, at(made + year), "tiny 1.0.2 expired")) << "the release that serves is due for a newer one";
  EXPECT_EQ(serving_counter(path), 2U) << "and serves on";
  take(dated(3), at(made + 4 * 86400));  // the clock is right again
  EXPECT_EQ(serving_counter(path), 3U);
}

TEST_F(Lifecycle, threat_18_clock_at_1970_or_far_future) {
  take(dated(1), at(made + 86400));
  take(dated(2), at(0));
  EXPECT_EQ(read_state(path / "state")->time_floor, made + 2 * 86400) << "signed metadata raises the floor";
  Manifest stale = test_manifest(3);
  stale.created = made - year, stale.expires = made;
  refuse(bundle_of(stale, contents_of(3)), at(0), Code::untrusted, "expired");  // a clock that was set back makes nothing valid again
  {
    const auto store = Store::open(path, test_trust(), Store::Access::read);
    EXPECT_TRUE(alarmed(*store, at(0), "the clock says 1970-01-01"));
  }
  for (const std::uint64_t far : {made + 50 * year, UINT64_MAX}) {
    refuse(dated(3), at(far), Code::untrusted, "expired");
    EXPECT_EQ(read_state(path / "state")->time_floor, made + 2 * 86400) << "a clock never raises the floor";
  }
  take(dated(3), at(made + 4 * 86400));
  take(dated(4), at(0));
  EXPECT_EQ(serving_counter(path), 4U);
}

TEST_F(Lifecycle, threat_18_a_candidate_that_fails_leaves_the_time_as_it_was) {
  take(dated(1), at(made));
  Manifest far = test_manifest(2);
  far.created = made + 100 * year;
  auto store = open_store(path);
  ASSERT_TRUE(store->install(memory_input("x", bundle_of(far, contents_of(2))), at(made)));
  ASSERT_TRUE(store->begin_trial());
  ASSERT_TRUE(store->fail_trial(Reason::golden_differs));
  EXPECT_EQ(store->state().time_floor, made + 86400);
}

TEST_F(Lifecycle, threat_23_other_inputs_or_outputs) {
  const auto with = [](std::uint64_t n, const char* input, std::int64_t columns) {
    Manifest m = test_manifest(n);
    m.interface.inputs = {{input, DType::f32, std::vector<std::int64_t>{1, 4}}};
    m.interface.outputs = {{"y", DType::f32, std::vector<std::int64_t>{1, columns}}};
    return bundle_of(m, contents_of(n));
  };
  take(with(1, "x", 3), at(0));
  refuse(with(2, "image", 3), at(0), Code::invalid, "input 'image'");
  refuse(with(2, "x", 5), at(0), Code::invalid, "--new-interface");
  auto store = open_store(path);
  EXPECT_TRUE(store->install(memory_input("x", with(2, "x", 5)), at(0), {.new_interface = true}));
}

TEST_F(Lifecycle, threat_23_more_memory_or_other_limits_than_the_device_has) {
  take(release_bytes(1), at(0));
  Manifest m = test_manifest(2);
  m.memory = {600 * sizeof(float), 1 << 30};
  Device small = at(0);
  small.memory_bytes = 1 << 29;
  refuse(bundle_of(m, contents_of(2)), small, Code::invalid, "bytes of memory");
  m.memory = {};
  m.gate = {{"latency", {{"max_p96_us", 3}}}};
  refuse(bundle_of(m, contents_of(2)), at(0), Code::invalid, "latency.max_p96_us");
  m.gate = {{"accuracy", {{"min", 0.9}}}, {"latency", {{"max_p95_us", 3}}}};
  auto store = open_store(path);
  EXPECT_TRUE(install(*store, bundle_of(m, contents_of(2)))) << "what only a workstation measures is passed over";
}

TEST_F(Lifecycle, threat_25_below_the_floor_only_the_factory_model_is_left) {
  take(dated(1), at(0));
  take(dated(2), at(0));
  take(dated(3, 3), at(0));
  const auto damage = [&](std::uint64_t n) {
    const auto store = Store::open(path, test_trust(), Store::Access::read);
    const auto release = store->release(digest_of(dated(n, n == 3 ? 3 : 0)));
    const Path object = path / "objects" / to_hex(release->manifest().file("model.weights")->sha256);
    Buffer bytes = *read_file(object);
    bytes[7] ^= std::byte{1};
    EXPECT_TRUE(write_file(object, bytes, true));
    EXPECT_FALSE(store->verify(*release));
  };
  damage(3);
  EXPECT_EQ(serving_counter(path), 1U) << "not release 2, which is below the floor, but the model of last resort";
  ASSERT_TRUE(std::filesystem::remove(path / "releases" / to_hex(digest_of(dated(3, 3)))));
  const auto store = Store::open(path, test_trust(), Store::Access::read);
  EXPECT_TRUE(alarmed(*store, at(made), "below the security floor 3"));
  EXPECT_TRUE(alarmed(*store, at(made), "the active release is damaged"));
}

TEST_F(Lifecycle, threat_29_input_replaced_between_check_and_use) {
  take(release_bytes(1), at(0));
  const Buffer good = release_bytes(2), evil = release_bytes(3);
  for (const std::size_t reads : {2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16}) {
    std::size_t n = 0;
    Input swapped{"swapped", [&](std::uint64_t offset, std::span<std::byte> out) -> Result<std::size_t> {
                    return memory_input("x", n++ < reads ? good : evil).read(offset, out);
                  }};
    auto store = open_store(path);
    const auto installed = store->install(std::move(swapped), at(0));
    if (!installed) {
      EXPECT_EQ(serving_counter(path), 1U) << reads;
      EXPECT_FALSE(store->state().pending());
      continue;
    }
    const auto release = store->release(installed->digest);  // whatever was taken is whole, and is what was signed
    ASSERT_TRUE(release);
    EXPECT_TRUE(store->verify(*release)) << reads;
    ASSERT_TRUE(store->rollback());
  }
}

TEST_F(Lifecycle, threat_29_object_replaced_after_it_was_installed) {
  take(release_bytes(1), at(0));
  auto store = open_store(path);
  const auto release = store->serving()[0];
  const auto loaded = store->read(release, "model.weights");
  ASSERT_TRUE(loaded);
  const Buffer before(loaded->bytes.begin(), loaded->bytes.end());
  const Path object = path / "objects" / to_hex(release.manifest().file("model.weights")->sha256);
  const Buffer other(before.size(), std::byte{9});
  ASSERT_TRUE(write_file(object, other, true));
  EXPECT_TRUE(std::ranges::equal(loaded->bytes, before)) << "what was checked is in our own memory";
  EXPECT_EQ(store->read(release, "model.weights").error().code, Code::untrusted);
}

TEST_F(Lifecycle, threat_38_more_failures_than_are_listed_make_nothing_be_tried_twice) {
  take(release_bytes(1), at(0));
  std::vector<Buffer> failed;
  for (std::uint64_t n = 2; n < 2 + blocked_limit + 4; ++n) {
    failed.push_back(release_bytes(n));
    auto store = open_store(path);
    ASSERT_TRUE(install(*store, failed.back())) << n;
    ASSERT_TRUE(store->begin_trial());
    ASSERT_TRUE(store->fail_trial(Reason::golden_differs));
  }
  for (const Buffer& bytes : failed) {
    auto store = open_store(path);
    EXPECT_EQ(install(*store, bytes).error().code, Code::no);
  }
  EXPECT_EQ(serving_counter(path), 1U);
  auto store = open_store(path);
  EXPECT_TRUE(install(*store, release_bytes(2 + blocked_limit + 4)));
}

TEST_F(Lifecycle, threat_38_the_next_command_rolls_back) {
  take(release_bytes(1), at(0));
  {
    auto store = open_store(path);
    ASSERT_TRUE(install(*store, release_bytes(2), {.tries = 1}));
    ASSERT_TRUE(store->begin_trial());  // and the process dies
  }
  {
    const auto store = Store::open(path, test_trust(), Store::Access::read);
    EXPECT_TRUE(alarmed(*store, at(0), "without a verdict"));
  }
  const auto store = open_store(path);
  EXPECT_EQ(store->state().phase, Phase::rolled_back);
  EXPECT_EQ(store->state().reason, Reason::tries_exhausted);
  EXPECT_TRUE(store->state().is_listed(digest_of(release_bytes(2))));
}

TEST_F(Lifecycle, threat_38_a_rollback_asked_for_after_the_last_try_drops_the_candidate_only) {
  take(release_bytes(1), at(0));
  take(release_bytes(2), at(0));
  {
    auto store = open_store(path);
    ASSERT_TRUE(install(*store, release_bytes(3), {.tries = 1}));
    ASSERT_TRUE(store->begin_trial());  // and the process dies
  }
  const auto plan = Store::open(path, test_trust(), Store::Access::read)->plan(memory_input("x", release_bytes(4)), at(0));
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->refusal) << "an install would roll back first: " << plan->refusal->message;
  const auto same = Store::open(path, test_trust(), Store::Access::read)->plan(memory_input("x", release_bytes(3)), at(0));
  EXPECT_TRUE(same->refusal && same->refusal->message.find("rolled back on this device before") != std::string::npos);
  for (int repeated = 0; repeated < 3; ++repeated) {
    auto store = open_store(path);
    ASSERT_TRUE(store->rollback());
    EXPECT_EQ(store->state().reason, Reason::tries_exhausted);
    EXPECT_EQ(serving_counter(path), 2U);
  }
  auto store = open_store(path);
  ASSERT_TRUE(store->rollback(true));
  EXPECT_EQ(serving_counter(path), 1U);
}

TEST_F(Lifecycle, a_verdict_on_the_last_try_counts) {
  take(release_bytes(1), at(0));
  auto store = open_store(path);
  ASSERT_TRUE(install(*store, release_bytes(2), {.tries = 1}));
  ASSERT_TRUE(try_candidate(*store));
  EXPECT_EQ(store->begin_trial().error().code, Code::no);
  EXPECT_EQ(store->state().phase, Phase::trial) << "it has passed and stays";
  EXPECT_TRUE(store->commit());
  const std::string before = bytes_of_state();
  EXPECT_TRUE(store->commit()) << "again: nothing to do";
  EXPECT_EQ(bytes_of_state(), before);
}

TEST_F(Lifecycle, repeated_rollback_goes_no_step_too_far) {
  take(release_bytes(1), at(0));
  take(release_bytes(2), at(0));
  take(release_bytes(3), at(0));
  auto store = open_store(path);
  ASSERT_TRUE(store->rollback());
  EXPECT_EQ(serving_counter(path), 2U);
  ASSERT_TRUE(store->rollback());
  EXPECT_EQ(serving_counter(path), 2U);
  ASSERT_TRUE(store->rollback(true));
  EXPECT_EQ(serving_counter(path), 1U);
}

TEST_F(Lifecycle, damage_is_mended_by_the_same_bundle) {
  take(release_bytes(1), at(0));
  take(release_bytes(2), at(0));
  for (const std::uint64_t n : {1, 2}) {
    auto store = open_store(path);
    const auto release = store->release(digest_of(release_bytes(n)));
    const Path object = path / "objects" / to_hex(release->manifest().file("model.weights")->sha256), manifest = path / "releases" / to_hex(release->digest());
    for (const Path& file : {object, manifest})
      for (const bool odd : {false, true}) {
        ASSERT_TRUE(write_file(file, Buffer(7), true));
        if (odd) std::filesystem::remove(file), std::filesystem::create_directories(file / "within");  // something odd in its place
        EXPECT_FALSE(store->release(release->digest()) && store->verify(*release));
        const std::string before = bytes_of_state();
        const auto plan = store->plan(memory_input("x", release_bytes(n)), at(0));
        EXPECT_TRUE(plan && plan->repair && !plan->refusal);
        const auto installed = store->install(memory_input("x", release_bytes(n)), at(0));
        ASSERT_TRUE(installed) << installed.error().message;
        EXPECT_TRUE(installed->repaired);
        EXPECT_TRUE(store->release(release->digest()) && store->verify(*release));
        EXPECT_EQ(bytes_of_state(), before);
        EXPECT_TRUE(store->install(memory_input("x", release_bytes(2)), at(0))->already) << "nothing is left to mend";
      }
  }
  EXPECT_EQ(serving_counter(path), 2U);
}

// A delta to a release that is kept here, damaged, mends it. It does not bring it back as a candidate, past the counters.
TEST_F(Lifecycle, threat_12_delta_to_a_damaged_older_release_is_only_a_repair) {
  take(release_bytes(1), at(0));
  take(release_bytes(2), at(0));
  take(release_bytes(3), at(0));
  for (const std::uint64_t n : {1, 2}) {
    auto store = open_store(path);
    refuse_delta(*store, delta_bytes(3, n));
    const auto release = store->release(digest_of(release_bytes(n)));
    const Path object = path / "objects" / to_hex(release->manifest().file("model.weights")->sha256);
    Buffer bytes = *read_file(object);
    bytes[7] ^= std::byte{1};
    ASSERT_TRUE(write_file(object, bytes, true));
    const std::string before = bytes_of_state();
    const auto plan = store->plan(memory_input("x", delta_bytes(3, n)), at(0));
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->repair && !plan->refusal);
    const auto installed = store->install(memory_input("x", delta_bytes(3, n)), at(0));
    ASSERT_TRUE(installed) << installed.error().message;
    EXPECT_TRUE(installed->repaired);
    EXPECT_TRUE(installed->delta);
    EXPECT_TRUE(store->verify(*release));
    EXPECT_EQ(bytes_of_state(), before);
    refuse_delta(*store, delta_bytes(3, n));
  }
  EXPECT_EQ(serving_counter(path), 3U);
}

TEST_F(Lifecycle, candidate_damaged_here_is_not_blocked) {
  take(release_bytes(1), at(0));
  for (const bool manifest : {false, true}) {
    auto store = open_store(path);
    ASSERT_TRUE(install(*store, release_bytes(2)));
    const auto release = store->release(*store->state().candidate());
    const Path file = manifest ? path / "releases" / to_hex(release->digest()) : path / "objects" / to_hex(release->manifest().file("model.weights")->sha256);
    ASSERT_TRUE(write_file(file, Buffer(7), true));
    ASSERT_TRUE(store->begin_trial());
    ASSERT_TRUE(store->fail_trial(Reason::load_failed));
    EXPECT_EQ(store->state().phase, Phase::rolled_back);
  }
  auto store = open_store(path);
  ASSERT_TRUE(install(*store, release_bytes(2)));
  ASSERT_TRUE(store->begin_trial());
  ASSERT_TRUE(store->fail_trial(Reason::load_failed));
  EXPECT_EQ(install(*store, release_bytes(2)).error().code, Code::no) << "whole, and cannot be loaded: its own fault";
}

// Passed, and damaged before the commit.
TEST_F(Lifecycle, threat_29_commit_hashes_the_candidate_once_more) {
  take(release_bytes(1), at(0));
  auto store = open_store(path);
  ASSERT_TRUE(install(*store, release_bytes(2)));
  ASSERT_TRUE(try_candidate(*store));
  const auto release = store->release(*store->state().candidate());
  const Path object = path / "objects" / to_hex(release->manifest().file("model.weights")->sha256);
  Buffer bad = *read_file(object);
  bad[7] ^= std::byte{1};
  ASSERT_TRUE(write_file(object, bad, true));
  const std::string before = bytes_of_state();
  expect_refused(store->commit(), Code::untrusted, "is missing, damaged or altered");
  EXPECT_EQ(bytes_of_state(), before);
  EXPECT_EQ(serving_counter(path), 1U);
  ASSERT_TRUE(install(*store, release_bytes(2))) << "its bundle mends it";
  EXPECT_TRUE(store->commit()) << "and its passed trial still counts";
  EXPECT_EQ(serving_counter(path), 2U);
}

TEST_F(Lifecycle, oddities_in_staging_hold_nothing_up) {
  take(release_bytes(1), at(0));
  const Path outside = folder.path / "outside";
  std::filesystem::create_directories(outside / "kept");
  std::filesystem::create_directories(path / "staging" / "a" / "b" / "c");
  std::filesystem::create_symlink(outside, path / "staging" / "link");
  std::filesystem::create_symlink(outside, path / "staging" / "a" / "link");
  ASSERT_EQ(::mkfifo((path / "staging" / "release").c_str(), 0600), 0);
  std::filesystem::create_directory(path / "staging" / to_hex(sha256(contents_of(2).model_weights)));
  take(release_bytes(2), at(0));
  EXPECT_EQ(serving_counter(path), 2U);
  EXPECT_EQ(files_in(path / "staging"), 0U);
  EXPECT_TRUE(std::filesystem::exists(outside / "kept")) << "links are not followed";
}

// Who takes the state away does not take the counters back: only a folder that holds nothing of a store is a new one.
TEST_F(Lifecycle, threat_12_lost_state_is_no_new_store) {
  take(release_bytes(1), at(0));
  take(release_bytes(3), at(0));
  const Path good = folder.path / "good";
  std::filesystem::copy(path, good, std::filesystem::copy_options::recursive);
  const auto content = [&] {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) files[entry.path().string()] = entry.is_regular_file() ? as_text(*read_file(entry.path())) : "";
    return files;
  };
  const std::optional<Buffer> lost[] = {std::nullopt, Buffer(), Buffer(100), Buffer(state_length), Buffer(2 * state_length), Buffer(2 * state_length, std::byte{7}), Buffer(100, std::byte{7})};
  for (const auto& bytes : lost)
    for (const std::vector<const char*>& also_gone : {std::vector<const char*>{}, {"trusted"}, {"objects", "releases"}, {"trusted", "objects"}, {"trusted", "releases"}}) {
      std::filesystem::remove_all(path);
      std::filesystem::copy(good, path, std::filesystem::copy_options::recursive);
      std::filesystem::remove(path / "state");
      if (bytes) {
        ASSERT_TRUE(write_file(path / "state", *bytes, true));
      }
      for (const char* name : also_gone) {
        std::filesystem::remove_all(path / name);
        if (std::string_view(name) != "trusted") std::filesystem::create_directory(path / name);
      }
      const auto before = content();
      for (const auto access : {Store::Access::read, Store::Access::change}) {
        const auto store = Store::open(path, test_trust(), access);
        ASSERT_FALSE(store) << (bytes ? bytes->size() : 0) << (also_gone.empty() ? "" : also_gone[0]);
        EXPECT_EQ(store.error().code, Code::untrusted);
        EXPECT_NE(store.error().message.find("provision it anew"), std::string::npos) << store.error().message;
      }
      EXPECT_EQ(content(), before) << "nothing was touched";
      if (!also_gone.empty()) continue;
      std::filesystem::copy(good / "state", path / "state", std::filesystem::copy_options::overwrite_existing);
      EXPECT_EQ(serving_counter(path), 3U) << "put back, it is as it was";
    }
  for (const char* name : {"state", "trusted"}) std::filesystem::remove(path / name);
  for (const char* name : {"objects", "releases"}) std::filesystem::remove_all(path / name);
  take(release_bytes(1), at(0));  // emptied by somebody who means it
  EXPECT_EQ(serving_counter(path), 1U);
}

// What a first install leaves when it is cut short is no lost state: another bundle may come.
TEST_F(Lifecycle, first_install_cut_short_anywhere_is_begun_anew_by_any_bundle) {
  for (int last = 5;; last += 3) {
    std::filesystem::remove_all(path);
    int n = 0;
    EXPECT_FALSE(provision(path, FileOps([&](const FileChange&) { return n++ >= last ? EIO : 0; })));
    auto store = open_store(path);
    ASSERT_TRUE(store) << last << ": " << store.error().message;
    if (!store->state().blank()) {  // its own state is written
      EXPECT_GT(last, 20);
      break;
    }
    const Status other = install(*store, release_bytes(2), {.factory = true});
    ASSERT_TRUE(other) << last << ": " << other.error().message;
    EXPECT_EQ(serving_counter(path), 2U) << last;
    EXPECT_EQ(files_in(path / "releases"), 1U) << "nothing of the first is left";
    EXPECT_EQ(files_in(path / "objects"), contents_files(release_bytes(2))) << last;
  }
}

}  // namespace hone
