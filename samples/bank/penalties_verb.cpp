// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "penalties.hpp"

#include <algorithm>

#include <fmt/core.h>

#include <recount/app/output.hpp>
#include <recount/app/verb.hpp>
#include <recount/describe/json.hpp>

namespace bank {

namespace {

using recount::errc;
using recount::error;
using recount::grouped;

std::string sum_of(penalty_report const& report) {
    std::string text;
    for (auto const& amount : report.amounts) {
        text += (text.empty() ? "" : " and ") + to_string(amount);
    }
    return text.empty() ? "nothing" : text;
}

std::string sentence_of(penalty_report const& report) {
    return fmt::format("{}, as known at position {}: {} day{} of {} account{} below zero, {} owed",
                       report.year, grouped(report.at), grouped(report.days),
                       report.days == 1 ? "" : "s",
                       grouped(static_cast<std::int64_t>(report.rows.size())),
                       report.rows.size() == 1 ? "" : "s", sum_of(report));
}

void show(recount::verb_call const& call, penalty_report const& report) {
    recount::text_table table{{{"account"}, {"days", true}, {"lowest", true}, {"penalty", true}}};
    for (auto const& row : report.rows) {
        table.add({row.account.value, grouped(row.days), to_string(row.lowest),
                   to_string(row.amount)});
    }
    if (table.size() > 0) fmt::print("{}", table.text());
    call.line(sentence_of(report));
}

std::string text_of(std::optional<std::int64_t> const& line) {
    return line ? std::to_string(*line) : "";
}
std::string text_of(std::optional<money> const& balance) {
    return balance ? to_string(*balance) : "";
}

// One table for all days: a line a day, and below it a line a movement of that day.
void show(recount::verb_call const& call, penalty_difference const& found) {
    recount::text_table table{{{"account"},
                               {"on"},
                               {"movement"},
                               {"amount", true},
                               {"line", true},
                               {"balance", true},
                               {"now line", true},
                               {"balance", true},
                               {"penalty", true},
                               {"now", true}}};
    for (auto const& c : found.changes) {
        table.add({c.account.value, recount::to_string(c.on), "lowest", "", "",
                   to_string(c.lowest_before), "", to_string(c.lowest_after),
                   to_string(c.penalty_before), to_string(c.penalty_after)});
        for (auto const& m : c.movements) {
            table.add({"", "", m.reference.value_or(""), to_string(m.amount),
                       text_of(m.line_before), text_of(m.balance_before), text_of(m.line_after),
                       text_of(m.balance_after), "", ""});
        }
    }
    if (table.size() > 0) fmt::print("{}", table.text());
    call.line(sentence_of(found.before));
    call.line(sentence_of(found.after));
    call.line(found.changes.empty()
                  ? "no day's penalty has changed"
                  : fmt::format("the difference is in {} day{} of the table above",
                                grouped(static_cast<std::int64_t>(found.changes.size())),
                                found.changes.size() == 1 ? "" : "s"));
}

std::optional<recount::position> position_of(recount::verb_call const& call,
                                             std::string_view name) {
    auto const k = call.number(name);
    if (k && *k < 0) {
        throw error{errc::invalid_argument,
                    fmt::format("{}: expected a position, found {}", name, *k)};
    }
    return k;
}

std::chrono::year year_of(recount::verb_call const& call) {
    auto const year = call.number("--year");
    if (year && *year >= 1000 && *year <= 9999) return std::chrono::year{static_cast<int>(*year)};
    throw error{errc::invalid_argument,
                fmt::format("--year: expected a year such as 1993, found {}",
                            call.get("--year").value_or("none"))};
}

int run_penalties(recount::verb_call& call) {
    penalty_options options;
    options.year = year_of(call);
    options.last = recount::date_of(recount::now());
    options.stop_wanted = &recount::verb_call::stop_wanted;
    auto const at = position_of(call, "--at");
    auto const since = position_of(call, "--since");
    auto& log = call.application().log();
    auto const accounts = accounts_of(log).size();
    recount::progress bar{"penalties", accounts, call.progress_style()};
    options.progress = [&](std::int64_t done) { bar.update(static_cast<std::uint64_t>(done)); };
    auto const print = [&](auto const& found) {
        if (call.json()) {
            call.line(recount::describe::to_json(found).str());
        } else {
            show(call, found);
        }
    };
    if (since) {
        print(penalties_since(log, options, *since, at));
    } else {
        print(penalties_of(log, options, at));
    }
    if (!recount::verb_call::stop_wanted()) return recount::exit_code::ok;
    call.note("stopped: these are not all accounts");
    return recount::exit_code::failed;
}

}  // namespace

recount::verb penalties_verb() {
    using o = recount::verb_option;
    return {"penalties",
            "the penalty interest of a year: for each day by the lowest balance it had",
            {o::value("--year", "the year, such as 1993"),
             o::value("--at", "as it was known when the log ended at this position"),
             o::value("--since", "each day whose penalty was another at this position, and why")},
            &run_penalties};
}

}  // namespace bank
