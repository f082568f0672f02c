// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Corrections of history: previewed, applied, listed, undone.
#include <fmt/format.h>

#include <recount/describe/raw_json.hpp>

#include "http/api_routes.hpp"
#include "http/plan_request.hpp"

namespace recount::http {

namespace {

restructure_options options_of(api_call const& call) {
    restructure_options options;
    if (auto key = call.idempotency_key()) options.identify_by(*std::move(key));
    options.actor = call.actor();
    options.correlation = call.uuid_header("correlation-id");
    options.causation = call.uuid_header("causation-id");
    return options;
}

reply apply(api_call const& call, restructure const& plan) {
    auto const hash = previewed(call);
    return as_previewed(hash, [&] {
        return json_reply(to_json(call.app.apply(plan, hash, options_of(call))));
    });
}

uuid id_in(api_call const& call) { return uuid_from_string(call.places.front()); }

error no_restructure(uuid const& id) {
    return error{errc::not_found, fmt::format("no restructure {}", to_string(id))};
}

}  // namespace

reply preview_restructure(api_call const& call) {
    return answered([&] {
        auto const seen = call.app.preview(plan_in(call));
        return json_reply(to_json(seen), {{"ETag", fmt::format("\"{}\"", seen.hash)}});
    });
}

reply apply_restructure(api_call const& call) {
    return answered([&] { return apply(call, plan_in(call)); });
}

reply undo_restructure(api_call const& call) {
    return answered([&] {
        call.require_json_body();
        describe::raw_object body{describe::raw_json::of(call.asked.body)};
        auto const because = body.need("because").string();
        auto const by = body.take("by");
        auto const acknowledged = body.take("acknowledged");
        body.finish();
        auto plan = call.app.undo_plan(id_in(call), because);
        if (acknowledged) {
            for (auto const& name : acknowledged->elements()) plan.acknowledge(name.string());
        }
        if (by) plan.by(by->string());
        return apply(call, signed_by(call, std::move(plan)));
    });
}

reply list_restructures(api_call const& call) {
    auto const page = recount::list_restructures(
        call.app.log(), call.number("after", 0).value_or(0), call.limit("limit"));
    std::string list;
    for (auto const& r : page.restructures) append_item(list, summary_json(r));
    auto const next = page.next ? fmt::format(R"(,"next":{})", *page.next) : std::string{};
    return json_reply(fmt::format(R"({{"restructures":[{}]{}}})", list, next));
}

reply read_restructure(api_call const& call) {
    auto const id = id_in(call);
    auto const found = find_restructure(call.app.log(), id);
    if (!found) throw no_restructure(id);
    return json_reply(to_json(*found));
}

}  // namespace recount::http
