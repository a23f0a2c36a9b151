// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/device.h"

#include <cstdio>
#include <cstdlib>

#include "lib/base/json.h"

namespace hone::crash {
namespace {

void put(const Path& path, std::string_view text) {
  if (!write_file(path, as_bytes(text), true)) std::exit(1);
}

// One sample of eight numbers, as numpy writes it.
std::string npy() {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 8), }";
  header.resize(117, ' ');
  header += '\n';
  std::string text("\x93NUMPY\x01\x00\x76\x00", 10);
  text += header;
  for (const float f : {0.F, 1.F, -2.F, 3.F, 0.5F, 5.F, -6.F, 7.F}) text.append(reinterpret_cast<const char*>(&f), sizeof f);
  return text;
}

// A device's age identity, and what is public of it.
constexpr const char *identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n", *recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

std::string model(int seed) {
  std::string weights;
  for (int i = 0; i < 32; ++i) weights += format("{}{}.25", i ? ", " : "", (i * 7 + (i % 5 == 0 ? seed : 0)) % 11);
  return format("<ir_version: 8, opset_import: [\"\" : 17]>\ntiny (float[1,8] x) => (float[1,4] y)\n<float[8,4] W = {{{}}}>\n{{ y = MatMul(x, W) }}\n", weights);
}

}  // namespace

void Workshop::make(Words words) const {
  words.insert(words.begin(), hone());
  const Outcome o = run(words);
  if (o.status == 0) return;
  std::fprintf(stderr, "%s\nhone %s failed\n", o.err.c_str(), words[1].c_str());
  std::exit(1);
}

void Workshop::pack(const std::string& model, int counter, const std::string& output, const Words& more) const {
  Words words{"pack", file(model), "--key", file("K.key"), "--name", "tiny", "--version", format("1.{}", counter), "--counter", fmt::to_string(counter), "-q", "--force", "-o",
              file(output)};
  words.insert(words.end(), more.begin(), more.end());
  make(words);
}

Workshop::Workshop(Path bin, const Path& folder) : bin_(std::move(bin)), folder_(folder) {
  std::filesystem::create_directories(folder);
  put(file("x.npy"), npy());
  put(file("device.identity"), identity);
  std::filesystem::permissions(file("device.identity"), std::filesystem::perms(0600));
  put(file("slow.toml"), "[latency]\nmax_p90_us = 0.000001\n");
  make({"keygen", "-o", file("K"), "-q"});
  for (int counter = 1; counter <= 4; ++counter) {
    put(file("model.txt"), model(counter));
    Words more{"--golden", file("x.npy")};
    if (counter == 4) more.insert(more.end(), {"--gate", file("slow.toml")});
    pack("model.txt", counter, format("{}.hone", counter), more);
    more.insert(more.end(), {"--recipient", recipient});
    pack("model.txt", counter, format("{}.encrypted", counter), more);
    const Outcome o = run({target(), "run", file(format("{}.hone", counter)), "--pub", file("K.pub"), "-i", file("x.npy"), "--sha256"});
    answers_[format("1.{}", counter)] = o.out;
  }
  make({"delta", file("2.encrypted"), file("3.encrypted"), "--pub", file("K.pub"), "--identity", file("device.identity"), "--recipient", recipient, "-q", "-o", file("2-3.encrypted")});
  make({"keygen", "-o", file("other"), "-q"});  // signs releases once the keyring is in force
  make({"keyring", "--root", file("K.pub"), "--release", file("other.pub"), "--key", file("K.key"), "-q", "-o", file("1.keyring")});
  for (const auto& [from, to] : {std::pair("1", "2"), std::pair("2", "3")})
    make({"delta", file(format("{}.hone", from)), file(format("{}.hone", to)), "--pub", file("K.pub"), "-q", "-o", file(format("{}-{}.delta", from, to))});
}

Words Device::words(const Words& command) const {
  if (command[0] == "report") return {shop_.application(), place_ / "store", command[1]};
  Words words{shop_.target(), command[0], "--store", place_ / "store", "--threads", "1"};
  if (identity_ && command[0] != "keyring") words.insert(words.end(), {"--identity", shop_.file("device.identity")});
  for (std::size_t i = 1; i < command.size(); ++i) words.push_back(command[i].starts_with('@') ? shop_.file(command[i].substr(1)).string() : command[i]);
  return words;
}

Look Device::look() const {
  Look look;
  const Outcome status = run({"status", "--json", "-q"});
  const auto json = parse_json(status.out);
  if (status.status != 0 || !json) {
    look.problem = format("status says {}: {}{}", status.status, status.out, status.err);
    return look;
  }
  Json all = *json;
  for (const char* ratchet : {"highest_counter", "floor", "time_floor", "keyring"}) look.ratchets.push_back(all.value(ratchet, std::uint64_t{0}));
  for (const char* varies : {"generation", "tries_left"}) all.erase(varies);
  look.status = all.dump();
  const Json& serves = all["serves"];
  if (!serves.is_object()) {
    if (!all["active"].is_null() || !all["factory"].is_null()) look.problem = "nothing serves";
    return look;
  }
  look.serves = instead_.empty() ? serves.value("version", "") : instead_;
  if (const Outcome o = run({"validate"}); o.status != 0) look.problem = format("validate says {}: {}{}", o.status, o.out, o.err);
  const Outcome answer = run({"run", "-i", "@x.npy", "--sha256"});
  if (answer.status != 0 || answer.out != shop_.answer(look.serves)) look.problem = format("{} gives a wrong answer: {}{}", look.serves, answer.out, answer.err);
  if (answer.err.empty() != instead_.empty()) look.problem = format("the release that serves had to be replaced, or not: {}", answer.err);
  return look;
}

bool Device::damage() const {
  const auto status = parse_json(run({"status", "--json", "-q"}).out);
  const Path store = place_ / "store";
  const auto release = status ? read_file(store / "releases" / (*status)["active"]["digest"].get<std::string>()) : Result<std::vector<std::byte>>(std::vector<std::byte>());
  if (!release) return false;
  const std::string_view text = as_text(*release);
  const std::size_t name = text.find("\"model.weights\""), hash = text.find("\"sha256\":\"", name);
  if (hash == text.npos) return false;
  const Path object = store / "objects" / text.substr(hash + 10, 64);
  auto bytes = read_file(object);
  if (!bytes || bytes->empty()) return false;
  bytes->front() ^= std::byte{1};
  return write_file(object, *bytes, true).has_value();
}

}  // namespace hone::crash
