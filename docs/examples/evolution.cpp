// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An event that changed twice and another one that changed its name: what
// docs/guides/evolution.md shows.
#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/recount.hpp>

#include <support/caught.hpp>

namespace examples::evolution {

using recount::money;
using order_id = recount::strong_id<struct order_tag>;

//[chain
struct paid_v1 { order_id order; std::int64_t cents = 0; };
RECOUNT_EVENT(paid_v1, "order.paid", 1, order, cents)

struct paid_v2 {
    order_id order;
    money amount;
    static paid_v2 upcast(paid_v1 const& old) { return {old.order, money{old.cents, "EUR"}}; }
};
RECOUNT_EVENT(paid_v2, "order.paid", 2, order, amount)

enum class payment { cash, card };
RECOUNT_ENUM(payment, cash, card)

struct paid {
    order_id order;
    money amount;
    payment by = payment::cash;
    static paid upcast(paid_v2 const& old) { return {old.order, old.amount, payment::cash}; }
};
RECOUNT_EVENT(paid, "order.paid", 3, order, amount, by)
//]

//[rename
struct shipped_v1 { order_id order; };
RECOUNT_EVENT(shipped_v1, "order.shipped", 1, order)

struct handed_over {
    order_id order;
    static handed_over upcast(shipped_v1 const& old) { return {old.order}; }
};
RECOUNT_EVENT(handed_over, "order.handed_over", 1, order)
//]

struct pay { order_id order; money amount; payment by = payment::cash; };
RECOUNT_COMMAND(pay, "order.pay", order, amount, by)

//[handlers
struct order {
    using id = order_id;
    using events = recount::types<paid, handed_over>;          // the newest of each, and no other
    using commands = recount::types<pay>;
    using decision = recount::decision<events>;
    money paid_so_far;
    bool is_gone = false;
    static void evolve(order& o, paid const& e) { o.paid_so_far += e.amount; }
    static void evolve(order& o, handed_over const&) { o.is_gone = true; }
    static decision decide(order const&, pay const& c) { return paid{c.order, c.amount, c.by}; }
};
RECOUNT_AGGREGATE(order, "order", 1, paid_so_far, is_gone)
//]

namespace {

template <class E>
void store(recount::log& log, E const& event, int version) {
    recount::commit c;
    c.events.push_back({recount::stream_name{"order-7"},
                        std::string{recount::event_name_of<E>().name}, version,
                        recount::describe::to_json(event), {}});
    log.append(c);
}

recount::application_parts parts() {
    recount::application_parts all;
    all.add<order>();
    return all;
}

}  // namespace

TEST_CASE("a log of all ages is read by the newest handlers", "[docs]") {
    auto log = std::make_shared<recount::memory::log>();
    store(*log, paid_v1{{"7"}, 150}, 1);
    store(*log, paid_v2{{"7"}, {2'00, "EUR"}}, 2);
    store(*log, shipped_v1{{"7"}}, 1);
    recount::application app{parts(), log, std::make_shared<recount::memory_row_store>()};
    static_cast<void>(app.dispatch(pay{{"7"}, {50, "EUR"}, payment::card}).value());
    auto const state = app.state<order>({"7"});
    CHECK(state.paid_so_far == money{4'00, "EUR"});
    CHECK(state.is_gone);
    auto const events = log->read_stream(recount::stream_name{"order-7"}).events;
    CHECK(events.front().payload == R"({"order":"7","cents":150})");     // as it was written
    CHECK(events.back().schema_version == 3);
}

TEST_CASE("a program that is older than the log does not start", "[docs]") {
    auto log = std::make_shared<recount::memory::log>();
    store(*log, paid{{"7"}, {1'00, "EUR"}, payment::card}, 4);           // of tomorrow's program
    auto const failure = recount::tests::caught([&] {
        recount::application{parts(), log, std::make_shared<recount::memory_row_store>()};
    });
    CHECK(failure.code() == recount::errc::unknown_type);
    CHECK(failure.what() == std::string{"the log holds 1 event order.paid version 4 (the first at "
                                        "position 1), which aggregate order does not know: it "
                                        "reads up to version 3"});
}

}  // namespace examples::evolution
