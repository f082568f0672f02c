// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// States of aggregates whose history is corrected again and again: whatever a load begins with, it
// ends with the fold of the corrected history, as it is now and as it was known at every position.
#include <array>
#include <atomic>
#include <random>
#include <thread>

#include <recount/app/application.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/restructure/append.hpp>

#include "log_conformance.hpp"
#include "support/counter_domain.hpp"
#include "support/random_history.hpp"

using namespace conformance;
using recount::errc;
using recount::expectation;
using recount::stream_name;
using sample::count;
using sample::counter;

namespace history = recount::history;

namespace {

recount::dispatcher dispatcher_on(recount::log& log) {
    return recount::dispatcher{log, "counters 1.0", &recount::now};
}

history::planned_content counted_content(std::string const& id, std::int64_t amount,
                                         std::optional<recount::timestamp> when = {}) {
    return {"counter.counted", 1, recount::describe::to_json(sample::counted{{id}, amount}), when};
}
recount::timestamp on_day(std::int64_t n) {
    return recount::timestamp{std::chrono::hours{24 * n}};
}

history::fold whole_fold(recount::log& log) {
    history::fold all;
    for (auto const& e : history::entries_of(everything(log))) all.advance(e);
    return all;
}

std::string text_of(recount::version version, void const* state) {
    auto text = std::to_string(version) + " ";
    recount::describe::write_json(text, recount::aggregate_of<counter>().state(), state);
    return text;
}
std::string text_of(recount::loaded_state const& loaded) {
    return text_of(loaded.version, loaded.state.get());
}

// By the fold of the whole log and the aggregate's own function, and by nothing of the loader.
std::string expected(history::fold const& all, std::string const& stream, recount::version version,
                     recount::position k = history::latest,
                     std::optional<recount::timestamp> until = {}) {
    counter c;
    auto view = all.corrected(stream, k);
    if (until) view = history::effective_until(std::move(view), *until);
    for (auto const& slot : view) {
        counter::evolve(c, recount::describe::from_json<sample::counted>(slot.content->payload));
    }
    return text_of(version, &c);
}

// Random corrections of a few counters; those that are refused are none.
class corrector {
public:
    corrector(recount::log& log, std::uint64_t seed) : log_{log}, random_{seed} {}

    [[nodiscard]] std::int64_t below(std::int64_t end) {
        return std::uniform_int_distribution<std::int64_t>{0, end - 1}(random_);
    }
    template <class T> [[nodiscard]] T const& of(std::vector<T> const& all) {
        return all[static_cast<std::size_t>(below(static_cast<std::int64_t>(all.size())))];
    }
    // True if it was appended.
    bool correct(std::vector<std::string> const& ids) {
        auto const all = whole_fold(log_);
        auto const slots = all.corrected();
        auto const told = all.restructures();
        if (slots.empty()) return false;
        auto const& x = of(slots);
        auto const& to = of(ids);
        auto plan = recount::restructure{"a mistake"}.because("it was not so").by("ada");
        switch (below(7)) {
            case 0: plan.exclude(x.event); break;
            case 1: plan.move(x.event, history::planned_anchor::after(of(slots).event)); break;
            case 2: plan.move(x.event, "counter-" + to); break;
            case 3:
                plan.insert("counter-" + to, history::planned_anchor::first(),
                            {counted_content(to, 1 + below(1'000), on_day(below(400)))});
                break;
            case 4: plan.redate(x.event, on_day(below(400))); break;
            case 5:
                if (told.empty()) return false;
                plan.undo(told.back().restructure);
                break;
            default: plan.replace(x.event, counted_content(to, 1 + below(1'000)));
        }
        try {
            static_cast<void>(history::append_plan(log_, plan));
            return true;
        } catch (history::plan_refused const&) {
            return false;
        }
    }
    // One that is never refused: an amount that no other event has.
    void surely(recount::uuid const& event, std::string const& id) {
        static_cast<void>(history::append_plan(
            log_, recount::restructure{"a typo"}.because("it was not so").replace(
                      event, counted_content(id, 10'000 + ++surely_))));
    }

private:
    recount::log& log_;
    std::mt19937_64 random_;
    std::int64_t surely_ = 0;
};

}  // namespace

TEST_CASE("warm, from a snapshot on or from nothing: a state is the fold of the corrected history",
          "[conformance][states][restructure]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        corrector random{store.other(), seed};
        for (std::int64_t round = 0; round < 6; ++round) {
            auto const aggregate = sample::counter_every(1 + random.below(7));
            auto const bare = sample::counter_every(0);
            auto const prefix = "r" + std::to_string(round);
            std::vector<std::string> const ids{prefix + "a", prefix + "b"};
            auto warm = dispatcher_on(log);
            for (auto steps = 10 + random.below(10); steps > 0; --steps) {
                auto const& id = random.of(ids);
                count const command{{id}, random.below(1'000), 1 + random.below(4)};
                switch (random.below(3)) {
                    case 0: random.correct(ids); break;
                    case 1: {
                        auto fresh = dispatcher_on(store.other());
                        auto const done = fresh.dispatch(call_of(aggregate, command)).value();
                        if (random.below(2) == 0) random.surely(done.events.front(), id);
                        break;
                    }
                    default: warm.dispatch(call_of(aggregate, command)).value();
                }
                auto const all = whole_fold(log);
                for (auto const& one : ids) {
                    auto const name = stream_name::of("counter", one);
                    auto const rows = log.read_stream(name).events;
                    auto const version = static_cast<recount::version>(rows.size());
                    auto const wanted = expected(all, name.str(), version);
                    CAPTURE(round, one, version);
                    auto fresh = dispatcher_on(store.other());
                    auto const loaded = warm.load(aggregate, name);
                    REQUIRE(text_of(loaded) == wanted);                      // warm and a tail
                    REQUIRE(text_of(fresh.load(aggregate, name)) == wanted); // snapshot and a tail
                    REQUIRE(text_of(fresh.load(bare, name)) == wanted);      // from the first row
                    REQUIRE(loaded.hash.has_value() == (version > 0));
                    if (version > 0) REQUIRE(*loaded.hash == rows.back().hash);
                }
            }
        }
    }
}

TEST_CASE("a state is told as it was known at every position, at every version, until any time",
          "[conformance][states][restructure]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        corrector random{log, seed};
        std::vector<std::string> const ids{"a", "b"};
        auto const& aggregate = recount::aggregate_of<counter>();
        auto dispatcher = dispatcher_on(log);
        for (int steps = 0; steps < 14; ++steps) {
            auto const& id = random.of(ids);
            count const command{{id}, random.below(1'000), 1 + random.below(3)};
            auto const done = dispatcher.dispatch(call_of(aggregate, command)).value();
            if (steps % 4 == 3) random.surely(done.events.front(), id);
            random.correct(ids);
        }
        auto const all = whole_fold(log);
        auto const end = log.head().position;
        for (auto const& id : ids) {
            auto const name = stream_name::of("counter", id);
            auto const rows = log.read_stream(name).events;
            for (recount::position k = 0; k <= end + 1; ++k) {
                auto const used = k > end ? end : all.round_down(k);
                recount::version version = 0;
                for (auto const& row : rows) version += row.commit_last <= used ? 1 : 0;
                auto const loaded = dispatcher.load(aggregate, name, recount::as_known_at{k});
                CAPTURE(id, k, used);
                REQUIRE(text_of(loaded) == expected(all, name.str(), version, used));
                REQUIRE(loaded.as_of == used);
            }
            for (auto const& row : rows) {
                auto const version = std::count_if(rows.begin(), rows.end(), [&](auto const& r) {
                    return r.position <= row.commit_last;
                });
                auto const loaded =
                    dispatcher.load(aggregate, name, recount::at_version{row.version});
                CAPTURE(id, row.version);
                REQUIRE(text_of(loaded) ==
                        expected(all, name.str(), version, row.commit_last));
                REQUIRE(loaded.as_of == row.commit_last);
            }
            for (std::int64_t day = 0; day <= 400; day += 50) {
                auto const until = on_day(day);
                auto const version = static_cast<recount::version>(rows.size());
                auto const known = end / 2;
                CAPTURE(id, day);
                REQUIRE(text_of(dispatcher.load(aggregate, name,
                                                recount::as_effective_until{until})) ==
                        expected(all, name.str(), version, history::latest, until));
                auto const both = dispatcher.load(
                    aggregate, name,
                    history::read_cut{.known_at = known, .effective_until = until});
                REQUIRE(text_of(both) ==
                        expected(all, name.str(), both.version, all.round_down(known), until));
            }
            auto const beyond = error_of([&] {
                return dispatcher.load(aggregate, name, recount::at_version{1'000'000});
            });
            REQUIRE(beyond);
            CHECK(beyond->code() == errc::not_found);
        }
    }
}

TEST_CASE("a command that was loaded before a restructure of its stream conflicts",
          "[conformance][states][restructure]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto dispatcher = dispatcher_on(log);
        auto const& aggregate = recount::aggregate_of<counter>();
        auto const one =
            dispatcher.dispatch(call_of(aggregate, count{{"a"}, 5})).value().events.front();
        dispatcher.dispatch(call_of(aggregate, count{{"b"}, 1})).value();
        auto const before = dispatcher.load(aggregate, stream("counter-a"));
        corrector{log, 1}.surely(one, "a");

        auto late = commit_to("counter-a");
        late.expectations.push_back(
            {stream("counter-a"), expectation::exactly(before.version), before.hash});
        auto const refused = log.append_batch(std::array{late}).front();
        REQUIRE(code_of(refused) == errc::conflict);
        CHECK(std::get<recount::error>(refused).conflict()->actual_version == 2);
        // Who reads streams page by page asks the list of types whether there is any restructure.
        auto const types = log.list_types();
        CHECK(std::any_of(types.begin(), types.end(), [](auto const& known) {
            return known.type == history::restructured_type && known.first_position == 3;
        }));
        // Other streams are not concerned.
        auto other = commit_to("counter-b");
        other.expectations.push_back({stream("counter-b"), expectation::exactly(1), {}});
        CHECK_FALSE(code_of(log.append_batch(std::array{other}).front()));
    }
}

TEST_CASE("a command in flight is decided again on the corrected state",
          "[conformance][states][restructure]") {
    using sample::eur;
    ON_EVERY_BACKEND(store) {
        std::shared_ptr<recount::log> const log = std::move(store.log);
        recount::application_parts parts;
        parts.add<sample::account>();
        recount::application bank{parts, log, std::make_shared<recount::memory_row_store>(),
                                  {.program = "bank"}};
        bank.dispatch(sample::open_account{{"a"}}).value();
        auto const paid_in = bank.dispatch(sample::deposit{{"a"}, eur(100)}).value().events[0];
        auto const content = [](std::int64_t minor) {
            return history::planned_content{
                "account.deposited", 1,
                recount::describe::to_json(sample::deposited{{"a"}, eur(minor)}), {}};
        };
        // The bank still has the state with 100 in memory: the restructure comes in between.
        static_cast<void>(history::append_plan(
            *log, recount::restructure{"typo"}.because("250").replace(paid_in, content(250))));
        auto const out = bank.dispatch(sample::withdraw_all{{"a"}}).value();
        CHECK(out.version == 4);
        CHECK(bank.state<sample::account>({"a"}).balance == eur(0));
        CHECK(bank.state<sample::account>({"a"}, recount::as_known_at{2}).balance == eur(100));
        CHECK(bank.state<sample::account>({"a"}, recount::as_known_at{3}).balance == eur(250));
        auto const rows = log->read_stream(stream("account-a")).events;
        CHECK(rows.back().payload.find(R"("minor":250)") != std::string::npos);

        // What is refused is refused by the corrected state, too.
        auto const again = bank.dispatch(sample::deposit{{"a"}, eur(7)}).value().events[0];
        static_cast<void>(history::append_plan(
            *log, recount::restructure{"twice"}.because("recorded twice").exclude(again)));
        auto const no = bank.dispatch(sample::withdraw_all{{"a"}});
        REQUIRE_FALSE(no);
        CHECK(no.rejected().code == "empty");
        // A version that the caller knew before the restructure is none any more.
        recount::command_options options;
        options.expected = 5;
        auto const stale = error_of([&] {
            return bank.dispatch(sample::deposit{{"a"}, eur(1)}, options);
        });
        REQUIRE(stale);
        CHECK(stale->code() == errc::conflict);
    }
}
