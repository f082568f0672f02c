// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a month costs, and that it is put right when the movements are.
#include <support/catch.hpp>

#include <algorithm>
#include <chrono>
#include <random>

#include <recount/saga/divergences.hpp>
#include <recount/testing/sandbox.hpp>

#include <support/random_history.hpp>

#include "bank/charge_process.hpp"
#include "bank/charges.hpp"
#include "bank/penalties.hpp"
#include "bank/projections.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

using recount::history::planned_anchor;
using recount::history::registers;
using recount::testing::sandbox;

namespace {

account_id const ada{"ada"};
money const fee = czk(14'60);

sandbox charging_bank() {
    return recount::testing::in_memory<account, account_balances, statement_lines, charges,
                                       charge_process>("bank");
}

void agree(sandbox& bank) {
    bank.dispatch(open{ada}).value();
    bank.dispatch(agree_charges{ada, fee, day(1993, 3, 17)}).value();
}

// The id of the movement's event.
recount::uuid record(sandbox& bank, std::string const& number, movement_kind kind,
                     std::int64_t minor, recount::date on) {
    return bank.dispatch(record_movement{number, ada, kind, czk(minor), {}, on})
        .value()
        .events.back();
}

void end_until(sandbox& bank, recount::date day) {
    bank.dispatch(end_months{ada, day}).value();
    bank.run_sagas();
}

money balance_of(sandbox& bank) { return bank.state<account>(ada).balance; }

// What a month has cost by now.
money cost(sandbox& bank, unsigned month, charge_kind kind) {
    auto const row = bank.row<charges>({ada, day(1993, month, 1), kind});
    return row ? row->charged - row->returned : money{};
}

recount::restructure plan() {
    return recount::restructure{"a correction"}.because("it was wrong").by("ines");
}

// A withdrawal before the deposit that covers it: 365.00 below zero on 5 March, 0.20 a day.
struct wrong_order {
    sandbox bank = charging_bank();
    recount::uuid withdrawal;
    recount::uuid deposit;

    wrong_order() {
        agree(bank);
        record(bank, "1", movement_kind::deposit, 100'00, day(1993, 3, 1));
        withdrawal = record(bank, "2", movement_kind::withdrawal, 465'00, day(1993, 3, 5));
        deposit = record(bank, "3", movement_kind::deposit, 500'00, day(1993, 3, 5));
        end_until(bank, day(1993, 4, 30));
    }
    [[nodiscard]] recount::restructure right_order() const {
        return plan().move(deposit, planned_anchor::before(withdrawal));
    }
};

}  // namespace

TEST_CASE("charges are agreed once, and for the past only before the first movement",
          "[bank][charges]") {
    auto bank = charging_bank();
    auto const code = [&](auto const& command) {
        auto const outcome = bank.dispatch(command);
        return outcome ? std::string{"accepted"} : outcome.rejected().code;
    };
    auto const today = recount::date_of(bank.clock().now());
    CHECK(code(agree_charges{ada, fee}) == "not_open");
    CHECK(code(end_months{ada, day(1993, 3, 1)}) == "not_agreed");
    bank.dispatch(open{ada}).value();
    CHECK(code(end_months{ada, day(1993, 3, 1)}) == "not_agreed");
    CHECK(code(agree_charges{ada, czk(-1)}) == "negative");
    bank.dispatch(deposit{ada, czk(5)}).value();
    CHECK(code(agree_charges{ada, eur(1)}) == "other_currency");
    CHECK(code(agree_charges{ada, fee, day(1993, 3, 1)}) == "moved");
    CHECK(code(agree_charges{ada, fee}) == "accepted");
    CHECK(bank.state<account>(ada).month_to_end == month_of(today));
    auto const before = bank.events().size();
    CHECK(code(agree_charges{ada, fee}) == "accepted");
    CHECK(bank.events().size() == before);
    CHECK(code(agree_charges{ada, czk(1)}) == "agreed");
    CHECK(code(end_months{ada, today}) == "not_over");
}

TEST_CASE("a month that has ended costs its fee and the interest of the days below zero, once",
          "[bank][charges]") {
    wrong_order told;
    auto& bank = told.bank;
    CHECK(cost(bank, 3, charge_kind::fee) == fee);
    CHECK(cost(bank, 3, charge_kind::penalty) == czk(20));
    CHECK(cost(bank, 4, charge_kind::fee) == fee);
    CHECK(cost(bank, 4, charge_kind::penalty).is_zero());
    CHECK(balance_of(bank) == czk(135'00 - 2 * 14'60 - 20));
    auto const lines = bank.rows<statement_lines>();
    REQUIRE(lines.size() == 6);
    CHECK(lines[4].reference == "penalty of 1993-03");
    CHECK(lines[4].amount == czk(-20));
    CHECK(lines[4].on == day(1993, 3, 31));
    CHECK(lines.back().balance == balance_of(bank));
    auto const before = bank.events().size();
    end_until(bank, day(1993, 4, 1));
    CHECK(bank.events().size() == before);
}

TEST_CASE("before its first movement an account costs nothing, and without an agreement never",
          "[bank][charges]") {
    auto bank = charging_bank();
    agree(bank);
    record(bank, "1", movement_kind::deposit, 100'00, day(1993, 5, 2));
    record(bank, "2", movement_kind::withdrawal, 1, day(1993, 7, 2));
    bank.dispatch(record_movement{"3", {"ben"}, movement_kind::withdrawal, czk(5), {},
                                  day(1993, 3, 1)})
        .value();
    end_until(bank, day(1993, 6, 1));
    CHECK(cost(bank, 4, charge_kind::fee).is_zero());
    CHECK(cost(bank, 5, charge_kind::fee) == fee);
    CHECK(cost(bank, 6, charge_kind::fee) == fee);
    CHECK(bank.state<account>({"ben"}).balance == czk(-5));
    CHECK(bank.application().saga_tables().list_instances({}).size() == 1);
}

TEST_CASE("a corrected order returns the interest that was none, and a second run finds nothing",
          "[bank][charges]") {
    wrong_order told;
    auto& bank = told.bank;
    auto const charged_before = balance_of(bank);
    auto const seen = bank.preview(told.right_order());
    REQUIRE(seen.sagas.size() == 1);
    CHECK(seen.sagas[0].saga == "charges");
    CHECK(seen.sagas[0].instance == "ada");
    REQUIRE(seen.sagas[0].sends.size() == 1);
    CHECK(seen.sagas[0].sends[0].find("account.return_charge") != std::string::npos);
    CHECK(balance_of(bank) == charged_before);             // it is a preview

    auto const done = bank.apply(told.right_order());
    bank.run_sagas();
    auto const row = bank.row<charges>({ada, day(1993, 3, 1), charge_kind::penalty});
    REQUIRE(row);
    CHECK(row->charged == czk(20));
    CHECK(row->returned == czk(20));
    CHECK(balance_of(bank) == charged_before + czk(20));
    auto const before = bank.events().size();
    bank.run_sagas();
    CHECK(bank.events().size() == before);

    bank.undo(done.id, "it was right as it was");
    bank.run_sagas();
    CHECK(cost(bank, 3, charge_kind::penalty) == czk(20));
    CHECK(balance_of(bank) == charged_before);
}

TEST_CASE("of a charge that should have been another one the difference is charged or returned",
          "[bank][charges]") {
    wrong_order told;
    auto& bank = told.bank;
    auto const of = [&](std::int64_t minor) {
        withdrawn const content{ada, czk(minor), {}, "2"};
        auto const name = recount::event_name_of<withdrawn>();
        return recount::history::planned_content{std::string{name.name}, name.version,
                                                 recount::describe::to_json(content),
                                                 recount::start_of(day(1993, 3, 5))};
    };
    // 730.00 below zero on the 5th, then 230.00: 0.13 a day.
    bank.apply(plan().replace(told.withdrawal, of(830'00)));
    bank.run_sagas();
    CHECK(cost(bank, 3, charge_kind::penalty) == czk(40 + 26 * 13));
    CHECK(cost(bank, 4, charge_kind::penalty) == czk(30 * 13));      // a new one
    bank.apply(plan().replace(told.withdrawal, of(282'50)));         // 182.50 below, one day
    bank.run_sagas();
    CHECK(cost(bank, 3, charge_kind::penalty) == czk(10));
    CHECK(cost(bank, 4, charge_kind::penalty).is_zero());
    CHECK(cost(bank, 3, charge_kind::fee) == fee);
    CHECK(balance_of(bank) == czk(317'50 - 2 * 14'60 - 10));
    CHECK(recount::list_divergences(bank.log(), bank.application().saga_tables()).empty());
}

TEST_CASE("a preview tells what a state has no more", "[bank][charges]") {
    auto bank = charging_bank();
    agree(bank);
    auto const agreed = bank.events("account-ada").back().id;
    auto const seen = bank.preview(plan().exclude(agreed));
    REQUIRE(seen.streams.size() == 1);
    REQUIRE(seen.streams[0].state);
    auto const& differences = seen.streams[0].state->differences;
    auto const found = std::find_if(differences.begin(), differences.end(),
                                    [](auto const& one) { return one.name == "month_to_end"; });
    REQUIRE(found != differences.end());
    CHECK(found->before == R"("1993-03-01")");
    CHECK(found->after == "null");
}

TEST_CASE("a closed account is charged no more, and gets back what it is owed", "[bank][charges]") {
    auto bank = charging_bank();
    agree(bank);
    record(bank, "1", movement_kind::deposit, 100'00, day(1993, 3, 1));
    auto const twice = record(bank, "2", movement_kind::withdrawal, 365'00, day(1993, 3, 31));
    end_until(bank, day(1993, 3, 1));
    CHECK(cost(bank, 3, charge_kind::penalty) == czk(15));           // 265.00 below zero
    bank.dispatch(deposit{ada, -balance_of(bank)}).value();
    bank.dispatch(close{ada}).value();
    bank.apply(plan().exclude(twice));
    bank.run_sagas();
    CHECK(cost(bank, 3, charge_kind::penalty).is_zero());
}

// --- any correction ------------------------------------------------------------------------------

namespace {

// Charges by the account's book as it is told now, without any process.
money expected_penalty(sandbox& bank, unsigned month) {
    auto const book = read_book(bank.log(), ada);
    money owed;
    auto const first = day(1993, month, 1);
    for (auto const& low :
         lowest_balances(book.lines, first, next_month(first) - std::chrono::days{1})) {
        owed += penalty_of(low);
    }
    return owed;
}
money expected_fee(sandbox& bank, unsigned month) {
    auto const book = read_book(bank.log(), ada);
    auto const next = next_month(day(1993, month, 1));
    bool const used = std::any_of(book.lines.begin(), book.lines.end(),
                                  [&](auto const& line) { return line.on < next; });
    return used ? fee : money{};
}

class corrections {
public:
    explicit corrections(std::uint64_t seed) : random_{seed} {
        agree(bank_);
        for (int i = 0; i < 8; ++i) {
            movements_.push_back(record(bank_, std::to_string(i),
                                        below(2) == 0 ? movement_kind::deposit
                                                      : movement_kind::withdrawal,
                                        below(4) * 365'00 + 100, any_day()));
        }
        end_until(bank_, day(1993, 5, 31));
    }

    void check() {
        for (unsigned month = 3; month <= 5; ++month) {
            INFO("month " << month);
            CHECK(cost(bank_, month, charge_kind::fee) == expected_fee(bank_, month));
            CHECK(cost(bank_, month, charge_kind::penalty) == expected_penalty(bank_, month));
        }
    }

    void correct_something() {
        auto const& one = movements_[below(movements_.size())];
        auto const& other = movements_[below(movements_.size())];
        try {
            switch (below(4)) {
                case 0: applied(plan().exclude(one)); break;
                case 1: applied(plan().reinstate(one, registers::presence, head_)); break;
                case 2: applied(plan().move(one, planned_anchor::before(other))); break;
                default: applied(plan().redate(one, recount::start_of(any_day()))); break;
            }
        } catch (recount::error const& no) {
            if (no.code() != recount::errc::refused) throw;   // it changes nothing, say
        }
        if (below(2) == 0) bank_.run_sagas();                 // else several at a time
    }
    void come_to_an_end() { bank_.run_sagas(); }

private:
    std::mt19937_64 random_;
    sandbox bank_ = charging_bank();
    std::vector<recount::uuid> movements_;
    recount::position head_ = 0;

    std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
    }
    recount::date any_day() { return day(1993, 3, 1) + std::chrono::days{below(92)}; }
    void applied(recount::restructure const& wanted) {
        if (head_ == 0) head_ = bank_.log().head().position;
        bank_.apply(wanted);
    }
};

}  // namespace

TEST_CASE("whatever is corrected, each month has cost in the end what it should",
          "[bank][charges]") {
    auto const seed = recount::tests::seed_of_run();
    for (std::uint64_t i = 0; i < 40; ++i) {
        INFO("RECOUNT_SEED=" << seed << ", history " << i);
        corrections some{seed + i};
        some.check();
        for (int n = 0; n < 5; ++n) some.correct_something();
        some.come_to_an_end();
        some.check();
    }
}

}  // namespace bank::tests
