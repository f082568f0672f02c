// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/event_rows.hpp"

#include <limits>

#include <recount/core/hex.hpp>

namespace recount::postgres {

digest digest_of(std::string_view bytea) {
    if (bytea.size() != 66 || !bytea.starts_with("\\x")) {
        throw error{errc::corrupted, "a stored hash does not have 32 bytes"};
    }
    return digest_from_hex(bytea.substr(2));
}

std::string bytea_of(digest const& hash) { return "\\x" + to_hex(hash); }

timestamp timestamp_of(std::string_view bytea) {
    // PostgreSQL counts from the year 2000, and infinity is the largest number, or the smallest.
    constexpr std::int64_t epoch_us = 946'684'800'000'000;
    constexpr auto most = std::numeric_limits<std::int64_t>::max() - epoch_us;
    std::uint64_t bits = 0;
    bool good = bytea.size() == 18 && bytea.starts_with("\\x");
    for (std::size_t i = 2; good && i < bytea.size(); ++i) {
        auto const digit = recount::detail::hex_digit(bytea[i]);
        good = digit >= 0;
        bits = bits << 4U | static_cast<std::uint64_t>(digit);
    }
    auto const us = static_cast<std::int64_t>(bits);
    if (!good || us > most || us == std::numeric_limits<std::int64_t>::min()) {
        throw error{errc::corrupted, "a stored time is not within the range of times"};
    }
    return timestamp{duration{us + epoch_us}};
}

namespace {

recorded_event event_but_stream(result const& rows, std::size_t row, std::size_t from) {
    recorded_event e;
    auto const text = [&](std::size_t column) { return rows.text(row, from + column); };
    auto const number = [&](std::size_t column) { return rows.integer(row, from + column); };
    e.position = number(0);
    e.version = number(2);
    e.id = uuid_from_string(text(3));
    e.type = text(4);
    e.schema_version = static_cast<int>(number(5));
    e.commit_last = number(6);
    e.recorded_at = timestamp_of(text(7));
    if (!rows.null(row, from + 8)) e.effective_at = timestamp_of(text(8));
    if (!rows.null(row, from + 9)) e.command = text(9);
    e.payload = text(10);
    e.meta = text(11);
    e.hash = digest_of(text(12));
    return e;
}

}  // namespace

recorded_event event_of(result const& rows, std::size_t row, std::size_t from) {
    auto e = event_but_stream(rows, row, from);
    e.stream = rows.text(row, from + stream_id_column);
    return e;
}

recorded_event event_without_stream(result const& rows, std::size_t row) {
    return event_but_stream(rows, row, 0);
}

std::string uuid_array(std::span<uuid const> ids) {
    array_literal list;
    for (auto const& id : ids) list.add_raw(to_string(id));
    return list.take();
}

std::map<uuid, remembered_commit> remembered_commits(result const& rows) {
    std::map<uuid, remembered_commit> found;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto event = event_of(rows, i);
        auto& one = found[command_id_of(event.id)];
        if (one.rows.empty()) {
            one.result.first = event.position;
            one.result.last = event.commit_last;
            one.result.recorded_at = event.recorded_at;
            one.result.repeated = true;
        }
        one.result.events.push_back({event.stream, event.version, event.id, event.hash});
        one.rows.push_back(std::move(event));
    }
    return found;
}

}  // namespace recount::postgres
