// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "options.hpp"

#include <algorithm>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <recount/app/verb.hpp>

namespace recount::bench {

namespace {

constexpr std::size_t writers_max = 4'096;  // threads, or coroutines with --async

void add_shared(CLI::App& to, options& into) {
    static std::map<std::string, key_kind> const kinds{{"ours", key_kind::ours},
                                                       {"callers", key_kind::callers}};
    to.add_option("--database", into.url,
                  "URL of a server to use, in stores of its own (default: a private one, removed "
                  "afterwards)");
    to.add_option("--writers", into.writers, "threads, or with --async coroutines")
        ->check(CLI::Range(std::size_t{1}, writers_max))->capture_default_str();
    to.add_option("--events", into.events, "events of one append")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000}))->capture_default_str();
    to.add_option("--streams", into.streams, "streams that are written, in random order")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))->capture_default_str();
    to.add_option("--payload", into.payload_bytes, "bytes of one payload, about")
        ->check(CLI::Range(std::size_t{80}, std::size_t{100'000}))->capture_default_str();
    to.add_option("--seconds", into.seconds, "length of each measurement, over all rounds")
        ->check(CLI::Range(0.1, 86'400.0))->capture_default_str();
    to.add_option("--rounds", into.rounds, "turns that limits and Recount take")
        ->check(CLI::Range(std::size_t{1}, std::size_t{100}))->capture_default_str();
    to.add_option("--commit-delay", into.commit_delay_us,
                  "microseconds that each flush takes longer, as on another disk (private only)")
        ->check(CLI::Range(0, 100'000))->capture_default_str();
    to.add_option("--setting", into.server_settings,
                  "a setting of the server, as shared_buffers=2GB; repeatable (private only)")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false)
        ->check(CLI::Validator{[](std::string& one) {
            auto const name = one.substr(0, std::min(one.find('='), one.size()));
            bool const good = name.size() < one.size() && !name.empty() &&
                              name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.") ==
                                  std::string::npos &&
                              one.find_first_of("\r\n") == std::string::npos;
            return good ? std::string{} : fmt::format("NAME=VALUE was expected, found {}", one);
        }, ""});
    to.add_option("--keys", into.keys, "command ids: ours (in order of time) or callers' (random)")
        ->transform(CLI::CheckedTransformer(kinds));
    to.add_flag("--json", into.json, "one JSON object on stdout");
}

void add_total(CLI::App& to, options& into) {
    to.add_option("--events-total", into.events_total,
                  "events of the whole store (default: feed 300000, correct 1000000, load "
                  "10000000)")
        ->check(CLI::Range(std::int64_t{10'000}, std::int64_t{1'000'000'000}));
}

}  // namespace

std::optional<options> options_of(int argc, char** argv, int& exit_with) {
    options wanted;
    CLI::App app{"What Recount does in a second, beside what the same server can do at most."};
    app.require_subcommand(1);
    auto const add = [&](char const* name, verb which, char const* what) {
        auto* const sub = app.add_subcommand(name, what);
        add_shared(*sub, wanted);
        sub->callback([&wanted, sub, which] {
            wanted.verb = which;
            wanted.keys_given = sub->count("--keys") > 0;
            if (wanted.events_total == 0) {
                wanted.events_total = which == verb::feed      ? 300'000
                                      : which == verb::correct ? 1'000'000
                                                               : 10'000'000;
            }
        });
        return sub;
    };
    auto* const append = add("append", verb::append,
                             "appends with expected versions, beside COPY and INSERT");
    append->add_flag("--async", wanted.awaited, "awaited on one thread, one coroutine a writer");
    append->add_flag("!--no-limits", wanted.limits, "leave COPY and INSERT out");
    append->add_flag("!--no-costs", wanted.costs, "leave out what each promise costs");
    add("command", verb::command, "commands (load, decide, append), beside appends");
    add("read", verb::read, "whole streams, one by one and many at a time");
    add_total(*add("feed", verb::feed, "the whole feed, decoded into typed events"), wanted);
    add("fold", verb::fold, "corrected history: a long stream, and many inserts at one gap");
    add_total(*add("correct", verb::correct, "a correction, until every table shows it"), wanted);
    add_total(*add("load", verb::load, "append rate and memory as a store grows"), wanted);
    auto* const sagas = add("sagas", verb::sagas,
                            "transfers between accounts as a process, from request to end");
    sagas->add_option("--in-flight", wanted.in_flight, "transfers that are under way at a time")
        ->check(CLI::Range(std::size_t{1}, std::size_t{4'096}))->capture_default_str();
    sagas->add_option("--accounts", wanted.accounts, "accounts that they are between")
        ->check(CLI::Range(std::size_t{2}, std::size_t{1'000'000}))->capture_default_str();
    auto* const timers = add("timers", verb::timers,
                             "timers of sagas that are due within one second: how late they are");
    timers->add_option("--timers", wanted.timers, "how many")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))->capture_default_str();
    try {
        app.parse(argc, argv);
        bool const sets = wanted.commit_delay_us > 0 || !wanted.server_settings.empty();
        if (sets && !wanted.url.empty()) {
            throw CLI::ValidationError{
                "--commit-delay and --setting are for a private server, not for --database"};
        }
    } catch (CLI::ParseError const& what) {
        exit_with = app.exit(what) == 0 ? exit_code::ok : exit_code::usage;
        return std::nullopt;
    }
    return wanted;
}

}  // namespace recount::bench
