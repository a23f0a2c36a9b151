// SPDX-License-Identifier: Apache-2.0
// What a disk may hold after the power went: everything that was synced, and of the rest any part in any order. The strictest reading of POSIX: data is safe
// after an fsync of its file, a name after an fsync of its directory; a rename is two changes of names; a write may be torn at every sector.
#pragma once
#include <map>
#include <optional>
#include <set>

#include "tests/crash/tracer.h"

namespace hone::crash {

// A directory's content: names relative to it; no bytes for a directory.
using Tree = std::map<std::string, std::optional<std::vector<std::byte>>>;
Tree read_tree(const Path& folder);
void write_tree(const Tree&, const Path& folder);
std::string hash(const Tree&);
// The first difference in words, empty when there is none; `varies` tells files whose bytes may differ.
std::string difference(const Tree& got, const Tree& want, const std::function<bool(const std::string&)>& varies = {});

enum class Fate { lost, kept, first_half, every_other_sector, length_only };

class DiskModel {
 public:
  // The disk holds `content` under `root`.
  DiskModel(Path root, const Tree& content);
  // A call that succeeded (result >= 0).
  void apply(const Call&, long result);
  // An fsync that failed: what it should have written is marked clean in memory and never reaches the disk.
  void forget(const Call&);

  std::size_t pending() const { return pending_.size(); }
  bool is_write(std::size_t change) const { return pending_[change].kind == Change::Kind::data; }
  Tree now() const { return tree(now_); }
  Tree after_power_cut(const std::vector<Fate>& fates) const;

 private:
  struct Node {
    bool directory = false;
    std::vector<std::byte> content;
    std::map<std::string, std::size_t> entries;
  };
  struct Change {
    enum class Kind { data, size, entry };
    Kind kind;
    std::size_t node;  // file, or directory of the entry
    std::uint64_t offset = 0;  // or size
    std::vector<std::byte> bytes = {};
    std::string name = {};
    std::optional<std::size_t> child = {};  // none: removed
  };
  using Nodes = std::vector<Node>;
  std::optional<std::size_t> find(const Path&) const;
  void change(Change);
  void set_entry(const Path&, std::optional<std::size_t> child);
  std::size_t make(bool directory);
  static void perform(Nodes&, const Change&, Fate);
  static Tree tree(const Nodes&);

  Path root_;
  Nodes disk_, now_;             // node 0 is the root
  std::vector<Change> pending_;  // in order
};

// The fates worth trying for what is pending: nothing, everything, each change alone, all but each, each prefix, torn ones, and some by dice.
std::vector<std::vector<Fate>> power_cuts(const DiskModel&, unsigned dice, unsigned seed);

}  // namespace hone::crash
