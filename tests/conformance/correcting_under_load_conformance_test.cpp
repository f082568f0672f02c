// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Many clients of one stream while an operator corrects it again and again: what each command saw
// is what the corrected history was just before it, the operator's previews hold, and all come to
// an end.
#include <atomic>
#include <thread>

#include <recount/aggregate/aggregate.hpp>
#include <recount/command/dispatcher.hpp>
#include <recount/restructure/append.hpp>

#include "log_conformance.hpp"

namespace purses {

using purse_id = recount::strong_id<struct purse_tag>;

struct filled {
    purse_id purse;
    std::int64_t amount = 0;
};
RECOUNT_EVENT(filled, "purse.filled", 1, purse, amount)
struct taken {
    purse_id purse;
    std::int64_t amount = 0;
    std::int64_t seen = 0;             // what the purse held when it was decided
};
RECOUNT_EVENT(taken, "purse.taken", 1, purse, amount, seen)
struct fill {
    purse_id purse;
    std::int64_t amount = 0;
};
RECOUNT_COMMAND(fill, "purse.fill", purse, amount)
struct take {
    purse_id purse;
    std::int64_t amount = 0;
};
RECOUNT_COMMAND(take, "purse.take", purse, amount)

struct purse {
    using id = purse_id;
    using events = recount::types<filled, taken>;
    using commands = recount::types<fill, take>;
    using decision = recount::decision<events>;

    std::int64_t holds = 0;

    static void evolve(purse& p, filled const& e) { p.holds += e.amount; }
    static void evolve(purse& p, taken const& e) { p.holds -= e.amount; }
    static decision decide(purse const&, fill const& c) { return filled{c.purse, c.amount}; }
    static decision decide(purse const& p, take const& c) {
        if (p.holds < c.amount) return recount::rejection{"empty"};
        return taken{c.purse, c.amount, p.holds};
    }
};
RECOUNT_AGGREGATE(purse, "purse", 1, holds)

}  // namespace purses

using namespace conformance;
using purses::purse;
using recount::errc;

namespace history = recount::history;

namespace {

constexpr int clients = 32;
constexpr int takes_each = 3;
constexpr int corrections_a_take = 5;
constexpr int corrections = takes_each * corrections_a_take;

// Clients and operator wait for each other now and then, so that on any machine each has the other
// in between.
void until(std::atomic<int> const& count, int enough) {
    for (auto now = count.load(); now < enough; now = count.load()) count.wait(now);
}
void tell(std::atomic<int>& count) {
    ++count;
    count.notify_all();
}

template <class Command>
recount::outcome send(recount::dispatcher& to, Command const& command) {
    auto const& aggregate = recount::aggregate_of<purse>();
    auto const index = std::is_same_v<Command, purses::fill> ? 0U : 1U;
    return to.dispatch({&aggregate, &aggregate.commands[index], &command});
}

// Tries until it is settled, as a client does that is told of a conflict. True: accepted.
bool take_one(recount::dispatcher& by) {
    for (;;) {
        try {
            return static_cast<bool>(send(by, purses::take{{"p"}, 1}));
        } catch (recount::error const& failure) {
            if (failure.code() != errc::conflict) throw;
        }
    }
}

history::planned_content holding(std::int64_t amount) {
    return {"purse.filled", 1, recount::describe::to_json(purses::filled{{"p"}, amount}), {}};
}

std::int64_t held(recount::dispatcher& by, recount::state_cut const& cut = {}) {
    auto const loaded = by.load(recount::aggregate_of<purse>(), stream("purse-p"), cut);
    return static_cast<purse const*>(loaded.state.get())->holds;
}

}  // namespace

TEST_CASE("clients that take while an operator corrects see each correction, and nobody starves",
          "[conformance][states][restructure]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        recount::dispatcher here{log, "purses 1.0", &recount::now};
        recount::dispatcher there{store.other(), "purses 1.0", &recount::now};
        auto const first = send(here, purses::fill{{"p"}, 10'000}).value().events.front();

        std::atomic<int> accepted = 0;
        std::atomic<int> settled = 0;
        std::atomic<int> corrected = 0;
        std::atomic<int> strange = 0;
        std::atomic<int> refused_plans = 0;
        std::vector<std::thread> threads;
        for (int c = 0; c < clients; ++c) {
            threads.emplace_back([&, c] {
                for (int i = 0; i < takes_each; ++i) {
                    until(corrected, i * corrections_a_take);
                    try {
                        if (take_one(c % 2 == 0 ? here : there)) ++accepted;
                    } catch (...) {
                        ++strange;
                    }
                    tell(settled);
                }
            });
        }
        // Now much, now less than what is taken, so that a command which has not seen it would
        // take what is not there.
        auto const amount_of = [](int i) { return i % 2 == 0 ? 20 + i : 10'000 + i; };
        threads.emplace_back([&] {
            for (int i = 0; i < corrections; ++i) {
                // In the midst of the takes that the corrections so far have set free.
                until(settled, i / corrections_a_take * clients +
                                   i % corrections_a_take * (clients / corrections_a_take));
                auto const plan = recount::restructure{"counted anew"}
                                      .because("a note stuck to another")
                                      .by("ada")
                                      .replace(first, holding(amount_of(i)));
                try {
                    auto const seen = history::judge(log, plan);
                    history::append_options how;
                    how.preview = seen.hash;
                    static_cast<void>(history::append_plan(log, plan, how));
                } catch (...) {
                    ++refused_plans;
                }
                tell(corrected);
            }
        });
        for (auto& one : threads) one.join();
        CHECK(strange == 0);
        CHECK(refused_plans == 0);         // what was previewed was appended, at the first try

        auto const rows = log.read_stream(stream("purse-p")).events;
        CHECK(rows.size() == static_cast<std::size_t>(1 + corrections + accepted));
        CHECK(held(here) == amount_of(corrections - 1) - accepted);
        for (auto const& row : rows) {
            if (row.type != "purse.taken") continue;
            auto const e = recount::describe::from_json<purses::taken>(row.payload);
            CAPTURE(row.version);
            REQUIRE(e.seen == held(there, recount::at_version{row.version - 1}));
            REQUIRE(e.seen >= e.amount);
        }
    }
}
