// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "command/state_snapshots.hpp"

#include <mutex>
#include <unordered_map>

#include <recount/core/fault_point.hpp>
#include <recount/core/logging_events.hpp>
#include <recount/core/metrics.hpp>
#include <recount/describe/json_schema.hpp>

namespace recount::detail {

using metrics::metric;

namespace {

// SHA-256 of the JSON Schema of the states. It notices what nobody has raised `state_version` for:
// a new optional field, say, which an old text can do without.
digest shape_of(aggregate_descriptor const& of) {
    static std::mutex mutex;
    static std::unordered_map<aggregate_descriptor const*, digest> known;
    std::lock_guard const hold{mutex};
    auto const [at, fresh] = known.try_emplace(&of);
    if (fresh) at->second = sha256(describe::json_schema(of.state(), of.category, 0));
    return at->second;
}

void tell_failed(std::string_view what, std::string_view code) {
    if (!logging::wanted("snapshot.failed")) return;
    logging::tell("snapshot.failed", "snapshots could not be had or kept",
                  {{"what", std::string{what}}, {"code", std::string{code}}});
}

template <class Action>
void forgiving(std::string_view what, Action const& act) noexcept {
    try {
        act();
        return;
    } catch (error const& failure) {
        tell_failed(what, to_string(failure.code()));
    } catch (std::exception const&) {
        tell_failed(what, "unexpected");
    }
    metrics::add(metric::snapshots, "failed");
}

}  // namespace

std::map<std::string, snapshot> state_snapshots::find(
    std::span<snapshot_key const> keys) noexcept {
    std::map<std::string, snapshot> found;
    if (kept_ == nullptr || keys.empty()) return found;
    forgiving("find", [&] { found = kept_->find(keys); });
    return found;
}

bool state_snapshots::due(aggregate_descriptor const& of, version before,
                          version after) const noexcept {
    return wanted(of) && before / of.snapshot_every < after / of.snapshot_every;
}

void state_snapshots::keep(std::span<snapshot const> fresh) noexcept {
    if (kept_ == nullptr || fresh.empty()) return;
    forgiving("keep", [&] {
        fault_point<"snapshots.due">();
        kept_->keep(fresh);
        fault_point<"snapshots.kept">();
        metrics::add(metric::snapshots, "written", static_cast<std::int64_t>(fresh.size()));
    });
}

// Whether the stream was corrected does not matter here: a restructure behind `version` is found in
// the rows that are read from there on, and one before it is in the state.
bool fits(aggregate_descriptor const& of, snapshot const& found) {
    return found.state_version == of.state_version && found.version > 0 &&
           found.shape == shape_of(of);
}

std::optional<loaded_state> state_of(aggregate_descriptor const& of, snapshot const& found) {
    loaded_state loaded{of.create(), found.version, found.as_of, found.hash};
    try {
        describe::read_json(found.state, of.state(), loaded.state.get());
        return loaded;
    } catch (error const&) {
        return std::nullopt;
    }
}

std::optional<snapshot> snapshot_of(aggregate_descriptor const& of, stream_name const& stream,
                                    loaded_state const& loaded) {
    if (!loaded.hash || loaded.version == 0) return std::nullopt;
    snapshot made{{stream, std::string{of.category}},
                  of.state_version,
                  shape_of(of),
                  loaded.version,
                  *loaded.hash,
                  loaded.as_of};
    try {
        describe::write_json(made.state, of.state(), loaded.state.get());
    } catch (error const&) {
        return std::nullopt;   // a text that is no UTF-8, a number that is none
    }
    if (made.state.size() > limits::snapshot_bytes_max) return std::nullopt;
    return made;
}

}  // namespace recount::detail
