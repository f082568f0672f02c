// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <recount/app/output.hpp>
#include <recount/describe/json_schema.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/postgres/session.hpp>

#include "app/schema_list.hpp"
#include "app/verb_call.hpp"

namespace recount {

namespace {

constexpr char const* up_to_date = "nothing to do: the store is up to date";

int migrate_sql(verb_call& call) {
    auto const script = postgres::migration_script({call.url(), call.store()});
    fmt::print("{}", script);
    if (script.empty()) call.note(up_to_date);
    return exit_code::ok;
}

int migrate_status(verb_call& call) {
    text_table table{{{"number", true}, {"step"}, {"applied"}}};
    int pending = 0;
    for (auto const& s : postgres::migration_statuses({call.url(), call.store()})) {
        pending += s.applied ? 0 : 1;
        if (call.json()) {
            call.line(fmt::format(R"({{"number":{},"name":"{}","applied":{},"applied_at":"{}"}})",
                                  s.number, s.name, s.applied, s.applied_at));
        }
        table.add({std::to_string(s.number), s.name, s.applied ? s.applied_at : "pending"});
    }
    if (!call.json()) fmt::print("{}", table.text());
    return exit_code::ok;
}

int migrate(verb_call& call) {
    if (call.flag("--sql")) return migrate_sql(call);
    if (call.flag("--status")) return migrate_status(call);
    postgres::check_writable(call.url());
    auto const applied = postgres::migrate({call.url(), call.store()});
    for (auto const& name : applied) {
        if (call.json()) {
            call.line(fmt::format(R"({{"applied":"{}"}})", name));
        } else {
            call.line(fmt::format("applied {}", name));
        }
    }
    if (applied.empty()) call.note(up_to_date);
    return exit_code::ok;
}

int create_store(verb_call& call) {
    auto const name = call.require("NAME");
    auto const applied = postgres::create_store({call.url(), name});
    if (call.json()) {
        call.line(fmt::format(R"({{"store":"{}","schema":"{}","migrations":{}}})", name,
                              postgres::names_of(name, "").schema, applied.size()));
    } else {
        call.line(fmt::format("created store {} (schema {})", name,
                              postgres::names_of(name, "").schema));
    }
    return exit_code::ok;
}

int list_stores(verb_call& call) {
    text_table table{{{"store"},
                      {"schema"},
                      {"format", true},
                      {"events", true},
                      {"last event recorded at"},
                      {"pending migrations", true}}};
    for (auto const& s : postgres::stores(call.url())) {
        if (call.json()) {
            auto text = fmt::format(R"({{"store":"{}","schema":"{}")", s.name, s.schema);
            if (s.refused.empty()) {
                text += fmt::format(R"(,"format":{},"events":{},"pending":{})", s.format, s.events,
                                    s.pending);
                if (!s.head_at.empty()) text += fmt::format(R"(,"head_at":"{}")", s.head_at);
            } else {
                text += R"(,"refused":)";
                describe::append_quoted(text, s.refused);
            }
            call.line(text + "}");
        } else if (s.refused.empty()) {
            table.add({s.name, s.schema, std::to_string(s.format), grouped(s.events),
                       s.head_at.empty() ? "-" : s.head_at, std::to_string(s.pending)});
        } else {
            table.add({s.name, s.schema, "-", "-", s.refused, "-"});
        }
    }
    if (!call.json()) fmt::print("{}", table.text());
    return exit_code::ok;
}

int schema(verb_call& call, std::string const& what) {
    auto const wanted = call.get("NAME");
    bool found = false;
    for (auto const& entry : schemas_of(call.parts(), what)) {
        if (wanted && *wanted != entry.name) continue;
        found = true;
        call.line(describe::json_schema(*entry.shape, schema_id(what, entry),
                                        call.json() ? 0 : 2));
    }
    if (wanted && !found) {
        throw error{errc::not_found, fmt::format("no {} named '{}'", what, *wanted)};
    }
    return exit_code::ok;
}

// A shell of PostgreSQL on the program's own database, which nobody else knows the address of.
int psql(verb_call& call) {
    call.catch_up_or_note();  // started, migrated, its tables there and up to date
    std::vector<std::string> words{"psql", "--dbname", call.url()};
    if (auto const text = call.get("SQL")) words.insert(words.end(), {"--command", *text});
    if (call.quiet()) words.emplace_back("--quiet");
    if (call.json()) words.insert(words.end(), {"--tuples-only", "--no-align"});
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // The store's own tables and views by their bare names.
    auto const path = "-c search_path=" + postgres::names_of(call.store(), "").schema + ",public";
    auto const child = fork();
    if (child == 0) {
        std::signal(SIGPIPE, SIG_DFL);  // an ignored signal would stay ignored
        setenv("PGOPTIONS", path.c_str(), 1);
        execvp(arguments.front(), arguments.data());
        _exit(127);
    }
    if (child < 0) {
        throw error{errc::refused, fmt::format("unable to start psql: {}", std::strerror(errno))};
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        throw error{errc::refused, "there is no psql on this machine: install postgresql-client"};
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? exit_code::ok : exit_code::failed;
}

int print_version(verb_call& call) {
    auto const database = call.flag("--database-version");
    if (database) {
        postgres::session on{{.url = call.url()}};
        call.line(fmt::format("PostgreSQL {}.{}", on.server_version() / 10'000,
                              on.server_version() % 10'000));
    }
    if (call.json()) {
        call.line(fmt::format(R"({{"program":"{}","recount":"{}","format":1}})", call.program(),
                              RECOUNT_VERSION));
    } else {
        call.line(fmt::format("{} (recount {}, store format 1)", call.program(), RECOUNT_VERSION));
    }
    return exit_code::ok;
}

}  // namespace

std::vector<verb> store_verbs() {
    using o = verb_option;
    std::vector<verb> list{
        {"migrate",
         "create or update the store",
         {o::flag("--status", "say what is applied, and change nothing"),
          o::flag("--sql", "print the SQL of the pending steps, and change nothing")},
         &migrate},
        {"stores create",
         "create another store in the database",
         {o::place("NAME", "its name: a-z, 0-9 and _, a letter first")},
         &create_store},
        {"stores list", "the stores of the database", {}, &list_stores},
        {"psql",
         "a PostgreSQL shell on the program's database",
         {o::maybe("SQL", "one command; without it the shell asks")},
         &psql},
        {"version",
         "the versions of program and store",
         {o::flag("--database-version", "of PostgreSQL too")},
         &print_version},
    };
    for (auto const kind : schema_kinds) {
        std::string const what{kind};
        list.push_back({"schema " + what,
                        "JSON Schemas of the " + what,
                        {o::maybe("NAME", "one of them")},
                        [what](verb_call& call) { return schema(call, what); }});
    }
    return list;
}

}  // namespace recount
