// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "verbs.hpp"

#include <fmt/core.h>

#include <recount/app/output.hpp>

#include "projections.hpp"
#include "statement.hpp"

namespace bank {

namespace {

using recount::errc;
using recount::error;

int balances(recount::verb_call& call) {
    static_cast<void>(call.application().catch_up(recount::projection_of<account_balances>()));
    call.print_rows<account_balances>();
    return recount::exit_code::ok;
}

int deposits(recount::verb_call& call) {
    auto const day = recount::date_from_string(call.require("--day"));
    static_cast<void>(call.application().catch_up(recount::projection_of<deposits_by_day>()));
    recount::row_query wanted;
    wanted.equals.push_back({"day", recount::to_string(day)});
    call.print_rows<deposits_by_day>(wanted);
    return recount::exit_code::ok;
}

int show_statement(recount::verb_call& call) {
    auto const account = call.require("ACCOUNT");
    auto& bank = call.application();
    auto const stream =
        recount::stream_name::of(recount::aggregate_of<bank::account>().category, account);
    std::vector<recount::stored_row> rows;
    auto const at = call.number("--at");
    recount::position known_at = 0;
    if (at) {
        auto then = statement_at(bank.log(), stream, *at);
        known_at = then.known_at;
        rows = std::move(then.lines);
    } else {
        static_cast<void>(bank.catch_up(recount::projection_of<statement_lines>()));
        recount::row_query wanted;
        wanted.equals.push_back({"account", account});
        rows = bank.row_tables().query(recount::projection_of<statement_lines>(), wanted);
    }
    if (rows.empty() && bank.log().read_stream(stream, {.limit = 1}).events.empty()) {
        throw error{errc::not_found, fmt::format("no account '{}'", account)};
    }
    call.print_rows(recount::projection_of<statement_lines>(), rows);
    if (at) call.note(fmt::format("as known at position {}", known_at));
    return recount::exit_code::ok;
}

}  // namespace

recount::verb balances_verb() { return {"balances", "what every account holds", {}, &balances}; }

recount::verb statement_verb() {
    using o = recount::verb_option;
    return {"statement",
            "the movements of an account, with its running balance",
            {o::place("ACCOUNT", "the account's id"),
             o::value("--at", "as it was known when the log ended at this position")},
            &show_statement};
}

recount::verb deposits_verb() {
    using o = recount::verb_option;
    return {"deposits",
            "who deposited how much on a day",
            {o::value("--day", "the day, such as 1993-01-09")},
            &deposits};
}

namespace {

// Each step has a key, so that showing the history again adds nothing to it.
struct demo {
    recount::verb_call& call;
    recount::application& bank;
    int step = 0;

    template <class Command> void run(Command const& command) {
        recount::command_options options;
        options.key = fmt::format("demo/{}", ++step);
        auto const outcome = bank.dispatch(command, options);
        auto const name = recount::command_name_of<Command>().name;
        if (outcome) {
            auto const& yes = outcome.value();
            call.line(fmt::format("  {:<24} {} is at version {}", name, yes.stream, yes.version));
        } else {
            auto const& no = outcome.rejected();
            call.line(fmt::format("  {:<24} rejected, {}: {}", name, no.code, no.text));
        }
    }
};

}  // namespace

int show_demo(recount::verb_call& call) {
    call.use_store("demo");
    auto& bank = call.application();
    call.line("A small bank, told in commands:");
    account_id const ada{"ada"};
    account_id const ben{"ben"};
    demo d{call, bank};
    d.run(open{ada});
    d.run(open{ben});
    d.run(deposit{ada, {120'00, "EUR"}});
    d.run(withdraw{ada, {45'50, "EUR"}});
    d.run(credit_interest{ada, {1'12, "EUR"}});
    // A rejection is not recorded: it is decided again each time, on the same balance.
    d.run(withdraw{ada, {80'00, "EUR"}});
    d.run(deposit{ben, {20'00, "EUR"}});
    d.run(agree_overdraft{ben, {100'00, "EUR"}});
    d.run(withdraw{ben, {75'00, "EUR"}});
    d.run(charge_fee{ben, {2'50, "EUR"}});
    bank.catch_up();
    call.line("\nThe table account_balances:");
    call.print_rows<account_balances>();
    call.line("\nThe table statement_lines, for ben:");
    recount::row_query of_ben;
    of_ben.equals.push_back({"account", ben.value});
    call.print_rows<statement_lines>(of_ben);
    call.line(
        "\nTry (this history is in the store 'demo', yours will be in 'main'):\n"
        "  ./run events --store demo             the log behind it\n"
        "  ./run state account-ben --store demo  an aggregate, folded from its stream\n"
        "  ./run import FILE                     real data, in the Berka format\n"
        "  ./run balances | statement ACCOUNT | deposits --day 1993-01-09 | reconcile\n"
        "  ./run psql --store demo               the tables in PostgreSQL\n"
        "  ./run --help                          everything else");
    return recount::exit_code::ok;
}

}  // namespace bank
