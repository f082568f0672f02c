// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/changed_store.hpp"

#include <map>

#include <fmt/format.h>

#include <recount/log/hash.hpp>
#include <recount/postgres/log.hpp>
#include <recount/postgres/stored_log.hpp>

#include "support/verified.hpp"

namespace recount::tests {

using namespace conformance;

namespace {

constexpr auto tables = {"log", "streams", "links", "types", "store"};

// positions 1–3 a-1 · 4 b-1, 5 a-1, 6 a-žluť, 7 b-1 · 8–9 c-1, 10 a-1 (one batch) · 11–12 d-1 ·
// 13 a-1, 14 b-1 · 15 e-1
void write_history(recount::log& log) {
    log.append(commit_to("a-1", 3));
    auto rich = commit_of({event("b-1", "{ \"odd\" :\r\n 1e2, \"q\":\"\\\",'\" }"), event("a-1"),
                           event("a-žluť 😀", "null"), event("b-1", R"("\\N")", "thing.ended")});
    rich.command = json_text::checked(R"({"name":"n","version":1,"payload":"ž"})");
    rich.meta.actor = "ann";
    rich.events[1].effective_at = timestamp_from_string("2020-01-01T00:00:00.000001Z");
    log.append(rich);
    std::vector<commit> const batch{commit_to("c-1", 2), commit_to("a-1")};
    static_cast<void>(log.append_batch(batch));
    log.append(commit_to("d-1", 2));
    log.append(commit_of({event("a-1"), event("b-1")}));
    log.append(commit_to("e-1"));
}

std::string hex(digest const& hash) { return "'\\x" + to_hex(hash) + "'"; }

}  // namespace

changed_store::changed_store() : admin_{database_.connect()} {
    postgres::migrate({.url = database_.url()});
    write_history(*postgres::log::open({.url = database_.url()}));
    std::string save = "CREATE SCHEMA saved; SET session_replication_role = replica;";
    for (auto const* table : tables) {
        save += fmt::format("CREATE TABLE saved.{0} AS TABLE recount.{0};", table);
    }
    tests::run(admin_, save);
}

bool changed_store::change(std::string const& sql, bool failing) {
    try {
        tests::run(admin_, sql);
        return true;
    } catch (error const&) {
        if (!failing) throw;
        return false;
    }
}

void changed_store::restore() {
    std::string back = "BEGIN;";
    for (auto const* table : tables) {
        back += fmt::format("TRUNCATE recount.{0}; INSERT INTO recount.{0} TABLE saved.{0};",
                            table);
    }
    tests::run(admin_, back + "COMMIT");
}

provenance::verify_report changed_store::verified(provenance::verify_options const& options) {
    return provenance::verify(*stored(), options);
}

std::set<std::string> changed_store::verified_by_script() {
    std::set<std::string> found;
    for (auto const& one : tests::verified_by_script(database_).differences) {
        found.insert(named(one.position, one.stream, one.what));
    }
    return found;
}

void changed_store::rehash(position from) {
    auto const log = stored();
    auto const last = log->ends().log_last;
    auto const page = log->rows(1, last + 1);
    std::map<std::int64_t, digest> heads;
    std::vector<linked_row> rows;
    std::string update = "BEGIN;";
    for (auto const& e : page.events) {
        auto const name = value(fmt::format("SELECT name FROM recount.streams WHERE id = {}",
                                            e.stream_id));
        auto const known = heads.find(e.stream_id);
        auto const previous =
            known == heads.end() ? stream_genesis(log->store_id(), name) : known->second;
        auto const hash = e.position < from
                              ? e.hash.value()
                              : event_hash(previous, hashed_event{name, e.version, e.id, e.type,
                                                                  e.schema_version, e.effective_at,
                                                                  e.command, e.meta, e.payload});
        heads[e.stream_id] = hash;
        rows.push_back({e.commit_last, hash});
        update += fmt::format("UPDATE recount.log SET hash = {} WHERE position = {};", hex(hash),
                              e.position);
    }
    auto link = link_genesis(log->store_id());
    for (auto const& batch : log->links(0, 1'000)) {
        std::span<linked_row const> const covered{
            rows.data() + batch.first - 1, static_cast<std::size_t>(batch.last - batch.first + 1)};
        link = link_hash(link, batch.first, batch.last, batch.recorded_at, covered);
        update += fmt::format("UPDATE recount.links SET link = {} WHERE last_position = {};",
                              hex(link), batch.last);
    }
    tests::run(admin_, update + "COMMIT");
}

std::unique_ptr<recount::log> changed_store::open() {
    return postgres::log::open({.url = database_.url()});
}

std::unique_ptr<stored_log> changed_store::stored() {
    return postgres::open_stored_log({.url = database_.url()});
}

provenance::store_head changed_store::head() { return provenance::read_head(*stored()); }

std::string changed_store::value(std::string const& sql) { return tests::value(admin_, sql); }

std::string named(position at, std::string_view stream, std::string_view what) {
    return fmt::format("{} {}{}{}", what, at, stream.empty() ? "" : " ", stream);
}

std::set<std::string> names_of(provenance::verify_report const& report) {
    std::set<std::string> found;
    for (auto const& one : report.differences) found.insert(named(one.at, one.stream, one.what));
    return found;
}

}  // namespace recount::tests
