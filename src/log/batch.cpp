// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "log/batch.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include <recount/core/limits.hpp>
#include <recount/core/plain_text.hpp>
#include <recount/core/text.hpp>
#include <recount/log/hash.hpp>

namespace recount::detail {

namespace {

error invalid(std::string const& sentence) { return error{errc::invalid_argument, sentence}; }
error too_large(std::string const& sentence) { return error{errc::limit_exceeded, sentence}; }

// What every text form of a timestamp, PostgreSQL's included, can say.
bool in_calendar(timestamp when) {
    using namespace std::chrono;
    constexpr timestamp first{sys_days{year{1} / January / 1}};
    constexpr timestamp end{sys_days{year{10'000} / January / 1}};
    return when >= first && when < end;
}

// What others may not write: it means something to whoever reads the log.
std::optional<error> reserved(new_event const& event, std::size_t index) {
    auto const type = event.type.starts_with('$');
    if (!type && !event.stream.category().starts_with('$')) return std::nullopt;
    return invalid(fmt::format("event {} of the commit: {} '{}' is the framework's; names of yours "
                               "do not begin with $",
                               index, type ? "the type" : "the stream",
                               type ? printable_utf8(event.type) : event.stream.str()));
}

std::optional<error> defect_of(new_event const& event, std::size_t index) {
    auto const where = fmt::format("event {} of the commit", index);
    if (event.type.empty() || event.type.size() > limits::type_bytes_max) {
        return invalid(fmt::format("{}: expected a type of 1 to {} bytes, found {}", where,
                                   limits::type_bytes_max, event.type.size()));
    }
    if (!is_plain_text(event.type)) {
        return invalid(fmt::format("{}: the type '{}' is not UTF-8 without control characters",
                                   where, printable_utf8(event.type)));
    }
    if (event.schema_version < 1) {
        return invalid(
            fmt::format("{}: schema versions count from 1, found {}", where, event.schema_version));
    }
    if (event.effective_at && !in_calendar(*event.effective_at)) {
        return invalid(fmt::format("{}: effective_at is not within the years 1 to 9999", where));
    }
    if (event.payload.str().size() > limits::payload_bytes_max) {
        return too_large(fmt::format("{}: a payload has at most {} bytes, found {}", where,
                                     limits::payload_bytes_max, event.payload.str().size()));
    }
    return std::nullopt;
}

std::size_t bytes_of(metadata const& meta) {
    std::size_t bytes = 0;
    for (auto const* text : {&meta.actor, &meta.app, &meta.schema_id}) {
        if (*text) bytes += (*text)->size();
    }
    if (meta.x) {
        for (auto const& [key, value] : *meta.x) bytes += key.size() + value.size();
    }
    return bytes;
}

// Metadata becomes JSON when the batch is planned, where one commit must not fail the others.
std::optional<error> defect_of(metadata const& meta) {
    auto const writable = [](std::string_view text) {
        return is_utf8(text) && text.find('\0') == std::string_view::npos;
    };
    bool good = true;
    for (auto const* text : {&meta.actor, &meta.app, &meta.schema_id}) {
        if (*text) good = good && writable(**text);
    }
    if (meta.x) {
        for (auto const& [key, value] : *meta.x) good = good && writable(key) && writable(value);
    }
    if (!good) return invalid("the metadata of a commit is UTF-8 without NUL");
    if (bytes_of(meta) > limits::payload_bytes_max) {
        return too_large(fmt::format("the metadata of a commit has at most {} bytes, found {}",
                                     limits::payload_bytes_max, bytes_of(meta)));
    }
    return std::nullopt;
}

}  // namespace

std::optional<error> defect_of(commit const& one) {
    if (ordinal_of(one.id) != 0 || one.id.is_nil()) {
        return invalid(
            fmt::format("the id of a commit has its low 16 bits zero and is not nil, "
                        "found {}",
                        to_string(one.id)));
    }
    if (one.events.empty()) return invalid("a commit has at least one event");
    if (one.events.size() > limits::commit_events_max) {
        return too_large(fmt::format("a commit has at most {} events, found {}",
                                     limits::commit_events_max, one.events.size()));
    }
    if (one.command && one.command->str().size() > limits::payload_bytes_max) {
        return too_large(fmt::format("a command has at most {} bytes, found {}",
                                     limits::payload_bytes_max, one.command->str().size()));
    }
    if (auto found = defect_of(one.meta)) return found;
    for (std::size_t i = 0; i < one.events.size(); ++i) {
        if (auto found = defect_of(one.events[i], i)) return found;
        if (one.of_framework) continue;
        if (auto found = reserved(one.events[i], i)) return found;
    }
    if (auto const bytes = bytes_of(one); bytes > limits::commit_bytes_max) {
        return too_large(
            fmt::format("a commit has at most {} bytes, found {}", limits::commit_bytes_max,
                        bytes));
    }
    return std::nullopt;
}

error id_taken(uuid const& id) {
    return error{errc::command_id_taken,
                 fmt::format("the command id {} is taken", to_string(id))};
}

std::size_t bytes_of(commit const& one) {
    // The metadata is stored, and sent, with each of the events.
    auto bytes = one.events.size() * bytes_of(one.meta);
    if (one.command) bytes += one.command->str().size();
    for (auto const& e : one.events) bytes += e.payload.str().size() + e.type.size();
    return bytes;
}

bool batch_meter::has_room_for(commit const& one) const {
    return rows_ == 0 || (rows_ + one.events.size() <= limits::batch_events_max &&
                          bytes_ + bytes_of(one) <= limits::commit_bytes_max);
}

void batch_meter::add(commit const& one) {
    rows_ += one.events.size();
    bytes_ += bytes_of(one);
}

std::vector<std::string_view> touched_streams(commit const& one) {
    std::vector<std::string_view> names;
    names.reserve(one.events.size() + one.expectations.size());
    for (auto const& e : one.events) names.emplace_back(e.stream.str());
    for (auto const& e : one.expectations) names.emplace_back(e.stream.str());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

prepared_commit prepare(commit const& one) {
    prepared_commit made;
    made.meta = to_json(one.meta).str();
    made.payload_hashes.reserve(one.events.size());
    for (auto const& e : one.events) made.payload_hashes.push_back(sha256(e.payload.str()));
    return made;
}

void batch_planner::know(std::string_view stream, stream_head const& head) {
    auto const& added = batch_.streams.emplace_back(std::string{stream}, head, head);
    by_name_.emplace(added.name, batch_.streams.size() - 1);
}

touched_stream const* batch_planner::find(std::string_view stream) const {
    auto const known = by_name_.find(stream);
    return known == by_name_.end() ? nullptr : &batch_.streams[known->second];
}

touched_stream const& batch_planner::stream(std::string_view name) const {
    auto const* const known = find(name);
    assert_that(known != nullptr, "a batch is planned with all its heads known");
    return *known;
}

std::optional<error> batch_planner::judge(commit const& one, bool leader_stands) const {
    for (auto const& e : one.expectations) {
        auto const& head = stream(e.stream.str()).now;
        bool const holds = e.expected.holds_at(head.version);
        if (holds && (!e.last_hash || head.hash == *e.last_hash)) continue;
        return error{conflict_details{e.stream.str(),
                                      e.expected.text() + (holds ? of_another_past : ""),
                                      head.version}};
    }
    if (one.follows && !leader_stands) {
        auto const& first = one.events.front().stream.str();
        return error{
            conflict_details{first, "the commit that it follows", stream(first).now.version}};
    }
    return std::nullopt;
}

std::size_t batch_planner::add(std::size_t index, commit const& one,
                               prepared_commit const& prepared) {
    auto const first_row = batch_.rows.size();
    auto const commit_last = static_cast<std::int64_t>(first_row + one.events.size());
    for (std::size_t i = 0; i < one.events.size(); ++i) {
        auto const& event = one.events[i];
        auto const at = by_name_.find(event.stream.str());
        assert_that(at != by_name_.end(), "a batch is planned with all its heads known");
        auto& head = batch_.streams[at->second].now;
        auto const relative = static_cast<std::int64_t>(batch_.rows.size()) + 1;
        if (head.version == 0) {
            head.stream_id = -relative;
            head.hash = stream_genesis(store_id_, event.stream.str());
            batch_.new_streams.push_back({event.stream.str(), relative});
        }
        hashed_event hashed;
        hashed.stream = event.stream.str();
        hashed.version = ++head.version;
        hashed.id = event_id(one.id, static_cast<std::uint16_t>(i));
        hashed.type = event.type;
        hashed.schema_version = event.schema_version;
        hashed.effective_at = event.effective_at;
        if (i == 0 && one.command) hashed.command = one.command->str();
        hashed.meta = prepared.meta;
        head.hash = event_hash(head.hash, hashed, prepared.payload_hashes[i]);
        batch_.rows.push_back(
            {index, i, at->second, head.stream_id, head.version, commit_last, head.hash});
    }
    return first_row;
}

planned_batch plan_batch(uuid const& store_id, std::span<commit const* const> commits,
                         std::span<std::size_t const> wanted, known_heads const& heads,
                         std::unordered_set<uuid> const& written) {
    batch_planner planner{store_id};
    std::unordered_set<uuid> planned;
    planner.batch().metas.resize(commits.size());
    for (auto const index : wanted) {
        auto const& one = *commits[index];
        for (auto const name : touched_streams(one)) {
            if (planner.knows(name)) continue;
            auto const known = heads.find(std::string{name});
            assert_that(known != heads.end(), "a batch is planned with all its heads known");
            planner.know(name, known->second);
        }
        bool const leader_stands =
            one.follows && (planned.contains(*one.follows) || written.contains(*one.follows));
        if (auto conflict = planner.judge(one, leader_stands)) {
            planner.batch().conflicts.emplace(index, std::move(*conflict));
            continue;
        }
        planned.insert(one.id);
        auto prepared = prepare(one);
        planner.add(index, one, prepared);
        planner.batch().metas[index] = std::move(prepared.meta);
    }
    return std::move(planner.batch());
}

appended result_of(commit const& one, planned_batch const& batch, std::size_t first_row,
                   position base, timestamp recorded_at) {
    appended result;
    result.first = base + static_cast<position>(first_row) + 1;
    result.last = result.first + static_cast<position>(one.events.size()) - 1;
    result.recorded_at = recorded_at;
    result.events.reserve(one.events.size());
    for (std::size_t i = 0; i < one.events.size(); ++i) {
        auto const& row = batch.rows[first_row + i];
        result.events.push_back({one.events[i].stream.str(), row.version,
                                 event_id(one.id, static_cast<std::uint16_t>(i)), row.hash});
    }
    return result;
}

void settle_ids(planned_batch& batch, position base_before) {
    bool any = false;
    for (auto& stream : batch.streams) {
        if (stream.before.version == 0 || stream.before.stream_id > 0) continue;
        stream.before.stream_id = base_before - stream.before.stream_id;
        stream.now.stream_id = stream.before.stream_id;
        any = true;
    }
    if (!any) return;
    for (auto& row : batch.rows) {
        auto const& stream = batch.streams[row.stream];
        if (stream.before.version > 0) row.stream_ref = stream.before.stream_id;
    }
}

stream_head head_after(touched_stream const& stream, position base) {
    auto head = stream.now;
    if (head.stream_id < 0) head.stream_id = base - head.stream_id;
    return head;
}

known_heads heads_after(planned_batch const& batch, position base) {
    known_heads heads;
    heads.reserve(batch.streams.size());
    for (auto const& stream : batch.streams) heads.emplace(stream.name, head_after(stream, base));
    return heads;
}

}  // namespace recount::detail
