// SPDX-License-Identifier: Apache-2.0
// A disk that fails where a test wants it to, and loses on a power cut whatever was not synced: file contents written since the last sync of the file, names
// created, renamed or removed since the last sync of their directory; all of them, none, or any subset (which is what reordering comes to).
#pragma once
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <random>

#include "lib/store/file_ops.h"

namespace hone {

struct Killed {};

class Disk {
 public:
  enum class Fault { none, kill, no_space, io_error };
  explicit Disk(Path attic) : attic_(std::move(attic)) { std::filesystem::create_directories(attic_); }

  FileOps ops() {
    return FileOps([this](FileOp op, const Path& path, const Path& target) { return before(op, path, target); });
  }
  void fail_at(int operation, Fault fault) { fail_at_ = operation, fault_ = fault; }
  int operations() const { return operations_; }

  // Undoes each unsynced change with the given probability; contents come back whole or as a mixture.
  void power_cut(double probability, std::mt19937& random) {
    std::bernoulli_distribution lost(probability), torn(0.5);
    for (auto it = pending_.rbegin(); it != pending_.rend(); ++it)
      if (lost(random)) undo(*it, probability < 1 && torn(random));
    pending_.clear();
  }

 private:
  using Buffer = std::vector<std::byte>;
  struct Change {
    FileOp op;
    Path path, target, saved;  // saved: a link to what a rename or removal hid
    ino_t inode = 0;
    Buffer content;            // before the first unsynced write
  };

  static ino_t inode_of(const Path& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
  }

  int before(FileOp op, const Path& path, const Path& target) {
    const bool now = operations_++ == fail_at_;
    if (now && fault_ == Fault::kill) throw Killed{};
    if (now && fault_ != Fault::none && op != FileOp::write) return fault_ == Fault::no_space ? ENOSPC : EIO;
    record(op, path, target);
    return now && fault_ != Fault::none ? (fault_ == Fault::no_space ? ENOSPC : EIO) : 0;
  }

  void record(FileOp op, const Path& path, const Path& target) {
    Change c{op, path, target, {}, inode_of(path), {}};
    switch (op) {
      case FileOp::create:
      case FileOp::make_directory:
        if (c.inode == 0) pending_.push_back(c);
        break;
      case FileOp::write:
        if (std::ranges::any_of(pending_, [&](const Change& p) { return p.op == FileOp::write && p.inode == c.inode; })) break;
        c.content = *read_file(path);
        pending_.push_back(c);
        break;
      case FileOp::rename:
      case FileOp::remove: {
        const Path& hidden = op == FileOp::rename ? target : path;
        if (inode_of(hidden) != 0) {
          c.saved = attic_ / fmt::to_string(serial_++);
          std::filesystem::create_hard_link(hidden, c.saved);
        }
        pending_.push_back(c);
        break;
      }
      case FileOp::sync: std::erase_if(pending_, [&](const Change& p) { return p.op == FileOp::write && p.inode == c.inode; }); break;
      case FileOp::sync_directory:
        std::erase_if(pending_, [folder = (path / "").lexically_normal().parent_path()](const Change& p) {
          return p.op != FileOp::write && (p.op == FileOp::rename ? p.target : p.path).parent_path() == folder;
        });
        break;
    }
  }

  // The file that has the inode now, under whatever name.
  static Path find(const Path& root, ino_t inode) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      if (inode_of(entry.path()) == inode) return entry.path();
    return {};
  }

  void undo(const Change& c, bool torn) {
    std::error_code ignored;
    switch (c.op) {
      case FileOp::create: std::filesystem::remove(c.path, ignored); break;
      case FileOp::make_directory: std::filesystem::remove_all(c.path, ignored); break;
      case FileOp::write: {
        Path path = c.path.parent_path().parent_path();
        path = inode_of(c.path) == c.inode ? c.path : find(path, c.inode);
        if (path.empty()) break;
        Buffer content = c.content;
        if (torn) {  // the first half of what was written, the rest as it was
          const Buffer written = *read_file(path);
          for (std::size_t i = 0; i < std::min(content.size(), written.size()); ++i)
            if (i % 512 < 256) content[i] = written[i];
          if (content.empty()) content.assign(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(written.size() / 2));
        }
        std::filesystem::resize_file(path, 0);
        const FileOps plain;
        (void)plain.create(path)->write(0, content).has_value();
        break;
      }
      case FileOp::rename:
        std::filesystem::rename(c.target, c.path, ignored);
        if (!c.saved.empty()) std::filesystem::create_hard_link(c.saved, c.target, ignored);
        break;
      case FileOp::remove:
        if (!c.saved.empty()) std::filesystem::create_hard_link(c.saved, c.path, ignored);
        break;
      default: break;
    }
  }

  Path attic_;
  std::vector<Change> pending_;
  int operations_ = 0, fail_at_ = -1, serial_ = 0;
  Fault fault_ = Fault::none;
};

}  // namespace hone
