// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/console.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "lib/base/file.h"
#include "tools/cli/printable.h"

namespace hone {
namespace {

using Clock = std::chrono::steady_clock;

bool numeric(const std::string& cell) {
  return cell.empty() || cell == "-" || cell.find_first_of("0123456789") < 2;
}

// Columns on a terminal, not bytes: counts the code points of UTF-8.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

std::string printable(std::string_view text, bool one_line) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool layout = !one_line && (c == '\n' || c == '\t');
    const bool c1 = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;  // U+0080 to U+009F
    out += c1 || (!layout && (c < 0x20 || c == 0x7f)) ? '?' : text[i];
    i += c1;
  }
  return out;
}

void Console::print_line(const std::string& line) {
  const bool json_on_stdout = options_.json && (options_.json->empty() || *options_.json == "-");
  if (options_.quiet || json_on_stdout) return;
  std::fputs((printable(line) + "\n").c_str(), options_.data_on_stdout ? stderr : stdout);
}

void Console::message(std::string_view prefix, const std::string& text, bool show) {
  if (!show) return;
  const std::string_view on = options_.color && !prefix.empty() ? "\033[33m" : "", off = on.empty() ? "" : "\033[0m";
  std::fflush(stdout);
  std::fputs(format("{}{}{}{}\n", on, prefix, off, printable(text)).c_str(), stderr);
}

void Console::table(const std::vector<std::vector<std::string>>& given) {
  if (given.empty()) return;
  std::vector<std::vector<std::string>> rows = given;
  for (auto& row : rows)
    for (std::string& cell : row) cell = printable(cell, true);
  std::vector<std::size_t> widths(rows[0].size());
  std::vector<bool> right(rows[0].size(), true);
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      widths[c] = std::max(widths[c], width(rows[r][c]));
      if (r > 0 && !numeric(rows[r][c])) right[c] = false;
    }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string pad(widths[c] - width(row[c]), ' ');
      line += (c ? "  " : "") + (right[c] ? pad + row[c] : row[c] + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    print_line(line);
  }
}

Status Console::json(const Json& document) {
  if (!options_.json) return Ok{};
  const std::string text = document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  if (!options_.json->empty() && *options_.json != "-") return write_file(*options_.json, as_bytes(text), true);
  std::fputs(text.c_str(), stdout);
  return Ok{};
}

struct Console::Progress::State {
  std::string label;
  std::int64_t total;
  bool enabled, shown = false;
  Clock::time_point start = Clock::now(), last{};
};

Console::Progress::Progress(Console& console, std::string label, std::int64_t total)
    : state_(std::make_unique<State>(State{std::move(label), std::max<std::int64_t>(total, 1),
                                           console.options_.progress && !console.options_.quiet && ::isatty(2) == 1})) {}

Console::Progress::~Progress() {
  if (state_->shown) std::fputs("\r\033[K", stderr);
}

void Console::Progress::at(std::int64_t done) {
  State& s = *state_;
  const auto now = Clock::now();
  if (!s.enabled || now - s.start < std::chrono::milliseconds(500) || now - s.last < std::chrono::milliseconds(100)) return;
  s.last = now;
  s.shown = true;
  const double share = std::clamp(static_cast<double>(done) / static_cast<double>(s.total), 0.0, 1.0);
  const double elapsed = std::chrono::duration<double>(now - s.start).count();
  const std::string left = share > 0.02 ? format("{:.0f} s left", elapsed / share - elapsed) : "";
  const auto filled = static_cast<std::size_t>(share * 30);
  std::fputs(format("\r\033[K{} [{}{}] {:3.0f} % {}", s.label, std::string(filled, '#'), std::string(30 - filled, '.'), share * 100, left).c_str(), stderr);
  std::fflush(stderr);
}

std::string human_bytes(std::uint64_t bytes) {
  const auto b = static_cast<double>(bytes);
  if (bytes < 10'000) return format("{} B", bytes);
  if (bytes < 10'000'000) return format("{:.1f} kB", b / 1e3);
  if (bytes < 10'000'000'000) return format("{:.1f} MB", b / 1e6);
  return format("{:.1f} GB", b / 1e9);
}

std::string human_us(double us) {
  if (us < 10) return format("{:.2f} us", us);
  if (us < 10'000) return format("{:.0f} us", us);
  if (us < 10'000'000) return format("{:.1f} ms", us / 1e3);
  return format("{:.1f} s", us / 1e6);
}

}  // namespace hone
