// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the conformance tests of row stores share: the stores, and rows to write to them.
//
//     ON_EVERY_STORE(store) {
//         store.prepare(p);
//         REQUIRE(write<line_row>(store, p, 0, 1, {{line("a", 1)}}));
//     }
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <recount/projection/memory_row_store.hpp>
#include <recount/projection/postgres_row_store.hpp>

#include "support/postgres.hpp"

namespace row_store_conformance {

using recount::checkpoint;
using recount::errc;
using recount::error;
using recount::position;
using recount::projection_descriptor;
using recount::row_query;
using recount::row_store;
using recount::table_build;

// A store of its own, empty.
struct opened_store {
    std::unique_ptr<recount::tests::test_database> database;
    std::unique_ptr<row_store> store;
};
struct backend {
    std::string name;
    std::function<opened_store()> open;
};

inline std::vector<backend> const& backends() {
    static std::vector<backend> const all{
        {"memory",
         [] { return opened_store{nullptr, std::make_unique<recount::memory_row_store>()}; }},
        {"postgres", [] {
             auto database = std::make_unique<recount::tests::test_database>();
             recount::postgres::migrate({.url = database->url()});
             auto store = std::make_unique<recount::postgres_row_store>(
                 database->url(), recount::postgres::names_of("main", database->name()), "tests");
             return opened_store{std::move(database), std::move(store)};
         }}};
    return all;
}

#define ON_EVERY_STORE(STORE)                                                              \
    for (auto const& backend_of_case : backends())                                         \
        DYNAMIC_SECTION("on " << backend_of_case.name)                                     \
            if (auto opened_of_case = backend_of_case.open(); opened_of_case.store != nullptr) \
                if (row_store& STORE = *opened_of_case.store; true)

template <class Call>
std::optional<errc> code_of(Call const& call) {
    try {
        static_cast<void>(call());
    } catch (error const& e) {
        return e.code();
    }
    return std::nullopt;
}

// Rows to write, all of one group.
template <class Row>
struct changed {
    std::vector<Row> rows;
    std::string group = "g";
    position at = 1;
    bool removed = false;

    [[nodiscard]] std::vector<recount::unit_of_work::change> list() const {
        std::vector<recount::unit_of_work::change> made;
        for (auto const& row : rows) made.push_back({&row, at, &group, removed});
        return made;
    }
};

inline checkpoint at(position p, std::int64_t epoch = 1) {
    checkpoint made{p, {}, epoch};
    if (p > 0) made.hash[0] = static_cast<std::byte>(p);
    return made;
}

template <class Row>
bool write(row_store& store, projection_descriptor const& p, position from, position to,
           changed<Row> const& changes, table_build build = table_build::live,
           std::int64_t epoch = 1) {
    return store.write(p, build, at(from, epoch), at(to, epoch), changes.list());
}

}  // namespace row_store_conformance
