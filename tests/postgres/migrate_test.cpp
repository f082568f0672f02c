// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/migrate.hpp>

#include <algorithm>
#include <future>
#include <set>

#include <fmt/format.h>
#include <recount/core/error.hpp>
#include <recount/core/sha256.hpp>
#include <recount/postgres/log.hpp>
#include <recount/postgres/session.hpp>

#include <conformance/log_conformance.hpp>
#include <support/catch.hpp>
#include <support/caught.hpp>
#include <support/postgres.hpp>
#include <unit/describe/approval.hpp>

using namespace recount;
using recount::postgres::check_durability;
using recount::postgres::migrate;
using recount::postgres::migration_statuses;
using recount::postgres::migrations;
using recount::postgres::names_of;
using recount::tests::caught;
using recount::tests::run;
using recount::tests::test_database;
using recount::tests::value;

namespace {

postgres::migrate_options of(test_database const& database, std::string store = "main") {
    return {database.url(), std::move(store)};
}

std::vector<std::string> all_names() {
    std::vector<std::string> names;
    for (auto const& step : migrations()) names.emplace_back(step.name);
    return names;
}

std::string make_login(test_database const& database, std::string_view rights) {
    auto on = database.connect();
    auto login = fmt::format("recount_{}_login", database.name());
    run(on, fmt::format("CREATE ROLE {} LOGIN {}", login, rights));
    return login;
}

// The part of an error's sentence that an administrator is to run.
std::string remedy(error const& e) {
    std::string const sentence = e.what();
    auto const at = sentence.find("run ");
    return at == std::string::npos ? std::string{} : sentence.substr(at + 4);
}

// As nobody may: past the triggers.
void change_record(postgres::session& on, std::string const& sql) {
    run(on, "ALTER TABLE recount.migrations DISABLE TRIGGER USER;" + sql +
                ";ALTER TABLE recount.migrations ENABLE TRIGGER USER");
}

}  // namespace

TEST_CASE("names are made from store and database") {
    auto const main = names_of("main", "bank");
    CHECK(main.schema == "recount");
    CHECK(main.owner == "recount_bank_owner");
    CHECK(main.app == "recount_bank_app");
    CHECK(main.projector == "recount_bank_projector");
    CHECK(main.reader == "recount_bank_reader");
    CHECK(main.auditor == "recount_bank_auditor");
    CHECK(names_of("audit_2", "bank").schema == "recount_audit_2");
    CHECK(names_of("audit_2", "bank").app == "recount_audit_2_bank_app");
}

TEST_CASE("a store or a database that gives no usable names is refused") {
    for (std::string const& store :
         {std::string{}, std::string{"Main"}, std::string{"1st"}, std::string{"a-b"},
          std::string{"a\"; DROP"}, std::string(32, 'a')}) {
        CAPTURE(store);
        CHECK(caught([&] { static_cast<void>(names_of(store, "bank")); }).code() ==
              errc::invalid_argument);
    }
    CHECK(caught([] { static_cast<void>(names_of("main", "My Bank")); }).code() ==
          errc::invalid_argument);
    CHECK(caught([] { static_cast<void>(names_of("main", std::string(60, 'a'))); }).code() ==
          errc::invalid_argument);
}

TEST_CASE("the steps are numbered from 1 and carry the checksum of their text") {
    REQUIRE_FALSE(migrations().empty());
    int number = 0;
    for (auto const& step : migrations()) {
        CHECK(step.number == ++number);
        CHECK(step.name.starts_with(fmt::format("{:04}_", number)));
        CHECK(step.checksum == to_hex(sha256(step.text)));
    }
    CHECK(migrations().front().name == "0001_store");
}

// A store refuses a step that is not the one it has applied: what has landed is never changed, only
// followed by another.
TEST_CASE("the steps that stores have applied are as they were") {
    std::string all;
    for (auto const& step : migrations()) {
        all += fmt::format("{} {}\n", step.checksum, step.name);
    }
    approval::check_approved("migrations.txt", all);
}

TEST_CASE("a rendered step has quoted names and no placeholder left") {
    auto const names = names_of("trading", "bank");
    for (auto const& step : migrations()) {
        auto const text = postgres::rendered(step, names);
        for (auto const* left :
             {"@schema@", "@owner@", "@app@", "@projector@", "@reader@", "@auditor@", "@store@"}) {
            CHECK(text.find(left) == std::string::npos);
        }
    }
    postgres::migration step;
    step.text = "a @schema@.t @> '{}' @@ @store@ user@host @owner@";
    CHECK(postgres::rendered(step, names) ==
          "a \"recount_trading\".t @> '{}' @@ 'trading' user@host \"recount_trading_bank_owner\"");
}

TEST_CASE("migrating applies every step once, and then does nothing") {
    test_database const database;
    CHECK(migrate(of(database)) == all_names());
    CHECK(migrate(of(database)).empty());
    auto on = database.connect();
    CHECK(value(on, "SELECT name || ' ' || format FROM recount.store") == "main 1");
    CHECK(value(on, "SELECT count(*) FROM recount.migrations") ==
          std::to_string(migrations().size()));
}

TEST_CASE("a second store of the database has a schema and roles of its own") {
    test_database const database;
    migrate(of(database));
    CHECK(migrate(of(database, "trading")) == all_names());
    auto on = database.connect();
    CHECK(value(on, "SELECT name FROM recount_trading.store") == "trading");
    CHECK(value(on, "SELECT id FROM recount.store") !=
          value(on, "SELECT id FROM recount_trading.store"));
    auto reader = database.connect(names_of("trading", database.name()).reader);
    CHECK(value(reader, "SELECT name FROM recount_trading.store") == "trading");
    CHECK_THROWS_AS(value(reader, "SELECT name FROM recount.store"), error);
}

TEST_CASE("programs that migrate at once apply each step once between them") {
    test_database const database;
    std::vector<std::future<std::vector<std::string>>> programs;
    for (int i = 0; i < 4; ++i) {
        programs.push_back(std::async(std::launch::async, [&] { return migrate(of(database)); }));
    }
    std::vector<std::string> applied;
    for (auto& program : programs) {
        for (auto& name : program.get()) applied.push_back(std::move(name));
    }
    CHECK(applied == all_names());
}

TEST_CASE("stores of one database may be made at once") {
    test_database const database;
    std::vector<std::future<std::vector<std::string>>> programs;
    for (auto const* store : {"a", "b", "c"}) {
        programs.push_back(
            std::async(std::launch::async, [&, store] { return migrate(of(database, store)); }));
    }
    for (auto& program : programs) CHECK(program.get() == all_names());
}

TEST_CASE("the status tells applied steps from pending ones") {
    test_database const database;
    auto const before = migration_statuses(of(database));
    REQUIRE(before.size() == migrations().size());
    CHECK(std::ranges::none_of(before, [](auto const& each) { return each.applied; }));
    CHECK(before.front().applied_at.empty());
    migrate(of(database));
    auto const after = migration_statuses(of(database));
    REQUIRE(after.size() == migrations().size());
    CHECK(std::ranges::all_of(after, [](auto const& each) { return each.applied; }));
    CHECK(after.front().name == "0001_store");
    CHECK(after.front().applied_at.starts_with("20"));
}

TEST_CASE("a step that fails is rolled back as a whole, and the ones before it stay") {
    test_database const database;
    auto on = database.connect();
    migrate(of(database));
    auto const& all = migrations();
    auto const makes_a_table = [](auto const& each) {
        return each.text.find("CREATE TABLE") != std::string_view::npos;
    };
    auto const step = std::find_if(all.rbegin(), all.rend(), makes_a_table);
    REQUIRE(step != all.rend());
    // Its table is still there, so that it fails when it is pending again.
    change_record(on,
                  fmt::format("DELETE FROM recount.migrations WHERE number >= {}", step->number));
    auto const e = caught([&] { migrate(of(database)); });
    CHECK(e.query() == step->name);
    CHECK(value(on, "SELECT max(number) FROM recount.migrations") ==
          std::to_string(step->number - 1));
}

TEST_CASE("an applied step that has changed since is refused by name") {
    test_database const database;
    migrate(of(database));
    auto on = database.connect();
    change_record(on,
                  "UPDATE recount.migrations SET checksum = repeat('0', 64) WHERE number = 1");
    auto const e = caught([&] { migrate(of(database)); });
    CHECK(e.code() == errc::refused);
    CHECK(std::string{e.what()}.find("0001_store") != std::string::npos);
    CHECK(caught([&] { static_cast<void>(migration_statuses(of(database))); }).code() ==
          errc::refused);
}

// Some programs before 1.0 had what are steps 13 to 16 now as two.
TEST_CASE("a store that has steps in their other form is migrated, and does none twice") {
    test_database const database;
    migrate(of(database));
    auto on = database.connect();
    auto const other_form = [&](int number, std::string const& name, std::string const& checksum) {
        return fmt::format(";UPDATE recount.migrations SET name = '{}', checksum = '{}' "
                           "WHERE number = {}",
                           name, checksum, number);
    };
    auto const less_work =
        other_form(13, "0013_append_less_work",
                   "6b0bcc6dba2485c754c100b16e9379a20c98d1a071345e418900080587ed34c9");
    using names = std::vector<std::string>;
    SECTION("both") {
        change_record(on, "DELETE FROM recount.migrations WHERE number > 14" + less_work +
                              other_form(14, "0014_append_one", migrations()[15].checksum));
        auto const e = caught(
            [&] { static_cast<void>(postgres::log::open({.url = database.url()})); });
        CHECK(std::string{e.what()} ==
              "store 'main' has 2 pending migrations: run migrate first");
        auto const statuses = migration_statuses(of(database));
        CHECK(statuses[13].applied);
        CHECK(!statuses[14].applied);
        auto const script = postgres::migration_script(of(database));
        CHECK(script.find("FUNCTION") == std::string::npos);
        CHECK(script.find("VALUES (16, '0016_append_one'") != std::string::npos);
        CHECK(migrate(of(database)) == names{"0015_append_unknown_types", "0016_append_one"});
    }
    SECTION("both, and a run that was killed after the step behind them") {
        change_record(on, "DELETE FROM recount.migrations WHERE number > 15" + less_work +
                              other_form(14, "0014_append_one", migrations()[15].checksum));
        CHECK(migrate(of(database)) == names{"0016_append_one"});
    }
    SECTION("the first") {
        change_record(on, "DELETE FROM recount.migrations WHERE number > 13;"
                          "DROP FUNCTION recount.append_one" + less_work);
        CHECK(migrate(of(database)) ==
              names{"0014_append_vouched", "0015_append_unknown_types", "0016_append_one"});
    }
    SECTION("but no other") {
        auto const checksum = GENERATE(
            std::string(64, '0'),
            "6b0bcc6dba2485c754c100b16e9379a20c98d1a071345e418900080587ed34c9");  // of step 13
        change_record(on, "DELETE FROM recount.migrations WHERE number > 14" +
                              other_form(14, "0014_append_one", checksum));
        auto const e = caught([&] { migrate(of(database)); });
        CHECK(e.code() == errc::refused);
        CHECK(std::string{e.what()}.starts_with("migration 0014_append_vouched of store main is "
                                                "not the one that was applied"));
        CHECK(value(on, "SELECT count(*) FROM recount.migrations") == "14");
        return;
    }
    CHECK(migrate(of(database)).empty());
    for (auto const& status : migration_statuses(of(database))) CHECK(status.applied);
    auto const log = postgres::log::open({.url = database.url()});
    for (int i = 0; i < 3; ++i) log->append(conformance::commit_to("thing-1"));
    CHECK(value(on, "SELECT count(*) FROM pg_proc WHERE pronamespace = 'recount'::regnamespace "
                    "AND proname IN ('append', 'append_one')") == "2");
}

TEST_CASE("a store of a newer program is refused with both formats") {
    test_database const database;
    migrate(of(database));
    auto on = database.connect();
    auto const known = migrations().size();
    run(on, fmt::format("INSERT INTO recount.migrations VALUES ({}, '{:04}_later', 'x')", known + 1,
                        known + 1));
    auto const e = caught([&] { migrate(of(database)); });
    CHECK(e.code() == errc::refused);
    CHECK(std::string{e.what()} ==
          fmt::format("store main has format {}, this program knows {}: use a newer program",
                      known + 1, known));
}

TEST_CASE("a store whose last step is pending is not written to until it is applied") {
    test_database const database;
    migrate(of(database));
    auto on = database.connect();
    auto const last = std::to_string(migrations().size());
    change_record(on, "DELETE FROM recount.migrations WHERE number = " + last);
    run(on, "DROP FUNCTION recount.append_one");   // what it made
    auto const open = [&] { return postgres::log::open({.url = database.url()}); };
    auto const e = caught(open);
    CHECK(e.code() == errc::refused);
    CHECK(std::string{e.what()} == "store 'main' has 1 pending migration: run migrate first");
    migrate(of(database));
    CHECK(open()->head().position == 0);
}

TEST_CASE("a step gives up its place in the queue for a lock, and is tried again") {
    test_database const database;
    auto observer = database.connect();
    auto const waiting = [&] {
        return value(observer,
                     "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                     " WHERE NOT l.granted AND d.datname = current_database()") != "0";
    };
    postgres::session_options patient;
    patient.url = database.url();
    patient.idle_in_transaction_timeout = std::chrono::seconds{60};
    postgres::session holder{patient};
    holder.begin();
    run(holder, "LOCK TABLE pg_catalog.pg_namespace IN SHARE MODE");  // no new schema
    auto migrating = std::async(std::launch::async, [&] { return migrate(of(database)); });
    REQUIRE(tests::eventually(waiting));
    REQUIRE(tests::eventually([&] { return !waiting(); }));
    holder.rollback();
    CHECK(migrating.get() == all_names());
}

// --- rights -------------------------------------------------------------------------------------

TEST_CASE("a login that may create roles and schemas migrates without being a superuser") {
    test_database const database;
    auto admin = database.connect();
    auto const login = make_login(database, "CREATEROLE");
    auto options = of(database);
    options.url = database.url_of(login);

    auto const e = caught([&] { migrate(options); });
    CHECK(e.code() == errc::refused);
    REQUIRE(remedy(e).starts_with("GRANT CREATE ON DATABASE"));
    run(admin, remedy(e));

    CHECK(migrate(options) == all_names());
    postgres::session_options as;
    as.url = options.url;
    for (auto const& role :
         {names_of("main", database.name()).app, names_of("main", database.name()).projector}) {
        as.role = role;
        postgres::session on{as};
        CHECK(value(on, "SELECT name FROM recount.store") == "main");
    }
    run(admin, fmt::format("REASSIGN OWNED BY {0} TO CURRENT_USER; DROP OWNED BY {0}", login));
}

TEST_CASE("a login that may not create roles is refused with what to run") {
    test_database const database;
    auto options = of(database);
    options.url = database.url_of(make_login(database, ""));
    auto const e = caught([&] { migrate(options); });
    CHECK(e.code() == errc::refused);
    CHECK(std::string{e.what()}.find("CREATEROLE") != std::string::npos);
}

TEST_CASE("a migrated store asks no more of a login than one of its roles") {
    test_database const database;
    migrate(of(database));
    auto admin = database.connect();
    auto options = of(database);
    options.url = database.url_of(make_login(database, "NOINHERIT"));
    auto const e = caught([&] { migrate(options); });
    CHECK(e.code() == errc::refused);
    REQUIRE(remedy(e).starts_with("GRANT \"recount_"));
    run(admin, remedy(e));
    CHECK(migrate(options).empty());
    CHECK(migration_statuses(options).front().applied);
}

TEST_CASE("a pending step is refused, with the GRANT, for a login that lacks a role") {
    test_database const database;
    migrate(of(database));
    auto admin = database.connect();
    auto const names = names_of("main", database.name());
    auto const login = make_login(database, "");
    run(admin, fmt::format("GRANT {} TO {}", names.reader, login));
    change_record(admin, fmt::format("DELETE FROM recount.migrations WHERE number = {}",
                                     migrations().size()));
    auto options = of(database);
    options.url = database.url_of(login);
    auto const e = caught([&] { migrate(options); });
    CHECK(e.code() == errc::refused);
    CHECK(remedy(e) == fmt::format("GRANT \"{}\", \"{}\", \"{}\", \"{}\" TO {}", names.owner,
                                   names.app, names.projector, names.auditor, login));
}

TEST_CASE("roles that belong to another store are not taken over") {
    test_database const database;
    migrate(of(database));
    auto admin = database.connect();
    // Stores and databases whose names meet in the middle: a_b in c, and a in b_c.
    run(admin, fmt::format("CREATE ROLE recount_other_{0}_owner;"
                           "COMMENT ON ROLE recount_other_{0}_owner IS 'store x of database other'",
                           database.name()));
    auto const e = caught([&] { migrate(of(database, "other")); });
    CHECK(e.code() == errc::refused);
    CHECK(std::string{e.what()}.find("store x of database other") != std::string::npos);
}

TEST_CASE("each role may do its work and no other's") {
    test_database const database;
    migrate(of(database));
    auto const names = names_of("main", database.name());
    for (auto const& role :
         {names.owner, names.app, names.projector, names.reader, names.auditor}) {
        CAPTURE(role);
        auto on = database.connect(role);
        CHECK(value(on, "SELECT name FROM recount.store") == "main");
        CHECK(value(on, "SELECT count(*) > 0 FROM recount.migrations") == "t");
        if (role == names.owner) continue;
        CHECK(caught([&] { run(on, "UPDATE recount.store SET name = 'x'"); }).sqlstate() ==
              "42501");
        CHECK(caught([&] { run(on, "DELETE FROM recount.migrations"); }).sqlstate() == "42501");
        if (role == names.projector) continue;
        CHECK(caught([&] { run(on, "CREATE TABLE recount.mine (n int)"); }).sqlstate() == "42501");
    }
}

TEST_CASE("what the projector makes, the app, the reader and the auditor may read") {
    test_database const database;
    migrate(of(database));
    auto const names = names_of("main", database.name());
    auto projector = database.connect(names.projector);
    run(projector,
        "CREATE TABLE recount.balance__v1 (n int);"
        "CREATE FUNCTION recount.f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    for (auto const& role : {names.app, names.reader, names.auditor}) {
        CAPTURE(role);
        auto on = database.connect(role);
        CHECK(value(on, "SELECT count(*) FROM recount.balance__v1") == "0");
        CHECK(caught([&] { run(on, "INSERT INTO recount.balance__v1 VALUES (1)"); }).sqlstate() ==
              "42501");
        CHECK(caught([&] { run(on, "SELECT recount.f()"); }).sqlstate() == "42501");
    }
}

TEST_CASE("a login without a role of the store sees nothing of it") {
    test_database const database;
    migrate(of(database));
    postgres::session_options options;
    options.url = database.url_of(make_login(database, ""));
    postgres::session on{options};
    CHECK(caught([&] { run(on, "SELECT * FROM recount.store"); }).sqlstate() == "42501");
}

// --- durability ---------------------------------------------------------------------------------

TEST_CASE("a server that keeps what it acknowledged is accepted") {
    test_database const database;
    CHECK(check_durability(database.url(), false).empty());
    for (auto const* safe : {"local", "remote_write", "remote_apply", "on"}) {
        auto on = database.connect();
        run(on,
            fmt::format("ALTER DATABASE {} SET synchronous_commit = {}", database.name(), safe));
        CHECK(check_durability(database.url(), false).empty());
    }
}

TEST_CASE("a server that may lose what it acknowledged is refused, or named when allowed") {
    test_database const database;
    auto on = database.connect();
    run(on, fmt::format("ALTER DATABASE {} SET synchronous_commit = off", database.name()));
    auto const e = caught([&] { check_durability(database.url(), false); });
    CHECK(e.code() == errc::refused);
    CHECK(std::string{e.what()}.find("synchronous_commit = off") != std::string::npos);
    CHECK(check_durability(database.url(), true) ==
          std::vector<std::string>{"synchronous_commit = off"});
}

TEST_CASE("a database of another encoding is refused, whatever is allowed") {
    test_database const database;
    auto on = database.connect();
    auto const other = database.name() + "_other";
    for (auto const* encoding : {"LATIN1", "SQL_ASCII"}) {
        run(on, fmt::format("CREATE DATABASE {} ENCODING '{}' LC_COLLATE 'C' LC_CTYPE 'C' "
                            "TEMPLATE template0",
                            other, encoding));
        auto url = database.url();
        url.replace(url.find(database.name()), database.name().size(), other);
        auto const e = caught([&] { check_durability(url, true); });
        run(on, "DROP DATABASE " + other);
        CHECK(e.code() == errc::refused);
        CHECK(std::string{e.what()}.find(encoding) != std::string::npos);
        CHECK(std::string{e.what()}.find("UTF8") != std::string::npos);
    }
}

TEST_CASE("a database that takes no changes is refused by who wants to write") {
    test_database const database;
    CHECK_NOTHROW(recount::postgres::check_writable(database.url()));
    auto on = database.connect();
    run(on, fmt::format("ALTER DATABASE {} SET default_transaction_read_only = on",
                        database.name()));
    auto const e = caught([&] { recount::postgres::check_writable(database.url()); });
    CHECK(e.code() == errc::refused);
    CHECK(std::string{e.what()}.find("default_transaction_read_only") != std::string::npos);
    CHECK(check_durability(database.url(), false).empty());
}

TEST_CASE("a setting of the login alone is seen") {
    test_database const database;
    auto admin = database.connect();
    auto const login = make_login(database, "");
    CHECK(check_durability(database.url_of(login), false).empty());
    run(admin, fmt::format("ALTER ROLE {} SET synchronous_commit = off", login));
    CHECK(check_durability(database.url(), false).empty());
    CHECK(caught([&] { check_durability(database.url_of(login), false); }).code() == errc::refused);
}
