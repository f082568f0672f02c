// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "projection/telling.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <fmt/core.h>

#include <recount/core/fault_point.hpp>
#include <recount/restructure/read.hpp>

namespace recount::detail {

bool may_pass(error const& failure) {
    return failure.retryable() || failure.code() == errc::database_unreachable ||
           failure.code() == errc::in_doubt || failure.code() == errc::timed_out;
}

namespace {

struct found_handler {
    handler_descriptor const* handler;
    std::size_t version_index;
};

// Nothing: the event is none of the projection's business.
std::optional<found_handler> handler_of(projection_descriptor const& p, std::string_view type,
                                        int schema_version, position at) {
    std::optional<int> other_version;
    for (auto const& handler : p.handlers) {
        auto const index = index_of_version(handler.versions, type, schema_version);
        if (index) return found_handler{&handler, *index};
        if (handler.event.name == type) other_version = handler.event.version;
    }
    if (!other_version) return std::nullopt;
    throw error{errc::unknown_type,
                fmt::format("projection {} knows {} up to version {}, the log has version {} at "
                            "position {}",
                            p.name, type, *other_version, schema_version, at)};
}

bool handles(projection_descriptor const& p, std::string_view type) {
    return std::any_of(p.handlers.begin(), p.handlers.end(),
                       [&](auto const& handler) { return handler.event.name == type; });
}

bool reads_the_same(history::slot_version const& a, history::slot_version const& b) {
    return a.event == b.event && a.stream == b.stream &&
           (a.content == b.content || *a.content == *b.content);
}

// What is only elsewhere in the same stream changes nothing for those whom order does not matter.
void drop_changes_of_order(std::vector<history::weighted_version>& delta) {
    std::map<uuid, history::slot_version const*> was;
    std::set<uuid> same;
    for (auto const& change : delta) {
        if (change.weight < 0) {
            was.emplace(change.version.event, &change.version);
        } else if (auto const before = was.find(change.version.event);
                   before != was.end() && reads_the_same(*before->second, change.version)) {
            same.insert(change.version.event);
        }
    }
    std::erase_if(delta, [&](auto const& change) { return same.contains(change.version.event); });
}

}  // namespace

telling::source_event telling::event_of(recorded_event const& e) {
    return {e.type, e.schema_version, e.payload,
            {e.position, e.stream, e.version, e.id, e.recorded_at, e.effective()}};
}

telling::source_event telling::event_of(history::slot_version const& slot) {
    auto const& content = *slot.content;
    auto const& origin = *slot.origin;
    return {content.type, content.schema_version, content.payload,
            {origin.position, slot.stream, origin.version, slot.event, origin.recorded_at,
             content.effective_at}};
}

std::optional<telling::told_event> telling::decode(source_event const& e, position told_for,
                                                   int weight) const {
    auto const found = handler_of(projection_, e.type, e.schema_version, e.about.position);
    if (!found) return std::nullopt;
    auto const& handler = *found->handler;
    try {
        auto object = handler.decode(found->version_index, e.payload);
        auto group = handler.group(object.get(), e.about);
        return told_event{&handler, std::move(object), e, std::move(group), told_for, weight};
    } catch (error const& failure) {
        throw error{failure.code(),
                    fmt::format("event {} ({}) at position {}: {}", to_string(e.about.id), e.type,
                                e.about.position, failure.what())};
    }
}

telling::event_text telling::text_of(source_event const& e) {
    return {e.about.id,       std::string{e.about.stream}, std::string{e.type},
            e.schema_version, std::string{e.payload},      e.about.effective_at};
}

// Whether the corrected history at the head of the log has something else in its place, or nothing.
bool telling::another_by_now(event_text const& e) {
    if (folds_ == nullptr) return false;
    auto const& stream = std::get<1>(e);
    auto const& history = folds_->known_to(stream_name{stream}, history::latest);
    auto const now = history.find(std::get<0>(e));
    return now && !says(now, e);
}

bool telling::says(std::optional<history::slot_state> const& slot, event_text const& e) {
    if (!slot || !slot->present) return false;
    auto const& c = *slot->content;
    return e == event_text{std::get<0>(e),   slot->stream, c.type,
                           c.schema_version, c.payload,    c.effective_at};
}

// The end of the restructure that makes another one of what was told for that position; 0: none.
position telling::ended_at(event_text const& e, position told_for) {
    if (folds_ == nullptr) return 0;
    auto const& history =
        folds_->known_to(stream_name{std::get<1>(e)}, history::latest);
    for (auto const& one : history.restructures()) {
        if (one.visible_at <= told_for) continue;
        if (!says(history.find(std::get<0>(e), one.visible_at), e)) return one.visible_at;
    }
    return 0;
}

bool telling::is_left_out(source_event const& e, position told_for, int weight) {
    if (left_out_.empty()) return false;
    auto text = text_of(e);
    if (weight < 0) return open_.erase(text) > 0;
    if (!left_out_.contains({text, told_for})) return false;
    open_.insert(std::move(text));
    return true;
}

// Rethrows what stopped it, unless the page has the restructure that takes the event back.
void telling::leave_out(stopped const& one, position through) {
    auto const end = one.weight > 0 ? ended_at(one.at, one.told_for) : 0;
    if (end == 0 || end > through) {
        reach_ = end;
        std::rethrow_exception(one.why);
    }
    left_out_.emplace(one.at, one.told_for);
}

std::optional<telling::told_event> telling::decode_or_pass(source_event const& e,
                                                           position told_for, int weight) {
    try {
        return decode(e, told_for, weight);
    } catch (std::bad_alloc const&) {
        throw;   // it says nothing of the event
    } catch (std::exception const& failure) {
        auto const* const known = dynamic_cast<error const*>(&failure);
        bool const of_store = known != nullptr && may_pass(*known);
        if (of_store || !another_by_now(text_of(e))) throw;
        return std::nullopt;
    }
}

void telling::note(told_event const& e) {
    if (!projection_.notes_streams()) return;
    noted_.insert({e.group, std::string{e.from.about.stream}});
}

void telling::add(source_event const& e, position told_for, int weight) {
    if (is_left_out(e, told_for, weight)) return;
    auto one = decode_or_pass(e, told_for, weight);
    if (!one) return;
    note(*one);
    list_.push_back(std::move(*one));
}

void telling::read(std::vector<recorded_event> const& events) {
    list_.reserve(events.size());
    for (auto at = events.begin(); at != events.end();) {
        if (!history::is_restructure(*at)) {
            constexpr int told = 1;
            add(event_of(*at), at->position, told);
            ++at;
            continue;
        }
        auto const end = std::find_if(at, events.end(), [&](auto const& row) {
            return row.commit_last != at->commit_last;
        });
        if (folds_ != nullptr) restructured({at, end});
        at = end;
    }
}

void telling::restructured(std::span<recorded_event const> rows) {
    std::set<std::string> streams;
    for (auto const& row : rows) streams.insert(row.stream);
    std::vector<std::string> const names{streams.begin(), streams.end()};
    auto const last = rows.front().commit_last;
    auto& delta = deltas_.emplace_back(
        folds_->delta(names, rows.front().position - 1, last));
    if (projection_.invertible) {
        drop_changes_of_order(delta);
        for (auto const& change : delta) add(event_of(change.version), last, change.weight);
        return;
    }
    for (auto const& change : delta) {
        auto const one = decode_or_pass(event_of(change.version), last);
        if (one) {
            note(*one);
            refolds_[one->group] = last;
        } else if (!projection_.own_group && handles(projection_, change.version.content->type)) {
            // What cannot be read now may have been told by a program that took more.
            refolds_[change.version.stream] = last;
        }
    }
    deltas_.pop_back();
}

void telling::tell_one(told_event const& e) {
    unit_->event(e.from.about, e.group, e.told_for);
    e.handler->on(*unit_, e.object.get(), e.from.about, e.weight);
}

void telling::apply_one(told_event const& e) {
    try {
        tell_one(e);
    } catch (error const& failure) {
        if (may_pass(failure)) throw;  // of the store
        auto const& about = e.from.about;
        error const why{failure.code(),
                        fmt::format("projection {}, event {} ({}) at position {}: {}",
                                    projection_.name, to_string(about.id), e.handler->event.name,
                                    about.position, failure.what())};
        throw stopped{text_of(e.from), e.told_for, e.weight, std::make_exception_ptr(why)};
    } catch (std::exception const&) {
        throw stopped{text_of(e.from), e.told_for, e.weight, std::current_exception()};
    }
}

// Whether a restructure behind this page changes what the group is told. Of a group that has events
// of several streams those count that it ever had events of.
bool telling::is_told_anew_later(told_event const& e) {
    if (folds_ == nullptr) return false;
    std::set<std::string> streams{std::string{e.from.about.stream}};
    if (projection_.notes_streams()) streams = streams_of({e.group});
    for (auto const& stream : streams) {
        auto const& history = folds_->known_to(stream_name{stream}, history::latest);
        for (auto const& one : history.restructures()) {
            if (one.visible_at <= through_) continue;
            auto const changes = history.delta(one.visible_at - 1, one.visible_at);
            bool const touched = std::any_of(changes.begin(), changes.end(), [&](auto const& c) {
                return c.version.stream == stream && is_of_group(event_of(c.version), e.group);
            });
            if (touched) return true;
        }
    }
    return false;
}

bool telling::is_of_group(source_event const& e, std::string const& group) const {
    try {
        auto const one = decode(e, through_, 1);
        return one && one->group == group;
    } catch (std::exception const&) {
        return false;   // what cannot be read is of no group
    }
}

// A group whose events a handler throws at has no rows until it is told anew. What the handler did
// before is among the rows of the page: it is told again without the group, once for all of them.
void telling::apply_or_leave(told_event const& e) {
    if (left_.contains(e.group)) return;
    try {
        apply_one(e);
    } catch (stopped const&) {
        if (projection_.invertible || !is_told_anew_later(e)) throw;
        left_.insert(e.group);
        again_ = true;
    }
}

void telling::tell_list() {
    for (auto const& e : list_) {
        try {
            tell_one(e);
        } catch (std::exception const&) {
            // It saw a scratch row. What it would have asked for next is loaded when it is told.
        }
    }
}

void telling::start_again() {
    unit_.emplace(projection_, source_);
    list_.clear();
    deltas_.clear();
    refolds_.clear();
    noted_.clear();
    open_.clear();
}

void telling::tell(std::vector<recorded_event> const& events, position through) {
    through_ = through;
    for (;;) {
        try {
            tell_page(events, through);
        } catch (stopped const& one) {
            if (!projection_.invertible || !another_by_now(one.at)) {
                std::rethrow_exception(one.why);
            }
            leave_out(one, through);
            again_ = true;
        }
        if (!std::exchange(again_, false)) return;
        start_again();
    }
}

void telling::tell_page(std::vector<recorded_event> const& events, position through) {
    read(events);
    std::set<std::string> groups = left_;
    for (auto const& [group, last] : refolds_) groups.insert(group);
    std::erase_if(list_, [&](auto const& e) { return groups.contains(e.group); });
    std::erase_if(refolds_, [&](auto const& one) { return left_.contains(one.first); });
    unit_->begin_collecting();
    tell_list();
    unit_->begin_applying();
    unit_->forget({groups.begin(), groups.end()});
    for (auto const& e : list_) apply_or_leave(e);
    if (refolds_.empty()) return;
    fault_point<"refold.groups_forgotten">();
    if (projection_.notes_streams()) {
        refold_noted(through);
    } else {
        refold_streams(through);
    }
    fault_point<"refold.groups_told">();
}

void telling::tell_anew(history::slot_version const& slot, position told_for) {
    if (auto const one = decode_or_pass(event_of(slot), told_for)) apply_or_leave(*one);
}

// The group is the stream.
void telling::refold_streams(position through) {
    for (auto const& [group, last] : refolds_) {
        auto const& history = folds_->known_to(stream_name{group}, through);
        for (auto const& slot : history.corrected(group, through)) tell_anew(slot, last);
    }
}

std::set<std::string> telling::streams_of(std::set<std::string> const& groups) {
    std::set<std::string> streams;
    for (auto& one : source_.streams_of({groups.begin(), groups.end()})) {
        streams.insert(std::move(one.stream));
    }
    for (auto const& one : noted_) {
        if (groups.contains(one.group)) streams.insert(one.stream);
    }
    return streams;
}

// Each stream is read once for all the groups that have events of it. What is kept until they are
// told are slots that share their contents with the folds.
void telling::refold_noted(position through) {
    std::set<std::string> groups;
    for (auto const& [group, last] : refolds_) groups.insert(group);
    std::map<std::string, std::vector<history::slot_version>> of_group;
    for (auto const& stream : streams_of(groups)) {
        auto const& history = folds_->known_to(stream_name{stream}, through);
        for (auto& slot : history.corrected(stream, through)) {
            auto const one = decode_or_pass(event_of(slot), through);
            if (!one || !refolds_.contains(one->group)) continue;
            of_group[one->group].push_back(std::move(slot));
        }
    }
    for (auto& [group, slots] : of_group) {
        std::sort(slots.begin(), slots.end(), [](auto const& a, auto const& b) {
            return a.at != b.at ? a.at < b.at : a.event < b.event;
        });
        auto const last = refolds_.find(group)->second;
        for (auto const& slot : slots) tell_anew(slot, last);
    }
}

}  // namespace recount::detail
