// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Transfers: what the aggregate decides, and how the process takes the money from one account to
// the other, or back.
#include <recount/testing/catch.hpp>

#include <recount/saga/divergences.hpp>

#include "bank/transfer_process.hpp"
#include "bank/transfers.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

using recount::given;
using recount::testing::sandbox;
using namespace std::chrono_literals;

namespace {

account_id const ada{"ada"};
account_id const ben{"ben"};
transfer_id const t1{"t-1"};

request_transfer request(std::int64_t minor, transfer_id id = t1) {
    return {std::move(id), ada, ben, eur(minor)};
}
transfer_requested requested(std::int64_t minor) {
    return {t1, ada, ben, eur(minor), std::chrono::hours{1}};
}

sandbox transfer_bank() {
    return recount::testing::in_memory<account, transfer, account_balances, transfers,
                                       transfers_under_way, transfer_process>("bank");
}

void open_with(sandbox& bank, account_id const& id, std::int64_t minor) {
    bank.dispatch(open{id}).value();
    if (minor > 0) bank.dispatch(deposit{id, eur(minor)}).value();
}

std::string status_of(sandbox& bank, transfer_id const& id = t1) {
    auto const row = bank.row<transfers>(id);
    return row ? std::string{recount::describe::to_text(row->status)} : "none";
}
money balance_of(sandbox& bank, account_id const& id) {
    return bank.state<account>(id).balance;
}
money under_way(sandbox& bank, transfer_id const& id = t1) {
    auto const row = bank.row<transfers_under_way>(id);
    return row ? row->amount : money{};
}
std::vector<recount::saga_instance> instances(sandbox& bank) {
    return bank.application().saga_tables().list_instances({});
}
bool all_ended(sandbox& bank) {
    auto const list = instances(bank);
    return std::all_of(list.begin(), list.end(), [](auto const& one) {
        return one.status == recount::saga_status::ended;
    });
}

}  // namespace

TEST_CASE("a transfer is asked for once, between two accounts", "[bank][transfer]") {
    given<transfer>()
        .when(request(500))
        .then(requested(500))
        .when(request(500))
        .then_nothing()
        .when(request(501))
        .then_rejected("taken");
    given<transfer>()
        .when(request_transfer{t1, ada, ada, eur(1)})
        .then_rejected("same_account")
        .when(request_transfer{t1, ada, {}, eur(1)})
        .then_rejected("nameless")
        .when(request_transfer{{}, ada, ben, eur(1)})
        .then_rejected("nameless")
        .when(request_transfer{t1, ada, account_id{std::string(201, '9')}, eur(1)})
        .then_rejected("not_a_number")
        .when(request_transfer{t1, account_id{"a\nb"}, ben, eur(1)})
        .then_rejected("not_a_number")
        .when(request(0))
        .then_rejected("not_positive")
        .when(request_transfer{t1, ada, ben, eur(1), -1s})
        .then_rejected("negative")
        .when(request_transfer{t1, ada, ben, eur(1), std::chrono::days{367}})
        .then_rejected("too_long")
        .when(request_transfer{t1, ada, ben, eur(1), 5s, "o-1"})
        .then(transfer_requested{t1, ada, ben, eur(1), 5s, "o-1"});
}

TEST_CASE("a transfer ends once, in one way", "[bank][transfer]") {
    given<transfer>().when(complete_transfer{t1}).then_rejected("unknown");
    given<transfer>(requested(1))
        .when(complete_transfer{t1})
        .then(transfer_completed{t1})
        .when(complete_transfer{t1})
        .then_nothing()
        .when(refuse_transfer{t1, "closed", ""})
        .then_rejected("settled")
        .when(refund_transfer{t1, "closed", ""})
        .then_rejected("settled");
    given<transfer>(requested(1))
        .when(refuse_transfer{t1, "overdrawn", "too little"})
        .then(transfer_refused{t1, "overdrawn", "too little"})
        .when(refuse_transfer{t1, "overdrawn", "too little"})
        .then_nothing()
        .when(complete_transfer{t1})
        .then_rejected("settled");
    given<transfer>(requested(1))
        .when(refund_transfer{t1, "closed", "it is closed"})
        .then(transfer_refunded{t1, "closed", "it is closed"})
        .when(refund_transfer{t1, "closed", "it is closed"})
        .then_nothing();
}

TEST_CASE("an account sends what it holds, receives when it is open, and takes back in any case",
          "[bank][transfer]") {
    auto const sent = withdrawn{ada, eur(70), {}, "transfer t-1", t1};
    given<account>(opened{ada}, deposited{ada, eur(100)})
        .when(send_transfer{ada, t1, eur(101)})
        .then_rejected("overdrawn")
        .when(send_transfer{ada, t1, czk(1)})
        .then_rejected("other_currency")
        .when(send_transfer{ada, t1, eur(70)})
        .then(sent)
        .then_state([](account const& a) { CHECK(a.balance == eur(30)); });
    given<account>().when(send_transfer{ada, t1, eur(1)}).then_rejected("not_open");
    given<account>(opened{ben})
        .when(receive_transfer{ben, t1, eur(70)})
        .then(deposited{ben, eur(70), {}, "transfer t-1", t1});
    given<account>().when(receive_transfer{ben, t1, eur(1)}).then_rejected("not_open");
    given<account>(opened{ben}, closed{ben})
        .when(receive_transfer{ben, t1, eur(1)})
        .then_rejected("closed");
    given<account>(opened{ada}, closed{ada})
        .when(take_back_transfer{ada, t1, eur(70)})
        .then(deposited{ada, eur(70), {}, "transfer t-1, returned", t1});
}

TEST_CASE("a transfer takes money from one account to the other", "[bank][transfer]") {
    auto bank = transfer_bank();
    open_with(bank, ada, 100'00);
    open_with(bank, ben, 0);
    bank.dispatch(request(30'00)).value();
    CHECK(status_of(bank) == "requested");
    bank.run_sagas();
    CHECK(status_of(bank) == "completed");
    CHECK(balance_of(bank, ada) == eur(70'00));
    CHECK(balance_of(bank, ben) == eur(30'00));
    CHECK(under_way(bank).is_zero());
    CHECK(all_ended(bank));
    auto const before = bank.events().size();
    bank.dispatch(request(30'00)).value();
    bank.run_sagas();
    CHECK(bank.events().size() == before);
}

TEST_CASE("a transfer that is not covered is refused, and nothing moves", "[bank][transfer]") {
    auto bank = transfer_bank();
    open_with(bank, ada, 29'99);
    open_with(bank, ben, 0);
    bank.dispatch(request(30'00)).value();
    bank.run_sagas();
    CHECK(status_of(bank) == "refused");
    CHECK(bank.row<transfers>(t1)->because ==
          "overdrawn: the balance of 29.99 EUR and the overdraft limit do not cover 30.00 EUR");
    CHECK(balance_of(bank, ada) == eur(29'99));
    CHECK(balance_of(bank, ben).is_zero());
    CHECK_FALSE(bank.row<transfers_under_way>(t1));
    CHECK(all_ended(bank));
}

TEST_CASE("what a closed account does not take comes back", "[bank][transfer]") {
    auto bank = transfer_bank();
    open_with(bank, ada, 100'00);
    open_with(bank, ben, 0);
    bank.dispatch(close{ben}).value();
    bank.dispatch(request(30'00)).value();
    bank.run_sagas();
    CHECK(status_of(bank) == "refunded");
    CHECK(bank.row<transfers>(t1)->because == "closed: the account is closed");
    CHECK(balance_of(bank, ada) == eur(100'00));
    CHECK(balance_of(bank, ben).is_zero());
    CHECK(under_way(bank).is_zero());
    CHECK(all_ended(bank));
}

TEST_CASE("an account in another currency gives it back", "[bank][transfer]") {
    auto bank = transfer_bank();
    open_with(bank, ada, 100'00);
    open_with(bank, ben, 0);
    bank.dispatch(deposit{ben, czk(1)}).value();
    bank.dispatch(request(30'00)).value();
    bank.run_sagas();
    CHECK(status_of(bank) == "refunded");
    CHECK(bank.state<transfer>(t1).code == "other_currency");
    CHECK(balance_of(bank, ada) == eur(100'00));
}

TEST_CASE("what comes back reaches also an account that was closed meanwhile",
          "[bank][transfer]") {
    auto bank = transfer_bank();
    open_with(bank, ada, 30'00);
    bank.dispatch(request(30'00)).value();
    bank.run_sagas();                                       // ben is not open yet: it waits
    CHECK(under_way(bank) == eur(30'00));
    bank.dispatch(close{ada}).value();
    bank.dispatch(open{ben}).value();
    bank.dispatch(close{ben}).value();
    bank.advance(1min);
    bank.run_sagas();
    CHECK(status_of(bank) == "refunded");
    CHECK(balance_of(bank, ada) == eur(30'00));
    CHECK(under_way(bank).is_zero());
    CHECK(all_ended(bank));
}

TEST_CASE("an account that is not open yet is tried again, and takes it once it is",
          "[bank][transfer]") {
    auto bank = transfer_bank();
    open_with(bank, ada, 100'00);
    bank.dispatch(request(30'00)).value();
    bank.run_sagas();
    CHECK(status_of(bank) == "requested");
    CHECK(balance_of(bank, ada) == eur(70'00));
    CHECK(under_way(bank) == eur(30'00));
    bank.dispatch(open{ben}).value();
    bank.run_sagas();
    CHECK(status_of(bank) == "requested");                  // not before its pause is over
    bank.advance(1s);
    bank.run_sagas();
    CHECK(status_of(bank) == "completed");
    CHECK(balance_of(bank, ben) == eur(30'00));
    CHECK(all_ended(bank));
}

TEST_CASE("when the time is up the next refusal is the last, and the money comes back",
          "[bank][transfer]") {
    auto bank = transfer_bank();
    open_with(bank, ada, 100'00);
    bank.dispatch(request(30'00)).value();
    bank.run_sagas();
    for (int minutes = 0; minutes < 59; ++minutes) {
        bank.advance(1min);
        bank.run_sagas();
        REQUIRE(status_of(bank) == "requested");
        REQUIRE(under_way(bank) == eur(30'00));
    }
    bank.advance(2min);
    bank.run_sagas();
    CHECK(status_of(bank) == "refunded");
    CHECK(bank.state<transfer>(t1).code == "not_open");
    CHECK(balance_of(bank, ada) == eur(100'00));
    CHECK(under_way(bank).is_zero());
    CHECK(all_ended(bank));
    CHECK(bank.application().saga_tables().list_timers({}).empty());
    bank.dispatch(open{ben}).value();
    bank.advance(std::chrono::hours{24});
    bank.run_sagas();
    CHECK(balance_of(bank, ben).is_zero());
}

TEST_CASE("an account that opens in the last moment has it, and no other", "[bank][transfer]") {
    auto bank = transfer_bank();
    open_with(bank, ada, 100'00);
    bank.dispatch(request(30'00)).value();
    bank.run_sagas();
    bank.dispatch(open{ben}).value();
    bank.advance(std::chrono::hours{2});                    // time is up, and a try is due
    bank.run_sagas();
    CHECK(status_of(bank) == "completed");
    CHECK(balance_of(bank, ada) == eur(70'00));
    CHECK(balance_of(bank, ben) == eur(30'00));
    CHECK(all_ended(bank));
}

namespace {

// t-1, corrected to say this.
recount::restructure corrected_to(sandbox& bank, transfer_requested const& content) {
    auto const requested_event = bank.events("transfer-t-1").front();
    auto const name = recount::event_name_of<transfer_requested>();
    return recount::restructure{"it was another"}.because("mistyped").by("ines").replace(
        requested_event.id, recount::history::planned_content{
                                std::string{name.name}, name.version,
                                recount::describe::to_json(content), {}});
}
std::vector<recount::divergence> divergences(sandbox& bank) {
    return recount::list_divergences(bank.log(), bank.application().saga_tables());
}
// Ada had 500.00, of which this went to ben; then t-1 turned out to have been `really`.
void transfer_then_correct(sandbox& bank, std::int64_t minor, transfer_requested const& really) {
    open_with(bank, ada, 500'00);
    open_with(bank, ben, 0);
    bank.dispatch(request(minor)).value();
    bank.run_sagas();
    bank.apply(corrected_to(bank, really));
    bank.run_sagas();
}
void acknowledge(sandbox& bank, std::string because) {
    recount::acknowledge_divergence(bank.log(), "transfer", "t-1",
                                    {.actor = "ines", .because = std::move(because)});
    bank.run_sagas();
}

}  // namespace

TEST_CASE("of a transfer that was too much the rest comes back, and nobody takes it from the other",
          "[bank][transfer]") {
    auto bank = transfer_bank();
    transfer_then_correct(bank, 100'00, requested(10'00));
    CHECK(balance_of(bank, ada) == eur(490'00));
    CHECK(balance_of(bank, ben) == eur(100'00));
    CHECK(under_way(bank) == eur(-90'00));                  // which ben has too much
    auto const open_ones = divergences(bank);
    REQUIRE(open_ones.size() == 1);
    CHECK(open_ones[0].instance == "t-1");
    REQUIRE(open_ones[0].outputs.size() == 1);
    CHECK(open_ones[0].outputs[0].did.find("receive_transfer") != std::string::npos);

    bank.dispatch(send_transfer{ben, t1, eur(90'00)}).value();
    acknowledge(bank, "ben has given it back");
    CHECK(divergences(bank).empty());
    CHECK(all_ended(bank));
    CHECK(balance_of(bank, ada) == eur(490'00));
    CHECK(balance_of(bank, ben) == eur(10'00));
    CHECK(under_way(bank).is_zero());
    auto const before = bank.events().size();
    bank.run_sagas();
    CHECK(bank.events().size() == before);
}

TEST_CASE("of a transfer that was too little the rest leaves, and a person sees to the other",
          "[bank][transfer]") {
    auto bank = transfer_bank();
    transfer_then_correct(bank, 10'00, requested(100'00));
    CHECK(balance_of(bank, ada) == eur(400'00));
    CHECK(balance_of(bank, ben) == eur(10'00));
    CHECK(under_way(bank) == eur(90'00));
    CHECK(divergences(bank).size() == 1);
    bank.dispatch(receive_transfer{ben, t1, eur(90'00)}).value();
    acknowledge(bank, "ben has the rest");
    CHECK(all_ended(bank));
    CHECK(balance_of(bank, ben) == eur(100'00));
    CHECK(under_way(bank).is_zero());
}

TEST_CASE("what nobody has declared is not guessed: a transfer to the wrong account is parked",
          "[bank][transfer]") {
    auto bank = transfer_bank();
    account_id const cleo{"cleo"};
    open_with(bank, cleo, 0);
    auto to_cleo = requested(100'00);
    to_cleo.to = cleo;
    transfer_then_correct(bank, 100'00, to_cleo);
    CHECK(divergences(bank).size() == 1);
    CHECK(instances(bank).front().status == recount::saga_status::diverged);
    CHECK(balance_of(bank, ada) == eur(400'00));
    CHECK(balance_of(bank, ben) == eur(100'00));
    CHECK(balance_of(bank, cleo).is_zero());
}

}  // namespace bank::tests
