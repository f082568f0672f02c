// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An application that does everything which may be killed half done, for test_fault_points.py:
//
//     recount-fault-workload points              # where it can be killed, one a line
//     recount-fault-workload write ROUND         # appends of every kind; a line for each answer
//     recount-fault-workload correct ROUND       # corrects what that round wrote
//     recount-fault-workload check               # the tables, told anew in memory and rebuilt
//
// Each round has its streams and its keys: run again it adds nothing. What follows it (tables that
// catch up, rebuilds, verification) are verbs that every application has.
#include <array>
#include <cstdio>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>
#include <recount/postgres/log.hpp>
#include <recount/recount.hpp>

#include "support/checked_tables.hpp"
#include "support/counter_domain.hpp"
#include "support/ledger_domain.hpp"

namespace {

using ledger::eur;
using recount::stream_name;

// Keyed, by groups that have events of many streams.
struct amount_row {
    std::int64_t minor = 0;
    std::int64_t deposits = 0;
    std::string last;   // stream
};
RECOUNT_ROW(amount_row, 1, recount::key<&amount_row::minor>, minor, deposits, last)
struct by_amount {
    using row = amount_row;
    using events = recount::types<ledger::deposited>;
    static std::string group(ledger::deposited const& e) { return std::to_string(e.amount.minor); }
    static void on(recount::rows<row>& r, ledger::deposited const& e, recount::info const& i) {
        auto& row = r[e.amount.minor];
        ++row.deposits;
        row.last = i.stream;
    }
};
RECOUNT_PROJECTION(by_amount, "by_amount", 1)

constexpr int accounts = 3;
constexpr int deposits_each = 6;
constexpr int lonely = accounts;   // the account with the one deposit of its amount

struct round {
    std::string name;

    [[nodiscard]] std::string key(std::string_view what) const {
        return fmt::format("{}/{}", name, what);
    }
    [[nodiscard]] std::string number(int n) const { return fmt::format("{}-{}", name, n); }
    [[nodiscard]] ledger::account_id account(int n) const { return {number(n)}; }
    [[nodiscard]] stream_name stream(int n) const {
        return stream_name::of("account", number(n));
    }
};

// An answer counts from here on: a line on stdout, which leaves this process at once.
void acknowledge(recount::uuid const& first, recount::position last) {
    static std::mutex mutex;
    std::lock_guard const hold{mutex};
    fmt::print("{{\"first\":\"{}\",\"last\":{}}}\n", to_string(first), last);
    std::fflush(stdout);
}

template <class Command>
void dispatch(recount::application& app, round const& r, std::string_view what,
              Command const& command) {
    recount::command_options options;
    options.key = r.key(what);
    auto const yes = app.dispatch(command, options).value();
    acknowledge(yes.events.front(), yes.position);
}

// From one thread an account, so that they share batches.
void use_accounts(recount::application& app, round const& r) {
    std::vector<std::thread> clients;
    for (int n = 0; n < accounts; ++n) {
        clients.emplace_back([&app, &r, n] {
            dispatch(app, r, fmt::format("open {}", n), ledger::open{r.account(n)});
            for (int i = 1; i <= deposits_each; ++i) {
                dispatch(app, r, fmt::format("deposit {} {}", n, i),
                         ledger::deposit{r.account(n), eur(100 * i)});
            }
            dispatch(app, r, fmt::format("withdraw {}", n),
                     ledger::withdraw{r.account(n), eur(50)});
        });
    }
    for (auto& one : clients) one.join();
    constexpr std::int64_t amount_nobody_else_has = 1'000'000;
    dispatch(app, r, "open the lonely", ledger::open{r.account(lonely)});
    dispatch(app, r, "deposit to the lonely",
             ledger::deposit{r.account(lonely), eur(amount_nobody_else_has + std::stoi(r.name))});
}

recount::commit commit_of(round const& r, std::string const& stream, std::string_view what) {
    recount::commit one;
    one.id = recount::command_id_from_key(r.key(what));
    auto payload = recount::json_text::checked(fmt::format(R"({{"note":"{}"}})", what));
    one.events.push_back({stream_name{stream}, "receipt.noted", 1, std::move(payload), {}});
    return one;
}

// The second log makes what the first one knows of the stream old.
void append_in_turns(recount::verb_call& call, round const& r) {
    auto& here = call.application().log();
    auto const there = recount::postgres::log::open({.url = call.url(), .store = call.store()});
    auto const stream = "plain-" + r.name;
    for (auto const* what : {"here", "there", "here again"}) {
        auto& log = what == std::string_view{"there"} ? *there : here;
        auto const done = log.append(commit_of(r, stream, what));
        acknowledge(done.events.front().id, done.last);
    }
}

void append_with_own_table(recount::verb_call& call, round const& r) {
    constexpr recount::postgres::query begin{"begin_receipt",
                                             "INSERT INTO public.receipts (note) VALUES ($1)"};
    constexpr recount::postgres::query finish{
        "finish_receipt", "UPDATE public.receipts SET position = $2::bigint WHERE note = $1"};
    auto const log = recount::postgres::log::open({.url = call.url(), .store = call.store()});
    auto const note = r.key("receipt");
    recount::postgres::participants with;
    with.before = [&](recount::postgres::own_tables& tables) { tables.execute(begin, {note}); };
    with.after = [&](recount::postgres::own_tables& tables, recount::appended const& done) {
        tables.execute(finish, {note, std::to_string(done.last)});
    };
    auto const done = log->append_with(commit_of(r, "receipt-" + r.name, "receipt"), with);
    acknowledge(done.events.front().id, done.last);
}

int write_round(recount::verb_call& call) {
    round const r{call.require("ROUND")};
    auto& app = call.application();
    use_accounts(app, r);
    dispatch(app, r, "count", sample::count{sample::counter_id{r.name}, 1, 6});   // a snapshot
    append_in_turns(call, r);
    append_with_own_table(call, r);
    return recount::exit_code::ok;
}

void apply(recount::application& app, round const& r, recount::restructure plan) {
    recount::restructure_options options;
    options.key = r.key(plan.title());
    plan.because("a test").by("ada");
    auto const done = app.apply(plan, {}, options);
    acknowledge(done.id, done.position);
}

int correct_round(recount::verb_call& call) {
    round const r{call.require("ROUND")};
    auto& app = call.application();
    auto const slot = [&](int account, std::size_t n) {
        return app.log().read_stream(r.stream(account)).events.at(n).id;
    };
    apply(app, r, recount::restructure{"left out"}.exclude(slot(lonely, 1)));
    apply(app, r, recount::restructure{"wrong account"}.move(slot(1, 2), r.stream(2).str()));
    auto const seventy = fmt::format(
        R"({{"account":"{}","amount":{{"minor":70,"currency":"EUR"}}}})", r.number(2));
    recount::history::planned_content content;
    content.type = "account.deposited";
    content.payload = recount::json_text::checked(seventy);
    apply(app, r, recount::restructure{"mistyped"}.replace(slot(2, 1), content));
    return recount::exit_code::ok;
}

int list_points(recount::verb_call& call) {
    for (auto const name : recount::fault_points()) call.line(name);
    return recount::exit_code::ok;
}

}  // namespace

int main(int argc, char** argv) {
    using o = recount::verb_option;
    return recount::app{"faults"}
        .add<ledger::account, sample::counter, ledger::balances, ledger::greatest, by_amount>()
        .verb({"points", "where it can be killed", {}, &list_points})
        .verb({"write", "appends of every kind", {o::place("ROUND", "its number")}, &write_round})
        .verb({"correct", "corrects a round", {o::place("ROUND", "its number")}, &correct_round})
        .verb({"check", "whether the tables are what the log says", {},
               &recount::tests::check_tables})
        .run(argc, argv);
}
