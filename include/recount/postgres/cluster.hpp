// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// PostgreSQL without an installation step: a cluster of the program's own, in a data folder of its
// own, reachable by a Unix socket only, kept between runs.
//
//     auto cluster = postgres::private_cluster::start({.name = "bank"});
//     auto url = cluster.url();          // hand it to a store
//
// Lifetimes: while an object lives, its process holds a shared lock on the folder. The process that
// finds itself the last one when its object dies stops the server. A process that was killed stops
// nothing: the next program finds the server running and uses it.
// Thread safety: one object a process and folder; `url()` and `running()` from any thread.
// Errors: errc::refused when no binaries are found, the folder is not ours, is of another major
// version, or has no data and may not be given any; errc::database_unreachable, with the last lines
// of the server's log, when it does not come up within `start_timeout`.
// Cost: about 2 s for the first start (initdb), 0.2 s for later ones, nothing if it already runs.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace recount::postgres {

struct cluster_options {
    std::string name = "recount";          // folder and database name: [a-z][a-z0-9_]{0,31}
    std::filesystem::path folder{};        // empty: `default_folder(name)`
    std::chrono::milliseconds start_timeout{60'000};
    bool may_create = true;                // false: refused if there is no data folder
    std::vector<std::string> settings{};   // extra "name = value" lines for postgresql.conf
};

class private_cluster {
public:
    [[nodiscard]] static private_cluster start(cluster_options const& options);
    ~private_cluster();
    private_cluster(private_cluster&&) noexcept;
    private_cluster& operator=(private_cluster&&) noexcept;

    // False when the server has ended, killed for instance; asks the system, not the server.
    [[nodiscard]] bool running() const;
    // A libpq conninfo URI for the database `name`, which exists.
    [[nodiscard]] std::string const& url() const noexcept;
    [[nodiscard]] std::filesystem::path const& folder() const noexcept;
    // What the server writes of what went wrong.
    [[nodiscard]] std::filesystem::path const& log_file() const noexcept;

    // $RECOUNT_DATA/<name> if set; as root /var/lib/recount/<name>; else
    // ${XDG_STATE_HOME:-$HOME/.local/state}/recount/<name>.
    [[nodiscard]] static std::filesystem::path default_folder(std::string const& name);

private:
    struct implementation;
    explicit private_cluster(std::unique_ptr<implementation> self) noexcept;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount::postgres
