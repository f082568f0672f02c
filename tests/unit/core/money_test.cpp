// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/error.hpp>
#include <recount/core/money.hpp>

#include "support/catch.hpp"

using recount::currency_code;
using recount::errc;
using recount::money;

namespace {

template <class Call> errc refusal(Call&& call) {
    try {
        static_cast<void>(call());
    } catch (recount::error const& e) {
        return e.code();
    }
    return errc::stopped;
}

}  // namespace

TEST_CASE("zero without a currency takes the other operand's") {
    money sum;
    sum += money{250, "EUR"};
    CHECK(sum == money{250, "EUR"});
    CHECK((money{250, "EUR"} - money{}).currency.text() == "EUR");
    CHECK((money{} - money{250, "EUR"}) == money{-250, "EUR"});
    CHECK((money{} + money{}).currency.empty());
}

TEST_CASE("two currencies do not add, subtract or compare") {
    CHECK(refusal([] { return money{1, "EUR"} + money{1, "CZK"}; }) == errc::out_of_range);
    CHECK(refusal([] { return money{1, "EUR"} - money{0, "CZK"}; }) == errc::out_of_range);
    CHECK(refusal([] { return money{1, "EUR"} < money{1, "CZK"}; }) == errc::out_of_range);
    CHECK(money{1, "EUR"} != money{1, "CZK"});
    CHECK(money{0, "EUR"} != money{0, "CZK"});
    CHECK(money{0, "EUR"} == money{});
    CHECK(money{1, "EUR"} < money{2, "EUR"});
    CHECK(money{} < money{2, "EUR"});
}

TEST_CASE("a sum that leaves 64 bits is refused and changes nothing") {
    money amount{INT64_MAX, "EUR"};
    CHECK(refusal([&] { return amount += money{1, "EUR"}; }) == errc::out_of_range);
    CHECK(amount == money{INT64_MAX, "EUR"});
    money low{INT64_MIN, "EUR"};
    CHECK(refusal([&] { return low -= money{1, "EUR"}; }) == errc::out_of_range);
    CHECK(low == money{INT64_MIN, "EUR"});
    CHECK(refusal([&] { return -low; }) == errc::out_of_range);
    CHECK(refusal([&] { return amount * 2; }) == errc::out_of_range);
    CHECK(-1 * money{5, "EUR"} == money{-5, "EUR"});
}

TEST_CASE("a currency is three capital letters or none") {
    CHECK(currency_code{""}.empty());
    CHECK(currency_code{"CZK"}.text() == "CZK");
    for (std::string_view const bad : {"czk", "CZ", "CZKK", "C K", "ČK"}) {
        CHECK(refusal([&] { return currency_code{bad}; }) == errc::out_of_range);
    }
}

TEST_CASE("money prints its minor units as hundredths") {
    CHECK(to_string(money{1250, "EUR"}) == "12.50 EUR");
    CHECK(to_string(money{-5, "EUR"}) == "-0.05 EUR");
    CHECK(to_string(money{}) == "0.00");
    CHECK(to_string(money{INT64_MIN, "EUR"}) == "-92233720368547758.08 EUR");
}
