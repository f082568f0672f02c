// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The changes of rows that are kept for subscribers: whoever takes them has the table.
#include <algorithm>
#include <map>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <recount/memory/log.hpp>
#include <recount/projection/row_changes.hpp>
#include <recount/projection/runner.hpp>

#include "conformance/row_store_conformance.hpp"
#include "support/catch.hpp"
#include "support/caught.hpp"
#include "support/ledger_domain.hpp"
#include "support/random_history.hpp"
#include "support/restructure/laws.hpp"
#include "support/restructure/projections.hpp"

using namespace row_store_conformance;
using namespace recount::tests;
using recount::row_change;
using recount::row_changes_page;
using recount::history::change_mark;
using nlohmann::json;

namespace {

using row = ledger::balance_row;
auto const& sums = recount::projection_of<ledger::balances>();

row sum(std::string account, std::int64_t cents) {
    return {ledger::account_id{std::move(account)}, ledger::eur(cents), 1};
}
changed<row> of(std::vector<row> rows, position at, bool removed = false) {
    return {std::move(rows), "g", at, removed};
}

// "4.0 put a 70! 4.1 remove b!": with ! where a k ends.
std::string text(row_changes_page const& page) {
    std::string all;
    for (auto const& c : page.changes) {
        auto const said = json::parse(c.row);
        all += fmt::format("{}{} {} {}", all.empty() ? "" : " ", c.mark().text(),
                           c.removed ? "remove" : "put", said["account"].get<std::string>());
        if (c.removed) {
            CHECK(said.size() == 1);
        } else {
            all += fmt::format(" {}", said["balance"]["minor"].get<int>());
        }
        if (c.last) all += '!';
    }
    return all;
}

// Who keeps a copy, and has no idea of what it means.
class copy {
public:
    explicit copy(recount::projection_descriptor const& p) : projection_{p} {}

    void read_table(row_store& from) {
        rows_.clear();
        mark_ = {from.read_checkpoint(projection_, table_build::live).position};
        for (auto const& stored : from.query(projection_, {})) {
            std::string said;
            recount::describe::write_json(said, projection_.rows->shape(), stored.object.get());
            put(said);
        }
    }
    // In pages; some are asked for again as if the answer had been lost.
    void follow(row_store& from, std::mt19937_64& random) {
        auto& kept = recount::row_changes_of(from);
        for (;;) {
            auto const page = kept.read_changes(projection_, mark_, random() % 5 + 1);
            REQUIRE(page.since);
            REQUIRE(mark_.k >= *page.since);
            auto const before = mark_;
            for (auto const& c : page.changes) {
                CHECK_FALSE(mark_.covers(c.k, c.ordinal));
                mark_ = c.mark();
                c.removed ? static_cast<void>(rows_.erase(c.row)) : put(c.row);
                if (random() % 7 == 0) break;
            }
            if (page.changes.empty() || mark_ == page.changes.back().mark()) {
                mark_ = {page.through};
                if (page.caught_up) return;
            }
            if (random() % 9 == 0) mark_ = before;
        }
    }
    [[nodiscard]] std::map<std::string, std::string> const& rows() const { return rows_; }

private:
    recount::projection_descriptor const& projection_;
    change_mark mark_;
    std::map<std::string, std::string> rows_;   // by key

    void put(std::string const& said) {
        auto const all = nlohmann::ordered_json::parse(said);
        nlohmann::ordered_json key;
        for (auto const field : projection_.rows->key_fields) {
            std::string const name{projection_.rows->shape().fields[field].name};
            key[name] = all.at(name);
        }
        rows_.insert_or_assign(key.dump(), said);
    }
};

world random_world(std::uint64_t seed) {
    std::mt19937_64 random{seed};
    std::vector<std::uint32_t> tape(1'000);
    for (auto& value : tape) value = static_cast<std::uint32_t>(random());
    choices c{tape};
    return random_log(c, {.commits = 30});
}

void run_to(recount::log& log, row_store& rows, recount::projection_descriptor const& p,
            position until, std::size_t page) {
    recount::runner_options options;
    options.until = until;
    options.page_events = page;
    run_projection(log, rows, p, table_build::live, options);
}

}  // namespace

TEST_CASE("changes are kept from where it was asked for, in order, and whole", "[conformance]") {
    ON_EVERY_STORE(store) {
        auto& kept = recount::row_changes_of(store);
        store.prepare(sums);
        REQUIRE(write<row>(store, sums, 0, 2, of({sum("a", 1)}, 2)));
        CHECK_FALSE(kept.read_changes(sums, {}).since);
        CHECK(kept.keep_changes(sums) == 2);
        REQUIRE(write<row>(store, sums, 2, 4, of({sum("a", 70), sum("b", 5)}, 4)));
        CHECK(kept.keep_changes(sums) == 2);   // it was so already
        REQUIRE(write<row>(store, sums, 4, 5, of({}, 5)));
        REQUIRE(write<row>(store, sums, 5, 8, of({sum("b", 5)}, 3, true)));   // k: the page's end
        REQUIRE(write<row>(store, sums, 8, 9, of({sum("c", 9)}, 9)));
        auto const all = kept.read_changes(sums, {2});
        CHECK(text(all) == "4.0 put a 70 4.1 put b 5! 8.0 remove b! 9.0 put c 9!");
        CHECK(all.since == 2);
        CHECK(all.at == 9);
        CHECK(all.through == 9);
        CHECK(all.caught_up);
        CHECK(to_json(all.changes[2]) ==
              R"({"k":8,"ordinal":0,"change":"remove","key":{"account":"b"}})");
        CHECK(to_json(all.changes[3]) ==
              R"({"k":9,"ordinal":0,"change":"put","row":{"account":"c","balance":)"
              R"({"minor":9,"currency":"EUR"},"movements":1}})");

        auto const first = kept.read_changes(sums, {2}, 1);
        CHECK(text(first) == "4.0 put a 70 4.1 put b 5!");
        CHECK(first.through == 4);
        CHECK_FALSE(first.caught_up);
        auto const next = kept.read_changes(sums, {first.through}, 1);
        CHECK(text(next) == "8.0 remove b!");
        CHECK(next.through == 8);
        CHECK(text(kept.read_changes(sums, {4, 0})) == "4.1 put b 5! 8.0 remove b! 9.0 put c 9!");
        CHECK(text(kept.read_changes(sums, {8, 7})) == "9.0 put c 9!");
        CHECK(kept.read_changes(sums, {9}).changes.empty());
        CHECK(kept.read_changes(sums, {9}).caught_up);
    }
}

TEST_CASE("what was overtaken keeps no changes, nor does what is filled beside", "[conformance]") {
    ON_EVERY_STORE(store) {
        auto& kept = recount::row_changes_of(store);
        store.prepare(sums);
        kept.keep_changes(sums);
        REQUIRE(write<row>(store, sums, 0, 3, of({sum("a", 1)}, 2)));
        CHECK_FALSE(write<row>(store, sums, 0, 3, of({sum("a", 2)}, 2)));
        store.begin_rebuild(sums);
        REQUIRE(write<row>(store, sums, 0, 5, of({sum("a", 3)}, 5), table_build::rebuild,
                           store.read_checkpoint(sums, table_build::rebuild).epoch));
        CHECK(text(kept.read_changes(sums, {})) == "2.0 put a 1!");
        // Rows that nobody told of stand there now.
        REQUIRE(store.swap(sums));
        auto const after = kept.read_changes(sums, {3});
        CHECK(after.changes.empty());
        CHECK(after.since == 5);
        CHECK(after.at == 5);
    }
}

TEST_CASE("kept changes are forgotten only where that is asked for", "[conformance]") {
    ON_EVERY_STORE(store) {
        auto& kept = recount::row_changes_of(store);
        store.prepare(sums);
        kept.forget_changes(sums, 1);   // none are kept
        kept.keep_changes(sums);
        for (position p = 1; p <= 4; ++p) {
            REQUIRE(write<row>(store, sums, p - 1, p, of({sum("a", p)}, p)));
        }
        CHECK(code_of([&] { return kept.forget_changes(sums, 5), 0; }) == errc::invalid_argument);
        kept.forget_changes(sums, 2);
        kept.forget_changes(sums, 1);
        auto const left = kept.read_changes(sums, {2});
        CHECK(left.since == 2);
        CHECK(text(left) == "3.0 put a 3! 4.0 put a 4!");
        kept.stop_keeping_changes(sums);
        CHECK_FALSE(kept.read_changes(sums, {2}).since);
        CHECK(kept.read_changes(sums, {2}).changes.empty());
        CHECK(kept.keep_changes(sums) == 4);
    }
}

TEST_CASE("whoever takes the changes has the rows, whatever is corrected", "[conformance]") {
    auto const seed = seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    for (auto const& backend_of_case : backends()) {
        CAPTURE(backend_of_case.name);
        for (std::uint64_t round = 0; round < 2; ++round) {
            std::mt19937_64 random{seed + round};
            auto const told = random_world(seed + round);
            recount::memory::log log;
            append_commits(log, told);
            auto const fresh = backend_of_case.open();   // of this log alone
            auto& rows = *fresh.store;
            for (auto const& one : followers()) {
                auto const& p = *one.projection;
                CAPTURE(p.name, round);
                rows.prepare(p);
                auto const begin = std::min<position>(told.head(), position(random() % 10));
                run_to(log, rows, p, begin, 3);
                recount::row_changes_of(rows).keep_changes(p);
                copy early{p};
                early.read_table(rows);
                for (auto until = begin; until < told.head();) {
                    until = std::min<position>(told.head(), until + 1 + position(random() % 9));
                    run_to(log, rows, p, until, random() % 7 + 1);
                    if (random() % 2 == 0) early.follow(rows, random);
                }
                early.follow(rows, random);
                copy now{p};
                now.read_table(rows);
                REQUIRE(early.rows() == now.rows());
            }
        }
    }
}
