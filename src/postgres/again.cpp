// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/again.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <thread>

namespace recount::postgres {

namespace {

constexpr int doublings_max = 5;

}  // namespace

bool ran_into_another(error const& failure) {
    return failure.sqlstate() == "40001" || failure.sqlstate() == "40P01";
}

void pause_before(int attempt, std::chrono::milliseconds first) {
    thread_local std::minstd_rand random{std::random_device{}()};
    auto const longest_ms = first.count() << std::min(attempt, doublings_max);
    std::uniform_int_distribution<std::int64_t> pick{longest_ms / 2, longest_ms};
    std::this_thread::sleep_for(std::chrono::milliseconds{pick(random)});
}

error append_in_doubt(error const& last) {
    return error{errc::in_doubt,
                 "the connection was lost during an append, and what became of it could not be "
                 "found out: run the same append again",
                 {last.sqlstate(), last.query(), last.server_text()},
                 true};
}

}  // namespace recount::postgres
