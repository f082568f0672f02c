// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a restructure would do, before it is done: the streams it touches, before and after, the
// states of their aggregates, what it breaks, and the rows of the projections.
//
//     auto const preview = bank.preview(plan);                       // writes nothing
//     fmt::print("{}", recount::to_text(preview));
//     for (auto const& name : preview.unacknowledged()) plan.acknowledge(name);
//     bank.apply(plan, preview.hash);                                // this, or a conflict
//
// The hash is of what is corrected and of what that was before: it stays the same while others
// append events, and changes with another restructure of the same slots. Acknowledging an invariant
// changes it too.
// Thread safety: values. Lifetimes: they own or share what they hold. Cost of the texts: linear in
// the lines shown; runs of lines that stay as they are are told as a number.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/aggregate/decision.hpp>
#include <recount/restructure/append.hpp>

namespace recount {

enum class line_mark : std::uint8_t {
    kept,
    struck,     // before: not told any more
    changed,    // another content, in the same place
    moved,      // another place in this stream, perhaps another content too
    left,       // before: told in another stream
    arrived,    // after: came from another stream
    inserted,   // after: was not there, or is told again
};
[[nodiscard]] std::string_view to_string(line_mark m) noexcept;

struct preview_line {
    line_mark mark = line_mark::kept;
    history::slot_version slot;
    std::string elsewhere{};        // left: the stream where it goes; arrived: whence it comes
};

struct field_difference {
    std::string name;               // of the state's field
    std::string before;             // as JSON
    std::string after;
};
struct preview_state {
    std::string before;             // as JSON
    std::string after;
    std::vector<field_difference> differences;
    std::string problem{};          // the state cannot be told from those events: why not
};

struct preview_invariant {
    std::string name;
    std::optional<uuid> before{};   // the event after which it is broken first, as it is now
    std::optional<uuid> after{};    // and as it would be
    bool acknowledged = false;      // in the plan
    // What a plan has to acknowledge.
    [[nodiscard]] bool newly_broken() const noexcept { return after && !before; }
};

// A command of the past that would be rejected if it were decided on the corrected state, and would
// not be as things are. Its events stay as they are.
struct preview_command {
    uuid command;                   // its id
    std::string name;
    std::string payload;            // as JSON
    rejection refused;
};

struct preview_stream {
    std::string stream;
    recount::version version = 0;   // of the recorded stream
    std::vector<preview_line> before;
    std::vector<preview_line> after;
    // Of streams whose aggregate the program knows:
    std::optional<preview_state> state{};
    std::vector<preview_invariant> invariants{};   // those that are broken before or after
    std::vector<preview_command> commands{};
    std::size_t commands_unknown = 0;   // later commands that this program does not know
};

struct preview_row {
    std::string before;             // as JSON; empty: there is none
    std::string after;
};
struct preview_projection {
    std::string projection;
    int version = 1;
    // More than 0: it has not come as far as what is corrected, and its rows cannot be told yet.
    position behind = 0;
    std::vector<preview_row> rows;  // those that change, as its table is now and as it would be
    std::string problem{};          // why its rows cannot be told
};

// An output of a saga's instance that corrected history wants otherwise.
struct preview_output {
    std::string resolution;         // withdrawn, compensated, dispatched, reissued, amended or
                                    // diverged
    std::string did;                // as JSON; empty: nothing
    std::string should;
    std::string did_text{};         // for a person
    std::string should_text{};
};
struct preview_saga {
    std::string saga;
    std::string instance;           // of a reactor, the event
    std::vector<preview_output> outputs;
    std::vector<std::string> sends;   // commands and effects, for a person
    std::string problem{};          // why it could not be repaired
};

struct restructure_preview {
    std::string hash;               // 64 digits
    position as_of = 0;             // the head of the log that it was judged by
    history::restructure_payload restructure;   // resolved; ids of inserted slots stand for theirs
    std::vector<preview_stream> streams;        // in byte order
    std::vector<history::weighted_version> deltas;
    std::vector<preview_projection> projections;
    std::vector<preview_saga> sagas;            // instances whose deeds are touched
    // Slots beside a place that an undone restructure made; they stay where they are.
    std::vector<uuid> anchored_there;

    // The names of the invariants that it newly breaks and does not acknowledge.
    [[nodiscard]] std::vector<std::string> unacknowledged() const;
};

[[nodiscard]] std::vector<std::string> unacknowledged_in(
    std::vector<preview_stream> const& streams);

// Lines around those that change; all of them with as many as there are.
inline constexpr std::size_t preview_context = 2;

[[nodiscard]] std::string to_json(restructure_preview const& p,
                                  std::size_t context = preview_context);
// For a terminal: aligned, without colours; ends in a newline.
[[nodiscard]] std::string to_text(restructure_preview const& p,
                                  std::size_t context = preview_context);

}  // namespace recount
