// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The runner of a saga without a log: what it wants next, fact by fact.
#include "saga/runner.hpp"

#include <recount/restructure/read.hpp>
#include <recount/saga/limits.hpp>

#include "support/caught.hpp"
#include "support/transfer_domain.hpp"

namespace {

using namespace transfers;
using recount::checkpoint;
using recount::errc;
using recount::error;
using recount::feed_page;
using recount::outbox_message;
using recount::position;
using recount::timestamp;
using recount::detail::saga_runner;
using recount::detail::sent_result;
using recount::tests::caught;
using kind = saga_runner::action_kind;

saga_runner following() { return {recount::saga_of<transfer>(), "test", {}}; }
saga_runner until_quiet() {
    return {recount::saga_of<transfer>(), "test", {.until_quiet = true}};
}

feed_page empty_page(position through) {
    feed_page page;
    page.through = through;
    page.head = through;
    page.caught_up = true;
    return page;
}

feed_page page_with(std::string const& transfer, position at) {
    auto page = empty_page(at);
    recount::recorded_event e;
    e.position = at;
    e.stream = "transfer-" + transfer;
    e.version = 1;
    e.id = recount::event_id(recount::command_id_from_key(transfer), 0);
    e.type = "transfer.requested";
    e.commit_last = at;
    e.payload = R"({"transfer":")" + transfer + R"(","from":"a","to":"b","amount":)"
                R"({"minor":5,"currency":"EUR"}})";
    e.meta = "{}";
    page.events.push_back(e);
    return page;
}

outbox_message message(std::string const& instance, int n) {
    outbox_message m;
    m.key = recount::command_id_from_key(instance + std::to_string(n));
    m.saga = "transfer";
    m.instance = instance;
    m.type = "account.debit";
    m.body = R"({"name":"account.debit","version":1,"payload":{}})";
    m.claims = 1;
    return m;
}

std::vector<recount::append_result> appended(std::vector<recount::commit> const& commits) {
    std::vector<recount::append_result> results;
    for (auto const& c : commits) {
        recount::appended done;
        done.last = 100;
        for (std::size_t i = 0; i < c.events.size(); ++i) {
            done.events.push_back({c.events[i].stream.str(), static_cast<int>(i) + 1, c.id, {}});
        }
        results.emplace_back(done);
    }
    return results;
}

error passing() { return error{errc::database_unreachable, "gone"}; }

// Through the feed to the claim.
saga_runner::action claimed(saga_runner& runner, std::vector<outbox_message> messages) {
    static_cast<void>(runner.on_checkpoint({}));
    static_cast<void>(runner.on_page(empty_page(0)));
    auto const next = runner.on_timers({}, {});
    REQUIRE(next.kind == kind::claim);
    return runner.on_claimed(std::move(messages));
}

}  // namespace

TEST_CASE("a saga's runner begins with its checkpoint, and knows its log again", "[saga][runner]") {
    auto runner = following();
    CHECK(runner.start().kind == kind::read_checkpoint);
    recount::digest hash{};
    hash[0] = std::byte{7};
    CHECK(runner.on_checkpoint({10, hash, 1}).kind == kind::read_hash);
    SECTION("the same") {
        auto const next = runner.on_hash(hash);
        CHECK(next.kind == kind::read_page);
        CHECK(next.after == 10);
    }
    SECTION("another") {
        CHECK(runner.on_hash(recount::digest{}).kind == kind::fail);
        CHECK(runner.failure().code() == errc::corrupted);
    }
}

TEST_CASE("a page is read, appended, and written with its checkpoint", "[saga][runner]") {
    trouble::none();
    auto runner = following();
    static_cast<void>(runner.on_checkpoint({}));
    CHECK(runner.on_page(page_with("t", 5)).kind == kind::read_streams);
    REQUIRE(runner.streams_wanted().size() == 1);
    CHECK(runner.streams_wanted().front().str() == "$saga.transfer-t");
    CHECK(runner.on_streams({}).kind == kind::append);
    REQUIRE(runner.commits().size() == 1);
    CHECK(runner.commits().front().of_framework);
    CHECK(runner.on_appended(appended(runner.commits())).kind == kind::write);
    REQUIRE(runner.to());
    CHECK(runner.to()->position == 5);
    CHECK(runner.changes().instances.size() == 1);
    CHECK(runner.changes().messages.size() == 1);
    CHECK(runner.changes().timers.size() == 1);
    CHECK(runner.on_written(true).kind == kind::read_timers);
    CHECK(runner.from().position == 5);
    SECTION("the next page does not read the instance again, and appends nothing") {
        static_cast<void>(runner.on_timers({}, {}));
        CHECK(runner.on_claimed({}).kind == kind::read_page);
        CHECK(runner.on_page(page_with("t", 9)).kind == kind::read_page);
        CHECK(runner.on_page(empty_page(9)).kind == kind::write);
        CHECK(runner.to()->position == 9);
    }
}

namespace {

// A page in the log, its command accepted with its step.
saga_runner::action followed(saga_runner& runner, std::string const& transfer, position at) {
    static_cast<void>(runner.on_page(page_with(transfer, at)));
    REQUIRE(runner.on_streams({}).kind == kind::append);
    auto const commands = runner.at_once();
    REQUIRE(commands.size() == 1);
    CHECK(commands.front().step == 0);
    return runner.on_appended(appended(runner.commits()), {commands.front().message->key});
}

}  // namespace

TEST_CASE("pages that leave nothing to be sent are written together", "[saga][runner]") {
    trouble::none();
    auto runner = following();
    static_cast<void>(runner.on_checkpoint({}));
    SECTION("when the feed has no more") {
        CHECK(followed(runner, "t", 5).kind == kind::read_page);
        CHECK(followed(runner, "u", 9).kind == kind::read_page);
        CHECK(runner.on_page(empty_page(12)).kind == kind::write);
        CHECK(runner.from().position == 0);
        CHECK(runner.to()->position == 9);
        CHECK(runner.changes().instances.size() == 2);
        CHECK(runner.changes().timers.size() == 2);
        CHECK(runner.changes().messages.empty());
        CHECK(runner.changes().done.empty());
        CHECK(runner.on_written(true).kind == kind::read_timers);
        CHECK(runner.told().commands == 2);
    }
    SECTION("after so many pages at the latest") {
        int pages = 1;
        while (followed(runner, std::to_string(pages), pages).kind == kind::read_page) ++pages;
        CHECK(pages == recount::limits::saga_pages_unwritten_max);
        CHECK(runner.changes().instances.size() == static_cast<std::size_t>(pages));
        CHECK(runner.on_written(true).kind == kind::read_timers);
    }
    SECTION("before a restructure is looked at") {
        static_cast<void>(followed(runner, "t", 5));
        auto page = page_with("u", 9);
        page.events.front().type = recount::history::restructured_type;
        CHECK(runner.on_page(page).kind == kind::write);
        CHECK(runner.to()->position == 5);
        CHECK(runner.on_written(true).kind == kind::read_page);
        CHECK(runner.on_page(page).kind == kind::read_delta);
    }
    SECTION("when it is asked to stop") {
        static_cast<void>(followed(runner, "t", 5));
        runner.stop();
        CHECK(followed(runner, "u", 9).kind == kind::write);
    }
    SECTION("not after a failure: they are read again") {
        static_cast<void>(followed(runner, "t", 5));
        CHECK(runner.on_failure(passing()).kind == kind::pause);
        CHECK(runner.on_pause_over().kind == kind::read_checkpoint);
        static_cast<void>(runner.on_checkpoint({}));
        CHECK(runner.on_page(empty_page(5)).kind == kind::read_timers);
        CHECK_FALSE(runner.to());
    }
}

TEST_CASE("a command that did not go with its step waits in the tables", "[saga][runner]") {
    trouble::none();
    auto runner = following();
    static_cast<void>(runner.on_checkpoint({}));
    static_cast<void>(runner.on_page(page_with("t", 5)));
    static_cast<void>(runner.on_streams({}));
    REQUIRE(runner.at_once().size() == 1);
    CHECK(runner.on_appended(appended(runner.commits())).kind == kind::write);
    CHECK(runner.changes().messages.size() == 1);
}

TEST_CASE("no command goes with a step that a restructure behind it may take back",
          "[saga][runner]") {
    trouble::none();
    auto runner = following();
    static_cast<void>(runner.on_checkpoint({}));
    auto page = page_with("t", 5);
    page.events.push_back(page_with("u", 6).events.front());
    page.events.back().type = recount::history::restructured_type;
    static_cast<void>(runner.on_page(page));
    static_cast<void>(runner.on_streams({}));
    CHECK(runner.at_once().empty());
    CHECK(runner.on_appended(appended(runner.commits())).kind == kind::write);
    CHECK(runner.changes().messages.size() == 1);
}

TEST_CASE("beside another worker each page is written, for a while", "[saga][runner]") {
    trouble::none();
    auto runner = following();
    static_cast<void>(runner.on_checkpoint({}));
    static_cast<void>(followed(runner, "t", 5));
    CHECK(runner.on_page(empty_page(5)).kind == kind::write);
    CHECK(runner.on_written(false).kind == kind::read_checkpoint);   // overtaken
    static_cast<void>(runner.on_checkpoint({}));
    CHECK(followed(runner, "u", 9).kind == kind::write);
}

TEST_CASE("overtaken by another worker, it goes on from that one's checkpoint", "[saga][runner]") {
    trouble::none();
    auto runner = following();
    static_cast<void>(runner.on_checkpoint({}));
    static_cast<void>(runner.on_page(page_with("t", 5)));
    static_cast<void>(runner.on_streams({}));
    static_cast<void>(runner.on_appended(appended(runner.commits())));
    CHECK(runner.on_written(false).kind == kind::read_checkpoint);
    CHECK(runner.warm_instances() == 0);
}

TEST_CASE("a conflict is decided again on what the log has", "[saga][runner]") {
    trouble::none();
    auto runner = following();
    static_cast<void>(runner.on_checkpoint({}));
    static_cast<void>(runner.on_page(page_with("t", 5)));
    static_cast<void>(runner.on_streams({}));
    std::vector<recount::append_result> const lost{
        error{recount::conflict_details{"$saga.transfer-t", "no stream", 1}}};
    CHECK(runner.on_appended(lost).kind == kind::read_streams);
    CHECK(runner.on_streams({}).kind == kind::append);
}

TEST_CASE("when there is nothing to do it waits, or is done", "[saga][runner]") {
    auto waiting = following();
    CHECK(claimed(waiting, {}).kind == kind::wait_for_news);
    CHECK(waiting.on_news().kind == kind::read_page);
    auto ending = until_quiet();
    CHECK(claimed(ending, {}).kind == kind::done);
}

TEST_CASE("rows that do not concern it cost no transaction until it is quiet", "[saga][runner]") {
    recount::digest hash{};
    auto runner = until_quiet();
    static_cast<void>(runner.on_checkpoint({}));
    CHECK(runner.on_page(empty_page(7)).kind == kind::read_timers);
    static_cast<void>(runner.on_timers({}, {}));
    auto const mark = runner.on_claimed({});
    CHECK(mark.kind == kind::read_hash);
    CHECK(mark.after == 7);
    CHECK(runner.on_hash(hash).kind == kind::write);
    REQUIRE(runner.to());
    CHECK(runner.to()->position == 7);
    CHECK(runner.on_written(true).kind == kind::done);
}

TEST_CASE("commands of one instance are sent one after the other", "[saga][runner]") {
    auto runner = following();
    auto next = claimed(runner, {message("x", 1), message("x", 2), message("y", 1)});
    CHECK(next.kind == kind::send);
    CHECK(runner.messages_to_send().size() == 2);
    next = runner.on_sent(std::vector<sent_result>(2), {});
    CHECK(next.kind == kind::send);
    REQUIRE(runner.messages_to_send().size() == 1);
    CHECK(runner.messages_to_send().front().key == message("x", 2).key);
    // Ended with what comes next: no transaction of its own.
    CHECK(runner.on_sent(std::vector<sent_result>(1), {}).kind == kind::read_page);
}

TEST_CASE("what was sent of a long backlog is said before the leases are over", "[saga][runner]") {
    auto runner = following();
    auto const at_once = recount::limits::saga_commands_at_once;
    auto next = claimed(runner, {});
    for (int round = 0; round < 2; ++round) {
        static_cast<void>(runner.on_page(empty_page(0)));
        static_cast<void>(runner.on_timers({}, {}));
        std::vector<outbox_message> batch;
        for (std::size_t i = 0; i < at_once; ++i) {
            batch.push_back(message("x" + std::to_string(i), round));
        }
        REQUIRE(runner.on_claimed(batch).kind == kind::send);
        next = runner.on_sent(std::vector<sent_result>(at_once), {});
        REQUIRE(next.kind == kind::write);
        CHECK(runner.changes().done.size() == at_once);
        CHECK_FALSE(runner.to());
        CHECK(runner.on_written(true).kind == kind::read_page);
    }
}

TEST_CASE("what is behind a refused command is given back", "[saga][runner]") {
    trouble::none();
    auto runner = following();
    static_cast<void>(claimed(runner, {message("x", 1), message("x", 2)}));
    std::vector<sent_result> const no{{.what = sent_result::kind::rejected, .no = {"not_open"}}};
    CHECK(runner.on_sent(no, timestamp{}).kind == kind::give_back);
    REQUIRE(runner.given_back().size() == 1);
    CHECK(runner.given_back().front().key == message("x", 2).key);
    CHECK(runner.on_given_back().kind == kind::read_streams);   // whom to ask what to do
}

TEST_CASE("a pause counts from the refusal, whatever was accepted behind it", "[saga][runner]") {
    trouble::none();
    auto runner = following();
    static_cast<void>(claimed(runner, {message("x", 1), message("y", 1), message("y", 2)}));
    std::vector<sent_result> const first{{.what = sent_result::kind::rejected, .no = {"not_open"}},
                                         {}};
    timestamp const now{1'700'000'000s};
    CHECK(runner.on_sent(first, now).kind == kind::send);
    CHECK(runner.on_sent(std::vector<sent_result>(1), {}).kind == kind::read_streams);
    CHECK(runner.on_streams({}).kind == kind::append);
    CHECK(runner.on_appended(appended(runner.commits())).kind == kind::write);
    REQUIRE(runner.changes().moved.size() == 1);
    CHECK(runner.changes().moved.front().due_at == now + 1min);
}

TEST_CASE("a command that somebody may have sent before is asked for first", "[saga][runner]") {
    auto runner = following();
    auto again = message("x", 1);
    again.claims = 2;
    CHECK(claimed(runner, {again, message("y", 1)}).kind == kind::find_refusals);
    CHECK(runner.refusals_wanted().size() == 2);   // of this attempt, and for good
    CHECK(runner.on_refusals({}).kind == kind::send);
    CHECK(runner.messages_to_send().size() == 2);
}

TEST_CASE("a failure that may pass pauses, gives back what was claimed, and begins anew",
          "[saga][runner]") {
    auto runner = following();
    static_cast<void>(claimed(runner, {message("x", 1)}));
    auto const first = runner.on_failure(passing());
    CHECK(first.kind == kind::pause);
    CHECK(runner.on_pause_over().kind == kind::give_back);
    CHECK(runner.given_back().size() == 1);
    auto const second = runner.on_failure(passing());   // that failed too
    CHECK(second.kind == kind::pause);
    CHECK(second.pause == first.pause * 2);
    CHECK(runner.on_pause_over().kind == kind::give_back);
    CHECK(runner.on_given_back().kind == kind::read_checkpoint);
    CHECK(runner.on_failure(error{errc::unknown_type, "no"}).kind == kind::fail);
}

TEST_CASE("until quiet, too many failures in a row are the end", "[saga][runner]") {
    auto runner = until_quiet();
    for (int i = 0; i < 4; ++i) CHECK(runner.on_failure(passing()).kind == kind::pause);
    CHECK(runner.on_failure(passing()).kind == kind::fail);
    CHECK(runner.failure().code() == errc::database_unreachable);
}

TEST_CASE("asked to stop, it ends the round that it is in", "[saga][runner]") {
    auto runner = following();
    static_cast<void>(claimed(runner, {message("x", 1)}));
    runner.stop();
    // What was sent is said before it ends.
    CHECK(runner.on_sent(std::vector<sent_result>(1), {}).kind == kind::write);
    CHECK(runner.changes().done.size() == 1);
    CHECK(runner.on_written(true).kind == kind::done);
}
