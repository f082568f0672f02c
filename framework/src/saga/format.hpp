// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the stream of an instance holds (docs/adr/0050-sagas-live-in-the-log.md), as values and as
// JSON, and the ids that are made of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/describe/raw_json.hpp>
#include <recount/log/event.hpp>
#include <recount/saga/descriptor.hpp>

namespace recount::detail {

inline constexpr std::string_view saga_reacted = "$saga.reacted";
inline constexpr std::string_view saga_held = "$saga.held";
inline constexpr std::string_view saga_parked = "$saga.parked";
inline constexpr std::string_view saga_resumed = "$saga.resumed";
inline constexpr std::string_view saga_refused = "$saga.refused";
inline constexpr std::string_view saga_ended = "$saga.ended";

// What an instance was told: an event of the feed, or that a timer is due.
struct saga_input {
    uuid trigger{};                      // the event, or the timer's key
    bool timer = false;
    std::string type;
    int schema_version = 1;
    std::string payload;
    std::optional<uuid> correlation{};   // kept in the metadata of the row
    // Of an event:
    recount::position position = 0;
    recount::position k = 0;             // the knowledge position that it came with
    std::string stream{};
    recount::version version = 0;
    timestamp effective_at{};
    timestamp recorded_at{};
    // Of a timer:
    std::string name{};
    timestamp due_at{};
    timestamp fired_at{};

    // What is told to the saga's functions; refers to this.
    [[nodiscard]] info about() const;
    // What `in` of a timer counts from.
    [[nodiscard]] timestamp at() const noexcept { return timer ? fired_at : recorded_at; }
};
[[nodiscard]] saga_input input_of(recorded_event const& row);

struct saga_command {
    std::string name;
    int version = 1;
    std::string payload;
};
[[nodiscard]] std::string to_json(saga_command const& c);
[[nodiscard]] saga_command command_from_json(std::string_view text);
[[nodiscard]] saga_command command_of(named_object const& object);

struct saga_output {
    reaction_output::kind what = reaction_output::kind::command;
    int n = 0;                           // among the outputs of an input
    uuid key{};                          // of all but cancel
    saga_command command{};
    std::optional<saga_command> undo{};
    std::string type{};                  // of a timer or an effect …
    int schema_version = 1;
    std::string payload{};
    std::string name{};                  // of a timer, or the one cancelled
    timestamp due_at{};
    std::string order{};
};

struct reacted_row {
    saga_input input;
    std::vector<saga_output> outputs{};
    bool ended = false;
};
struct parked_row {
    std::optional<uuid> trigger{};
    std::string because;
};
struct refused_row {
    uuid message{};
    int attempt = 1;
    std::string command;
    std::string code;
    std::string text;
    verdict::kind what = verdict::kind::park;
    std::optional<timestamp> again_at{};
    std::vector<saga_output> outputs{};
    std::vector<uuid> withdrawn{};
    bool ended = false;

    // The command is never sent again.
    [[nodiscard]] bool is_final() const noexcept {
        return what == verdict::kind::skip || what == verdict::kind::compensate;
    }
};

// As they stand in the rows.
void append_json(std::string& to, saga_input const& input);
void append_json(std::string& to, saga_output const& output);
[[nodiscard]] saga_input input_from_json(describe::raw_json const& value);
[[nodiscard]] saga_output output_from_json(describe::raw_json const& value);

[[nodiscard]] json_text to_json(reacted_row const& row);
[[nodiscard]] json_text held_json(saga_input const& input, std::string_view because);
[[nodiscard]] json_text to_json(parked_row const& row);
[[nodiscard]] json_text to_json(refused_row const& row);
[[nodiscard]] json_text because_json(std::string_view because);   // of resumed and ended

// Throw errc::invalid_json.
[[nodiscard]] reacted_row reacted_from_json(std::string_view payload);
[[nodiscard]] saga_input held_from_json(std::string_view payload);
[[nodiscard]] parked_row parked_from_json(std::string_view payload);
[[nodiscard]] refused_row refused_from_json(std::string_view payload);
[[nodiscard]] std::string because_from_json(std::string_view payload);

// The commit that a step of an instance makes, and the key of an output: always the same.
[[nodiscard]] uuid saga_commit_id(std::string_view saga, std::string_view instance,
                                  uuid const& trigger, std::string_view step);
[[nodiscard]] uuid saga_output_key(std::string_view saga, std::string_view instance,
                                   uuid const& trigger, int n);
// `what` says which of the outputs of a repair it is.
[[nodiscard]] uuid saga_repair_key(std::string_view saga, std::string_view instance,
                                   uuid const& restructure, std::string_view what);

// A reaction with its keys, times and payloads. Throws errc::limit_exceeded, errc::invalid_json.
[[nodiscard]] std::vector<saga_output> outputs_of(reaction_parts const& made, std::string_view saga,
                                                  std::string_view instance,
                                                  saga_input const& input);

}  // namespace recount::detail
