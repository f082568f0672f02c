// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the routes share that take a plan of a correction, and how they say that it is refused.
#pragma once

#include <string>

#include <recount/correction/proposals.hpp>

#include "http/api_call.hpp"

namespace recount::http {

// Who asks is said by the header, where one is configured; else by the plan.
[[nodiscard]] restructure signed_by(api_call const& call, restructure plan);
[[nodiscard]] restructure plan_in(api_call const& call);
// The same where there is no plan: by the body's "by".
[[nodiscard]] std::string who_asks(api_call const& call, std::string const& by);

// The hash that If-Match gives, the ETag of a preview; empty: any.
[[nodiscard]] std::string previewed(api_call const& call);
// What conflicts with the hash that was asked for is 412.
[[nodiscard]] refusal failed_precondition(error const& failure);
template <class Run>
[[nodiscard]] reply as_previewed(std::string const& hash, Run const& run) {
    try {
        return run();
    } catch (error const& failure) {
        if (failure.code() != errc::conflict || hash.empty()) throw;
        throw failed_precondition(failure);
    }
}

[[nodiscard]] refusal refused(history::plan_refused const& no);
[[nodiscard]] refusal refused(invariants_broken const& no);
[[nodiscard]] refusal refused(proposal_refused const& no);
template <class Run>
[[nodiscard]] reply answered(Run const& run) {
    try {
        return run();
    } catch (history::plan_refused const& no) {
        throw refused(no);
    } catch (invariants_broken const& no) {
        throw refused(no);
    } catch (proposal_refused const& no) {
        throw refused(no);
    }
}

}  // namespace recount::http
