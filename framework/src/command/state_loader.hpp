// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// From streams to states: from a warm state or a snapshot on if there is one that fits, else from
// the beginning. Loads that are wanted at the same time, by whatever thread, are read together.
//
// A state is that of the corrected history; its version and hash are those of the last row that was
// recorded, restructures included, because that is what an append is judged by.
// What a load begins with is believed only if the stream has, at its version, the row with its hash:
// that row is read along. So a state of another history (a restored database) is never gone on with.
// Nor is one with a restructure behind it, which may have changed anything in it. But for that a
// state of a corrected stream is as good as any other: whatever is appended after a restructure
// stands behind all that the restructure has put anywhere, so it can be told to the state.
// Thread safety: every function from any thread. Errors: those of the log; errc::unknown_type and
// errc::invalid_json as evolve_all().
#pragma once

#include <optional>
#include <span>
#include <variant>
#include <vector>

#include <recount/command/dispatcher.hpp>

#include "command/grouped_reads.hpp"
#include "command/state_snapshots.hpp"
#include "command/warm_states.hpp"

namespace recount::detail {

struct state_wanted {
    aggregate_descriptor const* aggregate = nullptr;
    stream_name const* stream = nullptr;
    std::optional<warm_state> base{};             // begin with this
};

using load_result = std::variant<loaded_state, error>;

class state_loader {
public:
    explicit state_loader(log& from);

    // As the streams are now; results in order.
    [[nodiscard]] std::vector<load_result> load(std::span<state_wanted const> wanted);
    [[nodiscard]] loaded_state load(state_wanted const& wanted);
    // By the rows alone, from the first.
    [[nodiscard]] loaded_state load_whole(aggregate_descriptor const& of,
                                          stream_name const& stream);
    // As another history has it; `as_of` is the knowledge position that was used. Throws as
    // history::read_corrected.
    [[nodiscard]] loaded_state load_at(aggregate_descriptor const& of, stream_name const& stream,
                                       history::read_cut const& cut);

    [[nodiscard]] state_snapshots& snapshots() noexcept { return snapshots_; }

private:
    log& log_;
    state_snapshots snapshots_;
    grouped_reads reads_;

    std::vector<stream_found> read(std::span<stream_wanted const> wanted);
    loaded_state state_after(state_wanted const& wanted, stream_found found);
    void read_on(aggregate_descriptor const& of, stream_name const& stream, loaded_state& to);
    void remember(aggregate_descriptor const& of, stream_name const& stream, version began_with,
                  loaded_state const& loaded);
};

}  // namespace recount::detail
