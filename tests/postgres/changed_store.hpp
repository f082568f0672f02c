// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A store on PostgreSQL that somebody changes behind the triggers' back, and puts in order again.
//
//     changed_store store;
//     store.change("UPDATE recount.log SET type = 'x' WHERE position = 5");
//     store.verified();  store.verified_by_script();
//     store.restore();
#pragma once

#include <set>
#include <string>

#include <recount/provenance/verify.hpp>

#include "conformance/log_conformance.hpp"
#include "support/postgres.hpp"

namespace recount::tests {

// "hash 5 a-1": what, where, in which stream if in any.
[[nodiscard]] std::string named(position at, std::string_view stream, std::string_view what);

class changed_store {
public:
    changed_store();

    // As a superuser without triggers. `failing`: whether the statements may fail; false if so.
    bool change(std::string const& sql, bool failing = false);
    void restore();
    [[nodiscard]] provenance::verify_report verified(
        provenance::verify_options const& options = {});
    // What tests/support/verify_chain.py says.
    [[nodiscard]] std::set<std::string> verified_by_script();
    // Computes every hash from `from` on and every link anew from what is there now.
    void rehash(position from);
    [[nodiscard]] std::unique_ptr<recount::log> open();
    [[nodiscard]] std::unique_ptr<stored_log> stored();
    [[nodiscard]] provenance::store_head head();
    [[nodiscard]] std::string value(std::string const& sql);

private:
    test_database database_;
    postgres::session admin_;
};

[[nodiscard]] std::set<std::string> names_of(provenance::verify_report const& report);

}  // namespace recount::tests
