// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Types that have every kind of field, and values of them that hold the awkward cases.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <recount/core/error.hpp>
#include <recount/describe/macros.hpp>

namespace samples {

using account_id = recount::strong_id<struct account_tag>;
using device_id = recount::strong_id<struct device_tag, recount::uuid>;
using serial_id = recount::strong_id<struct serial_tag, std::int64_t>;

enum class colour { red, green = 5, blue = -3 };
RECOUNT_ENUM(colour, red, green, blue)

struct circle {
    double radius = 0;
};
RECOUNT_DESCRIBE(circle, radius)

struct square {
    std::int32_t side = 0;
    std::optional<std::string> label;
};
RECOUNT_DESCRIBE(square, side, label)

using figure = std::variant<circle, square>;

struct empty {};
RECOUNT_DESCRIBE(empty)

struct line {
    std::string article;
    std::int64_t count = 0;
    recount::money price;
};
RECOUNT_DESCRIBE(line, article, count, price)

struct everything {
    bool flag = false;
    std::int8_t i8 = 0;
    std::int16_t i16 = 0;
    std::int32_t i32 = 0;
    std::int64_t i64 = 0;
    std::uint8_t u8 = 0;
    std::uint16_t u16 = 0;
    std::uint32_t u32 = 0;
    std::uint64_t u64 = 0;
    double real = 0;
    recount::decimal rate;
    std::string text;
    recount::bytes blob;
    colour paint = colour::red;
    std::optional<std::string> note;
    std::optional<recount::money> tip;
    std::vector<std::int32_t> numbers;
    std::vector<line> lines;
    std::map<std::string, line> by_name;
    line first;
    figure shape;
    std::vector<figure> shapes;
    recount::timestamp at;
    recount::date day;
    recount::duration length{};
    recount::money amount;
    recount::uuid id;
    account_id account;
    device_id device;
    serial_id serial;
    std::vector<colour> paints;
    empty nothing;
};
RECOUNT_DESCRIBE(everything, flag, i8, i16, i32, i64, u8, u16, u32, u64, real, rate, text, blob,
                 paint, note, tip, numbers, lines, by_name, first, shape, shapes, at, day, length,
                 amount, id, account, device, serial, paints, nothing)

struct deposited {
    account_id account;
    recount::money amount;
};
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount)

// Refers to itself, so that values can be as deep as one likes.
struct tree {
    std::int32_t value = 0;
    std::vector<tree> children;
};
RECOUNT_DESCRIBE(tree, value, children)

// A variant inside its own alternative.
struct leaf {
    std::int32_t value = 0;
};
RECOUNT_DESCRIBE(leaf, value)
struct branch;
[[maybe_unused]] constexpr std::string_view recount_structure_name(branch const*) noexcept;
struct branch {
    std::string name;
    std::vector<std::variant<leaf, branch>> below;
};
RECOUNT_DESCRIBE(branch, name, below)

inline everything full() {
    everything e;
    e.flag = true;
    e.i8 = std::numeric_limits<std::int8_t>::min();
    e.i16 = std::numeric_limits<std::int16_t>::max();
    e.i32 = std::numeric_limits<std::int32_t>::min();
    e.i64 = std::numeric_limits<std::int64_t>::min();
    e.u8 = std::numeric_limits<std::uint8_t>::max();
    e.u16 = std::numeric_limits<std::uint16_t>::max();
    e.u32 = std::numeric_limits<std::uint32_t>::max();
    e.u64 = std::numeric_limits<std::uint64_t>::max();
    e.real = -0.1;
    e.rate = {1250, 3};
    e.text = "žluť \"quoted\" \\ \n\x01 😀";
    e.blob = {std::byte{0xFB}, std::byte{0xFF}};
    e.paint = colour::blue;
    e.note = "";
    e.tip = recount::money{-5, "EUR"};
    e.numbers = {1, -2, 3};
    e.lines = {{"nut", 2, {150, "CZK"}}, {"bolt", 1, {}}};
    e.by_name = {{"", {"a", 1, {}}}, {"my key", {"b", 2, {7, "USD"}}}};
    e.first = {"first", 1, {1, "EUR"}};
    e.shape = square{4, "s"};
    e.shapes = {circle{1.5}, square{2, std::nullopt}};
    e.at = recount::timestamp_from_string("2026-01-31T23:59:59.123456Z");
    e.day = recount::date_from_string("2024-02-29");
    e.length = recount::duration{-3'723'000'004};
    e.amount = {-125000, "CZK"};
    e.id = recount::uuid_from_string("0198c0de-0000-7000-8000-00000000abcd");
    e.account = {"a-1"};
    e.device = {e.id};
    e.serial = {42};
    e.paints = {colour::green, colour::red};
    return e;
}

template <class T> bool same(T const& a, T const& b) {
    return recount::describe::descriptor_of<T>().equal(&a, &b);
}

// The sentence that the call throws with; empty when it throws nothing.
template <class Call>
std::string refusal_of(Call&& call, recount::errc code = recount::errc::invalid_json) {
    try {
        static_cast<void>(call());
    } catch (recount::error const& e) {
        return e.code() == code ? e.what() : "another code: " + std::string{e.what()};
    }
    return {};
}

}  // namespace samples
