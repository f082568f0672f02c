// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What sagas and reactors have still to do, and what they have sent.
#include <fmt/format.h>

#include "effects/message_json.hpp"
#include "http/api_routes.hpp"

namespace recount::http {

namespace {

template <class Value, class Read>
std::optional<Value> asked(api_call const& call, std::string_view name, Read const& read) {
    auto const text = call.parameter(name);
    if (!text) return std::nullopt;
    return read(*text);
}

std::string text_of(std::string_view text) { return std::string{text}; }

uuid key_in(api_call const& call) { return uuid_from_string(call.places.front()); }

// A page of what was asked for with one more, which only says that there are more.
template <class Item, class Cursor>
reply page(std::string_view name, std::vector<Item> found, std::size_t limit,
           Cursor const& cursor) {
    bool const more = found.size() > limit;
    if (more) found.pop_back();
    std::string list;
    for (auto const& one : found) append_item(list, recount::detail::to_json(one));
    auto const next = more ? fmt::format(R"(,"next":{})", cursor(found.back())) : std::string{};
    return json_reply(fmt::format(R"({{"{}":[{}]{}}})", name, list, next));
}

}  // namespace

reply list_outbox(api_call const& call) {
    auto const limit = call.limit("limit");
    message_list wanted;
    wanted.status = asked<message_status>(call, "status", &recount::detail::message_status_of);
    wanted.kind = asked<message_kind>(call, "kind", &recount::detail::message_kind_of);
    wanted.saga = asked<std::string>(call, "saga", &text_of);
    wanted.instance = asked<std::string>(call, "instance", &text_of);
    wanted.after = call.number("after", 0).value_or(0);
    wanted.limit = limit + 1;
    return page("messages", call.app.saga_tables().list_messages(wanted), limit,
                [](outbox_message const& last) { return std::to_string(last.number); });
}

reply read_message(api_call const& call) {
    return json_reply(recount::detail::to_json(
        recount::detail::need_message(call.app.saga_tables(), key_in(call))));
}

reply replay_message(api_call const& call) {
    call.require_json_body();
    try {
        return json_reply(recount::detail::to_json(
            recount::detail::replay_message(call.app.saga_tables(), key_in(call))));
    } catch (error const& failure) {
        if (failure.code() != errc::refused) throw;
        auto what = details_of(failure);
        what.status = 409;
        what.code = "not_dead";
        throw refusal{std::move(what)};
    }
}

reply list_timers(api_call const& call) {
    auto const limit = call.limit("limit");
    timer_list wanted;
    wanted.saga = asked<std::string>(call, "saga", &text_of);
    wanted.due_before = asked<timestamp>(call, "due_before", &timestamp_from_string);
    wanted.after = asked<recount::detail::timer_cursor>(call, "after",
                                                        &recount::detail::timer_cursor_of);
    wanted.limit = limit + 1;
    return page("timers", call.app.saga_tables().list_timers(wanted), limit,
                [](saga_timer const& last) {
                    return json_quoted(recount::detail::to_string(
                        recount::detail::timer_cursor{last.due_at, last.key}));
                });
}

}  // namespace recount::http
