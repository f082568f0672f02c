// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A restructure as JSON, both ways: the payload of its rows, one in each stream that it touches.
//
//     for (auto const& stream : history::streams_of(payload)) {
//         c.events.push_back({stream_name{stream}, "$restructured", 1,
//                             history::payload_for(payload, stream), {}});
//     }
//     auto const again = history::payload_from_json(text, history::own_position);
//
// The position of the entry itself is written 0 in places; `own` says which position that is, and
// `own_position` that it is not known yet. docs/reference is the format's home; an operation looks
// like {"n":0,"op":"exclude","event":"…"}.
//
// Errors: payload_from_json is strict and throws errc::invalid_json with the JSON path, as the
// codec does. payload_from_log never throws: it reads what it can (see entry.hpp).
// Cost: linear in the text. Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/restructure/entry.hpp>

namespace recount::history {

// In byte order.
[[nodiscard]] std::vector<std::string> streams_of(restructure_payload const& payload);

// All operations in one text, as `restructure show` tells it.
[[nodiscard]] json_text to_json(restructure_payload const& payload, position own = own_position);
// The operations that touch `stream`; what is brought stands only in the row it is brought to.
[[nodiscard]] json_text payload_for(restructure_payload const& payload, std::string_view stream,
                                    position own = own_position);

[[nodiscard]] restructure_payload payload_from_json(std::string_view text, position own);
[[nodiscard]] std::optional<restructure_payload> payload_from_log(std::string_view text,
                                                                  position own) noexcept;

[[nodiscard]] std::string to_json(content const& c);
[[nodiscard]] content content_from_json(std::string_view text);

}  // namespace recount::history
