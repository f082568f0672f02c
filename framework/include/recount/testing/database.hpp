// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A database for a test: fresh and empty, and dropped again.
//
//     recount::testing::scratch_database database;
//     recount::postgres::migrate({.url = database.url()});
//
// All databases of a test program are on one server: that of RECOUNT_TEST_DATABASE_URL (a login
// that may create databases and roles), else a private cluster in a folder under /tmp, which is
// started when first needed and removed at exit. fsync stays on.
// Thread safety: objects from any thread. Errors: recount::error of the server or of the cluster.
// Cost: some 2 s for the first of a program, some tenths of a second for each.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace recount::testing {

class scratch_database {
public:
    scratch_database();
    ~scratch_database();
    scratch_database(scratch_database const&) = delete;
    scratch_database& operator=(scratch_database const&) = delete;

    [[nodiscard]] std::string const& url() const noexcept { return url_; }
    [[nodiscard]] std::string const& name() const noexcept { return name_; }
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

}  // namespace recount::testing
