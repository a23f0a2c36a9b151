// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/gate.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

namespace hone {
namespace {

constexpr std::string_view device_limits[] = {"latency.max_median_us", "latency.max_p90_us", "latency.max_p95_us", "latency.max_p99_us", "latency.max_load_us",
                                              "latency.max_ratio", "latency.max_ratio_high", "latency.max_p95_ratio", "memory.max_peak_rss_bytes",
                                              "drift.max_index", "temperature.max_celsius"};
constexpr std::string_view host_tables[] = {"accuracy", "size", "agreement"};

bool among(std::span<const std::string_view> names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

}  // namespace

Status check_gate(const Json& gate) {
  for (const auto& [table, limits] : gate.items()) {
    if (among(host_tables, table)) continue;
    if (!limits.is_object()) return invalid("the health gate's '{}' is not a table of limits", table);
    for (const auto& [key, value] : limits.items()) {
      const std::string name = format("{}.{}", table, key);
      if (!among(device_limits, name)) return invalid("the health gate has a limit '{}', which this version of Hone does not know", name);
      if (!value.is_number() || !std::isfinite(value.get<double>())) return invalid("the health gate's '{}' is no number", name);
    }
  }
  return Ok{};
}

std::optional<double> gate_limit(const Json& gate, std::string_view name) {
  const std::size_t dot = name.find('.');
  const auto table = gate.find(std::string(name.substr(0, dot)));
  if (table == gate.end()) return std::nullopt;
  const auto value = table->find(std::string(name.substr(dot + 1)));
  if (value == table->end() || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

}  // namespace hone
