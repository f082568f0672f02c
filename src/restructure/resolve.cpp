// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/resolve.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_set>

#include <fmt/format.h>

#include <recount/core/limits.hpp>
#include <recount/core/text.hpp>
#include <recount/restructure/payload.hpp>

#include "draft.hpp"

namespace recount::history {

std::string_view to_string(refusal r) noexcept {
    switch (r) {
        case refusal::missing_reason: return "missing_reason";
        case refusal::empty_plan: return "empty_plan";
        case refusal::too_many_operations: return "too_many_operations";
        case refusal::unknown_target: return "unknown_target";
        case refusal::unknown_anchor: return "unknown_anchor";
        case refusal::self_anchor: return "self_anchor";
        case refusal::own_insert: return "own_insert";
        case refusal::no_effect: return "no_effect";
        case refusal::too_deep: return "too_deep";
        case refusal::unknown_then: return "unknown_then";
        case refusal::invalid_content: return "invalid_content";
        case refusal::sealed_period: return "sealed_period";
        case refusal::unknown_restructure: return "unknown_restructure";
        case refusal::written_since: return "written_since";
        case refusal::not_alone: return "not_alone";
        case refusal::too_large: return "too_large";
    }
    return "refused";
}

namespace {

std::string sentence_of(std::vector<problem> const& problems) {
    auto const& first = problems.front();
    auto const where = first.step >= 0 ? fmt::format(" at step {}", first.step) : std::string{};
    auto text = fmt::format("the restructure is refused{}: {}", where, first.sentence);
    if (problems.size() > 1) text += fmt::format(" (and {} more)", problems.size() - 1);
    return text;
}

// One step of a plan as operations of the draft.
struct resolver {
    draft& d;
    resolved_plan& result;

    void operator()(step::exclude const& s) const { d.exclude(s.event); }
    void operator()(step::replace const& s) const { d.replace(s.event, s.content); }
    void operator()(step::move const& s) const { d.move(s.event, s.to, s.at); }
    void operator()(step::reinstate const& s) const { d.reinstate(s.event, s.which, s.as_at); }
    void operator()(step::redate const& s) const { d.redate(s.event, s.when); }
    void operator()(step::insert const& s) const { run(s.to, s.at, s.contents); }

    void operator()(step::undo const& s) const {
        result.anchored_there = undo(d, s.restructure);
        result.payload.undoes = s.restructure;
    }

    // All beside one anchor, so that a run is not a chain: what is put after a slot last stands
    // right at it, hence the last one goes first.
    void run(std::string const& to, planned_anchor const& at,
             std::vector<planned_content> const& contents) const {
        if (contents.empty()) throw refused_step{refusal::empty_plan, "nothing to insert"};
        auto const one = d.settled(at, to, {});
        if (one.what == planned_anchor::kind::after) {
            for (auto c = contents.rbegin(); c != contents.rend(); ++c) d.insert(to, one, *c);
        } else {
            for (auto const& c : contents) d.insert(to, one, c);
        }
    }

    void operator()(step::split const& s) const {
        auto const whole = d.need(s.event);
        auto parts = s.into;
        for (auto& part : parts) {
            if (!part.effective_at) part.effective_at = whole.content->effective_at;
        }
        run(whole.stream, planned_anchor::before(s.event), parts);
        d.exclude(s.event);
    }

    void operator()(step::merge const& s) const {
        if (s.events.empty()) throw refused_step{refusal::empty_plan, "nothing to merge"};
        std::set<uuid> once;
        for (auto const& e : s.events) {
            if (once.insert(e).second) continue;
            throw refused_step{refusal::invalid_content,
                               fmt::format("{} is named twice among the events to merge",
                                           recount::to_string(e))};
        }
        d.replace(s.events.front(), s.into);
        for (auto e = s.events.begin() + 1; e != s.events.end(); ++e) d.exclude(*e);
    }

    // What the history shows of a stream, less what the plan has changed so far.
    [[nodiscard]] std::vector<slot_version> view(std::string const& stream) const {
        auto all = d.base().corrected(stream);
        std::erase_if(all, [&](slot_version const& v) {
            auto const now = d.find(v.event);
            return !now || !now->present || now->stream != stream;
        });
        return all;
    }

    void exclude_each(std::vector<uuid> const& events, std::string_view what) const {
        if (events.empty()) throw refused_step{refusal::no_effect, fmt::format("no {}", what)};
        for (auto const& e : events) d.exclude(e);
    }

    void operator()(step::dedupe const& s) const {
        std::set<std::tuple<std::string, int, std::string, timestamp>> seen;
        std::vector<uuid> again;
        for (auto const& v : view(s.stream)) {
            auto const& c = *d.need(v.event).content;
            bool const fresh =
                seen.emplace(c.type, c.schema_version, c.payload, c.effective_at).second;
            if (!fresh) again.push_back(v.event);
        }
        exclude_each(again, fmt::format("event stands twice in {}", s.stream));
    }

    void operator()(step::exclude_all const& s) const {
        auto const from = d.need(s.from).at;
        auto const to = d.need(s.to).at;
        std::vector<uuid> found;
        for (auto const& v : view(s.stream)) {
            if (v.at >= from && v.at <= to && v.content->type == s.type) found.push_back(v.event);
        }
        exclude_each(found, fmt::format("{} between the two in {}", s.type, s.stream));
    }

    struct told_slot {
        uuid event;
        slot_state now;
    };
    // Every slot, shown or not, in the order in which they were recorded.
    [[nodiscard]] std::vector<told_slot> all_slots() const {
        std::vector<told_slot> all;
        std::unordered_set<uuid> seen;
        for (auto const& w : d.base().written_after(0)) {
            if (!seen.insert(w.event).second) continue;
            auto now = d.need(w.event);
            if (now.origin != nullptr) all.push_back({w.event, std::move(now)});
        }
        std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) {
            auto const at = a.now.origin->position;   // one row may have inserted several
            auto const other = b.now.origin->position;
            return at != other ? at < other : a.event < b.event;
        });
        return all;
    }

    // Causes come before what they cause, so one pass by position finds all of it. What is not
    // shown any more has caused no less.
    void operator()(step::revert_causation const& s) const {
        std::unordered_set<uuid> causes{s.command};
        std::vector<uuid> caused;
        for (auto const& slot : all_slots()) {
            auto const command = command_id_of(slot.event);
            std::optional<uuid> causation;
            try {
                causation = metadata_from_json(slot.now.origin->meta).causation;
            } catch (error const&) {  // meta of another make names no cause
            }
            if (!causes.contains(command) && !(causation && causes.contains(*causation))) continue;
            causes.insert(command);
            causes.insert(slot.event);
            bool const ours = slot.now.stream.starts_with('$');   // it is no event of the domain
            if (slot.now.present && !ours) caused.push_back(slot.event);
        }
        exclude_each(caused, "event of that command is left");
    }
};

bool storable(std::string const& text) {
    return is_utf8(text) && text.find('\0') == std::string::npos;
}

void check_frame(recount::restructure const& plan, std::vector<problem>& problems) {
    if (plan.title().empty() || plan.reason().empty()) {
        problems.push_back(
            {refusal::missing_reason, -1, "a restructure needs a title and a reason"});
    }
    for (auto const* const texts : {&plan.all_evidence(), &plan.acknowledged()}) {
        if (std::all_of(texts->begin(), texts->end(), storable)) continue;
        problems.push_back({refusal::invalid_content, -1, "evidence is UTF-8 without NUL"});
    }
    if (!storable(plan.title()) || !storable(plan.reason())) {
        problems.push_back(
            {refusal::invalid_content, -1, "the title and the reason are UTF-8 without NUL"});
    }
    if (plan.steps().empty()) {
        problems.push_back({refusal::empty_plan, -1, "the plan has no steps"});
    }
    if (plan.steps().size() > limits::restructure_operations_max) {
        problems.push_back({refusal::too_many_operations, -1,
                            fmt::format("a plan has at most {} steps; make several",
                                        limits::restructure_operations_max)});
        return;
    }
    for (std::size_t i = 0; i < plan.steps().size() && plan.steps().size() > 1; ++i) {
        if (!std::holds_alternative<step::undo>(plan.steps()[i])) continue;
        problems.push_back({refusal::not_alone, static_cast<int>(i),
                            "an undo is a restructure of its own"});
    }
}

// What a plan says that it knows to be sealed does not hold it up.
plan_rules without_acknowledged_seals(plan_rules rules, std::vector<std::string> const& words) {
    constexpr std::string_view of_category = "sealed:";
    for (auto const& word : words) {
        if (word == "sealed_position") rules.sealed_through = 0;
        if (word.starts_with(of_category)) {
            rules.sealed_until.erase(word.substr(of_category.size()));
        }
    }
    return rules;
}

// What a commit holds beside these payloads: with each the type and the metadata, and with all of
// them the plan as it was given, and an approval.
constexpr std::size_t bytes_beside_row = 512;
constexpr std::size_t bytes_beside_rows = 512 * 1024;

// Each row is the payload of an event, and all of them are one commit.
void check_size(restructure_payload const& p, std::vector<problem>& problems) {
    auto const too_large = [&](std::string sentence) {
        problems.push_back({refusal::too_large, -1, std::move(sentence)});
    };
    auto const sizes = row_sizes(p);
    if (sizes.size() > limits::commit_events_max) {
        too_large(fmt::format("it touches {} streams and a commit has at most {} rows; make "
                              "several",
                              sizes.size(), limits::commit_events_max));
    }
    auto bytes = bytes_beside_rows;
    for (auto const& row : sizes) bytes += row.bytes + bytes_beside_row;
    auto const largest = std::max_element(
        sizes.begin(), sizes.end(), [](auto const& a, auto const& b) { return a.bytes < b.bytes; });
    if (largest->bytes > limits::payload_bytes_max) {
        too_large(fmt::format("its row in {} takes {} bytes, more than the limit of {}; make "
                              "several restructures",
                              largest->stream, largest->bytes, limits::payload_bytes_max));
    } else if (bytes > limits::commit_bytes_max) {
        too_large(fmt::format("its rows take {} bytes, more than the limit of {} for a commit; "
                              "make several restructures",
                              bytes, limits::commit_bytes_max));
    }
}

}  // namespace

plan_refused::plan_refused(std::vector<problem> problems)
    : error{errc::refused, sentence_of(problems)}, problems_{std::move(problems)} {}

resolved_plan resolve(recount::restructure const& plan, fold const& history, uuid const& id,
                      plan_rules const& rules) {
    std::vector<problem> problems;
    check_frame(plan, problems);
    resolved_plan result;
    auto const open = without_acknowledged_seals(rules, plan.acknowledged());
    draft d{history, id, open};
    bool const framed = problems.empty();
    for (std::size_t i = 0; framed && i < plan.steps().size(); ++i) {
        if (problems.size() == limits::plan_problems_max) break;
        try {
            std::visit(resolver{d, result}, plan.steps()[i]);
        } catch (refused_step& refused) {
            problems.push_back({refused.what, static_cast<int>(i), std::move(refused.sentence),
                                std::move(refused.concerning)});
        }
    }
    if (!problems.empty()) throw plan_refused{std::move(problems)};
    auto& p = result.payload;
    p.restructure = id;
    p.title = plan.title();
    p.because = plan.reason();
    p.evidence = plan.all_evidence();
    p.acknowledged = plan.acknowledged();
    p.ops = std::move(d.operations());
    p.preview = std::string(2 * sizeof(digest), '0');   // it is written with one
    check_size(p, problems);
    p.preview.reset();
    if (!problems.empty()) throw plan_refused{std::move(problems)};
    result.footprint = footprint(p, history);
    return result;
}

// --- footprint -----------------------------------------------------------------------------------

std::string footprint(restructure_payload const& payload, fold const& history) {
    std::map<uuid, std::uint8_t> written;
    std::set<uuid> anchors;
    for (auto const& o : payload.ops) {
        written[target_of(o)] |= written_by(o).bits();
        auto const* const a = anchor_of(o);
        if (a != nullptr && !a->event.is_nil()) anchors.insert(a->event);
    }
    hasher h;
    h.raw("recount/footprint/1");
    for (auto const& [event, bits] : written) {
        registers const which{bits};
        h.field(recount::to_string(event)).integer(bits);
        auto const s = history.find(event);
        h.integer(s ? 1 : 0);
        if (!s) continue;
        if (which.has(registers::presence)) h.integer(s->present ? 1 : 0);
        if (which.has(registers::contents)) h.field(to_json(*s->content));
        if (which.has(registers::place)) h.field(s->stream).field(s->at.text());
    }
    for (auto const& event : anchors) {
        auto const s = history.find(event);
        h.field(recount::to_string(event)).field(s ? s->at.text() : std::string{});
    }
    return to_hex(h.finish());
}

std::vector<std::string> checked_streams(restructure_payload const& payload,
                                         fold const& history) {
    std::set<std::string> streams;
    for (auto const& o : payload.ops) {
        auto const* const a = anchor_of(o);
        if (a == nullptr) continue;
        if (auto const s = history.find(a->event)) streams.insert(s->stream);
    }
    for (auto const& stream : streams_of(payload)) streams.erase(stream);
    return {streams.begin(), streams.end()};
}

}  // namespace recount::history
