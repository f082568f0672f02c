// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <cmath>

#include <fmt/format.h>

#include <recount/describe/print.hpp>

#include "sample_types.hpp"
#include "support/catch.hpp"

using namespace samples;
using recount::describe::to_text;

TEST_CASE("a structure prints its name and its fields") {
    CHECK(to_text(line{"nut", 2, {150, "CZK"}}) ==
          "line{article: \"nut\", count: 2, price: 1.50 CZK}");
    CHECK(to_text(deposited{{"a-1"}, {5000, "EUR"}}) ==
          "account.deposited{account: \"a-1\", amount: 50.00 EUR}");
    CHECK(to_text(square{1, std::nullopt}) == "square{side: 1, label: none}");
    CHECK(to_text(empty{}) == "empty{}");
}

TEST_CASE("every kind prints as a person reads it") {
    CHECK(to_text(full()) ==
          "everything{flag: true, i8: -128, i16: 32767, i32: -2147483648, "
          "i64: -9223372036854775808, u8: 255, u16: 65535, u32: 4294967295, "
          "u64: 18446744073709551615, real: -0.1, rate: 1.250, "
          "text: \"žluť \\\"quoted\\\" \\\\ \\n\\u0001 😀\", blob: 0xfbff, paint: blue, note: \"\", "
          "tip: -0.05 EUR, numbers: [1, -2, 3], "
          "lines: [line{article: \"nut\", count: 2, price: 1.50 CZK}, "
          "line{article: \"bolt\", count: 1, price: 0.00}], "
          "by_name: {\"\": line{article: \"a\", count: 1, price: 0.00}, "
          "\"my key\": line{article: \"b\", count: 2, price: 0.07 USD}}, "
          "first: line{article: \"first\", count: 1, price: 0.01 EUR}, "
          "shape: square{side: 4, label: \"s\"}, "
          "shapes: [circle{radius: 1.5}, square{side: 2, label: none}], "
          "at: 2026-01-31T23:59:59.123456Z, day: 2024-02-29, length: -PT1H2M3.000004S, "
          "amount: -1250.00 CZK, id: 0198c0de-0000-7000-8000-00000000abcd, account: \"a-1\", "
          "device: 0198c0de-0000-7000-8000-00000000abcd, serial: 42, paints: [green, red], "
          "nothing: empty{}}");
}

TEST_CASE("broken values print too") {
    CHECK(to_text(static_cast<colour>(77)) == "(77)");
    CHECK(to_text(circle{NAN}) == "circle{radius: nan}");
    CHECK(to_text(line{"\xff", 0, {}}).starts_with("line{article: \"\xEF\xBF\xBD\""));
    CHECK(to_text(recount::bytes(40, std::byte{7})).ends_with("0707…"));
    tree deep;
    for (auto i = 0; i < 1'000; ++i) {
        tree parent;
        parent.children.push_back(std::move(deep));
        deep = std::move(parent);
    }
    CHECK(to_text(deep).find("…") != std::string::npos);
}

TEST_CASE("fmt prints described structures, enums, ids and amounts") {
    CHECK(fmt::format("{}", square{1, "x"}) == "square{side: 1, label: \"x\"}");
    CHECK(fmt::format("{}", colour::green) == "green");
    CHECK(fmt::format("{}", account_id{"a-1"}) == "\"a-1\"");
    CHECK(fmt::format("{:>10}", recount::money{5, "EUR"}) == "  0.05 EUR");
    CHECK(fmt::format("{}", recount::decimal{125, 2}) == "1.25");
}
