// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Commands that are decided here and appended by the caller.
#include <stdexcept>

#include <recount/command/dispatcher.hpp>

#include "support/catch.hpp"
#include "support/sample_domain.hpp"
#include "support/wrapped_log.hpp"

namespace {

using namespace sample;

struct drafting {
    recount::tests::wrapped_log log;
    recount::dispatcher dispatcher{log, "bank 1.0",
                                   [] { return recount::timestamp{std::chrono::seconds{60}}; }};
    recount::dispatcher::batch batch{dispatcher};
    std::vector<std::shared_ptr<void const>> objects;
    std::vector<recount::command_call> calls;

    template <class C>
    drafting& add(C command) {
        auto const kept = std::make_shared<C>(std::move(command));
        objects.push_back(kept);
        for (auto const& c : recount::aggregate_of<account>().commands) {
            if (c.command.name != recount::command_name_of<C>().name) continue;
            calls.push_back({&recount::aggregate_of<account>(), &c, kept.get(), {}});
            return *this;
        }
        throw std::logic_error{"no such command"};
    }
    // All that was added since the last time.
    std::vector<std::optional<recount::commit>> draft(bool behind = false) {
        return batch.draft(calls, std::vector<bool>(calls.size(), behind));
    }
    std::vector<bool> append(std::vector<std::optional<recount::commit>> const& drafts) {
        std::vector<recount::commit> commits;
        for (auto const& one : drafts) {
            if (one) commits.push_back(*one);
        }
        return batch.settle(log.append_batch(commits));
    }
    void run() {
        for (auto const& result : batch.run(calls)) {
            REQUIRE(std::holds_alternative<recount::outcome>(result));
        }
        next();
    }
    void next() {
        calls.clear();
        objects.clear();
    }
    money balance(std::string const& id) {
        auto const loaded = dispatcher.load(recount::aggregate_of<account>(),
                                            recount::stream_name::of("account", id));
        return static_cast<account const*>(loaded.state.get())->balance;
    }
};

}  // namespace

TEST_CASE("what was drafted and appended is what the next draft is decided on",
          "[dispatch][batch]") {
    drafting b;
    b.add(open_account{{"a"}}).run();
    b.add(deposit{{"a"}, eur(5)}).add(open_account{{"b"}});
    CHECK(b.append(b.draft()) == std::vector<bool>{true, true});
    b.next();
    int const reads = b.log.stream_reads;
    b.add(withdraw_all{{"a"}});
    CHECK(b.append(b.draft()) == std::vector<bool>{true});
    CHECK(b.log.stream_reads == reads);
    CHECK(b.balance("a") == eur(0));
}

TEST_CASE("nothing is drafted of what would not be written", "[dispatch][batch]") {
    drafting b;
    b.add(open_account{{"a"}}).run();
    b.add(withdraw_all{{"a"}})        // rejected: empty
        .add(open_account{{""}})      // no such stream
        .add(open_account{{"a"}});    // nothing to record
    auto const drafts = b.draft();
    for (auto const& one : drafts) CHECK_FALSE(one);
    CHECK(b.append(drafts) == std::vector<bool>{false, false, false});
}

TEST_CASE("a draft is behind another one of its stream only where that is wanted",
          "[dispatch][batch]") {
    drafting b;
    b.add(open_account{{"a"}}).run();
    b.add(deposit{{"a"}, eur(5)}).add(withdraw_all{{"a"}});
    SECTION("no") {
        auto const drafts = b.draft();
        REQUIRE(drafts[0]);
        CHECK_FALSE(drafts[1]);
        CHECK(b.append(drafts) == std::vector<bool>{true, false});
        CHECK(b.balance("a") == eur(5));
    }
    SECTION("yes") {
        auto const drafts = b.draft(true);
        REQUIRE(drafts[0]);
        REQUIRE(drafts[1]);
        CHECK_FALSE(drafts[0]->follows);
        CHECK(drafts[1]->follows == drafts[0]->id);
        CHECK(b.append(drafts) == std::vector<bool>{true, true});
        CHECK(b.balance("a") == eur(0));
    }
}

TEST_CASE("a draft that lost its place leaves no trace", "[dispatch][batch]") {
    drafting b;
    b.add(open_account{{"a"}}).run();
    b.add(deposit{{"a"}, eur(5)});
    auto const drafts = b.draft();
    recount::commit other;
    other.events.push_back({recount::stream_name{"account-a"}, "account.deposited", 1,
                            recount::describe::to_json(deposited{{"a"}, eur(7)}), {}});
    static_cast<void>(b.log.inner.append(other));
    CHECK(b.append(drafts) == std::vector<bool>{false});
    b.run();
    CHECK(b.balance("a") == eur(12));
}

TEST_CASE("a draft that was never settled is forgotten", "[dispatch][batch]") {
    drafting b;
    b.add(open_account{{"a"}}).run();
    b.add(deposit{{"a"}, eur(5)});
    static_cast<void>(b.draft());
    b.run();
    CHECK(b.balance("a") == eur(5));
}
