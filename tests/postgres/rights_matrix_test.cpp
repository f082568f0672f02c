// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What each role of a store may do to each thing in its schema, tried out, as one table that is
// read and approved: tests/approved/rights.txt. A table or function that is new is a line that
// nobody has approved yet.
#include <fmt/format.h>

#include <recount/postgres/log.hpp>

#include "conformance/log_conformance.hpp"
#include "support/postgres.hpp"
#include "unit/describe/approval.hpp"

using namespace conformance;
using recount::tests::run;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

constexpr auto parts = {"owner", "app", "projector", "reader", "auditor"};

// A store with something in it, a table of a projection, and a login for each role that may act as
// that role alone. (A superuser's session may SET ROLE to any: it would prove nothing.)
class manned_store {
public:
    manned_store() {
        postgres::migrate({.url = database_.url()});
        {
            auto const log = postgres::log::open({.url = database_.url()});
            log->append(commit_to("a-1", 2));
            names_ = log->names();
        }
        auto projector = database_.connect(names_.projector);
        run(projector, "CREATE TABLE recount.rows_of_a_projection (n int PRIMARY KEY)");
        auto admin = database_.connect();
        std::size_t of = 0;
        for (auto const& role : {names_.owner, names_.app, names_.projector, names_.reader,
                                 names_.auditor}) {
            auto const login = fmt::format("{}_{}", database_.name(), of++);
            run(admin, fmt::format("CREATE ROLE {0} LOGIN NOINHERIT; GRANT {1} TO {0}", login,
                                   postgres::quote_identifier(role)));
            logins_.push_back(login);
            postgres::session_options options;
            options.url = database_.url_of(login);
            options.role = role;
            sessions_.emplace_back(options);
        }
    }
    ~manned_store() {
        sessions_.clear();
        try {
            auto admin = database_.connect();
            for (auto const& login : logins_) run(admin, "DROP ROLE " + login);
        } catch (recount::error const& e) {
            UNSCOPED_INFO(e.what());
        }
    }
    manned_store(manned_store const&) = delete;
    manned_store& operator=(manned_store const&) = delete;

    [[nodiscard]] std::vector<std::string> names(std::string const& sql) const {
        auto admin = database_.connect();
        run(admin, "SET search_path = ''");  // names with their schema, whoever we are
        auto const rows = admin.execute({"test", sql});
        std::vector<std::string> list;
        for (std::size_t i = 0; i < rows.size(); ++i) list.emplace_back(rows.text(i, 0));
        return list;
    }

    // A line: what, and how it ends for each role. Nothing of it stays.
    void attempt(std::string const& what, std::string const& sql) {
        text_ += fmt::format("{:<44}", what);
        for (auto& on : sessions_) text_ += fmt::format("{:<13}", outcome(on, sql));
        end_line();
    }
    void title(std::string const& what) {
        text_ += fmt::format("\n{:<44}", what);
        for (auto const* part : parts) text_ += fmt::format("{:<13}", part);
        end_line();
    }
    [[nodiscard]] std::string const& text() const { return text_; }
    [[nodiscard]] postgres::store_names const& roles() const { return names_; }

private:
    recount::tests::test_database database_;
    postgres::store_names names_;
    std::vector<std::string> logins_;
    std::vector<postgres::session> sessions_;
    std::string text_ =
        "What each role of a store may do, tried out. yes: it goes through; -: no such right;\n"
        "append-only: a trigger refuses it, whoever has the right.\n";

    void end_line() {
        text_.erase(text_.find_last_not_of(' ') + 1);
        text_ += '\n';
    }

    static std::string outcome(postgres::session& on, std::string const& sql) {
        on.begin();
        std::string how = "yes";
        try {
            run(on, sql);
        } catch (recount::error const& e) {
            bool const trigger = e.server_text().find("append-only") != std::string::npos;
            how = trigger ? "append-only" : e.sqlstate() == "42501" ? "-" : e.sqlstate();
        }
        on.rollback();
        return how;
    }
};

}  // namespace

TEST_CASE("what each role may do is as approved", "[postgres][rights]") {
    manned_store store;
    auto const tables = store.names(
        "SELECT relname FROM pg_class WHERE relnamespace = 'recount'::regnamespace "
        "AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f') ORDER BY relname COLLATE \"C\"");
    CHECK(tables.size() >= 7);
    for (auto const& table : tables) {
        auto const name = "recount." + postgres::quote_identifier(table);
        auto const column = store.names(fmt::format(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = '{}'::regclass "
            "AND attnum = 1", name)).at(0);
        store.title(table);
        store.attempt("SELECT", fmt::format("SELECT * FROM {}", name));
        store.attempt("INSERT", fmt::format("INSERT INTO {0} SELECT * FROM {0} WHERE false", name));
        store.attempt("UPDATE", fmt::format("UPDATE {0} SET {1} = {1}", name, column));
        store.attempt("DELETE", fmt::format("DELETE FROM {}", name));
        store.attempt("TRUNCATE", fmt::format("TRUNCATE {}", name));
        store.attempt("REFERENCES, TRIGGER",
                      fmt::format("CREATE TRIGGER x BEFORE INSERT ON {} EXECUTE FUNCTION "
                                  "pg_catalog.suppress_redundant_updates_trigger()", name));
        store.attempt("ALTER TABLE ADD", fmt::format("ALTER TABLE {} ADD x int", name));
        store.attempt("DISABLE TRIGGER", fmt::format("ALTER TABLE {} DISABLE TRIGGER USER", name));
        store.attempt("DROP TABLE", fmt::format("DROP TABLE {} CASCADE", name));
    }
    store.title("functions");
    auto const functions = store.names(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'recount'::regnamespace "
        "ORDER BY proname COLLATE \"C\", oid");
    for (auto const& function : functions) {
        auto const name = function.substr(function.find('.') + 1, function.find('(') -
                                                                      function.find('.') - 1);
        store.attempt("EXECUTE " + name,
                      fmt::format("DO $$ BEGIN IF NOT has_function_privilege('{}', 'EXECUTE') THEN "
                                  "RAISE insufficient_privilege; END IF; END $$", function));
        store.attempt("ALTER " + name, fmt::format("ALTER FUNCTION {} RESET ALL", function));
        store.attempt("DROP " + name, fmt::format("DROP FUNCTION {} CASCADE", function));
    }
    store.title("the schema");
    store.attempt("CREATE TABLE", "CREATE TABLE recount.x (n int)");
    store.attempt("CREATE VIEW", "CREATE VIEW recount.x AS SELECT 1 AS n");
    store.attempt("CREATE FUNCTION",
                  "CREATE FUNCTION recount.x() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    store.attempt("CREATE OR REPLACE of a trigger's function",
                  "CREATE OR REPLACE FUNCTION recount.refuse_change() RETURNS trigger "
                  "LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
    store.attempt("ALTER SCHEMA", "ALTER SCHEMA recount RENAME TO other");
    store.attempt("DROP SCHEMA", "DROP SCHEMA recount CASCADE");
    store.attempt("GRANT ALL ON log",
                  "DO $$ BEGIN EXECUTE format('GRANT ALL ON recount.log TO %I', current_user); "
                  "IF NOT has_table_privilege('recount.log', 'INSERT') THEN "
                  "RAISE insufficient_privilege; END IF; END $$");
    store.title("ways around");
    auto const& roles = store.roles();
    auto const set = [&](char const* part, std::string const& role) {
        store.attempt(fmt::format("SET ROLE {}", part),
                      "SET LOCAL ROLE " + postgres::quote_identifier(role));
    };
    set("owner", roles.owner);
    set("app", roles.app);
    set("projector", roles.projector);
    set("reader", roles.reader);
    set("auditor", roles.auditor);
    store.attempt("session_replication_role = replica",
                  "SET LOCAL session_replication_role = replica");
    store.attempt("allow_system_table_mods", "SET LOCAL allow_system_table_mods = on");
    store.attempt("zero_damaged_pages", "SET LOCAL zero_damaged_pages = on");
    store.attempt("UPDATE of the catalog",
                  "UPDATE pg_catalog.pg_trigger SET tgenabled = 'D'");
    store.attempt("CREATE ROLE", "CREATE ROLE recount_x");
    store.attempt("a temporary table log, for append to find",
                  "CREATE TEMPORARY TABLE log (position bigint)");
    approval::check_approved("rights.txt", store.text());
}
