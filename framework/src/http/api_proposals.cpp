// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Corrections that one person proposes and another one approves.
#include <fmt/format.h>

#include <recount/describe/raw_json.hpp>

#include "http/api_routes.hpp"
#include "http/plan_request.hpp"

namespace recount::http {

namespace {

uuid id_in(api_call const& call) { return uuid_from_string(call.places.front()); }

std::string text_of(std::optional<describe::raw_json> const& member) {
    return member ? member->string() : std::string{};
}

}  // namespace

reply make_proposal(api_call const& call) {
    return answered([&] {
        auto const plan = plan_in(call);
        propose_options options;
        options.actor = plan.actor();
        options.preview = previewed(call);
        if (auto key = call.idempotency_key()) options.identify_by(*std::move(key));
        return as_previewed(options.preview,
                            [&] { return json_reply(to_json(propose(call.app, plan, options))); });
    });
}

reply approve_proposal(api_call const& call) {
    return answered([&] {
        call.require_json_body();
        describe::raw_object body{describe::raw_json::of(call.asked.body)};
        auto const by = body.take("by");
        auto const own = body.take("own");
        body.finish();
        approve_options options;
        options.actor = who_asks(call, text_of(by));
        options.own = own && own->boolean();
        options.correlation = call.uuid_header("correlation-id");
        return json_reply(to_json(approve(call.app, id_in(call), options)));
    });
}

reply reject_proposal(api_call const& call) {
    return answered([&] {
        call.require_json_body();
        describe::raw_object body{describe::raw_json::of(call.asked.body)};
        auto const because = body.need("because").string();
        auto const by = body.take("by");
        body.finish();
        auto const done =
            reject(call.app, id_in(call), who_asks(call, text_of(by)), because);
        return json_reply(to_json(done));
    });
}

reply list_proposals(api_call const& call) {
    proposal_query wanted;
    if (auto const after = call.parameter("after")) wanted.after = uuid_from_string(*after);
    wanted.limit = call.limit("limit");
    if (auto const state = call.parameter("state")) {
        if (*state != "open" && *state != "all") {
            throw bad_request("state: expected open or all");
        }
        wanted.only_open = *state == "open";
    }
    auto const page = recount::list_proposals(call.app.log(), wanted);
    std::string list;
    for (auto const& p : page.proposals) append_item(list, summary_json(p));
    auto const next =
        page.next ? fmt::format(R"(,"next":"{}")", to_string(*page.next)) : std::string{};
    return json_reply(fmt::format(R"({{"proposals":[{}]{}}})", list, next));
}

reply read_proposal(api_call const& call) {
    auto const id = id_in(call);
    auto const found = find_proposal(call.app.log(), id);
    if (!found) throw error{errc::not_found, fmt::format("no proposal {}", to_string(id))};
    return json_reply(to_json(*found));
}

}  // namespace recount::http
