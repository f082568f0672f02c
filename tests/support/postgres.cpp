// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres.hpp"

#include <thread>

#include <fmt/format.h>

namespace recount::tests {
namespace {

constexpr std::chrono::milliseconds poll{5};
constexpr std::chrono::milliseconds end_limit{4'000};   // of a server process

}  // namespace

postgres::session test_database::connect(std::string role) const {
    postgres::session_options options;
    options.url = url();
    options.role = std::move(role);
    return postgres::session{options};
}

void run(postgres::session& on, std::string_view sql) { on.execute_script({"test", sql}); }

std::string value(postgres::session& on, std::string_view sql) {
    return std::string{on.execute({"test", sql}).text(0, 0)};
}

void terminate(test_database const& database, int backend_pid) {
    auto other = database.connect();
    // The server itself waits for the process to end.
    auto const end = fmt::format("SELECT pg_terminate_backend({}, {})", backend_pid,
                                 end_limit.count());
    if (value(other, end) != "t") throw error{errc::timed_out, "a server process does not end"};
}

// For what nobody tells of: a process that ends, a statement that waits for a lock. It asks again
// until it is so.
bool eventually(std::function<bool()> const& condition, std::chrono::milliseconds time_limit) {
    auto const deadline = std::chrono::steady_clock::now() + time_limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(poll);
    }
    return true;
}

}  // namespace recount::tests
