// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/plan_call.hpp"

#include <iostream>
#include <iterator>

#include <fmt/format.h>
#include <unistd.h>

#include <recount/app/input.hpp>
#include <recount/core/sha256.hpp>
#include <recount/core/text.hpp>

#include "app/verb_call.hpp"
#include "correction/refused_json.hpp"

namespace recount {

restructure plan_in(verb_call const& call) {
    auto const path = call.require("FILE");
    std::string text;
    if (path == "-") {
        text.assign(std::istreambuf_iterator<char>{std::cin}, {});
    } else {
        auto file = open_input(path);
        text.assign(std::istreambuf_iterator<char>{file}, {});
    }
    return restructure::from_json(text);
}

std::string preview_of(verb_call const& call) {
    auto const hash = call.get("--preview");
    if (!hash) return {};
    try {
        return to_hex(digest_from_hex(*hash));
    } catch (error const&) {
        throw error{errc::invalid_argument,
                    fmt::format("--preview: expected the hash of a preview, 64 hexadecimal digits, "
                                "found '{}'",
                                excerpt(*hash))};
    }
}

void print(verb_call const& call, restructure_preview const& p) {
    if (call.json()) {
        call.line(to_json(p));
    } else {
        fmt::print("{}", to_text(p));
    }
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

bool somebody_is_there() noexcept {
    return isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
}

namespace {

bool confirmed(std::string const& question) {
    fmt::print(stderr, "{} [y/N] ", question);
    std::string answer;
    std::cin.clear();   // a plan that was typed ended in Ctrl-D
    std::getline(std::cin, answer);
    if (!std::cin) fmt::print(stderr, "\n");   // Ctrl-D leaves the line open
    return answer == "y" || answer == "yes";
}

}  // namespace

std::optional<std::string> shown_and_confirmed(verb_call& call, restructure const& plan,
                                               std::string const& question) {
    call.catch_up_or_note();
    auto seen = call.application().preview(plan);
    fmt::print(stderr, "{}", to_text(seen));
    if (confirmed(question)) return std::move(seen.hash);
    call.note("nothing was written");
    return {};
}

int say_refused(verb_call const& call, history::plan_refused const& no) {
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

}  // namespace recount
