// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What goes wrong in a bank, and how it is put right: what docs/guides/corrections.md shows.
#include <iostream>

#include <fmt/core.h>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/restructure/append.hpp>
#include <recount/restructure/read.hpp>

#include "bank/reorder.hpp"

namespace {

using namespace bank;
using recount::uuid;
using recount::history::planned_anchor;
using recount::history::planned_content;

recount::stream_name const ada{"account-ada"};
recount::stream_name const ben{"account-ben"};

recount::date in_december(unsigned number) {
    using namespace std::chrono;
    return recount::date{year{2025} / December / static_cast<int>(number)};
}

money eur(std::int64_t minor) { return {minor, "EUR"}; }

recount::application_parts parts() {
    recount::application_parts all;
    all.add<account>();
    all.add<account_balances>();
    return all;
}

// Rows that another bank sent. The name of the file and the row's number make the command's id.
void take_in(recount::application& bank, std::string const& file,
             std::vector<record_movement> const& rows) {
    for (auto const& row : rows) {
        recount::command_options options;
        options.key = file + "/" + row.movement;
        bank.dispatch(row, options).value();
    }
}

// The event that came of a row of a file.
uuid event_of(recount::log& log, std::string const& file, std::string const& movement) {
    auto const command = recount::command_id_from_key(file + "/" + movement);
    return log.find_commits({&command, 1}).at(command).result.events.back().id;
}

//[statement
void print_statement(recount::log& log, recount::stream_name const& account,
                     recount::history::read_cut const& cut = {}) {
    auto const view = recount::history::read_corrected(log, account, cut);
    fmt::print("{} as known at {}\n", account.str(), view.known_at);
    for (auto const& line : lines_of(view)) {
        fmt::print("  {} {:>12} {:>12}  {}\n", recount::to_string(line.on),
                   to_string(line.amount), to_string(line.balance),
                   line.reference.value_or(""));
    }
}
//]

//[append
// Judges the plan by the history as it is, appends it, and says under which id.
uuid correct(recount::log& log, recount::restructure const& plan) {
    auto const done = recount::history::append_plan(log, plan);
    fmt::print("{}: position {}\n", plan.title(), done.last);
    return recount::command_id_of(done.events.front().id);
}
//]

//[content
template <class Event>
planned_content content_of(Event const& event, recount::date on) {
    auto const name = recount::event_name_of<Event>();
    return {std::string{name.name}, name.version, recount::describe::to_json(event),
            recount::start_of(on)};
}
//]

std::vector<record_movement> december() {
    auto const in = movement_kind::deposit;
    return {
        {"1", {"ada"}, in, eur(700'00), {}, in_december(3)},
        {"2", {"ben"}, in, eur(10'00), {}, in_december(3)},
        {"3", {"ada"}, movement_kind::withdrawal, eur(100'00), {}, in_december(10)},
        {"4", {"ben"}, in, eur(250'00), {}, in_december(20)},
        {"5", {"ada"}, in, eur(93'00), {}, in_december(22)},
        {"6", {"ada"}, movement_kind::fee, eur(14'60), {}, in_december(31)},
    };
}

std::vector<record_movement> january() {
    return {{"7", {"ada"}, movement_kind::deposit, eur(20'00), {},
             in_december(31) + std::chrono::days{4}}};
}

void imported_twice(recount::application& bank) {
    auto& log = bank.log();
    //[twice
    take_in(bank, "december", december());
    take_in(bank, "december (2)", december());    // the same file under another name
    take_in(bank, "january", january());
    print_statement(log, ada);

    recount::restructure plan{"december was imported twice"};
    plan.because("the import was started again, under the name of the copy")
        .by("ines")
        .evidence("december (2) is byte for byte december");
    for (auto const& row : december()) {
        plan.exclude(event_of(log, "december (2)", row.movement));
    }
    correct(log, plan);
    print_statement(log, ada);
    bank.catch_up();
    fmt::print("account_balances: ada has {}\n",
               to_string(bank.row<account_balances>({"ada"}).value().balance));
    //]
}

void wrong_account(recount::log& log) {
    //[moved
    correct(log, recount::restructure{"movement 4 was paid in for ada"}
                     .because("a digit of the account's number was misread")
                     .by("ines")
                     .evidence("the slip, scanned 2026-01-07")
                     .move(event_of(log, "december", "4"), ada.str()));
    print_statement(log, ada);
    print_statement(log, ben);
    //]
}

void lost_deposit(recount::log& log) {
    //[inserted
    deposited const lost{{"ada"}, eur(50'00), {}, "found in the box"};
    correct(log, recount::restructure{"a deposit of 30 December was never recorded"}
                     .because("its slip lay in the box until January")
                     .by("ines")
                     .insert(ada.str(), planned_anchor::before(event_of(log, "december", "6")),
                             {content_of(lost, in_december(30))}));
    print_statement(log, ada);
    //]
}

void mistyped_amount(recount::log& log) {
    //[replaced
    deposited const right{{"ada"}, eur(39'00), {}, "5"};
    correct(log, recount::restructure{"movement 5 was 39.00, not 93.00"}
                     .because("two digits were exchanged")
                     .by("ines")
                     .replace(event_of(log, "december", "5"),
                              content_of(right, in_december(22))));
    print_statement(log, ada);
    //]
}

void wrong_correction(recount::log& log) {
    //[undone
    auto const mistake = correct(log, recount::restructure{"movement 3 never happened"}
                                          .because("ada says that she was abroad")
                                          .by("jan")
                                          .exclude(event_of(log, "december", "3")));
    correct(log, recount::restructure{"movement 3 did happen"}
                     .because("the camera shows her brother, who has a card")
                     .by("ines")
                     .undo(mistake));
    print_statement(log, ada);
    //]
}

void year_end(recount::log& log, recount::position sent) {
    //[report
    auto const new_year = recount::start_of(in_december(31) + std::chrono::days{1});
    auto const until = new_year - std::chrono::microseconds{1};
    print_statement(log, ada, {.known_at = sent, .effective_until = until});
    print_statement(log, ada, {.effective_until = until});
    //]
}

}  // namespace

int main() {
    try {
        recount::application bank{parts(), std::make_shared<recount::memory::log>(),
                                  std::make_shared<recount::memory_row_store>()};
        imported_twice(bank);
        //[sent
        auto const sent = bank.log().head().position;
        //]
        wrong_account(bank.log());
        lost_deposit(bank.log());
        mistyped_amount(bank.log());
        wrong_correction(bank.log());
        year_end(bank.log(), sent);
        return 0;
    } catch (std::exception const& failed) {
        std::cerr << failed.what() << '\n';
        return 1;
    }
}
