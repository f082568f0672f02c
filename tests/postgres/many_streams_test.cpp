// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Lists of a store with very many streams cost what they show, not what there is.
#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>

#include "postgres/log_queries.hpp"
#include "support/catch.hpp"
#include "support/executed_plan.hpp"
#include "support/postgres.hpp"

using recount::tests::run;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

constexpr int streams_of_large = 60'000;

// One category with very many streams, and one with three on either side of it.
struct large_store {
    recount::tests::test_database database;
    std::unique_ptr<postgres::log> log;

    large_store() {
        postgres::migrate({.url = database.url()});
        log = postgres::log::open({.url = database.url()});
        for (auto const* category : {"alpha", "omega"}) {
            for (auto const* id : {"1", "2", "3"}) {
                recount::commit c;
                c.events.push_back({recount::stream_name::of(category, id), "thing.happened", 1,
                                    recount::json_text::trusted("{}"),
                                    {}});
                log->append(c);
            }
        }
        // Without events, as only a superuser can make them: it is the list of names that counts.
        auto on = database.connect();
        run(on, "SET statement_timeout = 0");  // a busy machine may need a while
        run(on, "INSERT INTO recount.streams SELECT 1000 + g, 'large-' || g, 'large', 0, false, "
                "1000 + g FROM generate_series(1, " + std::to_string(streams_of_large) + ") g");
        run(on, "ANALYZE recount.streams");
    }
    std::int64_t rows_touched(postgres::owned_query const& statement,
                              std::string const& parameters) {
        auto on = database.connect();
        return recount::tests::rows_touched(on, statement, parameters);
    }
};

}  // namespace

TEST_CASE("lists of a store with many streams look at what they show",
          "[postgres][many_streams]") {
    large_store store;
    postgres::log_queries const queries{"recount"};

    auto const categories = store.log->list_categories();
    REQUIRE(categories.size() == 3);
    CHECK(categories[0].name == "alpha");
    CHECK(categories[0].streams == 3);
    CHECK_FALSE(categories[0].more);
    CHECK(categories[1].name == "large");
    CHECK(categories[1].streams == recount::limits::counted_streams_max);
    CHECK(categories[1].more);
    CHECK(categories[2].streams == 3);
    // The scan, the limit above it, and a few rows more.
    constexpr auto counted = static_cast<std::int64_t>(recount::limits::counted_streams_max);
    CHECK(store.rows_touched(queries.list_categories, std::to_string(counted + 1)) <
          2 * counted + 200);

    auto const page = store.log->list_streams("omega", "omega-1", 10);
    REQUIRE(page.size() == 2);
    CHECK(page[0].name == "omega-2");
    CHECK(page[0].version == 1);
    CHECK(store.rows_touched(queries.list_streams_of, "'omega-1', 10, 'omega'") < 50);
    CHECK(store.rows_touched(queries.list_streams_of, "'', 10, 'omega'") < 50);
    CHECK(store.rows_touched(queries.list_streams_of, "'large-5', 10, 'large'") < 100);
    CHECK(store.rows_touched(queries.list_streams, "'large-5', 10") < 100);
}

TEST_CASE("a person finds streams and events by name in psql", "[postgres][many_streams]") {
    large_store const store;
    auto const& names = store.log->names();
    for (auto const& role : {names.app, names.projector, names.reader, names.auditor}) {
        CAPTURE(role);
        auto on = store.database.connect(role);
        CHECK(value(on, "SELECT string_agg(stream || ' ' || version || ' ' || last_type, ', ') "
                        "FROM (SELECT * FROM recount.stream_summary WHERE category = 'omega' "
                        "ORDER BY stream) s") ==
              "omega-1 1 thing.happened, omega-2 1 thing.happened, omega-3 1 thing.happened");
        CHECK(value(on, "SELECT position FROM recount.event_list WHERE stream = 'alpha-2'") == "2");
        CHECK_THROWS_AS(run(on, "DELETE FROM recount.event_list"), recount::error);
    }
}

TEST_CASE("stores of a database are listed and created", "[postgres][stores]") {
    recount::tests::test_database database;
    CHECK(postgres::stores(database.url()).empty());
    postgres::create_store({.url = database.url()});
    CHECK(postgres::create_store({.url = database.url(), .store = "second"}).size() ==
          postgres::migrations().size());
    CHECK_THROWS_AS(postgres::create_store({.url = database.url(), .store = "second"}),
                    recount::error);
    CHECK_THROWS_AS(postgres::create_store({.url = database.url(), .store = "No!"}),
                    recount::error);
    auto const log = postgres::log::open({.url = database.url(), .store = "second"});
    recount::commit c;
    c.events.push_back({recount::stream_name{"a-1"}, "thing.happened", 1,
                        recount::json_text::trusted("{}"),
                        {}});
    auto const done = log->append(c);
    {
        auto on = database.connect();
        run(on, "ALTER TABLE recount.migrations DISABLE TRIGGER USER;"
                "DELETE FROM recount.migrations WHERE number = (SELECT max(number) FROM "
                "recount.migrations)");
        run(on, "CREATE SCHEMA recount_other");   // of somebody else: no store
    }
    CHECK(postgres::store_list(database.url()) == std::vector<std::string>{"main", "second"});
    auto const list = postgres::stores(database.url());
    REQUIRE(list.size() == 2);
    CHECK(list[0].schema == "recount");
    CHECK(list[0].events == 0);
    CHECK(list[0].head_at.empty());
    CHECK(list[0].pending == 1);
    CHECK(list[1].name == "second");
    CHECK(list[1].schema == "recount_second");
    CHECK(list[1].format == 1);
    CHECK(list[1].events == 1);
    CHECK(list[1].head_at == recount::to_string(done.recorded_at));
    CHECK(list[1].pending == 0);
    CHECK(list[1].refused.empty());
}
