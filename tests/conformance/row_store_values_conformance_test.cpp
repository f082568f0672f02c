// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Rows with a column of every kind: what every row store gives back, and how their keys sort.
#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <variant>

#include <recount/describe/columns.hpp>

#include "conformance/row_store_conformance.hpp"
#include "support/random_history.hpp"

namespace {

using namespace sample;
using namespace row_store_conformance;

struct part {
    std::string name;
    std::optional<std::int32_t> count{};
};
RECOUNT_DESCRIBE(part, name, count)
struct other_part {
    double weight = 0;
};
RECOUNT_DESCRIBE(other_part, weight)

struct everything_row {
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
    recount::decimal rate{};
    std::string text;
    recount::bytes blob{};
    line_kind kind = line_kind::deposit;
    recount::timestamp when{};
    recount::date day{};
    recount::duration length{};
    recount::uuid id{};
    account_id account{};
    money amount{};
    std::optional<money> tip{};
    std::optional<std::string> note{};
    std::optional<recount::timestamp> until{};
    std::vector<std::int32_t> numbers{};
    std::map<std::string, part> parts{};
    part first{};
    std::variant<part, other_part> either{};
};
RECOUNT_ROW(everything_row, 1,
            (recount::key<&everything_row::flag, &everything_row::i8, &everything_row::u64,
                          &everything_row::text, &everything_row::blob, &everything_row::kind,
                          &everything_row::when, &everything_row::day, &everything_row::length,
                          &everything_row::id, &everything_row::account, &everything_row::rate>),
            flag, i8, i16, i32, i64, u8, u16, u32, u64, real, rate, text, blob, kind, when, day,
            length, id, account, amount, tip, note, until, numbers, parts, first, either)

struct everything {
    using row = everything_row;
    using events = recount::types<opened>;
    static void on(rows<row>&, opened const&) {}
};
RECOUNT_PROJECTION(everything, "everything", 1)

bool operator==(everything_row const& a, everything_row const& b) {
    return recount::describe::descriptor_of<everything_row>().equal(&a, &b);
}

everything_row full_row() {
    everything_row r;
    r.flag = true;
    r.i8 = -128;
    r.i16 = -32768;
    r.i32 = std::numeric_limits<std::int32_t>::min();
    r.i64 = std::numeric_limits<std::int64_t>::min();
    r.u8 = 255;
    r.u16 = 65535;
    r.u32 = std::numeric_limits<std::uint32_t>::max();
    r.u64 = std::numeric_limits<std::uint64_t>::max();
    r.real = -0.1;
    r.rate = {-1250, 3};
    r.text = "a 'quote', a \"double\", a \\, {braces}, \n and \xc3\xa9";
    r.blob = {std::byte{0}, std::byte{255}, std::byte{'\\'}};
    r.kind = line_kind::withdrawal;
    r.when = recount::timestamp_max;
    r.day = recount::date_min;
    r.length = -std::chrono::hours{1000} - std::chrono::microseconds{1};
    r.id = recount::uuid_from_string("00112233-4455-6677-8899-aabbccddeeff");
    r.account = {"a-1"};
    r.amount = {std::numeric_limits<std::int64_t>::min(), "EUR"};
    r.tip = money{5, "CZK"};
    r.note = "";
    r.until = recount::timestamp{std::chrono::microseconds{1}};
    r.numbers = {3, -1, 2};
    r.parts = {{"b\"", {"x", 1}}, {"a", {"", {}}}};
    r.first = {"f", -7};
    r.either = other_part{0.25};
    return r;
}

template <class T>
T one_of(std::mt19937_64& random, std::initializer_list<T> values) {
    return *(values.begin() + random() % values.size());
}

// Keys that differ anywhere, from values that sort otherwise as text.
everything_row random_key(std::mt19937_64& random) {
    using std::chrono::microseconds;
    everything_row r;
    r.flag = one_of(random, {false, true});
    r.i8 = one_of<std::int8_t>(random, {-10, -9, 9, 10});
    r.u64 = one_of<std::uint64_t>(random, {9, 10, ~std::uint64_t{0}});
    r.text = one_of<std::string>(random,
                                 {"", "B", "a", "a b", "ab", "\xc3\xa9", "\xf0\x9f\x98\x80"});
    r.blob = one_of<recount::bytes>(random, {{}, {std::byte{200}}, {std::byte{9}, std::byte{0}}});
    r.kind = one_of(random, {line_kind::deposit, line_kind::withdrawal});
    r.when = one_of<recount::timestamp>(
        random, {recount::timestamp{microseconds{-1}}, recount::timestamp{microseconds{999'999}},
                 recount::timestamp_max});
    r.day = one_of(random, {recount::date_min, recount::date{}, recount::date_max});
    r.length = one_of(random, {microseconds{-1}, microseconds{9}, microseconds{10'000'000}});
    r.id = one_of(random, {recount::uuid{},
                           recount::uuid_from_string("f0112233-4455-6677-8899-aabbccddeeff")});
    r.account = {one_of<std::string>(random, {"", "a-9", "a-10"})};
    r.rate = one_of<recount::decimal>(random, {{9, 0}, {101, 1}, {-5, 3}});
    return r;
}

}  // namespace

TEST_CASE("values of every kind come back as they were", "[row_store]") {
    ON_EVERY_STORE(store) {
        auto const& p = recount::projection_of<everything>();
        store.prepare(p);
        changed<everything_row> rows;
        rows.rows = {everything_row{}, full_row()};
        REQUIRE(write(store, p, 0, 1, rows));
        auto const found = store.query(p, {});
        REQUIRE(found.size() == 2);
        for (std::size_t i = 0; i < 2; ++i) {
            CHECK(*static_cast<everything_row const*>(found[i].object.get()) == rows.rows[i]);
        }
        std::vector<void const*> const keys{&rows.rows[0], &rows.rows[1]};
        CHECK(store.source(p, table_build::live)->load(keys).size() == 2);
        auto const last = store.source(p, table_build::live)->load_last({"g"}, &rows.rows[1]);
        REQUIRE(last.size() == 1);
        CHECK(*static_cast<everything_row const*>(last[0].object.get()) == rows.rows[0]);
        // Each column finds its row by the value that it gives out.
        auto const& shape = p.rows->shape();
        for (auto const& column : recount::describe::columns_of(shape)) {
            auto const text = recount::describe::column_text(shape, column, &rows.rows[1]);
            INFO(column.name << " = " << text.value());
            CHECK(store.query(p, {{{column.name, *text}}, 0}).size() == 1);
        }
    }
}

TEST_CASE("keys of every kind sort alike in C++ and in the store", "[row_store]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    ON_EVERY_STORE(store) {
        std::mt19937_64 random{seed};
        auto const& p = recount::projection_of<everything>();
        store.prepare(p);
        std::vector<everything_row> keys;
        for (int i = 0; i < 300; ++i) keys.push_back(random_key(random));
        auto const less = [&](everything_row const& a, everything_row const& b) {
            return p.rows->key_less(&a, &b);
        };
        std::sort(keys.begin(), keys.end(), less);
        auto const same = [&](auto const& a, auto const& b) { return !less(a, b) && !less(b, a); };
        keys.erase(std::unique(keys.begin(), keys.end(), same), keys.end());
        REQUIRE(write<everything_row>(store, p, 0, 1, {keys}));
        auto const found = store.query(p, {});
        REQUIRE(found.size() == keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            REQUIRE(*static_cast<everything_row const*>(found[i].object.get()) == keys[i]);
        }
        for (auto const order : {recount::row_order::ascending, recount::row_order::descending}) {
            std::vector<everything_row> walked;
            for (row_query next{.limit = 7, .order = order};;) {
                auto const part = store.query(p, next);
                for (auto const& row : part) {
                    walked.push_back(*static_cast<everything_row const*>(row.object.get()));
                }
                if (part.size() < next.limit) break;
                next.after = &walked.back();
            }
            if (order == recount::row_order::descending) {
                std::reverse(walked.begin(), walked.end());
            }
            CHECK(walked == keys);
        }
        auto const source = store.source(p, table_build::live);
        for (std::size_t i = 1; i < keys.size(); i += 17) {
            auto const below = source->load_last({"g"}, &keys[i]);
            REQUIRE(below.size() == 1);
            CHECK(*static_cast<everything_row const*>(below[0].object.get()) == keys[i - 1]);
        }
    }
}
