// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Tables of a small shop: what docs/guides/projections.md and docs/concepts/projections.md show.
#include <algorithm>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/recount.hpp>
#include <recount/restructure/append.hpp>

#include <support/caught.hpp>

namespace examples::projections {

using recount::date_of;
using recount::info;
using recount::money;
using recount::rows;

using order_id = recount::strong_id<struct order_tag>;
using item_id = recount::strong_id<struct item_tag>;

//[event
struct sold { order_id order; item_id item; std::int32_t pieces = 0; money price; };
RECOUNT_EVENT(sold, "order.sold", 1, order, item, pieces, price)     // in the stream order-<id>
//]

//[weighted
struct day_row { recount::date day; item_id item; std::int64_t pieces = 0; money turnover; };
RECOUNT_ROW(day_row, 1, (recount::key<&day_row::day, &day_row::item>), day, item, pieces, turnover)

struct sales_by_day {
    using row = day_row;
    using events = recount::types<sold>;
    static void on(rows<row>& r, sold const& e, info const& i, int weight) {
        auto& day = r[{date_of(i.effective_at), e.item}];
        day.pieces += weight * e.pieces;
        day.turnover += weight * (e.pieces * e.price);
    }
};
RECOUNT_PROJECTION(sales_by_day, "sales_by_day", 1)
//]

//[keyed
struct item_row { item_id item; money last_price; recount::date last_sold_on; };
RECOUNT_ROW(item_row, 1, recount::key<&item_row::item>, item, last_price, last_sold_on)

struct item_prices {
    using row = item_row;
    using events = recount::types<sold>;
    static item_id const& group(sold const& e) { return e.item; }   // not the stream, the order
    static void on(rows<row>& r, sold const& e, info const& i) {
        auto& item = r[e.item];
        item.last_price = e.price;
        item.last_sold_on = date_of(i.effective_at);
    }
};
RECOUNT_PROJECTION(item_prices, "item_prices", 1)
//]

//[last
struct line_row { order_id order; std::int32_t line = 0; item_id item; money total_so_far; };
RECOUNT_ROW(line_row, 1, (recount::key<&line_row::order, &line_row::line>), order, line, item,
            total_so_far)

struct order_lines {
    using row = line_row;
    using events = recount::types<sold>;
    static void on(rows<row>& r, sold const& e, info const& i) {
        auto const* const before = r.last();             // the last line of this order
        auto const number = before == nullptr ? 1 : before->line + 1;
        auto const so_far = before == nullptr ? money{} : before->total_so_far;
        auto& line = r[{i.stream_id<order_id>(), number}];
        line.item = e.item;
        line.total_so_far = so_far + e.pieces * e.price;
    }
};
RECOUNT_PROJECTION(order_lines, "order_lines", 1)
//]

// As item_prices, but without its group.
struct wrong_group {
    using row = item_row;
    using events = recount::types<sold>;
    static void on(rows<row>& r, sold const& e) { r[e.item].last_price = e.price; }
};
RECOUNT_PROJECTION(wrong_group, "wrong_group", 1)

namespace {

void sell(recount::log& log, sold const& e, recount::timestamp when) {
    recount::commit c;
    c.events.push_back({recount::stream_name::of("order", e.order.value), "order.sold", 1,
                        recount::describe::to_json(e), when});
    log.append(c);
}

auto const monday = recount::timestamp_from_string("2026-03-02T10:00:00Z");
auto const tuesday = recount::timestamp_from_string("2026-03-03T10:00:00Z");
item_id const tea{"tea"};
item_id const cup{"cup"};

struct shop {
    std::shared_ptr<recount::memory::log> log = std::make_shared<recount::memory::log>();
    std::shared_ptr<recount::memory_row_store> tables =
        std::make_shared<recount::memory_row_store>();

    shop() {
        sell(*log, {{"1"}, tea, 2, {3'00, "EUR"}}, monday);
        sell(*log, {{"1"}, cup, 1, {8'00, "EUR"}}, monday);
        sell(*log, {{"2"}, tea, 1, {3'50, "EUR"}}, tuesday);
    }
    template <class... P>
    recount::application with() {
        recount::application_parts parts;
        (parts.add<P>(), ...);
        return {parts, log, tables};
    }
};

}  // namespace

TEST_CASE("rows of three kinds", "[docs]") {
    shop s;
    auto app = s.with<sales_by_day, item_prices, order_lines>();
    //[reading
    app.catch_up();                                                     // up to the log's end
    auto const tea_row = app.row<item_prices>(tea);                     // optional: by key
    CHECK(tea_row->last_price == money{3'50, "EUR"});
    auto const tuesdays = app.row<sales_by_day>({date_of(tuesday), tea});   // a composite key
    CHECK(tuesdays->pieces == 1);

    recount::row_query of_tea;
    of_tea.equals.push_back({"item", "tea"});            // a column, and PostgreSQL's text for it
    of_tea.limit = 10;
    CHECK(app.rows<sales_by_day>(of_tea).size() == 2);   // in order of keys
    //]
    auto const lines = app.rows<order_lines>();
    REQUIRE(lines.size() == 3);
    CHECK(lines[1].line == 2);
    CHECK(lines[1].total_so_far == money{14'00, "EUR"});
    CHECK(lines[2].line == 1);

    sell(*s.log, {{"3"}, cup, 1, {9'00, "EUR"}}, tuesday);
    //[rebuild
    auto const done = app.rebuild(recount::projection_of<sales_by_day>());
    CHECK(done.events == 4);                             // told again, all of them
    CHECK(done.through == 4);
    //]
    CHECK(app.rows<sales_by_day>().size() == 4);
}

TEST_CASE("rows follow a correction", "[docs]") {
    shop s;
    auto app = s.with<sales_by_day, item_prices, order_lines>();
    app.catch_up();
    auto const first = s.log->read_stream(recount::stream_name{"order-1"}).events.front().id;
    //[correction
    auto plan = recount::restructure{"tea was sold on Tuesday"}.because("the till was not closed");
    plan.redate(first, tuesday).move(first, "order-2");
    REQUIRE_FALSE(recount::history::append_plan(*s.log, plan).repeated);
    app.catch_up();

    CHECK(app.row<sales_by_day>({date_of(tuesday), tea})->pieces == 3);
    CHECK_FALSE(app.row<sales_by_day>({date_of(monday), tea}).has_value());   // nothing is left
    CHECK(app.row<order_lines>({order_id{"1"}, 1})->item == cup);             // it was line 2
    //]
    CHECK(app.rows<sales_by_day>().size() == 2);
    CHECK(app.rows<order_lines>().size() == 3);
    CHECK(app.row<item_prices>(tea)->last_price == money{3'50, "EUR"});
}

TEST_CASE("a row belongs to one group", "[docs]") {
    shop s;
    auto app = s.with<wrong_group>();
    auto const failure = recount::tests::caught([&] { app.catch_up(); });
    CHECK(failure.code() == recount::errc::refused);
    CHECK_THAT(failure.what(), Catch::Matchers::ContainsSubstring(
                                   "an event of the group 'order-2' reaches for a row of the group "
                                   "'order-1'"));
}

}  // namespace examples::projections
