// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/aggregate/aggregate.hpp>

#include "support/sample_domain.hpp"

namespace orders {

using order_id = recount::strong_id<struct order_tag, std::int64_t>;

struct placed {
    order_id order;
    std::string by;
};
RECOUNT_EVENT(placed, "order.placed", 1, order, by)

struct place {
    order_id order;
};
RECOUNT_COMMAND(place, "order.place", order)

// Two fields of the id's type: the aggregate says which one it is.
struct merge {
    order_id from;
    order_id into;
};
RECOUNT_COMMAND(merge, "order.merge", from, into)

struct order {
    using id = order_id;
    using events = recount::types<placed>;
    using commands = recount::types<place, merge>;
    using decision = recount::decision<events>;

    std::string by;
    static void evolve(order& o, placed const& e) { o.by = e.by; }
    static decision decide(order const&, place const& c, recount::facts const& known) {
        return placed{c.order, known.actor};
    }
    static decision decide(order const& o, merge const& c) {
        return recount::effective(placed{c.into, o.by + "!"},
                                  recount::timestamp{std::chrono::seconds{7}});
    }
    static order_id const& target(merge const& c) { return c.into; }
};
RECOUNT_AGGREGATE(order, "order", 2, by)

struct nobody {
    int n = 0;
};

}  // namespace orders

namespace {

using namespace sample;
using orders::merge;
using orders::order;
using orders::place;
using orders::placed;
namespace detail = recount::detail;

static_assert(recount::aggregate_type<account> && recount::aggregate_type<order>);
static_assert(!recount::aggregate_type<opened> && !recount::aggregate_type<orders::nobody>);
static_assert(!recount::aggregate_type<int>);

static_assert(recount::event_type<opened> && !recount::event_type<open_account>);
static_assert(recount::command_type<open_account> && !recount::command_type<opened>);
static_assert(!recount::event_type<orders::nobody> && !recount::command_type<orders::nobody>);

static_assert(detail::evolves<account, opened> && !detail::evolves<account, placed>);
static_assert(detail::decides<account, deposit> && !detail::decides<account, place>);
static_assert(detail::decides<order, place>, "with facts");

static_assert(detail::has_target<order, merge> && !detail::has_target<order, place>);
static_assert(detail::id_fields<order, place>() == 1 && detail::id_fields<order, merge>() == 2);
static_assert(detail::id_fields<order, open_account>() == 0, "another id");

static_assert(detail::valid_aggregate_category("bank_account2"));
static_assert(!detail::valid_aggregate_category("") && !detail::valid_aggregate_category("$saga"));
static_assert(!detail::valid_aggregate_category("Account"));
static_assert(!detail::valid_aggregate_category("bank-account"));
static_assert(!detail::valid_aggregate_category("2nd"));

recount::command_descriptor const& command_named(recount::aggregate_descriptor const& a,
                                                 std::string_view name) {
    for (auto const& c : a.commands) {
        if (c.command.name == name) return c;
    }
    FAIL("no such command");
    return a.commands.front();
}

}  // namespace

TEST_CASE("an aggregate is a table of its events and commands", "[aggregate]") {
    auto const& a = recount::aggregate_of<order>();
    CHECK(a.category == "order");
    CHECK(a.state_version == 2);
    CHECK(a.state().fields.size() == 1);
    REQUIRE(a.events.size() == 1);
    CHECK(a.events[0].event.name == "order.placed");
    CHECK(a.events[0].event.version == 1);
    CHECK(a.commands.size() == 2);
    CHECK(&a == &recount::aggregate_of<order>());
}

TEST_CASE("a command names its stream by its field, or by target()", "[aggregate]") {
    auto const& a = recount::aggregate_of<order>();
    place const one{{17}};
    CHECK(command_named(a, "order.place").target(&one) == "17");
    merge const two{{1}, {-2}};
    CHECK(command_named(a, "order.merge").target(&two) == "-2");
    deposit const text{{"a-1"}, eur(1)};
    CHECK(command_named(recount::aggregate_of<account>(), "account.deposit").target(&text) ==
          "a-1");
}

TEST_CASE("an id of a stream is its representation as text", "[aggregate]") {
    using uuid_id = recount::strong_id<struct uuid_tag, recount::uuid>;
    auto const id = recount::new_command_id();
    CHECK(detail::id_text(uuid_id{id}) == recount::to_string(id));
    CHECK(detail::id_text(std::uint8_t{200}) == "200");
    CHECK(detail::id_text(account_id{"x y"}) == "x y");
}

TEST_CASE("deciding evolves the state by what was decided", "[aggregate]") {
    auto const& a = recount::aggregate_of<order>();
    auto state = a.create();
    recount::facts const known{{}, "ada", {}, {}};
    place const command{{17}};
    auto const done = command_named(a, "order.place").decide(state.get(), &command, known);
    CHECK_FALSE(done.rejected);
    REQUIRE(done.events.size() == 1);
    CHECK(done.events[0].type.name == "order.placed");
    CHECK(done.events[0].type.version == 1);
    CHECK(done.events[0].payload.str() == R"({"order":17,"by":"ada"})");
    CHECK_FALSE(done.events[0].effective_at.has_value());
    CHECK(static_cast<order const*>(state.get())->by == "ada");

    merge const second{{1}, {17}};
    auto const timed = command_named(a, "order.merge").decide(state.get(), &second, known);
    REQUIRE(timed.events.size() == 1);
    CHECK((timed.events[0].effective_at == recount::timestamp{std::chrono::seconds{7}}));
    CHECK(static_cast<order const*>(state.get())->by == "ada!");
}

TEST_CASE("a state is evolved by stored events", "[aggregate]") {
    auto const& a = recount::aggregate_of<account>();
    auto state = a.create();
    for (auto const& e : a.events) {
        if (e.event.name == "account.deposited") {
            e.evolve(state.get(), 0, R"({"account":"a","amount":{"minor":5,"currency":"EUR"}})");
            CHECK_THROWS_AS(e.evolve(state.get(), 0, R"({"account":"a"})"), recount::error);
        }
    }
    CHECK(static_cast<account const*>(state.get())->balance == eur(5));
}
