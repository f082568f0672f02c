// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `restructure …`: plans of corrections, judged, previewed, applied, listed and undone.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/format.h>
#include <unistd.h>

#include <recount/app/output.hpp>
#include <recount/core/text.hpp>
#include <recount/restructure/payload.hpp>

#include "app/verb_call.hpp"
#include "correction/examination.hpp"
#include "correction/operation_text.hpp"
#include "correction/refused_json.hpp"

namespace recount {

namespace {

restructure plan_in(verb_call const& call) {
    auto const path = call.require("FILE");
    std::string text;
    if (path == "-") {
        text.assign(std::istreambuf_iterator<char>{std::cin}, {});
    } else {
        errno = 0;
        std::ifstream file{path, std::ios::binary};
        text.assign(std::istreambuf_iterator<char>{file}, {});
        if (!file) {
            throw error{errc::refused,
                        fmt::format("unable to read {}: {}", path,
                                    errno != 0 ? std::strerror(errno) : "no plan in it")};
        }
    }
    return restructure::from_json(text);
}

restructure_options options_of(verb_call const& call) {
    restructure_options options;
    if (auto const key = call.get("--id")) options.identify_by(*key);
    options.actor = call.get("--by").value_or("");
    return options;
}

// Every step that cannot be, and why; with --json as one object, as errors are.
int refused(verb_call const& call, history::plan_refused const& no) {
    if (call.json()) {
        std::string text = R"({"error":"refused","text":)";
        describe::append_quoted(text, no.what());
        fmt::print(stderr, "{},\"problems\":{}}}\n", text, detail::problems_json(no.problems()));
        return exit_code::refused;
    }
    for (auto const& p : no.problems()) {
        auto const where = p.step < 0 ? std::string{"plan"} : fmt::format("step {}", p.step);
        fmt::print(stderr, "{}: {}: {}\n", where, history::to_string(p.what),
                   printable_utf8(p.sentence));
        for (auto const& id : p.concerning) fmt::print(stderr, "  {}\n", to_string(id));
    }
    return exit_code::refused;
}

template <class Run>
int told(verb_call& call, Run const& run) {
    try {
        return run();
    } catch (history::plan_refused const& no) {
        std::fflush(stdout);
        return refused(call, no);
    }
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

void print(verb_call const& call, restructure_preview const& p) {
    if (call.json()) {
        call.line(to_json(p));
    } else {
        fmt::print("{}", to_text(p));
    }
}

int preview(verb_call& call) {
    return told(call, [&] {
        auto const wanted = plan_in(call);
        call.catch_up();
        print(call, call.application().preview(wanted));
        return exit_code::ok;
    });
}

void print(verb_call const& call, restructured const& done) {
    if (call.json()) {
        call.line(to_json(done));
        return;
    }
    call.line(fmt::format("restructure {} at position {}, in {}{}", to_string(done.id),
                          done.position, fmt::join(done.streams, ", "),
                          done.repeated ? " (known before: the first result)" : ""));
    for (auto const& id : done.inserted) call.line(fmt::format("inserted {}", to_string(id)));
}

bool confirmed() {
    fmt::print(stderr, "apply it? [y/N] ");
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "yes";
}

// What was previewed: elsewhere, or here, before somebody says yes.
int apply_plan(verb_call& call, restructure const& wanted) {
    auto& app = call.application();
    auto hash = call.get("--preview");
    if (!hash && !call.flag("--yes")) {
        if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
            throw error{errc::invalid_argument,
                        "expected --preview HASH, of what was previewed, or --yes"};
        }
        call.catch_up();
        auto const seen = app.preview(wanted);
        fmt::print(stderr, "{}", to_text(seen));
        if (!confirmed()) return exit_code::refused;
        hash = seen.hash;
    }
    print(call, app.apply(wanted, hash.value_or(""), options_of(call)));
    return exit_code::ok;
}

int apply(verb_call& call) {
    return told(call, [&] { return apply_plan(call, plan_in(call)); });
}

int undo(verb_call& call) {
    return told(call, [&] {
        auto& app = call.application();
        auto const wanted = app.undo_plan(uuid_from_string(call.require("ID")),
                                          call.get("--because").value_or(""));
        if (call.flag("--dry-run")) {
            call.catch_up();
            print(call, app.preview(wanted));
        } else {
            print(call, app.apply(wanted, call.get("--preview").value_or(""), options_of(call)));
        }
        return exit_code::ok;
    });
}

std::string state_of(recorded_restructure const& r) {
    if (r.undone_by) return "undone";
    return r.what.undoes ? "undo" : "";
}

int list(verb_call& call) {
    constexpr std::int64_t limit_default = 100;
    auto const limit = call.number("--limit").value_or(limit_default);
    if (limit < 1) {
        throw error{errc::invalid_argument, fmt::format("--limit is 1 or more, found {}", limit)};
    }
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
          o::flag("--dry-run", "preview it only"), hash, by, id},
         &undo},
    };
}

}  // namespace recount
