// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Names of streams by their ids, as this process has read them: to join the feed with the streams
// costs the server more than all else of a row.
//
//     auto const asked = names.newest();                        // goes into a query
//     auto const good = names.checked(asked, stands, end);      // with what it answered
//     auto const unknown = names.give(events, ids, good);       // to be asked for, and learnt
//
// A stream's row is never changed, so a name cannot be stale within one log. That it is still that
// log (not restored, failed over, made anew: then ids are given again) is asked with every page, by
// the link of the newest end known, which covers everything before it; if it is gone, so are all
// names. The end moves on only from the end that was asked for. So all names are of streams before
// the end known, in its log: a stream's id is the position that it begins at.
// Thread safety: every function from any thread. Cost: memory for 65,536 names at most.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <recount/log/event.hpp>

#include "postgres/heads_cache.hpp"

namespace recount::postgres {

class stream_names {
public:
    using names = std::unordered_map<std::int64_t, std::string>;

    struct horizon {
        std::optional<log_end> end;  // the newest known, nothing at first
        std::uint64_t age = 0;       // how often all names were forgotten
    };
    [[nodiscard]] horizon newest() const;
    // Which names hold for a reader: those of streams up to `through`, unless forgotten since.
    struct range {
        position through = 0;
        std::uint64_t age = 0;
    };
    // What a query answered: whether the end that was asked for is of the log, and the log's end.
    [[nodiscard]] range checked(horizon const& asked, bool stands, log_end const& end);

    // Puts the known names into the events, whose streams have these ids; returns the other ids,
    // each once.
    [[nodiscard]] std::vector<std::int64_t> give(std::span<recorded_event> events,
                                                 std::span<std::int64_t const> ids,
                                                 range const& good);
    void learn(names const& found, range const& good);

private:
    mutable std::mutex mutex_;
    // Two generations bound the memory: when the young one is full it becomes the old one.
    names young_{};
    names old_{};
    std::optional<log_end> end_{};
    std::uint64_t age_ = 0;

    [[nodiscard]] std::string const* find(std::int64_t id);
    void put(names::node_type name);
};

}  // namespace recount::postgres
