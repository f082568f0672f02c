// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What every row store must do, whatever it keeps its rows in.
#include <recount/memory/log.hpp>
#include <recount/projection/runner.hpp>

#include "conformance/row_store_conformance.hpp"
#include "support/random_history.hpp"
#include "support/row_dump.hpp"

namespace {

using namespace sample;
using namespace row_store_conformance;
using recount::stored_row;
using recount::tests::dump;

line_row line(std::string account, std::int64_t number, std::int64_t minor = 1) {
    return {{std::move(account)}, number, line_kind::deposit, eur(minor), eur(minor)};
}

}  // namespace

TEST_CASE("a store makes an empty table, once", "[row_store]") {
    ON_EVERY_STORE(store) {
        auto const& p = recount::projection_of<lines>();
        CHECK(code_of([&] { return store.read_checkpoint(p, table_build::live); }) ==
              errc::not_found);
        store.prepare(p);
        CHECK((store.read_checkpoint(p, table_build::live) == checkpoint{}));
        CHECK(store.query(p, {}).empty());
        REQUIRE(write<line_row>(store, p, 0, 5, {{line("a", 1)}}));
        store.prepare(p);
        CHECK((store.read_checkpoint(p, table_build::live) == at(5)));
        CHECK(store.query(p, {}).size() == 1);
        store.publish(p);
        store.publish(p);
    }
}

TEST_CASE("rows and checkpoint are written together", "[row_store]") {
    ON_EVERY_STORE(store) {
        auto const& p = recount::projection_of<lines>();
        store.prepare(p);
        REQUIRE(write<line_row>(store, p, 0, 2, {{line("a", 1, 7), line("a", 2, 8)}, "g", 2}));
        REQUIRE(write<line_row>(store, p, 2, 3, {{line("a", 2, 9)}, "g", 3}));
        REQUIRE(write<line_row>(store, p, 3, 4, {{line("b", 1, 1)}, "h", 4}));
        CHECK(dump(p, store) ==
              R"({"account":"a","line":1,"kind":"deposit","amount":{"minor":7,"currency":"EUR"},)"
              R"("running":{"minor":7,"currency":"EUR"}} at 2 in 'g')"
              "\n"
              R"({"account":"a","line":2,"kind":"deposit","amount":{"minor":9,"currency":"EUR"},)"
              R"("running":{"minor":9,"currency":"EUR"}} at 3 in 'g')"
              "\n"
              R"({"account":"b","line":1,"kind":"deposit","amount":{"minor":1,"currency":"EUR"},)"
              R"("running":{"minor":1,"currency":"EUR"}} at 4 in 'h')"
              "\n");
        CHECK((store.read_checkpoint(p, table_build::live) == at(4)));
        REQUIRE(write<line_row>(store, p, 4, 5, {{line("a", 1), line("c", 1)}, "g", 5, true}));
        CHECK(store.query(p, {}).size() == 2);
        REQUIRE(write<line_row>(store, p, 5, 9, {}));  // a page without rows
        CHECK((store.read_checkpoint(p, table_build::live) == at(9)));
    }
}

TEST_CASE("a row takes the place of another group's only when that one is removed",
          "[row_store]") {
    ON_EVERY_STORE(store) {
        auto const& p = recount::projection_of<lines>();
        store.prepare(p);
        REQUIRE(write<line_row>(store, p, 0, 2, {{line("a", 1), line("b", 1)}, "g", 2}));
        auto const before = dump(p, store);
        changed<line_row> const other{{line("a", 1, 9), line("c", 1)}, "h", 3};
        try {
            static_cast<void>(write(store, p, 2, 3, other));
            FAIL("it is a row of g");
        } catch (error const& e) {
            CHECK(e.code() == errc::refused);
            CHECK_THAT(e.what(), Catch::Matchers::ContainsSubstring("'g'"));
            CHECK_THAT(e.what(), Catch::Matchers::ContainsSubstring("'h'"));
        }
        CHECK(dump(p, store) == before);
        CHECK((store.read_checkpoint(p, table_build::live) == at(2)));
        changed<line_row> const gone{{line("a", 1)}, "g", 3, true};
        auto list = gone.list();
        for (auto const& change : other.list()) list.push_back(change);
        REQUIRE(store.write(p, table_build::live, at(2), at(3), list));
        auto const source = store.source(p, table_build::live);
        CHECK(dump(p, source->load_groups({"h"})).find("at 3 in 'h'") != std::string::npos);
        CHECK(source->load_groups({"h"}).size() == 2);
        CHECK(source->load_groups({"g", "nobody's"}).size() == 1);
        CHECK(source->load_groups({}).empty());
    }
}

namespace {

// Keyed, with groups of its own.
struct by_kind {
    using row = line_row;
    using events = recount::types<deposited>;
    static std::string group(deposited const& e) { return e.amount.is_zero() ? "none" : "some"; }
    static void on(rows<row>&, deposited const&) {}
};
RECOUNT_PROJECTION(by_kind, "by_kind", 1)

std::vector<recount::group_stream> streams_of(row_store& store, projection_descriptor const& p,
                                              table_build build,
                                              std::vector<std::string> const& groups) {
    auto found = store.source(p, build)->streams_of(groups);
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

TEST_CASE("a store keeps which streams a group has, with the rows", "[row_store]") {
    ON_EVERY_STORE(store) {
        using noted = std::vector<recount::group_stream>;
        auto const& p = recount::projection_of<by_kind>();
        store.prepare(p);
        auto const write_noted = [&](table_build build, position from, position to,
                                     noted const& list) {
            return store.write(p, build, at(from), at(to), {}, list);
        };
        REQUIRE(write_noted(table_build::live, 0, 2, {{"g", "s-1"}, {"h", "s-1"}}));
        REQUIRE(write_noted(table_build::live, 2, 3, {{"g", "s-1"}, {"g", "s-2"}}));
        CHECK_FALSE(write_noted(table_build::live, 2, 3, {{"g", "s-3"}}));
        CHECK(streams_of(store, p, table_build::live, {"g"}) == noted{{"g", "s-1"}, {"g", "s-2"}});
        CHECK(streams_of(store, p, table_build::live, {"h", "i"}) == noted{{"h", "s-1"}});
        store.begin_rebuild(p);
        CHECK(streams_of(store, p, table_build::rebuild, {"g", "h"}).empty());
        REQUIRE(store.write(p, table_build::rebuild, store.read_checkpoint(p, table_build::rebuild),
                            {3, {}, store.read_checkpoint(p, table_build::rebuild).epoch}, {},
                            {{"g", "s-9"}}));
        REQUIRE(store.swap(p));
        CHECK(streams_of(store, p, table_build::live, {"g", "h"}) == noted{{"g", "s-9"}});
        store.begin_rebuild(p);   // once more: nothing is in the way
        REQUIRE(store.read_checkpoint(p, table_build::rebuild).position == 0);
    }
}

TEST_CASE("a writer that was overtaken changes nothing", "[row_store]") {
    ON_EVERY_STORE(store) {
        auto const& p = recount::projection_of<lines>();
        store.prepare(p);
        REQUIRE(write<line_row>(store, p, 0, 5, {{line("a", 1)}}));
        CHECK_FALSE(write<line_row>(store, p, 0, 5, {{line("b", 1)}}));
        CHECK_FALSE(write<line_row>(store, p, 4, 6, {{line("b", 1)}}));
        CHECK_FALSE(write<line_row>(store, p, 6, 7, {{line("b", 1)}}));
        CHECK_FALSE(write<line_row>(store, p, 5, 6, {{line("b", 1)}}, table_build::live, 2));
        CHECK_FALSE(write<line_row>(store, p, 5, 6, {{line("a", 1)}, "g", 6, true},
                                    table_build::live, 0));
        CHECK((store.read_checkpoint(p, table_build::live) == at(5)));
        CHECK(store.query(p, {}).size() == 1);
    }
}

TEST_CASE("rows are loaded by their keys", "[row_store]") {
    ON_EVERY_STORE(store) {
        auto const& p = recount::projection_of<lines>();
        store.prepare(p);
        REQUIRE(write<line_row>(store, p, 0, 1,
                                {{line("a", 1), line("a", 2), line("b", 1), line("b,\"", 10)}}));
        auto const source = store.source(p, table_build::live);
        auto const load = [&](std::vector<line_row> const& keys) {
            std::vector<void const*> pointers;
            for (auto const& key : keys) pointers.push_back(&key);
            return source->load(pointers);
        };
        CHECK(load({}).empty());
        CHECK(load({line("c", 1), line("a", 3)}).empty());
        auto const found = load({line("b,\"", 10), line("a", 3), line("a", 2)});
        REQUIRE(found.size() == 2);
        for (auto const& row : found) {
            CHECK(row.group == "g");
            CHECK(row.last_position == 1);
        }
    }
}

TEST_CASE("of each group the last row is loaded, or the last below a key", "[row_store]") {
    ON_EVERY_STORE(store) {
        auto const& p = recount::projection_of<lines>();
        store.prepare(p);
        REQUIRE(write<line_row>(store, p, 0, 1, {{line("a", 2), line("a", 10), line("b", 1)}}));
        REQUIRE(write<line_row>(store, p, 1, 2, {{line("z", 1)}, "h,\"\\"}));
        auto const source = store.source(p, table_build::live);
        auto const last = [&](std::vector<std::string> const& groups, line_row const* below) {
            std::map<std::string, std::string> found;
            for (auto const& row : source->load_last(groups, below)) {
                auto const& one = *static_cast<line_row const*>(row.object.get());
                found[row.group] = one.account.value + std::to_string(one.line);
            }
            return found;
        };
        using found = std::map<std::string, std::string>;
        CHECK(last({"g", "h,\"\\", "i"}, nullptr) == found{{"g", "b1"}, {"h,\"\\", "z1"}});
        CHECK(last({"h,\"\\"}, nullptr) == found{{"h,\"\\", "z1"}});
        auto below = line("b", 1);
        CHECK(last({"g"}, &below) == found{{"g", "a10"}});
        below = line("a", 10);
        CHECK(last({"g"}, &below) == found{{"g", "a2"}});
        below = line("a", 2);
        CHECK(last({"g"}, &below) == found{});
    }
}

TEST_CASE("a query filters by columns, in order of keys, up to a limit", "[row_store]") {
    ON_EVERY_STORE(store) {
        auto const& p = recount::projection_of<balances>();
        store.prepare(p);
        changed<balance_row> rows;
        rows.rows = {{{"b"}, eur(5), 2, eur(3), "x"},
                     {{"a"}, eur(5), 1, {}, {}},
                     {{"A"}, {5, "CZK"}, 1, eur(4), ""},
                     {{"c"}, {}, 2, {}, "x"}};
        REQUIRE(write(store, p, 0, 1, rows));
        auto const query = [&](std::vector<recount::row_filter> equals, std::size_t limit = 0) {
            std::string names;
            for (auto const& row : store.query(p, {std::move(equals), limit})) {
                names += static_cast<balance_row const*>(row.object.get())->account.value;
            }
            return names;
        };
        CHECK(query({}) == "Aabc");
        CHECK(query({}, 2) == "Aa");
        CHECK(query({}, 9) == "Aabc");
        CHECK(query({{"account", "b"}}) == "b");
        CHECK(query({{"movements", "2"}}) == "bc");
        CHECK(query({{"movements", "2"}}, 1) == "b");
        CHECK(query({{"balance_minor", "5"}}) == "Aab");
        CHECK(query({{"balance_minor", "5"}, {"balance_currency", "EUR"}}) == "ab");
        CHECK(query({{"balance_currency", ""}}) == "c");
        CHECK(query({{"greatest_minor", "3"}}) == "b");
        CHECK(query({{"greatest_currency", "EUR"}}) == "Ab");
        CHECK(query({{"remark", "x"}, {"movements", "2"}}) == "bc");
        CHECK(query({{"remark", ""}}) == "A");
        CHECK(query({{"account", "'; DROP TABLE x; --"}}).empty());
        for (auto const& wrong : std::vector<recount::row_filter>{
                 {"balance", "5"}, {"_position", "1"}, {"Account", "a"}, {"movements", "x"},
                 {"movements", "9999999999999999999999"}, {"balance_currency", "eur"}}) {
            INFO(wrong.column << " = " << wrong.value);
            CHECK(code_of([&] { return store.query(p, {{wrong}, 0}); }) == errc::invalid_argument);
        }
    }
}

TEST_CASE("rows are paged by key, either way", "[row_store]") {
    ON_EVERY_STORE(store) {
        auto const& p = recount::projection_of<lines>();
        store.prepare(p);
        changed<line_row> rows;
        for (auto const* account : {"A", "a", "b"}) {
            for (std::int64_t number : {2, 9, 10}) {
                rows.rows.push_back(line(account, number, number == 9 ? 1 : 2));
            }
        }
        REQUIRE(write(store, p, 0, 1, rows));
        auto const page = [&](row_query const& wanted) {
            std::string names;
            for (auto const& row : store.query(p, wanted)) {
                auto const& found = *static_cast<line_row const*>(row.object.get());
                names += found.account.value + std::to_string(found.line) + " ";
            }
            return names;
        };
        auto const down = recount::row_order::descending;
        CHECK(page({{}, 4, down}) == "b10 b9 b2 a10 ");
        auto const middle = line("a", 9);
        CHECK(page({.after = &middle}) == "a10 b2 b9 b10 ");
        CHECK(page({.limit = 2, .after = &middle}) == "a10 b2 ");
        CHECK(page({.order = down, .after = &middle}) == "a2 A10 A9 A2 ");
        CHECK(page({.limit = 2, .order = down, .after = &middle}) == "a2 A10 ");
        auto const between = line("a", 5);  // no row has this key
        CHECK(page({.limit = 2, .after = &between}) == "a9 a10 ");
        CHECK(page({.limit = 2, .order = down, .after = &between}) == "a2 A10 ");
        auto const ones = std::vector<recount::row_filter>{{"amount_minor", "1"}};
        CHECK(page({.equals = ones, .after = &between}) == "a9 b9 ");
        CHECK(page({.equals = ones, .limit = 1, .order = down, .after = &between}) == "A9 ");
        auto const beyond = line("c", 1);
        CHECK(page({.after = &beyond}).empty());
        CHECK(page({.limit = 1, .order = down, .after = &beyond}) == "b10 ");
        auto const before = line("", 1);
        CHECK(page({.limit = 1, .after = &before}) == "A2 ");
        CHECK(page({.order = down, .after = &before}).empty());
    }
}

TEST_CASE("a table is rebuilt beside the live one, and swapped when it has caught up",
          "[row_store]") {
    ON_EVERY_STORE(store) {
        auto const& p = recount::projection_of<lines>();
        store.prepare(p);
        CHECK(code_of([&] { return store.read_checkpoint(p, table_build::rebuild); }) ==
              errc::not_found);
        CHECK(code_of([&] { return store.swap(p); }) == errc::not_found);
        REQUIRE(write<line_row>(store, p, 0, 5, {{line("old", 1)}}));
        store.publish(p);

        store.begin_rebuild(p);
        CHECK(store.read_checkpoint(p, table_build::rebuild).position == 0);
        REQUIRE(write<line_row>(store, p, 0, 4, {{line("new", 1)}}, table_build::rebuild));
        CHECK_FALSE(store.swap(p));
        CHECK(dump(p, store).find("old") != std::string::npos);
        CHECK((store.read_checkpoint(p, table_build::live) == at(5)));
        CHECK(store.source(p, table_build::rebuild)->load_last({"g"}, nullptr).size() == 1);

        REQUIRE(write<line_row>(store, p, 4, 6, {{line("new", 2)}}, table_build::rebuild));
        REQUIRE(store.swap(p));
        CHECK(store.query(p, {}).size() == 2);
        CHECK(dump(p, store).find("old") == std::string::npos);
        // Who held on to the old table is fenced out, at the very same position too.
        CHECK((store.read_checkpoint(p, table_build::live) == at(6, 2)));
        CHECK_FALSE(write<line_row>(store, p, 6, 7, {{line("old", 2)}}));
        CHECK_FALSE(write<line_row>(store, p, 6, 7, {{line("old", 2)}}, table_build::rebuild));
        CHECK(write<line_row>(store, p, 6, 7, {{line("new", 3)}}, table_build::live, 2));
        CHECK(code_of([&] { return store.swap(p); }) == errc::not_found);

        // And once more, begun twice.
        store.begin_rebuild(p);
        REQUIRE(write<line_row>(store, p, 0, 7, {{line("lost", 1)}}, table_build::rebuild));
        store.begin_rebuild(p);
        CHECK_FALSE(write<line_row>(store, p, 7, 8, {{line("lost", 2)}}, table_build::rebuild));
        auto const epoch = store.read_checkpoint(p, table_build::rebuild).epoch;
        REQUIRE(write<line_row>(store, p, 0, 7, {{line("third", 1)}}, table_build::rebuild, epoch));
        REQUIRE(store.swap(p));
        CHECK(store.query(p, {}).size() == 1);
        CHECK(store.read_checkpoint(p, table_build::live).epoch == 3);
    }
}

namespace other_shape {

struct other_row {
    account_id account;
    std::int32_t movements = 0;
};
RECOUNT_ROW(other_row, 1, recount::key<&other_row::account>, account, movements)
struct first {
    using row = other_row;
    using events = recount::types<opened>;
    static void on(rows<row>& r, opened const& e) { r[e.account]; }
};
RECOUNT_PROJECTION(first, "balances", 1)
struct second {
    using row = other_row;
    using events = recount::types<opened>;
    static void on(rows<row>& r, opened const& e) { r[e.account]; }
};
RECOUNT_PROJECTION(second, "balances", 2)

}  // namespace other_shape

TEST_CASE("a table of other columns is refused, another version stands beside it",
          "[row_store]") {
    ON_EVERY_STORE(store) {
        store.prepare(recount::projection_of<balances>());
        CHECK(code_of([&] {
                  store.prepare(recount::projection_of<other_shape::first>());
                  return 0;
              }) == errc::refused);
        auto const& p = recount::projection_of<other_shape::second>();
        store.prepare(p);
        REQUIRE(write<other_shape::other_row>(store, p, 0, 3, {{{{"a"}, 1}}}));
        CHECK(store.query(p, {}).size() == 1);
        CHECK(store.query(recount::projection_of<balances>(), {}).empty());
        CHECK(store.read_checkpoint(recount::projection_of<balances>(), table_build::live)
                  .position == 0);
    }
}

TEST_CASE("a random history makes the same rows on every store", "[row_store]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    recount::memory::log log;
    random_history history{seed};
    for (int i = 0; i < 150; ++i) log.append(history.next());
    auto const run = [&](row_store& store, projection_descriptor const& p, std::size_t page) {
        store.prepare(p);
        recount::runner_options options;
        options.until = log.head().position;
        options.page_events = page;
        return recount::run_projection(log, store, p, table_build::live, options);
    };
    std::vector<projection_descriptor const*> const all{&recount::projection_of<balances>(),
                                                        &recount::projection_of<totals>(),
                                                        &recount::projection_of<lines>()};
    std::vector<std::string> expected;
    recount::memory_row_store one_by_one;
    for (auto const* p : all) {
        static_cast<void>(run(one_by_one, *p, 1));
        expected.push_back(dump(*p, one_by_one));
    }
    ON_EVERY_STORE(store) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            INFO("projection " << all[i]->name);
            CHECK(run(store, *all[i], 7).through == log.head().position);
            auto rows = store.query(*all[i], {});
            // The groups of an invertible projection's rows are nobody's concern.
            if (!all[i]->invertible) CHECK(dump(*all[i], rows) == expected[i]);
            CHECK(rows.size() == one_by_one.query(*all[i], {}).size());
        }
    }
}
