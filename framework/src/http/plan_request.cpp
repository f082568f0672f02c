// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/plan_request.hpp"

#include <fmt/core.h>

#include <recount/core/text.hpp>

#include "correction/refused_json.hpp"

namespace recount::http {

std::string who_asks(api_call const& call, std::string const& by) {
    return call.options.actor_header.empty() ? by : call.actor();
}

restructure signed_by(api_call const& call, restructure plan) {
    plan.by(who_asks(call, plan.actor()));
    return plan;
}

restructure plan_in(api_call const& call) {
    call.require_json_body();
    return signed_by(call, restructure::from_json(call.asked.body));
}

std::string previewed(api_call const& call) {
    constexpr std::size_t digits = 64;
    auto const header = call.header("if-match");
    if (!header) return {};
    auto text = *header;
    if (text.size() == digits + 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, digits);
        if (text.find_first_not_of("0123456789abcdef") == std::string_view::npos) {
            return std::string{text};
        }
    }
    throw bad_request(fmt::format("If-Match: expected the hash of a preview in quotes, found '{}'",
                                  excerpt(*header)));
}

refusal failed_precondition(error const& failure) {
    auto what = details_of(failure);
    what.status = 412;
    return {std::move(what)};
}

refusal refused(history::plan_refused const& no) {
    auto what = details_of(no);
    what.code = "plan_refused";
    what.members.emplace_back("problems", recount::detail::problems_json(no.problems()));
    return {std::move(what)};
}

refusal refused(invariants_broken const& no) {
    auto what = details_of(no);
    what.code = "invariants_broken";
    std::string names;
    for (auto const& name : no.names()) append_item(names, json_quoted(name));
    what.members.emplace_back("invariants", "[" + names + "]");
    return {std::move(what)};
}

refusal refused(proposal_refused const& no) {
    auto what = details_of(no);
    what.code = to_string(no.why());
    return {std::move(what)};
}

}  // namespace recount::http
