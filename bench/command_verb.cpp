// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Commands: loaded, decided, appended. Beside bare appends of the same events, which take turns
// with them, on streams of their own.
#include "verbs.hpp"

#include <nlohmann/json.hpp>

#include <recount/app/application.hpp>
#include <recount/projection/memory_row_store.hpp>

#include "report.hpp"
#include "writers.hpp"

namespace recount::bench {

namespace {

constexpr seconds warm_up{0.3};
constexpr std::size_t long_streams = 300, long_events = 100;

// A fresh one knows no stream yet.
std::unique_ptr<application> fresh_application(place const& here) {
    application_parts parts;
    parts.add<account>();
    return std::make_unique<application>(parts, here.open(store),
                                         std::make_shared<memory_row_store>(),
                                         application_options{"recount-bench " RECOUNT_VERSION});
}

void send(application& to, workload const& work, std::size_t stream) {
    auto const event = work.event_of(stream);
    command_options how;
    how.id = work.next_id();
    how.actor = "teller-17";
    to.dispatch(move{event.account, event.amount, event.note}, how).value();
}

struct command_turn {
    double per_s = 0;
    latencies each{};
};

// Without a window each stream has one command, and then it is over.
command_turn run_commands(application& to, workload const& work, std::size_t writers,
                          std::optional<window> const& w) {
    std::vector<latencies> each(writers);
    auto const begun = steady::now();
    run_threads(writers, [&](std::size_t writer) {
        share mine{work, writer, writers};
        latencies seen;
        auto open = (work.streams() - writer + writers - 1) / writers;
        while (!stop_wanted() && (w || open-- > 0)) {
            auto const sent = steady::now();
            send(to, work, mine.take());
            auto const ended = steady::now();
            if (!w || w->holds(ended)) seen.add(ended - sent);
            if (w && ended >= w->to) break;
        }
        each[writer] = std::move(seen);
    });
    command_turn done;
    auto const length_s = w ? w->length_s() : seconds_since(begun);
    for (auto const& one : each) done.each.add(one);
    done.per_s = static_cast<double>(done.each.size()) / length_s;
    return done;
}

struct measured {
    std::vector<double> warm, cold, appended;
    latencies warm_each, cold_each, loads;
};

void measure_loads(place const& here, options how, measured& into) {
    how.streams = long_streams;
    workload const work{how};
    std::vector<version> versions(work.streams(), 0);
    work.create_streams(*here.open(store), versions, long_events);
    auto const app = fresh_application(here);
    for (std::size_t i = 0; i < work.streams(); ++i) {
        throw_if_stopped();
        auto const id = work.account(work.shuffled(i));
        auto const begun = steady::now();
        auto const state = app->state<account>(id);
        into.loads.add(steady::now() - begun);
        assert_that(state.movements == static_cast<std::int64_t>(long_events),
                    "a state is made of all events");
    }
}

nlohmann::ordered_json json_of(measured& m, nlohmann::ordered_json settings) {
    auto const warm = median(m.warm), cold = median(m.cold), appended = median(m.appended);
    nlohmann::ordered_json to;
    to["command"] = {{"commands_per_s", rounded(warm, 0)},
                     {"p50_ms", rounded(m.warm_each.percentile_ms(50), 3)},
                     {"p99_ms", rounded(m.warm_each.percentile_ms(99), 3)},
                     {"cold_commands_per_s", rounded(cold, 0)},
                     {"cold_p50_ms", rounded(m.cold_each.percentile_ms(50), 3)},
                     {"load_100_events_p50_ms", rounded(m.loads.percentile_ms(50), 3)},
                     {"load_100_events_p99_ms", rounded(m.loads.percentile_ms(99), 3)}};
    to["limits"] = {{"appends_per_s", rounded(appended, 0)}};
    to["ratios"] = {{"of_appends", rounded(ratio_of(warm, appended), 3)},
                    {"cold_of_appends", rounded(ratio_of(cold, appended), 3)}};
    to["settings"] = std::move(settings);
    return to;
}

void print(nlohmann::ordered_json const& found) {
    auto const& c = found["command"];
    auto const& r = found["ratios"];
    print_lines(
        "commands",
        {{"on streams used before", rate_text(c["commands_per_s"]),
          share_text(r["of_appends"]) + " of appends"},
         {"  p50", ms_text(c["p50_ms"]), ""},
         {"  p99", ms_text(c["p99_ms"]), ""},
         {"on streams never seen", rate_text(c["cold_commands_per_s"]),
          share_text(r["cold_of_appends"]) + " of appends"},
         {"  p50", ms_text(c["cold_p50_ms"]), ""},
         {"appends", rate_text(found["limits"]["appends_per_s"]), ""},
         {"load of 100 events, p50", ms_text(c["load_100_events_p50_ms"]), ""},
         {"load of 100 events, p99", ms_text(c["load_100_events_p99_ms"]), ""}});
    print_settings(found["settings"]);
}

}  // namespace

void run_command(place const& here, options const& how) {
    auto const settings = settings_json(here, how);
    seconds const length{how.seconds / static_cast<double>(how.rounds)};
    measured m;
    {
        workload const of_appends{how}, of_commands{how};
        auto const log = here.open(store);
        writers appending{*log, of_appends, how};
        auto const warm = fresh_application(here);
        (void)run_commands(*warm, of_commands, how.writers, std::nullopt);
        for (std::size_t round = 0; round < how.rounds; ++round) {
            here.checkpoint();
            auto const appended = appending.run(writers::kind::threads, warm_up, length);
            m.appended.push_back(appended.appends_per_s);
            auto const commands = run_commands(*warm, of_commands, how.writers,
                                               window::after(warm_up, length));
            m.warm.push_back(commands.per_s);
            m.warm_each.add(commands.each);
        }
        for (std::size_t round = 0; round < how.rounds; ++round) {
            here.checkpoint();
            auto const cold = fresh_application(here);
            auto const commands = run_commands(*cold, of_commands, how.writers, std::nullopt);
            m.cold.push_back(commands.per_s);
            m.cold_each.add(commands.each);
        }
    }
    measure_loads(here, how, m);
    auto const found = json_of(m, settings);
    if (how.json) {
        print_json(found);
    } else {
        print(found);
    }
}

}  // namespace recount::bench
