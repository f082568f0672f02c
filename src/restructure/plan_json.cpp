// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A plan written as JSON: what restructure::from_json (plan.cpp) reads.
#include <recount/restructure/plan.hpp>

#include <fmt/format.h>

#include <recount/describe/json_members.hpp>

#include "restructure/registers_json.hpp"

namespace recount {

namespace {

using history::planned_anchor;
using history::planned_content;
namespace step = history::step;
using detail::json_id_member;
using detail::json_list_member;
using detail::json_text_member;
using detail::json_texts_member;

void append(std::string& to, planned_content const& c) {
    to += R"({"type":)";
    describe::append_quoted(to, c.type);
    to += fmt::format(R"(,"schema_version":{},"payload":{})", c.schema_version, c.payload.str());
    if (c.effective_at) to += fmt::format(R"(,"effective_at":"{}")", to_string(*c.effective_at));
    to += '}';
}

std::string text_of(planned_anchor const& a) {
    using kind = planned_anchor::kind;
    switch (a.what) {
        case kind::end: return R"("end")";
        case kind::keep: return R"("keep")";
        case kind::first: return R"("first")";
        case kind::after:
        case kind::before: break;
    }
    return fmt::format(R"({{"{}":"{}"}})", a.what == kind::after ? "after" : "before",
                       to_string(a.event));
}

struct step_writer {
    std::string& to;

    void begin(std::string_view name) const { to += fmt::format(R"({{"op":"{}")", name); }
    void id(std::string_view name, uuid const& value) const { json_id_member(to, name, value); }
    void content(std::string_view name, planned_content const& c) const {
        to += fmt::format(R"(,"{}":)", name);
        append(to, c);
    }
    void contents(std::string_view name, std::vector<planned_content> const& all) const {
        json_list_member(to, name, all, [&](planned_content const& c) { append(to, c); });
    }

    void operator()(step::exclude const& s) const {
        begin("exclude");
        id("event", s.event);
    }
    void operator()(step::replace const& s) const {
        begin("replace");
        id("event", s.event);
        content("content", s.content);
    }
    void operator()(step::insert const& s) const {
        begin("insert");
        json_text_member(to, "to", s.to);
        to += fmt::format(R"(,"anchor":{})", text_of(s.at));
        contents("contents", s.contents);
    }
    void operator()(step::move const& s) const {
        begin("move");
        id("event", s.event);
        if (!s.to.empty()) json_text_member(to, "to", s.to);
        to += fmt::format(R"(,"anchor":{})", text_of(s.at));
    }
    void operator()(step::reinstate const& s) const {
        begin("reinstate");
        id("event", s.event);
        to += fmt::format(R"(,"registers":[{}],"as_at":{})", history::names_of(s.which), s.as_at);
    }
    void operator()(step::undo const& s) const {
        begin("undo");
        id("restructure", s.restructure);
    }
    void operator()(step::redate const& s) const {
        begin("redate");
        id("event", s.event);
        to += fmt::format(R"(,"effective_at":"{}")", to_string(s.when));
    }
    void operator()(step::split const& s) const {
        begin("split");
        id("event", s.event);
        contents("into", s.into);
    }
    void operator()(step::merge const& s) const {
        begin("merge");
        json_list_member(to, "events", s.events,
               [&](uuid const& e) { to += fmt::format(R"("{}")", to_string(e)); });
        content("into", s.into);
    }
    void operator()(step::dedupe const& s) const {
        begin("dedupe");
        json_text_member(to, "stream", s.stream);
    }
    void operator()(step::revert_causation const& s) const {
        begin("revert_causation");
        id("command", s.command);
    }
    void operator()(step::exclude_all const& s) const {
        begin("exclude_all");
        json_text_member(to, "stream", s.stream);
        json_text_member(to, "type", s.type);
        id("from", s.from);
        id("to", s.to);
    }
};

}  // namespace

json_text restructure::to_json() const {
    std::string text = R"({"title":)";
    describe::append_quoted(text, title_);
    json_text_member(text, "because", because_);
    if (!by_.empty()) json_text_member(text, "by", by_);
    if (!evidence_.empty()) json_texts_member(text, "evidence", evidence_);
    if (!acknowledged_.empty()) json_texts_member(text, "acknowledged", acknowledged_);
    json_list_member(text, "ops", steps_, [&](history::plan_step const& s) {
        std::visit(step_writer{text}, s);
        text += '}';
    });
    return json_text::trusted(text + '}');
}

}  // namespace recount
