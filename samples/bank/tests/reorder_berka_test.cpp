// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The real data put in order (RECOUNT_BERKA: the folder with trans.asc), on a log in memory. The
// figures are those that are published with the data.
#include <support/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <map>

#include <recount/restructure/append.hpp>
#include <recount/restructure/read.hpp>

#include "bank/import.hpp"
#include "bank/reconcile.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

namespace {

constexpr std::int64_t rounding_minor = 10;

std::ifstream real_data() {
    auto const* const folder = std::getenv("RECOUNT_BERKA");
    if (folder == nullptr || *folder == '\0') {
        FAIL("set RECOUNT_BERKA to the folder with trans.asc: without the data nothing is tested");
    }
    std::ifstream file{std::string{folder} + "/trans.asc", std::ios::binary};
    if (!file) FAIL("RECOUNT_BERKA has no trans.asc: without the data nothing is tested");
    return file;
}

// By account, in order: what a statement shows, as JSON.
struct all_books {
    std::map<std::string, std::vector<std::string>> lines;
    std::int64_t breaks = 0;
    std::int64_t worst_minor = 0;  // that a stated balance is off what follows from the last
};

std::vector<account_id> accounts_of(recount::log& log) {
    std::vector<account_id> all;
    for (auto const& s : log.list_streams("account", {}, 10'000)) {
        all.push_back({s.name.substr(s.name.find('-') + 1)});
    }
    return all;
}

all_books read_all(recount::log& log) {
    all_books all;
    for (auto const& account : accounts_of(log)) {
        std::int64_t before = 0;
        for (auto const& line : read_book(log, account).lines) {
            all.lines[account.value].push_back(recount::describe::to_json(line).str());
            auto const off = std::abs(before + line.amount.minor - line.stated_balance->minor);
            all.worst_minor = std::max(all.worst_minor, off);
            if (off > rounding_minor) ++all.breaks;
            before = line.stated_balance->minor;
        }
    }
    return all;
}

std::vector<std::vector<recount::recorded_event>> corrected_at(recount::log& log,
                                                               recount::position k) {
    std::vector<std::vector<recount::recorded_event>> all;
    for (auto const& account : accounts_of(log)) {
        recount::stream_name const stream{"account-" + account.value};
        all.push_back(recount::history::read_corrected(log, stream, {.known_at = k}).events);
    }
    return all;
}

// Of the tables that no order changes.
std::vector<std::string> sums_of(memory_bank& bank) {
    bank.app.catch_up();
    std::vector<std::string> rows;
    for (auto const& row : bank.app.rows<account_balances>()) {
        rows.push_back(recount::describe::to_json(row).str());
    }
    for (auto const& row : bank.app.rows<deposits_by_day>()) {
        rows.push_back(recount::describe::to_json(row).str());
    }
    return rows;
}

std::map<std::string, std::vector<std::string>> statements_of(memory_bank& bank) {
    bank.app.catch_up();
    std::map<std::string, std::vector<std::string>> lines;
    for (auto const& row : bank.app.rows<statement_lines>()) {
        lines[row.account.value].push_back(recount::describe::to_json(row).str());
    }
    return lines;
}

}  // namespace

TEST_CASE("the file's days are put in order, and all of it can be undone", "[bank][berka]") {
    auto file = real_data();
    memory_bank bank;
    import_options options;
    options.complain = [](std::int64_t line, std::string const& why) { FAIL(line << ": " << why); };
    REQUIRE(import_berka(bank.app, file, options).recorded == 28'205);

    auto& log = *bank.log;
    auto const k = log.head().position;
    auto const before = read_all(log);
    auto const recorded = corrected_at(log, k);
    CHECK(before.breaks == 6'301);
    CHECK(statements_of(bank) == before.lines);
    auto const sums = sums_of(bank);

    auto const report = put_in_order(bank.app);
    CHECK(report.accounts == 538);
    CHECK(report.rows == 4'590);
    CHECK(report.moves == 2'332);
    CHECK(report.breaks_before == 6'301);
    CHECK(report.breaks_after == 0);
    CHECK(report.left == 0);
    CHECK(report.refused == 0);
    CHECK(report.changes.size() == 538);

    auto const after = read_all(log);
    CHECK(after.breaks == 0);
    CHECK(after.worst_minor == rounding_minor);
    CHECK(statements_of(bank) == after.lines);
    CHECK(sums_of(bank) == sums);
    bank.app.rebuild(recount::projection_of<statement_lines>());
    CHECK(statements_of(bank) == after.lines);
    CHECK(log.head().position == k + 538);        // one row an account
    CHECK(corrected_at(log, k) == recorded);      // as believed before
    CHECK(put_in_order(bank.app).accounts == 0);  // a second time there is nothing to do
    CHECK(log.head().position == k + 538);

    for (auto const& change : report.changes) {
        REQUIRE(change.restructures.size() == 1);
        static_cast<void>(recount::history::append_plan(
            log, recount::restructure{"as it was recorded"}
                     .because("all of it is undone, to see that it can be")
                     .undo(change.restructures.front())));
    }
    auto const undone = read_all(log);
    CHECK(undone.breaks == 6'301);
    CHECK(undone.lines == before.lines);
    CHECK(statements_of(bank) == before.lines);
    CHECK(sums_of(bank) == sums);
    CHECK(corrected_at(log, k) == recorded);
}

}  // namespace bank::tests
