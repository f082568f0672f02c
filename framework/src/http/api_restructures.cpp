// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Corrections of history: previewed, applied, listed, undone.
#include <fmt/format.h>

#include <recount/core/text.hpp>
#include <recount/describe/raw_json.hpp>

#include "correction/refused_json.hpp"
#include "http/api_routes.hpp"

namespace recount::http {

namespace {

// Who asks is said by the header, where one is configured; else by the plan.
restructure signed_by(api_call const& call, restructure plan) {
    if (!call.options.actor_header.empty()) plan.by(call.actor());
    return plan;
}

restructure plan_in(api_call const& call) {
    call.require_json_body();
    return signed_by(call, restructure::from_json(call.asked.body));
}

restructure_options options_of(api_call const& call) {
    restructure_options options;
    if (auto key = call.idempotency_key()) options.identify_by(*std::move(key));
    options.actor = call.actor();
    options.correlation = call.uuid_header("correlation-id");
    options.causation = call.uuid_header("causation-id");
    return options;
}

// `"3f2a…"`, the ETag of a preview; empty: any.
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

template <class Run>
reply answered(Run const& run) {
    try {
        return run();
    } catch (history::plan_refused const& no) {
        throw refused(no);
    } catch (invariants_broken const& no) {
        throw refused(no);
    }
}

reply apply(api_call const& call, restructure const& plan) {
    auto const hash = previewed(call);
    try {
        return json_reply(to_json(call.app.apply(plan, hash, options_of(call))));
    } catch (error const& failure) {
        if (failure.code() != errc::conflict || hash.empty()) throw;
        auto what = details_of(failure);
        what.status = 412;
        throw refusal{std::move(what)};
    }
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
        body.finish();
        auto plan = call.app.undo_plan(id_in(call), because);
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
