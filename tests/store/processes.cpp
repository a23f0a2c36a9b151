// SPDX-License-Identifier: Apache-2.0
// The real hone-target against other processes and against somebody who had his hands in the store's directory: commands that race for one store, are killed or asked to end at any
// moment, find pipes, links, folders and huge files where files belong, or may not write. Each ends soon, with one clear error or none; nothing is lost.
#include <gtest/gtest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "tests/crash/device.h"

namespace hone {
namespace {

using crash::Device;
using crash::Outcome;
using crash::Words;

constexpr int seconds_at_most = 30;

struct Place {
  crash::Workplace folder;
  crash::Workshop shop{std::getenv("HONE_BIN"), folder.path / "shop"};
};
Place& place() {
  static Place p;
  return p;
}

const Words provision{"install", "@1.hone", "--pub", "@K.pub", "--factory", "-q"}, second{"install", "@2.hone", "-q"}, third{"install", "@3.hone", "-q"}, delta{"install", "@1-2.delta", "-q"};

class Processes : public testing::Test {
 protected:
  Path root = place().folder.path / "device";
  Path store = root / "store";
  Device device{place().shop, root};

  void SetUp() override {
    std::filesystem::create_directories(root);
    const Outcome o = device.run(provision);
    ASSERT_EQ(o.status, 0) << o.err;
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  void serves(const std::set<std::string>& versions, const std::string& where) {
    const crash::Look look = device.look();
    EXPECT_EQ(look.problem, "") << where;
    EXPECT_TRUE(versions.contains(look.serves)) << where << ": serves " << look.serves;
  }
  void succeeds(const Words& words) {
    const Outcome o = device.run(words);
    EXPECT_EQ(o.status, 0) << words[0] << ": " << o.err;
  }
  // One error, of that exit status, within reasonable time.
  void fails(const Words& words, int status, std::string_view saying) {
    const Outcome o = device.run(words);
    EXPECT_EQ(o.status, status) << words[0] << ": " << o.err;
    EXPECT_TRUE(o.err.starts_with("error: ") && o.err.find('\n') + 1 == o.err.size()) << o.err;
    EXPECT_NE(o.err.find(saying), std::string::npos) << o.err;
  }
  Path active_release() const { return store / "releases" / crash::read_tree(store / "releases").begin()->first; }
};

// A command under way; its standard input is ours to write.
struct Running {
  pid_t pid = -1;
  int input = -1, errors = -1;
  explicit Running(const Words& words) {
    int in[2], err[2];
    EXPECT_EQ(::pipe2(in, O_CLOEXEC) | ::pipe2(err, O_CLOEXEC), 0);
    std::vector<char*> argv;
    for (const std::string& w : words) argv.push_back(const_cast<char*>(w.c_str()));
    argv.push_back(nullptr);
    pid = ::fork();
    if (pid == 0) {
      ::dup2(in[0], 0);
      ::dup2(::open("/dev/null", O_WRONLY), 1);
      ::dup2(err[1], 2);
      ::alarm(seconds_at_most);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(err[1]);
    input = in[1];
    errors = err[0];
  }
  // Exit status, or -signal; and what it said.
  std::pair<int, std::string> wait() {
    ::close(input);
    int status = 0;
    ::waitpid(pid, &status, 0);
    std::string said(65536, '\0');
    said.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(errors, said.data(), said.size()))));
    ::close(errors);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), said};
  }
};

bool is_state(const std::string& name) { return name == "state" || name == "store/state"; }  // written anew with another generation

bool is_verdict(int status, const std::string& said) {
  return status == 0 || status == 1 || status == 4 || (status == 5 && said.find("another command is changing this store") != said.npos);
}

}  // namespace

TEST_F(Processes, threat_36_installers_race) {
  int won = 0, waited = 0;
  for (int round = 0; round < 12; ++round) {
    std::vector<Running> running;
    for (const Words& w : {second, delta, third, second}) running.emplace_back(device.words(w));
    for (Running& r : running) {
      const auto [status, said] = r.wait();
      EXPECT_TRUE(is_verdict(status, said)) << status << ": " << said;
      won += status == 0;
      waited += status == 5;
    }
    serves({"1.1"}, format("round {}", round));
    succeeds(third);
    succeeds({"rollback", "-q"});  // of what was not tried, so that it may come again
  }
  EXPECT_GE(won, 12) << "at least one of them, each time";
  std::printf("48 installers: %d done, %d told to wait\n", won, waited);
}

TEST_F(Processes, threat_36_provisioners_race) {
  for (int round = 0; round < 8; ++round) {
    std::filesystem::remove_all(store);
    std::vector<Running> running;
    for (int i = 0; i < 3; ++i) running.emplace_back(device.words(provision));
    for (Running& r : running) {
      const auto [status, said] = r.wait();
      EXPECT_TRUE(status == 0 || (status == 5 && said.find("another command") != said.npos)) << status << ": " << said;
    }
    serves({"1.1"}, format("round {}", round));
  }
}

TEST_F(Processes, threat_37_killed_at_any_moment_while_others_try) {
  std::mt19937 random(7);
  for (int round = 0; round < 25; ++round) {
    Running one(device.words(round % 2 ? second : delta)), other(device.words(third));
    ::usleep(random() % 4000);
    ::kill(one.pid, SIGKILL);
    one.wait();
    const auto [status, said] = other.wait();
    EXPECT_TRUE(is_verdict(status, said)) << status << ": " << said;
    serves({"1.1"}, format("round {}", round));
    succeeds(third);  // the lock went with the process that was killed
    succeeds({"rollback", "-q"});
  }
}

TEST_F(Processes, threat_37_asked_to_end_in_mid_install) {
  const auto bundle = read_file(place().shop.file("2.hone")).value();
  const auto before = crash::read_tree(root);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) {
    Running r(device.words({"install", "-"}));
    const std::size_t half = bundle.size() * 2 / 3;
    EXPECT_EQ(::write(r.input, bundle.data(), half), static_cast<ssize_t>(half));
    for (int i = 0; i < 1000 && std::filesystem::is_empty(store / "staging"); ++i) ::usleep(1000);
    fails(third, 5, "another command is changing this store");
    ::kill(r.pid, signal);
    EXPECT_EQ(r.wait().first, -signal);
    serves({"1.1"}, "asked to end");
    fails({"commit"}, 1, "nothing is staged");  // takes the lock, and clears up
    EXPECT_EQ(crash::difference(crash::read_tree(root), before, is_state), "");
  }
  succeeds(second);
}

// The directory is taken away under a command that has begun, and another put in its place: neither is harmed.
TEST_F(Processes, store_replaced_during_install) {
  const auto bundle = read_file(place().shop.file("2.hone")).value();
  const auto before = crash::read_tree(store);
  Running r(device.words({"install", "-"}));
  EXPECT_EQ(::write(r.input, bundle.data(), bundle.size() / 2), static_cast<ssize_t>(bundle.size() / 2));
  for (int i = 0; i < 1000 && std::filesystem::is_empty(store / "staging"); ++i) ::usleep(1000);
  std::filesystem::rename(store, root / "aside");
  std::filesystem::copy(root / "aside", store, std::filesystem::copy_options::recursive);
  EXPECT_EQ(::write(r.input, bundle.data() + bundle.size() / 2, bundle.size() - bundle.size() / 2), static_cast<ssize_t>(bundle.size() - bundle.size() / 2));
  const auto [status, said] = r.wait();
  EXPECT_TRUE(status == 0 || status == 5) << status << ": " << said;
  serves({"1.1"}, "the one put in its place");
  succeeds(second);
  std::filesystem::remove_all(store);
  std::filesystem::rename(root / "aside", store);
  serves({"1.1"}, "the one taken away");
  fails({"commit"}, 1, "nothing is staged");
  EXPECT_EQ(crash::difference(crash::read_tree(store), before, is_state), "");
}

// What stands where a file or a folder of the store belongs.
TEST_F(Processes, planted) {
  const Path outside = root / "outside", precious = outside / "precious";
  std::filesystem::create_directory(outside);
  const auto put = [](const Path& p, std::string_view text) { ASSERT_TRUE(write_file(p, as_bytes(text), true)); };
  put(precious, "precious");
  const auto good = crash::read_tree(store);
  const Path object = store / "objects" / crash::read_tree(store / "objects").begin()->first;
  using Plant = std::function<void(const Path&)>;
  const std::pair<const char*, Plant> plants[] = {
      {"a pipe", [](const Path& p) { ASSERT_EQ(::mkfifo(p.c_str(), 0666), 0); }},
      {"a folder", [](const Path& p) { std::filesystem::create_directories(p / "within"); }},
      {"a link to a file", [&](const Path& p) { std::filesystem::create_symlink(precious, p); }},
      {"a link to a folder", [&](const Path& p) { std::filesystem::create_symlink(outside, p); }},
      {"a link to itself", [](const Path& p) { std::filesystem::create_symlink(p, p); }},
      {"another name of a file", [&](const Path& p) { std::filesystem::create_hard_link(precious, p); }},
      {"a file of a terabyte", [&](const Path& p) { put(p, ""), std::filesystem::resize_file(p, UINT64_C(1) << 40); }},
      {"an empty file", [&](const Path& p) { put(p, ""); }},
      {"a device that never ends", [](const Path& p) { std::filesystem::create_symlink("/dev/zero", p); }},
  };
  const Path places[] = {store / "lock", store / "state", store / "trusted", store / "staging", store / "staging" / "release", store / "staging" / object.filename(), store / "objects",
                         store / "releases", object, active_release()};
  for (const Path& p : places) {
    for (const auto& [what, plant] : plants) {
      crash::write_tree(good, store);
      const std::string where = format("{} in the place of {}", what, p.lexically_relative(store).string());
      std::filesystem::remove_all(p);
      plant(p);
      const bool in_the_way_of_writers_only = p.filename() == "lock" || p.native().find("/staging") != std::string::npos;
      for (const Words& words : {Words{"status", "-q"}, Words{"validate", "-q"}, second, Words{"trial", "-q"}, Words{"rollback", "-q"}}) {
        Running r(device.words(words));
        const auto [status, said] = r.wait();
        EXPECT_TRUE(status >= 0 && status <= 5) << where << ": " << words[0] << ": " << status << ": " << said;
        EXPECT_TRUE(status == 0 || status == 1 || said.starts_with("error: ") || said.starts_with("warning: ")) << where << ": " << words[0] << ": " << said;
        if (in_the_way_of_writers_only && words[0] == "validate") {
          EXPECT_EQ(status, 0) << where << ": " << said;
        }
        EXPECT_EQ(as_text(*read_file(precious)), "precious") << where << ": " << words[0];
        EXPECT_EQ(crash::read_tree(outside).size(), 1U) << where << ": " << words[0];
      }
    }
  }
}

TEST_F(Processes, paths) {
  const Path here = std::filesystem::current_path();
  std::filesystem::current_path(root);
  const auto on = [&](const Words& words, const std::string& path) {
    Words w{place().shop.target(), words[0], "--store", path};
    for (std::size_t i = 1; i < words.size(); ++i) w.push_back(words[i].starts_with('@') ? place().shop.file(words[i].substr(1)).string() : words[i]);
    return crash::run(w);
  };
  for (const char* path : {"relative", "relative2/", "./relative3//", "sub/../relative4", "with 'quotes' and \n lines", "-dash", "ümlaut"}) {
    std::filesystem::create_directories("sub");
    const Outcome o = on(provision, path[0] == '-' ? format("./{}", path) : path);
    EXPECT_EQ(o.status, 0) << path << ": " << o.err;
    EXPECT_EQ(on({"validate", "-q"}, path[0] == '-' ? format("./{}", path) : path).status, 0) << path;
  }
  for (const std::string& path : {std::string(300, 'x'), std::string("missing/parent/store"), std::string(5000, '/') + "x/y/z"}) {
    const Outcome o = on(provision, path);
    EXPECT_TRUE((o.status == 5 || o.status == 2) && o.err.starts_with("error: ")) << path.substr(0, 40) << ": " << o.status << ": " << o.err;
  }
  std::filesystem::current_path(here);
}

// A store that may be read and not written, as a read-only mount: what reads goes on, what changes says why it cannot.
TEST_F(Processes, without_permission) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
  std::filesystem::permissions(place().folder.path, std::filesystem::perms(0755));
  const auto as_nobody = [&](const Words& words) {
    Words all{"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    for (const std::string& w : device.words(words)) all.push_back(w);
    return crash::run(all);
  };
  if (const int status = as_nobody({"status"}).status; status == 126 || status == 127) GTEST_SKIP() << "needs setpriv, and a build that others may run";
  const auto before = crash::read_tree(store);
  EXPECT_EQ(as_nobody({"status"}).status, 0);
  EXPECT_EQ(as_nobody({"validate"}).status, 0);
  for (const Words& w : {second, Words{"trial"}, Words{"rollback"}, Words{"commit"}}) {
    const Outcome o = as_nobody(w);
    EXPECT_EQ(o.status, 5) << w[0] << o.err;
    EXPECT_NE(o.err.find("Permission denied"), std::string::npos) << o.err;
  }
  EXPECT_EQ(crash::difference(crash::read_tree(store), before), "");
  std::filesystem::permissions(store / "state", std::filesystem::perms(0600));  // not even to be read: no "empty store"
  EXPECT_EQ(as_nobody({"status"}).status, 5);
}

}  // namespace hone
