// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/error.hpp>
#include <recount/core/time.hpp>

#include "support/catch.hpp"

using recount::duration;
using recount::duration_from_string;
using recount::timestamp;
using recount::timestamp_from_string;
using recount::to_string;  // the types are of std::chrono: no lookup by argument

namespace {

template <class Read> bool refuses(Read read, std::string_view text) {
    try {
        static_cast<void>(read(text));
    } catch (recount::error const& e) {
        return e.code() == recount::errc::invalid_argument;
    }
    return false;
}

}  // namespace

TEST_CASE("a timestamp has six digits of a second and reads back") {
    for (std::string_view const text :
         {"1970-01-01T00:00:00.000000Z", "2026-01-31T23:59:59.123456Z",
          "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z",
          "9999-12-31T23:59:59.999999Z", "2024-02-29T12:00:00.000001Z"}) {
        CHECK(to_string(timestamp_from_string(text)) == text);
    }
    CHECK(recount::microseconds_since_epoch(timestamp_from_string("1970-01-01T00:00:01Z")) ==
          1'000'000);
    CHECK(to_string(timestamp_from_string("2026-01-31T23:59:59.5Z")) ==
          "2026-01-31T23:59:59.500000Z");
    CHECK(to_string(recount::timestamp_min) == "0001-01-01T00:00:00.000000Z");
    CHECK(to_string(recount::timestamp_max) == "9999-12-31T23:59:59.999999Z");
}

TEST_CASE("other forms of timestamps are refused") {
    for (std::string_view const bad :
         {"", "2026-01-31", "2026-01-31T23:59:59", "2026-01-31T23:59:59+00:00",
          "2026-01-31 23:59:59Z", "2026-01-31T24:00:00Z", "2026-01-31T23:60:00Z",
          "2026-01-31T23:59:60Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
          "0000-01-01T00:00:00Z", "2026-01-31T23:59:59.Z", "2026-01-31T23:59:59.1234567Z",
          "2026-1-31T23:59:59Z", "2026-01-31T23:59:59Zx", "+2026-01-31T23:59:59Z"}) {
        CHECK(refuses(timestamp_from_string, bad));
    }
}

TEST_CASE("a date is a day of the calendar") {
    CHECK(to_string(recount::date_from_string("2024-02-29")) == "2024-02-29");
    CHECK(to_string(recount::date_of(timestamp_from_string("1969-12-31T23:59:59Z"))) ==
          "1969-12-31");
    for (std::string_view const bad : {"2023-02-29", "2024-2-1", "2024-00-01", "2024-01-32",
                                       "2024-01-01 ", "20240101", "-001-01-01"}) {
        CHECK(refuses(recount::date_from_string, bad));
    }
}

TEST_CASE("a duration is ISO 8601 from hours to microseconds") {
    CHECK(to_string(duration{0}) == "PT0S");
    CHECK(to_string(duration{3'723'000'004}) == "PT1H2M3.000004S");
    CHECK(to_string(duration{-5'000'000}) == "-PT5S");
    CHECK(to_string(duration{86'400'000'000}) == "PT24H");
    CHECK(to_string(duration{60'500'000}) == "PT1M0.500000S");
    for (auto const length :
         {duration{1}, duration{-1}, duration::max(), duration::min(), duration{-3'600'000'001}}) {
        CHECK(duration_from_string(to_string(length)) == length);
    }
    CHECK(duration_from_string("P1DT2H") == std::chrono::hours{26});
    CHECK(duration_from_string("P2W") == std::chrono::days{14});
    CHECK(duration_from_string("PT0.5S") == duration{500'000});
    CHECK(duration_from_string("-PT0.000001S") == duration{-1});
}

TEST_CASE("other forms of durations are refused") {
    for (std::string_view const bad : {"",
                                       "P",
                                       "PT",
                                       "-",
                                       "P1",
                                       "1H",
                                       "P1H",
                                       "PT1D",
                                       "P1Y",
                                       "P1M",
                                       "PT1S1H",
                                       "PT1H1H",
                                       "PT-1S",
                                       "PT-0S",
                                       "PT+1S",
                                       "PT1.5H",
                                       "PT1.S",
                                       "PT1.1234567S",
                                       "PT.5S",
                                       "--PT1S",
                                       "PT1S ",
                                       "P1DT",
                                       "PT9223372036855S",
                                       "-PT9223372036854.775809S",
                                       "PT99999999999999999999S",
                                       "P9223372036854775807W"}) {
        CHECK(refuses(duration_from_string, bad));
    }
}

TEST_CASE("a refusal quotes what was found, short and printable") {
    auto const text = std::string(60, 'x') + "\x1b[2J";
    CHECK_THROWS_WITH(timestamp_from_string(text),
                      "expected a timestamp like 2026-01-31T23:59:59.123456Z, found '" +
                          std::string(40, 'x') + "…'");
    CHECK_THROWS_WITH(recount::date_from_string("\x1b[2J"),
                      "expected a date like 2026-01-31, found '\xEF\xBF\xBD[2J'");
}

TEST_CASE("now is within the calendar and has microseconds") {
    auto const now = recount::now();
    CHECK(now > timestamp_from_string("2020-01-01T00:00:00Z"));
    CHECK(timestamp_from_string(to_string(now)) == now);
}
