// SPDX-License-Identifier: Apache-2.0
// The program hone where only a real process shows what matters: modes of files, what a terminal gets, the bill of materials against what is linked.
#include <sys/stat.h>

#include <set>
#include <sstream>

#include "tests/bundle/helpers.h"

namespace hone {
namespace {

class Programs : public testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("HONE_BIN");
    if (!given || !std::filesystem::exists(Path(given) / "hone")) GTEST_SKIP() << "needs hone in HONE_BIN";
    bin_ = given;
  }
  // In the test's folder; what is said goes to "out".
  int run(const std::string& command) const { return shell(format("cd {} && export PATH=\"{}:$PATH\" && ({}) > out 2>&1", folder_.path.string(), bin_, command)); }
  Path at(const std::string& name) const { return folder_.path / name; }
  std::string text(const std::string& name) const { return std::string(as_text(*read_file(at(name)))); }
  Json json(const std::string& name) const { return *parse_json(text(name)); }
  unsigned mode(const std::string& name) const {
    struct stat info{};
    return ::stat(at(name).c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
  }
  std::string bin_;
  Folder folder_;
};

TEST_F(Programs, age_opens_what_is_encrypted_for_an_identity_of_keygen) {
  if (shell("command -v age > /dev/null") != 0) GTEST_SKIP() << "needs the program age";
  ASSERT_EQ(run("umask 000; hone keygen --age -o device --json=j"), 0) << text("out");
  EXPECT_EQ(mode("device"), 0600U);
  const std::string recipient = json("j")["recipient"].get<std::string>();
  EXPECT_NE(text("out").find(recipient), std::string::npos);
  EXPECT_EQ(text("out").find("AGE-SECRET-KEY"), std::string::npos);
  ASSERT_EQ(run("age-keygen -y device"), 0);
  EXPECT_EQ(text("out"), recipient + "\n");
  ASSERT_EQ(run(format("echo secret > m && age -r {} -o m.age m && age -d -i device m.age", recipient)), 0);
  EXPECT_EQ(text("out"), "secret\n");
  ASSERT_EQ(run(format("hone keygen -o K -q && hone pack --file m=m --key K.key --name d --version 1 --counter 1 --recipient {} -o b.hone -q", recipient)), 0) << text("out");
  EXPECT_EQ(run("tar xOf b.hone payload.age | age -d -i device | tar xO payload/m"), 0);
  EXPECT_EQ(text("out"), "secret\n");
  EXPECT_EQ(run("hone verify b.hone --pub K.pub --identity device"), 0) << text("out");
  EXPECT_EQ(run("hone keygen --age -o device"), 2) << "a lost identity cannot be had again";
  EXPECT_EQ(run("hone keygen --age --password -o other"), 2);
  EXPECT_FALSE(std::filesystem::exists(at("other")));
}

TEST_F(Programs, secret_keys_are_for_their_owner_alone) {
  ASSERT_EQ(run("umask 000; hone keygen -o K -q; echo x > n"), 0);
  EXPECT_EQ(mode("K.key"), 0600U);
  EXPECT_EQ(mode("K.pub"), 0666U);
  const std::string pack = "hone pack --file n=n --key K.key --name d --version 1 --counter 1 -o b.hone -q --force";
  EXPECT_EQ(run(pack), 0) << text("out");
  for (const unsigned readable : {0640U, 0604U, 0622U}) {
    ::chmod(at("K.key").c_str(), readable);
    EXPECT_EQ(run(pack), 4);
    EXPECT_NE(text("out").find("chmod 600 K.key"), std::string::npos) << text("out");
  }
  // Both halves of a pair, or neither.
  std::filesystem::create_directory(at("D.pub"));
  EXPECT_NE(run("hone keygen -o D --force"), 0);
  EXPECT_FALSE(std::filesystem::exists(at("D.key")));
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path)) EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
}

// An identity where its recipient belongs is a slip of the hand: messages go to logs.
TEST_F(Programs, no_message_repeats_a_secret) {
  ASSERT_EQ(run("hone keygen --age -o device -q && hone keygen -o K -q && echo x > n"), 0) << text("out");
  const std::string pack = "hone pack --file n=n --key K.key --name d --version 1 --counter 1 -o b.hone ";
  for (const std::string mistake : {"--recipient \"$(tail -1 device)\"", "--recipients-file device", "--recipient \"$(tail -1 device | tr A-Z a-z)\"", "--recipient \" $(tail -1 device)\""}) {
    EXPECT_NE(run(pack + mistake), 0);
    EXPECT_EQ(run("cat out | grep -i age-secret-key-1"), 1) << mistake;
  }
  EXPECT_NE(run("hone verify n --pub K.key"), 0);
  EXPECT_EQ(run(format("cat out | grep -F \"$(tail -1 K.key)\"")), 1);
}

// What nobody vouches for is shown too, by 'hone inspect' without --pub: it must not move the cursor, nor fake a line.
TEST_F(Programs, terminals_get_no_control_characters) {
  Manifest m = test_manifest(1);
  m.provenance = {{"tool", "x\nsigned by 0123456789ABCDEF"}, {"k\x1b[2J", "\xc2\x9b" "2J\x7f\x07"}};
  ASSERT_TRUE(write_file(at("b.hone"), *write_bundle(m, inputs_of({}), std::span(&test_key(), 1))));
  ASSERT_EQ(run("hone inspect b.hone"), 0) << text("out");
  const std::string said = text("out");
  EXPECT_NE(said.find("provenance: tool: x?signed by"), std::string::npos) << said;
  EXPECT_EQ(said.find_first_of("\x1b\x7f\x07"), std::string::npos);
  EXPECT_EQ(said.find("\xc2\x9b"), std::string::npos);
  EXPECT_EQ(said.find("\nsigned by"), std::string::npos);
}

// SPDX 2.3, clauses 6, 7 and 11: what must be there, and in which form.
TEST_F(Programs, sbom_is_valid_spdx) {
  ASSERT_EQ(run("hone sbom -o s.json"), 0) << text("out");
  const Json s = json("s.json");
  EXPECT_EQ(s["spdxVersion"], "SPDX-2.3");
  EXPECT_EQ(s["dataLicense"], "CC0-1.0");
  EXPECT_EQ(s["SPDXID"], "SPDXRef-DOCUMENT");
  EXPECT_FALSE(s["name"].get<std::string>().empty());
  const std::string space = s["documentNamespace"].get<std::string>(), created = s["creationInfo"]["created"].get<std::string>();
  EXPECT_TRUE(space.starts_with("https://") && space.find('#') == space.npos) << space;
  EXPECT_TRUE(created.size() == 20 && created[10] == 'T' && created.ends_with('Z')) << created;
  EXPECT_TRUE(s["creationInfo"]["creators"][0].get<std::string>().starts_with("Tool: "));
  std::set<std::string> ids{"SPDXRef-DOCUMENT"}, related;
  for (const Json& p : s["packages"]) {
    const std::string id = p["SPDXID"].get<std::string>();
    EXPECT_TRUE(ids.insert(id).second) << id << " twice";
    EXPECT_TRUE(id.starts_with("SPDXRef-") && id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == id.npos) << id;
    for (const char* key : {"name", "versionInfo", "downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText"}) EXPECT_FALSE(p[key].get<std::string>().empty()) << id << ' ' << key;
    EXPECT_EQ(p["filesAnalyzed"], false) << "else a verification code would have to be there";
    const std::string purl = p["externalRefs"][0]["referenceLocator"].get<std::string>();
    std::string version = p["versionInfo"].get<std::string>();
    for (std::size_t at = 0; (at = version.find('+', at)) != version.npos;) version.replace(at, 1, "%2B");
    EXPECT_TRUE(purl.starts_with("pkg:generic/") && purl.find_first_of("+ ") == purl.npos && purl.ends_with("@" + version)) << purl;
  }
  const std::set<std::string> kinds{"DESCRIBES", "STATIC_LINK", "DYNAMIC_LINK"};
  for (const Json& r : s["relationships"]) {
    EXPECT_TRUE(ids.contains(r["spdxElementId"].get<std::string>()) && ids.contains(r["relatedSpdxElement"].get<std::string>())) << r.dump();
    EXPECT_TRUE(kinds.contains(r["relationshipType"].get<std::string>())) << r.dump();
    related.insert(r["relatedSpdxElement"].get<std::string>());
  }
  EXPECT_EQ(related.size() + 1, ids.size()) << "each package is part of something";
}

TEST_F(Programs, sbom_names_every_library_that_is_linked) {
  if (shell("command -v readelf > /dev/null") != 0) GTEST_SKIP() << "needs the program readelf (Debian: binutils)";
  const std::map<std::string, std::string> known{{"libtomlplusplus", "tomlplusplus"}, {"libonnx_proto", "onnx"}, {"libprotobuf", "protobuf"}, {"libzip", "libzip"}, {"libz", "zlib"},
                                                 {"libjpeg", "libjpeg-turbo"}, {"libspng", "libspng"}, {"libtiff", "libtiff"}, {"libwebp", "libwebp"}, {"libwebpdemux", "libwebp"},
                                                 {"libopenjp2", "openjpeg"}, {"libre2", "re2"}, {"libzstd", "zstd"}, {"libsodium", "libsodium"}, {"libcrypto", "openssl"},
                                                 {"libstdc++", "libstdc++"}, {"libgcc_s", "libgcc"}, {"libm", "glibc"}, {"libc", "glibc"}, {"ld-linux-x86-64", "glibc"}, {"ld-linux-aarch64", "glibc"}};
  const std::set<std::string> sanitizers{"libasan", "libubsan", "libtsan", "libresolv"};  // and what clang's run-time needs
  ASSERT_EQ(run("hone sbom -o s.json"), 0) << text("out");
  std::set<std::string> hone, target;
  const Json document = json("s.json");
  for (const Json& r : document["relationships"]) (r["spdxElementId"] == "SPDXRef-hone" ? hone : target).insert(r["relatedSpdxElement"].get<std::string>());
  ASSERT_EQ(run(format("readelf -d {}/hone | sed -n 's/.*(NEEDED).*\\[\\(.*\\)[.]so.*/\\1/p'", bin_)), 0);
  std::istringstream lines(text("out"));
  std::size_t linked = 0;
  for (std::string library; std::getline(lines, library);) {
    if (sanitizers.contains(library)) continue;
    ++linked;
    ASSERT_TRUE(known.contains(library)) << library << ": which component of the SBOM is it?";
    std::string id = "SPDXRef-" + known.at(library);
    std::ranges::replace(id, '+', '.');
    EXPECT_TRUE(hone.contains(id)) << library;
  }
  EXPECT_GT(linked, 10U);
  // What a static program is made of tells itself by the words in it.
  const Path device = Path(bin_) / "hone-target";
  if (!std::filesystem::exists(device)) return;
  const auto program = read_file(device);
  for (const auto& [words, component] : {std::pair{"CRYPTOGAMS by <appro@openssl.org>", "openssl"}, {"Unsupported frame parameter", "zstd"}, {"libsodium", "libsodium"}}) {
    const bool inside = as_text(*program).find(words) != std::string_view::npos;
    EXPECT_TRUE(!inside || target.contains(format("SPDXRef-{}", component))) << component;
  }
}

}  // namespace
}  // namespace hone
