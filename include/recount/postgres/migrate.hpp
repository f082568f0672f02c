// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The database's own schema: numbered SQL steps from `migrations/`, embedded in the library, each
// applied once, in order, under one lock, in one transaction a step, remembered with its checksum.
//
//     postgres::migrate({.url = url, .store = "main"});      // does nothing when up to date
//
// The login of the URL must be able to create roles and schemas the first time (a superuser, or
// CREATEROLE and CREATE on the database); afterwards one login role that may SET ROLE to the
// store's roles is enough.
// Thread safety: safe from any number of processes at once. Errors: errc::refused if a step that
// was applied has another checksum now (steps 13 and 14 of stores before 1.0 have two each that are
// known), the store has a newer format than this program, or the login lacks a right (the sentence
// holds the GRANT to run).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace recount::postgres {

// Names derived from the store: pinned, since roles are cluster-wide.
struct store_names {
    std::string store;      // "main"
    std::string schema;     // "recount" for main, else "recount_<store>"
    std::string owner, app, projector, reader, auditor;  // roles: <schema>_<database>_<part>
};
// Throws errc::invalid_argument for a store that does not match [a-z][a-z0-9_]{0,30}, or if a role
// name would pass 63 bytes.
[[nodiscard]] store_names names_of(std::string_view store, std::string_view database);

struct migration {
    int number = 0;
    std::string_view name;   // "0001_store"
    std::string_view text;   // with @schema@ @owner@ @app@ @projector@ @reader@ @auditor@ @store@
    std::string checksum;    // SHA-256 of the text, hex
};
// In order of number, 1, 2, 3 … without a gap.
[[nodiscard]] std::vector<migration> const& migrations();
// The step's text with the names put in.
[[nodiscard]] std::string rendered(migration const& step, store_names const& names);

struct migrate_options {
    std::string url{};
    std::string store = "main";
};
struct migration_status {
    int number = 0;
    std::string name;
    bool applied = false;
    std::string applied_at;  // timestamp text, empty when pending
};

// Returns the names of the steps applied by this call, with those that were only recorded since an
// earlier step of the store, in a form of before 1.0, has done what they do. Each step is a
// transaction of the login; it waits 2 s for a lock, so that readers do not queue up behind it, and
// is tried 5 times.
std::vector<std::string> migrate(migrate_options const& options);
[[nodiscard]] std::vector<migration_status> migration_statuses(migrate_options const& options);
// What migrate() would run now, for psql; empty if that is nothing.
[[nodiscard]] std::string migration_script(migrate_options const& options);

struct store_summary {
    std::string name;
    std::string schema;
    int format = 0;
    std::int64_t events = 0;
    std::string head_at;         // timestamp text of the last event's record, empty without events
    int pending = 0;             // migrations that this program knows and the store has not
    std::string refused;         // why there is no more to tell than the names; else empty
};

// The stores of the database, in order of names: its schemas of the pinned form with the table
// `store`. A store that the login may not act for is told of by its names alone.
[[nodiscard]] std::vector<store_summary> stores(std::string const& url);
// Their names only: one question to the catalog.
[[nodiscard]] std::vector<std::string> store_list(std::string const& url);
// Migrates a store that must not be there yet. Throws errc::refused if it is.
std::vector<std::string> create_store(migrate_options const& options);

// Throws errc::refused naming every setting of the server that loses acknowledged data (fsync,
// full_page_writes, synchronous_commit off). With `allow` it returns them as text instead. A
// database whose encoding is not UTF8 is refused in any case.
std::vector<std::string> check_durability(std::string const& url, bool allow);

// Throws errc::refused on a standby, and where transactions are read-only. (What only reads, such
// as a verification, may do so there.)
void check_writable(std::string const& url);

}  // namespace recount::postgres
