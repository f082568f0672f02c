// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "charge_verbs.hpp"

#include <fmt/core.h>

#include <recount/describe/json.hpp>

#include "charge_process.hpp"
#include "charges.hpp"
#include "verb_parts.hpp"

namespace bank {

namespace {

using recount::errc;
using recount::error;
using recount::grouped;

// "1993-06", or a day of it.
recount::date month_from_text(std::string const& text) {
    constexpr std::size_t month_letters = 7;
    try {
        return recount::date_from_string(text.size() == month_letters ? text + "-01" : text);
    } catch (error const&) {
        throw error{errc::invalid_argument,
                    fmt::format("expected a month like 1993-12, found '{}'", text)};
    }
}

template <class Command>
recount::accepted dispatched(recount::application& bank, Command const& command) {
    auto const outcome = bank.dispatch(command);
    if (outcome) return outcome.value();
    auto const& no = outcome.rejected();
    throw error{errc::refused,
                fmt::format("{}: {}: {}", command.account.value, no.code, no.text)};
}

int run_agree(recount::verb_call& call) {
    auto const accounts = call.list("ACCOUNT");
    if (accounts.empty()) throw error{errc::invalid_argument, "expected at least one ACCOUNT"};
    agree_charges wanted;
    wanted.monthly_fee = amount_from_text(call.require("--fee"));
    if (auto const from = call.get("--from")) wanted.from = month_from_text(*from);
    auto& bank = call.application();
    std::int64_t agreed = 0;
    for (auto const& account : accounts) {
        wanted.account.value = account;
        if (call.flag("--open")) dispatched(bank, open{wanted.account});
        if (!dispatched(bank, wanted).events.empty()) ++agreed;
    }
    run_sagas(bank);
    call.line(call.json()
                  ? fmt::format(R"({{"agreed":{}}})", agreed)
                  : fmt::format("agreed with {} account{}: {} a month, and penalty interest",
                                grouped(agreed), agreed == 1 ? "" : "s",
                                to_string(wanted.monthly_fee)));
    return recount::exit_code::ok;
}

// Those with which charges were agreed: each is an instance of the process.
std::vector<account_id> charged_accounts(recount::application& bank) {
    std::vector<account_id> all;
    recount::instance_list wanted;
    wanted.saga = std::string{recount::saga_of<charge_process>().name};
    for (;;) {
        auto const page = bank.saga_tables().list_instances(wanted);
        for (auto const& one : page) all.push_back({one.instance});
        if (page.size() < wanted.limit) return all;
        wanted.after_saga = page.back().saga;
        wanted.after_instance = page.back().instance;
    }
}

int run_months(recount::verb_call& call) {
    end_months wanted;
    wanted.through = month_from_text(call.require("--through"));
    auto& bank = call.application();
    run_sagas(bank);
    std::int64_t months = 0;
    auto const accounts = charged_accounts(bank);
    for (auto const& account : accounts) {
        if (recount::verb_call::stop_wanted()) break;
        wanted.account = account;
        if (bank.state<bank::account>(account).is_closed) continue;
        months += static_cast<std::int64_t>(dispatched(bank, wanted).events.size());
    }
    run_sagas(bank);
    call.line(call.json() ? fmt::format(R"({{"accounts":{},"months":{}}})", accounts.size(), months)
                          : fmt::format("{} month{} ended, of {} accounts with charges",
                                        grouped(months), months == 1 ? "" : "s",
                                        grouped(static_cast<std::int64_t>(accounts.size()))));
    return unless_stopped(call, recount::exit_code::ok);
}

int list_charges(recount::verb_call& call) {
    show_rows<charges>(call, "account");
    return recount::exit_code::ok;
}

}  // namespace

std::vector<recount::verb> charge_verbs() {
    using o = recount::verb_option;
    return {{"charges agree",
             "agree a monthly fee and penalty interest with accounts",
             {o::value("--fee", "such as '14.60 CZK'; zero for penalty interest alone"),
              o::value("--from", "the first month, such as 1993-01 (this one)"),
              o::flag("--open", "open the accounts first, where they are not"),
              o::rest("ACCOUNT", "the accounts")},
             &run_agree},
            {"charges run",
             "end months, and charge what they cost; a second time charges nothing",
             {o::value("--through", "the last month, such as 1993-12; it must be over")},
             &run_months},
            {"charges list",
             "what each month has cost, and what of that came back",
             {o::value("--account", "of one account")},
             &list_charges}};
}

}  // namespace bank
