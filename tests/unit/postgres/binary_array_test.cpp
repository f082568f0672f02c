// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/binary_array.hpp"

#include "support/catch.hpp"

using recount::postgres::binary_array;

namespace {

std::string bytes(std::initializer_list<int> list) {
    std::string text;
    for (int const one : list) text += static_cast<char>(one);
    return text;
}

}  // namespace

TEST_CASE("an array without elements has no dimension", "[binary_array]") {
    binary_array none{binary_array::bigint};
    CHECK(none.take() == bytes({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20}));
}

TEST_CASE("an array of nulls only says nothing, and can be left empty", "[binary_array]") {
    binary_array texts{binary_array::text};
    texts.add_null();
    texts.add_null();
    CHECK(texts.only_nulls());
    texts.add(std::string_view{"a"});
    CHECK_FALSE(texts.only_nulls());
    auto const none = binary_array{binary_array::text}.take();
    CHECK(texts.take_empty() == none);
    CHECK(texts.size() == 0);
    CHECK(texts.take() == none);
}

TEST_CASE("elements are lengths and bytes", "[binary_array]") {
    binary_array numbers{binary_array::smallint};
    numbers.add(std::int16_t{-2});
    numbers.add(std::int16_t{258});
    CHECK(numbers.size() == 2);
    CHECK(numbers.take() == bytes({0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1,
                                   0, 0, 0, 2, 0xFF, 0xFE, 0, 0, 0, 2, 1, 2}));
    CHECK(numbers.size() == 0);
    binary_array texts{binary_array::text};
    texts.add(std::string_view{"a"});
    texts.add_null();
    CHECK(texts.take() == bytes({0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 2, 0, 0, 0, 1,
                                 0, 0, 0, 1, 'a', 0xFF, 0xFF, 0xFF, 0xFF}));
}

TEST_CASE("a timestamp counts from the year 2000", "[binary_array]") {
    binary_array times{binary_array::timestamptz};
    times.add(recount::timestamp_from_string("2000-01-01T00:00:00.000001Z"));
    times.add(recount::timestamp_from_string("1999-12-31T23:59:59.999999Z"));
    auto const whole = times.take();
    CHECK(whole.substr(20) == bytes({0, 0, 0, 8, 0,    0,    0,    0,    0,    0,    0,    1,
                                     0, 0, 0, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}));
}
