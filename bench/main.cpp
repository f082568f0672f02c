// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// recount-bench: docs/performance.md says what it measures and how to read it.
#include <cstdio>
#include <exception>

#include <fmt/core.h>

#include <recount/app/verb.hpp>

#include "measure.hpp"
#include "options.hpp"
#include "verbs.hpp"

namespace {

void run(recount::bench::options const& how) {
    using recount::bench::verb;
    recount::bench::place const here{how};
    switch (how.verb) {
        case verb::append: return run_append(here, how);
        case verb::command: return run_command(here, how);
        case verb::read: return run_read(here, how);
        case verb::feed: return run_feed(here, how);
        case verb::load: return run_load(here, how);
        case verb::fold: return run_fold(here, how);
        case verb::correct: return run_correct(here, how);
        case verb::sagas: return run_sagas(here, how);
        case verb::timers: return run_timers(here, how);
    }
}

}  // namespace

int main(int argc, char** argv) {
    int exit_with = recount::exit_code::ok;
    auto const how = recount::bench::options_of(argc, argv, exit_with);
    if (!how) return exit_with;
    recount::bench::stop_on_signals();
    try {
        run(*how);
        return recount::exit_code::ok;
    } catch (recount::error const& failure) {
        fmt::print(stderr, "recount-bench: {}\n", failure.what());
        if (!failure.server_text().empty()) fmt::print(stderr, "{}\n", failure.server_text());
        return recount::exit_code::of(failure);
    } catch (std::exception const& failure) {
        fmt::print(stderr, "recount-bench: {}\n", failure.what());
        return recount::exit_code::failed;
    }
}
