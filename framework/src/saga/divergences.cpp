// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/saga/divergences.hpp>

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>
#include <recount/restructure/read.hpp>

#include "saga/deeds.hpp"

namespace recount {

namespace {

using namespace detail;

struct found_rows {
    std::vector<recorded_event> rows;
    deeds known;
};

found_rows find(log& from, std::string_view saga, std::string_view instance) {
    auto const stream = stream_name::of("$saga." + std::string{saga}, instance);
    found_rows found{history::read_rows(from, stream).rows, deeds{std::string{instance}}};
    if (found.rows.empty()) {
        throw error{errc::not_found,
                    fmt::format("there is no instance {} of saga {}", instance, saga)};
    }
    for (auto const& row : found.rows) found.known.tell(row);
    return found;
}

std::string json_of(std::optional<saga_output> const& output) {
    std::string text;
    if (output) append_json(text, *output);
    return text;
}

std::optional<divergence> divergence_of(std::string_view saga, deeds const& known) {
    if (known.open().empty()) return std::nullopt;
    divergence one{std::string{saga}, known.id(), known.opened().restructure, known.opened().k,
                   known.opened_at(), {}};
    for (auto const& [of, difference] : known.open()) {
        one.outputs.push_back(
            {of.first, of.second, json_of(difference.did), json_of(difference.should)});
    }
    return one;
}

std::string shown(std::string const& json) {
    if (json.empty()) return "nothing";
    return output_text(output_from_json(describe::raw_json::of(json)));
}

}  // namespace

std::vector<divergence> list_divergences(log& from, saga_store& tables,
                                         std::optional<std::string> const& saga) {
    std::vector<divergence> all;
    instance_list wanted{.saga = saga};
    // One that is parked for another reason may have diverged as well.
    for (auto const status : {saga_status::diverged, saga_status::parked}) {
        wanted.status = status;
        wanted.after_saga.clear();
        wanted.after_instance.clear();
        for (;;) {
            auto const page = tables.list_instances(wanted);
            for (auto const& row : page) {
                auto one = divergence_of(row.saga, find(from, row.saga, row.instance).known);
                if (one) all.push_back(std::move(*one));
            }
            if (page.size() < wanted.limit) break;
            wanted.after_saga = page.back().saga;
            wanted.after_instance = page.back().instance;
        }
    }
    std::ranges::sort(all, [](auto const& a, auto const& b) {
        return std::tie(a.saga, a.instance) < std::tie(b.saga, b.instance);
    });
    return all;
}

std::optional<divergence> find_divergence(log& from, std::string_view saga,
                                          std::string_view instance) {
    return divergence_of(saga, find(from, saga, instance).known);
}

appended acknowledge_divergence(log& to, std::string_view saga, std::string_view instance,
                                saga_act const& act) {
    if (act.because.empty()) {
        throw error{errc::invalid_argument, "an act on a saga needs a reason"};
    }
    auto const found = find(to, saga, instance);
    commit made;
    if (act.id) made.id = *act.id;
    made.of_framework = true;
    if (!act.actor.empty()) made.meta.actor = act.actor;
    auto const stream = stream_name{found.rows.front().stream};
    made.events.push_back(
        {stream, std::string{saga_acknowledged}, 1, because_json(act.because), {}});
    // Done already, under this id: it has its first result.
    bool const repeated = act.id && !to.find_commits(std::span{&*act.id, 1}).empty();
    if (!repeated) {
        if (found.known.open().empty()) {
            throw error{errc::refused,
                        fmt::format("instance {} of saga {} has not diverged", instance, saga)};
        }
        auto const& last = found.rows.back();
        made.expectations.push_back({stream, expectation::exactly(last.version), last.hash});
    }
    fault_point<"saga.act_found">();
    auto done = to.append(made);
    fault_point<"saga.act_recorded">();
    return done;
}

std::string to_json(divergence const& one) {
    std::string text = R"({"saga":)";
    describe::append_quoted(text, one.saga);
    text += R"(,"instance":)";
    describe::append_quoted(text, one.instance);
    text += fmt::format(R"(,"restructure":"{}","k":{},"recorded_at":"{}","outputs":[)",
                        to_string(one.restructure), one.k, to_string(one.recorded_at));
    bool first = true;
    for (auto const& output : one.outputs) {
        text += fmt::format(R"({}{{"trigger":"{}","n":{},"did":{},"should":{}}})",
                            first ? "" : ",", to_string(output.trigger), output.n,
                            output.did.empty() ? "null" : output.did,
                            output.should.empty() ? "null" : output.should);
        first = false;
    }
    return text + "]}";
}

std::string to_text(divergence const& one) {
    auto text = fmt::format("{} {}: since {}\n", one.saga, one.instance,
                            to_string(one.restructure));
    for (auto const& output : one.outputs) {
        text += fmt::format("  did    {}\n  should {}\n", shown(output.did),
                            shown(output.should));
    }
    return text;
}

}  // namespace recount
