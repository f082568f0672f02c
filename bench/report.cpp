// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "report.hpp"

#include <cmath>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <recount/app/output.hpp>

namespace recount::bench {

nlohmann::ordered_json settings_json(place const& here, options const& how) {
    nlohmann::ordered_json to;
    for (auto const& [name, value] : here.settings()) to[name] = value;
    to["writers"] = how.writers;
    to["writers_are"] = how.awaited ? "coroutines" : "threads";
    to["events_per_append"] = how.events;
    to["streams"] = how.streams;
    to["payload_bytes"] = how.payload_bytes;
    to["keys"] = how.keys == key_kind::ours ? "ours" : "callers";
    to["seconds"] = how.seconds;
    to["rounds"] = how.rounds;
    return to;
}

void print_lines(std::string const& title, std::vector<line> const& lines) {
    if (lines.empty()) return;
    text_table table{{{title}, {"", true}, {""}}};
    for (auto const& one : lines) table.add({one.name, one.figure, one.remark});
    fmt::print("{}\n", table.text());
}

void print_settings(nlohmann::ordered_json const& settings) {
    text_table table{{{"settings"}, {""}}};
    for (auto const& [name, value] : settings.items()) {
        table.add({name, value.is_string() ? value.get<std::string>() : value.dump()});
    }
    fmt::print("{}", table.text());
}

void print_json(nlohmann::ordered_json const& object) { fmt::print("{}\n", object.dump()); }

std::string rate_text(double per_second) {
    return grouped(static_cast<std::int64_t>(std::llround(per_second))) + "/s";
}
std::string ms_text(double ms) { return fmt::format("{:.2f} ms", ms); }
std::string times_text(double ratio) { return fmt::format("{:.2f} times", ratio); }
std::string share_text(double ratio) { return fmt::format("{:.0f} %", ratio * 100); }

double rounded(double value, int digits) {
    auto const scale = std::pow(10.0, digits);
    return std::round(value * scale) / scale;
}

}  // namespace recount::bench
