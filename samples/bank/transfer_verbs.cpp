// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "transfer_verbs.hpp"

#include <chrono>

#include <fmt/core.h>

#include <recount/describe/json.hpp>

#include "transfer_process.hpp"
#include "transfers.hpp"
#include "verb_parts.hpp"

namespace bank {

namespace {

using recount::errc;
using recount::error;
using namespace std::chrono_literals;

// Another program may have taken the transfer's command, and be killed: its lease is 10 s.
constexpr auto settled_within = 30s;
constexpr auto look_again = 200ms;

// What became of it, as `--json` prints it.
struct transfer_told {
    transfer_id transfer;
    account_id from;
    account_id to;
    money amount;
    transfer_status status = transfer_status::requested;
    std::optional<std::string> because{};            // it was refused or refunded, or waits
    std::optional<recount::timestamp> again_at{};    // it is tried again
};
RECOUNT_DESCRIBE(transfer_told, transfer, from, to, amount, status, because, again_at)

transfer_told tell(recount::application& bank, transfer_id const& id) {
    auto const now = bank.state<transfer>(id);
    transfer_told told{id, now.from, now.to, now.amount,
                       now.status.value_or(transfer_status::requested)};
    if (!now.code.empty()) told.because = now.code + ": " + now.text;
    if (told.status != transfer_status::requested) return told;
    auto const waiting = bank.saga_tables().list_messages(
        {.status = recount::message_status::waiting,
         .kind = recount::message_kind::command,
         .saga = std::string{recount::saga_of<transfer_process>().name},
         .instance = id.value});
    for (auto const& message : waiting) {
        if (message.attempts == 0) continue;
        told.because = message.last_error;
        told.again_at = message.due_at;
    }
    return told;
}

// Lets the sagas work until it has ended, or must wait for something.
transfer_told settle(recount::application& bank, transfer_id const& id) {
    auto const until = std::chrono::steady_clock::now() + settled_within;
    for (;;) {
        auto const head = bank.log().head().position;
        run_sagas(bank);
        auto told = tell(bank, id);
        bool const waits = told.again_at.has_value();
        if (told.status != transfer_status::requested || waits) return told;
        if (recount::verb_call::stop_wanted() || std::chrono::steady_clock::now() > until) {
            return told;
        }
        static_cast<void>(bank.log().wait(head, look_again));
    }
}

std::string sentence_of(transfer_told const& told) {
    auto text = fmt::format("transfer {}, {} from {} to {}: ", told.transfer.value,
                            to_string(told.amount), told.from.value, told.to.value);
    switch (told.status) {
        case transfer_status::completed: return text + "completed";
        case transfer_status::refused: return text + "refused, " + told.because.value_or("");
        case transfer_status::refunded: return text + "refunded, " + told.because.value_or("");
        case transfer_status::requested: break;
    }
    text += "under way";
    if (told.because) text += ", " + *told.because;
    if (told.again_at) text += "; tried again at " + recount::to_string(*told.again_at);
    return text;
}

request_transfer request_of(recount::verb_call& call) {
    request_transfer wanted;
    wanted.transfer.value =
        call.get("--id").value_or(recount::to_string(recount::new_command_id()));
    wanted.from.value = call.require("FROM");
    wanted.to.value = call.require("TO");
    if (auto const within = call.get("--within")) {
        wanted.within = recount::duration_from_string(*within);
    }
    auto const text = call.require("AMOUNT");
    recount::currency_code kept_in;
    if (text.find(' ') == std::string::npos) {
        kept_in = call.application().state<account>(wanted.from).balance.currency;
    }
    wanted.amount = amount_from_text(text, kept_in);
    return wanted;
}

int run_transfer(recount::verb_call& call) {
    auto const wanted = request_of(call);
    auto& bank = call.application();
    auto const outcome = bank.dispatch(wanted);
    if (!outcome) {
        throw error{errc::refused, fmt::format("{}: {}", outcome.rejected().code,
                                               outcome.rejected().text)};
    }
    auto const told = settle(bank, wanted.transfer);
    call.line(call.json() ? recount::describe::to_json(told).str() : sentence_of(told));
    bool const came_back = told.status == transfer_status::refused ||
                           told.status == transfer_status::refunded;
    return came_back ? recount::exit_code::refused : recount::exit_code::ok;
}

int list_transfers(recount::verb_call& call) {
    show_rows<transfers>(call, "status");
    return recount::exit_code::ok;
}

}  // namespace

recount::verb transfer_verb() {
    using o = recount::verb_option;
    return {"transfer",
            "take money from one account to another, and say what became of it",
            {o::place("FROM", "the account that pays"), o::place("TO", "the account that is paid"),
             o::place("AMOUNT", "such as '12.50 EUR'; without a currency in that of FROM"),
             o::value("--id", "the transfer's id; a second one of this id is the same transfer"),
             o::value("--within", "how long to try an account that is not open yet (PT1H)")},
            &run_transfer};
}

recount::verb transfers_verb() {
    using o = recount::verb_option;
    return {"transfers",
            "all transfers, and what became of them",
            {o::value("--status", "requested, completed, refused or refunded")},
            &list_transfers};
}

}  // namespace bank
