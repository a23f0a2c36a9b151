// SPDX-License-Identifier: Apache-2.0
// Points in time as people write them, in UTC; never the clock: a release states what it was told.
#pragma once
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>

#include "lib/base/result.h"

namespace hone {

// "2027-01-31" (midnight), "2027-01-31T12:00:00Z", or seconds since 1970.
inline Result<std::uint64_t> parse_time(std::string_view option, std::string_view text) {
  const auto wrong = [&] { return usage_error("--{}: '{}' is neither a date such as 2027-01-31 or 2027-01-31T12:00:00Z nor seconds since 1970", option, text); };
  const auto number = [&](std::size_t at, std::size_t length, int& value) {
    const char* const begin = text.data() + at;
    const bool digits = at + length <= text.size() && std::all_of(begin, begin + length, [](char c) { return c >= '0' && c <= '9'; });
    return digits && std::from_chars(begin, begin + length, value).ec == std::errc();
  };
  std::int64_t seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code == std::errc() && end == text.data() + text.size() && seconds >= 0) return static_cast<std::uint64_t>(seconds);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!number(0, 4, year) || !number(5, 2, month) || !number(8, 2, day) || text[4] != '-' || text[7] != '-') return wrong();
  if (text.size() != 10) {
    if (text.size() != 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z') return wrong();
    if (!number(11, 2, hour) || !number(14, 2, minute) || !number(17, 2, second) || hour > 23 || minute > 59 || second > 59) return wrong();
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < 1970) return wrong();
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return static_cast<std::uint64_t>(((days * 24 + hour) * 60 + minute) * 60 + second);
}

// "2027-01-31T12:00:00Z"; far future times as seconds.
inline std::string print_time(std::uint64_t seconds) {
  if (seconds >= UINT64_C(253402300800)) return format("{} s after 1970", seconds);  // year 10000
  const std::chrono::sys_days day{std::chrono::days(static_cast<int>(seconds / 86400))};
  const std::chrono::year_month_day date(day);
  return format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

// Reproducible builds' convention (https://reproducible-builds.org/specs/source-date-epoch/), else 0: not stated.
inline Result<std::uint64_t> source_date() {
  const char* const text = std::getenv("SOURCE_DATE_EPOCH");
  if (!text) return std::uint64_t{0};
  std::uint64_t seconds = 0;
  const std::string_view all(text);
  const auto [end, code] = std::from_chars(all.data(), all.data() + all.size(), seconds);
  if (code != std::errc() || end != all.data() + all.size() || seconds > INT64_MAX) return usage_error("SOURCE_DATE_EPOCH: '{}' is not a number of seconds", all);
  return seconds;
}

}  // namespace hone
