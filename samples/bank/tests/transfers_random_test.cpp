// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Many transfers at a time, among accounts that others use and close meanwhile: the money is all
// there at every position of the log, and every transfer comes to an end by itself.
#include <support/catch.hpp>

#include <atomic>
#include <random>
#include <thread>

#include <recount/testing/sandbox.hpp>

#include <support/random_history.hpp>

#include "bank/transfer_process.hpp"
#include "bank/transfers.hpp"
#include "memory_bank.hpp"
#include "transfer_sums.hpp"

namespace bank::tests {

namespace {

using recount::testing::sandbox;

struct size_of_test {
    int accounts;
    int transfers;
    int disturbances;
};

account_id account_of(int number) { return {std::to_string(number)}; }

class crowd {
public:
    crowd(std::uint64_t seed, size_of_test size) : random_{seed}, size_{size} {
        // Whatever the seed, there is one that is never opened, a closed one, and two that pay.
        bank_.dispatch(open{account_of(1)}).value();
        bank_.dispatch(close{account_of(1)}).value();
        for (int i = 2; i < size_.accounts; ++i) {
            // A few more are never opened, some are empty, so that they can be closed.
            if (i > 3 && one_in(20)) continue;
            bank_.dispatch(open{account_of(i)}).value();
            if (i <= 3) bank_.dispatch(deposit{account_of(i), eur(1'000'000'00)}).value();
            if (i > 3 && !one_in(4)) {
                bank_.dispatch(deposit{account_of(i), eur(up_to(1'000'00))}).value();
            }
        }
    }

    void run() {
        // Two workers and somebody else, all on the same accounts.
        std::atomic<bool> asked{false};
        std::atomic<int> failures{0};
        auto const work = [&] {
            try {
                bool last = false;
                do {
                    last = asked.load();
                    bank_.run_sagas();
                } while (!last);
            } catch (...) {
                ++failures;
            }
        };
        std::thread first{work};
        std::thread second{work};
        std::thread other{[&, seed = random_()] {
            try {
                disturb(seed);
            } catch (...) {
                ++failures;
            }
        }};
        for (int i = 0; i < size_.transfers; ++i) ask(i);
        asked = true;
        for (auto* one : {&first, &second, &other}) one->join();
        REQUIRE(failures == 0);
        // What waits for an account that is not open yet is back within its time.
        for (int minutes = 0; minutes < 90 && !all_ended(); ++minutes) {
            bank_.advance(std::chrono::minutes{1});
            bank_.run_sagas();
        }
    }

    [[nodiscard]] sandbox& bank() noexcept { return bank_; }
    [[nodiscard]] bool all_ended() {
        auto const left = bank_.application().saga_tables().list_instances(
            {.status = recount::saga_status::running, .limit = 1});
        return left.empty();
    }

private:
    std::mt19937_64 random_;
    size_of_test size_;
    sandbox bank_ = recount::testing::in_memory<account, transfer, account_balances, transfers,
                                                transfers_under_way, transfer_process>("bank");

    std::int64_t up_to(std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{1, most}(random_);
    }
    bool one_in(int many) { return up_to(many) == 1; }

    void ask(int number) {
        auto from = static_cast<int>(up_to(size_.accounts)) - 1;
        auto to = static_cast<int>(up_to(size_.accounts)) - 1;
        if (number < 4) from = number == 3 ? 0 : 2;      // 3: nobody opened the one that pays
        if (number < 4) to = number == 2 ? 3 : number;   // 0: never opened, 1: closed, 2: completed
        request_transfer const wanted{{std::to_string(number)}, account_of(from), account_of(to),
                                      eur(up_to(300'00))};
        auto const outcome = bank_.dispatch(wanted);
        if (!outcome) CHECK(outcome.rejected().code == "same_account");
    }

    void disturb(std::uint64_t seed) {
        std::mt19937_64 random{seed};
        for (int i = 0; i < size_.disturbances; ++i) {
            account_id const one = account_of(
                static_cast<int>(random() % static_cast<std::uint64_t>(size_.accounts)));
            switch (random() % 3) {
                case 0: static_cast<void>(bank_.dispatch(close{one})); break;
                case 1: static_cast<void>(bank_.dispatch(deposit{one, eur(5'00)})); break;
                default: static_cast<void>(bank_.dispatch(withdraw{one, eur(5'00)})); break;
            }
        }
    }
};

void money_is_conserved(size_of_test size) {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    crowd people{seed, size};
    people.run();
    CHECK(people.all_ended());
    auto& bank = people.bank();
    auto const sums = sums_of(bank.events());
    CHECK(sums.wrong == "");
    CHECK(sums.under_way.empty());

    std::map<transfer_status, int> counts;
    for (auto const& [id, how] : sums.status) ++counts[how];
    CHECK(counts[transfer_status::requested] == 0);
    CHECK(counts[transfer_status::completed] > 0);
    CHECK(counts[transfer_status::refused] > 0);
    CHECK(counts[transfer_status::refunded] > 0);
    // The tables say the same as the log.
    for (auto const& row : bank.rows<transfers>()) {
        CHECK(sums.status.at(row.transfer.value) == row.status);
    }
    for (auto const& row : bank.rows<transfers_under_way>()) CHECK(row.amount.is_zero());
    std::int64_t balances = 0;
    for (auto const& row : bank.rows<account_balances>()) balances += row.balance.minor;
    CHECK(balances == sums.put_in);
    // Each command was effective once: nothing is left, and nothing parked.
    auto& tables = bank.application().saga_tables();
    CHECK(tables.list_messages({.status = recount::message_status::waiting}).empty());
    CHECK(tables.list_timers({}).empty());
    CHECK(tables.list_instances({.status = recount::saga_status::parked}).empty());
}

}  // namespace

TEST_CASE("500 transfers among accounts that others use and close lose nothing",
          "[bank][transfer]") {
    money_is_conserved({.accounts = 50, .transfers = 500, .disturbances = 300});
}

TEST_CASE("10,000 transfers among 1,000 accounts lose nothing", "[bank][transfer][full]") {
    money_is_conserved({.accounts = 1'000, .transfers = 10'000, .disturbances = 5'000});
}

}  // namespace bank::tests
