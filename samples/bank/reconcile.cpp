// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "reconcile.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>

#include <fmt/core.h>

#include <recount/app/output.hpp>
#include <recount/describe/json.hpp>

namespace bank {

namespace {

constexpr std::int64_t rounding_minor_max = 10;  // the bank rounds to tenths
constexpr std::size_t breaks_shown_max = 10;

using lines_view = std::span<statement_row const>;

bool fits(money const& before, statement_row const& line) {
    if (!line.stated_balance) return true;
    return std::abs((before + line.amount - *line.stated_balance).minor) <= rounding_minor_max;
}

money after(money const& before, statement_row const& line) {
    return line.stated_balance.value_or(before + line.amount);
}

void find_breaks(lines_view account, reconcile_report& report) {
    money before;
    for (auto const& line : account) {
        if (!fits(before, line)) {
            ++report.breaks;
            report.rows.push_back({line.account, line.line, line.on, line.amount,
                                   before + line.amount, *line.stated_balance});
        }
        before = after(before, line);
    }
}

// Puts each day into the order that the stated balances prove: of the day's remaining rows always
// the first that fits. What fits nowhere is left.
std::int64_t count_left(lines_view account) {
    std::vector<statement_row const*> order;
    for (auto const& line : account) order.push_back(&line);
    std::stable_sort(order.begin(), order.end(),
                     [](auto const* a, auto const* b) { return a->on < b->on; });
    std::int64_t left = 0;
    money before;
    for (auto from = order.begin(); from != order.end();) {
        auto const end = std::find_if(from, order.end(),
                                      [&](auto const* line) { return line->on != (*from)->on; });
        for (; from != end; ++from) {
            auto const next =
                std::find_if(from, end, [&](auto const* line) { return fits(before, *line); });
            if (next == end) {
                ++left;
            } else {
                std::rotate(from, next, next + 1);
            }
            before = after(before, **from);
        }
    }
    return left;
}

}  // namespace

reconcile_report reconcile(std::vector<statement_row> const& lines) {
    reconcile_report report;
    report.movements = static_cast<std::int64_t>(lines.size());
    for (auto from = lines.begin(); from != lines.end();) {
        auto const end = std::find_if(
            from, lines.end(), [&](auto const& line) { return line.account != from->account; });
        lines_view const account{from, end};
        ++report.accounts;
        find_breaks(account, report);
        report.left += count_left(account);
        from = end;
    }
    return report;
}

namespace {

int run_reconcile(recount::verb_call& call) {
    using recount::grouped;
    auto& bank = call.application();
    bank.catch_up();
    auto const report = reconcile(bank.rows<statement_lines>());
    int const code = call.flag("--check") && report.breaks > 0 ? recount::exit_code::difference
                                                               : recount::exit_code::ok;
    if (call.json()) {
        call.line(recount::describe::to_json(report).str());
        return code;
    }
    recount::text_table table{{{"account"},
                               {"line", true},
                               {"on"},
                               {"amount", true},
                               {"expected", true},
                               {"stated", true}}};
    for (auto const& b : report.rows) {
        if (table.size() == breaks_shown_max) break;
        table.add({b.account.value, std::to_string(b.line), recount::to_string(b.on),
                   to_string(b.amount), to_string(b.expected_balance),
                   to_string(b.stated_balance)});
    }
    if (report.breaks > 0) fmt::print("{}", table.text());
    if (report.rows.size() > breaks_shown_max) {
        call.line(fmt::format("… and {} more (--json has them all)",
                              grouped(report.breaks - static_cast<std::int64_t>(table.size()))));
    }
    call.line(
        fmt::format("{} movements of {} accounts: {} breaks in recorded order, {} that no "
                    "order of their day explains",
                    grouped(report.movements), grouped(report.accounts), grouped(report.breaks),
                    grouped(report.left)));
    return code;
}

}  // namespace

recount::verb reconcile_verb() {
    return {"reconcile",
            "compare the running balances with the stated ones",
            {recount::verb_option::flag("--check", "exit with 6 if there is a break")},
            &run_reconcile};
}

}  // namespace bank
