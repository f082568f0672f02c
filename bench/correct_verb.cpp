// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// How long a correction takes until every table shows it: an account of 100 events, in a small log
// and in a large one, followed by a table of sums an account, one of sums a day that all accounts
// share, and one of lines with running balances.
#include "verbs.hpp"

#include <random>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <recount/app/followers.hpp>
#include <recount/app/output.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/projection/postgres_row_store.hpp>
#include <recount/projection/projection.hpp>
#include <recount/restructure/append.hpp>

#include "domain.hpp"
#include "measure.hpp"
#include "report.hpp"

namespace recount::bench {

struct held_row { account_id account; money balance; std::int64_t movements = 0; };
RECOUNT_ROW(held_row, 1, recount::key<&held_row::account>, account, balance, movements)

struct held {
    using row = held_row;
    using events = types<moved>;
    static void on(rows<row>& r, moved const& e, int weight) {
        auto& row = r[e.account];
        row.balance += weight * e.amount;
        row.movements += weight;
    }
};
RECOUNT_PROJECTION(held, "held", 1)

struct day_row { date day; money amount; };
RECOUNT_ROW(day_row, 1, recount::key<&day_row::day>, day, amount)

struct by_day {
    using row = day_row;
    using events = types<moved>;
    static void on(rows<row>& r, moved const& e, info const& i, int weight) {
        r[date_of(i.effective_at)].amount += weight * e.amount;
    }
};
RECOUNT_PROJECTION(by_day, "by_day", 1)

struct line_row { account_id account; std::int64_t line = 0; money amount; money balance; };
RECOUNT_ROW(line_row, 1, (recount::key<&line_row::account, &line_row::line>), account, line, amount,
            balance)

struct lines_of_account {
    using row = line_row;
    using events = types<moved>;
    static void on(rows<row>& r, moved const& e) {
        auto const* const last = r.last();
        auto const balance = last == nullptr ? e.amount : last->balance + e.amount;
        auto& line = r[{e.account, last == nullptr ? 1 : last->line + 1}];
        line.amount = e.amount;
        line.balance = balance;
    }
};
RECOUNT_PROJECTION(lines_of_account, "lines_of_account", 1)

namespace {

constexpr position size_small = 10'000;
constexpr std::size_t events_each = 100, events_at_once = 1'000, corrections_each_round = 20;
constexpr std::chrono::seconds patience{60};

account_id account_of(std::size_t n) { return {std::to_string(n)}; }
stream_name stream_of(account_id const& account) {
    return stream_name::of(aggregate_of<bench::account>().category, account.value);
}

// In turns, so that the events of an account lie all over the log.
void fill(recount::log& to, position size) {
    auto const accounts = static_cast<std::size_t>(size) / events_each;
    for (std::size_t n = 0; n < static_cast<std::size_t>(size);) {
        throw_if_stopped();
        std::vector<commit> batch(4);
        for (auto& one : batch) {
            for (std::size_t i = 0; i < events_at_once && n < static_cast<std::size_t>(size);
                 ++i, ++n) {
                money const amount{static_cast<std::int64_t>(n % 97), "EUR"};
                moved const event{account_of(n % accounts), amount, "a payment like many others"};
                one.events.push_back(
                    {stream_of(event.account), "account.moved", 1, describe::to_json(event), {}});
            }
        }
        std::erase_if(batch, [](auto const& one) { return one.events.empty(); });
        for (auto const& result : to.append_batch(batch)) {
            if (auto const* const failure = std::get_if<error>(&result)) throw *failure;
        }
    }
}

struct tables {
    std::shared_ptr<recount::log> log;
    application app;

    tables(place const& here, std::string const& name)
        : log{here.open(name)}, app{parts(), log, row_tables(here, name)} {}

    static application_parts parts() {
        application_parts all;
        all.add<held>();
        all.add<by_day>();
        all.add<lines_of_account>();
        return all;
    }
    static std::shared_ptr<row_store> row_tables(place const& here, std::string const& name) {
        static constexpr postgres::query current{"current_database", "SELECT current_database()"};
        auto on = here.connect();
        auto const database = std::string{on.execute(current).text(0, 0)};
        return std::make_shared<postgres_row_store>(
            here.url(), postgres::names_of(name, database), "recount-bench");
    }
};

struct corrected {
    position events = 0;
    double caught_up_s = 0;      // the tables, from nothing
    latencies visible{};
    double p50_ms = 0, max_ms = 0;
};

// From the moment when the operator sends it.
steady::duration correct(tables& here, projection_followers const& followers,
                         account_id const& of) {
    auto const rows = here.log->read_stream(stream_of(of)).events;
    auto const sent = steady::now();
    auto plan = restructure{"a correction"}.because("it is measured");
    plan.exclude(rows[events_each / 2].id);
    auto const done = history::append_plan(*here.log, plan);
    for (auto const* p : here.app.parts().projections) {
        if (!followers.wait_until(*p, done.last, patience)) {
            throw error{errc::timed_out, fmt::format("{} does not follow", p->name)};
        }
    }
    return steady::now() - sent;
}

corrected measure(place const& here, options const& how, position size) {
    tables all{here, fmt::format("correct_{}", size)};
    corrected found{size};
    fill(*all.log, size);
    auto const begun = steady::now();
    projection_run_hooks hooks;
    hooks.stop_wanted = &stop_wanted;
    all.app.catch_up(hooks);
    throw_if_stopped();
    found.caught_up_s = seconds_since(begun);
    here.checkpoint();
    projection_followers const followers{all.app};
    std::mt19937 random{1};
    auto const accounts = static_cast<std::size_t>(size) / events_each;
    std::vector<std::size_t> each(accounts);
    for (std::size_t i = 0; i < accounts; ++i) each[i] = i;
    std::shuffle(each.begin(), each.end(), random);
    auto const wanted = std::min(accounts, corrections_each_round * how.rounds + 1);
    for (std::size_t i = 0; i < wanted; ++i) {
        throw_if_stopped();
        auto const took = correct(all, followers, account_of(each[i]));
        if (i > 0) found.visible.add(took);   // the first opens connections
    }
    found.p50_ms = found.visible.percentile_ms(50);
    found.max_ms = found.visible.percentile_ms(100);
    return found;
}

}  // namespace

void run_correct(place const& here, options const& how) {
    auto const settings = settings_json(here, how);
    nlohmann::ordered_json found;
    found["correct"] = nlohmann::ordered_json::array();
    std::vector<line> lines;
    std::vector<double> medians;
    std::vector<position> sizes{size_small};
    if (how.events_total > size_small) sizes.push_back(how.events_total);
    for (auto const size : sizes) {
        auto const one = measure(here, how, size);
        medians.push_back(one.p50_ms);
        found["correct"].push_back({{"events", one.events},
                                    {"corrections", one.visible.size()},
                                    {"p50_ms", rounded(one.p50_ms, 2)},
                                    {"max_ms", rounded(one.max_ms, 2)},
                                    {"caught_up_s", rounded(one.caught_up_s, 1)}});
        lines.push_back({fmt::format("in a log of {}", grouped(one.events)), ms_text(one.p50_ms),
                         fmt::format("until all rows show it; at most {}", ms_text(one.max_ms))});
    }
    found["ratio"] = rounded(ratio_of(medians.back(), medians.front()), 3);
    lines.push_back({"large to small", times_text(found["ratio"]), ""});
    found["settings"] = settings;
    if (how.json) return print_json(found);
    print_lines("a correction of an account of 100 events", lines);
    print_settings(settings);
}

}  // namespace recount::bench
