// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `sagas …`: instances of sagas, listed, shown step by step, resumed and ended.
#include <algorithm>

#include <fmt/core.h>

#include <recount/app/output.hpp>
#include <recount/saga/divergences.hpp>

#include "app/verb_call.hpp"

namespace recount {

namespace {

std::optional<saga_status> status_in(verb_call const& call) {
    auto const word = call.get("--status");
    if (!word) return std::nullopt;
    for (auto const s : {saga_status::running, saga_status::parked, saga_status::diverged,
                         saga_status::ended}) {
        if (to_string(s) == *word) return s;
    }
    throw error{errc::invalid_argument,
                fmt::format("--status: expected running, parked, diverged or ended, found '{}'",
                            *word)};
}

int list(verb_call& call) {
    auto& app = call.application();
    instance_list wanted;
    wanted.saga = call.get("NAME");
    if (wanted.saga) static_cast<void>(app.saga(*wanted.saga));
    wanted.status = status_in(call);
    auto left = call.limit().value_or(1'000);
    text_table table{{{"saga"}, {"instance"}, {"status"}, {"version", true}, {"updated at"},
                      {"because"}}};
    while (left > 0) {
        constexpr std::int64_t page_max = 1'000;
        wanted.limit = static_cast<std::size_t>(std::min(left, page_max));
        auto const page = app.saga_tables().list_instances(wanted);
        for (auto const& one : page) {
            if (call.json()) call.line(to_json(one));
            table.add({one.saga, one.instance, std::string{to_string(one.status)},
                       std::to_string(one.version), to_string(one.updated_at), one.because});
        }
        if (page.size() < wanted.limit) break;
        left -= static_cast<std::int64_t>(page.size());
        wanted.after_saga = page.back().saga;
        wanted.after_instance = page.back().instance;
    }
    if (!call.json()) fmt::print("{}", table.text());
    return exit_code::ok;
}

int show(verb_call& call) {
    auto& app = call.application();
    auto const name = call.require("NAME");
    static_cast<void>(app.saga(name));
    auto const found = instance_steps(app.log(), name, call.require("INSTANCE"));
    text_table table{{{"version", true}, {"position", true}, {"recorded at"}, {"step"}, {"by"}}};
    for (auto const& step : found.steps) {
        if (call.json()) call.line(to_json(step));
        table.add({std::to_string(step.version), grouped(step.position),
                   to_string(step.recorded_at), step.text, step.actor});
    }
    if (call.json()) return exit_code::ok;
    fmt::print("{}", table.text());
    call.note(fmt::format("{}{}{}{}", to_string(found.status), found.because.empty() ? "" : ": ",
                          found.because,
                          found.waiting == 0 ? ""
                                             : fmt::format("; {} waiting", found.waiting)));
    return exit_code::ok;
}

using act_function = appended (*)(log&, std::string_view, std::string_view, saga_act const&);

int act(verb_call& call, act_function perform, std::string_view what) {
    auto& app = call.application();
    auto const name = call.require("NAME");
    auto const instance = call.require("INSTANCE");
    static_cast<void>(app.saga(name));
    auto const done = perform(app.log(), name, instance,
                              {.actor = call.get("--by").value_or(""),
                               .because = call.get("--because").value_or("")});
    if (call.json()) {
        call.line(fmt::format(R"({{"position":{}}})", done.last));
    } else {
        call.line(fmt::format("{} {} {} at position {}; the saga takes it up when it runs", name,
                              instance, what, grouped(done.last)));
    }
    return exit_code::ok;
}

int retry(verb_call& call) { return act(call, &resume_instance, "is resumed"); }
int end_by_hand(verb_call& call) { return act(call, &end_instance, "is ended"); }

int acknowledge(verb_call& call) {
    return act(call, &acknowledge_divergence, "is acknowledged");
}

int divergences(verb_call& call) {
    auto& app = call.application();
    auto const saga = call.get("NAME");
    if (saga) static_cast<void>(app.saga(*saga));
    auto const found = list_divergences(app.log(), app.saga_tables(), saga);
    for (auto const& one : found) {
        if (call.json()) {
            call.line(to_json(one));
        } else {
            fmt::print("{}", to_text(one));
        }
    }
    if (found.empty()) call.note("no instance has diverged");
    return exit_code::ok;
}

int run(verb_call& call) {
    auto& app = call.application();
    saga_run_hooks hooks;
    hooks.stop_wanted = &verb_call::stop_wanted;
    app.run_sagas(hooks);
    return exit_code::ok;
}

}  // namespace

std::vector<verb> saga_verbs() {
    using o = verb_option;
    auto const name = o::place("NAME", "of the saga");
    auto const instance = o::place("INSTANCE", "its id: a transfer, an order");
    auto const because = o::value("--because", "the reason, which is recorded");
    auto const by = o::value("--by", "who has decided it");
    return {
        {"sagas list",
         "instances of sagas, and how they stand",
         {o::maybe("NAME", "of one saga"),
          o::value("--status", "running, parked, diverged or ended"),
          o::value("--limit", "at most so many (1000)")},
         &list},
        {"sagas show", "what an instance saw, and what it made of it", {name, instance}, &show},
        {"sagas retry", "resumes an instance that is parked", {name, instance, because, by},
         &retry},
        {"sagas end", "ends an instance by hand", {name, instance, because, by}, &end_by_hand},
        {"sagas divergences",
         "instances whose deeds corrected history wants otherwise, and nobody has declared how",
         {o::maybe("NAME", "of one saga")},
         &divergences},
        {"sagas acknowledge",
         "what an instance did counts as what it should have done",
         {name, instance, because, by},
         &acknowledge},
        {"sagas run", "lets all sagas do what there is to do, and stops", {}, &run},
    };
}

}  // namespace recount
