// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The rows of a store on PostgreSQL, for a verifier, without opening the log: as the auditor, who
// may read everything and nothing else.
//
//     auto const stored = postgres::open_stored_log({.url = url, .store = "main"});
//     auto const found = recount::provenance::verify(*stored);
//
// Errors: errc::refused if there is no such store, it has another format than this program knows,
// or the login may not act as the role (the sentence holds the GRANT).
// Cost: two connections while it lives.
#pragma once

#include <memory>
#include <string>

#include <recount/log/stored.hpp>

namespace recount::postgres {

struct stored_log_options {
    std::string url{};
    std::string store = "main";
    std::string role{};                    // empty: the store's auditor
    std::string program = "recount";       // application_name of its sessions
};

[[nodiscard]] std::unique_ptr<recount::stored_log> open_stored_log(
    stored_log_options const& options);

}  // namespace recount::postgres
