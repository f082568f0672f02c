// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Starting other programs, also as another user, without a shell. The program may have many threads
// when it does so: between fork and exec only async-signal-safe calls are made.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace recount::postgres::detail {

// Whom the server runs as. PostgreSQL refuses root, so root hands it to `postgres`, or `nobody`.
struct identity {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;
    std::string name;
    bool change = false;  // false: it is who we are
};
[[nodiscard]] identity server_identity();

struct finished {
    int exit_code = -1;  // -1: killed, or stopped at the deadline
    std::string output;  // stdout and stderr, the last 64 KiB
};
// Runs a program to its end. It dies with this process. arguments[0] is its absolute path.
// Throws errc::refused if it cannot be executed.
[[nodiscard]] finished run(std::vector<std::string> const& arguments, identity const& as,
                           std::chrono::milliseconds time_limit);

// Starts a program that outlives this process: a session of its own, no file of ours but `log`, an
// orphan from the start, so that no zombie stays. Returns its process id.
[[nodiscard]] pid_t launch(std::vector<std::string> const& arguments, identity const& as, int log);

// False for a process that is gone or a zombie that nobody reaps.
[[nodiscard]] bool running(pid_t process);

}  // namespace recount::postgres::detail
