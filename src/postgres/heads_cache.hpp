// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Heads of streams as this process last knew them, each with the end of the log up to which that
// knowledge holds. A stale head is no danger: append() looks at the tail and says what moved.
//
// While all that is appended passes through here, every known head stays true as the log grows: the
// cache remembers the run of positions it has seen without a gap (`contiguous_from_` to `known_`)
// instead of touching every entry. A foreign append in between starts a new run.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include <recount/core/limits.hpp>

#include "log/batch.hpp"

namespace recount::postgres {

// The end of the log at some moment, with the link there, which covers all that was before: a
// position alone would not show that another log (restored, failed over) is behind the URL now.
struct log_end {
    recount::position position = 0;
    digest link{};
};

class heads_cache {
public:
    struct known {
        detail::stream_head head;
        log_end as_of;
    };

    // Nothing if it is not known, or so old that the tail would be long to look at.
    [[nodiscard]] std::optional<known> find(std::string const& stream) const;
    // Heads as they were at `as_of`, from a query or from what append() returned.
    void learn(detail::known_heads const& heads, log_end const& as_of);
    // Our batch was written from `base` to `end`; these are heads after it.
    void appended(position base, log_end const& end, detail::known_heads const& heads);
    void forget(detail::known_heads const& heads);
    void clear();

private:
    // A tail longer than this is dearer to look through than to ask for the head anew.
    static constexpr position age_max = 4'096;

    mutable std::mutex mutex_;
    // Two generations bound the memory: when the young one is full it becomes the old one.
    std::unordered_map<std::string, known> young_;
    std::unordered_map<std::string, known> old_;
    position contiguous_from_ = 0;
    log_end known_{-1, {}};

    void put(std::string const& stream, known entry);
};

}  // namespace recount::postgres
