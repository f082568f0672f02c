// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/proposal_events.hpp"

#include <fmt/format.h>

#include <recount/core/limits.hpp>
#include <recount/describe/json_members.hpp>
#include <recount/describe/raw_json.hpp>

namespace recount {

namespace detail {

namespace {

using describe::raw_json;
using describe::raw_object;

constexpr std::string_view made_type = "$proposal.made";
constexpr std::string_view approved_type = "$proposal.approved";
constexpr std::string_view rejected_type = "$proposal.rejected";
constexpr std::size_t resolved_bytes_more = sizeof(R"(,"resolved":})");

new_event event_of(uuid const& id, std::string_view type, std::string payload) {
    return {stream_of_proposal(id), std::string{type}, 1, json_text::checked(std::move(payload)),
            {}};
}

std::string begun(uuid const& id) { return fmt::format(R"({{"proposal":"{}")", to_string(id)); }

std::string actor_of(recorded_event const& row) {
    return metadata_from_json(row.meta).actor.value_or("");
}

// Later rows change nothing: the first decision is the one.
void decide(proposal& p, recorded_event const& row) {
    if (p.state != proposal_state::open) return;
    raw_object o{raw_json::of(row.payload), true};
    if (row.type == approved_type) {
        p.restructure_id = o.need("restructure").id();
        if (auto const own = o.take("own")) p.own = own->boolean();
        p.state = proposal_state::approved;
    } else if (row.type == rejected_type) {
        p.reason = o.need("because").string();
        p.state = proposal_state::rejected;
    } else {
        return;
    }
    p.decided_by = actor_of(row);
    p.decided_at = row.recorded_at;
}

proposal made_by(recorded_event const& row) {
    raw_object o{raw_json::of(row.payload), true};
    auto const plan = o.need("plan");
    std::optional<restructure> resolved;
    if (auto const named = o.take("resolved")) resolved = restructure::from_json(named->text());
    return {.id = o.need("proposal").id(),
            .plan = restructure::from_json(plan.text()),
            .preview = o.need("preview").string(),
            .proposed_by = actor_of(row),
            .proposed_at = row.recorded_at,
            .position = row.position,
            .resolved = std::move(resolved)};
}

}  // namespace

stream_name stream_of_proposal(uuid const& id) {
    return stream_name::of(proposal_category, to_string(id));
}

new_event made_event(uuid const& id, restructure const& plan, std::string const& preview,
                     std::optional<restructure> const& resolved) {
    auto text = begun(id);
    json_text_member(text, "title", plan.title());
    json_text_member(text, "because", plan.reason());
    json_text_member(text, "preview", preview);
    text += fmt::format(R"(,"plan":{})", plan.to_json().str());
    auto const settled = resolved ? resolved->to_json().str() : std::string{};
    // What is too large for a row is found anew when it is applied.
    bool const fits = text.size() + settled.size() + resolved_bytes_more <=
                      limits::payload_bytes_max;
    if (resolved && fits) text += fmt::format(R"(,"resolved":{})", settled);
    return event_of(id, made_type, text + "}");
}

new_event approved_event(uuid const& id, uuid const& restructure, bool own) {
    auto text = begun(id);
    json_id_member(text, "restructure", restructure);
    if (own) text += R"(,"own":true)";
    return event_of(id, approved_type, text + "}");
}

new_event rejected_event(uuid const& id, std::string const& because) {
    auto text = begun(id);
    json_text_member(text, "because", because);
    return event_of(id, rejected_type, text + "}");
}

std::optional<proposal> proposal_in(std::vector<recorded_event> const& rows) {
    if (rows.empty() || rows.front().type != made_type) return {};
    try {
        auto p = made_by(rows.front());
        for (auto const& row : rows) decide(p, row);
        return p;
    } catch (error const&) {
        return {};
    }
}

}  // namespace detail

std::string summary_json(proposal const& p) {
    using detail::json_id_member;
    using detail::json_text_member;
    auto text = detail::begun(p.id);
    json_text_member(text, "title", p.plan.title());
    json_text_member(text, "because", p.plan.reason());
    json_text_member(text, "state", to_string(p.state));
    json_text_member(text, "preview", p.preview);
    text += fmt::format(R"(,"position":{})", p.position);
    json_text_member(text, "proposed_by", p.proposed_by);
    json_text_member(text, "proposed_at", to_string(p.proposed_at));
    if (p.decided_at) {
        json_text_member(text, "decided_by", p.decided_by);
        json_text_member(text, "decided_at", to_string(*p.decided_at));
    }
    if (p.restructure_id) json_id_member(text, "restructure", *p.restructure_id);
    if (p.own) text += R"(,"own":true)";
    if (!p.reason.empty()) json_text_member(text, "reason", p.reason);
    return text + "}";
}

std::string to_json(proposal const& p) {
    auto text = summary_json(p);
    text.pop_back();
    return text + fmt::format(R"(,"plan":{}}})", p.plan.to_json().str());
}

}  // namespace recount
