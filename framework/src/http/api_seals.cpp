// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Periods that are closed: which there are, and one more.
#include <limits>

#include <fmt/format.h>

#include <recount/describe/raw_json.hpp>

#include "app/seals_json.hpp"
#include "app/stream_view.hpp"
#include "http/api_routes.hpp"
#include "http/plan_request.hpp"

namespace recount::http {

namespace {

// A period is opened by a word of its own: a time that was forgotten opens nothing.
new_seal seal_in(api_call const& call) {
    call.require_json_body();
    describe::raw_object body{describe::raw_json::of(call.asked.body)};
    auto const category = body.take("category");
    auto const until = body.take("until");
    auto const open = body.take("open");
    auto const through = body.take("through");
    new_seal wanted;
    wanted.because = body.need("because").string();
    auto const by = body.take("by");
    body.finish();
    wanted.actor = who_asks(call, by ? by->string() : std::string{});
    bool const opens = open && open->boolean();
    bool const of_category = category && !through && until.has_value() != opens;
    bool const by_position = through && !category && !until && !open;
    if (!of_category && !by_position) {
        throw bad_request("expected category with until, or with open: true; or through alone");
    }
    if (category) wanted.category = category->string();
    if (category && wanted.category.empty()) throw bad_request("category: expected a name");
    if (until) wanted.until = end_of_time_named(until->string());
    if (through) wanted.through = through->integer(0, std::numeric_limits<position>::max());
    return wanted;
}

}  // namespace

reply make_seal(api_call const& call) {
    return json_reply(to_json(call.app.log().seal(seal_in(call))));
}

reply list_seals(api_call const& call) {
    std::string list;
    for (auto const& one : call.app.log().list_seals()) append_item(list, to_json(one));
    return json_reply(fmt::format(R"({{"seals":[{}]}})", list));
}

}  // namespace recount::http
