// SPDX-License-Identifier: Apache-2.0
// Where the bytes of an encrypted release end up when the real hone-target installs, tries and runs it: a scanner looks for any 16 bytes of plan, weights,
// golden vectors or identity in every file that could have them, and, to show that it can, finds them where the release was not encrypted.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>
#include <unordered_set>

#include "lib/bundle/age_stream.h"
#include "lib/data/npy.h"
#include "tests/bundle/helpers.h"

namespace hone {
namespace {

constexpr std::size_t window = 16;

// Sixteen bytes that no one would have by chance.
bool distinctive(std::string_view w) { return std::unordered_set<char>(w.begin(), w.end()).size() >= 8; }

class Scanner {
 public:
  void look_for(Bytes secret) {
    const std::string_view text = as_text(secret);
    for (std::size_t i = 0; i + window <= text.size(); i += window)
      if (distinctive(text.substr(i, window))) windows_.emplace(text.substr(i, window));
  }
  void allow(Bytes open) {  // what is readable by design
    const std::string_view text = as_text(open);
    for (std::size_t i = 0; i + window <= text.size(); ++i) windows_.erase(std::string(text.substr(i, window)));
  }
  std::size_t size() const { return windows_.size(); }
  std::size_t found_in(Bytes bytes) const {
    const std::string_view text = as_text(bytes);
    std::size_t found = 0;
    std::string w(window, '\0');
    for (std::size_t i = 0; i + window <= text.size(); ++i) {
      w.assign(text.substr(i, window));
      found += windows_.contains(w);
    }
    return found;
  }
  std::size_t found_under(const Path& folder) const {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) found += found_in(*hone::read_file(entry.path()));
    return found;
  }

 private:
  std::unordered_set<std::string> windows_;
};

std::string line_of(const Path& file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return line;
  return {};
}

class AtRest : public testing::Test {
 protected:
  Folder folder;
  std::string bin = std::getenv("HONE_BIN") ? std::getenv("HONE_BIN") : "", source = std::getenv("HONE_SOURCE") ? std::getenv("HONE_SOURCE") : "";
  Path at(const std::string& name) const { return folder.path / name; }

  void SetUp() override {
    if (bin.empty() || !std::filesystem::exists(bin + "/hone") || !std::filesystem::exists(bin + "/hone-target")) GTEST_SKIP() << "needs hone and hone-target in HONE_BIN";
    const auto identity = AgeIdentity::generate();
    recipient = print_age_recipient(identity->recipient());
    ASSERT_TRUE(write_file(at("id"), identity->print()->bytes()));
    ::chmod(at("id").c_str(), 0600);
    std::vector<float> noise(2 * 28 * 28);
    std::mt19937 random(7);
    std::normal_distribution<float> values;
    for (float& f : noise) f = values(random);
    const Tensor x = Tensor::of<float>({2, 1, 28, 28}, std::span<const float>(noise));
    ASSERT_TRUE(write_file(at("x.npy"), make_npy(x)));
    ASSERT_EQ(run("hone keygen -o K -q"), 0);
  }
  // In the test's folder, with the programs of this build; what they say is in "log".
  int run(const std::string& command) const {
    const int status = shell(format("cd {} && export PATH={}:$PATH TMPDIR={} && ({}) >> log 2>&1", folder.path.string(), bin, folder.path.string(), command));
    if (status != 0) ADD_FAILURE() << command << ": status " << status << "\n" << as_text(*hone::read_file(at("log")));
    return status;
  }
  // Two releases of a real model; then everything a device does with them, the second by delta.
  void live(const std::string& kind, const std::string& encrypt, const std::string& identity) {
    const std::string pack = "hone pack " + source + "/testdata/models/{}.onnx --golden x.npy --key K.key --name fm --version {} --counter {} {} -q -o {}{}.hone";
    for (const int n : {1, 2}) ASSERT_EQ(run(format(fmt::runtime(pack), n == 1 ? "fmnist_resnet8" : "fmnist_resnet8_v2", n, n, encrypt, kind, n)), 0);
    ASSERT_EQ(run(format("hone delta {0}1.hone {0}2.hone --pub K.pub {1} {2} -q -o {0}d.hone", kind, identity, encrypt)), 0);
    ASSERT_EQ(run(format("mkdir dev.{0} && hone-target install {0}1.hone --store dev.{0}/st --pub K.pub {1} --factory", kind, identity)), 0);
    ASSERT_EQ(run(format("hone-target install {0}d.hone --store dev.{0}/st {1} && hone-target trial --store dev.{0}/st {1} --commit", kind, identity)), 0);
    ASSERT_EQ(run(format("hone-target run --store dev.{0}/st {1} -i x.npy --sha256 && hone-target validate --store dev.{0}/st {1} && hone-target status --store dev.{0}/st {1}", kind, identity)), 0);
    ASSERT_EQ(run(format("hone-target run {0}2.hone --pub K.pub {1} -i x.npy --sha256", kind, identity)), 0);
  }
  // Plan, weights and golden vectors of both releases and the identity, but for what the manifests say openly.
  Scanner scanner_for(const std::string& kind, const std::string& identity) {
    Scanner scanner;
    for (const int n : {1, 2}) {
      EXPECT_EQ(run(format("hone unpack {0}{1}.hone --pub K.pub {2} -q -o {0}{1}.plain", kind, n, identity)), 0);
      const Path plain = at(format("{}{}.plain", kind, n));
      for (const char* file : {"model.plan", "model.weights", "golden/0/input_input.npy", "golden/0/output_output.npy"}) {
        const auto bytes = hone::read_file(plain / file);
        EXPECT_TRUE(bytes) << file;
        scanner.look_for(std::string_view(file).ends_with(".npy") ? Bytes(*bytes).subspan(128) : Bytes(*bytes));
      }
      const auto bundle = Bundle::open(*open_input(at(format("{}{}.hone", kind, n))), *read_trust(std::vector{at("K.pub").string()}));
      scanner.allow(bundle->release().manifest_bytes());
    }
    scanner.look_for(*hone::read_file(at("id")));
    return scanner;
  }
  // A hone-target that runs the model for a long while, in a folder of its own, with core dumps allowed by its parent.
  pid_t start_bench(const std::string& kind, const std::string& identity) {
    std::filesystem::create_directory(at("cores." + kind));
    const pid_t child = ::fork();
    if (child != 0) return child;
    const struct rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_CORE, &all);
    if (::chdir(at("cores." + kind).c_str()) != 0) ::_exit(1);
    const int quiet = ::open("/dev/null", O_WRONLY);
    ::dup2(quiet, 1), ::dup2(quiet, 2);
    ::execl("/bin/sh", "sh", "-c", format("exec {}/hone-target bench --store ../dev.{}/st {} --threads 1 --runs 1000000", bin, kind, identity).c_str(), nullptr);
    ::_exit(1);
  }
  // Until it has worked for a while, so that the model is loaded; then it is held there.
  static void stop_when_busy(pid_t child) {
    for (int i = 0; i < 30000; ++i) {
      std::ifstream in(format("/proc/{}/stat", child));
      std::string field;
      long ticks = 0;
      for (int n = 1; n <= 14 && in >> field; ++n) ticks = n == 14 ? std::atol(field.c_str()) : 0;
      if (ticks >= 4) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ::kill(child, SIGSTOP);
  }
  static int crash(pid_t child) {
    ::kill(child, SIGSEGV);
    ::kill(child, SIGCONT);
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }
  std::string recipient;
};

// A number of kB from /proc/PID/status.
std::size_t status_bytes(pid_t pid, std::string_view key) {
  const std::string line = line_of(format("/proc/{}/status", pid), key);
  return line.empty() ? 0 : 1024 * std::strtoull(line.c_str() + key.size(), nullptr, 10);
}

using Threats = AtRest;

// AddressSanitizer makes mlock do nothing and catches deadly signals.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool memory_is_locked = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool memory_is_locked = false;
#else
constexpr bool memory_is_locked = true;
#endif
#else
constexpr bool memory_is_locked = true;
#endif

TEST_F(Threats, threat_35_no_plaintext_on_disk_in_a_core_dump_or_swap) {
  if (!memory_is_locked) GTEST_SKIP() << "needs a build without AddressSanitizer, which locks no memory";
  const std::string identity = "--identity " + at("id").string();
  live("sealed", "--recipient " + recipient, identity);
  live("plain", "", "");
  const Scanner scanner = scanner_for("sealed", identity);
  ASSERT_GT(scanner.size(), 1000U);
  for (const char* open : {"sealed1.hone", "sealed2.hone", "sealedd.hone", "log"}) EXPECT_EQ(scanner.found_in(*hone::read_file(at(open))), 0U) << open;
  EXPECT_EQ(scanner.found_under(at("dev.sealed")), 0U);
  EXPECT_GT(scanner.found_under(at("dev.plain")), 1000U) << "the scanner finds what is there";

  const pid_t sealed = start_bench("sealed", identity);
  stop_when_busy(sealed);
  EXPECT_GT(status_bytes(sealed, "VmLck:"), std::filesystem::file_size(at("sealed2.plain") / "model.weights"));
  EXPECT_EQ(status_bytes(sealed, "VmSwap:"), 0U);
  EXPECT_NE(line_of(format("/proc/{}/limits", sealed), "Max core file size").find(" 0 "), std::string::npos);
  const int killed = crash(sealed);
  EXPECT_TRUE(WIFSIGNALED(killed) && !WCOREDUMP(killed));
  EXPECT_TRUE(std::filesystem::is_empty(at("cores.sealed")));
  const pid_t plain = start_bench("plain", "");
  stop_when_busy(plain);
  const int dumped = crash(plain);
  if (WCOREDUMP(dumped) && !std::filesystem::is_empty(at("cores.plain"))) EXPECT_GT(scanner.found_under(at("cores.plain")), 1000U) << "a core dump has the weights";
  else std::fputs("note: this machine writes no core dumps for anyone; that there would be one is not shown\n", stdout);
}

TEST_F(AtRest, memory_that_may_not_be_locked_is_one_clear_error) {
  if (!memory_is_locked) GTEST_SKIP() << "needs a build without AddressSanitizer, which locks no memory";
  const std::string identity = "--identity " + at("id").string();
  const std::string as_anyone = ::geteuid() == 0 ? "setpriv --bounding-set=-ipc_lock " : "";
  if (!as_anyone.empty() && shell("setpriv --bounding-set=-ipc_lock true 2> /dev/null") != 0) GTEST_SKIP() << "needs setpriv, to give up CAP_IPC_LOCK";
  ASSERT_EQ(run(format("hone pack {}/testdata/models/fmnist_resnet8.onnx --golden x.npy --key K.key --name fm --version 1 --counter 1 --recipient {} -q -o a.hone", source, recipient)), 0);
  ASSERT_EQ(run(format("hone pack {}/testdata/models/fmnist_resnet8_v2.onnx --golden x.npy --key K.key --name fm --version 2 --counter 2 --recipient {} -q -o b.hone", source, recipient)), 0);
  ASSERT_EQ(run(format("hone-target install a.hone --store st --pub K.pub {0} --factory && hone-target install b.hone --store st {0}", identity)), 0);
  const auto limited = [&](const char* command, int kilobytes) {
    return shell(format("cd {} && {}sh -c 'ulimit -l {}; exec {}/hone-target {} --store st {}' > out 2>&1", folder.path.string(), as_anyone, kilobytes, bin, command, identity));
  };
  EXPECT_EQ(limited("trial", 128), 5);
  EXPECT_NE(as_text(*hone::read_file(at("out"))).find("cannot lock"), std::string_view::npos) << as_text(*hone::read_file(at("out")));
  EXPECT_NE(as_text(*hone::read_file(at("out"))).find("LimitMEMLOCK"), std::string_view::npos);
  EXPECT_EQ(limited("trial", 4096), 0) << "and no try was lost: " << as_text(*hone::read_file(at("out")));
}

TEST_F(AtRest, an_identity_that_others_may_read_is_refused) {
  ::chmod(at("id").c_str(), 0644);
  EXPECT_EQ(shell(format("cd {0} && {1}/hone-target install x.npy --store st --pub K.pub --identity id > out 2>&1", folder.path.string(), bin)), 4);
  EXPECT_NE(as_text(*hone::read_file(at("out"))).find("chmod 600"), std::string_view::npos);
}

}  // namespace
}  // namespace hone
