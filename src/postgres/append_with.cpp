// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/append_with.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>
#include <recount/core/limits.hpp>
#include <recount/core/metrics.hpp>

#include "log/append_report.hpp"
#include "log/batch.hpp"
#include "postgres/again.hpp"
#include "postgres/event_rows.hpp"

namespace recount::postgres {

namespace {

constexpr std::int64_t existing_stream = -1;  // as append_commit_untold has it
constexpr std::chrono::milliseconds pause_first{10};
constexpr std::string_view lock_not_available = "55P03";

// Control of the transaction and of the role is not the participants'.
constexpr std::array forbidden{"abort",    "begin", "commit",  "end", "prepare",
                               "rollback", "reset", "set",     "start"};

std::string first_word(std::string_view text) {
    constexpr std::string_view space = " \t\r\n;(";
    for (;;) {
        auto const begin = text.find_first_not_of(space);
        if (begin == std::string_view::npos) return {};
        text.remove_prefix(begin);
        std::string_view const end = text.starts_with("--")   ? "\n"
                                     : text.starts_with("/*") ? "*/"
                                                              : "";
        if (end.empty()) break;
        auto const after = text.find(end);
        if (after == std::string_view::npos) return {};
        text.remove_prefix(after + end.size());
    }
    std::string word;
    for (char const c : text) {
        bool const upper = c >= 'A' && c <= 'Z';
        if (!upper && !(c >= 'a' && c <= 'z')) break;
        word += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return word;
}

parameter expected_version(expectation const& expected) {
    switch (expected.what()) {
        case expectation::kind::any: return std::nullopt;
        case expectation::kind::no_stream: return "0";
        case expectation::kind::stream_exists: return std::to_string(existing_stream);
        case expectation::kind::exactly: break;
    }
    return std::to_string(expected.exact_version());
}

std::vector<parameter> arguments_of(commit const& one) {
    array_literal streams, types, schema_versions, effective_ats, payloads;
    array_literal checked, expected, expected_hashes;
    for (auto const& event : one.events) {
        streams.add(event.stream.str());
        types.add(event.type);
        schema_versions.add(static_cast<std::int64_t>(event.schema_version));
        if (event.effective_at) {
            effective_ats.add(to_string(*event.effective_at));
        } else {
            effective_ats.add_null();
        }
        payloads.add(event.payload.str());
    }
    for (auto const& e : one.expectations) {
        checked.add(e.stream.str());
        if (auto const v = expected_version(e.expected)) {
            expected.add_raw(*v);
        } else {
            expected.add_null();
        }
        if (e.last_hash) {
            expected_hashes.add(bytea_of(*e.last_hash));
        } else {
            expected_hashes.add_null();
        }
    }
    return {to_string(one.id),
            one.command ? parameter{one.command->str()} : std::nullopt,
            to_json(one.meta).str(),
            streams.take(),
            types.take(),
            schema_versions.take(),
            effective_ats.take(),
            payloads.take(),
            checked.take(),
            expected.take(),
            expected_hashes.take()};
}

void check(commit const& one) {
    if (auto const defect = detail::defect_of(one)) throw error{*defect};
    if (one.follows) {
        throw error{errc::invalid_argument,
                    "an append with participants follows no other: it is alone in its batch"};
    }
    if (one.events.size() > own_commit_events_max) {
        throw error{errc::limit_exceeded,
                    fmt::format("a commit with participants has at most {} events, found {}",
                                own_commit_events_max, one.events.size())};
    }
}

error conflict_of(commit const& one, result const& reply) {
    std::string const stream{reply.text(0, 4)};
    auto const actual = reply.integer(0, 6);
    for (auto const& e : one.expectations) {
        bool const holds = e.expected.holds_at(actual);
        if (e.stream.str() == stream && (!holds || e.last_hash)) {
            error const conflict{conflict_details{
                stream, e.expected.text() + (holds ? detail::of_another_past : ""), actual}};
            detail::tell_conflict(one, conflict);
            return conflict;
        }
    }
    return error{errc::database_failed, "a conflict was found that nothing speaks of"};
}

// `{1,2,3}`
std::vector<version> versions_of(std::string_view literal) {
    std::vector<version> all;
    version next = 0;
    for (char const c : literal) {
        if (c >= '0' && c <= '9') {
            next = next * 10 + (c - '0');
        } else if (c == ',' || c == '}') {
            all.push_back(std::exchange(next, 0));
        }
    }
    return all;
}

appended result_of(commit const& one, result const& reply) {
    appended done;
    done.first = reply.integer(0, 0);
    done.last = done.first + static_cast<position>(one.events.size()) - 1;
    done.recorded_at = timestamp{duration{reply.integer(0, 1)}};
    auto const versions = versions_of(reply.text(0, 2));
    assert_that(versions.size() == one.events.size(), "every event of a commit has a version");
    auto const hashes = reply.text(0, 7);
    constexpr std::size_t digits = 2 * sizeof(digest);
    for (std::size_t i = 0; i < versions.size(); ++i) {
        done.events.push_back({one.events[i].stream.str(), versions[i],
                               event_id(one.id, static_cast<std::uint16_t>(i)),
                               digest_from_hex(hashes.substr(i * digits, digits))});
    }
    return done;
}

}  // namespace

result own_tables::execute(query const& statement, std::vector<parameter> const& parameters) {
    auto const word = first_word(statement.text);
    if (std::find(forbidden.begin(), forbidden.end(), word) != forbidden.end()) {
        throw error{errc::invalid_argument,
                    fmt::format("statement '{}' begins with {}: the transaction and its role are "
                                "not a participant's to change",
                                statement.name, word)};
    }
    return session_->execute(statement, parameters);
}

appended append_with_participants::append(commit const& one, participants const& with) {
    check(one);
    bool in_doubt = false;  // an earlier attempt may have gone through
    for (int attempts = 1;; ++attempts) {
        bool lost = false;
        bool had_session = false;
        try {
            auto lent = sessions_.lend();
            had_session = true;
            try {
                auto done = attempt(*lent, one, with);
                done.repeated = done.repeated && !in_doubt;
                return done;
            } catch (...) {
                lost = lent->broken();
                throw;
            }
        } catch (error const& failure) {
            in_doubt = in_doubt || (lost && failure.code() == errc::in_doubt);
            bool const again = lost || (had_session && worth_another(failure));
            if (!again || attempts == limits::statement_attempts_max) {
                if (!in_doubt || !lost) throw;
                throw append_in_doubt(failure);
            }
            metrics::add(metrics::metric::append_retries);
        }
        pause_before(attempts, pause_first);
    }
}

// A restructure may keep all writers waiting for longer than a statement waits for a lock
// (standstill.hpp). A lock that a participant did not get is for its application to know.
bool append_with_participants::worth_another(error const& failure) const {
    return ran_into_another(failure) || (failure.sqlstate() == lock_not_available &&
                                         failure.query() == queries_.append_commit.name);
}

appended append_with_participants::attempt(session& on, commit const& one,
                                           participants const& with) {
    transaction work{on};
    own_tables tables{on};
    if (with.before) with.before(tables);
    fault_point<"own_tables.before_done">();
    auto const reply = on.execute(queries_.append_commit, arguments_of(one));
    auto const locked = std::chrono::steady_clock::now();
    if (!reply.null(0, 4)) {
        auto const conflict = conflict_of(one, reply);
        throw error{conflict};
    }
    if (reply.boolean(0, 3)) return first_result(on, one);
    auto const done = result_of(one, reply);
    fault_point<"own_tables.appended">();
    if (with.after) with.after(tables, done);
    fault_point<"own_tables.after_done">();
    work.commit();
    fault_point<"own_tables.committed">();
    metrics::observe(metrics::metric::position_lock_seconds,
                     std::chrono::steady_clock::now() - locked);
    metrics::add(metrics::metric::commits);
    metrics::add(metrics::metric::events, static_cast<std::int64_t>(one.events.size()));
    grown_(done.last);
    return done;
}

appended append_with_participants::first_result(session& on, commit const& one) {
    std::vector<uuid> const ids{one.id};
    auto found = remembered_commits(on.execute(queries_.commits, {uuid_array(ids)}));
    auto const known = found.find(one.id);
    assert_that(known != found.end(), "a commit that append_commit_untold knows is found");
    if (same_commit(one, known->second.rows)) return std::move(known->second.result);
    throw detail::id_taken(one.id);
}

}  // namespace recount::postgres
