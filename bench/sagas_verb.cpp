// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The bank's transfers: asked for, taken from one account, brought to another, completed. So many
// are under way all the time; each that is over makes place for the next. Beside bare appends of
// the same server, which take turns with them.
#include "verbs.hpp"

#include <random>
#include <unordered_map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <bank/transfer_process.hpp>

#include "running_saga.hpp"
#include "server_time.hpp"
#include "writers.hpp"

namespace recount::bench {

namespace {

constexpr seconds warm_up{1};
constexpr std::size_t at_once = 500, page_events = 4'096;
constexpr std::int64_t begins_with_minor = 1'000'000;
constexpr char const* beside = "appends";   // the store that appends are measured in
constexpr char const* currency = "EUR";

bank::account_id account_of(std::size_t n) { return {fmt::format("a-{}", n)}; }

template <class Command>
void run_all(application& to, std::vector<Command> const& commands) {
    auto batch = to.batch();
    for (std::size_t from = 0; from < commands.size(); from += at_once) {
        throw_if_stopped();
        std::vector<command_call> calls;
        for (auto i = from; i < std::min(from + at_once, commands.size()); ++i) {
            calls.push_back(to.call(commands[i]));
        }
        for (auto const& result : batch.run(calls)) {
            if (auto const* const failure = std::get_if<error>(&result)) throw *failure;
            std::get<outcome>(result).value();
        }
    }
}

void open_accounts(application& to, std::size_t accounts) {
    std::vector<bank::open> opening;
    std::vector<bank::deposit> paying_in;
    for (std::size_t n = 0; n < accounts; ++n) {
        opening.push_back({account_of(n)});
        paying_in.push_back({account_of(n), {begins_with_minor, currency}});
    }
    run_all(to, opening);
    run_all(to, paying_in);
}

// Asks for transfers, and sees them end.
class customers {
public:
    customers(application& bank, options const& how) : bank_{bank}, how_{how} {
        after_ = bank.log().head().position;
        ends_.types = {"transfer.completed", "transfer.refused", "transfer.refunded"};
    }

    struct seen {
        std::size_t ended = 0;
        latencies each{};
    };
    // Until the window is over; what is under way then is seen to its end.
    seen run(window const& w, running_saga const& saga) {
        seen found;
        ask(how_.in_flight);
        while (!under_way_.empty()) {
            throw_if_stopped();
            saga.check();
            auto const ended = take_ends(w, found);
            if (ended == 0) {
                static_cast<void>(bank_.log().wait(after_, std::chrono::milliseconds{100}));
            } else if (steady::now() < w.to) {
                ask(ended);
            }
        }
        return found;
    }
    [[nodiscard]] std::size_t asked() const noexcept { return asked_; }

private:
    application& bank_;
    options const& how_;
    feed_filter ends_;
    position after_ = 0;
    std::unordered_map<std::string, steady::time_point> under_way_;
    std::mt19937 random_{1};
    std::size_t asked_ = 0;

    void ask(std::size_t how_many) {
        std::uniform_int_distribution<std::size_t> any{0, how_.accounts - 1};
        std::vector<bank::request_transfer> wanted(how_many);
        auto const now = steady::now();
        for (auto& one : wanted) {
            one.transfer.value = to_string(new_command_id());
            auto const from = any(random_);
            auto const to = any(random_);
            one.from = account_of(from);
            one.to = account_of(to == from ? (to + 1) % how_.accounts : to);
            one.amount = {static_cast<std::int64_t>(1 + asked_++ % 97), currency};
            under_way_.emplace(one.transfer.value, now);
        }
        run_all(bank_, wanted);
    }

    std::size_t take_ends(window const& w, seen& into) {
        auto const page = bank_.log().read_feed(after_, ends_, page_events);
        after_ = page.through;
        auto const now = steady::now();
        constexpr std::string_view category = "transfer-";
        for (auto const& row : page.events) {
            assert_that(row.type == "transfer.completed", "each of these transfers is completed");
            auto const found = under_way_.find(row.stream.substr(category.size()));
            assert_that(found != under_way_.end(), "a transfer ends once");
            if (w.holds(now)) {
                ++into.ended;
                into.each.add(now - found->second);
            }
            under_way_.erase(found);
        }
        return page.events.size();
    }
};

struct measured {
    std::vector<double> transfers, appends;
    latencies each{};
    std::map<saga_stage, double> stages{};
    double program_s = 0, server_s = 0, saga_s = 0;   // of processors
    std::size_t ended = 0;                            // in all, warming up included
    std::uint64_t commands = 0;
};

void measure_turn(place const& here, application& bank, customers& asking, seconds length,
                  measured& into) {
    server_time const server{here};
    auto const server_before = server.used_s();
    auto const program_before = processor_s();
    auto const asked_before = asking.asked();
    running_saga saga{bank, saga_of<bank::transfer_process>()};
    auto const w = window::after(warm_up, length);
    auto found = asking.run(w, saga);
    saga.stop();
    into.program_s += processor_s() - program_before;
    into.server_s += server.used_s() - server_before;
    into.saga_s += saga.processor_s();
    into.ended += asking.asked() - asked_before;
    into.commands += saga.told().commands;
    into.transfers.push_back(static_cast<double>(found.ended) / w.length_s());
    into.each.add(found.each);
    add(into.stages, saga.stages());
}

// That no money was made or lost, that every transfer has come to its end, and that it left one
// account and came to the other once.
void check(application& bank, options const& how, std::size_t asked) {
    bank.run_sagas();
    std::int64_t sum = 0;
    for (std::size_t n = 0; n < how.accounts; ++n) {
        sum += bank.state<bank::account>(account_of(n)).balance.minor;
    }
    assert_that(sum == begins_with_minor * static_cast<std::int64_t>(how.accounts),
                "the sum of balances is what it was");
    struct moves {
        int sent = 0, received = 0, completed = 0;
    };
    std::unordered_map<std::string, moves> of;
    feed_page page;
    do {
        page = bank.log().read_feed(
            page.through,
            {.types = {"account.withdrawn", "account.deposited", "transfer.completed"}});
        for (auto const& row : page.events) {
            if (row.type == "transfer.completed") {
                ++of[describe::from_json<bank::transfer_completed>(row.payload).transfer.value]
                      .completed;
            } else if (row.type == "account.withdrawn") {
                auto const e = describe::from_json<bank::withdrawn>(row.payload);
                if (e.transfer) ++of[e.transfer->value].sent;
            } else {
                auto const e = describe::from_json<bank::deposited>(row.payload);
                if (e.transfer) ++of[e.transfer->value].received;
            }
        }
    } while (!page.caught_up);
    assert_that(of.size() == asked, "every transfer that was asked for has moved money");
    for (auto const& [id, one] : of) {
        assert_that(one.sent == 1 && one.received == 1 && one.completed == 1,
                    "each command of a transfer takes effect once");
    }
    auto& tables = bank.saga_tables();
    assert_that(tables.list_instances({.status = saga_status::running, .limit = 1}).empty() &&
                    tables.list_instances({.status = saga_status::parked, .limit = 1}).empty(),
                "every instance of the saga has ended");
    assert_that(tables.list_messages({.limit = 1}).empty(), "nothing waits to be sent");
}

nlohmann::ordered_json json_of(measured& m, options const& how,
                               nlohmann::ordered_json settings) {
    auto const per_s = median(m.transfers), appends = median(m.appends);
    auto const each_us = [&](double of_s) {
        return rounded(of_s * 1e6 / static_cast<double>(std::max<std::size_t>(m.ended, 1)), 1);
    };
    nlohmann::ordered_json to;
    to["sagas"] = {{"transfers_per_s", rounded(per_s, 0)},
                   {"p50_ms", rounded(m.each.percentile_ms(50), 3)},
                   {"p99_ms", rounded(m.each.percentile_ms(99), 3)},
                   {"max_ms", rounded(m.each.percentile_ms(100), 3)},
                   {"transfers", m.ended},
                   {"commands", m.commands}};
    to["stages"] = bench::json_of(m.stages);
    to["processors"] = {{"program_us_per_transfer", each_us(m.program_s)},
                        {"saga_us_per_transfer", each_us(m.saga_s)},
                        {"server_us_per_transfer", each_us(m.server_s)}};
    to["limits"] = {{"appends_per_s", rounded(appends, 0)}};
    to["ratios"] = {{"of_appends", rounded(ratio_of(per_s, appends), 3)}};
    to["settings"] = std::move(settings);
    to["settings"]["in_flight"] = how.in_flight;
    to["settings"]["accounts"] = how.accounts;
    return to;
}

void print(nlohmann::ordered_json const& found, measured const& m) {
    auto const& s = found["sagas"];
    auto const& p = found["processors"];
    auto const us = [&](char const* name) {
        return fmt::format("{:.0f} µs", p[name].get<double>());
    };
    std::vector<line> lines{
        {"from request to end", rate_text(s["transfers_per_s"]),
         fmt::format("{} under way; {} of appends",
                     found["settings"]["in_flight"].get<std::size_t>(),
                     share_text(found["ratios"]["of_appends"]))},
        {"  p50", ms_text(s["p50_ms"]), ""},
        {"  p99", ms_text(s["p99_ms"]), ""},
        {"  longest", ms_text(s["max_ms"]), ""},
        {"appends of the same server", rate_text(found["limits"]["appends_per_s"]), ""},
        {"processor time of the server, a transfer", us("server_us_per_transfer"), ""},
        {"… of this program", us("program_us_per_transfer"), "requests included"},
        {"… of the saga's thread in it", us("saga_us_per_transfer"), ""},
        {"the saga's thread", "", "of its time"}};
    auto stages = lines_of(m.stages);
    lines.insert(lines.end(), stages.begin(), stages.end());
    print_lines("transfers", lines);
    print_settings(found["settings"]);
}

}  // namespace

void run_sagas(place const& here, options const& how) {
    auto const settings = settings_json(here, how);
    application_parts parts;
    parts.add<bank::account>();
    parts.add<bank::transfer>();
    parts.add<bank::transfer_process>();
    auto const bank = saga_application(here, store, std::move(parts));
    open_accounts(*bank, how.accounts);
    bank->run_sagas();
    workload const work{how};
    auto const log = here.open(beside);
    writers appending{*log, work, how};
    seconds const length{how.seconds / static_cast<double>(how.rounds)};
    customers asking{*bank, how};
    measured m;
    for (std::size_t round = 0; round < how.rounds; ++round) {
        here.checkpoint();
        auto const appended = appending.run(writers::wanted(how), seconds{0.3}, length);
        m.appends.push_back(appended.appends_per_s);
        here.checkpoint();
        measure_turn(here, *bank, asking, length, m);
    }
    check(*bank, how, asking.asked());
    auto const found = json_of(m, how, settings);
    if (how.json) return print_json(found);
    print(found, m);
}

}  // namespace recount::bench
