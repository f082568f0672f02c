// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "reconcile.hpp"

#include <algorithm>

#include <fmt/core.h>

#include <recount/app/output.hpp>
#include <recount/describe/json.hpp>

namespace bank {

namespace {

constexpr std::size_t lines_shown_max = 10;

void find_breaks(lines_view account, reconcile_report& report) {
    money before;
    for (auto const& line : account) {
        if (!follows(before, line)) {
            ++report.breaks;
            report.rows.push_back({line.account, line.line, line.on, line.amount,
                                   before + line.amount, *line.stated_balance});
        }
        before = balance_after(before, line);
    }
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
        report.left += static_cast<std::int64_t>(proven_order(account).left.size());
        from = end;
    }
    return report;
}

namespace {

using recount::grouped;

std::string counted(std::int64_t number, std::string_view what) {
    return fmt::format("{} {}{}", grouped(number), what, number == 1 ? "" : "s");
}

void show_breaks(recount::verb_call const& call, reconcile_report const& report) {
    recount::text_table table{{{"account"},
                               {"line", true},
                               {"on"},
                               {"amount", true},
                               {"expected", true},
                               {"stated", true}}};
    for (auto const& b : report.rows) {
        if (table.size() == lines_shown_max) break;
        table.add({b.account.value, std::to_string(b.line), recount::to_string(b.on),
                   to_string(b.amount), to_string(b.expected_balance),
                   to_string(b.stated_balance)});
    }
    if (report.breaks > 0) fmt::print("{}", table.text());
    if (report.rows.size() > lines_shown_max) {
        call.line(fmt::format("… and {} more (--json has them all)",
                              grouped(report.breaks - static_cast<std::int64_t>(table.size()))));
    }
}

void show_order(recount::verb_call const& call, order_report const& fix) {
    recount::text_table table{{{"account"},
                               {"rows", true},
                               {"moves", true},
                               {"breaks", true},
                               {"after", true},
                               {"left", true},
                               {fix.dry_run ? "" : "restructure"}}};
    for (auto const& one : fix.changes) {
        if (one.refused) {
            call.note(fmt::format("account {}: {}", one.account.value, *one.refused));
        }
        if (table.size() == lines_shown_max) continue;
        table.add({one.account.value, grouped(one.rows), grouped(one.moves),
                   grouped(one.breaks_before), grouped(one.breaks_after), grouped(one.left),
                   one.restructures.empty() ? "" : to_string(one.restructures.back())});
    }
    if (table.size() > 0) fmt::print("{}", table.text());
    if (fix.changes.size() > lines_shown_max) {
        call.line(fmt::format("… and {} more (--json has them all)",
                              grouped(static_cast<std::int64_t>(fix.changes.size()) -
                                      static_cast<std::int64_t>(table.size()))));
    }
    if (fix.accounts == 0 && fix.refused == 0) {
        call.line("every account is in the order that its stated balances prove: nothing to do");
        return;
    }
    call.line(fmt::format("{} of {} {} place by {}: {} before, {} after, {} that no order explains",
                          counted(fix.rows, "row"), counted(fix.accounts, "account"),
                          fix.dry_run ? "would change" : "changed", counted(fix.moves, "move"),
                          counted(fix.breaks_before, "break"), grouped(fix.breaks_after),
                          counted(fix.left, "row")));
    if (fix.dry_run) call.line("nothing was written (--dry-run)");
}

order_report run_fix(recount::verb_call& call, std::uint64_t accounts) {
    order_options options;
    options.dry_run = call.flag("--dry-run");
    options.acknowledged = call.list("--acknowledge");
    options.stop_wanted = &recount::verb_call::stop_wanted;
    recount::progress bar{"reconcile", accounts, call.progress_style()};
    options.progress = [&](std::int64_t done) { bar.update(static_cast<std::uint64_t>(done)); };
    return put_in_order(call.application(), options);
}

int exit_code_of(recount::verb_call const& call, reconcile_report const& report) {
    using namespace recount;
    if (report.fix && report.fix->refused > 0) return exit_code::refused;
    if (verb_call::stop_wanted()) return exit_code::failed;
    return call.flag("--check") && report.breaks > 0 ? exit_code::difference : exit_code::ok;
}

// With --fix the breaks are those that there are when it is done.
int run_reconcile(recount::verb_call& call) {
    if (call.flag("--dry-run") && !call.flag("--fix")) {
        throw recount::error{recount::errc::invalid_argument,
                             "--dry-run says what --fix would do: give both"};
    }
    auto& bank = call.application();
    bank.catch_up();
    auto report = reconcile(bank.rows<statement_lines>());
    if (call.flag("--fix")) {
        auto fix = run_fix(call, static_cast<std::uint64_t>(report.accounts));
        if (!fix.dry_run) {
            call.catch_up();
            report = reconcile(bank.rows<statement_lines>());
        }
        report.fix = std::move(fix);
    }
    auto const code = exit_code_of(call, report);
    if (call.json()) {
        call.line(recount::describe::to_json(report).str());
        return code;
    }
    if (report.fix) {
        show_order(call, *report.fix);
        if (recount::verb_call::stop_wanted()) {
            call.note("stopped: run the same command again to go on");
        }
        if (report.fix->dry_run || report.breaks == 0) return code;
    }
    show_breaks(call, report);
    call.line(fmt::format(
        "{} movements of {} accounts: {} breaks, {} that no order of their day explains",
        grouped(report.movements), grouped(report.accounts), grouped(report.breaks),
        grouped(report.left)));
    return code;
}

}  // namespace

recount::verb reconcile_verb() {
    using o = recount::verb_option;
    return {"reconcile",
            "compare the running balances with the stated ones",
            {o::flag("--check", "exit with 6 if there is a break"),
             o::flag("--fix", "put each day into the order that the stated balances prove"),
             o::values("--acknowledge", "with --fix: a sealed period that it may correct, by name"),
             o::flag("--dry-run", "with --fix: say what it would do, and write nothing")},
            &run_reconcile};
}

}  // namespace bank
