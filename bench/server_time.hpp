// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Processor time of the PostgreSQL server, all of its processes, those that have ended included.
//
//     server_time server{here};
//     auto const before = server.used_s();
//     …
//     auto const of_server_s = server.used_s() - before;
//
// Only of a server on this machine: of another one it is 0.
#pragma once

#include <sys/types.h>

#include "place.hpp"

namespace recount::bench {

class server_time {
public:
    explicit server_time(place const& here);
    [[nodiscard]] double used_s() const;

private:
    pid_t postmaster_ = 0;
};

}  // namespace recount::bench
