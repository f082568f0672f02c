// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A restructure as JSON, both ways: the payload of its rows, one in each stream that it touches.
//
//     for (auto& row : history::rows_for(payload)) {
//         c.events.push_back({stream_name{row.stream}, "$restructured", 1, row.payload, {}});
//     }
//     auto const again = history::payload_from_json(text, history::own_position);
//
// The position of the entry itself is written 0 in places; `own` says which position that is, and
// `own_position` that it is not known yet. docs/reference/restructure.md is the format's home; an
// operation looks like {"n":0,"op":"exclude","event":"…"}.
//
// Errors: payload_from_json is strict and throws errc::invalid_json with the JSON path, as the
// codec does. payload_from_log never throws: it reads what it can (see entry.hpp).
// Cost: linear in the text. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/restructure/entry.hpp>

namespace recount::history {

// In byte order.
[[nodiscard]] std::vector<std::string> streams_of(restructure_payload const& payload);

// All operations in one text, as `restructure show` tells it; and their list alone. They may be
// larger than limits::json_bytes_max: then only their rows can be read back.
[[nodiscard]] json_text to_json(restructure_payload const& payload, position own = own_position);
[[nodiscard]] std::string operations_json(restructure_payload const& payload,
                                          position own = own_position);

// What each stream's row says: the operations that touch it; what is brought to another stream
// stands only in the row of that one. In byte order of the streams.
struct payload_row {
    std::string stream;
    json_text payload;
};
[[nodiscard]] std::vector<payload_row> rows_for(restructure_payload const& payload,
                                                position own = own_position);

// The bytes that each of those rows takes, without writing them all at once. In byte order.
struct row_size {
    std::string stream;
    std::size_t bytes = 0;
};
[[nodiscard]] std::vector<row_size> row_sizes(restructure_payload const& payload);

[[nodiscard]] restructure_payload payload_from_json(std::string_view text, position own);
[[nodiscard]] std::optional<restructure_payload> payload_from_log(std::string_view text,
                                                                  position own) noexcept;

[[nodiscard]] std::string to_json(content const& c);
[[nodiscard]] content content_from_json(std::string_view text);

}  // namespace recount::history
