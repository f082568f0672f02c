// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// On random logs, what a preview says is what applying the plan does.
#include <algorithm>
#include <optional>

#include <recount/restructure/read.hpp>
#include <recount/restructure/stream_folds.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/catch.hpp"
#include "support/ledger_domain.hpp"
#include "support/random_history.hpp"

namespace {

using namespace ledger;
using recount::restructure;
using recount::uuid;
using recount::history::planned_anchor;
using recount::history::planned_content;

class world {
public:
    explicit world(std::uint64_t seed) : random_{seed} {
        for (auto const* name : {"a", "b", "c"}) bank.dispatch(open{{name}}).value();
    }

    recount::testing::sandbox bank =
        recount::testing::in_memory<account, balances, greatest>("bank");

    void some_commands() {
        for (auto left = below(4); left > 0; --left) {
            // Rejected where the opening was taken away, or there is not so much.
            if (below(3) > 0) {
                static_cast<void>(bank.dispatch(deposit{any_account(), eur(amount())}));
            } else {
                static_cast<void>(bank.dispatch(withdraw{any_account(), eur(amount())}));
            }
        }
    }

    [[nodiscard]] restructure any_plan() {
        auto plan = restructure{"random"}.because("a test").acknowledge("never_overdrawn");
        for (auto left = below(3) + 1; left > 0; --left) add_step(plan);
        return plan;
    }
    [[nodiscard]] std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
    }

private:
    std::mt19937_64 random_;

    std::int64_t amount() { return static_cast<std::int64_t>(below(100)) + 1; }
    std::string any_name() { return std::string(1, static_cast<char>('a' + below(3))); }
    account_id any_account() { return account_id{any_name()}; }
    std::string any_stream() { return "account-" + any_name(); }

    uuid any_event() {
        auto const events = bank.events();
        for (;;) {
            auto const& e = events[below(events.size())];
            if (!recount::history::is_restructure(e)) return e.id;
        }
    }
    planned_content any_content() {
        auto const day = recount::timestamp_from_string("2026-01-01T12:00:00Z") +
                         std::chrono::hours{24 * static_cast<int>(below(30))};
        return {"account.deposited", 1,
                recount::describe::to_json(deposited{any_account(), eur(amount())}), day};
    }
    planned_anchor any_anchor() {
        switch (below(4)) {
            case 0: return planned_anchor::end();
            case 1: return planned_anchor::first();
            case 2: return planned_anchor::after(any_event());
            default: return planned_anchor::before(any_event());
        }
    }
    void add_step(restructure& plan) {
        switch (below(6)) {
            case 0: plan.exclude(any_event()); break;
            case 1: plan.replace(any_event(), any_content()); break;
            case 2: plan.insert(any_stream(), any_anchor(), {any_content(), any_content()}); break;
            case 3: plan.move(any_event(), any_stream()); break;
            case 4: plan.move(any_event(), any_stream(), any_anchor()); break;
            default: plan.redate(any_event(), *any_content().effective_at); break;
        }
    }
};

using weighted = std::vector<recount::history::weighted_version>;

// Slots that a preview inserts have ids that stand for theirs.
weighted named_as(weighted deltas, uuid const& restructure) {
    for (auto& change : deltas) {
        auto& event = change.version.event;
        if (recount::command_id_of(event).is_nil()) {
            event = recount::event_id(restructure, recount::ordinal_of(event));
        }
    }
    return deltas;
}

std::string state_of(world& w, std::string const& stream) {
    account a;
    recount::evolve_all(recount::aggregate_of<account>(), &a,
                        recount::history::read_corrected(
                            w.bank.log(), recount::stream_name{stream}).events);
    return recount::describe::to_json(a).str();
}

using row_texts = std::vector<std::string>;

template <class P>
row_texts rows_of(world& w) {
    row_texts texts;
    for (auto const& row : w.bank.rows<P>()) texts.push_back(recount::describe::to_json(row).str());
    std::sort(texts.begin(), texts.end());
    return texts;
}

// The rows that were there, changed as the preview says.
row_texts changed(row_texts rows, recount::preview_projection const& by) {
    INFO(by.problem);
    REQUIRE(by.problem.empty());
    REQUIRE(by.behind == 0);
    for (auto const& row : by.rows) {
        if (!row.before.empty()) REQUIRE(std::erase(rows, row.before) == 1);
    }
    for (auto const& row : by.rows) {
        if (!row.after.empty()) rows.push_back(row.after);
    }
    std::sort(rows.begin(), rows.end());
    return rows;
}

// Plans that are refused are none that a preview speaks of.
std::optional<recount::restructure_preview> previewed(world& w, restructure const& plan) {
    try {
        return w.bank.preview(plan);
    } catch (recount::history::plan_refused const&) {
        CHECK_THROWS_AS(w.bank.apply(plan), recount::history::plan_refused);
        return std::nullopt;
    }
}

}  // namespace

TEST_CASE("what a preview says is what applying the plan does, on random logs", "[correction]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    constexpr int worlds = 12;
    constexpr int rounds = 25;
    int applied = 0;
    for (int i = 0; i < worlds; ++i) {
        world w{seed + static_cast<std::uint64_t>(i)};
        for (int round = 0; round < rounds; ++round) {
            w.some_commands();
            auto const plan = w.any_plan();
            auto const before = w.bank.log().head().position;
            auto const seen = previewed(w, plan);
            if (!seen) continue;
            REQUIRE(w.bank.log().head().position == before);
            auto const balances_then = rows_of<balances>(w);
            auto const greatest_then = rows_of<greatest>(w);
            auto const done = w.bank.apply(plan, seen->hash);
            ++applied;
            REQUIRE(seen->projections.size() == 2);
            REQUIRE(rows_of<balances>(w) == changed(balances_then, seen->projections.front()));
            REQUIRE(rows_of<greatest>(w) == changed(greatest_then, seen->projections.back()));

            recount::history::stream_folds folds{w.bank.log()};
            auto real = folds.delta(done.streams, before, done.position);
            auto told = named_as(seen->deltas, done.id);
            REQUIRE(told.size() == real.size());
            for (auto const& change : told) {
                REQUIRE(std::count(real.begin(), real.end(), change) == 1);
            }
            REQUIRE(seen->streams.size() == done.streams.size());
            for (auto const& stream : seen->streams) {
                REQUIRE(stream.state->after == state_of(w, stream.stream));
            }
        }
    }
    CHECK(applied > worlds);
}
