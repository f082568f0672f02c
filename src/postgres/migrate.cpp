// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/migrate.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <random>
#include <span>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <recount/core/limits.hpp>
#include <recount/core/logging_events.hpp>
#include <recount/core/sha256.hpp>
#include <recount/postgres/session.hpp>

#include "core/elapsed.hpp"
#include "embedded_migrations.hpp"

namespace recount::postgres {
namespace {

constexpr std::size_t store_bytes_max = 31;
constexpr std::size_t role_bytes_max = 63;
constexpr std::string_view default_store = "main";
constexpr std::chrono::minutes step_time_limit{10};      // one step, and waiting for another
constexpr std::chrono::seconds step_lock_time_limit{2};  // readers queue behind a waiting DDL
constexpr std::chrono::milliseconds retry_pause_max{400};

void check_store(std::string_view store) {
    auto const letter = [](char c) { return c >= 'a' && c <= 'z'; };
    bool const well_formed = !store.empty() && store.size() <= store_bytes_max &&
                             letter(store.front()) && std::ranges::all_of(store, [&](char c) {
                                 return letter(c) || (c >= '0' && c <= '9') || c == '_';
                             });
    if (!well_formed) {
        throw error{errc::invalid_argument,
                    fmt::format("'{}' cannot name a store: it takes 1 to {} of a-z, 0-9 and _, "
                                "beginning with a letter",
                                store, store_bytes_max)};
    }
}

std::vector<migration> read_migrations() {
    std::vector<migration> steps;
    for (auto const& embedded : detail::embedded_migrations()) {
        migration step;
        step.name = embedded.name;
        step.text = embedded.text;
        auto const digits = step.name.substr(0, step.name.find('_'));
        std::from_chars(digits.data(), digits.data() + digits.size(), step.number);
        assert_that(step.number == static_cast<int>(steps.size()) + 1,
                    "the embedded migrations are not numbered without a gap");
        step.checksum = to_hex(sha256(step.text));
        steps.push_back(std::move(step));
    }
    return steps;
}

std::string quote_literal(std::string_view text) {
    std::string quoted{"'"};
    for (char const c : text) quoted.append(c == '\'' ? 2 : 1, c);
    return quoted += '\'';
}

// --- what the database has ----------------------------------------------------------------------

struct applied_step {
    int number = 0;
    std::string name, checksum, applied_at;
};

// What the login may do. Asked of the catalog, which everybody may read.
struct standing {
    std::string database, login;  // login as a quoted identifier
    bool table_exists = false;
    bool creates_roles = false, creates_schemas = false;
    std::vector<std::string> existing;  // roles of the store that exist
    std::vector<std::string> usable;    // and that the login may SET ROLE to
    std::string taken, taken_by;        // a role that another store of the cluster made
};

std::string role_array(store_names const& names) {
    array_literal roles;
    for (auto const* role :
         {&names.owner, &names.app, &names.projector, &names.reader, &names.auditor}) {
        roles.add(*role);
    }
    return roles.take();
}

constexpr query database_name{"database_name", "SELECT current_database()"};

standing ask_standing(session& on, store_names const& names) {
    constexpr query login_rights{
        "login_rights",
        "SELECT current_database(), quote_ident(session_user), r.rolsuper OR r.rolcreaterole,"
        " has_database_privilege(current_database(), 'CREATE'),"
        " EXISTS (SELECT FROM pg_catalog.pg_class c"
        "         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        "         WHERE n.nspname = $1 AND c.relname = 'migrations' AND c.relkind = 'r')"
        " FROM pg_catalog.pg_roles r WHERE r.rolname = session_user"};
    // PostgreSQL 16 tells membership from the right to set the role.
    owned_query const role_rights{
        "role_rights", fmt::format("SELECT rolname, pg_has_role(session_user, oid, '{}'),"
                                   " coalesce(shobj_description(oid, 'pg_authid'), $2)"
                                   " FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[])"
                                   " ORDER BY array_position($1::text[], rolname::text)",
                                   on.server_version() >= 160'000 ? "SET" : "MEMBER")};
    standing found;
    auto const rights = on.execute(login_rights, {names.schema});
    found.database = rights.text(0, 0);
    found.login = rights.text(0, 1);
    found.creates_roles = rights.boolean(0, 2);
    found.creates_schemas = rights.boolean(0, 3);
    found.table_exists = rights.boolean(0, 4);
    // The comment that 0001_store gives them; roles made by hand have none.
    auto const ours = fmt::format("store {} of database {}", names.store, found.database);
    auto const roles = on.execute(role_rights, {role_array(names), ours});
    for (std::size_t row = 0; row < roles.size(); ++row) {
        if (roles.text(row, 2) != ours && found.taken.empty()) {
            found.taken = roles.text(row, 0);
            found.taken_by = roles.text(row, 2);
        }
        found.existing.emplace_back(roles.text(row, 0));
        if (roles.boolean(row, 1)) found.usable.emplace_back(roles.text(row, 0));
    }
    return found;
}

std::vector<applied_step> read_applied(session& on, store_names const& names,
                                       standing const& stand) {
    if (!stand.table_exists) return {};
    if (stand.usable.empty()) {
        throw error{errc::refused,
                    fmt::format("the login {0} may not act for store {1}: run GRANT {2} TO {0}",
                                stand.login, names.store, quote_identifier(names.app))};
    }
    transaction reading{on};
    on.execute_script(
        owned_query{"set_role", "SET LOCAL ROLE " + quote_identifier(stand.usable.front())});
    auto const rows = on.execute(owned_query{
        "read_migrations",
        fmt::format("SELECT number, name, checksum, applied_at FROM {}.migrations ORDER BY number",
                    quote_identifier(names.schema))});
    std::vector<applied_step> applied;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        applied.push_back({static_cast<int>(rows.integer(row, 0)), std::string{rows.text(row, 1)},
                           std::string{rows.text(row, 2)}, std::string{rows.text(row, 3)}});
    }
    reading.commit();
    return applied;
}

// Steps that stores of some programs before 1.0 have under another number or several in one. What
// they did is what those from `first` to `last` do, so these are only recorded there.
struct other_form {
    int number;
    std::string_view checksum;
    int first, last;
};
constexpr std::array other_forms{
    // 0013_append_less_work and 0014_append_one
    other_form{13, "6b0bcc6dba2485c754c100b16e9379a20c98d1a071345e418900080587ed34c9", 13, 15},
    other_form{14, "cc554fdc285c6e7e1ed6432e40eb081536b82da91f91e71fea4d4d1f3b95212d", 16, 16},
};

other_form const* other_form_of(applied_step const& step) {
    auto const found = std::ranges::find_if(other_forms, [&](other_form const& each) {
        return each.number == step.number && each.checksum == step.checksum;
    });
    return found == other_forms.end() ? nullptr : found;
}

// The store has what the step does, though not its row.
bool is_done(migration const& step, std::vector<applied_step> const& applied) {
    return std::ranges::any_of(applied, [&](applied_step const& each) {
        auto const* const form = other_form_of(each);
        return form != nullptr && form->first <= step.number && step.number <= form->last;
    });
}

void check_applied(std::vector<applied_step> const& applied, store_names const& names) {
    auto const& known = migrations();
    auto const newest = applied.empty() ? 0 : applied.back().number;
    if (newest > static_cast<int>(known.size())) {
        throw error{
            errc::refused,
            fmt::format("store {} has format {}, this program knows {}: use a newer program",
                        names.store, newest, known.size())};
    }
    for (std::size_t i = 0; i < applied.size(); ++i) {
        auto const& step = known[i];
        if (applied[i].number != step.number) {
            throw error{errc::refused,
                        fmt::format("store {} lacks migration {} although it has later ones",
                                    names.store, step.name)};
        }
        bool const known_form = other_form_of(applied[i]) != nullptr;
        if (applied[i].checksum == step.checksum || known_form) continue;
        throw error{errc::refused,
                    fmt::format("migration {} of store {} is not the one that was applied "
                                "(checksum {:.12}, applied {:.12}): applied steps never change",
                                step.name, names.store, step.checksum, applied[i].checksum)};
    }
}

// --- applying -----------------------------------------------------------------------------------

// Says what is missing before the server does, which would name neither login nor remedy.
void check_rights(standing const& stand, store_names const& names) {
    auto const all_roles =
        std::array{names.owner, names.app, names.projector, names.reader, names.auditor};
    if (!stand.taken.empty()) {
        throw error{errc::refused,
                    fmt::format("store {} of database {} needs the role {}, which is that of {}: "
                                "give it another name",
                                names.store, stand.database, stand.taken, stand.taken_by)};
    }
    if (stand.existing.size() < all_roles.size() && !stand.creates_roles) {
        throw error{errc::refused,
                    fmt::format("the login {0} may not create the roles of store {1}: run ALTER "
                                "ROLE {0} CREATEROLE, or migrate as a superuser",
                                stand.login, names.store)};
    }
    if (!stand.table_exists) {
        if (stand.creates_schemas) return;
        throw error{errc::refused,
                    fmt::format("the login {0} may not create a schema: run GRANT CREATE ON "
                                "DATABASE \"{1}\" TO {0}",
                                stand.login, stand.database)};
    }
    // Later steps act as any of the roles.
    std::string missing;
    for (auto const& role : all_roles) {
        if (std::ranges::find(stand.usable, role) != stand.usable.end()) continue;
        missing += (missing.empty() ? "" : ", ") + quote_identifier(role);
    }
    if (missing.empty()) return;
    throw error{errc::refused,
                fmt::format("the login {0} may not act as all roles of store {1}: run GRANT {2} TO "
                            "{0}",
                            stand.login, names.store, missing)};
}

// The step, and that it was done; of one transaction.
std::string script_of(migration const& step, store_names const& names,
                      std::vector<applied_step> const& applied) {
    return fmt::format("{}SET LOCAL ROLE {};\n"
                       "INSERT INTO {}.migrations (number, name, checksum) VALUES ({}, {}, {});\n",
                       is_done(step, applied)
                           ? "-- The store has what it does: it is only recorded.\n"
                           : rendered(step, names),
                       quote_identifier(names.owner), quote_identifier(names.schema), step.number,
                       quote_literal(step.name), quote_literal(step.checksum));
}

void apply_once(session& on, migration const& step, std::string const& script) {
    transaction applying{on};
    on.execute_script(owned_query{std::string{step.name}, script});
    applying.commit();
}

// DDL waits for its locks only shortly, since all readers wait behind it, and so may need several
// attempts on a busy store.
void apply(session& on, migration const& step, std::string const& script, standing const& stand) {
    std::minstd_rand random{std::random_device{}()};
    for (int attempt = 1;; ++attempt) {
        try {
            apply_once(on, step, script);
            return;
        } catch (error const& e) {
            if (e.sqlstate() == "42501") {
                throw error{errc::refused,
                            fmt::format("the login {} lacks a right that migration {} needs: see "
                                        "the server's text, or migrate as a superuser",
                                        stand.login, step.name),
                            {e.sqlstate(), e.query(), e.server_text()}};
            }
            if (!e.retryable() || on.broken() || attempt >= limits::statement_attempts_max) throw;
        }
        std::uniform_int_distribution<int> pause{1, static_cast<int>(retry_pause_max.count())};
        std::this_thread::sleep_for(std::chrono::milliseconds{pause(random)});
    }
}

// One migration of a store at a time; freed with the session. It waits as long as a step may take,
// which is longer than any other lock may be waited for.
void lock_migrations(session& on, store_names const& names) {
    auto const digest = sha256("recount/migrate/" + names.schema);
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < sizeof key; ++i) {
        key = key << 8U | static_cast<std::uint64_t>(digest[i]);
    }
    on.execute_script({"unlimited_lock_timeout", "SET lock_timeout = 0"});
    on.execute({"lock_migrations", "SELECT pg_advisory_lock($1::bigint)"},
               {std::to_string(static_cast<std::int64_t>(key))});
    on.execute_script(owned_query{
        "lock_timeout", fmt::format("SET lock_timeout = {}",
                                    std::chrono::milliseconds{step_lock_time_limit}.count())});
}

session open_session(migrate_options const& options) {
    session_options with;
    with.url = options.url;
    with.statement_timeout = step_time_limit;
    with.lock_timeout = step_lock_time_limit;
    with.application_name = "recount migrate";
    return session{with};
}

}  // namespace

store_names names_of(std::string_view store, std::string_view database) {
    check_store(store);
    store_names names;
    names.store = store;
    names.schema = store == default_store ? "recount" : fmt::format("recount_{}", store);
    auto const role = [&](std::string_view part) {
        auto name = fmt::format("{}_{}_{}", names.schema, database, part);
        if (name.size() > role_bytes_max) {
            throw error{errc::invalid_argument,
                        fmt::format("the role '{}' would have more than {} bytes: use a shorter "
                                    "name for the store or the database",
                                    name, role_bytes_max)};
        }
        static_cast<void>(quote_identifier(name));  // a database may be named anything
        return name;
    };
    names.owner = role("owner");
    names.app = role("app");
    names.projector = role("projector");
    names.reader = role("reader");
    names.auditor = role("auditor");
    return names;
}

std::vector<migration> const& migrations() {
    static std::vector<migration> const steps = read_migrations();
    return steps;
}

std::string rendered(migration const& step, store_names const& names) {
    struct placeholder {
        std::string_view name;
        std::string value;
    };
    std::array const known{
        placeholder{"@schema@", quote_identifier(names.schema)},
        placeholder{"@owner@", quote_identifier(names.owner)},
        placeholder{"@app@", quote_identifier(names.app)},
        placeholder{"@projector@", quote_identifier(names.projector)},
        placeholder{"@reader@", quote_identifier(names.reader)},
        placeholder{"@auditor@", quote_identifier(names.auditor)},
        placeholder{"@store@", quote_literal(names.store)},
    };
    std::string text;
    text.reserve(step.text.size() * 2);
    std::string_view rest = step.text;
    while (!rest.empty()) {
        auto const at = std::min(rest.find('@'), rest.size());
        text += rest.substr(0, at);
        rest.remove_prefix(at);
        auto const match = std::ranges::find_if(
            known, [&](placeholder const& each) { return rest.starts_with(each.name); });
        if (match != known.end()) {
            text += match->value;
            rest.remove_prefix(match->name.size());
        } else if (!rest.empty()) {  // an operator, such as <@
            text += rest.front();
            rest.remove_prefix(1);
        }
    }
    return text;
}

std::vector<std::string> migrate(migrate_options const& options) {
    check_store(options.store);
    auto on = open_session(options);
    auto const names = names_of(options.store, on.execute(database_name).text(0, 0));
    auto stand = ask_standing(on, names);
    auto applied = read_applied(on, names, stand);
    check_applied(applied, names);
    auto const& known = migrations();
    // Up to date: no lock, and no right beyond one role's.
    if (applied.size() == known.size()) return {};

    lock_migrations(on, names);
    stand = ask_standing(on, names);  // another starter may have done it meanwhile
    applied = read_applied(on, names, stand);
    check_applied(applied, names);
    std::vector<std::string> done;
    if (applied.size() == known.size()) return done;
    check_rights(stand, names);
    for (std::size_t i = applied.size(); i < known.size(); ++i) {
        auto const began = std::chrono::steady_clock::now();
        apply(on, known[i], script_of(known[i], names, applied), stand);
        if (logging::wanted("migration.applied")) {
            logging::tell("migration.applied",
                          fmt::format("store {} has migration {} now", names.store, known[i].name),
                          {{"store", names.store},
                           {"migration", std::string{known[i].name}},
                           {"elapsed_us", recount::detail::elapsed_us(began)}});
        }
        done.emplace_back(known[i].name);
    }
    return done;
}

namespace {

struct looked_at {
    store_names names;
    std::vector<applied_step> applied;
};

// Without a lock: what others apply meanwhile is not told.
looked_at look_at(migrate_options const& options) {
    check_store(options.store);
    auto on = open_session(options);
    auto names = names_of(options.store, on.execute(database_name).text(0, 0));
    auto applied = read_applied(on, names, ask_standing(on, names));
    check_applied(applied, names);
    return {std::move(names), std::move(applied)};
}

}  // namespace

std::string migration_script(migrate_options const& options) {
    auto const [names, applied] = look_at(options);
    std::string script;
    for (auto const& step : std::span{migrations()}.subspan(applied.size())) {
        script += fmt::format("-- {} (SHA-256 {})\nBEGIN;\n{}COMMIT;\n\n", step.name,
                              step.checksum, script_of(step, names, applied));
    }
    return script;
}

std::vector<migration_status> migration_statuses(migrate_options const& options) {
    auto const [names, applied] = look_at(options);
    std::vector<migration_status> all;
    for (auto const& step : migrations()) {
        migration_status status{step.number, std::string{step.name}, false, {}};
        if (all.size() < applied.size()) {
            status.applied = true;
            status.applied_at = applied[all.size()].applied_at;
        }
        all.push_back(std::move(status));
    }
    return all;
}

}  // namespace recount::postgres
