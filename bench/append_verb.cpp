// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Appends, and in the same run what the server can do at most: both take turns, so that a machine
// which is slower for a while is so for both, and medians of the turns are compared.
#include "verbs.hpp"

#include <array>
#include <map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "batches.hpp"
#include "costs.hpp"
#include "limits.hpp"
#include "report.hpp"

namespace recount::bench {

namespace {

constexpr seconds warm_up{0.3};
constexpr std::array<std::size_t, 4> insert_clients{1, 4, 16, 64};
constexpr std::size_t ordered_clients = 64;

struct appended_by {
    std::vector<turn> turns;
    latencies each;
    batch_sizes batches;

    void add(turn one) {
        each.add(one.each);
        turns.push_back(std::move(one));
    }
    [[nodiscard]] double events_per_s() const {
        std::vector<double> rates;
        for (auto const& one : turns) rates.push_back(one.events_per_s);
        return median(rates);
    }
};

struct measured {
    appended_by wanted;      // threads, or with --async coroutines
    appended_by coroutines;  // in turns with the threads, if those are wanted
    std::vector<double> copied, ordered;
    std::map<std::size_t, std::vector<double>> inserted;  // by clients
    std::vector<cost> costs;

    // The best of them, and by how many clients.
    [[nodiscard]] std::pair<double, std::size_t> best_insert() const {
        std::pair<double, std::size_t> best{0, 0};
        for (auto const& [clients, rates] : inserted) {
            best = std::max(best, std::pair{median(rates), clients});
        }
        return best;
    }
};

void measure_limits(server_limits& limits, place const& here, options const& how, measured& into) {
    seconds const length{how.seconds / static_cast<double>(how.rounds)};
    here.checkpoint();
    into.copied.push_back(limits.copy(length));
    for (auto const clients : insert_clients) {
        into.inserted[clients].push_back(limits.insert(clients, length / 2));
    }
    if (how.commit_delay_us > 0) {
        into.ordered.push_back(limits.ordered(ordered_clients, length));
    }
}

nlohmann::ordered_json figures_of(appended_by& some, options const& how) {
    auto const rate = some.events_per_s();
    return {{"events_per_s", rounded(rate, 0)},
            {"appends_per_s", rounded(rate / static_cast<double>(how.events), 0)},
            {"p50_ms", rounded(some.each.percentile_ms(50), 3)},
            {"p99_ms", rounded(some.each.percentile_ms(99), 3)},
            {"max_ms", rounded(some.each.percentile_ms(100), 3)}};
}

nlohmann::ordered_json sizes_of(batch_sizes const& some) {
    return {{"mean", rounded(some.mean, 1)}, {"p50", some.p50}, {"max", some.largest}};
}

nlohmann::ordered_json json_of(measured& m, options const& how, nlohmann::ordered_json settings) {
    nlohmann::ordered_json to;
    auto const rate = m.wanted.events_per_s();
    to["append"] = figures_of(m.wanted, how);
    if (!m.coroutines.turns.empty()) {
        to["coroutines"] = figures_of(m.coroutines, how);
        to["coroutines"]["batch_events"] = sizes_of(m.coroutines.batches);
    }
    if (how.limits) {
        auto const copied = median(m.copied);
        auto const [inserted, clients] = m.best_insert();
        nlohmann::ordered_json by_clients;
        for (auto const& [n, rates] : m.inserted) {
            by_clients[std::to_string(n)] = rounded(median(rates), 0);
        }
        to["limits"] = {{"copy_events_per_s", rounded(copied, 0)},
                        {"insert_tx_per_s", rounded(inserted, 0)},
                        {"insert_clients", clients},
                        {"insert_tx_per_s_by_clients", by_clients}};
        to["ratios"] = {{"of_copy", rounded(ratio_of(rate, copied), 3)},
                        {"times_insert", rounded(ratio_of(rate, inserted), 3)},
                        {"times_insert_by_1", rounded(ratio_of(rate, median(m.inserted[1])), 3)}};
        if (!m.coroutines.turns.empty()) {
            auto const awaited = m.coroutines.events_per_s();
            to["ratios"]["coroutines_of_copy"] = rounded(ratio_of(awaited, copied), 3);
            to["ratios"]["coroutines_times_insert"] = rounded(ratio_of(awaited, inserted), 3);
        }
        if (!m.ordered.empty()) {
            to["limits"]["ordered_tx_per_s"] = rounded(median(m.ordered), 0);
            to["ratios"]["times_ordered"] = rounded(ratio_of(rate, median(m.ordered)), 2);
        }
    }
    if (!m.costs.empty()) {
        to["costs"] = nlohmann::ordered_json::array();
        for (auto const& one : m.costs) {
            to["costs"].push_back({{"name", one.name},
                                   {"us_per_event", rounded(one.us_per_event, 2)},
                                   {"whole", one.adds_up}});
        }
    }
    settings["batches"] = m.wanted.batches.batches;
    settings["batch_events"] = sizes_of(m.wanted.batches);
    to["settings"] = std::move(settings);
    return to;
}

// Each step was measured with all that the ones before it do: what it adds is the difference.
void print_costs(nlohmann::ordered_json const& found) {
    if (!found.contains("costs")) return;
    std::vector<line> steps, parts;
    double before = 0;
    for (auto const& one : found["costs"]) {
        double const us = one["us_per_event"];
        auto const name = one["name"].get<std::string>();
        if (one["whole"]) {
            steps.push_back({name, fmt::format("{:+.1f} µs", us - before),
                             fmt::format("{:.1f} µs", us)});
            before = us;
        } else {
            parts.push_back({name, fmt::format("{:.1f} µs", us), ""});
        }
    }
    auto const batch = found["settings"]["batch_events"]["p50"].dump();
    print_lines("what an event costs in a batch of " + batch + ", one client", steps);
    print_lines("of that, in the client", parts);
}

void print(nlohmann::ordered_json const& found) {
    auto const& append = found["append"];
    auto const kind = found["settings"]["writers_are"].get<std::string>();
    auto const writers = found["settings"]["writers"].dump();
    auto const print_appends = [](std::string const& title, nlohmann::ordered_json const& some,
                                  nlohmann::ordered_json const& sizes) {
        print_lines(title, {{"events", rate_text(some["events_per_s"]), ""},
                            {"appends", rate_text(some["appends_per_s"]), ""},
                            {"p50", ms_text(some["p50_ms"]), ""},
                            {"p99", ms_text(some["p99_ms"]), ""},
                            {"longest", ms_text(some["max_ms"]), ""},
                            {"events of a batch", sizes["p50"].dump(),
                             fmt::format("median; mean {}, largest {}", sizes["mean"].dump(),
                                         sizes["max"].dump())}});
    };
    print_appends(fmt::format("append, {}: {}", kind, writers), append,
                  found["settings"]["batch_events"]);
    if (found.contains("coroutines")) {
        auto const& awaited = found["coroutines"];
        print_appends(fmt::format("append, coroutines on one thread: {}", writers), awaited,
                      awaited["batch_events"]);
    }
    if (!found.contains("limits")) return;
    auto const& limits = found["limits"];
    auto const& ratios = found["ratios"];
    auto const beside = [&](std::string const& ratio, auto const& text) {
        auto said = "Recount: " + text(ratios[ratio]);
        auto const awaited = "coroutines_" + ratio;
        if (ratios.contains(awaited)) said += ", coroutines: " + text(ratios[awaited]);
        return said;
    };
    std::vector<line> lines{
        {"COPY, 512 rows a transaction", rate_text(limits["copy_events_per_s"]),
         beside("of_copy", share_text)}};
    for (auto const& [clients, rate] : limits["insert_tx_per_s_by_clients"].items()) {
        auto const best = clients == limits["insert_clients"].dump();
        auto const by_1 = clients == "1" ? beside("times_insert_by_1", times_text) : "";
        lines.push_back({fmt::format("INSERT a transaction, clients: {}", clients),
                         rate_text(rate), best ? beside("times_insert", times_text) : by_1});
    }
    if (limits.contains("ordered_tx_per_s")) {
        lines.push_back({"in order of commit, without batches, clients: 64",
                         rate_text(limits["ordered_tx_per_s"]),
                         "Recount: " + times_text(ratios["times_ordered"])});
    }
    print_lines("limits of this server", lines);
}

}  // namespace

void run_append(place const& here, options const& how) {
    auto const settings = settings_json(here, how);  // before there is load of our own
    auto const log = here.open(store);
    workload const work{how};
    auto const schema = log->names().schema;
    measured m;
    {
        std::optional<server_limits> limits;
        if (how.limits) limits.emplace(here, work, schema);
        writers appending{*log, work, how};
        seconds const length{how.seconds / static_cast<double>(how.rounds)};
        for (std::size_t round = 0; round < how.rounds; ++round) {
            if (limits) measure_limits(*limits, here, how, m);
            here.checkpoint();
            m.wanted.add(appending.run(writers::wanted(how), warm_up, length));
            if (how.awaited) continue;
            here.checkpoint();
            m.coroutines.add(appending.run(writers::kind::coroutines, warm_up, length));
        }
    }
    auto session = here.connect();
    m.wanted.batches = batches_of(session, schema, m.wanted.turns);
    if (!how.awaited) m.coroutines.batches = batches_of(session, schema, m.coroutines.turns);
    if (how.costs) {
        m.costs = costs_of(here, work, *log, how, static_cast<std::size_t>(m.wanted.batches.p50));
    }
    auto const found = json_of(m, how, settings);
    if (how.json) {
        print_json(found);
    } else {
        print(found);
        print_costs(found);
        print_settings(found["settings"]);
    }
}

}  // namespace recount::bench
