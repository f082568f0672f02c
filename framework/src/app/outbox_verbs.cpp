// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `outbox …` and `timers list`: what sagas have still to do, and what they have sent.
#include <fmt/format.h>

#include <recount/app/output.hpp>
#include <recount/core/text.hpp>

#include "app/verb_call.hpp"
#include "effects/message_json.hpp"

namespace recount {

namespace {

constexpr std::int64_t limit_default = 100;
constexpr std::size_t error_bytes_shown = 60;

std::size_t limit_of(verb_call const& call) {
    return static_cast<std::size_t>(call.limit().value_or(limit_default));
}

std::string second_of(timestamp at) { return to_string(at).substr(0, 19); }

int list(verb_call& call) {
    message_list wanted;
    if (auto const word = call.get("--status")) wanted.status = detail::message_status_of(*word);
    if (auto const word = call.get("--kind")) wanted.kind = detail::message_kind_of(*word);
    wanted.saga = call.get("--saga");
    wanted.instance = call.get("--instance");
    wanted.after = call.number("--after").value_or(0);
    auto const limit = limit_of(call);
    wanted.limit = limit + 1;                            // one more says that there are more
    auto found = call.application().saga_tables().list_messages(wanted);
    bool const more = found.size() > limit;
    if (more) found.pop_back();
    text_table table{{{"number", true}, {"key"}, {"kind"}, {"type"}, {"saga"}, {"instance"},
                      {"status"}, {"attempts", true}, {"due at"}, {"last error"}}};
    for (auto const& m : found) {
        if (call.json()) call.line(detail::to_json(m));
        auto status = std::string{to_string(m.status)};
        if (m.superseded_by) status += ", superseded";
        table.add({std::to_string(m.number), to_string(m.key), std::string{to_string(m.kind)},
                   printable_utf8(m.type), printable_utf8(m.saga), printable_utf8(m.instance),
                   status, std::to_string(m.attempts), second_of(m.due_at),
                   excerpt(m.last_error, error_bytes_shown)});
    }
    if (!call.json()) fmt::print("{}", table.text());
    if (more && !found.empty()) {
        call.note(fmt::format("there are more: --after {}", found.back().number));
    }
    return exit_code::ok;
}

void print(verb_call const& call, outbox_message const& m) {
    if (call.json()) {
        call.line(detail::to_json(m));
        return;
    }
    text_table table{{{"message"}, {to_string(m.key)}}};
    table.add({"number", std::to_string(m.number)});
    table.add({"kind", std::string{to_string(m.kind)}});
    table.add({"type", printable_utf8(m.type)});
    table.add({"saga", printable_utf8(m.saga)});
    if (!m.instance.empty()) table.add({"instance", printable_utf8(m.instance)});
    table.add({"status", std::string{to_string(m.status)}});
    table.add({"due at", to_string(m.due_at)});
    table.add({"attempts", std::to_string(m.attempts)});
    if (!m.last_error.empty()) table.add({"last error", printable_utf8(m.last_error)});
    if (m.settled_at) table.add({"settled at", to_string(*m.settled_at)});
    if (m.superseded_by) table.add({"superseded by", *m.superseded_by});
    if (!m.order_key.empty()) table.add({"order", printable_utf8(m.order_key)});
    table.add({"led to by", to_string(m.trigger)});
    table.add({"caused at", std::to_string(m.caused_at)});
    if (m.correlation) table.add({"correlation", to_string(*m.correlation)});
    fmt::print("{}{}\n", table.text(), printable_utf8(m.body));
}

int show(verb_call& call) {
    print(call, detail::need_message(call.application().saga_tables(),
                                     uuid_from_string(call.require("KEY"))));
    return exit_code::ok;
}

int replay(verb_call& call) {
    auto const m = detail::replay_message(call.application().saga_tables(),
                                          uuid_from_string(call.require("KEY")));
    if (call.json()) {
        call.line(detail::to_json(m));
    } else {
        call.line(fmt::format("{} waits again", to_string(m.key)));
    }
    return exit_code::ok;
}

int list_timers(verb_call& call) {
    timer_list wanted;
    wanted.saga = call.get("--saga");
    if (auto const before = call.get("--due-before")) {
        wanted.due_before = timestamp_from_string(*before);
    }
    if (auto const after = call.get("--after")) wanted.after = detail::timer_cursor_of(*after);
    auto const limit = limit_of(call);
    wanted.limit = limit + 1;
    auto found = call.application().saga_tables().list_timers(wanted);
    bool const more = found.size() > limit;
    if (more) found.pop_back();
    text_table table{{{"due at"}, {"saga"}, {"instance"}, {"timer"}, {"type"}, {"key"}}};
    for (auto const& t : found) {
        if (call.json()) call.line(detail::to_json(t));
        table.add({second_of(t.due_at), printable_utf8(t.saga), printable_utf8(t.instance),
                   printable_utf8(t.name), printable_utf8(t.type), to_string(t.key)});
    }
    if (!call.json()) fmt::print("{}", table.text());
    if (more && !found.empty()) {
        detail::timer_cursor const last{found.back().due_at, found.back().key};
        call.note("there are more: --after " + detail::cursor_text(last));
    }
    return exit_code::ok;
}

}  // namespace

std::vector<verb> outbox_verbs() {
    using o = verb_option;
    auto const limit = o::value("--limit", "at most so many (100)");
    auto const saga = o::value("--saga", "of this saga or reactor");
    auto const key = o::place("KEY", "its key");
    return {
        {"outbox list",
         "commands and effects that wait, and effects that were sent",
         {o::value("--status", "waiting, done, dead or withdrawn"),
          o::value("--kind", "command or effect"), saga, o::value("--instance", "of this instance"),
          o::value("--after", "with a number greater than this"), limit},
         &list},
        {"outbox show", "one message, with its content", {key}, &show},
        {"outbox replay", "let a dead message wait again", {key}, &replay},
        {"timers list",
         "timers of sagas, as they come due",
         {saga, o::value("--due-before", "due before this time"),
          o::value("--after", "after this one: a time and a key, with a comma between"), limit},
         &list_timers},
    };
}

}  // namespace recount
