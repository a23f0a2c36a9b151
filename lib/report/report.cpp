// SPDX-License-Identifier: Apache-2.0
#include "lib/report/report.h"

#include <algorithm>

#include "lib/base/format.h"

namespace hone {
namespace {

// XML 1.0 allows no control characters but tab and line ends, not even escaped.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  // A file name need not be UTF-8, but XML must be: JSON's printer knows how to mend that.
  const std::string mended = Json(out).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(mended).get<std::string>();
}

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

std::string junit_xml(std::string_view suite, const std::vector<Check>& checks) {
  const auto failures = std::ranges::count(checks, false, &Check::passed);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += format("<testsuites>\n  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\">\n", xml(suite), checks.size(), failures);
  for (const Check& c : checks) {
    const std::string told = xml(format("measured {}{}{}", c.measured, c.limit.empty() ? "" : format(", limit {}", c.limit), c.detail.empty() ? "" : format("; {}", c.detail)));
    out += format("    <testcase classname=\"{}\" name=\"{}\">", xml(suite), xml(c.name));
    out += c.passed ? format("<system-out>{}</system-out>", told) : format("<failure message=\"{}\"/>", told);
    out += "</testcase>\n";
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

std::string markdown(std::string_view title, const std::vector<Check>& checks) {
  std::string out = format("## {}\n\n| check | measured | limit | verdict | |\n|---|---|---|---|---|\n", title);
  for (const Check& c : checks)
    out += format("| {} | {} | {} | {} | {} |\n", cell(c.name), cell(c.measured), cell(c.limit), c.passed ? "pass" : "**FAIL**", cell(c.detail));
  return out;
}

Json to_json(const std::vector<Check>& checks) {
  Json list = Json::array();
  for (const Check& c : checks) list.push_back({{"name", c.name}, {"passed", c.passed}, {"measured", c.measured}, {"limit", c.limit}, {"detail", c.detail}});
  return list;
}

}  // namespace hone
