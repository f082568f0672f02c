// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/app/application.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace recount {

namespace {

template <class List, class Name>
std::string names_in(List const& list, Name name) {
    std::vector<std::string> names;
    for (auto const& one : list) names.emplace_back(name(one));
    std::sort(names.begin(), names.end());
    return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

template <class List, class Name>
void refuse_twice(List const& list, Name name, char const* what) {
    std::set<std::string_view> seen;
    for (auto const& one : list) {
        if (!seen.insert(name(one)).second) {
            throw error{errc::invalid_argument,
                        fmt::format("two {} of this application are named '{}'", what, name(one))};
        }
    }
}

std::vector<command_descriptor const*> commands_of(application_parts const& parts) {
    std::vector<command_descriptor const*> list;
    for (auto const* a : parts.aggregates) {
        for (auto const& c : a->commands) list.push_back(&c);
    }
    return list;
}

char const* kind_of(saga_descriptor const& s) { return s.reactor ? "reactor" : "saga"; }

bool command_is_taken(application_parts const& parts, std::string_view name) {
    auto const commands = commands_of(parts);
    return std::any_of(commands.begin(), commands.end(),
                       [&](auto const* c) { return c->command.name == name; });
}

// Only for the sentence of an error, so it may read the log to its end.
std::int64_t count_events(log& from, type_summary const& of) {
    std::int64_t count = 0;
    for (position after = of.first_position - 1;;) {
        auto const page = from.read_feed(after, {.types = {of.type}}, limits::page_events_max);
        count += std::count_if(page.events.begin(), page.events.end(), [&](auto const& e) {
            return e.schema_version == of.schema_version;
        });
        if (page.caught_up) return count;
        after = page.through;
    }
}

std::string category_at(log& from, position at) {
    auto const first = from.read_feed(at - 1, {}, 1).events;
    if (first.empty()) return {};
    return first.front().stream.substr(0, first.front().stream.find('-'));
}

// What a part knows of a stored type: all of it, its name in other versions, or nothing.
struct type_knowledge {
    bool reads = false;
    bool knows_name = false;
    int newest = 0;
};

template <class List>  // of evolution_descriptor, handler_descriptor or saga_input_descriptor
type_knowledge knowledge_of(List const& list, type_summary const& stored) {
    type_knowledge known;
    for (auto const& one : list) {
        if (index_of_version(one.versions, stored.type, stored.schema_version)) known.reads = true;
        for (auto const& version : one.versions) {
            if (version.event.name != stored.type) continue;
            known.knows_name = true;
            known.newest = std::max(known.newest, version.event.version);
        }
    }
    return known;
}

[[noreturn]] void refuse_unknown(log& from, type_summary const& stored, char const* part,
                                 std::string_view name, type_knowledge const& known) {
    auto const count = count_events(from, stored);
    throw error{errc::unknown_type,
                fmt::format("the log holds {} event{} {} version {} (the first at position {}), "
                            "which {} {} does not know{}",
                            count, count == 1 ? "" : "s", stored.type, stored.schema_version,
                            stored.first_position, part, name,
                            known.knows_name ? fmt::format(": it reads up to version {}",
                                                           known.newest)
                                             : std::string{})};
}

constexpr auto category_name = [](auto const* a) { return a->category; };
constexpr auto projection_title = [](auto const* p) { return p->name; };
constexpr auto command_title = [](auto const* c) { return c->command.name; };
constexpr auto saga_title = [](auto const* s) { return s->name; };

}  // namespace

application::application(application_parts parts, std::shared_ptr<recount::log> log,
                         std::shared_ptr<row_store> rows, application_options options)
    : parts_{std::move(parts)}, log_{std::move(log)}, rows_{std::move(rows)},
      sagas_{std::move(options.sagas)},
      dispatcher_{*log_, std::move(options.program), std::move(options.clock), options.warm} {
    check_parts();
    check_types();
    for (auto const* p : parts_.projections) rows_->prepare(*p);
}

void application::check_parts() const {
    refuse_twice(parts_.aggregates, category_name, "aggregates");
    refuse_twice(parts_.projections, projection_title, "projections");
    refuse_twice(commands_of(parts_), command_title, "commands");
    refuse_twice(parts_.sagas, saga_title, "sagas or reactors");
    for (auto const* s : parts_.sagas) {
        for (auto const& c : s->commands) {
            if (command_is_taken(parts_, c.command.name)) continue;
            throw error{errc::invalid_argument,
                        fmt::format("{} {} sends the command {}, which no aggregate of this "
                                    "application takes; there are: {}",
                                    kind_of(*s), s->name, c.command.name,
                                    names_in(commands_of(parts_), command_title))};
        }
    }
    if (parts_.sagas.empty() || sagas_) return;
    throw error{errc::refused,
                fmt::format("{} {} needs a store of sagas, and the application has none",
                            kind_of(*parts_.sagas.front()), parts_.sagas.front()->name)};
}

// A type in the log that a part needs and this program does not know is an error now, not in the
// middle of somebody's command.
void application::check_types() const {
    for (auto const& found : log_->list_types()) {
        if (found.type.starts_with('$')) continue;  // the framework's own
        std::optional<std::string> category;        // asked for only if it matters
        for (auto const* a : parts_.aggregates) {
            auto const known = knowledge_of(a->events, found);
            if (known.reads) continue;
            if (!known.knows_name) {
                if (!category) category = category_at(*log_, found.first_position);
                if (*category != a->category) continue;
            }
            refuse_unknown(*log_, found, "aggregate", a->category, known);
        }
        for (auto const* p : parts_.projections) {
            auto const known = knowledge_of(p->handlers, found);
            if (!known.reads && known.knows_name) {
                refuse_unknown(*log_, found, "projection", p->name, known);
            }
        }
        for (auto const* s : parts_.sagas) {
            auto const known = knowledge_of(s->events, found);
            if (!known.reads && known.knows_name) {
                refuse_unknown(*log_, found, kind_of(*s), s->name, known);
            }
        }
    }
}

command_call application::call(std::string_view name, void const* object,
                               command_options options) const {
    for (auto const* a : parts_.aggregates) {
        for (auto const& c : a->commands) {
            if (c.command.name == name) return {a, &c, object, std::move(options)};
        }
    }
    throw error{errc::not_found, fmt::format("no command '{}'; there are: {}", name,
                                             names_in(commands_of(parts_), command_title))};
}

command_descriptor const& application::command(std::string_view name) const {
    return *call(name, nullptr).command;
}

projection_descriptor const& application::projection(std::string_view name) const {
    for (auto const* p : parts_.projections) {
        if (p->name == name) return *p;
    }
    throw error{errc::not_found, fmt::format("no projection '{}'; there are: {}", name,
                                             names_in(parts_.projections, projection_title))};
}

aggregate_descriptor const& application::aggregate(std::string_view category) const {
    for (auto const* a : parts_.aggregates) {
        if (a->category == category) return *a;
    }
    throw error{errc::not_found, fmt::format("no aggregate of category '{}'; there are: {}",
                                             category,
                                             names_in(parts_.aggregates, category_name))};
}

saga_descriptor const& application::saga(std::string_view name) const {
    for (auto const* s : parts_.sagas) {
        if (s->name == name) return *s;
    }
    throw error{errc::not_found, fmt::format("no saga or reactor '{}'; there are: {}", name,
                                             names_in(parts_.sagas, saga_title))};
}

saga_store& application::saga_tables() const {
    if (sagas_) return *sagas_;
    throw error{errc::refused, "this application was opened without a store of sagas"};
}

saga_run application::run(saga_descriptor const& saga, saga_run_options const& options,
                          saga_run_hooks const& hooks) {
    return run_saga(saga, {*log_, saga_tables(), dispatcher_, parts_.aggregates}, options, hooks);
}

// What one saga's commands lead to may be another one's input, so it goes round until a whole round
// has found nothing.
void application::run_sagas(saga_run_hooks const& hooks) {
    for (int round = 0; round < limits::saga_rounds_max; ++round) {
        bool quiet = true;
        std::optional<error> failed;
        for (auto const* s : parts_.sagas) {
            try {
                auto const done = run(*s, {.until_quiet = true}, hooks);
                if (done.did_anything()) quiet = false;
            } catch (error const& failure) {
                if (!failed) failed = failure;
            }
        }
        if (failed) throw *failed;
        if (quiet || (hooks.stop_wanted && hooks.stop_wanted())) return;
    }
    throw error{errc::limit_exceeded,
                fmt::format("sagas do not come to rest within {} rounds", limits::saga_rounds_max)};
}

loaded_state application::load(stream_name const& stream, state_cut const& cut) {
    return dispatcher_.load(aggregate(stream.category()), stream, cut);
}

void application::catch_up(projection_run_hooks const& hooks) {
    catch_up([&](projection_descriptor const&) { return hooks; });
}

void application::catch_up(
    std::function<projection_run_hooks(projection_descriptor const&)> const& hooks_of) {
    // What is wrong with one is no reason to leave the others behind.
    std::optional<error> failed;
    for (auto const* p : parts_.projections) {
        try {
            static_cast<void>(catch_up(*p, hooks_of(*p)));
        } catch (error const& failure) {
            if (!failed) failed = failure;
        }
    }
    if (failed) throw *failed;
}

projection_run application::catch_up(projection_descriptor const& p,
                                     projection_run_hooks const& hooks) {
    runner_options options;
    options.until = log_->head().position;
    auto done = run_projection(*log_, *rows_, p, table_build::live, options, hooks);
    rows_->publish(p);
    return done;
}

projection_run application::rebuild(projection_descriptor const& p,
                                    projection_run_hooks const& hooks) {
    rows_->begin_rebuild(p);
    projection_run all;
    for (;;) {
        runner_options options;
        options.until = log_->head().position;
        auto const done = run_projection(*log_, *rows_, p, table_build::rebuild, options, hooks);
        all.events += done.events;
        all.restructures += done.restructures;
        all.events_read_for_refold += done.events_read_for_refold;
        all.through = done.through;
        if (hooks.stop_wanted && hooks.stop_wanted()) return all;
        if (rows_->swap(p)) return all;
    }
}

}  // namespace recount
