// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Between states and their snapshots: when one is made, and which is of use.
// Thread safety: every function from any thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include <recount/command/dispatcher.hpp>

namespace recount::detail {

class state_snapshots {
public:
    explicit state_snapshots(snapshot_store* kept) noexcept : kept_{kept} {}

    // Whether there are snapshots of such states at all.
    [[nodiscard]] bool wanted(aggregate_descriptor const& of) const noexcept {
        return kept_ != nullptr && of.snapshot_every > 0;
    }
    // By name of the stream. A failure is no snapshots.
    [[nodiscard]] std::map<std::string, snapshot> find(std::span<snapshot_key const> keys) noexcept;

    // A snapshot stands at each multiple of `snapshot_every` that an append passes.
    [[nodiscard]] bool due(aggregate_descriptor const& of, version before,
                           version after) const noexcept;
    // Failures are told to the program's log and forgotten: the next one will do.
    void keep(std::span<snapshot const> fresh) noexcept;

private:
    snapshot_store* kept_;
};

// Whether a program with this aggregate may begin with it, as far as that can be said without the
// stream's events: whether the stream has the snapshot's hash at its version is for the reader of
// the stream to see.
[[nodiscard]] bool fits(aggregate_descriptor const& of, snapshot const& found);
// Nothing if the text is not of such a state after all.
[[nodiscard]] std::optional<loaded_state> state_of(aggregate_descriptor const& of,
                                                   snapshot const& found);
// Nothing for a state that does not say which event it ends with, or is too large.
[[nodiscard]] std::optional<snapshot> snapshot_of(aggregate_descriptor const& of,
                                                  stream_name const& stream,
                                                  loaded_state const& loaded);

}  // namespace recount::detail
