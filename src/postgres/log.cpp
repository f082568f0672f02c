// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/log.hpp>

#include <algorithm>
#include <limits>
#include <unordered_set>

#include <fmt/core.h>

#include <recount/postgres/stored_log.hpp>
#include <recount/restructure/entry.hpp>

#include "log/streams_read.hpp"
#include "postgres/append_restructure.hpp"
#include "postgres/append_with.hpp"
#include "postgres/appender.hpp"
#include "postgres/event_rows.hpp"
#include "postgres/head_watch.hpp"
#include "postgres/kept_snapshots.hpp"
#include "postgres/log_queries.hpp"
#include "postgres/store_identity.hpp"
#include "postgres/stream_names.hpp"

namespace recount::postgres {

namespace {

session_options session_options_for(log_options const& options, std::string role) {
    session_options wanted;
    wanted.url = options.url;
    wanted.role = std::move(role);
    wanted.application_name = options.program;
    wanted.answer_grace = options.answer_grace;
    return wanted;
}

}  // namespace

struct log::implementation {
    std::string url;
    std::string program;
    std::string store;
    store_names names;
    uuid store_id;
    log_queries queries;
    pool sessions;
    kept_snapshots snapshots;
    appender append;
    head_watch watch;
    stream_names feed_names;
    append_with_participants with_participants;
    restructure_appender restructures;

    implementation(log_options const& options, store_names roles, uuid const& id)
        : url{options.url}, program{options.program}, store{options.store},
          names{std::move(roles)}, store_id{id}, queries{names.schema},
          sessions{session_options_for(options, names.app), options.sessions_max},
          snapshots{sessions, queries},
          append{sessions, session_options_for(options, names.app), store_id, queries,
                 [this](position head) { watch.grown_to(head); }},
          watch{session_options_for(options, names.app), queries, options.poll_interval},
          with_participants{sessions, queries, [this](position head) { told(head); }},
          restructures{session_options_for(options, names.app), store_id, queries,
                       [this](position head) { told(head); }} {}

    // Of an append that did not go through the batcher.
    void told(position head) {
        watch.grown_to(head);
        append.tell_others();
    }

    [[nodiscard]] result run(owned_query const& statement,
                             std::vector<parameter> const& parameters = {}) {
        return sessions.read(statement, parameters);
    }

    [[nodiscard]] position end() {
        auto const rows = run(queries.head);
        return rows.empty() ? 0 : rows.integer(0, 0);
    }

    [[nodiscard]] feed_page read_restructures(position from, std::size_t wanted);
    stream_names::range look_at_window(position from, std::size_t wanted, feed_page& page);
    [[nodiscard]] std::vector<recorded_event> named(result const& rows,
                                                    stream_names::range const& good);
};

// How far the page goes. Returns which of the names that are known hold for it.
stream_names::range log::implementation::look_at_window(position from, std::size_t wanted,
                                                        feed_page& page) {
    auto const known = feed_names.newest();
    std::vector<parameter> parameters{std::to_string(from), std::to_string(wanted), {}, {}};
    if (known.end) {
        parameters[2] = std::to_string(known.end->position);
        parameters[3] = bytea_of(known.end->link);
    }
    auto const rows = run(queries.window, parameters);
    page.through = std::max(rows.integer(0, 0), from);
    page.head = rows.integer(0, 1);
    if (rows.null(0, 2)) return {};  // a log that has lost its links is for verify to tell of
    return feed_names.checked(known, rows.boolean(0, 4),
                              {rows.integer(0, 2), digest_of(rows.text(0, 3))});
}

// The events of rows that have ids of streams.
std::vector<recorded_event> log::implementation::named(result const& rows,
                                                       stream_names::range const& good) {
    std::vector<recorded_event> events;
    std::vector<std::int64_t> ids;
    events.reserve(rows.size());
    ids.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        events.push_back(event_without_stream(rows, i));
        ids.push_back(rows.integer(i, stream_id_column));
    }
    auto const unknown = feed_names.give(events, ids, good);
    if (unknown.empty()) return events;
    array_literal wanted;
    for (auto const id : unknown) wanted.add(id);
    auto const answer = run(queries.names, {wanted.take()});
    stream_names::names found;
    for (std::size_t i = 0; i < answer.size(); ++i) {
        found.emplace(answer.integer(i, 0), answer.text(i, 1));
    }
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!events[i].stream.empty()) continue;
        auto const at = found.find(ids[i]);
        if (at == found.end()) {
            throw error{errc::corrupted,
                        fmt::format("the event at position {} is of stream {}, which the store "
                                    "does not have",
                                    events[i].position, ids[i])};
        }
        events[i].stream = at->second;
    }
    feed_names.learn(found, good);
    return events;
}

log::log(std::unique_ptr<implementation> self) noexcept : self_{std::move(self)} {}
log::~log() = default;

std::unique_ptr<log> log::open(log_options const& options) {
    auto names = names_of(options.store, database_of(session_options_for(options, {})));
    auto const id = store_identity(session_options_for(options, names.app), options.store,
                                   names.schema, migrations().size());
    return std::unique_ptr<log>{
        new log{std::make_unique<implementation>(options, std::move(names), id)}};
}

uuid log::store_id() const { return self_->store_id; }
std::string const& log::store_name() const { return self_->store; }
store_names const& log::names() const noexcept { return self_->names; }

std::vector<append_result> log::append_batch(std::span<commit const> commits) {
    return self_->append.append(commits);
}

appended log::append_with(commit const& one, participants const& with) {
    return self_->with_participants.append(one, with);
}

appended log::append_restructure(std::function<commit()> const& make) {
    return self_->restructures.append(make);
}

recorded_seal log::seal(new_seal const& wanted) { return self_->restructures.seal(wanted); }

std::vector<recorded_seal> log::list_seals() {
    auto const rows = self_->run(self_->queries.list_seals);
    std::vector<recorded_seal> all;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        recorded_seal one;
        one.category = rows.text(i, 0);
        if (!rows.null(i, 1)) one.until = timestamp{duration{rows.integer(i, 1)}};
        one.through = rows.integer(i, 2);
        one.actor = rows.text(i, 3);
        one.because = rows.text(i, 4);
        one.sealed_at = timestamp{duration{rows.integer(i, 5)}};
        one.head = rows.integer(i, 6);
        all.push_back(std::move(one));
    }
    return all;
}

stream_page log::read_stream(stream_name const& stream, stream_read const& options) {
    bool const forward = options.direction == direction::forward;
    auto const limit = std::min(options.limit, limits::page_events_max);
    auto const from = forward             ? options.from
                      : options.from == 0 ? std::numeric_limits<version>::max()
                                          : options.from;
    auto const rows =
        self_->run(forward ? self_->queries.stream_forward : self_->queries.stream_backward,
                   {stream.str(), std::to_string(from), std::to_string(limit + 1)});
    stream_page page;
    page.as_of = rows.integer(0, 0);
    for (std::size_t i = 0; i < rows.size() && !rows.null(i, 1); ++i) {
        if (page.events.size() == limit) {
            page.more = true;
            break;
        }
        page.events.push_back(event_of(rows, i, 1));
    }
    return page;
}

std::map<std::string, std::vector<recorded_event>> log::read_streams(
    std::span<stream_name const> streams, position* as_of, streams_read const& options) {
    recount::detail::check(options, streams.size());
    array_literal names;
    array_literal from;
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if (!seen.insert(streams[i].str()).second) continue;
        names.add(streams[i].str());
        from.add(options.from.empty() ? version{1} : options.from[i]);
    }
    auto const limit = options.limit == 0 ? std::nullopt : parameter{std::to_string(options.limit)};
    // Most often it is one, for which there is a simpler query.
    auto const rows =
        seen.size() == 1
            ? self_->run(self_->queries.stream_forward,
                         {streams.front().str(),
                          std::to_string(options.from.empty() ? 1 : options.from.front()), limit})
            : self_->run(self_->queries.streams, {names.take(), from.take(), limit});
    std::map<std::string, std::vector<recorded_event>> found;
    if (as_of != nullptr) *as_of = rows.integer(0, 0);
    for (std::size_t i = 0; i < rows.size() && !rows.null(i, 1); ++i) {
        auto event = event_of(rows, i, 1);
        auto& events = found[event.stream];
        events.push_back(std::move(event));
    }
    return found;
}

namespace {

parameter array_or_null(std::vector<std::string> const& wanted) {
    if (wanted.empty()) return std::nullopt;
    array_literal list;
    for (auto const& one : wanted) list.add(one);
    return list.take();
}

}  // namespace

// They are few, and have an index: all that lies between them is passed over.
feed_page log::implementation::read_restructures(position from, std::size_t wanted) {
    feed_page page;
    auto const rows = run(queries.feed_of_restructures,
                          {std::to_string(from), std::to_string(wanted)});
    page.head = rows.integer(0, 0);
    for (std::size_t i = 0; i < rows.size() && !rows.null(i, 1); ++i) {
        page.events.push_back(event_of(rows, i, 1));
    }
    bool const full = page.events.size() >= wanted;
    page.through = std::max(from, full ? page.events.back().commit_last : page.head);
    page.caught_up = page.through >= page.head;
    return page;
}

feed_page log::read_feed(position after, feed_filter const& filter, std::size_t limit) {
    auto const from = std::max<position>(after, 0);
    auto const wanted = std::clamp<std::size_t>(limit, 1, limits::page_events_max);
    static feed_filter const of_restructures{.types = {std::string{history::restructured_type}}};
    if (filter == of_restructures) return self_->read_restructures(from, wanted);
    feed_page page;
    auto const names = self_->look_at_window(from, wanted, page);
    page.caught_up = page.through >= page.head;
    if (page.through == from) return page;
    // Rows up to `through` never change again, so a second statement reads them as the first saw.
    std::vector<parameter> parameters{std::to_string(from), std::to_string(page.through),
                                      array_or_null(filter.types)};
    if (filter.categories.empty() && !filter.stream) {
        page.events = self_->named(self_->run(self_->queries.feed, parameters), names);
        return page;
    }
    parameters.push_back(array_or_null(filter.categories));
    parameters.push_back(filter.stream ? parameter{filter.stream->str()} : std::nullopt);
    auto const rows = self_->run(self_->queries.feed_of_streams, parameters);
    page.events.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) page.events.push_back(event_of(rows, i));
    return page;
}

std::optional<recorded_event> log::find_event(uuid const& id) {
    auto const rows = self_->run(self_->queries.event,
                                 {to_string(command_id_of(id)), std::to_string(ordinal_of(id))});
    if (rows.empty()) return std::nullopt;
    return event_of(rows, 0);
}

std::map<uuid, remembered_commit> log::find_commits(std::span<uuid const> ids) {
    return remembered_commits(self_->run(self_->queries.commits, {uuid_array(ids)}));
}

log_head log::head() {
    auto const rows = self_->run(self_->queries.head);
    if (rows.empty()) return {};
    return {rows.integer(0, 0), digest_of(rows.text(0, 1))};
}

std::optional<digest> log::hash_at(position at) {
    if (at == 0) return digest{};
    auto const rows = self_->run(self_->queries.hash_at, {std::to_string(at)});
    if (rows.empty()) return std::nullopt;
    return digest_of(rows.text(0, 0));
}

position log::wait(position after, std::chrono::milliseconds timeout) {
    return self_->watch.wait(after, timeout, [this] { return self_->end(); });
}

std::vector<stream_summary> log::list_streams(std::string_view category, std::string_view after,
                                              std::size_t limit) {
    std::vector<parameter> page{parameter{after}, std::to_string(limit)};
    if (!category.empty()) page.emplace_back(category);
    auto const rows = self_->run(
        category.empty() ? self_->queries.list_streams : self_->queries.list_streams_of, page);
    std::vector<stream_summary> found;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        found.push_back({std::string{rows.text(i, 0)}, rows.integer(i, 1), rows.integer(i, 2)});
    }
    return found;
}

std::unique_ptr<stored_log> log::stored() {
    return open_stored_log({self_->url, self_->store, self_->names.app, self_->program});
}

std::vector<category_summary> log::list_categories() {
    constexpr auto most = static_cast<std::int64_t>(limits::counted_streams_max);
    auto const rows = self_->run(self_->queries.list_categories, {std::to_string(most + 1)});
    std::vector<category_summary> found;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const counted = rows.integer(i, 1);
        found.push_back({std::string{rows.text(i, 0)}, std::min(counted, most), counted > most});
    }
    return found;
}

std::vector<type_summary> log::list_types() {
    auto const rows = self_->run(self_->queries.list_types);
    std::vector<type_summary> found;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        found.push_back({std::string{rows.text(i, 0)}, static_cast<int>(rows.integer(i, 1)),
                         rows.integer(i, 2)});
    }
    return found;
}

snapshot_store* log::snapshots() noexcept { return &self_->snapshots; }

}  // namespace recount::postgres
