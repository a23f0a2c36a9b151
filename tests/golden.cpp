// SPDX-License-Identifier: Apache-2.0
// golden FILE [--update]: runs one golden text test and compares.
//
//   # RUN: hone opt --pass drop-identity     one or more; joined by newlines into one sh -e script, hone on its PATH
//   # STATUS: 3                              expected exit status; 0 when absent
//   # STDERR: pads has 3 values              a piece that stderr must contain; may be repeated
//   # NEEDS: models/real/silero_vad_v5       a path under $HONE_SHARED without which the test is skipped, by name
//   <standard input>
//   # EXPECT
//   <standard output, to the letter>
//
// The script runs in a fresh temporary directory; $TESTS is the tests/ folder, $SHARED the shared folder. Exit status: 0 passed,
// 1 failed, 77 skipped. --update rewrites what follows EXPECT.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "lib/base/file.h"

namespace {

using namespace hone;

struct Case {
  std::string script, input, head, expected;
  std::vector<std::string> stderr_parts, needs;
  int status = 0;
};

Case parse(std::string_view text) {
  Case c;
  bool expecting = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string line(text.substr(0, end));
    text.remove_prefix(end);
    const auto after = [&](std::string_view prefix) { return line.substr(prefix.size(), line.find_last_not_of('\n') + 1 - prefix.size()); };
    if (expecting) {
      c.expected += line;
      continue;
    }
    c.head += line;
    if (line.starts_with("# RUN: ")) c.script += after("# RUN: ") + "\n";
    else if (line.starts_with("# STATUS: ")) c.status = std::atoi(after("# STATUS: ").c_str());
    else if (line.starts_with("# STDERR: ")) c.stderr_parts.push_back(after("# STDERR: "));
    else if (line.starts_with("# NEEDS: ")) c.needs.push_back(after("# NEEDS: "));
    else if (line.starts_with("# EXPECT")) expecting = true;
    else c.input += line;
  }
  return c;
}

std::string slurp(const Path& path) {
  const auto bytes = read_file(path);
  return bytes ? std::string(as_text(*bytes)) : "";
}

int run(const Case& c, const Path& folder) {
  const std::string script = "cd '" + folder.string() + "'\n" + c.script;
  if (!write_file(folder / ".stdin", as_bytes(c.input)) || !write_file(folder / ".script", as_bytes(script))) return -1;
  const std::string command = "sh -e '" + (folder / ".script").string() + "' < '" + (folder / ".stdin").string() + "' > '" +
                              (folder / ".stdout").string() + "' 2> '" + (folder / ".stderr").string() + "'";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool report(const Case& c, int status, const std::string& out, const std::string& err) {
  bool ok = true;
  const auto fail = [&](const std::string& what) { ok = false, std::fputs((what + "\n").c_str(), stdout); };
  if (status != c.status) fail(format("exit status {}, expected {}", status, c.status));
  if (out != c.expected) fail("stdout differs\n--- expected\n" + c.expected + "--- got\n" + out + "---");
  for (const std::string& part : c.stderr_parts)
    if (err.find(part) == std::string::npos) fail("stderr lacks: " + part);
  if (!ok) fail("stderr was:\n" + err + "the script:\n" + c.script);
  return ok;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("usage: golden FILE [--update]\n", stderr), 2;
  const Path file = std::filesystem::absolute(argv[1]);
  const auto text = read_file(file);
  if (!text) return std::fputs((text.error().message + "\n").c_str(), stderr), 2;
  const Case c = parse(as_text(*text));
  const Path source = HONE_SOURCE;
  const char* shared = std::getenv("HONE_SHARED");
  const Path shared_folder = shared ? Path(shared) : source.parent_path() / "shared";
  for (const std::string& need : c.needs)
    if (!std::filesystem::exists(shared_folder / need)) return std::printf("skipped: needs ../shared/%s\n", need.c_str()), 77;
  ::setenv("PATH", (std::string(HONE_BIN ":") + std::getenv("PATH")).c_str(), 1);
  ::setenv("TESTS", (source / "tests").c_str(), 1);
  ::setenv("SHARED", shared_folder.c_str(), 1);
  ::setenv("NO_COLOR", "1", 1);
  std::string folder = (std::filesystem::temp_directory_path() / "hone-golden-XXXXXX").string();
  if (!::mkdtemp(folder.data())) return std::perror("mkdtemp"), 2;
  const int status = run(c, folder);
  const std::string out = slurp(Path(folder) / ".stdout"), err = slurp(Path(folder) / ".stderr");
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (argc > 2 && std::strcmp(argv[2], "--update") == 0) {
    const std::string updated = c.head + (c.head.find("# EXPECT") == std::string::npos ? "# EXPECT\n" : "") + out;
    return write_file(file, as_bytes(updated), true) ? 0 : 2;
  }
  return report(c, status, out, err) ? 0 : 1;
}
