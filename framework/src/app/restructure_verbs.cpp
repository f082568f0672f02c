// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `restructure …`: plans of corrections, judged, previewed, applied, listed and undone.
#include <fmt/format.h>

#include <recount/app/output.hpp>
#include <recount/core/text.hpp>
#include <recount/restructure/payload.hpp>

#include "app/plan_call.hpp"
#include "app/verb_call.hpp"
#include "correction/applied.hpp"
#include "correction/examination.hpp"
#include "correction/operation_text.hpp"

namespace recount {

namespace {

restructure_options options_of(verb_call const& call) {
    restructure_options options;
    if (auto const key = call.get("--id")) options.identify_by(*key);
    options.actor = call.get("--by").value_or("");
    return options;
}

int plan(verb_call& call) {
    return told(call, [&] {
        auto const wanted = plan_in(call);
        auto& app = call.application();
        auto const judged = history::judge(app.log(), wanted, detail::rules_of(app.parts()));
        auto const& r = judged.resolved.payload;
        if (call.json()) {
            std::string text = R"({"title":)";
            describe::append_quoted(text, r.title);
            call.line(text + fmt::format(R"(,"hash":"{}","as_of":{},"ops":{}}})", judged.hash,
                                         judged.seen.as_of, history::operations_json(r)));
        } else {
            fmt::print("{}", detail::operations_text(r));
        }
        return exit_code::ok;
    });
}

int preview(verb_call& call) {
    return told(call, [&] {
        auto const wanted = plan_in(call);
        call.catch_up_or_note();
        print(call, call.application().preview(wanted));
        return exit_code::ok;
    });
}

bool is_agreed(verb_call const& call) { return !preview_of(call).empty() || call.flag("--yes"); }

// What was previewed: elsewhere, or here, before somebody says yes.
int apply_plan(verb_call& call, restructure const& wanted, std::string const& question) {
    auto& app = call.application();
    auto const options = options_of(call);
    auto const is_done = [&] {
        return detail::first_result(app.log(), detail::id_of(options)).has_value();
    };
    auto hash = preview_of(call);
    if (!is_agreed(call) && somebody_is_there() && !is_done()) {
        auto const agreed = shown_and_confirmed(call, wanted, question);
        if (!agreed) return exit_code::refused;
        hash = *agreed;
    }
    print(call, app.apply(wanted, hash, options));
    return exit_code::ok;
}

int apply(verb_call& call) {
    return told(call, [&] {
        auto const wanted = plan_in(call);
        if (!is_agreed(call) && !somebody_is_there()) {
            throw error{errc::invalid_argument,
                        "expected --preview HASH, of what was previewed, or --yes"};
        }
        return apply_plan(call, wanted, "apply it?");
    });
}

int undo(verb_call& call) {
    return told(call, [&] {
        auto& app = call.application();
        auto wanted = app.undo_plan(uuid_from_string(call.require("ID")),
                                    call.require("--because"));
        for (auto const& name : call.list("--acknowledge")) wanted.acknowledge(name);
        if (call.flag("--dry-run")) {
            call.catch_up_or_note();
            print(call, app.preview(wanted));
            return exit_code::ok;
        }
        return apply_plan(call, wanted, "undo it?");
    });
}

std::string state_of(recorded_restructure const& r) {
    if (r.undone_by) return "undone";
    return r.what.undoes ? "undo" : "";
}

int list(verb_call& call) {
    constexpr std::int64_t limit_default = 100;
    auto const limit = call.limit().value_or(limit_default);
    auto const page =
        list_restructures(call.application().log(), call.number("--after").value_or(0),
                          static_cast<std::size_t>(limit));
    text_table table{{{"position", true}, {"restructure"}, {"recorded at"}, {"by"},
                      {"operations", true}, {"streams", true}, {""}, {"title"}}};
    for (auto const& r : page.restructures) {
        if (call.json()) call.line(summary_json(r));
        table.add({std::to_string(r.last), to_string(r.what.restructure),
                   to_string(r.recorded_at).substr(0, 16), printable_utf8(r.actor),
                   std::to_string(r.what.ops.size()), std::to_string(r.streams.size()),
                   state_of(r), printable_utf8(r.what.title)});
    }
    if (!call.json()) fmt::print("{}", table.text());
    if (page.next) call.note(fmt::format("there are more: --after {}", *page.next));
    return exit_code::ok;
}

int show(verb_call& call) {
    auto const id = uuid_from_string(call.require("ID"));
    auto const found = find_restructure(call.application().log(), id);
    if (!found) throw error{errc::not_found, fmt::format("no restructure {}", to_string(id))};
    if (call.json()) {
        call.line(to_json(*found));
        return exit_code::ok;
    }
    auto const& r = *found;
    text_table table{{{"restructure"}, {to_string(id)}}};
    table.add({"title", printable_utf8(r.what.title)});
    table.add({"because", printable_utf8(r.what.because)});
    for (auto const& one : r.what.evidence) table.add({"evidence", printable_utf8(one)});
    if (!r.actor.empty()) table.add({"by", printable_utf8(r.actor)});
    table.add({"recorded at", to_string(r.recorded_at)});
    table.add({"position", std::to_string(r.last)});
    for (auto const& one : r.what.acknowledged) table.add({"acknowledged", printable_utf8(one)});
    if (r.what.undoes) table.add({"undoes", to_string(*r.what.undoes)});
    if (r.undone_by) table.add({"undone by", to_string(*r.undone_by)});
    fmt::print("{}\n{}", table.text(), detail::operations_text(r.what));
    return exit_code::ok;
}

}  // namespace

std::vector<verb> restructure_verbs() {
    using o = verb_option;
    auto const file = o::place("FILE", "a plan as JSON; - reads it from stdin");
    auto const hash = o::value("--preview", "only what was previewed under this hash");
    auto const by = o::value("--by", "who does it; without, the plan's \"by\"");
    auto const id = o::value("--id", "a key of yours: the same key again has the first result");
    return {
        {"restructure plan", "check a plan, and show the operations it comes to", {file}, &plan},
        {"restructure preview",
         "what a plan would do to streams, states and rows; writes nothing",
         {file},
         &preview},
        {"restructure apply",
         "correct history by a plan",
         {file, hash, o::flag("--yes", "without a preview and without asking"), by, id},
         &apply},
        {"restructure list",
         "the restructures of the log, oldest first",
         {o::value("--after", "after this position"), o::value("--limit", "at most so many (100)")},
         &list},
        {"restructure show", "one restructure, with its operations", {o::place("ID", "its id")},
         &show},
        {"restructure undo",
         "give back what a restructure changed",
         {o::place("ID", "its id"), o::value("--because", "the reason"),
          o::values("--acknowledge", "a sealed period, or an invariant that it breaks, by name"),
          o::flag("--dry-run", "preview it only"), hash,
          o::flag("--yes", "on a terminal, too: without a preview and without asking"), by, id},
         &undo},
    };
}

}  // namespace recount
