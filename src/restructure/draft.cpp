// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "draft.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include <recount/core/limits.hpp>
#include <recount/core/plain_text.hpp>
#include <recount/core/text.hpp>
#include <recount/log/stream_name.hpp>

namespace recount::history {

namespace {

[[noreturn]] void no_effect(std::string_view operation, uuid const& event) {
    throw refused_step{refusal::no_effect,
                       fmt::format("{} {} would change nothing", operation, to_string(event))};
}

void check_not_own(std::string_view stream) {
    if (!stream.starts_with('$')) return;
    throw refused_step{refusal::invalid_content,
                       fmt::format("{} is the framework's own, and holds no events of yours",
                                   stream)};
}

void check_stream(std::string const& name) {
    try {
        static_cast<void>(stream_name{name});
    } catch (error const& e) {
        throw refused_step{refusal::invalid_content, e.what()};
    }
    check_not_own(name);
}

content settled(planned_content const& planned, std::optional<timestamp> when) {
    if (planned.effective_at) when = planned.effective_at;
    if (!when) {
        throw refused_step{refusal::invalid_content,
                           "an inserted event needs an effective time of its own"};
    }
    return {planned.type, planned.schema_version, planned.payload.str(), *when};
}

}  // namespace

std::optional<slot_state> draft::find(uuid const& event) const {
    auto const found = written_.find(event);
    return found != written_.end() ? std::optional{found->second} : base_.find(event);
}

slot_state draft::need(uuid const& event) const {
    auto found = find(event);
    if (!found) {
        throw refused_step{refusal::unknown_target,
                           fmt::format("no event {} is known", to_string(event))};
    }
    return *std::move(found);
}

int draft::next_n() const {
    if (ops_.size() >= limits::restructure_operations_max) {
        throw refused_step{refusal::too_many_operations,
                           fmt::format("a restructure has at most {} operations; make several",
                                       limits::restructure_operations_max)};
    }
    return static_cast<int>(ops_.size());
}

// --- places --------------------------------------------------------------------------------------

draft::slot_places const& draft::places_of(std::string const& stream) {
    auto const [found, fresh] = places_.try_emplace(stream);
    if (!fresh) return found->second;
    for (auto const& p : base_.places(stream)) {
        if (!written_.contains(p.event)) found->second.emplace(p.at, p.event);
    }
    auto const came = written_to_.find(stream);
    if (came == written_to_.end()) return found->second;
    for (auto const& event : came->second) {
        auto const& s = written_.at(event);
        if (s.stream == stream) found->second.emplace(s.at, event);   // it may have left again
    }
    return found->second;
}

bool draft::nothing_between(std::string const& stream, place const& a, place const& b) {
    auto const& places = places_of(stream);
    auto const [low, high] = std::minmax(a, b);
    constexpr auto last_id = [] {
        uuid id;
        id.octets.fill(std::byte{0xFF});
        return id;
    }();
    auto const next = places.upper_bound({low, last_id});
    return next == places.end() || next->first >= high;
}

planned_anchor draft::settled(planned_anchor const& at, std::string const& stream,
                              uuid const& event) {
    if (at.what != planned_anchor::kind::first) return at;
    auto const& places = places_of(stream);
    auto const first = std::find_if(places.begin(), places.end(),
                                    [&](auto const& p) { return p.second != event; });
    return first != places.end() ? planned_anchor::before(first->second) : planned_anchor::end();
}

draft::target draft::place_for(planned_anchor const& planned, std::string const& stream,
                               uuid const& event, place const& now) {
    auto const at = settled(planned, stream, event);
    auto const n = static_cast<std::uint16_t>(next_n());
    if (at.what == planned_anchor::kind::keep) return {{anchor::kind::keep}, now};
    if (at.what == planned_anchor::kind::end) {
        return {{anchor::kind::end},
                place::root(own_position, static_cast<std::uint16_t>(n + 1))};
    }
    if (at.event == event) {
        throw refused_step{refusal::self_anchor,
                           fmt::format("{} cannot be put beside itself", to_string(event))};
    }
    auto const z = find(at.event);
    if (!z) {
        throw refused_step{refusal::unknown_anchor,
                           fmt::format("no event {} is known to put another beside",
                                       to_string(at.event))};
    }
    if (z->at.steps() >= limits::place_steps_max) {
        throw refused_step{refusal::too_deep,
                           fmt::format("beside {} there is no place left: it is {} steps deep; "
                                       "choose another neighbour",
                                       to_string(at.event), z->at.steps())};
    }
    bool const after = at.what == planned_anchor::kind::after;
    return {{after ? anchor::kind::after : anchor::kind::before, at.event, z->at},
            z->at.child(after ? side::after : side::before, own_position, n)};
}

// --- operations ----------------------------------------------------------------------------------

namespace {

// The position at whose event, or restructure, the way to the place begins.
position root_of(place const& at) {
    auto root = at;
    while (auto above = root.parent()) root = *std::move(above);
    return root.made_at();
}

}  // namespace

void draft::check_open(slot_state const& s) const {
    auto const category = std::string_view{s.stream}.substr(0, s.stream.find('-'));
    auto const sealed = rules_.sealed_until.find(category);
    if (sealed != rules_.sealed_until.end() && s.content->effective_at <= sealed->second) {
        throw refused_step{refusal::sealed_period,
                           fmt::format("{} is sealed until {}; {} lies in that, and only a plan "
                                       "that acknowledges \"sealed:{}\" changes it",
                                       category, recount::to_string(sealed->second),
                                       recount::to_string(s.content->effective_at), category)};
    }
    auto const through = rules_.sealed_through;
    if (through == 0) return;
    bool const recorded_there = s.origin != nullptr && s.origin->position <= through;
    if (!recorded_there && root_of(s.at) > through) return;
    throw refused_step{refusal::sealed_period,
                       fmt::format("the log is sealed up to position {}; {} lies in that, and only "
                                   "a plan that acknowledges \"sealed_position\" changes it",
                                   through, recorded_there ? s.origin->position : root_of(s.at))};
}

void draft::check(content const& c, std::string const& stream) const {
    auto const invalid = [](std::string sentence) {
        throw refused_step{refusal::invalid_content, std::move(sentence)};
    };
    // What the log asks of an event, since this becomes one without passing there.
    if (c.type.empty() || c.type.size() > limits::type_bytes_max || c.type.front() == '$' ||
        !is_plain_text(c.type)) {
        invalid(fmt::format("\"{}\" is no type of an event", excerpt(c.type)));
    }
    if (c.schema_version < 1) {
        invalid(fmt::format("schema versions count from 1, found {}", c.schema_version));
    }
    using std::chrono::sys_days;
    if (c.effective_at < timestamp{sys_days{date_min}} ||
        c.effective_at >= timestamp{sys_days{date_max} + std::chrono::days{1}}) {
        invalid("the effective time is not within the years 1 to 9999");
    }
    if (c.payload.size() > limits::payload_bytes_max) {
        invalid(fmt::format("a payload of {} bytes is more than the limit of {}",
                            c.payload.size(), limits::payload_bytes_max));
    }
    if (rules_.content_problem) {
        if (auto why = rules_.content_problem(c, stream); !why.empty()) invalid(std::move(why));
    }
}

void draft::write(uuid const& event, slot_state after) {
    if (auto const before = find(event)) {
        check_not_own(before->stream);
        check_open(*before);
        if (auto const p = places_.find(before->stream); p != places_.end()) {
            p->second.erase({before->at, event});
        }
    }
    check_open(after);
    if (auto const p = places_.find(after.stream); p != places_.end()) {
        p->second.emplace(after.at, event);
    }
    auto& now = written_[event];
    if (now.stream != after.stream) written_to_[after.stream].push_back(event);
    now = std::move(after);
}

void draft::add(int n, std::set<std::string> streams,
                std::variant<op::replace, op::exclude, op::insert, op::move, op::reinstate> what) {
    ops_.push_back({n, std::move(what), {streams.begin(), streams.end()}});
}

brought_slot draft::brought(slot_state const& s, bool with_place) {
    return {s.content, s.present, with_place ? std::optional{s.at} : std::nullopt, s.origin};
}

void draft::exclude(uuid const& event) {
    auto s = need(event);
    auto const n = next_n();
    if (inserted_by(event, id_)) {
        throw refused_step{refusal::own_insert,
                           "what a restructure inserts it cannot exclude; leave out both"};
    }
    if (!s.present) no_effect("excluding", event);
    s.present = false;
    auto stream = s.stream;
    write(event, std::move(s));
    add(n, {std::move(stream)}, op::exclude{event});
}

void draft::replace_content(uuid const& event, content c) {
    auto s = need(event);
    auto const n = next_n();
    check(c, s.stream);
    if (*s.content == c) no_effect("replacing", event);
    s.content = std::make_shared<content const>(std::move(c));
    auto stream = s.stream;
    auto said = s.content;
    write(event, std::move(s));
    add(n, {std::move(stream)}, op::replace{event, std::move(said)});
}

void draft::replace(uuid const& event, planned_content const& planned) {
    replace_content(event, history::settled(planned, need(event).content->effective_at));
}

void draft::redate(uuid const& event, timestamp when) {
    auto c = *need(event).content;
    c.effective_at = when;
    replace_content(event, std::move(c));
}

void draft::insert(std::string const& to, planned_anchor const& at,
                   planned_content const& planned) {
    check_stream(to);
    if (at.what == planned_anchor::kind::keep) {
        throw refused_step{refusal::unknown_anchor, "an inserted event has no place to keep"};
    }
    auto const n = next_n();
    auto const event = inserted_id(id_, n);
    auto c = history::settled(planned, {});
    check(c, to);
    auto const beside = place_for(at, to, event, {});
    auto const said = std::make_shared<content const>(std::move(c));
    write(event, {true, to, beside.made, said, nullptr});
    add(n, {to}, op::insert{event, to, beside.at, said});
}

void draft::move(uuid const& event, std::string const& to, planned_anchor const& at) {
    auto s = need(event);
    auto const n = next_n();
    auto const from = s.stream;
    auto const goal = to.empty() ? from : to;
    check_stream(goal);
    auto beside = place_for(at, goal, event, s.at);
    if (goal == from && nothing_between(from, s.at, beside.made)) no_effect("moving", event);
    if (goal != from) {
        if (inserted_by(event, id_)) {
            throw refused_step{refusal::own_insert,
                               "insert an event where it belongs instead of moving it there"};
        }
        check(*s.content, goal);
    }
    s.stream = goal;
    s.at = beside.made;
    op::move what{event, from, goal, beside.at, {}};
    if (goal != from) what.brought = brought(s, beside.at.what == anchor::kind::keep);
    write(event, std::move(s));
    add(n, {from, goal}, std::move(what));
}

void draft::reinstate(uuid const& event, registers which, position as_at) {
    auto s = need(event);
    auto const n = next_n();
    auto const then = base_.find(event, as_at);
    if (!then || as_at > base_.known_at()) {
        throw refused_step{refusal::unknown_then, fmt::format("{} was not known at position {}",
                                                              to_string(event), as_at)};
    }
    auto const was = s;
    if (which.has(registers::presence)) s.present = then->present;
    if (which.has(registers::contents)) s.content = then->content;
    if (which.has(registers::place)) {
        s.stream = then->stream;
        s.at = then->at;
    }
    if (which.empty() || (s.present == was.present && *s.content == *was.content &&
                          s.stream == was.stream && s.at == was.at)) {
        no_effect("reinstating", event);
    }
    if (s.stream != was.stream || *s.content != *was.content) check(*s.content, s.stream);
    op::reinstate what{event, was.stream, s.stream, which, as_at, brought(s, true)};
    auto const to = s.stream;
    write(event, std::move(s));
    add(n, {was.stream, to}, std::move(what));
}

}  // namespace recount::history
