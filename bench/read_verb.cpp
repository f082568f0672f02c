// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Reading whole streams, and reading the whole feed: by one reader, from a fresh log.
#include "verbs.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <recount/app/output.hpp>
#include <recount/describe/json.hpp>
#include <recount/log/feed_reader.hpp>

#include "report.hpp"
#include "writers.hpp"

namespace recount::bench {

namespace {

constexpr std::size_t stream_events = 100, streams_read = 1'000, streams_at_once = 100;

double events_per_s(std::size_t events, steady::time_point begun) {
    return static_cast<double>(events) / seconds_since(begun);
}

void show(nlohmann::ordered_json const& found, options const& how, std::string const& title,
          std::vector<line> const& lines) {
    if (how.json) return print_json(found);
    print_lines(title, lines);
    print_settings(found["settings"]);
}

struct pass {
    double events_per_s;
    double processor_us;  // of this process, an event
};

// One pass over the feed; what is decoded is counted, so that nobody can leave it out.
pass feed_pass(recount::log& from, bool decoded, std::int64_t events) {
    auto const begun = steady::now();
    auto const processor_before = processor_s();
    std::int64_t seen = 0, sum = 0;
    feed_reader reader{from};
    for (;;) {
        throw_if_stopped();
        auto const page = reader.next();
        for (auto const& one : page.events) {
            ++seen;
            if (decoded && one.type == event_name_of<moved>().name) {
                sum += describe::from_json<moved>(one.payload).amount.minor;
            }
        }
        if (page.caught_up) break;
    }
    assert_that(seen >= events && (!decoded || sum > 0), "the feed has every event");
    return {events_per_s(static_cast<std::size_t>(seen), begun),
            (processor_s() - processor_before) * 1e6 / static_cast<double>(seen)};
}

}  // namespace

void run_read(place const& here, options const& how) {
    auto const settings = settings_json(here, how);
    auto few = how;
    few.streams = std::min(how.streams, streams_read);
    workload const work{few};
    std::vector<version> versions(work.streams(), 0);
    work.create_streams(*here.open(store), versions, stream_events);
    auto const log = here.open(store);
    std::vector<double> single, together;
    latencies each;
    for (std::size_t round = 0; round < how.rounds; ++round) {
        auto begun = steady::now();
        std::size_t events = 0;
        for (std::size_t i = 0; i < work.streams(); ++i) {
            throw_if_stopped();
            auto const asked = steady::now();
            events += log->read_stream(work.stream(work.shuffled(i))).events.size();
            each.add(steady::now() - asked);
        }
        single.push_back(events_per_s(events, begun));
        begun = steady::now();
        events = 0;
        for (std::size_t i = 0; i < work.streams(); i += streams_at_once) {
            throw_if_stopped();
            std::vector<stream_name> names;
            for (auto j = i; j < std::min(i + streams_at_once, work.streams()); ++j) {
                names.push_back(work.stream(work.shuffled(j)));
            }
            for (auto const& [name, found] : log->read_streams(names)) events += found.size();
        }
        together.push_back(events_per_s(events, begun));
    }
    nlohmann::ordered_json found;
    found["read"] = {{"stream_events_per_s", rounded(median(single), 0)},
                     {"stream_p50_ms", rounded(each.percentile_ms(50), 3)},
                     {"stream_p99_ms", rounded(each.percentile_ms(99), 3)},
                     {"streams_events_per_s", rounded(median(together), 0)}};
    found["settings"] = settings;
    auto const& r = found["read"];
    show(found, how, "reading, one reader",
         {{"streams of 100 events, one by one", rate_text(r["stream_events_per_s"]), "events"},
          {"  p50", ms_text(r["stream_p50_ms"]), ""},
          {"  p99", ms_text(r["stream_p99_ms"]), ""},
          {"a hundred such streams at once", rate_text(r["streams_events_per_s"]), "events"}});
}

void run_feed(place const& here, options const& how) {
    auto const settings = settings_json(here, how);
    {
        auto const log = here.open(store);
        workload const work{how};
        progress filling{"fill", static_cast<std::uint64_t>(how.events_total),
                         how.json ? progress::style::none : progress::style::automatic};
        writers{*log, work, how}.fill(how.events_total, [&](position so_far) {
            filling.update(static_cast<std::uint64_t>(so_far));
        });
    }
    here.checkpoint();
    auto const log = here.open(store);
    std::vector<double> raw, decoded, processor_us;
    for (std::size_t round = 0; round < how.rounds; ++round) {
        raw.push_back(feed_pass(*log, false, how.events_total).events_per_s);
        auto const one = feed_pass(*log, true, how.events_total);
        decoded.push_back(one.events_per_s);
        processor_us.push_back(one.processor_us);
    }
    nlohmann::ordered_json found;
    found["feed"] = {{"events_per_s", rounded(median(decoded), 0)},
                     {"undecoded_events_per_s", rounded(median(raw), 0)},
                     {"processor_us_per_event", rounded(median(processor_us), 2)}};
    found["settings"] = settings;
    found["settings"]["events_total"] = how.events_total;
    found["settings"]["page_events"] = limits::page_events_default;
    show(found, how, "the whole feed, one reader",
         {{"decoded into typed events", rate_text(found["feed"]["events_per_s"]), ""},
          {"not decoded", rate_text(found["feed"]["undecoded_events_per_s"]), ""},
         {"processor time of this program, an event",
          fmt::format("{:.2f} µs", found["feed"]["processor_us_per_event"].get<double>()), ""}});
}

}  // namespace recount::bench
