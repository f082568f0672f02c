// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Rows in order of position: dense positions, versions and hashes of each stream, bounds of
// commits, ids. No I/O: which streams it has to be told of, it says beforehand, a page at a time.
//
//     check.know(log.before(check.unknown(page)));
//     for (auto const& row : page.events) check.take(row);
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "provenance/differences.hpp"
#include "provenance/stream_heads.hpp"

namespace recount::provenance::detail {

class row_check {
public:
    row_check(uuid const& store, position since, differences& found,
              std::size_t heads_max = heads_kept_max)
        : store_{store}, since_{since}, next_{since + 1}, found_{found}, heads_{heads_max} {}

    [[nodiscard]] std::vector<stored_version> unknown(stored_page const& page);
    void know(std::span<stored_before const> told, stored_page const& page);
    // Returns the name of its stream, until the next page.
    std::string_view take(stored_event const& row);

    void check_types(std::span<stored_type const> types, position log_last);

    [[nodiscard]] std::int64_t events() const noexcept { return events_; }
    [[nodiscard]] std::int64_t streams() const noexcept { return streams_; }
    [[nodiscard]] position last() const noexcept { return next_ - 1; }

private:
    uuid store_;
    position since_;
    position next_;
    differences& found_;
    stream_heads heads_;
    std::int64_t events_ = 0;
    std::int64_t streams_ = 0;
    // The commit that the row before belongs to.
    position commit_first_ = 0;
    position commit_last_ = 0;
    uuid command_id_;
    bool commit_known_ = false;
    // Where each type was met first; the last one asked for is usually the next.
    std::map<std::pair<std::string, int>, position, std::less<>> types_;
    std::pair<std::string, int> type_met_;

    void check_stream(stored_before const& told, stored_event const& row);
    void check_commit(stored_event const& row, std::string_view stream);
    void meet_type(stored_event const& row);
};

// That the row's id has its ordinal in the low bits; used for single streams too.
void check_ordinal(stored_event const& row, std::string_view stream, differences& found);
// Compares with the hash computed from `head`, which then is this row's.
void follow_chain(uuid const& store, stored_event const& row, stream_head& head,
                  differences& found);
void check_stream_row(stored_stream const& row, position first, differences& found);

}  // namespace recount::provenance::detail
