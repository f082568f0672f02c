// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The same command again: the first result, for ever.
#include "log_conformance.hpp"

using namespace conformance;
using recount::commit;
using recount::errc;
using recount::expectation;

namespace {

commit deposit(std::string const& payload = R"({"amount":5})") {
    auto made = commit_of({event("account-1", R"({"balance":5})", "account.deposited"),
                           event("account-2", R"({"balance":6})", "account.deposited")});
    made.command = recount::json_text::checked(
        R"({"name":"account.deposit","version":1,"payload":)" + payload + "}");
    made.meta.actor = "ann";
    return made;
}

void check_first_result(recount::appended const& again, recount::appended const& first) {
    CHECK(again.repeated);
    CHECK(again.first == first.first);
    CHECK(again.last == first.last);
    CHECK(again.recorded_at == first.recorded_at);
    REQUIRE(again.events.size() == first.events.size());
    for (std::size_t i = 0; i < first.events.size(); ++i) {
        CHECK(again.events[i].stream == first.events[i].stream);
        CHECK(again.events[i].version == first.events[i].version);
        CHECK(again.events[i].id == first.events[i].id);
    }
}

}  // namespace

TEST_CASE("the same command again has its first result and writes nothing", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto const attempt = deposit();
        auto const first = store.log->append(attempt);
        CHECK_FALSE(first.repeated);
        check_first_result(store.log->append(attempt), first);
        check_first_result(store.other().append(attempt), first);
        CHECK(store.log->head().position == 2);
    }
}

TEST_CASE("a repeated command is known when its streams have moved on", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const attempt = expecting(deposit(), "account-1", expectation::no_stream());
        auto const first = log.append(attempt);
        // Its expectation no longer holds: it made the stream itself.
        check_first_result(log.append(attempt), first);
        for (int i = 0; i < 5; ++i) log.append(commit_to("account-1"));
        check_first_result(log.append(attempt), first);
        // Also when now it would expect what never was, or decide other events.
        auto later = expecting(deposit(), "account-2", expectation::exactly(77));
        later.id = attempt.id;
        later.events.pop_back();
        check_first_result(log.append(later), first);
        CHECK(log.head().position == 7);
    }
}

TEST_CASE("an id that is known with another command is taken", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const first = deposit();
        log.append(first);
        auto const refused = [&](auto change) {
            auto attempt = first;
            change(attempt);
            auto const thrown = error_of([&] { return log.append(attempt); });
            REQUIRE(thrown.has_value());
            CHECK(thrown->code() == errc::command_id_taken);
            // Nothing of the first is told.
            CHECK(std::string{thrown->what()} ==
                  "the command id " + to_string(first.id) + " is taken");
        };
        refused([](commit& c) { c.command = deposit(R"({"amount":6})").command; });
        refused([](commit& c) {
            c.command = recount::json_text::checked(
                R"({"name":"account.withdraw","version":1,"payload":{"amount":5}})");
        });
        refused([](commit& c) { c.meta.actor = "bob"; });
        refused([](commit& c) { c.meta.actor.reset(); });
        refused([](commit& c) { c.command.reset(); });
        CHECK(log.head().position == 2);
    }
}

TEST_CASE("without a command a repetition is told by its events", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto attempt = commit_to("a-1", 2);
        attempt.events[1].effective_at = recount::timestamp_from_string("2001-02-03T04:05:06Z");
        auto const first = log.append(attempt);
        check_first_result(log.append(attempt), first);
        auto const refused = [&](auto change) {
            auto other = attempt;
            change(other);
            auto const thrown = error_of([&] { return log.append(other); });
            REQUIRE(thrown.has_value());
            CHECK(thrown->code() == errc::command_id_taken);
        };
        refused([](commit& c) { c.events[0].payload = recount::json_text::checked("{}"); });
        refused([](commit& c) { c.events[0].type = "thing.other"; });
        refused([](commit& c) { c.events[0].schema_version = 2; });
        refused([](commit& c) { c.events[0].stream = stream("a-2"); });
        refused([](commit& c) { c.events[1].effective_at.reset(); });
        refused([](commit& c) { c.events.pop_back(); });
        refused([](commit& c) { c.events.push_back(event("a-1")); });
        CHECK(log.head().position == 2);
    }
}

TEST_CASE("an id twice in one batch is one commit", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const one = deposit();
        auto other = one;
        other.command = deposit(R"({"amount":9})").command;
        std::vector<commit> const batch{commit_to("a-1"), one, commit_to("a-1"), one, other};
        auto const results = log.append_batch(batch);
        CHECK(success(results[0]).first == 1);
        CHECK_FALSE(success(results[1]).repeated);
        CHECK(success(results[2]).first == 4);
        check_first_result(success(results[3]), success(results[1]));
        CHECK(code_of(results[4]) == errc::command_id_taken);
        CHECK(log.head().position == 4);
    }
}

TEST_CASE("a batch may hold old and new commands side by side", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        std::vector<commit> batch;
        for (int i = 0; i < 40; ++i) {
            auto const name = "a-" + std::to_string(i);
            batch.push_back(expecting(commit_to(name), name, expectation::no_stream()));
        }
        std::vector<commit> half;
        for (std::size_t i = 0; i < batch.size(); i += 2) half.push_back(batch[i]);
        static_cast<void>(log.append_batch(half));
        CHECK(log.head().position == 20);
        auto const results = log.append_batch(batch);
        for (std::size_t i = 0; i < results.size(); ++i) {
            CHECK(success(results[i]).repeated == (i % 2 == 0));
        }
        CHECK(log.head().position == 40);
        for (auto const& again : log.append_batch(batch)) CHECK(success(again).repeated);
        CHECK(log.head().position == 40);
    }
}

TEST_CASE("commits are found by their ids, events by theirs", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const one = deposit();
        auto const two = commit_to("a-1", 3);
        auto const first = log.append(one);
        log.append(two);
        auto const all = everything(log);

        std::vector<recount::uuid> const ids{two.id, recount::new_command_id(), one.id};
        auto const found = log.find_commits(ids);
        REQUIRE(found.size() == 2);
        check_first_result(found.at(one.id).result, first);
        CHECK(found.at(one.id).rows == std::vector<recount::recorded_event>{all[0], all[1]});
        CHECK(found.at(one.id).rows[0].command == one.command->str());
        CHECK_FALSE(found.at(one.id).rows[1].command.has_value());
        CHECK(found.at(two.id).result.last == 5);
        CHECK(log.find_commits({}).empty());

        for (auto const& e : all) CHECK(log.find_event(e.id) == e);
        // Past the end of its commit, and of no commit at all.
        CHECK_FALSE(log.find_event(recount::event_id(one.id, 2)).has_value());
        CHECK_FALSE(log.find_event(recount::event_id(two.id, 3)).has_value());
        CHECK_FALSE(log.find_event(recount::new_command_id()).has_value());
        // An id of an event that is not the first of its commit is no command's.
        std::vector<recount::uuid> const inner{all[1].id};
        CHECK(log.find_commits(inner).empty());
    }
}

TEST_CASE("a commit that follows another is written with it or not at all", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("a-1", 1));
        auto const chain = [](recount::version from) {
            std::vector<commit> made;
            for (recount::version v = from; v < from + 3; ++v) {
                made.push_back(expecting(commit_to("a-1"), "a-1", expectation::exactly(v)));
                if (made.size() > 1) made.back().follows = made[made.size() - 2].id;
            }
            return made;
        };
        // The first is too late; the others would find the version that they expect.
        auto const late = chain(0);
        for (auto const& result : log.append_batch(late)) CHECK(code_of(result) == errc::conflict);
        auto const good = chain(1);
        for (auto const& result : log.append_batch(good)) CHECK_FALSE(success(result).repeated);
        // Again: each has its first result, whatever it follows.
        for (auto const& result : log.append_batch(good)) CHECK(success(result).repeated);
        // One that was known before is no predecessor: it was not written by this call.
        auto next = expecting(commit_to("a-1"), "a-1", expectation::exactly(4));
        next.follows = good.back().id;
        std::vector<commit> const mixed{good.back(), next};
        auto const results = log.append_batch(mixed);
        CHECK(success(results[0]).repeated);
        CHECK(code_of(results[1]) == errc::conflict);
        CHECK(log.head().position == 4);
    }
}

TEST_CASE("commits follow each other over transactions of one call", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        std::vector<commit> chain;
        for (int i = 0; i < 5; ++i) {
            auto made = commit_to("a-1", 20'000);  // a few make a transaction of their own
            made.expectations.push_back(
                {stream("a-1"), expectation::exactly(static_cast<recount::version>(i) * 20'000)});
            if (i > 0) made.follows = chain.back().id;
            chain.push_back(std::move(made));
        }
        for (auto const& result : log.append_batch(chain)) success(result);
        CHECK(log.head().position == 100'000);
    }
}
