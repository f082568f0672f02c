// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/plan.hpp>

#include <limits>
#include <utility>

#include "restructure/registers_json.hpp"

namespace recount {

namespace step = history::step;

restructure& restructure::because(std::string reason) {
    because_ = std::move(reason);
    return *this;
}
restructure& restructure::by(std::string actor) {
    by_ = std::move(actor);
    return *this;
}
restructure& restructure::evidence(std::string where) {
    evidence_.push_back(std::move(where));
    return *this;
}
restructure& restructure::acknowledge(std::string invariant) {
    acknowledged_.push_back(std::move(invariant));
    return *this;
}
restructure& restructure::exclude(uuid const& event) {
    steps_.emplace_back(step::exclude{event});
    return *this;
}
restructure& restructure::replace(uuid const& event, history::planned_content content) {
    steps_.emplace_back(step::replace{event, std::move(content)});
    return *this;
}
restructure& restructure::insert(std::string to, history::planned_anchor at,
                                 std::vector<history::planned_content> contents) {
    steps_.emplace_back(step::insert{std::move(to), at, std::move(contents)});
    return *this;
}
restructure& restructure::move(uuid const& event, history::planned_anchor at) {
    return move(event, {}, at);
}
restructure& restructure::move(uuid const& event, std::string to, history::planned_anchor at) {
    steps_.emplace_back(step::move{event, std::move(to), at});
    return *this;
}
restructure& restructure::reinstate(uuid const& event, history::registers which, position as_at) {
    steps_.emplace_back(step::reinstate{event, which, as_at});
    return *this;
}
restructure& restructure::undo(uuid const& earlier) {
    steps_.emplace_back(step::undo{earlier});
    return *this;
}
restructure& restructure::redate(uuid const& event, timestamp when) {
    steps_.emplace_back(step::redate{event, when});
    return *this;
}
restructure& restructure::split(uuid const& event, std::vector<history::planned_content> into) {
    steps_.emplace_back(step::split{event, std::move(into)});
    return *this;
}
restructure& restructure::merge(std::vector<uuid> events, history::planned_content into) {
    steps_.emplace_back(step::merge{std::move(events), std::move(into)});
    return *this;
}
restructure& restructure::dedupe(std::string stream) {
    steps_.emplace_back(step::dedupe{std::move(stream)});
    return *this;
}
restructure& restructure::revert_causation(uuid const& command) {
    steps_.emplace_back(step::revert_causation{command});
    return *this;
}
restructure& restructure::exclude_all(std::string stream, std::string type, uuid const& from,
                                      uuid const& to) {
    steps_.emplace_back(step::exclude_all{std::move(stream), std::move(type), from, to});
    return *this;
}

// --- from JSON -----------------------------------------------------------------------------------

namespace {

using history::planned_anchor;
using history::planned_content;
using describe::raw_json;
using describe::raw_object;

planned_content content_of(raw_json const& value) {
    raw_object o{value};
    planned_content c;
    c.type = o.need("type").string();
    c.schema_version =
        static_cast<int>(o.need("schema_version").integer(0, std::numeric_limits<int>::max()));
    c.payload = json_text::checked(std::string{o.need("payload").text()});
    if (auto const when = o.take("effective_at")) c.effective_at = when->time();
    o.finish();
    return c;
}

std::vector<planned_content> contents_of(raw_json const& value) {
    std::vector<planned_content> all;
    for (auto const& e : value.elements()) all.push_back(content_of(e));
    return all;
}

planned_anchor anchor_of(raw_json const& value) {
    if (value.is_string()) {
        auto const name = value.string();
        if (name == "end") return planned_anchor::end();
        if (name == "keep") return planned_anchor::keep();
        if (name == "first") return planned_anchor::first();
        value.expected("{\"after\":id}, {\"before\":id}, \"end\", \"first\" or \"keep\"");
    }
    raw_object o{value};
    auto const after = o.take("after");
    auto const before = after ? o.take("before") : o.need("before");
    if (after && before) value.expected("\"after\" or \"before\", not both");
    o.finish();
    return after ? planned_anchor::after(after->id()) : planned_anchor::before(before->id());
}

std::vector<uuid> ids_of(raw_json const& value) {
    std::vector<uuid> all;
    for (auto const& e : value.elements()) all.push_back(e.id());
    return all;
}

void add_derived(restructure& plan, raw_json const& kind, raw_object& o) {
    auto const name = kind.string();
    if (name == "undo") {
        plan.undo(o.need("restructure").id());
    } else if (name == "redate") {
        auto const event = o.need("event").id();
        plan.redate(event, o.need("effective_at").time());
    } else if (name == "split") {
        auto const event = o.need("event").id();
        plan.split(event, contents_of(o.need("into")));
    } else if (name == "merge") {
        auto events = ids_of(o.need("events"));
        plan.merge(std::move(events), content_of(o.need("into")));
    } else if (name == "dedupe") {
        plan.dedupe(o.need("stream").string());
    } else if (name == "revert_causation") {
        plan.revert_causation(o.need("command").id());
    } else if (name == "exclude_all") {
        auto const from = o.need("from").id();
        auto const to = o.need("to").id();
        plan.exclude_all(o.need("stream").string(), o.need("type").string(), from, to);
    } else {
        kind.expected("exclude, replace, insert, move, reinstate, undo, redate, split, merge, "
                      "dedupe, revert_causation or exclude_all");
    }
}

void add_step(restructure& plan, raw_json const& value) {
    raw_object o{value};
    auto const kind = o.need("op");
    auto const name = kind.string();
    if (name == "exclude") {
        plan.exclude(o.need("event").id());
    } else if (name == "replace") {
        auto const event = o.need("event").id();
        plan.replace(event, content_of(o.need("content")));
    } else if (name == "insert") {
        auto to = o.need("to").string();
        auto const at = anchor_of(o.need("anchor"));
        if (auto const several = o.take("contents")) {
            plan.insert(std::move(to), at, contents_of(*several));
        } else {
            plan.insert(std::move(to), at, {content_of(o.need("content"))});
        }
    } else if (name == "move") {
        auto const event = o.need("event").id();
        auto const to = o.take("to");
        plan.move(event, to ? to->string() : std::string{}, anchor_of(o.need("anchor")));
    } else if (name == "reinstate") {
        auto const event = o.need("event").id();
        auto const which = history::registers_of(o.need("registers"));
        plan.reinstate(event, which,
                       o.need("as_at").integer(0, std::numeric_limits<position>::max()));
    } else {
        add_derived(plan, kind, o);
    }
    o.finish();
}

}  // namespace

restructure restructure::from_json(std::string_view text) {
    raw_object o{raw_json::of(text)};
    restructure plan{o.need("title").string()};
    plan.because(o.need("because").string());
    if (auto const by = o.take("by")) plan.by(by->string());
    if (auto const all = o.take("evidence")) {
        for (auto const& e : all->elements()) plan.evidence(e.string());
    }
    if (auto const all = o.take("acknowledged")) {
        for (auto const& e : all->elements()) plan.acknowledge(e.string());
    }
    auto const ops = o.need("ops");
    o.finish();
    for (auto const& op : ops.elements()) add_step(plan, op);
    return plan;
}

}  // namespace recount
