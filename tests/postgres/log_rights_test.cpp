// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The database itself keeps the log append-only: by what the roles may do, and by triggers.
#include <algorithm>

#include <fmt/format.h>

#include <recount/postgres/log.hpp>

#include "conformance/log_conformance.hpp"
#include "support/postgres.hpp"

using namespace conformance;
using recount::tests::run;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

struct written_store {
    recount::tests::test_database database;
    postgres::store_names names;

    written_store() {
        postgres::migrate({.url = database.url()});
        auto const log = postgres::log::open({.url = database.url()});
        names = log->names();
        log->append(commit_to("a-1", 2));
    }
};

std::string state_of(postgres::session& on, std::string const& sql) {
    auto const thrown = error_of([&] {
        run(on, sql);
        return 0;
    });
    return thrown ? thrown->sqlstate() : "went through";
}

std::string const no_privilege = "42501";
constexpr auto tables = {"log", "streams", "types", "links", "store", "migrations"};

}  // namespace

TEST_CASE("no role but the owner writes a table of the log", "[postgres][rights]") {
    written_store const store;
    for (auto const& role :
         {store.names.app, store.names.projector, store.names.reader, store.names.auditor}) {
        auto on = store.database.connect(role);
        for (auto const* table : tables) {
            CAPTURE(role, table);
            auto const name = fmt::format("recount.{}", table);
            CHECK(value(on, fmt::format("SELECT count(*) > 0 FROM {}", name)) == "t");
            CHECK(state_of(on, fmt::format("INSERT INTO {0} SELECT * FROM {0}", name)) ==
                  no_privilege);
            CHECK(state_of(on, fmt::format("DELETE FROM {}", name)) == no_privilege);
            CHECK(state_of(on, fmt::format("TRUNCATE {}", name)) == no_privilege);
            CHECK(state_of(on, fmt::format("ALTER TABLE {} ADD x int", name)) == no_privilege);
            CHECK(state_of(on, fmt::format("ALTER TABLE {} DISABLE TRIGGER ALL", name)) ==
                  no_privilege);
            CHECK(state_of(on, fmt::format("DROP TABLE {}", name)) == no_privilege);
        }
        CHECK(state_of(on, "UPDATE recount.log SET payload = '{}'") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.streams SET corrected = true") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.links SET link = ''") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.store SET format = 2") == no_privilege);
        CHECK(state_of(on, "DROP FUNCTION recount.refuse_change() CASCADE") == no_privilege);
    }
}

namespace {

// With these three arguments and empty arrays.
std::string call_of_append(std::string const& known) {
    std::string text = "SELECT recount.append(" + known;
    for (int i = 0; i < 19; ++i) text += ", '{}'";
    return text + ")";
}

// The same of the function for one event, to the stream of the store.
std::string call_of_append_one(std::string const& known) {
    return "SELECT (recount.append_one(" + known + ", 1, 3, gen_random_uuid(), 'thing.happened', "
           "1, NULL, NULL, '{}', '{}', '')).moved";
}

}  // namespace

TEST_CASE("only the application's role may call append", "[postgres][rights]") {
    written_store const store;
    for (auto const& role : {store.names.projector, store.names.reader, store.names.auditor}) {
        CAPTURE(role);
        auto on = store.database.connect(role);
        CHECK(state_of(on,
                       call_of_append("0, 0, ''")) == no_privilege);
        CHECK(state_of(on, call_of_append_one("2, ''")) == no_privilege);
    }
}

TEST_CASE("the owner, too, is stopped from changing what was written", "[postgres][rights]") {
    written_store const store;
    for (auto const& role : {store.names.owner, std::string{}}) {  // and a superuser
        auto on = store.database.connect(role);
        for (auto const* table : tables) {
            CAPTURE(role, table);
            CHECK(state_of(on, fmt::format("DELETE FROM recount.{}", table)) == no_privilege);
            CHECK(state_of(on, fmt::format("TRUNCATE recount.{}", table)) == no_privilege);
        }
        CHECK(state_of(on, "UPDATE recount.log SET payload = '{}'") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.log SET position = position + 1") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.types SET first_position = 0") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.links SET recorded_at = now()") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.store SET id = gen_random_uuid()") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.store SET format = 2") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.migrations SET checksum = 'x'") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.streams SET name = 'b-1'") == no_privilege);
        CHECK(state_of(on, "UPDATE recount.streams SET slice = 0, corrected = true") ==
              no_privilege);
    }
}

TEST_CASE("a stream becomes corrected once and stays so", "[postgres][rights]") {
    written_store const store;
    auto on = store.database.connect(store.names.owner);
    CHECK(state_of(on, "UPDATE recount.streams SET corrected = false") == no_privilege);
    run(on, "UPDATE recount.streams SET corrected = true");
    CHECK(state_of(on, "UPDATE recount.streams SET corrected = false") == no_privilege);
    CHECK(state_of(on, "UPDATE recount.streams SET corrected = true") == no_privilege);
}

TEST_CASE("append refuses an isolation that does not see the tail", "[postgres][rights]") {
    written_store const store;
    auto on = store.database.connect(store.names.app);
    auto const link = value(on, "SELECT link FROM recount.links WHERE last_position = 2");
    for (auto const* level : {"REPEATABLE READ", "SERIALIZABLE"}) {
        run(on, fmt::format("BEGIN ISOLATION LEVEL {}", level));
        CHECK(state_of(on,
                       call_of_append("0, 0, ''")) == "25000");
        run(on, "ROLLBACK");
        run(on, fmt::format("BEGIN ISOLATION LEVEL {}", level));
        CHECK(state_of(on, call_of_append_one("2, '" + link + "'")) == "25000");
        run(on, "ROLLBACK");
    }
}

TEST_CASE("append refuses a caller who knows another log", "[postgres][rights]") {
    written_store const store;
    auto on = store.database.connect(store.names.app);
    auto const call = [&](std::string const& known) {
        return state_of(on, call_of_append(known));
    };
    auto const link = value(on, "SELECT link FROM recount.links WHERE last_position = 2");
    CHECK(call("2, 2, '\\x00'") == "RC001");
    CHECK(call("1, 1, '" + link + "'") == "RC001");
    CHECK(call("99, 99, '" + link + "'") == "RC001");
    CHECK(call("2, 2, NULL") == "RC001");
    CHECK(call("2, NULL, '" + link + "'") == "RC001");
    CHECK(call("NULL, 2, '" + link + "'") == "RC001");
    // What is known of the streams cannot be newer than what is vouched for.
    CHECK(call("3, 2, '" + link + "'") == "RC001");
    CHECK(call("2, 2, '" + link + "'") != "RC001");
    CHECK(call("1, 2, '" + link + "'") != "RC001");
    for (auto const& known : {std::string{"2, '\\x00'"}, "1, '" + link + "'", "99, '" + link + "'",
                              std::string{"2, NULL"}, "NULL, '" + link + "'"}) {
        CAPTURE(known);
        CHECK(state_of(on, call_of_append_one(known)) == "RC001");
    }
    // … and a batch without rows.
    CHECK(call("2, 2, '" + link + "'") != "went through");
    CHECK(value(on, "SELECT count(*) FROM recount.links") == "2");
    CHECK(state_of(on, call_of_append_one("2, '" + link + "'")) == "went through");
}

namespace {

// A batch behind position 2 of rows of stream 1, whose columns are as they should be but for what a
// test says.
struct direct_append {
    std::string refs = "{1}";
    std::string versions = "{3}";
    std::string unknown_types = "{1}";
    std::string ordinals = "{}";
    std::string type_refs = "{}";
    std::string lasts = "{}";
    std::string commands = "{}";

    [[nodiscard]] std::string text(std::string const& link) const {
        auto const rows = std::count(versions.begin(), versions.end(), ',') + 1;
        auto const each = [&](std::string const& value) {
            return fmt::format("array_fill({}, '{{{}}}')", value, rows);
        };
        auto const array = [](std::string const& value) {
            return value == "NULL" ? value : "'" + value + "'";
        };
        return fmt::format(
            "SELECT recount.append(2, 2, '{}', '{{1}}', '{{2}}', '{{}}', '{{}}', '{{}}', "
            "'{{t,u}}', '{{1,1}}', {}, '{}', '{}', ARRAY(SELECT gen_random_uuid() FROM "
            "generate_series(1, {})), {}, {}, {}, '{{}}', {}, {}, {}, {})",
            link, array(unknown_types), refs, versions, rows, array(ordinals), array(type_refs),
            array(lasts), array(commands), each("'1'::text"), each("'1'::text"),
            each("'\\x00'::bytea"));
    }
};

}  // namespace

TEST_CASE("a row that is no part of a finished batch is refused", "[postgres][rights]") {
    written_store const store;
    auto on = store.database.connect(store.names.app);
    auto const link = value(on, "SELECT link FROM recount.links WHERE last_position = 2");
    auto const state = [&](direct_append const& one) { return state_of(on, one.text(link)); };
    auto const two = direct_append{.refs = "{1,1}", .versions = "{3,4}"};
    auto const with = [](direct_append one, std::string direct_append::*column,
                         std::string const& value) {
        one.*column = value;
        return one;
    };
    CHECK(state({.versions = "{2}"}) == "23505");  // a version that is there
    CHECK(state({.versions = "{3,4}"}) == "2202E");  // arrays of different lengths
    CHECK(state({.refs = "{1,1}"}) == "2202E");
    CHECK(state(with(two, &direct_append::commands, "{NULL}")) == "2202E");
    CHECK(state(with(two, &direct_append::type_refs, "{1}")) == "2202E");
    CHECK(state(with(two, &direct_append::ordinals, "{0,0}")) == "2202E");  // and no ends
    CHECK(state(with(two, &direct_append::lasts, "{1,2}")) == "2202E");
    // What says nothing is empty as a whole.
    for (auto const* const nothing : {"{NULL}", "NULL"}) {
        CAPTURE(nothing);
        CHECK(state({.ordinals = "{0}", .lasts = nothing}) == "23502");
        CHECK(state({.ordinals = nothing, .lasts = "{1}"}) == "23502");
        CHECK(state({.type_refs = nothing}) == "23502");
    }
    auto gaps = two;
    gaps.ordinals = "{0,1}";
    gaps.lasts = "{NULL,2}";
    CHECK(state(gaps) == "23502");
    CHECK(state(with(two, &direct_append::type_refs, "{1,NULL}")) == "23502");
    CHECK(value(on, "SELECT count(*) FROM recount.log") == "2");
}

TEST_CASE("columns that are empty say what is usual", "[postgres][rights]") {
    written_store const store;
    auto on = store.database.connect(store.names.app);
    auto const link = value(on, "SELECT link FROM recount.links WHERE last_position = 2");
    run(on, direct_append{.refs = "{1,1}", .versions = "{3,4}"}.text(link));
    CHECK(value(on, "SELECT string_agg(format('%s %s %s %s', position, ordinal, type, "
                    "commit_last), ', ' ORDER BY position) FROM recount.log "
                    "WHERE position > 2") == "3 0 t 3, 4 0 t 4");
    CHECK(value(on, "SELECT first_position FROM recount.types WHERE type = 't'") == "3");
}

TEST_CASE("a type that the caller knows is not looked up", "[postgres][rights]") {
    written_store const store;
    auto on = store.database.connect(store.names.app);
    auto const link = value(on, "SELECT link FROM recount.links WHERE last_position = 2");
    auto const types = [&] {
        return value(on, "SELECT coalesce(string_agg(type || ' ' || first_position, ', ' "
                         "ORDER BY type), '') FROM recount.types WHERE type IN ('t', 'u')");
    };
    auto two = direct_append{.refs = "{1,1}", .versions = "{3,4}", .type_refs = "{1,2}"};
    two.unknown_types = "{2}";  // t is vouched for, wrongly
    run(on, two.text(link));
    CHECK(types() == "u 4");
    CHECK(value(on, "SELECT string_agg(type, ' ' ORDER BY position) FROM recount.log "
                    "WHERE position > 2") == "t u");
}
