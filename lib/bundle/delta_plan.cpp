// SPDX-License-Identifier: Apache-2.0
// What a delta will take, before it is applied: told alike by the host that made it and by the device that got it.
#include <algorithm>

#include "lib/bundle/delta_stream.h"

namespace hone {
namespace {

std::string size_text(std::uint64_t bytes) {
  if (bytes < 10'000) return format("{} B", bytes);
  return bytes < 10'000'000 ? format("{}.{} kB", bytes / 1000, bytes / 100 % 10) : format("{}.{} MB", bytes / 1'000'000, bytes / 100'000 % 10);
}

// Buffers that live while a block is decoded: two base blocks kept, a range across them, frame, result, and what the decoders need.
std::uint64_t block_memory(DeltaForm form, std::uint64_t frame, std::uint64_t plain) {
  const std::uint64_t decoder = form.coding == DeltaCoding::rans ? frame + plain * (form.method == DeltaMethod::nibbles ? 4 : 1) + 100'000
                                : form.coding == DeltaCoding::zstd ? plain + 200'000
                                                                   : plain;
  return (form.uses_base() ? 2 * block_limit + plain : 0) + frame + plain + decoder;
}

}  // namespace

Result<DeltaPlan> Delta::plan() {
  DeltaPlan plan{.name = release_.manifest().name, .from = base_version_, .to = release_.manifest().version};
  for (const FileEntry& file : release_.manifest().files) {
    if (unchanged(file)) {
      ++plan.files_unchanged;
      continue;
    }
    ++plan.files_written;
    plan.write_bytes += file.length;
    for (const Block& block : file.blocks) {
      TRY(const Record record, next_record(block).in(stream_->name()));
      CHECK_OK(stream_->take(record.length));
      ++plan.blocks[static_cast<std::size_t>(record.form.method)];
      plan.frame_bytes[static_cast<std::size_t>(record.form.method)] += record.length;
      plan.memory_bytes = std::max(plan.memory_bytes, block_memory(record.form, record.length, block.plain_length));
    }
  }
  CHECK_OK(stream_->finish());
  plan.download_bytes = stream_->at();
  plan.memory_bytes += 3 * release_.manifest_bytes().size();
  return plan;
}

std::vector<std::string> describe(const DeltaPlan& plan) {
  std::string blocks;
  for (std::size_t m = 0; m < plan.blocks.size(); ++m)
    if (plan.blocks[m] > 0) blocks += format("{}{} {} ({})", blocks.empty() ? "" : ", ", plan.blocks[m], name(static_cast<DeltaMethod>(m)), size_text(plan.frame_bytes[m]));
  return {format("{} {} -> {}", plan.name, plan.from, plan.to),
          format("download {}, write {}, memory for buffers {}", size_text(plan.download_bytes), size_text(plan.write_bytes), size_text(plan.memory_bytes)),
          format("files: {} written, {} unchanged; blocks: {}", plan.files_written, plan.files_unchanged, blocks.empty() ? "none" : blocks)};
}

Json to_json(const DeltaPlan& plan) {
  Json blocks = Json::object(), bytes = Json::object();
  for (std::size_t m = 0; m < plan.blocks.size(); ++m) {
    blocks[std::string(name(static_cast<DeltaMethod>(m)))] = plan.blocks[m];
    bytes[std::string(name(static_cast<DeltaMethod>(m)))] = plan.frame_bytes[m];
  }
  return {{"name", plan.name}, {"from", plan.from}, {"to", plan.to}, {"download_bytes", plan.download_bytes}, {"write_bytes", plan.write_bytes}, {"memory_bytes", plan.memory_bytes},
          {"files_written", plan.files_written}, {"files_unchanged", plan.files_unchanged}, {"blocks", std::move(blocks)}, {"block_bytes", std::move(bytes)}};
}

}  // namespace hone
