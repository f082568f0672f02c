// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The server process of a private cluster. Every function here is called with the start lock
// held, but for is_running().
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "binaries.hpp"
#include "folder.hpp"
#include "process.hpp"

namespace recount::postgres::detail {

using deadline_time = std::chrono::steady_clock::time_point;

struct server {
    pid_t process = 0;
    std::filesystem::path sockets;
};

// The major version that made the data; nullopt if there is none yet. Throws errc::refused for a
// data folder that is not PostgreSQL's.
[[nodiscard]] std::optional<int> data_major(layout const& files);

// Makes the data folder in a neighbour and renames it: killed at any moment, it leaves all or
// nothing.
void create_data(layout const& files, binaries const& programs, identity const& as,
                 deadline_time deadline);

// Looks only, and may be wrong while somebody starts or stops it.
[[nodiscard]] bool is_running(layout const& files);

// The server of this data folder, if one runs. A postmaster.pid whose process is another program
// (its number was given away again after a crash) is removed: PostgreSQL would not start over it.
[[nodiscard]] std::optional<server> find_server(layout const& files);

// Starts one and waits until it answers. Throws errc::database_unreachable with the end of its log.
server start_server(layout const& files, binaries const& programs, identity const& as,
                    std::vector<std::string> const& settings, deadline_time deadline);

// False if it stopped, or did not answer by the deadline.
[[nodiscard]] bool wait_until_ready(layout const& files, server const& which,
                                    deadline_time deadline);
// False if it still runs at the deadline.
bool stop_server(server const& which, deadline_time deadline) noexcept;
// "starting" (recovery too), "ready" or "stopping", as the server itself says.
[[nodiscard]] bool is_in_state(layout const& files, std::string_view state);
[[nodiscard]] bool has_socket(server const& which);

// A conninfo URI; the socket's folder stands where a host would.
[[nodiscard]] std::string url_of(std::filesystem::path const& sockets, std::string_view database);

// The end of the server's log, from `from` on.
[[nodiscard]] std::string log_tail(std::filesystem::path const& log, std::uintmax_t from);

}  // namespace recount::postgres::detail
