// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/aggregate/aggregate.hpp>
#include <recount/app/application.hpp>
#include <recount/core/money.hpp>
#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>

#include <support/catch.hpp>
#include <support/caught.hpp>

namespace {

using recount::money;
using recount::stream_name;

// Three versions of one event, and one that was stored under another name before.
struct paid_v1 {
    std::string order;
    std::int64_t cents;
};
RECOUNT_EVENT(paid_v1, "order.paid", 1, order, cents)
struct paid_v2 {
    std::string order;
    money amount;
    static paid_v2 upcast(paid_v1 const& old) { return {old.order, money{old.cents, "EUR"}}; }
};
RECOUNT_EVENT(paid_v2, "order.paid", 2, order, amount)
struct paid {
    std::string order;
    money amount;
    std::string method;
    static paid upcast(paid_v2 old) noexcept { return {std::move(old.order), old.amount, "cash"}; }
};
RECOUNT_EVENT(paid, "order.paid", 3, order, amount, method)

struct shipped {
    std::string order;
};
RECOUNT_EVENT(shipped, "order.shipped", 1, order)
struct dispatched {
    std::string order;
    static dispatched upcast(shipped const& old) { return {old.order}; }
};
RECOUNT_EVENT(dispatched, "order.dispatched", 1, order)

struct pay {
    std::string order;
    money amount;
};
RECOUNT_COMMAND(pay, "order.pay", order, amount)

struct order {
    using id = std::string;
    using events = recount::types<paid, dispatched>;
    using commands = recount::types<pay>;
    using decision = recount::decision<events>;
    money paid_so_far;
    std::string methods;
    bool is_dispatched = false;
    static void evolve(order& o, paid const& e) {
        o.paid_so_far += e.amount;
        o.methods += e.method + ";";
    }
    static void evolve(order& o, dispatched const&) { o.is_dispatched = true; }
    static decision decide(order const&, pay const& c) { return paid{c.order, c.amount, "card"}; }
};
RECOUNT_AGGREGATE(order, "order", 1, paid_so_far, methods, is_dispatched)

struct paid_row {
    std::string method;
    money amount;
};
RECOUNT_ROW(paid_row, 1, recount::key<&paid_row::method>, method, amount)
struct paid_by_method {
    using row = paid_row;
    using events = recount::types<paid, dispatched>;
    static void on(recount::rows<row>& r, paid const& e, int weight) {
        r[e.method].amount += weight * e.amount;
    }
    static void on(recount::rows<row>& r, dispatched const&, int weight) {
        r["dispatched"].amount += weight * money{1, "EUR"};
    }
};
RECOUNT_PROJECTION(paid_by_method, "paid_by_method", 1)

template <class E>
recount::new_event stored(E const& event) {
    auto const name = recount::event_name_of<E>();
    return {stream_name{"order-7"}, std::string{name.name}, name.version,
            recount::describe::to_json(event), {}};
}

// A log in which every version stands, the newest written by today's program.
std::shared_ptr<recount::memory::log> grown_log() {
    auto log = std::make_shared<recount::memory::log>();
    recount::commit c;
    c.events = {stored(paid_v1{"7", 150}), stored(paid_v2{"7", {200, "EUR"}}),
                stored(shipped{"7"})};
    log->append(c);
    return log;
}

recount::application_parts parts_of_order() {
    recount::application_parts parts;
    parts.add<order>();
    parts.add<paid_by_method>();
    return parts;
}

}  // namespace

TEST_CASE("versions of an event are listed oldest first", "[upcast]") {
    auto const& versions = recount::aggregate_of<order>().events[0].versions;
    REQUIRE(versions.size() == 3);
    for (int i = 0; i < 3; ++i) {
        CHECK(versions[static_cast<std::size_t>(i)].event.name == "order.paid");
        CHECK(versions[static_cast<std::size_t>(i)].event.version == i + 1);
    }
    CHECK(versions[0].shape().fields[1].name == "cents");
    CHECK(recount::index_of_version(versions, "order.paid", 2) == std::size_t{1});
    CHECK_FALSE(recount::index_of_version(versions, "order.paid", 4));
    CHECK_FALSE(recount::index_of_version(versions, "order.pay", 2));
}

TEST_CASE("state and rows are told from every version that was ever stored", "[upcast]") {
    recount::application app{parts_of_order(), grown_log(),
                             std::make_shared<recount::memory_row_store>()};
    static_cast<void>(app.dispatch(pay{"7", {50, "EUR"}}).value());
    auto const state = app.state<order>("7");
    CHECK(state.paid_so_far == money{400, "EUR"});
    CHECK(state.methods == "cash;cash;card;");
    CHECK(state.is_dispatched);
    app.catch_up();
    CHECK(app.row<paid_by_method>("cash")->amount == money{350, "EUR"});
    CHECK(app.row<paid_by_method>("card")->amount == money{50, "EUR"});
    CHECK(app.row<paid_by_method>("dispatched")->amount == money{1, "EUR"});
    // What is written is the newest; what was written is as it was.
    auto const events = app.log().read_stream(stream_name{"order-7"}).events;
    CHECK(events.front().schema_version == 1);
    CHECK(events.front().payload == R"({"order":"7","cents":150})");
    CHECK(events.back().schema_version == 3);
}

TEST_CASE("an old payload that does not fit its own version is named", "[upcast]") {
    auto log = std::make_shared<recount::memory::log>();
    recount::commit c;
    auto broken = stored(paid_v1{"7", 150});
    broken.payload = recount::json_text::checked(R"({"order":"7","amount":5})");
    c.events = {broken};
    log->append(c);
    recount::application app{parts_of_order(), log, std::make_shared<recount::memory_row_store>()};
    auto const failure = recount::tests::caught([&] { static_cast<void>(app.state<order>("7")); });
    CHECK(failure.code() == recount::errc::invalid_json);
    CHECK_THAT(failure.what(),
               Catch::Matchers::ContainsSubstring("order.paid at position 1: $.amount: "));
}

TEST_CASE("a version newer than the program is refused at start, by the part that needs it",
          "[upcast]") {
    auto log = grown_log();
    recount::commit c;
    auto future = stored(paid{"7", {1, "EUR"}, "card"});
    future.schema_version = 4;
    c.events = {future, future};
    log->append(c);
    auto const start = [&](recount::application_parts parts) {
        return recount::tests::caught([&] {
            recount::application{std::move(parts), log,
                                 std::make_shared<recount::memory_row_store>()};
        });
    };
    recount::application_parts aggregate_only;
    aggregate_only.add<order>();
    auto const by_aggregate = start(aggregate_only);
    CHECK(by_aggregate.code() == recount::errc::unknown_type);
    CHECK(std::string{by_aggregate.what()} ==
          "the log holds 2 events order.paid version 4 (the first at position 4), which aggregate "
          "order does not know: it reads up to version 3");
    recount::application_parts projection_only;
    projection_only.add<paid_by_method>();
    auto const by_projection = start(projection_only);
    CHECK_THAT(by_projection.what(),
               Catch::Matchers::ContainsSubstring("which projection paid_by_method does not know"));
}
