// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the verbs share that take a plan of a correction: `restructure apply`, `propose`, `approve`.
#pragma once

#include <cstdio>
#include <optional>
#include <string>

#include <recount/app/verb.hpp>

namespace recount {

// Of the file that FILE names, or stdin.
[[nodiscard]] restructure plan_in(verb_call const& call);

// Of --preview; empty without it.
[[nodiscard]] std::string preview_of(verb_call const& call);

// To stdout.
void print(verb_call const& call, restructure_preview const& p);
void print(verb_call const& call, restructured const& done);

// Of a terminal: to be shown something there and asked.
[[nodiscard]] bool somebody_is_there() noexcept;
// The hash of what was shown, if the answer was yes.
[[nodiscard]] std::optional<std::string> shown_and_confirmed(verb_call& call,
                                                             restructure const& plan,
                                                             std::string const& question);

// Says every step that cannot be, and why; with --json as one object, as errors are.
[[nodiscard]] int say_refused(verb_call const& call, history::plan_refused const& no);

template <class Run>
[[nodiscard]] int told(verb_call& call, Run const& run) {
    try {
        return run();
    } catch (history::plan_refused const& no) {
        std::fflush(stdout);
        return say_refused(call, no);
    }
}

}  // namespace recount
