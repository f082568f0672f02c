// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Random values of every kind, written and read back. The seed is printed with a failure; run one
// again with RECOUNT_SEED.
#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>

#include <recount/describe/columns.hpp>
#include <recount/describe/json.hpp>

#include "sample_types.hpp"
#include "support/catch.hpp"

using namespace samples;

namespace {

std::uint64_t seed_of_run() {
    if (auto const* const given = std::getenv("RECOUNT_SEED")) return std::strtoull(given, {}, 10);
    return std::random_device{}();
}

class random_values {
public:
    explicit random_values(std::uint64_t seed) : engine_{seed} {}

    everything any() {
        everything e = full();
        e.flag = one_in(2);
        e.i8 = integer<std::int8_t>();
        e.i16 = integer<std::int16_t>();
        e.i32 = integer<std::int32_t>();
        e.i64 = integer<std::int64_t>();
        e.u8 = integer<std::uint8_t>();
        e.u16 = integer<std::uint16_t>();
        e.u32 = integer<std::uint32_t>();
        e.u64 = integer<std::uint64_t>();
        e.real = real();
        e.rate = {integer<std::int64_t>(), static_cast<std::uint8_t>(below(19))};
        e.text = text();
        e.blob.assign(below(20), std::byte{0});
        for (auto& b : e.blob) b = static_cast<std::byte>(below(256));
        e.paint = one_in(2) ? colour::green : colour::blue;
        e.note = one_in(2) ? std::optional{text()} : std::nullopt;
        e.tip = one_in(2) ? std::optional{amount()} : std::nullopt;
        e.numbers.assign(below(5), integer<std::int32_t>());
        e.lines.clear();
        for (auto n = below(4); n > 0; --n) e.lines.push_back(a_line());
        e.by_name.clear();
        for (auto n = below(4); n > 0; --n) e.by_name[text()] = a_line();
        e.shape = a_figure();
        e.shapes.clear();
        for (auto n = below(4); n > 0; --n) e.shapes.push_back(a_figure());
        e.at = moment();
        e.day = recount::date_of(moment());
        e.length = recount::duration{integer<std::int64_t>()};
        e.amount = amount();
        for (auto& b : e.id.octets) b = static_cast<std::byte>(below(256));
        e.account = {text()};
        e.device = {e.id};
        e.serial = {integer<std::int64_t>()};
        return e;
    }

private:
    std::uint64_t below(std::uint64_t end) {
        return std::uniform_int_distribution<std::uint64_t>{0, end - 1}(engine_);
    }
    bool one_in(std::uint64_t n) { return below(n) == 0; }

    template <class T> T integer() {
        switch (below(4)) {
            case 0: return std::numeric_limits<T>::min();
            case 1: return std::numeric_limits<T>::max();
            case 2: return static_cast<T>(below(10));
            default: return static_cast<T>(engine_());
        }
    }
    double real() {
        if (one_in(3)) return static_cast<double>(integer<std::int64_t>());
        for (;;) {
            auto const value = std::bit_cast<double>(engine_());
            if (std::isfinite(value)) return value;
        }
    }
    std::string text() {
        static constexpr std::string_view pieces[] = {
            "a", "Z", " ", "\"",     "\\",      "/", "\n", "\x01", "\x1f",   "\x7f",
            "é", "€", "😀", "\u2028", "\\u0041", "{", "]",  "퟿",  "\uFFFD", "'"};
        std::string made;
        for (auto n = below(12); n > 0; --n) made += pieces[below(std::size(pieces))];
        return made;
    }
    recount::money amount() {
        if (one_in(4)) return {};
        return {integer<std::int64_t>(), one_in(2) ? "EUR" : "CZK"};
    }
    recount::timestamp moment() {
        auto const span =
            static_cast<std::uint64_t>((recount::timestamp_max - recount::timestamp_min).count());
        if (one_in(5)) return recount::timestamp_max;
        if (one_in(5)) return recount::timestamp_min;
        return recount::timestamp_min + recount::duration{static_cast<std::int64_t>(below(span))};
    }
    line a_line() { return {text(), integer<std::int64_t>(), amount()}; }
    figure a_figure() {
        if (one_in(2)) return circle{real()};
        return square{integer<std::int32_t>(), one_in(2) ? std::optional{text()} : std::nullopt};
    }

    std::mt19937_64 engine_;
};

}  // namespace

TEST_CASE("random values read back from their JSON, bit for bit") {
    auto const seed = seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    random_values values{seed};
    for (auto round = 0; round < 1'000; ++round) {
        auto const value = values.any();
        auto const text = recount::describe::to_json(value);
        INFO(text.str());
        auto const back = recount::describe::from_json<everything>(text);
        REQUIRE(same(back, value));
        REQUIRE(recount::describe::to_json(back) == text);
        REQUIRE(std::bit_cast<std::uint64_t>(back.real) ==
                std::bit_cast<std::uint64_t>(value.real));
        REQUIRE(recount::json_text::checked(text.str()) == text);
    }
}

TEST_CASE("random values read back from their columns") {
    auto const seed = seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    random_values values{seed};
    auto const& structure = recount::describe::descriptor_of<everything>();
    auto const columns = recount::describe::columns_of(structure);
    for (auto round = 0; round < 300; ++round) {
        auto const value = values.any();
        everything back;
        for (auto const& column : columns) {
            auto const text = recount::describe::column_text(structure, column, &value);
            recount::describe::set_column(structure, column, text, &back);
        }
        REQUIRE(same(back, value));
    }
}

TEST_CASE("damaged JSON is read or refused, never worse") {
    auto const seed = seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    std::mt19937_64 engine{seed};
    auto const good = recount::describe::to_json(full()).str();
    for (auto round = 0; round < 3'000; ++round) {
        auto text = good;
        for (auto edits = engine() % 3 + 1; edits > 0; --edits) {
            auto const at = engine() % text.size();
            auto const kind = engine() % 3;
            if (kind == 0) text.erase(at, engine() % 8);
            if (kind == 1) text[at] = static_cast<char>(engine() & 0xFFU);
            if (kind == 2) text.insert(at, 1, "{}[]\",:0-"[engine() % 9]);
        }
        INFO(text);
        try {
            auto const read = recount::describe::from_json<everything>(text);
            CHECK(same(recount::describe::from_json<everything>(recount::describe::to_json(read)),
                       read));
        } catch (recount::error const& e) {
            std::string const sentence = e.what();
            REQUIRE(e.code() == recount::errc::invalid_json);
            REQUIRE(sentence.starts_with("$"));
            REQUIRE(sentence.size() < 600);
        }
        try {
            static_cast<void>(recount::json_text::checked(text));
        } catch (recount::error const& e) {
            REQUIRE(std::string_view{e.what()}.starts_with("$"));
        }
    }
}
