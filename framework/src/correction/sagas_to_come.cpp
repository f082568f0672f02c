// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/sagas_to_come.hpp"

#include <fmt/format.h>

#include <recount/core/text.hpp>
#include <recount/describe/json_members.hpp>
#include <recount/restructure/read.hpp>

#include "projection/telling.hpp"
#include "saga/fates.hpp"

namespace recount::detail {

namespace {

preview_output shown(repair_difference const& of) {
    preview_output one;
    one.resolution = word_of(of.what);
    if (of.did) append_json(one.did, *of.did);
    if (of.should) append_json(one.should, *of.should);
    if (of.did) one.did_text = output_text(*of.did);
    if (of.should) one.should_text = output_text(*of.should);
    return one;
}

repair_plan plan_of(application& app, saga_descriptor const& saga, std::string const& instance,
                    repair_cause const& cause) {
    deeds known{instance};
    auto const stream = stream_name::of(saga.category(), instance);
    for (auto const& row : history::read_rows(app.log(), stream).rows) known.tell(row);
    if (saga.reactor) assume_told(saga, known, cause);
    auto plan = plan_repair(saga, known, cause, {});
    if (plan.unknown.empty()) return plan;
    std::vector<wanted_fate> wanted;
    for (auto const& output : plan.unknown) {
        wanted.push_back({instance, cause.restructure, output.key,
                          output.what == reaction_output::kind::effect});
    }
    auto const fates = look_at_fates(app.log(), app.saga_tables(), wanted);
    return plan_repair(saga, known, cause, fates);
}

preview_saga after(application& app, saga_descriptor const& saga, std::string const& instance,
                   repair_cause const& cause) {
    preview_saga made{std::string{saga.name}, instance, {}, {}, {}};
    try {
        auto const plan = plan_of(app, saga, instance, cause);
        for (auto const& one : plan.row.differences) made.outputs.push_back(shown(one));
        for (auto const& one : plan.row.outputs) made.sends.push_back(output_text(one.output));
        made.problem = plan.row.problem;
    } catch (error const& failure) {
        if (may_pass(failure)) throw;   // of the store: no word on the plan
        made.problem = failure.what();
    } catch (std::exception const& failure) {   // of a handler
        made.problem = failure.what();
    }
    return made;
}

}  // namespace

std::vector<preview_saga> sagas_after(application& app, imagined const& history,
                                      std::span<history::weighted_version const> delta) {
    std::vector<preview_saga> all;
    if (history.rows.empty()) return all;
    for (auto const* saga : app.parts().sagas) {
        auto const causes = causes_of(*saga, history.rows, delta);
        for (auto const& [instance, cause] : causes.of) {
            auto one = after(app, *saga, instance, cause);
            if (!one.outputs.empty() || !one.problem.empty()) all.push_back(std::move(one));
        }
        for (auto const& [input, because] : causes.unroutable) {
            all.push_back({std::string{saga->name}, to_string(input.trigger), {}, {}, because});
        }
    }
    return all;
}

void append_sagas_json(std::string& to, std::vector<preview_saga> const& sagas) {
    json_list_member(to, "sagas", sagas, [&](preview_saga const& one) {
        to += R"({"saga":)";
        describe::append_quoted(to, one.saga);
        json_text_member(to, "instance", one.instance);
        json_list_member(to, "outputs", one.outputs, [&](preview_output const& output) {
            to += fmt::format(R"({{"resolution":"{}","did":{},"should":{}}})", output.resolution,
                              output.did.empty() ? "null" : output.did,
                              output.should.empty() ? "null" : output.should);
        });
        json_texts_member(to, "sends", one.sends);
        if (!one.problem.empty()) json_text_member(to, "problem", one.problem);
        to += '}';
    });
}

std::string sagas_text(std::vector<preview_saga> const& sagas) {
    std::string text;
    for (auto const& one : sagas) {
        text += fmt::format("\n{} {}\n", one.saga, printable_utf8(one.instance));
        if (!one.problem.empty()) text += fmt::format("  {}\n", printable_utf8(one.problem));
        for (auto const& output : one.outputs) {
            if (!output.did_text.empty()) {
                text += "  did     " + printable_utf8(output.did_text) + '\n';
            }
            if (!output.should_text.empty()) {
                text += "  should  " + printable_utf8(output.should_text) + '\n';
            }
            text += fmt::format("          {}\n", output.resolution);
        }
        for (auto const& sent : one.sends) text += "  sends   " + printable_utf8(sent) + '\n';
    }
    return text;
}

}  // namespace recount::detail
