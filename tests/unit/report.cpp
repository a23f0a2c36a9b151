// SPDX-License-Identifier: Apache-2.0
#include "lib/report/report.h"

#include <gtest/gtest.h>

namespace hone {
namespace {

TEST(report, junit_counts_failures_and_escapes) {
  const std::string xml = junit_xml("gate", {{"size", true, "1 kB", "<= 2 kB", ""}, {"a<b>&\"\x01", false, "3", "<= 2", "why"}});
  EXPECT_NE(xml.find("tests=\"2\" failures=\"1\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("name=\"a&lt;b&gt;&amp;&quot;?\"><failure message=\"measured 3, limit &lt;= 2; why\"/>"), std::string::npos) << xml;
}

TEST(report, markdown_keeps_the_table_whole) {
  const std::string text = markdown("Gate", {{"a|b", false, "3", "<= 2", "line\nbreak"}});
  EXPECT_NE(text.find("| a\\|b | 3 | <= 2 | **FAIL** | line break |\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace hone
