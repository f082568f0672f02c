// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/correction/proposals.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "correction/applied.hpp"
#include "correction/proposal_events.hpp"
#include "correction/settled_plan.hpp"

namespace recount {

namespace {

using reason = proposal_refused::reason;

void need(std::string const& text, char const* what) {
    if (text.empty()) throw error{errc::invalid_argument, fmt::format("expected {}", what)};
}

proposal known_proposal(log& of, uuid const& id) {
    if (auto found = find_proposal(of, id)) return *std::move(found);
    throw error{errc::not_found, fmt::format("no proposal {}", to_string(id))};
}

proposal_refused decided_before(proposal const& p) {
    return {reason::already_decided,
            fmt::format("the proposal {} was {} by {} on {}", to_string(p.id), to_string(p.state),
                        p.decided_by, to_string(*p.decided_at))};
}

proposal_refused outdated(proposal const& p, std::string_view why) {
    return {reason::outdated, fmt::format("the proposal {} does not hold any more ({}): propose "
                                          "it anew",
                                          to_string(p.id), why)};
}

// No header and no argument has a zero in it: nobody's key comes to this id.
uuid restructure_of(uuid const& proposal) {
    using namespace std::string_literals;
    return command_id_from_key("proposal\0approve/"s + to_string(proposal));
}

proposal_refused id_taken(proposal const& p) {
    return {reason::outdated,
            fmt::format("the proposal {} cannot be approved: what the log has as {} is another "
                        "commit. Reject it and propose it anew",
                        to_string(p.id), to_string(restructure_of(p.id)))};
}

// Before anything was decided there is the one event, and nothing else may come between.
stream_expectation undecided(uuid const& id) {
    return {detail::stream_of_proposal(id), expectation::exactly(1)};
}

metadata metadata_of(application const& app, std::string const& actor, uuid const& correlation) {
    metadata meta;
    meta.actor = actor;
    meta.correlation = correlation;
    meta.app = app.program();
    return meta;
}

}  // namespace

std::string_view to_string(proposal_state s) noexcept {
    switch (s) {
        case proposal_state::open: return "open";
        case proposal_state::approved: return "approved";
        case proposal_state::rejected: return "rejected";
    }
    return "open";
}

std::string_view to_string(proposal_refused::reason why) noexcept {
    switch (why) {
        case reason::own_proposal: return "own_proposal";
        case reason::already_decided: return "already_decided";
        case reason::outdated: return "outdated";
    }
    return "outdated";
}

proposal_refused::proposal_refused(reason why, std::string const& sentence)
    : error{why == reason::own_proposal ? errc::refused : errc::conflict, sentence}, why_{why} {}

void propose_options::identify_by(std::string text) {
    restructure_options as_restructure;
    as_restructure.identify_by(std::move(text));
    id = as_restructure.id;
    key = std::move(as_restructure.key);
}

// --- propose -------------------------------------------------------------------------------------

namespace {

// The same plan under its key again has its first result.
std::optional<proposal> proposed_before(log& of, uuid const& id, restructure const& plan) {
    auto known = find_proposal(of, id);
    if (!known) return {};
    if (known->plan.to_json() == plan.to_json()) return known;
    throw error{errc::command_id_taken, fmt::format("the command id {} is taken", to_string(id))};
}

std::string previewed(application& app, restructure const& plan, std::string const& wanted) {
    auto hash = check_plan(app, plan);
    if (!wanted.empty() && wanted != hash) {
        throw error{errc::conflict,
                    fmt::format("what was previewed as {} is {} by now: another restructure came "
                                "between, or events for a step that says which by a rule; preview "
                                "it again",
                                wanted.substr(0, 16), hash.substr(0, 16))};
    }
    return hash;
}

}  // namespace

proposal propose(application& app, restructure const& wanted, propose_options const& options) {
    auto const& actor = options.actor.empty() ? wanted.actor() : options.actor;
    need(actor, "an actor: who proposes it");
    auto plan = wanted;
    plan.by(actor);
    auto const id = options.id            ? *options.id
                    : options.key.empty() ? new_command_id()
                                          : command_id_from_key(options.key, actor);
    if (auto known = proposed_before(app.log(), id, plan)) return *std::move(known);
    commit made;
    made.id = id;
    made.meta = metadata_of(app, actor, id);
    made.of_framework = true;
    auto const hash = previewed(app, plan, options.preview);
    made.events.push_back(
        detail::made_event(id, plan, hash, detail::settled_plan(app, plan, hash)));
    made.expectations.push_back({detail::stream_of_proposal(id), expectation::no_stream()});
    static_cast<void>(app.log().append(made));
    return known_proposal(app.log(), id);
}

// --- approve -------------------------------------------------------------------------------------

namespace {

restructured done_before(log& of, proposal const& p) {
    auto const id = p.restructure_id.value_or(restructure_of(p.id));
    if (auto done = detail::first_result(of, id)) return *std::move(done);
    throw decided_before(p);   // this log holds the approval alone
}

bool only_sealed(history::plan_refused const& no) {
    return std::all_of(no.problems().begin(), no.problems().end(), [](auto const& one) {
        return one.what == history::refusal::sealed_period;
    });
}

restructured apply(application& app, proposal const& p, approve_options const& options) {
    auto const own = options.actor == p.proposed_by;
    restructure_options how;
    how.id = restructure_of(p.id);
    how.actor = options.actor;
    how.correlation = options.correlation.value_or(p.id);
    how.causation = p.id;   // its only event
    detail::applied_how as{.preview = p.preview};
    as.company.events.push_back(detail::approved_event(p.id, *how.id, own));
    as.company.expectations.push_back(undecided(p.id));
    try {
        return detail::apply_with(app, p.resolved ? *p.resolved : p.plan, how, as);
    } catch (history::plan_refused const& no) {
        if (only_sealed(no)) throw;   // the period was closed since: said as it is
        throw outdated(p, no.what());
    }
}

}  // namespace

restructured approve(application& app, uuid const& id, approve_options const& options) {
    need(options.actor, "an actor: who approves it");
    auto const p = known_proposal(app.log(), id);
    if (p.state == proposal_state::rejected) throw decided_before(p);
    if (p.state == proposal_state::approved) return done_before(app.log(), p);
    if (options.actor == p.proposed_by && !options.own) {
        throw proposal_refused{reason::own_proposal,
                               fmt::format("{} has proposed it: somebody else approves it, or it "
                                           "is said, and recorded, that it is one's own",
                                           p.proposed_by)};
    }
    try {
        return apply(app, p, options);
    } catch (error const& failed) {
        if (failed.code() != errc::conflict && failed.code() != errc::command_id_taken) throw;
        // Somebody else decided it meanwhile, or corrected the same.
        auto const now = known_proposal(app.log(), id);
        if (now.state == proposal_state::approved) return done_before(app.log(), now);
        if (now.state == proposal_state::rejected) throw decided_before(now);
        if (failed.code() == errc::command_id_taken) throw id_taken(p);
        throw outdated(p, "what it corrects, or what that was before, is another by now");
    }
}

// --- reject --------------------------------------------------------------------------------------

proposal reject(application& app, uuid const& id, std::string const& actor,
                std::string const& because) {
    need(actor, "an actor: who rejects it");
    need(because, "a reason to reject it");
    auto p = known_proposal(app.log(), id);
    if (p.state == proposal_state::open) {
        commit made;
        made.meta = metadata_of(app, actor, id);
        made.meta.causation = id;
        made.of_framework = true;
        made.events.push_back(detail::rejected_event(id, because));
        made.expectations.push_back(undecided(id));
        try {
            static_cast<void>(app.log().append(made));
        } catch (error const& failed) {
            if (failed.code() != errc::conflict) throw;   // decided meanwhile: see how
        }
        p = known_proposal(app.log(), id);
    }
    if (p.state == proposal_state::approved) throw decided_before(p);
    return p;
}

// --- those that there are ------------------------------------------------------------------------

std::optional<proposal> find_proposal(log& of, uuid const& id) {
    return detail::proposal_in(of.read_stream(detail::stream_of_proposal(id)).events);
}

namespace {

// A plan may take a megabyte: so many are in memory beside those of the page.
constexpr std::size_t streams_at_once = 50;
constexpr std::size_t page_bytes_max = 16 * 1024 * 1024;

std::size_t bytes_of(std::vector<recorded_event> const& rows) {
    std::size_t all = 0;
    for (auto const& row : rows) all += row.payload.size();
    return all;
}

uuid id_of(stream_name const& proposal) {
    return uuid_from_string(std::string_view{proposal.str()}.substr(proposal_category.size() + 1));
}

}  // namespace

proposal_page list_proposals(log& of, proposal_query const& wanted) {
    auto const limit = std::max<std::size_t>(wanted.limit, 1);
    proposal_page page;
    auto last = wanted.after ? detail::stream_of_proposal(*wanted.after).str() : std::string{};
    std::size_t looked_at = 0;
    std::size_t bytes_found = 0;
    for (;;) {
        auto const found = of.list_streams(proposal_category, last, streams_at_once);
        if (found.empty()) return page;
        std::vector<stream_name> names;
        for (auto const& one : found) names.emplace_back(one.name);
        auto const rows = of.read_streams(names);
        for (auto const& name : names) {
            if (looked_at == proposals_looked_at_max || bytes_found > page_bytes_max) {
                page.next = id_of(stream_name{last});
                return page;
            }
            ++looked_at;
            last = name.str();
            auto const at = rows.find(last);
            auto one = at == rows.end() ? std::nullopt : detail::proposal_in(at->second);
            if (!one || (wanted.only_open && one->state != proposal_state::open)) continue;
            if (page.proposals.size() == limit) {
                page.next = page.proposals.back().id;
                return page;
            }
            bytes_found += bytes_of(at->second);
            page.proposals.push_back(*std::move(one));
        }
        if (found.size() < streams_at_once) return page;
    }
}

}  // namespace recount
