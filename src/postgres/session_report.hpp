// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a session tells of itself: lines and counts. Names of queries and what became of them;
// never parameters, texts of statements or texts of the server, which quote values.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <recount/core/error.hpp>

namespace recount::postgres::detail {

// Reads the clock only if somebody wants the line.
class statement_watch {
public:
    statement_watch(std::string_view query, int backend_pid) noexcept;
    void answered(std::size_t rows) const noexcept;
    // Hands the failure on, to be thrown.
    [[nodiscard]] error failed(error failure) const noexcept;

private:
    std::string_view query_;
    int backend_pid_;
    bool timed_;
    std::chrono::steady_clock::time_point began_;
};

class connect_watch {
public:
    connect_watch() noexcept : began_{std::chrono::steady_clock::now()} {}
    void opened(int backend_pid, std::string const& role, int server_version) const noexcept;
    void failed(error const& failure) const noexcept;

private:
    std::chrono::steady_clock::time_point began_;
};

void tell_connection_lost(int backend_pid) noexcept;
void tell_read_again(std::string_view query, error const& failure, int attempt) noexcept;

}  // namespace recount::postgres::detail
