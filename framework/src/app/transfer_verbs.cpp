// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>

#include <fmt/core.h>

#include <recount/app/input.hpp>
#include <recount/app/output.hpp>
#include <recount/transfer/export.hpp>
#include <recount/transfer/import.hpp>

#include "app/verb_call.hpp"

namespace recount {

namespace {

constexpr char const* standard_stream = "-";

export_options options_of(verb_call& call) {
    export_options options;
    if (auto const stream = call.get("--stream")) options.filter.stream = stream_name{*stream};
    if (auto const category = call.get("--category")) options.filter.categories = {*category};
    options.after = std::max<position>(call.number("--from").value_or(1), 1) - 1;
    options.stop_wanted = &verb_call::stop_wanted;
    return options;
}

int export_verb(verb_call& call) {
    auto const begun = std::chrono::steady_clock::now();
    auto const path = call.get("FILE").value_or(standard_stream);
    auto& log = call.application().log();
    auto options = options_of(call);
    std::ofstream file;
    if (path != standard_stream) {
        options.after = std::max(options.after, resume_export(log, path));
        errno = 0;
        file.open(path, std::ios::binary | std::ios::app);
        if (!file) {
            throw error{errno == ENOENT ? errc::not_found : errc::refused,
                        fmt::format("unable to write {}: {}", path, std::strerror(errno))};
        }
    }
    auto const before = options.after;
    export_report done;
    {
        progress bar{"export", static_cast<std::uint64_t>(log.head().position),
                     call.progress_style()};
        options.progress = [&](position at) { bar.update(static_cast<std::uint64_t>(at)); };
        done = export_events(log, path == standard_stream ? std::cout : file, options);
    }
    // With the events on stdout there is no place for anything else there.
    auto const say = [&](std::string const& text) {
        path == standard_stream ? call.note(text) : call.line(text);
    };
    if (call.json() && path != standard_stream) {
        say(fmt::format(R"({{"events":{},"after":{},"position":{},"seconds":{:.2f}}})", done.events,
                        before, done.through, seconds_since(begun)));
    } else {
        say(fmt::format("{} events written{}, each as its hash says, up to position {}",
                        grouped(done.events),
                        before > 0 ? fmt::format(" behind position {}", grouped(before)) : "",
                        grouped(done.through)));
    }
    if (auto const seals = log.list_seals(); !seals.empty()) {
        call.note("the seals of the log are no events, and not in the export: close the periods "
                  "of the copy again (seals list, seals close)");
    }
    if (verb_call::stop_wanted()) {
        call.note("stopped: run the same command again to go on");
        return exit_code::failed;
    }
    return exit_code::ok;
}

void print_import(verb_call const& call, import_report const& done, double seconds) {
    if (call.json()) {
        call.line(fmt::format(
            R"({{"lines":{},"recorded":{},"known":{},"position":{},"seconds":{:.2f}}})", done.lines,
            done.recorded, done.known, done.through, seconds));
        return;
    }
    call.line(fmt::format("{} events: {} new, {} known before", grouped(done.recorded + done.known),
                          grouped(done.recorded), grouped(done.known)));
}

int import_verb(verb_call& call) {
    auto const begun = std::chrono::steady_clock::now();
    auto const path = call.require("FILE");
    std::ifstream file;
    if (path != standard_stream) file = open_input(path);
    import_options options;
    options.batch = call.get("--batch").value_or(options.batch);
    options.ignore_versions = call.flag("--ignore-versions");
    options.stop_wanted = &verb_call::stop_wanted;
    auto& app = call.application();
    import_report done;
    {
        progress bar{"import", path == standard_stream ? 0 : lines_in(path), call.progress_style()};
        options.progress = [&](std::int64_t at) { bar.update(static_cast<std::uint64_t>(at)); };
        done = import_events(app, path == standard_stream ? std::cin : file, options);
    }
    call.catch_up();
    print_import(call, done, seconds_since(begun));
    if (verb_call::stop_wanted()) {
        call.note("stopped: run the same command again to go on");
        return exit_code::failed;
    }
    return exit_code::ok;
}

}  // namespace

std::vector<verb> transfer_verbs() {
    using o = verb_option;
    return {
        {"events export",
         "write events as NDJSON, each checked against its hash; again: goes on where it stopped",
         {o::maybe("FILE", "where to; - or nothing: to stdout"),
          o::value("--stream", "of this stream only"),
          o::value("--category", "of this category only"),
          o::value("--from", "from this position on")},
         &export_verb},
        {"events import",
         "append events from NDJSON; a second time adds nothing",
         {o::place("FILE", "the file; -: from stdin"),
          o::value("--batch", "name of the import, part of the ids of lines without one (import)"),
          o::flag("--ignore-versions", "append behind what the streams have already")},
         &import_verb},
    };
}

}  // namespace recount
