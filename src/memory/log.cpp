// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/memory/log.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <unordered_set>

#include <fmt/core.h>

#include <recount/core/limits.hpp>
#include <recount/log/hash.hpp>
#include <recount/restructure/payload.hpp>
#include <recount/restructure/standstill.hpp>

#include "log/append_report.hpp"
#include "log/batch.hpp"
#include "log/seals.hpp"
#include "log/streams_read.hpp"
#include "memory/kept_snapshots.hpp"
#include "memory/stored_copy.hpp"

namespace recount::memory {

namespace {

struct stream_record {
    std::int64_t id = 0;
    std::vector<position> positions;  // of version 1, 2, 3 …
};

}  // namespace

struct log::implementation {
    std::string const name;
    uuid const id = new_command_id();
    clock_function const clock;

    std::mutex restructures;  // held while one is made and appended; before the others
    // Held by who appends; before `mutex`. Recursive: at a standstill one appends who holds it.
    std::recursive_mutex appends;
    mutable std::mutex mutex;
    std::condition_variable news;
    std::vector<recorded_event> rows;  // position = index + 1
    std::map<std::string, stream_record, std::less<>> streams;
    std::unordered_map<uuid, position> commits;  // by command id, its first row
    std::map<std::pair<std::string, int>, position> types;
    std::vector<recorded_seal> seals;
    seals_in_force closed;
    std::vector<link> links;
    memory::kept_snapshots snapshots;

    implementation(std::string store_name, clock_function now)
        : name{std::move(store_name)}, clock{std::move(now)},
          snapshots{[this](std::string const& stream) {
              std::lock_guard const hold{mutex};
              auto const known = streams.find(stream);
              return known == streams.end()
                         ? version{0}
                         : static_cast<version>(known->second.positions.size());
          }} {
        links.push_back({0, 0, clock(), link_genesis(id)});
    }

    [[nodiscard]] position end() const noexcept { return static_cast<position>(rows.size()); }
    [[nodiscard]] recorded_event const& at(position p) const {
        return rows[static_cast<std::size_t>(p) - 1];
    }

    [[nodiscard]] remembered_commit remembered(position first) const;
    [[nodiscard]] std::optional<append_result> settled(commit const& one) const;
    [[nodiscard]] timestamp next_time() const {
        return std::max(clock(), links.back().recorded_at);
    }
    void note_types(std::string_view restructure, position at);
    void append_new(std::span<commit const* const> commits, std::vector<std::size_t> const& wanted,
                    std::vector<std::optional<append_result>>& results,
                    std::unordered_set<uuid>& written);
    void insert(std::span<commit const* const> commits, detail::planned_batch const& batch,
                timestamp recorded_at);
};

remembered_commit log::implementation::remembered(position first) const {
    remembered_commit found;
    auto const last = at(first).commit_last;
    for (auto p = first; p <= last; ++p) {
        found.rows.push_back(at(p));
        found.result.events.push_back({at(p).stream, at(p).version, at(p).id, at(p).hash});
    }
    found.result.first = first;
    found.result.last = last;
    found.result.recorded_at = at(first).recorded_at;
    found.result.repeated = true;
    return found;
}

// What can be said of a commit before its expectations are judged.
std::optional<append_result> log::implementation::settled(commit const& one) const {
    if (auto defect = detail::defect_of(one)) return *defect;
    auto const known = commits.find(one.id);
    if (known == commits.end()) {
        if (closed.until.empty()) return std::nullopt;  // nobody need ask what time it is
        if (auto closed_then = detail::sealed(one, closed, next_time())) return *closed_then;
        return std::nullopt;
    }
    auto found = remembered(known->second);
    if (same_commit(one, found.rows)) return std::move(found.result);
    return detail::id_taken(one.id);
}

// A type that only a correction speaks of is one of the log, too.
void log::implementation::note_types(std::string_view restructure, position at) {
    auto const says = history::payload_from_log(restructure, at);
    if (!says) return;
    for (auto const& o : says->ops) {
        history::content_ptr content;
        if (auto const* const r = std::get_if<history::op::replace>(&o.what)) content = r->content;
        if (auto const* const i = std::get_if<history::op::insert>(&o.what)) content = i->content;
        if (content) types.try_emplace({content->type, content->schema_version}, at);
    }
}

void log::implementation::insert(std::span<commit const* const> commits_given,
                                 detail::planned_batch const& batch, timestamp recorded_at) {
    auto const base = end();
    std::vector<linked_row> linked;
    linked.reserve(batch.rows.size());
    for (auto const& row : batch.rows) {
        auto const& one = *commits_given[row.commit];
        auto const& event = one.events[row.event];
        recorded_event e;
        e.position = end() + 1;
        e.stream = event.stream.str();
        e.version = row.version;
        e.id = event_id(one.id, static_cast<std::uint16_t>(row.event));
        e.type = event.type;
        e.schema_version = event.schema_version;
        e.commit_last = base + row.commit_last;
        e.recorded_at = recorded_at;
        e.effective_at = event.effective_at;
        if (row.event == 0) {
            if (one.command) e.command = one.command->str();
            commits.emplace(one.id, e.position);
        }
        e.payload = event.payload.str();
        e.meta = batch.metas[row.commit];
        e.hash = row.hash;
        auto& stream = streams[e.stream];
        if (stream.id == 0) stream.id = e.position;
        stream.positions.push_back(e.position);
        types.try_emplace({e.type, e.schema_version}, e.position);
        if (e.type == history::restructured_type) note_types(e.payload, e.position);
        linked.push_back({e.commit_last, e.hash});
        rows.push_back(std::move(e));
    }
    links.push_back({base + 1, end(), recorded_at,
                     link_hash(links.back().hash, base + 1, end(), recorded_at, linked)});
}

// One batch: `wanted` are commits whose ids are new and differ from each other.
void log::implementation::append_new(std::span<commit const* const> commits_given,
                                     std::vector<std::size_t> const& wanted,
                                     std::vector<std::optional<append_result>>& results,
                                     std::unordered_set<uuid>& written) {
    auto const began = std::chrono::steady_clock::now();
    detail::known_heads heads;
    for (auto const index : wanted) {
        for (auto const name_touched : detail::touched_streams(*commits_given[index])) {
            auto const [at_name, fresh] = heads.try_emplace(std::string{name_touched});
            auto const known = streams.find(name_touched);
            if (!fresh || known == streams.end()) continue;
            auto const last = known->second.positions.back();
            at_name->second = {known->second.id, at(last).version, at(last).hash};
        }
    }
    auto const batch = detail::plan_batch(id, commits_given, wanted, heads, written);
    for (auto const& [index, conflict] : batch.conflicts) {
        results[index] = conflict;
        detail::tell_conflict(*commits_given[index], conflict);
    }
    if (batch.rows.empty()) return;
    auto const base = end();
    auto const recorded_at = next_time();
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        auto const& row = batch.rows[i];
        if (row.event != 0) continue;
        results[row.commit] =
            detail::result_of(*commits_given[row.commit], batch, i, base, recorded_at);
        written.insert(commits_given[row.commit]->id);
    }
    insert(commits_given, batch, recorded_at);
    detail::tell_batch(commits_given, batch, base, began);
}

log::log(std::string store_name, clock_function clock)
    : self_{std::make_unique<implementation>(std::move(store_name), std::move(clock))} {}
log::~log() = default;

uuid log::store_id() const { return self_->id; }
std::string const& log::store_name() const { return self_->name; }

std::vector<append_result> log::append_batch(std::span<commit const> commits) {
    std::vector<std::optional<append_result>> results(commits.size());
    {
        std::lock_guard const turn{self_->appends};
        std::lock_guard const hold{self_->mutex};
        std::vector<commit const*> given;
        given.reserve(commits.size());
        for (auto const& one : commits) given.push_back(&one);
        std::vector<std::size_t> wanted;
        detail::batch_meter meter;
        std::unordered_set<uuid> in_batch;
        std::unordered_set<uuid> written;
        auto const flush = [&] {
            self_->append_new(given, wanted, results, written);
            wanted.clear();
            in_batch.clear();
            meter = {};
        };
        for (std::size_t i = 0; i < commits.size(); ++i) {
            // The same id twice in one call: the second sees what became of the first.
            if (in_batch.contains(commits[i].id)) flush();
            results[i] = self_->settled(commits[i]);
            if (results[i]) continue;
            if (!meter.has_room_for(commits[i])) flush();
            meter.add(commits[i]);
            in_batch.insert(commits[i].id);
            wanted.push_back(i);
        }
        flush();
    }
    self_->news.notify_all();
    std::vector<append_result> done;
    done.reserve(results.size());
    for (auto& r : results) {
        assert_that(r.has_value(), "every commit of a batch has a result");
        done.push_back(std::move(*r));
    }
    return done;
}

appended log::append_restructure(std::function<commit()> const& make) {
    std::lock_guard const alone{self_->restructures};
    for (int made = 1; made < limits::restructure_makings_max; ++made) {
        try {
            auto const one = make();
            auto results = append_batch({&one, 1});
            if (auto* const done = std::get_if<appended>(&results.front())) {
                return std::move(*done);
            }
            auto const& failure = std::get<error>(results.front());
            if (failure.code() != errc::conflict) throw error{failure};
        } catch (wants_standstill const&) {
            break;
        }
    }
    std::lock_guard const standstill{self_->appends};
    return append(make());
}

recorded_seal log::seal(new_seal const& wanted) {
    if (auto const defect = detail::defect_of(wanted)) throw error{*defect};
    std::lock_guard const alone{self_->restructures};
    std::lock_guard const hold{self_->mutex};
    if (wanted.through > self_->end()) throw detail::beyond_the_log(wanted.through, self_->end());
    self_->seals.push_back({wanted.category, wanted.until, wanted.through, wanted.actor,
                            wanted.because, self_->next_time(), self_->end()});
    self_->closed = seals_in_force{self_->seals};
    return self_->seals.back();
}

std::vector<recorded_seal> log::list_seals() {
    std::lock_guard const hold{self_->mutex};
    return self_->seals;
}

stream_page log::read_stream(stream_name const& stream, stream_read const& options) {
    std::lock_guard const hold{self_->mutex};
    stream_page page;
    page.as_of = self_->end();
    auto const known = self_->streams.find(stream.str());
    if (known == self_->streams.end()) return page;
    auto const& positions = known->second.positions;
    auto const last = static_cast<version>(positions.size());
    bool const forward = options.direction == direction::forward;
    auto const limit = std::min(options.limit, limits::page_events_max);
    auto v = forward ? std::max<version>(options.from, 1)
                     : (options.from == 0 ? last : std::min(options.from, last));
    for (; v >= 1 && v <= last; v += forward ? 1 : -1) {
        if (page.events.size() == limit) {
            page.more = true;
            break;
        }
        page.events.push_back(self_->at(positions[static_cast<std::size_t>(v) - 1]));
    }
    return page;
}

std::map<std::string, std::vector<recorded_event>> log::read_streams(
    std::span<stream_name const> streams, position* as_of, streams_read const& options) {
    detail::check(options, streams.size());
    std::lock_guard const hold{self_->mutex};
    std::map<std::string, std::vector<recorded_event>> found;
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        auto const& stream = streams[i].str();
        auto const known = self_->streams.find(stream);
        if (known == self_->streams.end() || !seen.insert(stream).second) continue;
        auto const& positions = known->second.positions;
        auto const from = options.from.empty() ? version{1} : std::max<version>(options.from[i], 1);
        auto const first = std::min(static_cast<std::size_t>(from) - 1, positions.size());
        auto const count = options.limit == 0
                               ? positions.size() - first
                               : std::min(options.limit, positions.size() - first);
        if (count == 0) continue;
        auto& events = found[stream];
        events.reserve(count);
        for (auto at = first; at < first + count; ++at) {
            events.push_back(self_->at(positions[at]));
        }
    }
    if (as_of != nullptr) *as_of = self_->end();
    return found;
}

namespace {

bool passes(feed_filter const& filter, recorded_event const& e) {
    auto const any_of = [](std::vector<std::string> const& wanted, std::string_view found) {
        return wanted.empty() || std::find(wanted.begin(), wanted.end(), found) != wanted.end();
    };
    auto const category = std::string_view{e.stream}.substr(0, e.stream.find('-'));
    return any_of(filter.categories, category) && any_of(filter.types, e.type) &&
           (!filter.stream || filter.stream->str() == e.stream);
}

}  // namespace

feed_page log::read_feed(position after, feed_filter const& filter, std::size_t limit) {
    std::lock_guard const hold{self_->mutex};
    feed_page page;
    page.head = self_->end();
    page.through = std::max<position>(after, 0);
    if (page.through < page.head) {
        auto const wanted = std::clamp<std::size_t>(limit, 1, limits::page_events_max);
        auto const end = page.through + static_cast<position>(wanted);
        page.through = self_->at(std::min(end, page.head)).commit_last;
        for (auto p = std::max<position>(after, 0) + 1; p <= page.through; ++p) {
            if (passes(filter, self_->at(p))) page.events.push_back(self_->at(p));
        }
    }
    page.caught_up = page.through >= page.head;
    return page;
}

std::optional<recorded_event> log::find_event(uuid const& id) {
    std::lock_guard const hold{self_->mutex};
    auto const known = self_->commits.find(command_id_of(id));
    if (known == self_->commits.end()) return std::nullopt;
    auto const p = known->second + ordinal_of(id);
    if (p > self_->at(known->second).commit_last) return std::nullopt;
    return self_->at(p);
}

std::map<uuid, remembered_commit> log::find_commits(std::span<uuid const> ids) {
    std::lock_guard const hold{self_->mutex};
    std::map<uuid, remembered_commit> found;
    for (auto const& id : ids) {
        auto const known = self_->commits.find(id);
        if (known != self_->commits.end()) found.emplace(id, self_->remembered(known->second));
    }
    return found;
}

log_head log::head() {
    std::lock_guard const hold{self_->mutex};
    auto const end = self_->end();
    return {end, end == 0 ? digest{} : self_->at(end).hash};
}

std::optional<digest> log::hash_at(position at) {
    std::lock_guard const hold{self_->mutex};
    if (at < 0 || at > self_->end()) return std::nullopt;
    return at == 0 ? digest{} : self_->at(at).hash;
}

position log::wait(position after, std::chrono::milliseconds timeout) {
    std::unique_lock hold{self_->mutex};
    self_->news.wait_for(hold, timeout, [&] { return self_->end() > after; });
    return self_->end();
}

std::vector<stream_summary> log::list_streams(std::string_view category, std::string_view after,
                                              std::size_t limit) {
    std::lock_guard const hold{self_->mutex};
    std::vector<stream_summary> found;
    for (auto at = self_->streams.upper_bound(after);
         at != self_->streams.end() && found.size() < limit; ++at) {
        auto const& [name, record] = *at;
        if (!category.empty() && std::string_view{name}.substr(0, name.find('-')) != category) {
            continue;
        }
        found.push_back({name, static_cast<version>(record.positions.size()), record.id});
    }
    return found;
}

std::vector<category_summary> log::list_categories() {
    std::lock_guard const hold{self_->mutex};
    std::map<std::string, std::int64_t> counted;
    for (auto const& [name, record] : self_->streams) ++counted[name.substr(0, name.find('-'))];
    std::vector<category_summary> found;
    constexpr auto most = static_cast<std::int64_t>(limits::counted_streams_max);
    for (auto const& [name, streams] : counted) {
        found.push_back({name, std::min(streams, most), streams > most});
    }
    return found;
}

std::vector<type_summary> log::list_types() {
    std::lock_guard const hold{self_->mutex};
    std::vector<type_summary> found;
    for (auto const& [key, first] : self_->types) found.push_back({key.first, key.second, first});
    return found;
}

std::unique_ptr<stored_log> log::stored() { return std::make_unique<stored_copy>(*this); }
snapshot_store* log::snapshots() noexcept { return &self_->snapshots; }

std::vector<log::link> log::links() const {
    std::lock_guard const hold{self_->mutex};
    return self_->links;
}

}  // namespace recount::memory
