// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// From streams to states: from a warm state or a snapshot on if there is one that fits, else from
// the beginning. Loads that are wanted at the same time, by whatever thread, are read together.
//
// What a load begins with is believed only if the stream has, at its version, the event with its
// hash: that event is read along. So a state of another history (a restored database), or of a
// stream that was corrected since, is never gone on with.
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
    // By the events alone, from the first, page by page; up to a version, or all (0).
    [[nodiscard]] loaded_state load_whole(aggregate_descriptor const& of, stream_name const& stream,
                                          version until = 0);

    [[nodiscard]] state_snapshots& snapshots() noexcept { return snapshots_; }

private:
    log& log_;
    state_snapshots snapshots_;
    grouped_reads reads_;

    std::vector<stream_found> read(std::span<stream_wanted const> wanted);
    loaded_state state_after(state_wanted const& wanted, stream_found const& found);
    void read_on(aggregate_descriptor const& of, stream_name const& stream, version until,
                 loaded_state& to);
    void remember(aggregate_descriptor const& of, stream_name const& stream, version began_with,
                  loaded_state const& loaded);
};

}  // namespace recount::detail
