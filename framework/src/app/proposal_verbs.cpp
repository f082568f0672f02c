// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `restructure propose`, `proposals`, `approve` and `reject`: corrections that four eyes see.
#include <fmt/format.h>

#include <recount/app/output.hpp>
#include <recount/core/text.hpp>
#include <recount/correction/proposals.hpp>

#include "app/plan_call.hpp"
#include "app/verb_call.hpp"
#include "correction/operation_text.hpp"

namespace recount {

namespace {

proposal proposal_named(verb_call& call, std::string const& text) {
    auto const id = uuid_from_string(text);
    auto found = find_proposal(call.application().log(), id);
    if (!found) throw error{errc::not_found, fmt::format("no proposal {}", to_string(id))};
    return *std::move(found);
}

restructure const& applied_of(proposal const& p) { return p.resolved ? *p.resolved : p.plan; }

int propose_plan(verb_call& call) {
    return told(call, [&] {
        propose_options options;
        options.actor = call.get("--by").value_or("");
        options.preview = preview_of(call);
        if (auto const key = call.get("--id")) options.identify_by(*key);
        auto const made = propose(call.application(), plan_in(call), options);
        if (call.json()) {
            call.line(to_json(made));
        } else {
            call.line(fmt::format("proposal {} by {}, previewed as {}", to_string(made.id),
                                  printable_utf8(made.proposed_by), made.preview.substr(0, 16)));
        }
        return exit_code::ok;
    });
}

int approve_plan(verb_call& call) {
    return told(call, [&] {
        auto const wanted = proposal_named(call, call.require("ID"));
        bool const asked = wanted.state == proposal_state::open && !call.flag("--yes");
        if (asked) {
            if (!somebody_is_there()) {
                throw error{errc::invalid_argument,
                            "expected --yes: here nobody can be shown what it would do"};
            }
            if (!shown_and_confirmed(call, applied_of(wanted), "approve it?")) {
                return exit_code::refused;
            }
        }
        approve_options options;
        options.actor = call.get("--by").value_or("");
        options.own = call.flag("--own");
        print(call, approve(call.application(), wanted.id, options));
        return exit_code::ok;
    });
}

int reject_plan(verb_call& call) {
    auto const id = uuid_from_string(call.require("ID"));
    auto const done = reject(call.application(), id, call.get("--by").value_or(""),
                                      call.get("--because").value_or(""));
    call.line(call.json() ? summary_json(done)
                          : fmt::format("proposal {} rejected by {}", to_string(id),
                                        printable_utf8(done.decided_by)));
    return exit_code::ok;
}

int show(verb_call& call, proposal const& p) {
    if (call.json()) {
        call.line(to_json(p));
        return exit_code::ok;
    }
    text_table table{{{"proposal"}, {to_string(p.id)}}};
    table.add({"title", printable_utf8(p.plan.title())});
    table.add({"because", printable_utf8(p.plan.reason())});
    for (auto const& one : p.plan.all_evidence()) table.add({"evidence", printable_utf8(one)});
    for (auto const& one : p.plan.acknowledged()) table.add({"acknowledged", printable_utf8(one)});
    table.add({"proposed by", printable_utf8(p.proposed_by)});
    table.add({"proposed at", to_string(p.proposed_at)});
    table.add({"previewed as", p.preview});
    table.add({"state", std::string{to_string(p.state)}});
    if (p.decided_at) {
        table.add({"by", printable_utf8(p.decided_by) + (p.own ? " (its own)" : "")});
        table.add({"at", to_string(*p.decided_at)});
    }
    if (!p.reason.empty()) table.add({"reason", printable_utf8(p.reason)});
    if (p.restructure_id) table.add({"restructure", to_string(*p.restructure_id)});
    fmt::print("{}", table.text());
    if (p.state != proposal_state::open) return exit_code::ok;
    call.catch_up_or_note();
    auto const seen = call.application().preview(applied_of(p));
    fmt::print("\n{}", to_text(seen));
    if (seen.hash != p.preview) {
        call.note("this is not what was previewed: the history is another by now");
    }
    return exit_code::ok;
}

int proposals(verb_call& call) {
    if (auto const id = call.get("ID")) {
        return told(call, [&] { return show(call, proposal_named(call, *id)); });
    }
    constexpr std::int64_t limit_default = 100;
    proposal_query wanted;
    if (auto const after = call.get("--after")) wanted.after = uuid_from_string(*after);
    auto const limit = call.limit().value_or(limit_default);
    wanted.limit = static_cast<std::size_t>(limit);
    wanted.only_open = call.flag("--open");
    auto const page = list_proposals(call.application().log(), wanted);
    text_table table{{{"proposal"}, {"proposed at"}, {"by"}, {"state"}, {"decided by"},
                      {"title"}}};
    for (auto const& p : page.proposals) {
        if (call.json()) call.line(summary_json(p));
        table.add({to_string(p.id), to_string(p.proposed_at).substr(0, 16),
                   printable_utf8(p.proposed_by), std::string{to_string(p.state)},
                   printable_utf8(p.decided_by), printable_utf8(p.plan.title())});
    }
    if (!call.json()) fmt::print("{}", table.text());
    if (page.next) call.note(fmt::format("there are more: --after {}", to_string(*page.next)));
    return exit_code::ok;
}

}  // namespace

std::vector<verb> proposal_verbs() {
    using o = verb_option;
    auto const id = o::place("ID", "its id");
    return {
        {"restructure propose",
         "preview a plan, and keep it for somebody else to approve",
         {o::place("FILE", "a plan as JSON; - reads it from stdin"),
          o::value("--preview", "only what was previewed under this hash"),
          o::value("--by", "who proposes it; without, the plan's \"by\""),
          o::value("--id", "a key of yours: the same key again has the first result")},
         &propose_plan},
        {"restructure proposals",
         "the proposals, or one of them with what it would do",
         {o::maybe("ID", "its id"), o::flag("--open", "only those that nobody has decided"),
          o::value("--after", "after the proposal of this id"),
          o::value("--limit", "at most so many (100)")},
         &proposals},
        {"restructure approve",
         "apply what was proposed, as it was previewed",
         {id, o::value("--by", "who approves it: not who has proposed it"),
          o::flag("--own", "it is one's own, and nobody else's eyes are wanted; recorded"),
          o::flag("--yes", "without a preview and without asking")},
         &approve_plan},
        {"restructure reject",
         "decide that a proposal is not applied",
         {id, o::value("--by", "who rejects it"), o::value("--because", "the reason")},
         &reject_plan},
    };
}

}  // namespace recount
