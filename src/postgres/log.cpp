// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/log.hpp>

#include <algorithm>
#include <limits>
#include <unordered_set>

#include <fmt/core.h>

#include <recount/postgres/stored_log.hpp>

#include "log/streams_read.hpp"
#include "postgres/append_restructure.hpp"
#include "postgres/append_with.hpp"
#include "postgres/appender.hpp"
#include "postgres/event_rows.hpp"
#include "postgres/head_watch.hpp"
#include "postgres/kept_snapshots.hpp"
#include "postgres/log_queries.hpp"
#include "postgres/store_identity.hpp"

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
    append_with_participants with_participants;
    restructure_appender restructures;

    implementation(log_options const& options, store_names roles, uuid const& id)
        : url{options.url}, program{options.program}, store{options.store},
          names{std::move(roles)}, store_id{id}, queries{names.schema},
          sessions{session_options_for(options, names.app), options.sessions_max},
          snapshots{sessions, queries},
          append{sessions, store_id, queries, [this](position head) { watch.grown_to(head); }},
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
};

log::log(std::unique_ptr<implementation> self) noexcept : self_{std::move(self)} {}
log::~log() = default;

std::unique_ptr<log> log::open(log_options const& options) {
    auto names = names_of(options.store, database_of(session_options_for(options, {})));
    auto const id = store_identity(session_options_for(options, names.app), options.store,
                                   names.schema);
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
    auto const rows = self_->run(self_->queries.streams, {names.take(), from.take(), limit});
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

feed_page log::read_feed(position after, feed_filter const& filter, std::size_t limit) {
    auto const from = std::max<position>(after, 0);
    auto const wanted = std::clamp<std::size_t>(limit, 1, limits::page_events_max);
    feed_page page;
    {
        auto const rows =
            self_->run(self_->queries.window, {std::to_string(from), std::to_string(wanted)});
        page.through = std::max(rows.integer(0, 0), from);
        page.head = rows.integer(0, 1);
    }
    page.caught_up = page.through >= page.head;
    if (page.through == from) return page;
    // Rows up to `through` never change again, so a second statement reads them as the first saw.
    auto const stream = filter.stream ? parameter{filter.stream->str()} : std::nullopt;
    auto const rows =
        self_->run(self_->queries.feed,
                   {std::to_string(from), std::to_string(page.through),
                    array_or_null(filter.categories), array_or_null(filter.types), stream});
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
