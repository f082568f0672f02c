// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A store that grows: how fast appends are, and how much memory this process has, when it is small
// and when it is full. Once with ids that we make, in order of time, and once with callers' keys.
#include "verbs.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <recount/app/output.hpp>
#include <recount/core/sha256.hpp>

#include "report.hpp"
#include "writers.hpp"

namespace recount::bench {

namespace {

constexpr seconds warm_up{0.5};
constexpr position size_small = 100'000, size_middle = 1'000'000;

struct grown {
    position events = 0;
    double appends_per_s = 0, p50_ms = 0, p99_ms = 0, fill_per_s = 0;
    std::int64_t resident = 0;
};

char const* name_of(key_kind keys) { return keys == key_kind::ours ? "ours" : "callers"; }

std::vector<position> sizes_of(options const& how) {
    std::vector<position> sizes;
    for (auto const size : {size_small, size_middle}) {
        if (size < how.events_total) sizes.push_back(size);
    }
    sizes.push_back(how.events_total);
    return sizes;
}

// A store that nobody has used, whatever ran on this server before.
std::string fresh_store(key_kind keys) {
    auto const tag = to_hex(sha256(to_string(new_command_id()))).substr(0, 12);
    return fmt::format("load_{}_{}", name_of(keys), tag);
}

struct growth {
    std::vector<grown> sizes;
    // At the end, taking turns with a fresh small store: a machine that is slower by then than it
    // was at the beginning is so for both.
    double small_per_s = 0, full_per_s = 0;
};

void compare(place const& here, options const& how, writers& full, growth& into) {
    auto const log = here.open(fresh_store(how.keys));
    workload const work{how};
    writers small{*log, work, how};
    small.fill(std::min(size_small, how.events_total));
    auto const kind = writers::wanted(how);
    seconds const length{how.seconds / static_cast<double>(how.rounds)};
    std::vector<double> small_rates, full_rates;
    for (std::size_t round = 0; round < how.rounds; ++round) {
        here.checkpoint();
        small_rates.push_back(small.run(kind, warm_up, length).appends_per_s);
        here.checkpoint();
        full_rates.push_back(full.run(kind, warm_up, length).appends_per_s);
    }
    into.small_per_s = median(small_rates);
    into.full_per_s = median(full_rates);
}

growth grow(place const& here, options const& how) {
    auto const log = here.open(fresh_store(how.keys));
    workload const work{how};
    writers appending{*log, work, how};
    auto const kind = writers::wanted(how);
    seconds const length{how.seconds / static_cast<double>(how.rounds)};
    growth seen;
    progress filling{fmt::format("fill, keys: {}", name_of(how.keys)),
                     static_cast<std::uint64_t>(how.events_total),
                     how.json ? progress::style::json : progress::style::automatic};
    for (auto const size : sizes_of(how)) {
        grown one;
        auto const before = log->head().position;
        auto const begun = steady::now();
        appending.fill(size, [&](position so_far) {
            filling.update(static_cast<std::uint64_t>(so_far));
        });
        // Long turns may have written as many already.
        auto const filled = static_cast<double>(std::max<position>(size - before, 0));
        one.fill_per_s = filled / seconds_since(begun);
        std::vector<double> rates;
        latencies each;
        for (std::size_t round = 0; round < how.rounds; ++round) {
            here.checkpoint();
            auto const turn = appending.run(kind, warm_up, length);
            rates.push_back(turn.appends_per_s);
            each.add(turn.each);
        }
        one.events = std::max(size, before);
        one.appends_per_s = median(rates);
        one.p50_ms = each.percentile_ms(50);
        one.p99_ms = each.percentile_ms(99);
        each = {};
        one.resident = resident_bytes();
        seen.sizes.push_back(one);
    }
    compare(here, how, appending, seen);
    return seen;
}

nlohmann::ordered_json json_of(growth const& seen) {
    nlohmann::ordered_json to;
    to["sizes"] = nlohmann::ordered_json::array();
    for (auto const& one : seen.sizes) {
        to["sizes"].push_back({{"events", one.events},
                               {"appends_per_s", rounded(one.appends_per_s, 0)},
                               {"p50_ms", rounded(one.p50_ms, 3)},
                               {"p99_ms", rounded(one.p99_ms, 3)},
                               {"resident_bytes", one.resident},
                               {"fill_events_per_s", rounded(one.fill_per_s, 0)}});
    }
    to["small_appends_per_s"] = rounded(seen.small_per_s, 0);
    to["full_appends_per_s"] = rounded(seen.full_per_s, 0);
    to["rate_ratio"] = rounded(ratio_of(seen.full_per_s, seen.small_per_s), 3);
    auto const& last = seen.sizes.back();
    auto const& base = seen.sizes[seen.sizes.size() > 1 ? seen.sizes.size() - 2 : 0];
    to["memory_ratio"] = rounded(ratio_of(static_cast<double>(last.resident),
                                          static_cast<double>(base.resident)), 3);
    return to;
}

void print(nlohmann::ordered_json const& found) {
    text_table table{{{"keys"}, {"events", true}, {"appends", true}, {"p50", true}, {"p99", true},
                      {"resident", true}, {"fill", true}}};
    for (auto const& [keys, load] : found["load"].items()) {
        for (auto const& one : load["sizes"]) {
            table.add({keys, grouped(one["events"]), rate_text(one["appends_per_s"]),
                       ms_text(one["p50_ms"]), ms_text(one["p99_ms"]),
                       fmt::format("{:.1f} MiB", one["resident_bytes"].get<double>() / (1 << 20)),
                       rate_text(one["fill_events_per_s"])});
        }
    }
    fmt::print("{}\n", table.text());
    for (auto const& [keys, load] : found["load"].items()) {
        print_lines("keys: " + keys, {{"appends, full store", rate_text(load["full_appends_per_s"]),
                                       share_text(load["rate_ratio"]) + " of a small store"},
                                      {"appends, a small store beside it",
                                       rate_text(load["small_appends_per_s"]), ""},
                                      {"memory, full store",
                                       times_text(load["memory_ratio"]),
                                       "that of the size before it"}});
    }
    print_settings(found["settings"]);
}

}  // namespace

void run_load(place const& here, options const& how) {
    let_malloc_keep_little();
    nlohmann::ordered_json found;
    auto settings = settings_json(here, how);
    settings["events_total"] = how.events_total;
    auto kinds = std::vector{key_kind::ours, key_kind::callers};
    if (how.keys_given) kinds = {how.keys};
    for (auto const keys : kinds) {
        auto one = how;
        one.keys = keys;
        found["load"][name_of(keys)] = json_of(grow(here, one));
    }
    if (!how.keys_given) settings["keys"] = "both";
    found["settings"] = std::move(settings);
    if (how.json) {
        print_json(found);
    } else {
        print(found);
    }
}

}  // namespace recount::bench
