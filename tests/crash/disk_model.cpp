// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/disk_model.h"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <random>

#include "lib/base/hash.h"

namespace hone::crash {

Tree read_tree(const Path& folder) {
  Tree tree;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    auto& content = tree[entry.path().lexically_relative(folder).string()];
    if (!entry.is_directory()) content = read_file(entry.path()).value();
  }
  return tree;
}

void write_tree(const Tree& tree, const Path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [name, content] : tree) {  // a directory comes before what lies in it
    if (!content) {
      std::filesystem::create_directory(folder / name);
      continue;
    }
    std::FILE* file = std::fopen((folder / name).c_str(), "wb");
    std::fwrite(content->data(), 1, content->size(), file);
    std::fclose(file);
  }
}

std::string hash(const Tree& tree) {
  Sha256 all;
  for (const auto& [name, content] : tree) {
    all.update(as_bytes(format("{}\n{}\n", name, content ? static_cast<long>(content->size()) : -1)));
    if (content) all.update(*content);
  }
  return to_hex(all.finish());
}

std::string difference(const Tree& got, const Tree& want, const std::function<bool(const std::string&)>& varies) {
  for (const auto& [name, content] : got)
    if (!want.contains(name)) return format("'{}' is too much", name);
  for (const auto& [name, content] : want) {
    const auto it = got.find(name);
    if (it == got.end()) return format("'{}' is missing", name);
    if (it->second != content && !(varies && varies(name))) return format("'{}' has another content", name);
  }
  return {};
}

DiskModel::DiskModel(Path root, const Tree& content) : root_(std::move(root)), disk_(1, Node{.directory = true, .content = {}, .entries = {}}), now_(disk_) {
  for (const auto& [name, bytes] : content) {
    const Path path = root_ / name;
    const std::size_t node = make(!bytes);
    if (bytes) now_[node].content = *bytes;
    now_[*find(path.parent_path())].entries[path.filename().string()] = node;
  }
  disk_ = now_;
}

std::optional<std::size_t> DiskModel::find(const Path& path) const {
  std::size_t node = 0;
  if (path == root_) return node;
  for (const Path& part : path.lexically_relative(root_)) {
    const auto it = now_[node].entries.find(part.string());
    if (it == now_[node].entries.end()) return std::nullopt;
    node = it->second;
  }
  return node;
}

std::size_t DiskModel::make(bool directory) {
  for (Nodes* nodes : {&now_, &disk_}) nodes->push_back({.directory = directory, .content = {}, .entries = {}});
  return now_.size() - 1;
}

void DiskModel::perform(Nodes& nodes, const Change& c, Fate fate) {
  Node& node = nodes[c.node];
  if (fate == Fate::lost) return;
  if (c.kind == Change::Kind::entry) {
    if (c.child) node.entries[c.name] = *c.child;
    else node.entries.erase(c.name);
    return;
  }
  if (c.kind == Change::Kind::size) return node.content.resize(c.offset);
  const std::size_t end = c.offset + (fate == Fate::first_half ? c.bytes.size() / 2 : c.bytes.size());
  if (node.content.size() < end) node.content.resize(end);
  if (fate == Fate::length_only) return;
  for (std::size_t at = c.offset; at < end; ++at)
    if (fate != Fate::every_other_sector || at / 512 % 2 == 0) node.content[at] = c.bytes[at - c.offset];
}

void DiskModel::change(Change c) {
  perform(now_, c, Fate::kept);
  pending_.push_back(std::move(c));
}

void DiskModel::set_entry(const Path& path, std::optional<std::size_t> child) {
  const auto folder = find(path.parent_path());
  assert(folder);
  change({.kind = Change::Kind::entry, .node = *folder, .name = path.filename().string(), .child = child});
}

void DiskModel::apply(const Call& call, long result) {
  using Kind = Call::Kind;
  const auto node = find(call.path);
  switch (call.kind) {
    case Kind::create:
      if (!node) set_entry(call.path, make(false));
      else if (call.truncates) change({.kind = Change::Kind::size, .node = *node});
      break;
    case Kind::write:
      if (node) change({.kind = Change::Kind::data, .node = *node, .offset = call.offset, .bytes = {call.bytes.begin(), call.bytes.begin() + result}});
      break;
    case Kind::resize:
      if (node) change({.kind = Change::Kind::size, .node = *node, .offset = call.offset});
      break;
    case Kind::sync:
      std::erase_if(pending_, [&](const Change& c) { return c.node == node && (perform(disk_, c, Fate::kept), true); });
      break;
    case Kind::rename:
      set_entry(call.target, node);
      set_entry(call.path, std::nullopt);
      break;
    case Kind::remove: set_entry(call.path, std::nullopt); break;
    case Kind::make_directory: set_entry(call.path, make(true)); break;
    case Kind::metadata: break;
  }
}

void DiskModel::forget(const Call& call) {
  const auto node = find(call.path);
  std::erase_if(pending_, [&](const Change& c) { return c.node == node; });
}

Tree DiskModel::tree(const Nodes& nodes) {
  Tree out;
  const auto walk = [&](const auto& self, std::size_t id, const std::string& prefix) -> void {
    for (const auto& [name, child] : nodes[id].entries) {
      auto& content = out[prefix + name];
      if (!nodes[child].directory) content = nodes[child].content;
      else self(self, child, prefix + name + "/");
    }
  };
  walk(walk, 0, "");
  return out;
}

Tree DiskModel::after_power_cut(const std::vector<Fate>& fates) const {
  Nodes nodes = disk_;
  for (std::size_t i = 0; i < pending_.size(); ++i) perform(nodes, pending_[i], fates[i]);
  return tree(nodes);
}

std::vector<std::vector<Fate>> power_cuts(const DiskModel& model, unsigned dice, unsigned seed) {
  const std::size_t n = model.pending();
  std::vector<std::vector<Fate>> all{std::vector<Fate>(n, Fate::lost)};
  if (n == 0) return all;
  all.emplace_back(n, Fate::kept);
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<Fate> alone(n, Fate::lost), without(n, Fate::kept), prefix(n, Fate::lost);
    alone[i] = Fate::kept;
    without[i] = Fate::lost;
    std::fill_n(prefix.begin(), i, Fate::kept);
    for (auto& fates : {alone, without, prefix}) all.push_back(fates);
    if (!model.is_write(i)) continue;
    for (const Fate torn : {Fate::first_half, Fate::every_other_sector, Fate::length_only}) {
      alone[i] = without[i] = torn;
      all.push_back(alone);
      all.push_back(without);
    }
  }
  std::mt19937 random(seed);
  for (unsigned d = 0; d < dice; ++d) {
    std::vector<Fate> fates(n);
    for (std::size_t i = 0; i < n; ++i) fates[i] = static_cast<Fate>(random() % (model.is_write(i) ? 5U : 2U));
    all.push_back(std::move(fates));
  }
  return all;
}

}  // namespace hone::crash
