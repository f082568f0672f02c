// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Messages and timers as the command line and the API show them, and the words they are asked for
// with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <recount/saga/saga_store.hpp>

namespace recount::detail {

[[nodiscard]] std::string to_json(outbox_message const& m);
[[nodiscard]] std::string to_json(saga_timer const& t);

// Throw errc::invalid_argument with the words that there are.
[[nodiscard]] message_status message_status_of(std::string_view word);
[[nodiscard]] message_kind message_kind_of(std::string_view word);

// Where a page of timers ended: "2026-01-31T23:59:59.123456Z,6f1c…".
using timer_cursor = std::pair<timestamp, uuid>;
[[nodiscard]] std::string to_string(timer_cursor const& at);
[[nodiscard]] timer_cursor timer_cursor_of(std::string_view text);

// The message; errc::not_found if there is none.
[[nodiscard]] outbox_message need_message(saga_store& store, uuid const& key);
// Waits again, and is given back so; errc::refused if it is not dead.
[[nodiscard]] outbox_message replay_message(saga_store& store, uuid const& key);

}  // namespace recount::detail
