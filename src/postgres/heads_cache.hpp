// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Heads of streams as this process last knew them, each with the end of the log up to which that
// knowledge holds. A stale head is no danger: append() looks at the tail and says what moved.
//
// While all that is appended passes through here, every known head stays true as the log grows: the
// cache remembers the run of positions it has seen without a gap (`contiguous_from_` to `known_`)
// instead of touching every entry. A foreign append in between starts a new run.
//
// All that it holds is of one log, the one whose link it knows at its newest end. Whoever learns by
// a query asks in the same query whether that link still stands; if not (restored, failed over),
// clear() comes first. So to vouch for the newest end vouches for every head; and for the types of
// events that were written here, which are learned, too, so that append() need not look them up.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <recount/core/limits.hpp>

#include "log/batch.hpp"

namespace recount::postgres {

// The end of the log at some moment, with the link there, which covers all that was before: a
// position alone would not show that another log (restored, failed over) is behind the URL now.
struct log_end {
    recount::position position = 0;
    digest link{};
    friend bool operator==(log_end const&, log_end const&) = default;
};

// Types of events, each with its schema version, that the log has; written once, never removed.
using known_types = std::set<std::pair<std::string, int>>;

// What append() is told of how much its caller knows.
struct known_range {
    position oldest = 0;  // every head of the plan holds as of here or later
    log_end newest;
    std::uint64_t age = 0;  // how often the cache was cleared: heads from before are of another log
    std::shared_ptr<known_types const> types{};  // up to `newest`; may be none
};

class heads_cache {
public:
    struct known {
        detail::stream_head head;
        log_end as_of;
    };

    [[nodiscard]] std::optional<known> find(std::string_view stream) const;
    // The newest end of the log that is known, nothing at first; and what to give back to learn().
    struct horizon {
        std::optional<log_end> newest;
        std::uint64_t age = 0;
    };
    [[nodiscard]] horizon newest() const;
    // What holds now of heads of which the oldest was as of `oldest`.
    [[nodiscard]] known_range range(position oldest) const;
    // Heads as they were at `as_of`, from a query that was begun at `asked`, or from what append()
    // returned. What was asked before the cache was cleared is not taken.
    void learn(detail::known_heads const& heads, log_end const& as_of, std::uint64_t asked);
    // Our batch was written from `base` to `end`; these are heads after it. `planned` is the age of
    // the cache that it was planned with.
    void appended(position base, log_end const& end, detail::known_heads const& heads,
                  std::uint64_t planned);
    // The same of a batch as it was planned, and the types of its events that were looked up.
    void appended(position base, log_end const& end, detail::planned_batch const& batch,
                  known_types const& types, std::uint64_t planned);
    void forget(detail::known_heads const& heads);
    void clear();

private:
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    using generation = std::unordered_map<std::string, known, hash, std::equal_to<>>;

    mutable std::mutex mutex_;
    // Two generations bound the memory: when the young one is full it becomes the old one.
    generation young_;
    generation old_;
    position contiguous_from_ = 0;
    log_end known_{-1, {}};
    std::shared_ptr<known_types const> types_;
    std::uint64_t age_ = 0;  // how often it was cleared

    void learn(known_types const& types);
    void put(std::string const& stream, known entry);
    // False if it is told too late to be worth keeping.
    [[nodiscard]] bool grow(position base, log_end const& end);
};

}  // namespace recount::postgres
