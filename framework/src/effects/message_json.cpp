// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "effects/message_json.hpp"

#include <array>

#include <fmt/format.h>

#include <recount/core/text.hpp>
#include <recount/describe/json.hpp>

namespace recount::detail {

namespace {

void member(std::string& to, std::string_view name, std::string_view value) {
    to += fmt::format(",\"{}\":", name);
    describe::append_quoted(to, value);
}

template <class Enum, std::size_t N>
Enum word_of(std::string_view word, std::array<Enum, N> const& all, std::string_view what) {
    std::string words;
    for (auto const one : all) {
        if (to_string(one) == word) return one;
        words += (words.empty() ? "" : ", ") + std::string{to_string(one)};
    }
    throw error{errc::invalid_argument,
                fmt::format("{}: expected one of {}, found '{}'", what, words, excerpt(word))};
}

}  // namespace

std::string to_json(outbox_message const& m) {
    auto text = fmt::format(R"({{"number":{},"key":"{}","kind":"{}","status":"{}")", m.number,
                            to_string(m.key), to_string(m.kind), to_string(m.status));
    member(text, "saga", m.saga);
    if (!m.instance.empty()) member(text, "instance", m.instance);
    member(text, "type", m.type);
    if (!m.order_key.empty()) member(text, "order", m.order_key);
    member(text, "due_at", to_string(m.due_at));
    text += fmt::format(R"(,"attempts":{})", m.attempts);
    if (!m.last_error.empty()) member(text, "last_error", m.last_error);
    if (m.settled_at) member(text, "settled_at", to_string(*m.settled_at));
    if (m.superseded_by) member(text, "superseded_by", *m.superseded_by);
    text += fmt::format(R"(,"trigger":"{}","ordinal":{},"caused_at":{})", to_string(m.trigger),
                        m.ordinal, m.caused_at);
    if (m.correlation) member(text, "correlation", to_string(*m.correlation));
    return text + R"(,"body":)" + m.body + "}";
}

std::string to_json(saga_timer const& t) {
    auto text = fmt::format(R"({{"key":"{}")", to_string(t.key));
    member(text, "saga", t.saga);
    member(text, "instance", t.instance);
    member(text, "name", t.name);
    member(text, "due_at", to_string(t.due_at));
    member(text, "type", t.type);
    text += fmt::format(R"(,"schema_version":{})", t.schema_version);
    if (t.correlation) member(text, "correlation", to_string(*t.correlation));
    return text + R"(,"payload":)" + t.payload + "}";
}

message_status message_status_of(std::string_view word) {
    return word_of(word,
                   std::array{message_status::waiting, message_status::done, message_status::dead,
                              message_status::withdrawn},
                   "status");
}

message_kind message_kind_of(std::string_view word) {
    return word_of(word, std::array{message_kind::command, message_kind::effect}, "kind");
}

std::string to_string(timer_cursor const& at) {
    return recount::to_string(at.first) + "," + recount::to_string(at.second);
}

timer_cursor timer_cursor_of(std::string_view text) {
    auto const comma = text.find(',');
    if (comma == std::string_view::npos) {
        throw error{errc::invalid_argument,
                    fmt::format("after: expected a time and a key with a comma between, found '{}'",
                                excerpt(text))};
    }
    return {timestamp_from_string(text.substr(0, comma)), uuid_from_string(text.substr(comma + 1))};
}

outbox_message need_message(saga_store& store, uuid const& key) {
    auto found = store.find_message(key);
    if (!found) {
        throw error{errc::not_found, fmt::format("no message {} in the outbox", to_string(key))};
    }
    return std::move(*found);
}

outbox_message replay_message(saga_store& store, uuid const& key) {
    bool const replayed = store.replay(key);
    auto found = need_message(store, key);
    if (replayed) return found;
    throw error{errc::refused, fmt::format("message {} is {}: only a dead one can be replayed",
                                           to_string(key), to_string(found.status))};
}

}  // namespace recount::detail
