// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/decimal.hpp>
#include <recount/core/error.hpp>

#include "support/catch.hpp"

using recount::decimal;
using recount::decimal_from_string;
using recount::errc;

namespace {

errc refusal(std::string_view text) {
    try {
        static_cast<void>(decimal_from_string(text));
    } catch (recount::error const& e) {
        return e.code();
    }
    return errc::stopped;
}

}  // namespace

TEST_CASE("a decimal keeps its scale in text") {
    for (std::string_view const text :
         {"0", "1", "-1", "1.250", "-0.05", "0.000000000000000001", "9223372036854775807",
          "-9223372036854775808", "9.223372036854775807", "-9.223372036854775808", "0.00"}) {
        CHECK(to_string(decimal_from_string(text)) == text);
    }
    CHECK(to_string(decimal{5, 3}) == "0.005");
    CHECK(to_string(decimal_from_string("-0")) == "0");
    CHECK(to_string(decimal_from_string("007.5")) == "7.5");
}

TEST_CASE("decimals compare by value") {
    CHECK(decimal{1250, 3} == decimal{125, 2});
    CHECK(decimal{0, 18} == decimal{});
    CHECK(decimal{-1, 0} < decimal{-999, 3});
    CHECK(decimal{INT64_MAX, 0} > decimal{INT64_MAX, 18});
    CHECK(decimal{INT64_MIN, 0} < decimal{INT64_MAX, 18});
}

TEST_CASE("sums take the larger scale and stay within 64 bits") {
    CHECK(to_string(decimal{15, 1} + decimal{25, 2}) == "1.75");
    CHECK(to_string(decimal{1, 0} - decimal{1, 3}) == "0.999");
    CHECK(to_string(-decimal{5, 1}) == "-0.5");
    CHECK_THROWS_AS((decimal{INT64_MAX, 0} + decimal{1, 0}), recount::error);
    CHECK_THROWS_AS((decimal{INT64_MAX, 0} + decimal{1, 18}), recount::error);
    CHECK_THROWS_AS((-decimal{INT64_MIN, 0}), recount::error);
    decimal sum{1, 0};
    sum += decimal{5, 1};
    sum -= decimal{1, 0};
    CHECK(sum == decimal{5, 1});
}

TEST_CASE("other forms of numbers are refused") {
    for (std::string_view const bad :
         {"", "-", "+1", ".5", "5.", "1.2.3", "1e2", "1,5", " 1", "1 ", "--1", "0x1", "-.5", "NaN",
          "0.0000000000000000001", "1.x"}) {
        CHECK(refusal(bad) == errc::invalid_argument);
    }
    for (std::string_view const large :
         {"9223372036854775808", "-9223372036854775809",
          "99999999999999999999999999999999999999999999999999", "922337203685477580.80"}) {
        CHECK(refusal(large) == errc::out_of_range);
    }
}
