// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Where the measuring is done: a server, and stores on it.
//
//     place here{options};
//     auto log = here.open("bench");             // migrated if need be
//     auto settings = here.settings();           // what the figures depend on
//
// Without a URL the server is a private one in a temporary folder, with PostgreSQL's defaults for
// what makes commits safe; it is stopped and removed by the destructor. Errors: errc::refused for
// a server that may lose acknowledged data.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <recount/postgres/cluster.hpp>
#include <recount/postgres/log.hpp>

#include "options.hpp"

namespace recount::bench {

class place {
public:
    explicit place(options const& wanted);
    ~place();
    place(place const&) = delete;
    place& operator=(place const&) = delete;

    [[nodiscard]] std::string const& url() const noexcept { return url_; }
    // `setting`: one "name=value" of the server for the sessions of this log alone.
    [[nodiscard]] std::unique_ptr<postgres::log> open(std::string const& store,
                                                      std::string const& setting = {}) const;
    // A session of the login, without time limits.
    [[nodiscard]] postgres::session connect() const;
    // Machine and server, by name, in the order to print.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> settings() const;
    // Writes all dirty pages, so that one measurement does not pay for the one before it.
    void checkpoint() const;

private:
    std::filesystem::path folder_{};
    std::optional<postgres::private_cluster> cluster_{};
    std::string url_;
    double flush_ms_ = 0;

    void start_private(options const& wanted);
    void leave() noexcept;
};

// Of this process, without what malloc keeps for later; or 0 where there is no /proc.
[[nodiscard]] std::int64_t resident_bytes();
// To be called first by who asks that: the free end of an arena is beyond malloc_trim(), and by
// itself malloc keeps as much there as twice the largest block that was ever freed.
void let_malloc_keep_little() noexcept;

}  // namespace recount::bench
