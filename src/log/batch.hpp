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
#include <deque>
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

// Said of an expectation whose version holds, with another hash there.
inline constexpr char const* of_another_past = " of another past";

struct planned_row {
    std::size_t commit = 0;       // what the planner was given for it: an index
    std::size_t event = 0;        // its ordinal
    std::size_t stream = 0;       // index into the streams of the batch
    std::int64_t stream_ref = 0;  // id, or −(relative position of the stream's first row)
    recount::version version = 0;
    std::int64_t commit_last = 0;  // relative, from 1
    digest hash{};
};

struct planned_stream {
    std::string name;
    std::int64_t first = 0;  // relative position of its first row
};

// A stream that is written or only checked.
struct touched_stream {
    std::string name;
    stream_head before;  // as it was known when the batch was planned
    stream_head now;     // after the batch; while its id is not known: −(relative position)
};

struct planned_batch {
    std::vector<planned_row> rows;           // relative position = index + 1
    std::deque<touched_stream> streams;
    std::vector<planned_stream> new_streams;
    std::map<std::size_t, error> conflicts;  // by commit; these have no rows
    std::vector<std::string> metas;          // by commit, as stored
};

// What is wrong with a commit in itself, before any head is known. A commit without a defect can
// be planned, whatever the heads are.
[[nodiscard]] std::optional<error> defect_of(commit const& one);
[[nodiscard]] std::size_t bytes_of(commit const& one);  // of its texts
// For a commit whose id is known with other content or another actor.
[[nodiscard]] error id_taken(uuid const& id);

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

// What of a commit can be made before any head is known, and by several threads at once.
struct prepared_commit {
    std::string meta;                    // as stored
    std::vector<digest> payload_hashes;  // an event each
};
// The commit has no defect.
[[nodiscard]] prepared_commit prepare(commit const& one);

// Plans commit after commit against heads that it is told: a later one sees what the earlier did.
class batch_planner {
public:
    explicit batch_planner(uuid const& store_id) : store_id_{store_id} {}
    batch_planner(batch_planner const&) = delete;  // `by_name_` views the names in `batch_`
    batch_planner& operator=(batch_planner const&) = delete;

    [[nodiscard]] bool knows(std::string_view stream) const { return by_name_.contains(stream); }
    // Once for each stream that a commit touches, before the commit is judged.
    void know(std::string_view stream, stream_head const& head);
    // Why it cannot be appended. `leader_stands`: the commit that it follows is planned or written.
    [[nodiscard]] std::optional<error> judge(commit const& one, bool leader_stands) const;
    // A commit that was judged. `index` stands for it in the rows. Returns its first row.
    std::size_t add(std::size_t index, commit const& one, prepared_commit const& prepared);
    [[nodiscard]] planned_batch const& batch() const noexcept { return batch_; }
    [[nodiscard]] planned_batch& batch() noexcept { return batch_; }
    // Where the stream stands after the batch; nothing if the batch does not know it.
    [[nodiscard]] touched_stream const* find(std::string_view stream) const;

private:
    uuid store_id_;
    planned_batch batch_;
    std::unordered_map<std::string_view, std::size_t> by_name_;

    [[nodiscard]] touched_stream const& stream(std::string_view name) const;
};

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

// The ids of streams that the batch before creates, whose rows begin behind `base_before`: known
// only when that one is in the log.
void settle_ids(planned_batch& batch, position base_before);

// The head of a stream when the batch is in the log, its rows behind `base`; and of all of them.
[[nodiscard]] stream_head head_after(touched_stream const& stream, position base);
[[nodiscard]] known_heads heads_after(planned_batch const& batch, position base);

}  // namespace recount::detail
