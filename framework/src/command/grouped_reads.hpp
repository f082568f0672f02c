// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Grouped reads: the streams that several callers want at the same time are read by one query. As
// with group commit there is no thread of its own: what comes in while reads are on their way is
// read together by the next caller that finds a place free.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <recount/aggregate/descriptor.hpp>
#include <recount/log/log.hpp>

namespace recount::detail {

struct stream_wanted {
    stream_name const* stream = nullptr;
    version from = 1;                                  // first version
    // Look for a snapshot of this aggregate first, and read from its version on.
    aggregate_descriptor const* snapshot_of = nullptr;
};

struct stream_found {
    std::optional<snapshot> begins_with{};
    std::vector<recorded_event> events;
    position as_of = 0;
};

class grouped_reads {
public:
    // Results in order; called by several threads at once.
    using read_function = std::function<std::vector<stream_found>(std::span<stream_wanted const>)>;

    explicit grouped_reads(read_function read) : read_{std::move(read)} {}

    // Throws what the read threw.
    [[nodiscard]] std::vector<stream_found> read(std::span<stream_wanted const> wanted);
    [[nodiscard]] std::size_t waiting() const;         // calls that are not being read for yet

    static constexpr int reads_max = 2;                // on their way at once
    static constexpr std::size_t streams_max = 256;    // of one read, if more than one caller's

private:
    struct caller {
        std::span<stream_wanted const> wanted;
        std::vector<stream_found> found;
        std::exception_ptr failure;
        bool taken = false;
        bool done = false;
        bool alone = false;                            // the group failed: try without the others
    };

    read_function read_;
    mutable std::mutex mutex_;
    std::condition_variable news_;
    std::deque<caller*> queue_;
    int reading_ = 0;

    void read_next(std::unique_lock<std::mutex>& hold);
};

}  // namespace recount::detail
