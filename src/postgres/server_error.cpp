// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "server_error.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace recount::postgres::detail {
namespace {

struct condition {
    std::string_view prefix;  // a whole SQLSTATE, or a class of two characters
    std::string_view name;
};

// The first match wins: whole states before their classes.
constexpr std::array conditions{
    condition{"22001", "value too long"},
    condition{"22003", "number out of range"},
    condition{"22P02", "malformed value"},
    condition{"22021", "text is not UTF-8"},
    condition{"22", "data exception"},
    condition{"23502", "not-null violation"},
    condition{"23503", "foreign key violation"},
    condition{"23505", "unique violation"},
    condition{"23514", "check violation"},
    condition{"23", "integrity violation"},
    condition{"25006", "the database is read-only"},
    condition{"25P02", "the transaction had already failed"},
    condition{"25", "invalid transaction state"},
    condition{"28", "not authorised to connect"},
    condition{"3D000", "no such database"},
    condition{"3F000", "no such schema"},
    condition{"40001", "serialization failure"},
    condition{"40P01", "deadlock"},
    condition{"40003", "whether it was completed is unknown"},
    condition{"40", "the transaction was rolled back"},
    condition{"42501", "insufficient privilege"},
    condition{"42601", "syntax error"},
    condition{"42703", "no such column"},
    condition{"42704", "no such object"},
    condition{"42710", "object exists already"},
    condition{"42883", "no such function"},
    condition{"42P01", "no such table"},
    condition{"42P07", "table exists already"},
    condition{"42", "the statement does not fit the schema"},
    condition{"53100", "disk full"},
    condition{"53200", "out of memory"},
    condition{"53300", "too many connections"},
    condition{"53", "insufficient resources"},
    condition{"54", "a limit of the server was exceeded"},
    condition{"55P03", "lock not available in time"},
    condition{"55", "object in use"},
    condition{"57014", "cancelled by its time limit"},
    condition{"57", "the server is shutting down"},
    condition{"58", "input or output error of the server"},
    condition{"RC001", "the log is not the one that was known"},
    condition{"RC002", "a stream is not as expected"},
    condition{"RC003", "the command id is taken"},
    condition{"RC004", "it happened in a sealed period"},
    condition{"P0001", "refused by the database"},
    condition{"XX001", "stored data is damaged"},
    condition{"XX002", "an index is damaged"},
    condition{"XX", "internal error of the server"},
};

}  // namespace

std::string_view condition_name(std::string_view sqlstate) noexcept {
    for (auto const& each : conditions) {
        if (sqlstate.starts_with(each.prefix)) return each.name;
    }
    return {};
}

bool ends_connection(std::string_view sqlstate) noexcept {
    // Idle-in-transaction (25P03), transaction (25P04) and idle-session (57P05) time limits end the
    // session too, not just the statement.
    return sqlstate.starts_with("08") || sqlstate.starts_with("57P0") || sqlstate == "25P03" ||
           sqlstate == "25P04";
}

namespace {

// "ERROR:  unable to append …", and where that was said on lines of their own.
std::string sentence_in(std::string const& text) {
    constexpr std::string_view end_of_severity = ":  ";
    auto const severity = text.find(end_of_severity);
    auto const begin = severity == std::string::npos ? 0 : severity + end_of_severity.size();
    return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

error statement_failed(std::string_view query, std::string const& sqlstate,
                       std::string const& text) {
    std::string_view const name = condition_name(sqlstate);
    auto const sentence = !name.empty() ? fmt::format("statement '{}' failed: {}", query, name)
                          : !sqlstate.empty()
                              ? fmt::format("statement '{}' failed: SQLSTATE {}", query, sqlstate)
                              : fmt::format("statement '{}' failed", query);
    server_details server{sqlstate, std::string{query}, text};
    if (sqlstate == "55P03" || sqlstate == "57014") {
        return error{errc::timed_out, sentence, std::move(server), true};
    }
    if (sqlstate == "40003") return error{errc::in_doubt, sentence, std::move(server)};
    if (sqlstate == "XX001" || sqlstate == "XX002") {
        return error{errc::corrupted, sentence, std::move(server)};
    }
    // Our own sentence: it names what its reader sent, and the server says no more than that.
    if (sqlstate == "RC004") {
        return error{errc::refused, sentence_in(text), {sqlstate, std::string{query}, {}}};
    }
    // 53: a full disk or no memory: somebody may see to it.
    bool const retryable =
        sqlstate == "40001" || sqlstate == "40P01" || sqlstate.starts_with("53");
    return error{errc::database_failed, sentence, std::move(server), retryable};
}

error connection_lost(std::string_view query, std::string const& sqlstate, std::string const& text,
                      outcome what) {
    server_details server{sqlstate, std::string{query}, text};
    if (what == outcome::unknown) {
        return error{
            errc::in_doubt,
            fmt::format("the connection was lost during '{}': it may have happened or not", query),
            std::move(server)};
    }
    return error{errc::database_unreachable,
                 fmt::format("the connection was lost before '{}' took effect", query),
                 std::move(server), true};
}

}  // namespace recount::postgres::detail
