// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Projections as tables of PostgreSQL, seen from beside the framework.
#include <recount/projection/postgres_row_store.hpp>

#include <thread>

#include <fmt/core.h>

#include <recount/app/application.hpp>
#include <recount/postgres/log.hpp>
#include <recount/projection/memory_row_store.hpp>

#include "support/postgres.hpp"
#include "support/random_history.hpp"
#include "support/row_dump.hpp"
#include "unit/describe/approval.hpp"

namespace {

using namespace sample;
using recount::errc;
using recount::error;
using recount::projection_of;
using recount::tests::dump;
using recount::tests::run;
using recount::tests::value;

recount::application_parts parts() {
    recount::application_parts all;
    all.add<account>();
    all.add<balances>();
    all.add<totals>();
    all.add<lines>();
    return all;
}

// A database with a store, and a history in it.
struct world {
    recount::tests::test_database database;
    recount::postgres::store_names names;
    std::shared_ptr<recount::log> log;
    std::uint64_t seed = recount::tests::seed_of_run();
    random_history history{seed};

    world() {
        recount::postgres::migrate({.url = database.url()});
        names = recount::postgres::names_of("main", database.name());
        log = recount::postgres::log::open({.url = database.url()});
    }
    void append(int commits) {
        std::vector<recount::commit> list;
        for (int i = 0; i < commits; ++i) list.push_back(history.next());
        for (auto const& result : log->append_batch(list)) {
            REQUIRE(std::holds_alternative<recount::appended>(result));
        }
    }
    [[nodiscard]] std::shared_ptr<recount::postgres_row_store> store() const {
        return std::make_shared<recount::postgres_row_store>(database.url(), names, "tests");
    }
    [[nodiscard]] recount::application application() { return {parts(), log, store()}; }
    // A table with all its columns, as another program sees it.
    [[nodiscard]] std::string table(std::string const& name) const {
        auto on = database.connect();
        return value(on, fmt::format("SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text),"
                                     " '') FROM recount.{} t",
                                     name));
    }
    [[nodiscard]] std::string tables() const {
        return table("balances__v1") + "\n--\n" + table("totals__v1") + "\n--\n" +
               table("lines__v1");
    }
    // What the tables hold, told in memory.
    [[nodiscard]] std::string expected(recount::projection_descriptor const& p) const {
        recount::memory_row_store rows;
        rows.prepare(p);
        recount::runner_options options;
        options.until = log->head().position;
        static_cast<void>(
            recount::run_projection(*log, rows, p, recount::table_build::live, options));
        return dump(p, rows);
    }
    void as_projector(std::string const& sql) const {
        auto on = database.connect(names.projector);
        run(on, sql);
    }
};

template <class Call>
std::optional<errc> code_of(Call const& call) {
    try {
        call();
    } catch (error const& e) {
        return e.code();
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("the SQL of a projection's table is as approved", "[row_store]") {
    std::string text;
    for (auto const* p : {&projection_of<balances>(), &projection_of<totals>(),
                          &projection_of<lines>()}) {
        text += recount::postgres_row_store::ddl(*p, "recount") + "\n";
    }
    approval::check_approved("projection_ddl.sql", text);
    recount::projection_descriptor reserved = projection_of<totals>();
    reserved.name = "streams";
    CHECK(code_of([&] {
              static_cast<void>(recount::postgres_row_store::ddl(reserved, "recount"));
          }) == errc::invalid_argument);
}

TEST_CASE("a long name leaves room for every table of a projection", "[row_store]") {
    world w;
    auto p = projection_of<lines>();
    p.name = "accounts_that_were_opened_by_somebody_some_time_ago_xxx";
    p.version = recount::detail::projection_version_max;
    REQUIRE(p.name.size() == 55);
    auto const store = w.store();
    store->prepare(p);
    store->begin_rebuild(p);
    REQUIRE(store->swap(p));
    CHECK(store->query(p, {}).empty());
}

TEST_CASE("a rebuilt table has identical rows", "[row_store]") {
    world w;
    INFO("RECOUNT_SEED=" << w.seed);
    w.append(300);
    auto bank = w.application();
    bank.catch_up();
    auto const before = w.tables();
    CHECK(dump(projection_of<lines>(), bank.row_tables()) == w.expected(projection_of<lines>()));
    CHECK(dump(projection_of<balances>(), bank.row_tables()) ==
          w.expected(projection_of<balances>()));
    auto on = w.database.connect();
    auto const in_view = value(on, "SELECT count(*) FROM recount.lines");
    // An administrator's grant on a view is not the framework's to take away.
    w.as_projector("GRANT SELECT ON recount.lines TO PUBLIC");
    for (auto const* p : bank.parts().projections) {
        auto const done = bank.rebuild(*p);
        CHECK(done.through == w.log->head().position);
    }
    CHECK(w.tables() == before);
    CHECK(value(on, "SELECT count(*) FROM recount.lines") == in_view);
    CHECK(value(on, "SELECT has_table_privilege('public', 'recount.lines', 'SELECT')") == "t");
    CHECK(value(on, "SELECT count(*) FROM pg_tables WHERE tablename LIKE '%\\_\\_r1'") == "0");
    for (auto const* p : bank.parts().projections) static_cast<void>(bank.rebuild(*p));
    CHECK(w.tables() == before);
    w.append(10);
    bank.catch_up();
    CHECK(dump(projection_of<lines>(), bank.row_tables()) == w.expected(projection_of<lines>()));
}

TEST_CASE("a table that was dropped is filled anew", "[row_store]") {
    world w;
    INFO("RECOUNT_SEED=" << w.seed);
    w.append(100);
    {
        auto bank = w.application();
        bank.catch_up();
    }
    auto const before = w.tables();
    SECTION("the table") {
        w.as_projector("DROP TABLE recount.lines__v1 CASCADE; DROP VIEW recount.totals; "
                       "DROP TABLE recount.totals__v1");
    }
    SECTION("the checkpoint") { w.as_projector("DELETE FROM recount.checkpoints"); }
    SECTION("both") {
        w.as_projector("DELETE FROM recount.checkpoints; "
                       "DROP TABLE recount.balances__v1, recount.lines__v1 CASCADE");
    }
    SECTION("the views") { w.as_projector("DROP VIEW recount.balances, recount.lines"); }
    auto bank = w.application();
    bank.catch_up();
    CHECK(w.tables() == before);
    auto on = w.database.connect(w.names.reader);
    CHECK(value(on, "SELECT count(*) FROM recount.lines") ==
          value(on, "SELECT count(*) FROM recount.lines__v1"));
}

namespace newer {

struct balance_row {
    account_id account;
    bool is_open = false;
};
RECOUNT_ROW(balance_row, 1, recount::key<&balance_row::account>, account, is_open)
struct balances {
    using row = balance_row;
    using events = recount::types<opened>;
    static void on(rows<row>& r, opened const& e) { r[e.account].is_open = true; }
};
RECOUNT_PROJECTION(balances, "balances", 2)

}  // namespace newer

TEST_CASE("the view is of the newest version that was brought up to date", "[row_store]") {
    world w;
    w.append(50);
    auto old = w.application();
    old.catch_up();
    auto on = w.database.connect(w.names.app);
    auto const columns = [&] {
        return value(on, "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute "
                         "WHERE attrelid = 'recount.balances'::regclass AND attnum > 0");
    };
    auto const first =
        "account balance_minor balance_currency movements greatest_minor greatest_currency remark "
        "_position";
    CHECK(columns() == first);
    recount::application_parts with;
    with.add<account>();
    with.add<newer::balances>();
    recount::application bank{with, w.log, w.store()};
    CHECK(columns() == first);  // not before the new table is filled
    bank.catch_up();
    CHECK(columns() == "account is_open _position");
    CHECK(value(on, "SELECT count(*) FROM recount.balances") ==
          value(on, "SELECT count(*) FROM recount.balances__v2"));
    // The old table stands beside it, and a program of the old version still keeps it true.
    w.append(1);
    CHECK(old.catch_up(projection_of<balances>()).through == w.log->head().position);
    CHECK(columns() == "account is_open _position");  // the view is the newer one's
    // Back for good: without a view the old program makes its own.
    w.as_projector("DROP VIEW recount.balances");
    old.catch_up();
    CHECK(columns() == first);
}

TEST_CASE("a table that is not the projection's own is refused", "[row_store]") {
    world w;
    w.as_projector("CREATE TABLE recount.balances__v1 (account text)");
    CHECK(code_of([&] { static_cast<void>(w.application()); }) == errc::refused);
    w.as_projector("DROP TABLE recount.balances__v1");
    CHECK_FALSE(code_of([&] { static_cast<void>(w.application()); }).has_value());
}

TEST_CASE("readers read the tables and write nothing", "[row_store]") {
    world w;
    w.append(50);
    auto bank = w.application();
    bank.catch_up();
    static_cast<void>(bank.rebuild(projection_of<totals>()));
    for (auto const& role : {w.names.app, w.names.reader, w.names.auditor}) {
        INFO(role);
        auto on = w.database.connect(role);
        for (std::string const name : {"totals", "totals__v1", "lines", "lines__v1"}) {
            CHECK_NOTHROW(value(on, "SELECT count(*) FROM recount." + name));
            for (auto const& statement :
                 {"DELETE FROM recount." + name, "UPDATE recount." + name + " SET _position = 0",
                  "INSERT INTO recount." + name + " SELECT * FROM recount." + name,
                  "DROP TABLE IF EXISTS recount." + name + "__v1"}) {
                if (statement.starts_with("DROP") && name.ends_with("__v1")) continue;
                try {
                    run(on, statement);
                    FAIL(statement);
                } catch (error const& e) {
                    CHECK(e.sqlstate() == "42501");
                }
            }
        }
        CHECK_THROWS_AS(run(on, "UPDATE recount.checkpoints SET position = 0"), error);
    }
}

TEST_CASE("rows of another log are noticed, not skipped", "[row_store]") {
    world w;
    w.append(20);
    auto bank = w.application();
    bank.catch_up();
    auto const before = w.tables();
    w.as_projector("UPDATE recount.checkpoints SET hash = sha256('another') "
                   "WHERE projection = 'totals'");
    w.append(5);
    CHECK(code_of([&] { static_cast<void>(bank.catch_up(projection_of<totals>())); }) ==
          errc::corrupted);
    CHECK(w.tables() == before);
    // A rebuild puts it right.
    static_cast<void>(bank.rebuild(projection_of<totals>()));
    CHECK(bank.catch_up(projection_of<totals>()).events == 0);
}

TEST_CASE("two runners on one projection write every row once", "[row_store]") {
    world w;
    INFO("RECOUNT_SEED=" << w.seed);
    w.append(400);
    recount::runner_options options;
    options.until = w.log->head().position;
    options.page_events = 16;
    auto const& p = projection_of<lines>();
    w.store()->prepare(p);
    std::atomic<std::uint64_t> told{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 2; ++i) {
            threads.emplace_back([&] {
                auto const own = w.store();
                auto const done =
                    recount::run_projection(*w.log, *own, p, recount::table_build::live, options);
                told += done.events;
            });
        }
    }
    CHECK(dump(p, *w.store()) == w.expected(p));
    recount::feed_filter filter;
    for (auto const& handler : p.handlers) filter.types.emplace_back(handler.event.name);
    CHECK(told == w.log->read_feed(0, filter, recount::limits::page_events_max).events.size());
}

TEST_CASE("a projection is rebuilt while it is written", "[row_store]") {
    world w;
    INFO("RECOUNT_SEED=" << w.seed);
    w.append(50);
    auto bank = w.application();
    auto other = w.application();
    bank.catch_up();
    {
        std::jthread const writer{[&] {
            for (int i = 0; i < 20; ++i) {
                w.append(5);
                static_cast<void>(other.catch_up(projection_of<lines>()));
            }
        }};
        for (int i = 0; i < 6; ++i) static_cast<void>(bank.rebuild(projection_of<lines>()));
    }
    static_cast<void>(bank.catch_up(projection_of<lines>()));
    CHECK(dump(projection_of<lines>(), bank.row_tables()) == w.expected(projection_of<lines>()));
}
