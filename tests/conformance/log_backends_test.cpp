// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The backends that the conformance suite runs on.
#include <fmt/core.h>

#include <recount/memory/log.hpp>
#include <recount/postgres/log.hpp>

#include "log_conformance.hpp"
#include "support/postgres.hpp"

using conformance::store;
using conformance::stored_link;

namespace {

conformance::joins const memory{
    "memory", [] {
        store opened;
        opened.log = std::make_unique<recount::memory::log>();
        opened.links = [](recount::log& log) {
            std::vector<stored_link> all;
            for (auto const& one : dynamic_cast<recount::memory::log&>(log).links()) {
                all.push_back({one.first, one.last, one.recorded_at, one.hash});
            }
            return all;
        };
        return opened;
    }};

std::vector<stored_link> links_in(recount::postgres::session& on, std::string const& schema) {
    auto const text = fmt::format(
        "SELECT first_position, last_position, (extract(epoch FROM recorded_at) * 1000000)::bigint,"
        " encode(link, 'hex') FROM {}.links ORDER BY last_position",
        schema);
    auto const rows = on.execute({"test_links", text});
    std::vector<stored_link> all;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        all.push_back({rows.integer(i, 0), rows.integer(i, 1),
                       recount::timestamp{recount::duration{rows.integer(i, 2)}},
                       recount::digest_from_hex(rows.text(i, 3))});
    }
    return all;
}

conformance::joins const postgres{
    "postgres", [] {
        auto const database = std::make_shared<recount::tests::test_database>();
        recount::postgres::migrate({.url = database->url()});
        auto const open = [database] {
            return recount::postgres::log::open({.url = database->url()});
        };
        store opened;
        opened.log = open();
        opened.open_again = open;
        opened.links = [database](recount::log& log) {
            auto on = database->connect();
            return links_in(on, dynamic_cast<recount::postgres::log&>(log).names().schema);
        };
        return opened;
    }};

}  // namespace
