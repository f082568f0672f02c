// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A database for a test.
//
//     test_database database;                  // fresh and empty; dropped again
//     postgres::migrate({.url = database.url()});
//
// All databases of a test program are on one server: that of RECOUNT_TEST_DATABASE_URL (a login
// that may create databases and roles), else a private cluster in a folder under /tmp, which is
// started when first needed and removed at exit. fsync stays on.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <recount/postgres/session.hpp>

namespace recount::tests {

class test_database {
public:
    test_database();
    ~test_database();
    test_database(test_database const&) = delete;
    test_database& operator=(test_database const&) = delete;

    [[nodiscard]] std::string const& url() const noexcept { return url_; }
    [[nodiscard]] std::string const& name() const noexcept { return name_; }
    // A session of the login, or one that acts as `role`.
    [[nodiscard]] postgres::session connect(std::string role = {}) const;
    // The same database for another login without a password (private cluster only).
    [[nodiscard]] std::string url_of(std::string_view login) const;

private:
    std::string name_;
    std::string url_;
};

// A folder under /tmp that does not exist yet, and is removed with all in it at the end.
class temporary_folder {
public:
    temporary_folder();
    ~temporary_folder();
    temporary_folder(temporary_folder const&) = delete;
    temporary_folder& operator=(temporary_folder const&) = delete;
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

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
