// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The files of a private cluster, who owns them, and the two locks on them.
//
//     <folder>/data           PGDATA, of the user the server runs as
//     <folder>/recount.conf   our settings, included by data/postgresql.conf, rewritten at start
//     <folder>/server.log     what the server writes
//     <folder>/start.lock     held exclusively while the server is started or stopped
//     <folder>/use.lock       held, shared, by each program that uses the server
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "descriptor.hpp"
#include "process.hpp"

namespace recount::postgres::detail {

// flock on a file: released by the kernel when the process ends, however it ends.
class file_lock {
public:
    file_lock() = default;
    // Creates the file if it is missing. Throws errc::refused if it cannot be opened.
    explicit file_lock(std::filesystem::path const& file);

    // False if it is not to be had by the deadline.
    [[nodiscard]] bool lock_exclusive(std::chrono::steady_clock::time_point deadline);
    [[nodiscard]] bool try_exclusive() noexcept;
    [[nodiscard]] bool try_shared() noexcept;
    void unlock() noexcept;

private:
    descriptor file_;
};

struct layout {
    std::filesystem::path folder, data, settings, log, start_lock, use_lock;
    std::filesystem::path sockets;  // a short folder of mode 0700 outside of `folder`
};
// Throws errc::refused if the socket's path would pass the 107 bytes that the system allows.
[[nodiscard]] layout layout_of(std::filesystem::path const& folder);

// Makes the folder if it is missing. Refuses one that is not ours: a link, another user's, one with
// other things in it, one that the server's user cannot enter.
void prepare_folder(layout const& files, identity const& server);
// The same for the folder of the socket, which a reboot may have removed.
void prepare_sockets(std::filesystem::path const& sockets, identity const& server);

// Replaces a file as a whole; readable by the server, writable by us.
void write_file(std::filesystem::path const& file, std::string_view text, identity const& server);
// Brings a folder's entries (a rename) to the disk.
void sync_folder(std::filesystem::path const& folder);

[[noreturn]] void refuse_file(std::filesystem::path const& file, std::string_view what);

}  // namespace recount::postgres::detail
