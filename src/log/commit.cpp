// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/log/commit.hpp>

#include <fmt/core.h>

#include <recount/log/log.hpp>
#include <recount/log/stored.hpp>

namespace recount {

expectation expectation::exactly(version v) {
    if (v < 0) {
        throw error{errc::invalid_argument,
                    fmt::format("an expected version counts from 0, found {}", v)};
    }
    return v == 0 ? no_stream() : expectation{kind::exactly, v};
}

bool expectation::holds_at(version actual) const noexcept {
    switch (kind_) {
        case kind::any: return true;
        case kind::no_stream: return actual == 0;
        case kind::stream_exists: return actual > 0;
        case kind::exactly: return actual == version_;
    }
    return false;
}

std::string expectation::text() const {
    switch (kind_) {
        case kind::any: return "any version";
        case kind::no_stream: return "no stream";
        case kind::stream_exists: return "an existing stream";
        case kind::exactly: return fmt::format("version {}", version_);
    }
    return {};
}

namespace {

bool same_event(new_event const& a, recorded_event const& b) {
    return a.stream.str() == b.stream && a.type == b.type && a.schema_version == b.schema_version &&
           a.effective_at == b.effective_at && a.payload.str() == b.payload;
}

}  // namespace

bool same_commit(commit const& attempt, std::vector<recorded_event> const& rows) {
    if (rows.empty()) return false;
    if (metadata_from_json(rows.front().meta).actor != attempt.meta.actor) return false;
    if (attempt.command || rows.front().command) {
        return attempt.command && rows.front().command &&
               attempt.command->str() == *rows.front().command;
    }
    if (attempt.events.size() != rows.size()) return false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!same_event(attempt.events[i], rows[i])) return false;
    }
    return true;
}

recorded_seal log::seal(new_seal const&) {
    throw error{errc::refused, "this log keeps no seals"};
}
std::vector<recorded_seal> log::list_seals() { return {}; }

std::unique_ptr<stored_log> log::stored() {
    throw error{errc::refused, "this log cannot show its rows as they are stored"};
}

appended log::append(commit const& one) {
    auto results = append_batch({&one, 1});
    assert_that(results.size() == 1, "one commit has one result");
    if (auto* failed = std::get_if<error>(&results.front())) throw *failed;
    return std::get<appended>(std::move(results.front()));
}

}  // namespace recount
