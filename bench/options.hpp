// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What was asked for on the command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace recount::bench {

enum class verb : std::uint8_t { append, command, read, feed, load, fold, correct, sagas, timers };
enum class key_kind : std::uint8_t { ours, callers };

struct options {
    bench::verb verb = verb::append;
    std::string url{};              // empty: a private cluster that is removed again
    std::size_t writers = 64;
    std::size_t events = 1;         // of one append
    std::size_t streams = 10'000;
    std::size_t payload_bytes = 130;
    double seconds = 9;             // of each measurement, over all rounds
    std::size_t rounds = 3;         // limits and our own take turns; figures are medians
    std::int64_t commit_delay_us = 0;
    std::vector<std::string> server_settings{};  // name=value, of a private cluster
    key_kind keys = key_kind::ours;
    bool keys_given = false;        // load measures both kinds unless one was asked for
    std::int64_t events_total = 0;  // of load, feed and correct
    std::size_t in_flight = 64;     // transfers of sagas
    std::size_t accounts = 1'000;   // that they are between
    std::size_t timers = 10'000;
    bool awaited = false;           // appends are coroutines on one thread
    bool limits = true;
    bool costs = true;
    bool json = false;
};

// Nothing if the program has already said what there was to say (--help, a mistake); then
// `exit_with` is set.
[[nodiscard]] std::optional<options> options_of(int argc, char** argv, int& exit_with);

}  // namespace recount::bench
