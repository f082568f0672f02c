// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <algorithm>
#include <cstdio>

#include <fmt/core.h>

#include <recount/app/output.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/projection/postgres_row_store.hpp>
#include <recount/projection/row_changes.hpp>

#include "app/summary_json.hpp"
#include "app/verb_call.hpp"

namespace recount {

namespace {

int list(verb_call& call) {
    auto& app = call.application();
    auto const head = app.log().head().position;
    text_table table{{{"projection"}, {"version", true}, {"kind"}, {"position", true},
                      {"behind", true}}};
    for (auto const* p : app.parts().projections) {
        auto const at = app.row_tables().read_checkpoint(*p, table_build::live).position;
        if (call.json()) call.line(summary_json(*p, at, head));
        table.add({std::string{p->name}, std::to_string(p->version),
                   p->invertible ? "invertible" : "keyed", grouped(at), grouped(head - at)});
    }
    if (!call.json()) fmt::print("{}", table.text());
    return exit_code::ok;
}

int ddl(verb_call& call) {
    auto const wanted = call.get("NAME");
    auto const names = postgres::names_of(call.store(), "database");
    bool found = false;
    for (auto const* p : call.parts().projections) {
        if (wanted && *wanted != p->name) continue;
        found = true;
        fmt::print("{}\n", postgres_row_store::ddl(*p, names.schema));
    }
    if (wanted && !found) {
        throw error{errc::not_found, fmt::format("no projection named '{}'", *wanted)};
    }
    return exit_code::ok;
}

int catch_up(verb_call& call) {
    call.catch_up();
    return exit_code::ok;
}

std::string what_was_told(projection_run const& done) {
    auto const count = [](std::uint64_t n) { return grouped(static_cast<std::int64_t>(n)); };
    auto text = count(done.events) + " events";
    if (done.restructures == 0) return text;
    return text + fmt::format(" and {} restructures ({} events read for them)",
                              count(done.restructures), count(done.events_read_for_refold));
}

int rebuild(verb_call& call) {
    auto& app = call.application();
    auto const wanted = call.require("NAME");
    for (auto const* p : app.parts().projections) {
        if (wanted != "all" && &app.projection(wanted) != p) continue;
        auto const head = app.log().head().position;
        projection_run done;
        {
            progress bar{"rebuild " + std::string{p->name}, static_cast<std::uint64_t>(head),
                         call.progress_style()};
            projection_run_hooks hooks;
            hooks.progress = [&](position at) { bar.update(static_cast<std::uint64_t>(at)); };
            hooks.stop_wanted = &verb_call::stop_wanted;
            done = app.rebuild(*p, hooks);
        }
        if (verb_call::stop_wanted()) {
            call.note(fmt::format("{}: stopped; the table in use is whole, run it again", p->name));
            return exit_code::failed;
        }
        if (call.json()) {
            call.line(fmt::format(R"({{"projection":"{}","events":{},"restructures":{},)"
                                  R"("events_read_for_refold":{},"position":{}}})",
                                  p->name, done.events, done.restructures,
                                  done.events_read_for_refold, done.through));
        } else {
            call.line(fmt::format("{}: rebuilt from {}, at position {}", p->name,
                                  what_was_told(done), grouped(done.through)));
        }
    }
    return exit_code::ok;
}

std::vector<row_filter> filters_of(std::vector<std::string> const& words) {
    std::vector<row_filter> filters;
    for (auto const& word : words) {
        auto const equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw error{errc::invalid_argument,
                        fmt::format("expected FIELD=VALUE, found '{}'", word)};
        }
        filters.push_back({word.substr(0, equals), word.substr(equals + 1)});
    }
    return filters;
}

int query(verb_call& call) {
    auto& app = call.application();
    auto const& p = app.projection(call.require("NAME"));
    static_cast<void>(app.catch_up(p));
    row_query wanted;
    wanted.equals = filters_of(call.list("FIELD=VALUE"));
    wanted.limit = static_cast<std::size_t>(call.limit().value_or(0));
    call.print_rows(p, app.row_tables().query(p, wanted));
    return exit_code::ok;
}

int keep_changes(verb_call& call) {
    auto& app = call.application();
    auto const& p = app.projection(call.require("NAME"));
    auto& kept = row_changes_of(app.row_tables());
    if (call.flag("--stop")) {
        kept.stop_keeping_changes(p);
        call.note(fmt::format("the changes of {} are not kept any more", p.name));
        return exit_code::ok;
    }
    auto since = kept.keep_changes(p);
    if (auto const through = call.number("--forget")) {
        kept.forget_changes(p, *through);
        since = kept.keep_changes(p);
    }
    call.line(call.json() ? fmt::format(R"({{"projection":"{}","since":{}}})", p.name, since)
                          : fmt::format("the changes of {} are kept behind position {}", p.name,
                                        grouped(since)));
    return exit_code::ok;
}

std::string text_of(row_change const& c) {
    return fmt::format("{} {:>10}  {}", c.removed ? '-' : '+', c.mark().text(), c.row);
}

int watch(verb_call& call) {
    auto& app = call.application();
    auto const& p = app.projection(call.require("NAME"));
    auto& kept = row_changes_of(app.row_tables());
    bool const follow = call.flag("--follow");
    std::optional<history::change_mark> after;
    if (auto const from = call.number("--from")) after = {std::max<position>(*from, 1) - 1};
    static_cast<void>(app.catch_up(p));
    while (!verb_call::stop_wanted()) {
        auto const page = kept.read_changes(p, after.value_or(history::change_mark{}));
        if (!page.since) {
            throw error{errc::refused,
                        fmt::format("the changes of {0} are not kept: projections keep-changes {0}",
                                    p.name)};
        }
        if (!after) {   // from the first that is kept
            after = history::change_mark{*page.since};
            continue;
        }
        if (after->k < *page.since) {
            throw error{errc::refused, fmt::format("the changes of {} are kept behind position {}",
                                                   p.name, *page.since)};
        }
        for (auto const& c : page.changes) call.line(call.json() ? to_json(c) : text_of(c));
        after = history::change_mark{page.through};
        if (!page.caught_up) continue;
        if (!follow) break;
        std::fflush(stdout);
        static_cast<void>(app.log().wait(page.at, std::chrono::milliseconds{500}));
        static_cast<void>(app.catch_up(p));
    }
    return exit_code::ok;
}

}  // namespace

std::vector<verb> projection_verbs() {
    using o = verb_option;
    return {
        {"projections list", "where each projection stands", {}, &list},
        {"projections ddl",
         "the SQL of the generated tables",
         {o::maybe("NAME", "of this projection only")},
         &ddl},
        {"projections catch-up", "bring all of them up to the end of the log", {}, &catch_up},
        {"projections rebuild",
         "fill a new table beside the one in use, then swap",
         {o::place("NAME", "the projection, or all")},
         &rebuild},
        {"projections keep-changes",
         "from now on keep what becomes of its rows, for those who follow them",
         {o::place("NAME", "the projection"),
          o::value("--forget", "of what is kept, all up to this position"),
          o::flag("--stop", "keep nothing any more, and forget what was kept")},
         &keep_changes},
        {"projections watch",
         "what became of its rows, where that is kept",
         {o::place("NAME", "the projection"),
          o::value("--from", "from this position on; without, all that is kept"),
          o::flag("--follow", "go on as rows change, and bring them up to date meanwhile")},
         &watch},
        {"projections query",
         "the rows of a projection, brought up to date",
         {o::place("NAME", "the projection"),
          o::rest("FIELD=VALUE", "only rows where all of these hold"),
          o::value("--limit", "at most so many")},
         &query},
    };
}

}  // namespace recount
