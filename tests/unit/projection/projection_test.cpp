// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/projection/projection.hpp>

#include <map>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/projection/runner.hpp>

#include "support/random_history.hpp"
#include "support/row_dump.hpp"

namespace {

using namespace sample;
using recount::checkpoint;
using recount::memory_row_store;
using recount::projection_descriptor;
using recount::recorded_event;
using recount::table_build;
using recount::tests::dump;

// --- what a projection is, at compile time ---

static_assert(recount::projection_type<balances> && recount::projection_type<totals>);
static_assert(!recount::projection_type<account> && !recount::projection_type<balance_row>);
static_assert(recount::row_type<balance_row> && !recount::row_type<opened>);
static_assert(std::same_as<recount::row_key<balance_row>, account_id>);
static_assert(std::same_as<recount::row_key<line_row>, std::tuple<account_id, std::int64_t>>);
static_assert(recount::detail::weighted_handler<totals, deposited>);
static_assert(!recount::detail::plain_handler<totals, deposited>);
static_assert(recount::detail::plain_handler<balances, opened>);
static_assert(!recount::detail::plain_handler<balances, money>);
static_assert(recount::detail::valid_table_name("a2_b"));
static_assert(!recount::detail::valid_table_name("a__b"));
static_assert(!recount::detail::valid_table_name("Balances"));

// Groups of another making: all accounts of one letter, and one group for everything.
struct by_letter {
    using row = balance_row;
    using events = recount::types<opened, deposited>;
    static std::string group(opened const& e, info const&) { return e.account.value.substr(0, 1); }
    static int group(deposited const&) { return 7; }
    static void on(rows<row>& r, opened const& e) { r[e.account]; }
    static void on(rows<row>& r, deposited const& e, info const&) { r[e.account]; }
};
RECOUNT_PROJECTION(by_letter, "by_letter", 3)

// An event that has changed.
struct opened_v2 {
    account_id account;
    std::string by;
    static opened_v2 upcast(opened const& old) { return {old.account, "unknown"}; }
};
RECOUNT_EVENT(opened_v2, "account.opened", 2, account, by)
struct openings {
    using row = total_row;
    using events = recount::types<opened_v2>;
    static void on(rows<row>& r, opened_v2 const& e, int weight) {
        r[e.by == "unknown" ? 1 : 2].deposits += weight;
    }
};
RECOUNT_PROJECTION(openings, "openings", 1)

std::vector<recorded_event> random_events(std::uint64_t seed, int commits) {
    recount::memory::log log;
    random_history history{seed};
    for (int i = 0; i < commits; ++i) log.append(history.next());
    return log.read_feed(0, {}, 100'000).events;
}

bool apply(projection_descriptor const& p, memory_row_store& store,
           std::vector<recorded_event> const& events, std::size_t from, std::size_t to) {
    auto const at = [&](std::size_t count) {
        return count == 0 ? checkpoint{}
                          : checkpoint{events[count - 1].position, events[count - 1].hash, 1};
    };
    return recount::apply_page(p, store, table_build::live, at(from), at(to),
                               {events.begin() + static_cast<std::ptrdiff_t>(from),
                                events.begin() + static_cast<std::ptrdiff_t>(to)});
}

// The table after each event, told one by one.
std::vector<std::string> one_by_one(projection_descriptor const& p,
                                    std::vector<recorded_event> const& events) {
    memory_row_store store;
    store.prepare(p);
    std::vector<std::string> tables{dump(p, store)};
    for (std::size_t i = 0; i < events.size(); ++i) {
        REQUIRE(apply(p, store, events, i, i + 1));
        tables.push_back(dump(p, store));
    }
    return tables;
}

}  // namespace

TEST_CASE("a projection is a table of its handlers", "[projection]") {
    auto const& p = recount::projection_of<lines>();
    CHECK(p.name == "lines");
    CHECK(p.version == 1);
    CHECK(p.table() == "lines__v1");
    CHECK_FALSE(p.invertible);
    CHECK(recount::projection_of<totals>().invertible);
    CHECK(p.handlers.size() == 3);
    CHECK(std::vector(p.rows->key_fields.begin(), p.rows->key_fields.end()) ==
          std::vector<std::size_t>{0, 1});
    line_row const a{{"a"}, 2, {}, {}, {}};
    line_row const b{{"a"}, 10, {}, {}, {}};
    line_row const c{{"b"}, 1, {}, {}, {}};
    CHECK(p.rows->key_less(&a, &b));
    CHECK(p.rows->key_less(&b, &c));
    CHECK_FALSE(p.rows->key_less(&b, &b));
    CHECK_FALSE(p.rows->key_less(&c, &a));
}

TEST_CASE("a group is the stream, unless the projection says otherwise", "[projection]") {
    info about;
    about.stream = "account-abc";
    opened const o{{"abc"}};
    deposited const d{{"abc"}, eur(1)};
    auto const& p = recount::projection_of<by_letter>();
    CHECK(p.handlers[0].group(&o, about) == "a");
    CHECK(p.handlers[1].group(&d, about) == "7");
    CHECK(recount::projection_of<balances>().handlers[0].group(&o, about) == "account-abc");
}

TEST_CASE("an older version of an event is told as the newest", "[projection]") {
    recount::memory::log log;
    recount::commit c;
    c.events.push_back({recount::stream_name{"account-a"}, "account.opened", 1,
                        recount::describe::to_json(opened{{"a"}}),
                        {}});
    c.events.push_back({recount::stream_name{"account-b"}, "account.opened", 2,
                        recount::describe::to_json(opened_v2{{"b"}, "ada"}),
                        {}});
    log.append(c);
    memory_row_store store;
    auto const& p = recount::projection_of<openings>();
    store.prepare(p);
    REQUIRE(apply(p, store, log.read_feed(0, {}, 10).events, 0, 2));
    CHECK(store.query(p, {{{"amount_minor", "1"}, {"deposits", "1"}}, 0}).size() == 1);
    CHECK(store.query(p, {{{"amount_minor", "2"}, {"deposits", "1"}}, 0}).size() == 1);
}

TEST_CASE("any split into batches makes the same rows as telling one by one", "[projection]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    for (std::uint64_t round = 0; round < 40; ++round) {
        auto const events = random_events(seed + round, 60);
        random_history random{~(seed + round)};
        for (auto const* p : {&recount::projection_of<balances>(),
                              &recount::projection_of<totals>(),
                              &recount::projection_of<lines>()}) {
            INFO("projection " << p->name << ", round " << round);
            auto const expected = one_by_one(*p, events);
            memory_row_store store;
            store.prepare(*p);
            auto const largest = random.below(30) + 1;
            for (std::size_t done = 0; done < events.size();) {
                auto const end = std::min(events.size(), done + random.below(largest) + 1);
                REQUIRE(apply(*p, store, events, done, end));
                // The same page again, and a longer one from the same place: both come too late.
                REQUIRE_FALSE(apply(*p, store, events, done, end));
                REQUIRE_FALSE(apply(*p, store, events, done, events.size()));
                REQUIRE(dump(*p, store) == expected[end]);
                done = end;
            }
        }
    }
}

TEST_CASE("rows are what the events say", "[projection]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    auto const events = random_events(seed, 400);
    std::map<std::string, balance_row> wanted_balances;
    std::map<std::int64_t, std::int64_t> wanted_totals;
    std::map<std::string, std::vector<std::int64_t>> wanted_lines;  // running balances
    for (auto const& e : events) {
        auto const id = e.stream.substr(e.stream.find('-') + 1);
        auto& running = wanted_lines[id];
        auto const last = [&] { return running.empty() ? 0 : running.back(); };
        if (e.type == "account.opened") {
            wanted_balances[id];
        } else if (e.type == "account.closed") {
            wanted_balances.erase(id);
            running.clear();
        } else if (e.type == "account.deposited") {
            auto const amount = recount::describe::from_json<deposited>(e.payload).amount;
            auto& row = wanted_balances[id];
            row.balance += amount;
            ++row.movements;
            row.greatest = std::max(row.greatest.value_or(amount), amount);
            ++wanted_totals[amount.minor];
            running.push_back(last() + amount.minor);
        } else {
            auto const amount = recount::describe::from_json<withdrawn>(e.payload).amount;
            if (auto const row = wanted_balances.find(id); row != wanted_balances.end()) {
                row->second.balance -= amount;
                ++row->second.movements;
                row->second.remark = "paid out at version " + std::to_string(e.version);
            }
            if (!running.empty()) running.pop_back();
            running.push_back(last() - amount.minor);
        }
    }
    memory_row_store store;
    auto const tell = [&](projection_descriptor const& p) {
        store.prepare(p);
        REQUIRE(apply(p, store, events, 0, events.size()));
        return store.query(p, {});
    };
    auto const told_balances = tell(recount::projection_of<balances>());
    REQUIRE(told_balances.size() == wanted_balances.size());
    for (auto const& row : told_balances) {
        auto const& told = *static_cast<balance_row const*>(row.object.get());
        auto& wanted = wanted_balances.at(told.account.value);
        wanted.account = told.account;
        CHECK(recount::describe::descriptor_of<balance_row>().equal(&told, &wanted));
    }
    auto const told_totals = tell(recount::projection_of<totals>());
    REQUIRE(told_totals.size() == wanted_totals.size());
    for (auto const& row : told_totals) {
        auto const& told = *static_cast<total_row const*>(row.object.get());
        CHECK(told.deposits == wanted_totals.at(told.amount_minor));
        CHECK(told.sum == eur(told.amount_minor * told.deposits));
    }
    std::map<std::string, std::vector<std::int64_t>> told_lines;
    for (auto const& row : tell(recount::projection_of<lines>())) {
        auto const& told = *static_cast<line_row const*>(row.object.get());
        auto& running = told_lines[told.account.value];
        running.push_back(told.running.minor);
        CHECK(told.line == static_cast<std::int64_t>(running.size()));
    }
    std::erase_if(wanted_lines, [](auto const& one) { return one.second.empty(); });
    CHECK(told_lines == wanted_lines);
}

TEST_CASE("what an invertible projection is told and then told back leaves no trace",
          "[projection]") {
    memory_row_store store;
    auto const& p = recount::projection_of<totals>();
    store.prepare(p);
    auto const source = store.source(p, table_build::live);
    recount::unit_of_work unit{p, *source};
    deposited const d{{"a"}, eur(5)};
    auto const& handler = p.handlers.front();
    unit.begin_applying();
    for (auto const weight : {1, 1, -1}) {
        unit.event({1, "account-a", 1, {}, {}, {}}, handler.group(&d, {}));
        handler.on(unit, &d, {}, weight);
    }
    auto const changes = unit.changes();
    REQUIRE(changes.size() == 1);
    auto const& row = *static_cast<total_row const*>(changes[0].object);
    CHECK(row.deposits == 1);
    CHECK(row.sum == eur(5));
}

TEST_CASE("of a row that is taken back whole nothing is left, at once", "[projection]") {
    memory_row_store store;
    auto const& p = recount::projection_of<totals>();
    store.prepare(p);
    auto const source = store.source(p, table_build::live);
    recount::unit_of_work unit{p, *source};
    auto const& handler = p.handlers.front();
    unit.begin_applying();
    auto const tell = [&](money const& amount, int weight) {
        deposited const d{{"a"}, amount};
        unit.event({1, "account-a", 1, {}, {}, {}}, "account-a");
        handler.on(unit, &d, {}, weight);
    };
    tell(eur(5), 1);
    tell(eur(5), -1);
    SECTION("what was never stored is no change") { CHECK(unit.changes().empty()); }
    SECTION("what comes next finds no row, not one that counts in euros") {
        tell({5, "USD"}, 1);
        auto const changes = unit.changes();
        REQUIRE(changes.size() == 1);
        CHECK(changes[0].weight == 1);
        CHECK(static_cast<total_row const*>(changes[0].object)->sum == money{5, "USD"});
    }
}

TEST_CASE("an event knows the id of its stream as an aggregate's id", "[projection]") {
    using numbered = recount::strong_id<struct numbered_tag, std::int64_t>;
    using unique = recount::strong_id<struct unique_tag, recount::uuid>;
    auto const at = [](std::string_view stream) {
        return recount::info{1, stream, 1, {}, {}, {}};
    };
    CHECK(at("account-a-1").stream_id<account_id>() == account_id{"a-1"});
    CHECK(at("account-a-1").stream_id<std::string>() == "a-1");
    CHECK(at("order-17").stream_id<numbered>() == numbered{17});
    auto const id = recount::new_command_id();
    auto const named = "device-" + to_string(id);
    CHECK(at(named).stream_id<unique>() == unique{id});
    CHECK_THROWS_AS(at("order-17b").stream_id<numbered>(), recount::error);
    CHECK_THROWS_AS(at("order-").stream_id<numbered>(), recount::error);
    CHECK_THROWS_AS(at("device-7").stream_id<unique>(), recount::error);
}
