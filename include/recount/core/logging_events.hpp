// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Every line that the library writes, declared once: name, level, fields. The reference
// (docs/reference/logging.md) is checked against this table, and a name that is not in it does not
// compile.
//
//     if (logging::wanted("append.batch")) {
//         logging::tell("append.batch", "wrote 3 events in 1 commit", {{"commits", "1"}, …});
//     }
//
// Names that begin with a module of this table (`append.`, `sql.` …) are the library's own;
// programs write what they like under other names.
// Thread safety, cost: as logging.hpp. Ask `wanted` first: the values of fields cost more than the
// question.
#pragma once

#include <array>
#include <cstddef>

#include <recount/core/logging.hpp>

namespace recount::logging {

struct event_description {
    std::string_view name;
    logging::level level;
    std::string_view fields;     // their names, in order
    std::string_view meaning;
};

inline constexpr std::array events{
    event_description{"sql.statement", level::trace, "query rows elapsed_us backend_pid",
                      "the server answered a statement"},
    event_description{"sql.failed", level::debug, "query code sqlstate elapsed_us backend_pid",
                      "a statement failed, or its answer never came"},
    event_description{"sql.retried", level::info, "query code attempt",
                      "a read is made again, on another connection if need be"},
    event_description{"connection.opened", level::debug, "backend_pid role server elapsed_us",
                      "a connection was made and acts as its role"},
    event_description{"connection.failed", level::warning, "code elapsed_us",
                      "no connection could be had; at most once a second"},
    event_description{"connection.lost", level::warning, "backend_pid",
                      "a connection is dead or no longer to be trusted, and is thrown away"},
    event_description{"cluster.started", level::info, "folder process elapsed_us",
                      "a private PostgreSQL server was started"},
    event_description{"cluster.found", level::debug, "folder process",
                      "a private server was running already"},
    event_description{"cluster.stopped", level::info, "folder process elapsed_us",
                      "the last program that used it stopped a private server"},
    event_description{"migration.applied", level::info, "store migration elapsed_us",
                      "a migration was applied to a store"},
    event_description{"append.group", level::trace, "callers commits",
                      "appends of several callers are written together"},
    event_description{"append.batch", level::debug, "commits events bytes first last elapsed_us",
                      "a batch of commits is in the log"},
    event_description{"append.commit", level::trace, "command_id events first last",
                      "one commit of that batch; under its own correlation"},
    event_description{"append.conflict", level::debug, "stream expected actual_version command_id",
                      "a commit was refused: a stream was not as it expected"},
    event_description{"append.moved", level::debug, "known_at streams attempt",
                      "others wrote to these streams meanwhile: the batch is planned again"},
    event_description{"append.retried", level::info, "code sqlstate attempt commits",
                      "a batch failed in a way that may pass, and is tried again"},
    event_description{"append.halved", level::info, "sqlstate commits",
                      "a commit of the batch cannot be stored: it is looked for by halves"},
    event_description{"append.failed", level::warning, "code sqlstate commits",
                      "these commits were given up"},
    event_description{"command.accepted", level::debug,
                      "command stream version position events command_id",
                      "a command was accepted; without events it changed nothing"},
    event_description{"command.repeated", level::debug,
                      "command stream version position events command_id",
                      "a command was known before and has its first result"},
    event_description{"command.rejected", level::debug, "command stream code command_id",
                      "the domain said no"},
    event_description{"command.retried", level::debug,
                      "command stream attempt actual_version command_id",
                      "somebody else wrote first: the command is decided again"},
    event_description{"command.failed", level::info, "command stream code command_id",
                      "a command failed; its caller has the error"},
    event_description{"snapshot.failed", level::warning, "what code",
                      "snapshots could not be read or written; states come from events alone"},
    event_description{"projection.page", level::debug,
                      "projection from through events restructures events_read_for_refold "
                      "elapsed_us",
                      "a page of the log is in the rows"},
    event_description{"projection.overtaken", level::info, "projection position",
                      "another worker moved the checkpoint; this one goes on from there"},
    event_description{"projection.paused", level::warning, "projection code failures pause_ms",
                      "a failure that may pass: tried again after the pause"},
    event_description{"projection.failed", level::error, "projection code position",
                      "a projection stopped at a failure that does not pass"},
    event_description{"saga.page", level::debug,
                      "saga from through inputs timers commands elapsed_us",
                      "a step of a saga is in its tables; elapsed since its page was read"},
    event_description{"saga.overtaken", level::info, "saga position",
                      "another worker moved its checkpoint; this one goes on from there"},
    event_description{"saga.timers_fired", level::debug, "saga timers lateness_us_max",
                      "timers were due"},
    event_description{"saga.command_refused", level::debug, "saga instance command code command_id",
                      "a command of a saga was refused; its `failed` has the say, one of a "
                      "reactor is dead"},
    event_description{"saga.parked", level::warning, "saga instance",
                      "an instance waits for somebody to look at it; `text` says why"},
    event_description{"saga.diverged", level::warning, "saga instance",
                      "corrected history wants its deeds otherwise; `text` says how"},
    event_description{"saga.paused", level::warning, "saga code failures pause_ms",
                      "a failure that may pass: tried again after the pause"},
    event_description{"saga.failed", level::error, "saga code position",
                      "a saga stopped at a failure that does not pass"},
    event_description{"effect.sent", level::debug, "type key saga attempt elapsed_us",
                      "an effect was sent"},
    event_description{"effect.failed", level::info, "type key saga attempt elapsed_us again_in_ms",
                      "an attempt failed, and there will be another; `text` says why"},
    event_description{"effect.dead", level::warning, "type key saga attempt elapsed_us",
                      "an effect was given up; `outbox replay` lets it wait again"},
    event_description{"effect.paused", level::warning, "",
                      "the outbox cannot be read or written; it is tried again"},
    event_description{"http.answered", level::info, "method target status elapsed_us",
                      "a request has its answer; `target` is the path without its parameters"},
    event_description{"http.refused", level::info, "status code",
                      "bytes that are no request as it should be were refused"},
    event_description{"http.handler_failed", level::error, "method target",
                      "a request failed for a reason that its client is not told"},
    event_description{"http.answer_unfit", level::error, "",
                      "an answer had a status or a header that cannot be sent"},
    event_description{"http.feed_failed", level::warning, "",
                      "the log could not be read for live followers; it is tried again"},
    event_description{"http.connection_failed", level::warning, "",
                      "a conversation ended in a failure"},
    event_description{"http.accept_failed", level::warning, "",
                      "a connection could not be taken"},
};

// Where in the table the name stands; its size if nowhere.
[[nodiscard]] constexpr std::size_t index_of_event(std::string_view name) noexcept {
    std::size_t index = 0;
    while (index < events.size() && events[index].name != name) ++index;
    return index;
}

[[nodiscard]] constexpr event_description const* find_event(std::string_view name) noexcept {
    auto const index = index_of_event(name);
    return index < events.size() ? &events[index] : nullptr;
}

// Whether the name begins with a module of the table.
[[nodiscard]] constexpr bool is_reserved(std::string_view name) noexcept {
    auto const module = [](std::string_view of) { return of.substr(0, of.find('.')); };
    for (auto const& known : events) {
        if (module(known.name) == module(name)) return true;
    }
    return false;
}

// A name of the table, looked up by the compiler. An index, since gcc 12 with
// -fsanitize=undefined takes no comparison with a null pointer for a constant.
class known_event {
public:
    consteval known_event(char const* name) : index_{index_of_event(name)} {
        if (index_ == events.size()) throw "recount: no event of this name in logging_events.hpp";
    }
    [[nodiscard]] constexpr event_description const& operator*() const noexcept {
        return events[index_];
    }

private:
    std::size_t index_;
};

[[nodiscard]] inline bool wanted(known_event e) noexcept { return enabled((*e).level); }
inline void tell(known_event e, std::string_view text,
                 std::initializer_list<field> fields = {}) noexcept {
    write((*e).level, (*e).name, text, fields);
}

}  // namespace recount::logging
