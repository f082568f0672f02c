// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Corrections that four eyes see: one person proposes a plan, another one approves it, and what was
// previewed then is what is applied.
//
//     auto const wanted = recount::propose(bank, plan, {.actor = "ada"});     // corrects nothing
//     for (auto const& p : recount::list_proposals(bank.log()).proposals) … p.state …
//     auto const done = recount::approve(bank, wanted.id, {.actor = "ben"}); // a restructured
//
// A proposal is a stream of the log, `$proposal-<id>`, of `$proposal.made` and then
// `$proposal.approved` or `$proposal.rejected`; the actor is in the metadata. The approval and the
// restructure are one commit. The restructure's id follows from the proposal's, so that to approve
// again has the first result, whoever asks.
//
// Errors: errc::not_found; errc::invalid_argument for an actor or a reason that is missing;
// proposal_refused; history::plan_refused; invariants_broken. Thread safety: from any thread.
// Lifetimes: values. Cost: propose and approve as application::preview and ::apply; a list reads
// the streams of its page, and of the open ones those of the others between them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/app/application.hpp>

namespace recount {

inline constexpr std::string_view proposal_category = "$proposal";
inline constexpr std::size_t proposals_looked_at_max = 2'000;   // for one page of the open ones

enum class proposal_state : std::uint8_t { open, approved, rejected };
[[nodiscard]] std::string_view to_string(proposal_state s) noexcept;

struct proposal {
    uuid id;
    restructure plan;
    std::string preview;                    // the hash of what was previewed
    std::string proposed_by;
    timestamp proposed_at;
    recount::position position = 0;         // where it was made
    proposal_state state = proposal_state::open;
    // Of one that is decided:
    std::string decided_by{};
    std::optional<timestamp> decided_at{};
    std::optional<uuid> restructure_id{};   // approved: what it became
    bool own = false;                       // approved by who proposed it, who said so
    std::string reason{};                   // rejected: why
    // The plan with each event that it means, where it says by a rule which: what is applied.
    std::optional<restructure> resolved{};
};
// {"proposal":…,"title":…,"because":…,"state":…,"preview":…,"position":…,"proposed_by":…,
//  "proposed_at":…,"decided_by":…,"decided_at":…,"restructure":…,"own":true,"reason":…}
[[nodiscard]] std::string summary_json(proposal const& p);
[[nodiscard]] std::string to_json(proposal const& p);   // with "plan"

class proposal_refused : public error {
public:
    enum class reason : std::uint8_t {
        own_proposal,      // errc::refused: who proposed it cannot approve it
        already_decided,   // errc::conflict: approved or rejected before
        outdated,          // errc::conflict: the history is another by now; propose it anew
    };
    proposal_refused(reason why, std::string const& sentence);
    [[nodiscard]] reason why() const noexcept { return why_; }

private:
    reason why_;
};
[[nodiscard]] std::string_view to_string(proposal_refused::reason why) noexcept;

struct propose_options {
    std::string actor{};                // empty: the plan's `by`
    std::string preview{};              // its hash: only what was previewed, else errc::conflict
    // One of these makes it idempotent, as in restructure_options.
    std::optional<uuid> id{};
    std::string key{};
    void identify_by(std::string text);
};
// Throws as application::apply does for a plan that could not be applied now.
proposal propose(application& app, restructure const& plan, propose_options const& options = {});

struct approve_options {
    std::string actor{};
    bool own = false;   // who proposed it approves it alone; recorded in the approval
    std::optional<uuid> correlation{};   // default: the proposal's id
};
restructured approve(application& app, uuid const& id, approve_options const& options);

// To reject again has no effect; the first reason stays.
proposal reject(application& app, uuid const& id, std::string const& actor,
                std::string const& because);

struct proposal_query {
    std::optional<uuid> after{};   // the `next` of the page before
    std::size_t limit = limits::page_events_default;
    bool only_open = false;
};
struct proposal_page {
    std::vector<proposal> proposals;   // by id: oldest first, but for those made under a key
    // There may be more, also where the page has fewer than were asked for, or none.
    std::optional<uuid> next{};
};
[[nodiscard]] proposal_page list_proposals(log& of, proposal_query const& wanted = {});
[[nodiscard]] std::optional<proposal> find_proposal(log& of, uuid const& id);

}  // namespace recount
