// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A database for a test.
//
//     test_database database;                  // fresh and empty; dropped again
//     postgres::migrate({.url = database.url()});
//
// Where it is: recount/testing/database.hpp.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <recount/postgres/session.hpp>
#include <recount/testing/database.hpp>

namespace recount::tests {

class test_database : public testing::scratch_database {
public:
    // A session of the login, or one that acts as `role`.
    [[nodiscard]] postgres::session connect(std::string role = {}) const;
};

using testing::temporary_folder;

// Runs one SQL text, for its effect or for its first value.
void run(postgres::session& on, std::string_view sql);
std::string value(postgres::session& on, std::string_view sql);

// Ends the server process of a session from outside, as an administrator would, and waits
// until it is gone.
void terminate(test_database const& database, int backend_pid);

// Waits for what another process does; false if it does not happen within the time limit.
[[nodiscard]] bool eventually(std::function<bool()> const& condition,
                              std::chrono::milliseconds time_limit = std::chrono::seconds{20});

}  // namespace recount::tests
