// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Timers that are due within one second: none early, none missed, one effect each; and how late
// they are.
#include "verbs.hpp"

#include <unordered_map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <recount/app/output.hpp>
#include <recount/saga/saga.hpp>

#include "running_saga.hpp"
#include "server_time.hpp"

namespace recount::bench {

using reminder_id = strong_id<struct reminder_tag>;

struct reminder_set { reminder_id reminder; timestamp at; };
RECOUNT_EVENT(reminder_set, "reminder.set", 1, reminder, at)
struct reminded { reminder_id reminder; timestamp was_due_at; };
RECOUNT_EVENT(reminded, "reminder.reminded", 1, reminder, was_due_at)

struct set_reminder { reminder_id reminder; timestamp at; };
RECOUNT_COMMAND(set_reminder, "reminder.set", reminder, at)
struct remind { reminder_id reminder; timestamp was_due_at; };
RECOUNT_COMMAND(remind, "reminder.remind", reminder, was_due_at)

struct reminder {
    using id = reminder_id;
    using events = recount::types<reminder_set, reminded>;
    using commands = recount::types<set_reminder, remind>;
    using decision = recount::decision<events>;

    int times = 0;

    static void evolve(reminder&, reminder_set const&) {}
    static void evolve(reminder& r, reminded const&) { ++r.times; }
    static decision decide(reminder const&, set_reminder const& c) {
        return reminder_set{c.reminder, c.at};
    }
    // A second one would be written: it is to be seen.
    static decision decide(reminder const&, remind const& c) {
        return reminded{c.reminder, c.was_due_at};
    }
};
RECOUNT_AGGREGATE(reminder, "reminder", 1, times)

struct reminder_due { reminder_id reminder; timestamp at; };
RECOUNT_EVENT(reminder_due, "reminder.due", 1, reminder, at)

struct reminding {
    using events = recount::types<reminder_set, reminded>;
    using commands = recount::types<remind>;
    using timers = recount::types<reminder_due>;
    using reaction = recount::reaction<commands, timers>;

    int fired = 0;

    static recount::route route(reminder_set const& e) { return starts(e.reminder); }
    static recount::route route(reminded const& e) { return ends(e.reminder); }
    static reaction react(reminding const&, reminder_set const& e) {
        return {timer{reminder_due{e.reminder, e.at}}.at(e.at)};
    }
    static reaction react(reminding const&, reminded const&) { return {}; }
    static reaction react(reminding const&, reminder_due const& e) {
        return {remind{e.reminder, e.at}};
    }
    static void evolve(reminding& r, reminder_due const&) { ++r.fired; }
};
RECOUNT_SAGA(reminding, "reminding", 1, fired)

namespace {

constexpr std::size_t at_once = 500;
constexpr std::chrono::seconds lead_first{4};
constexpr int leads_max = 8;   // each twice as long as the one before
constexpr std::chrono::seconds patience{120};

struct due_once {
    timestamp due{}, reminded_at{};
    int times = 0;
};
using reminders = std::unordered_map<std::string, due_once>;

// All of them within a second, from `first` on.
reminders set(application& to, std::size_t count, timestamp first) {
    reminders made;
    auto batch = to.batch();
    for (std::size_t from = 0; from < count; from += at_once) {
        throw_if_stopped();
        std::vector<set_reminder> commands;
        for (auto i = from; i < std::min(from + at_once, count); ++i) {
            auto const at =
                first + std::chrono::microseconds{i * 1'000'000 / std::max<std::size_t>(count, 1)};
            commands.push_back({{to_string(new_command_id())}, at});
            made[commands.back().reminder.value].due = at;
        }
        std::vector<command_call> calls;
        for (auto const& one : commands) calls.push_back(to.call(one));
        for (auto const& result : batch.run(calls)) {
            if (auto const* const failure = std::get_if<error>(&result)) throw *failure;
        }
    }
    return made;
}

// On a slow machine setting them takes longer than the time until they are due: then again, with
// more of it.
reminders set_before_due(application& to, std::size_t count) {
    auto lead = lead_first;
    for (int attempt = 0; attempt < leads_max; ++attempt, lead *= 2) {
        auto const first = to.saga_tables().now() + lead;
        auto made = set(to, count, first);
        to.run_sagas();
        if (to.saga_tables().now() < first) return made;
    }
    throw error{errc::timed_out, "this machine is too slow to set so many timers before they are "
                                 "due: try fewer (--timers)"};
}

void take_reminded(recount::log& from, position& after, reminders& into, std::size_t& open) {
    auto const page = from.read_feed(after, {.types = {"reminder.reminded"}});
    after = page.through;
    for (auto const& row : page.events) {
        auto const e = describe::from_json<reminded>(row.payload);
        auto const found = into.find(e.reminder.value);
        if (found == into.end()) continue;   // of an attempt before
        auto& one = found->second;
        assert_that(row.recorded_at >= one.due, "no timer is early");
        if (++one.times == 1) --open;
        one.reminded_at = row.recorded_at;
    }
}

struct measured {
    std::size_t timers = 0;
    latencies late{};
    std::map<saga_stage, double> stages{};
    double program_s = 0, server_s = 0;   // of processors
};

measured measure(place const& here, application& app, reminders all) {
    measured found{all.size()};
    auto open = all.size();
    auto after = app.log().head().position;
    server_time const server{here};
    auto const server_before = server.used_s();
    auto const program_before = processor_s();
    running_saga saga{app, saga_of<reminding>()};
    auto const until = steady::now() + patience;
    while (open > 0) {
        throw_if_stopped();
        saga.check();
        if (steady::now() > until) throw error{errc::timed_out, "timers are missed"};
        auto const before = open;
        take_reminded(app.log(), after, all, open);
        if (open == before) {
            static_cast<void>(app.log().wait(after, std::chrono::milliseconds{500}));
        }
    }
    saga.stop();
    found.program_s = processor_s() - program_before;
    found.server_s = server.used_s() - server_before;
    found.stages = saga.stages();
    app.run_sagas();   // what would be sent twice is sent by now
    take_reminded(app.log(), after, all, open);
    for (auto const& [id, one] : all) {
        assert_that(one.times == 1, "each timer has one effect");
        found.late.add(one.reminded_at - one.due);
    }
    assert_that(app.saga_tables().list_timers({.limit = 1}).empty(), "no timer is left");
    return found;
}

nlohmann::ordered_json json_of(measured& m, nlohmann::ordered_json const& settings) {
    auto const each_us = [&](double of_s) {
        return rounded(of_s * 1e6 / static_cast<double>(m.timers), 1);
    };
    nlohmann::ordered_json to;
    to["timers"] = {{"timers", m.timers},
                    {"late_p50_ms", rounded(m.late.percentile_ms(50), 2)},
                    {"late_p99_ms", rounded(m.late.percentile_ms(99), 2)},
                    {"late_max_ms", rounded(m.late.percentile_ms(100), 2)}};
    to["stages"] = bench::json_of(m.stages);
    to["processors"] = {{"program_us_per_timer", each_us(m.program_s)},
                        {"server_us_per_timer", each_us(m.server_s)}};
    to["settings"] = settings;
    return to;
}

void print(nlohmann::ordered_json const& found, measured const& m) {
    auto const& t = found["timers"];
    auto const us = [&](char const* name) {
        return fmt::format("{:.0f} µs", found["processors"][name].get<double>());
    };
    std::vector<line> lines{
        {"due within one second", grouped(static_cast<std::int64_t>(m.timers)),
         "none early, none missed, one effect each"},
        {"late, until the effect is in the log: p50", ms_text(t["late_p50_ms"]), ""},
        {"  p99", ms_text(t["late_p99_ms"]), ""},
        {"  longest", ms_text(t["late_max_ms"]), ""},
        {"processor time of the server, a timer", us("server_us_per_timer"), ""},
        {"… of this program", us("program_us_per_timer"), ""},
        {"the saga's thread", "", "of its time"}};
    auto stages = lines_of(m.stages);
    lines.insert(lines.end(), stages.begin(), stages.end());
    print_lines("timers", lines);
    print_settings(found["settings"]);
}

}  // namespace

void run_timers(place const& here, options const& how) {
    auto const settings = settings_json(here, how);
    application_parts parts;
    parts.add<reminder>();
    parts.add<reminding>();
    auto const app = saga_application(here, store, std::move(parts));
    auto m = measure(here, *app, set_before_due(*app, how.timers));
    auto const found = json_of(m, settings);
    if (how.json) return print_json(found);
    print(found, m);
}

}  // namespace recount::bench
