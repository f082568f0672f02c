// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Sagas and their instances: listed, shown step by step, resumed and ended.
#include <fmt/format.h>

#include <recount/core/text.hpp>
#include <recount/describe/raw_json.hpp>
#include <recount/saga/operations.hpp>

#include "http/api_routes.hpp"

namespace recount::http {

namespace {

saga_descriptor const& saga_in(api_call const& call) { return call.app.saga(call.places.front()); }

std::optional<saga_status> status_in(api_call const& call) {
    auto const text = call.parameter("status");
    if (!text) return std::nullopt;
    for (auto const s : {saga_status::running, saga_status::parked, saga_status::diverged,
                         saga_status::ended}) {
        if (to_string(s) == *text) return s;
    }
    throw bad_request(fmt::format("status: expected running, parked, diverged or ended, found '{}'",
                                  excerpt(*text)));
}

using act_function = appended (*)(log&, std::string_view, std::string_view, saga_act const&);

reply act_on(api_call const& call, act_function perform, std::string_view no) {
    call.require_json_body();
    auto const& saga = saga_in(call);
    describe::raw_object body{describe::raw_json::of(call.asked.body)};
    saga_act act;
    act.because = body.need("because").string();
    auto const by = body.take("by");
    body.finish();
    // Who asks is said by the header, where one is configured; else by the body.
    act.actor = !call.options.actor_header.empty() ? call.actor() : by ? by->string() : "";
    if (auto key = call.idempotency_key()) {
        command_options options;
        options.identify_by(*std::move(key));
        act.id = options.id ? *options.id : command_id_from_key(options.key, act.actor);
    }
    try {
        auto const done = perform(call.app.log(), saga.name, call.places[1], act);
        return json_reply(fmt::format(R"({{"position":{},"repeated":{}}})", done.last,
                                      done.repeated));
    } catch (error const& failure) {
        if (failure.code() != errc::refused) throw;
        auto what = details_of(failure);
        what.status = 409;
        what.code = no;
        throw refusal{std::move(what)};
    }
}

}  // namespace

reply list_sagas(api_call const& call) {
    std::string list;
    for (auto const* s : call.app.parts().sagas) {
        append_item(list, fmt::format(R"({{"saga":"{0}","version":{1},"kind":"{2}",)"
                                      R"("href":"{3}/sagas/{0}"}})",
                                      s->name, s->version, s->reactor ? "reactor" : "saga",
                                      call.base()));
    }
    return json_reply(fmt::format(R"({{"sagas":[{}]}})", list));
}

reply list_instances(api_call const& call) {
    auto const limit = call.limit("limit");
    instance_list wanted;
    wanted.saga = std::string{saga_in(call).name};
    wanted.status = status_in(call);
    wanted.after_saga = *wanted.saga;
    if (auto const after = call.parameter("after")) wanted.after_instance = std::string{*after};
    wanted.limit = limit + 1;
    auto found = call.app.saga_tables().list_instances(wanted);
    bool const more = found.size() > limit;
    if (more) found.pop_back();
    std::string list;
    for (auto const& one : found) append_item(list, to_json(one));
    auto const next = more ? fmt::format(R"(,"next":{})", json_quoted(found.back().instance))
                           : std::string{};
    return json_reply(fmt::format(R"({{"instances":[{}]{}}})", list, next));
}

reply read_instance(api_call const& call) {
    auto const& saga = saga_in(call);
    auto const found = instance_steps(call.app.log(), saga.name, call.places[1]);
    std::string list;
    for (auto const& step : found.steps) append_item(list, to_json(step));
    auto const because = found.because.empty()
                             ? std::string{}
                             : fmt::format(R"(,"because":{})", json_quoted(found.because));
    return json_reply(fmt::format(R"({{"saga":"{}","instance":{},"status":"{}"{},"waiting":{},)"
                                  R"("steps":[{}]}})",
                                  saga.name, json_quoted(call.places[1]), to_string(found.status),
                                  because, found.waiting, list));
}

reply retry_instance(api_call const& call) {
    return act_on(call, &resume_instance, "not_parked");
}

reply end_instance_by_hand(api_call const& call) {
    return act_on(call, &end_instance, "has_ended");
}

}  // namespace recount::http
