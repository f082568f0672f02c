// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The pure half of an append, the same for every backend: commits and known heads in, judged
// commits and finished rows (versions, ids, hashes, relative positions) out. No I/O.
//
// A backend that holds the position lock can use the rows as they are; one that does not (the
// PostgreSQL client) hands them over with the position its heads were known at, and plans again
// what has moved.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <recount/log/commit.hpp>

namespace recount::detail {

// What is known of a stream: version 0 means that it does not exist.
struct stream_head {
    std::int64_t stream_id = 0;
    recount::version version = 0;
    digest hash{};
};

using known_heads = std::unordered_map<std::string, stream_head>;

struct planned_row {
    std::size_t commit = 0;       // index into the commits of the batch
    std::size_t event = 0;        // its ordinal
    std::int64_t stream_ref = 0;  // id, or −(relative position of the stream's first row)
    recount::version version = 0;
    std::int64_t commit_last = 0;  // relative, from 1
    digest hash{};
};

struct planned_stream {
    std::string name;
    std::int64_t first = 0;  // relative position of its first row
};

struct planned_batch {
    std::vector<planned_row> rows;  // relative position = index + 1
    std::vector<planned_stream> new_streams;
    std::map<std::size_t, error> conflicts;  // by commit; these have no rows
    std::vector<std::string> metas;          // by commit, as stored
};

// What is wrong with a commit in itself, before any head is known. A commit without a defect can
// be planned, whatever the heads are.
[[nodiscard]] std::optional<error> defect_of(commit const& one);
[[nodiscard]] std::size_t bytes_of(commit const& one);  // of its texts

// Cuts a run of commits into transactions of bounded size.
class batch_meter {
public:
    // The first always fits.
    [[nodiscard]] bool has_room_for(commit const& one) const;
    void add(commit const& one);

private:
    std::size_t rows_ = 0;
    std::size_t bytes_ = 0;
};

// The streams a commit writes or only checks, each once.
[[nodiscard]] std::vector<std::string_view> touched_streams(commit const& one);

// Judges the commits whose index is in `wanted`, in order: an earlier one counts for the later.
// `heads` must know every touched stream; `written` are the ids of commits of the same call that
// earlier transactions wrote.
[[nodiscard]] planned_batch plan_batch(uuid const& store_id, std::span<commit const* const> commits,
                                       std::span<std::size_t const> wanted,
                                       known_heads const& heads,
                                       std::unordered_set<uuid> const& written = {});

// The result of a commit whose rows begin at index `first_row` and were given `base` + index + 1.
[[nodiscard]] appended result_of(commit const& one, planned_batch const& batch,
                                 std::size_t first_row, position base, timestamp recorded_at);

}  // namespace recount::detail
