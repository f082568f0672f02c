// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/command/dispatcher.hpp>

#include <stdexcept>
#include <thread>

#include "support/caught.hpp"
#include "support/sample_domain.hpp"
#include "support/wrapped_log.hpp"

namespace {

using namespace sample;
using recount::accepted;
using recount::command_options;
using recount::dispatch_result;
using recount::errc;
using recount::error;
using recount::outcome;

template <class C>
recount::command_descriptor const& command_of() {
    for (auto const& c : recount::aggregate_of<account>().commands) {
        if (c.command.name == recount::command_name_of<C>().name) return c;
    }
    throw std::logic_error{"no such command"};
}

struct bank {
    recount::tests::wrapped_log log;
    recount::dispatcher dispatcher{log, "bank 1.0",
                                   [] { return recount::timestamp{std::chrono::seconds{60}}; }};

    template <class C>
    static recount::command_call call(C const& command, command_options options = {}) {
        return {&recount::aggregate_of<account>(), &command_of<C>(), &command, std::move(options)};
    }
    template <class C>
    outcome dispatch(C const& command, command_options options = {}) {
        return dispatcher.dispatch(call(command, std::move(options)));
    }
    template <class C>
    errc failure_of(C const& command, command_options options = {}) {
        try {
            static_cast<void>(dispatch(command, std::move(options)));
        } catch (error const& e) {
            return e.code();
        }
        FAIL("the command did not fail");
        return {};
    }
    // Another writer: money that comes in behind the dispatcher's back.
    void slip_in(std::string const& id, std::int64_t minor) {
        recount::commit c;
        c.events.push_back({recount::stream_name::of("account", id), "account.deposited", 1,
                            recount::describe::to_json(deposited{{id}, eur(minor)}),
                            {}});
        log.inner.append(c);
    }
    void slip_in_once(std::string const& id, std::int64_t minor) {
        log.before_append = [this, id, minor] {
            log.before_append = nullptr;
            slip_in(id, minor);
        };
    }
    std::vector<recount::recorded_event> events(std::string const& id) {
        return log.inner.read_stream(recount::stream_name::of("account", id), {}).events;
    }
    money balance(std::string const& id) {
        auto const loaded = dispatcher.load(recount::aggregate_of<account>(),
                                            recount::stream_name::of("account", id));
        return static_cast<account const*>(loaded.state.get())->balance;
    }
};

command_options keyed(std::string key, std::string actor = {}) {
    command_options options;
    options.key = std::move(key);
    options.actor = std::move(actor);
    return options;
}
command_options expecting(recount::version expected) {
    command_options options;
    options.expected = expected;
    return options;
}

accepted const& yes(dispatch_result const& result) {
    if (auto const* failed = std::get_if<error>(&result)) FAIL(failed->what());
    return std::get<outcome>(result).value();
}
std::string no(dispatch_result const& result) {
    if (auto const* failed = std::get_if<error>(&result)) FAIL(failed->what());
    return std::get<outcome>(result).rejected().code;
}
errc failed(dispatch_result const& result) {
    REQUIRE(std::holds_alternative<error>(result));
    return std::get<error>(result).code();
}

}  // namespace

TEST_CASE("an accepted command says where its events stand", "[dispatch]") {
    bank b;
    auto const first = b.dispatch(open_account{{"a"}}).value();
    CHECK(first.stream == "account-a");
    CHECK(first.version == 1);
    CHECK(first.position == 1);
    CHECK_FALSE(first.repeated);
    CHECK(first.token() == "1");

    b.dispatch(deposit{{"a"}, eur(500)}).value();
    auto const last = b.dispatch(close_account{{"a"}}).value();  // two events, one commit
    CHECK(last.version == 4);
    CHECK(last.position == 4);
    REQUIRE(last.events.size() == 2);
    auto const stored = b.events("a");
    CHECK(stored[2].id == last.events[0]);
    CHECK(stored[3].id == last.events[1]);
    CHECK(stored[2].commit_last == 4);
}

TEST_CASE("a rejection is a value, and nothing is written", "[dispatch]") {
    bank b;
    auto const answer = b.dispatch(deposit{{"a"}, eur(1)});
    CHECK_FALSE(answer);
    CHECK(answer.rejected() == rejection{"not_open", "the account is not open"});
    CHECK(b.log.inner.head().position == 0);
    CHECK(b.log.appends == 0);
    try {
        static_cast<void>(answer.value());
        FAIL("a rejection has no value");
    } catch (error const& e) {
        CHECK(e.code() == errc::refused);
        CHECK(e.what() ==
              std::string{"the command was rejected: not_open (the account is not open)"});
    }
}

TEST_CASE("a command that changes nothing is accepted without events", "[dispatch]") {
    bank b;
    b.dispatch(open_account{{"a"}}).value();
    auto const again = b.dispatch(open_account{{"a"}}).value();
    CHECK(again.events.empty());
    CHECK(again.version == 1);
    CHECK(again.position == 1);
    CHECK_FALSE(again.repeated);
    CHECK(b.log.inner.head().position == 1);
}

TEST_CASE("a repeated key has its first result, even where it would now be rejected",
          "[dispatch]") {
    bank b;
    b.dispatch(open_account{{"a"}}).value();
    b.dispatch(deposit{{"a"}, eur(500)}).value();
    auto const first = b.dispatch(withdraw_all{{"a"}}, keyed("k-1")).value();
    auto const second = b.dispatch(withdraw_all{{"a"}}, keyed("k-1")).value();
    CHECK(second.repeated);
    CHECK(second.events == first.events);
    CHECK(second.version == first.version);
    CHECK(second.position == first.position);
    // And where it would be accepted again.
    b.dispatch(deposit{{"a"}, eur(500)}).value();
    CHECK(b.dispatch(withdraw_all{{"a"}}, keyed("k-1")).value().repeated);
    CHECK(b.balance("a") == eur(500));
    // Without the key it is a new command.
    CHECK_FALSE(b.dispatch(withdraw_all{{"a"}}).value().repeated);
    CHECK(b.dispatch(withdraw_all{{"a"}}).rejected().code == "empty");
}

TEST_CASE("a repetition with an expected version that is past has its first result",
          "[dispatch]") {
    bank b;
    auto options = keyed("k");
    options.expected = 0;
    auto const first = b.dispatch(open_account{{"a"}}, options).value();
    auto const second = b.dispatch(open_account{{"a"}}, options).value();
    CHECK(second.repeated);
    CHECK(second.events == first.events);
}

TEST_CASE("a key with another command or another actor is taken", "[dispatch]") {
    bank b;
    auto const id = recount::new_command_id();
    auto const with = [&](std::string actor) {
        command_options options;
        options.id = id;
        options.actor = std::move(actor);
        return options;
    };
    b.dispatch(open_account{{"a"}}, with("ada")).value();
    CHECK(b.failure_of(open_account{{"b"}}, with("ada")) == errc::command_id_taken);
    CHECK(b.failure_of(deposit{{"a"}, eur(1)}, with("ada")) == errc::command_id_taken);
    CHECK(b.failure_of(withdraw_all{{"a"}}, with("ada")) == errc::command_id_taken);  // rejected
    CHECK(b.failure_of(open_account{{"a"}}, with("bob")) == errc::command_id_taken);
    CHECK(b.failure_of(open_account{{"a"}}, with("")) == errc::command_id_taken);
    CHECK(b.dispatch(open_account{{"a"}}, with("ada")).value().repeated);
    // A key of a caller is a key of its actor.
    b.dispatch(open_account{{"c"}}, keyed("k", "ada")).value();
    CHECK_FALSE(b.dispatch(open_account{{"d"}}, keyed("k", "bob")).value().repeated);
    CHECK(b.failure_of(open_account{{"d"}}, keyed("k", "ada")) == errc::command_id_taken);
}

TEST_CASE("an expected version is held to", "[dispatch]") {
    bank b;
    b.dispatch(open_account{{"a"}}, expecting(0)).value();
    b.dispatch(deposit{{"a"}, eur(1)}, expecting(1)).value();
    try {
        static_cast<void>(b.dispatch(deposit{{"a"}, eur(1)}, expecting(1)));
        FAIL("the stream is at version 2");
    } catch (error const& e) {
        CHECK(e.code() == errc::conflict);
        REQUIRE(e.conflict().has_value());
        CHECK(e.conflict()->stream == "account-a");
        CHECK(e.conflict()->actual_version == 2);
    }
    CHECK(b.failure_of(open_account{{"b"}}, expecting(4)) == errc::conflict);
    // It is no version, and no reason to try again, when the stream moves meanwhile.
    CHECK(b.failure_of(open_account{{"b"}}, expecting(-1)) == errc::invalid_argument);
    b.slip_in_once("a", 7);
    int const appends = b.log.appends;
    CHECK(b.failure_of(deposit{{"a"}, eur(1)}, expecting(2)) == errc::conflict);
    CHECK(b.log.appends == appends + 1);
}

TEST_CASE("a command that lost its place is decided again on what is there", "[dispatch]") {
    bank b;
    b.dispatch(open_account{{"a"}}).value();
    b.dispatch(deposit{{"a"}, eur(500)}).value();
    b.slip_in_once("a", 7);
    auto const done = b.dispatch(withdraw_all{{"a"}}).value();
    CHECK(done.version == 4);
    CHECK(b.balance("a") == eur(0));
    CHECK(b.events("a").back().payload ==
          R"({"account":"a","amount":{"minor":507,"currency":"EUR"}})");
}

TEST_CASE("a command that loses its place every time gives up", "[dispatch]") {
    bank b;
    b.dispatch(open_account{{"a"}}).value();
    b.log.before_append = [&] { b.slip_in("a", 1); };
    int const appends = b.log.appends;
    try {
        static_cast<void>(b.dispatch(deposit{{"a"}, eur(500)}));
        FAIL("the stream never stood still");
    } catch (error const& e) {
        CHECK(e.code() == errc::conflict);
        CHECK(e.retryable());
        CHECK(e.conflict().has_value());
    }
    CHECK(b.log.appends - appends == recount::limits::dispatch_attempts_max);
    CHECK(b.balance("a") == eur(recount::limits::dispatch_attempts_max));
}

TEST_CASE("a commit says who asked, what it was based on, and by which program", "[dispatch]") {
    bank b;
    b.dispatch(open_account{{"a"}}).value();
    auto options = keyed("k", "ada");
    options.correlation = recount::new_command_id();
    options.causation = recount::new_command_id();
    auto const done = b.dispatch(deposit{{"a"}, eur(500)}, options).value();
    auto const stored = b.events("a");
    auto const meta = recount::metadata_from_json(stored[1].meta);
    CHECK(meta.correlation == options.correlation);
    CHECK(meta.causation == options.causation);
    CHECK(meta.actor == "ada");
    CHECK(meta.basis == 1);
    CHECK(meta.app == "bank 1.0");
    CHECK(recount::command_id_of(done.events[0]) == recount::command_id_from_key("k", "ada"));
    // A command is the begin of its own conversation.
    auto const own = recount::metadata_from_json(stored[0].meta);
    CHECK(own.correlation == recount::command_id_of(stored[0].id));
    CHECK_FALSE(own.causation);
    CHECK_FALSE(own.actor);
    CHECK(own.basis == 0);
}

TEST_CASE("the command is kept with its first event, as canonical JSON", "[dispatch]") {
    bank b;
    b.dispatch(open_account{{"a"}}).value();
    b.dispatch(deposit{{"a"}, {-5, "EUR"}}).value();
    b.dispatch(close_account{{"a"}}).value();
    auto const stored = b.events("a");
    CHECK(stored[0].command == R"({"name":"account.open","version":1,"payload":{"account":"a"}})");
    CHECK(stored[1].command == R"({"name":"account.deposit","version":1,"payload":)"
                               R"({"account":"a","amount":{"minor":-5,"currency":"EUR"}}})");
    CHECK(stored[2].command ==
          R"({"name":"account.close","version":1,"payload":{"account":"a"}})");
    CHECK_FALSE(stored[3].command);
    deposit const quoted{{"a\"\n"}, {}};
    CHECK(recount::canonical_command(command_of<deposit>(), &quoted).str() ==
          R"({"name":"account.deposit","version":1,"payload":)"
          R"({"account":"a\"\n","amount":{"minor":0,"currency":""}}})");
}

TEST_CASE("what cannot name a stream or be written is refused", "[dispatch]") {
    bank b;
    CHECK(b.failure_of(open_account{{""}}) == errc::invalid_argument);
    CHECK(b.failure_of(open_account{{std::string(201, 'x')}}) == errc::invalid_argument);
    CHECK(b.failure_of(open_account{{"\xff"}}) == errc::invalid_json);
    command_options options;
    options.id = recount::event_id(recount::new_command_id(), 3);
    CHECK(b.failure_of(open_account{{"a"}}, options) == errc::invalid_argument);
    options.id = recount::uuid{};
    CHECK(b.failure_of(deposit{{"a"}, eur(1)}, options) == errc::invalid_argument);
    CHECK(b.log.inner.head().position == 0);
}

TEST_CASE("an event that the aggregate does not know is named with its place", "[dispatch]") {
    bank b;
    recount::commit c;
    c.events.push_back({recount::stream_name{"account-a"}, "account.renamed", 2, {}, {}});
    b.log.inner.append(c);
    try {
        static_cast<void>(b.dispatch(open_account{{"a"}}));
        FAIL("the event is unknown");
    } catch (error const& e) {
        CHECK(e.code() == errc::unknown_type);
        CHECK_THAT(e.what(), Catch::Matchers::ContainsSubstring("account.renamed version 2"));
        CHECK_THAT(e.what(), Catch::Matchers::ContainsSubstring("position 1"));
    }
}

TEST_CASE("a state is loaded as it was at a version", "[dispatch]") {
    bank b;
    b.dispatch(open_account{{"a"}}).value();
    for (int i = 1; i <= 5; ++i) b.dispatch(deposit{{"a"}, eur(i)}).value();
    auto const at = [&](recount::version v) {
        return b.dispatcher.load(recount::aggregate_of<account>(),
                                 recount::stream_name{"account-a"}, v);
    };
    CHECK(static_cast<account const*>(at(3).state.get())->balance == eur(3));
    CHECK(at(3).version == 3);
    CHECK(at(3).as_of == 3);      // what was known then
    CHECK(at(0).version == 6);
    CHECK(recount::tests::caught([&] { static_cast<void>(at(99)); }).code() == errc::not_found);
}

TEST_CASE("commands are dispatched from many threads at once", "[dispatch]") {
    constexpr int threads = 4;
    constexpr int each = 50;
    bank b;
    b.dispatch(open_account{{"a"}}).value();
    recount::dispatcher shared{b.log.inner, "bank", &recount::now};
    deposit const one{{"a"}, eur(1)};
    {
        std::vector<std::jthread> running;
        for (int t = 0; t < threads; ++t) {
            running.emplace_back([&] {
                for (int done = 0; done < each;) {
                    try {
                        shared.dispatch(bank::call(one)).value();
                        ++done;
                    } catch (error const& e) {
                        if (!e.retryable()) std::terminate();  // else outrun too often: once more
                    }
                }
            });
        }
    }
    CHECK(b.balance("a") == eur(threads * each));
    CHECK(b.log.inner.head().position == 1 + threads * each);
}

// --- batches ---

namespace {

// The commands of a run, kept while it lasts.
class run_list {
public:
    template <class C>
    run_list& add(C command, command_options options = {}) {
        auto const kept = std::make_shared<C>(std::move(command));
        objects_.push_back(kept);
        calls_.push_back(bank::call(*kept, std::move(options)));
        return *this;
    }
    std::vector<dispatch_result> run(recount::dispatcher::batch& batch) const {
        auto results = batch.run(calls_);
        REQUIRE(results.size() == calls_.size());
        return results;
    }

private:
    std::vector<std::shared_ptr<void const>> objects_;
    std::vector<recount::command_call> calls_;
};

}  // namespace

TEST_CASE("a batch keeps the order within each stream", "[dispatch][batch]") {
    bank b;
    recount::dispatcher::batch batch{b.dispatcher};
    auto const results = run_list{}
                             .add(open_account{{"a"}})
                             .add(open_account{{"b"}})
                             .add(deposit{{"a"}, eur(1)})
                             .add(withdraw_all{{"b"}})  // rejected: empty
                             .add(deposit{{"b"}, eur(2)})
                             .add(withdraw_all{{"a"}})
                             .add(withdraw_all{{"a"}})  // rejected: empty again
                             .add(open_account{{"a"}})          // nothing to record
                             .add(close_account{{"b"}})
                             .run(batch);
    CHECK(yes(results[0]).version == 1);
    CHECK(yes(results[2]).version == 2);
    CHECK(no(results[3]) == "empty");
    CHECK(yes(results[4]).version == 2);
    CHECK(yes(results[5]).version == 3);
    CHECK(no(results[6]) == "empty");
    CHECK(yes(results[7]).events.empty());
    CHECK(yes(results[7]).version == 3);
    CHECK(yes(results[8]).version == 4);
    CHECK(b.events("b").back().type == "account.closed");
    CHECK(b.log.stream_reads == 1);
    // One, and one more for what a rejection had to wait for.
    CHECK(b.log.appends == 2);
}

TEST_CASE("keys that are repeated within a batch have one result", "[dispatch][batch]") {
    bank b;
    recount::dispatcher::batch batch{b.dispatcher};
    run_list list;
    list.add(open_account{{"a"}}, keyed("1"))
        .add(deposit{{"a"}, eur(5)}, keyed("2"))
        .add(deposit{{"a"}, eur(5)}, keyed("2"))
        .add(withdraw_all{{"a"}}, keyed("3"))
        .add(withdraw_all{{"a"}}, keyed("3"))    // would be rejected
        .add(deposit{{"a"}, eur(6)}, keyed("2"))  // taken
        .add(deposit{{"b"}, eur(6)}, keyed("1"));  // taken, and would be rejected
    auto const results = list.run(batch);
    CHECK_FALSE(yes(results[1]).repeated);
    CHECK(yes(results[2]).repeated);
    CHECK(yes(results[2]).events == yes(results[1]).events);
    CHECK(yes(results[4]).repeated);
    CHECK(yes(results[4]).events == yes(results[3]).events);
    CHECK(failed(results[5]) == errc::command_id_taken);
    CHECK(failed(results[6]) == errc::command_id_taken);
    CHECK(b.log.inner.head().position == 3);
    // The same again is all repetitions, and one question.
    int const appends = b.log.appends;
    int const questions = b.log.questions;
    recount::dispatcher::batch second{b.dispatcher};
    auto const again = list.run(second);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(yes(again[i]).repeated);
        CHECK(yes(again[i]).events == yes(results[i]).events);
    }
    CHECK(b.log.appends == appends);
    CHECK(b.log.questions == questions + 1);
}

TEST_CASE("states are kept from run to run", "[dispatch][batch]") {
    bank b;
    recount::dispatcher::batch batch{b.dispatcher};
    run_list{}.add(open_account{{"a"}}).add(open_account{{"b"}}).run(batch);
    int const reads = b.log.stream_reads;
    for (int i = 0; i < 3; ++i) {
        auto const results =
            run_list{}.add(deposit{{"a"}, eur(1)}).add(deposit{{"b"}, eur(1)}).run(batch);
        CHECK(yes(results[0]).version == i + 2);
    }
    CHECK(b.log.stream_reads == reads);
    CHECK(b.balance("a") == eur(3));
}

TEST_CASE("what a kept state would refuse is decided again on a fresh one", "[dispatch][batch]") {
    bank b;
    recount::dispatcher::batch batch{b.dispatcher};
    run_list{}.add(open_account{{"a"}}).add(open_account{{"b"}}).run(batch);
    b.slip_in("a", 9);
    b.slip_in("b", 9);
    SECTION("a rejection") {
        auto const results = run_list{}.add(withdraw_all{{"a"}}).run(batch);
        CHECK(yes(results[0]).version == 3);
    }
    SECTION("an expected version") {
        auto const results = run_list{}
                                 .add(withdraw_all{{"a"}}, expecting(2))
                                 .add(withdraw_all{{"b"}}, expecting(1))
                                 .run(batch);
        CHECK(yes(results[0]).version == 3);
        CHECK(failed(results[1]) == errc::conflict);
    }
}

TEST_CASE("a writer that comes in between costs a batch nothing but another look",
          "[dispatch][batch]") {
    bank b;
    recount::dispatcher::batch batch{b.dispatcher};
    run_list{}
        .add(open_account{{"a"}})
        .add(deposit{{"a"}, eur(1)})
        .add(open_account{{"b"}})
        .run(batch);
    // As many events as the first command records: the second one's version would be found.
    b.slip_in_once("a", 100);
    auto const results = run_list{}
                             .add(withdraw_all{{"a"}})
                             .add(deposit{{"a"}, eur(5)})
                             .add(deposit{{"b"}, eur(6)})
                             .add(withdraw_all{{"a"}})
                             .run(batch);
    CHECK(yes(results[0]).version == 4);
    CHECK(yes(results[1]).version == 5);
    CHECK(yes(results[2]).version == 2);
    CHECK(yes(results[3]).version == 6);
    CHECK(b.events("a")[3].payload == R"({"account":"a","amount":{"minor":101,"currency":"EUR"}})");
    CHECK(b.events("a")[5].payload == R"({"account":"a","amount":{"minor":5,"currency":"EUR"}})");
    CHECK(b.balance("a") == eur(0));
}

TEST_CASE("one bad command of a batch fails alone", "[dispatch][batch]") {
    bank b;
    recount::commit c;
    c.events.push_back({recount::stream_name{"account-odd"}, "account.renamed", 1, {}, {}});
    b.log.inner.append(c);
    recount::dispatcher::batch batch{b.dispatcher};
    auto const results = run_list{}
                             .add(open_account{{"a"}})
                             .add(open_account{{""}})
                             .add(open_account{{"odd"}})
                             .add(deposit{{"a"}, eur(5)})
                             .add(deposit{{"a"}, {5, "USD"}})  // evolves into two currencies
                             .add(deposit{{"a"}, eur(6)})
                             .run(batch);
    CHECK(yes(results[0]).version == 1);
    CHECK(failed(results[1]) == errc::invalid_argument);
    CHECK(failed(results[2]) == errc::unknown_type);
    CHECK(yes(results[3]).version == 2);
    CHECK(failed(results[4]) == errc::out_of_range);
    CHECK(yes(results[5]).version == 3);
    CHECK(b.balance("a") == eur(11));
}

TEST_CASE("commands that were decided on one that lost its place are decided anew",
          "[dispatch][batch]") {
    bank b;
    recount::dispatcher::batch batch{b.dispatcher};
    run_list{}.add(open_account{{"a"}}).run(batch);
    bool slipped = false;
    b.log.before_append = [&] {
        // Exactly as many events as the first command would have written.
        if (!std::exchange(slipped, true)) b.slip_in("a", 7);
    };
    auto const results = run_list{}
                             .add(deposit{{"a"}, eur(1)})
                             .add(withdraw_all{{"a"}})
                             .add(deposit{{"a"}, eur(3)})
                             .run(batch);
    CHECK(yes(results[0]).version == 3);
    CHECK(yes(results[1]).version == 4);
    CHECK(yes(results[2]).version == 5);
    // The withdrawal took what really was there.
    CHECK(b.events("a")[3].payload.find("\"minor\":8,") != std::string::npos);
    CHECK(b.balance("a") == eur(3));
}

TEST_CASE("a failure of the log is the result of what it kept from being written",
          "[dispatch][batch]") {
    bank b;
    recount::dispatcher::batch batch{b.dispatcher};
    run_list{}.add(open_account{{"a"}}).add(open_account{{"b"}}).run(batch);
    CHECK(yes(run_list{}.add(deposit{{"a"}, eur(1)}).run(batch)[0]).version == 2);
    b.log.before_append = [] { throw error{errc::database_unreachable, "gone"}; };
    auto const results =
        run_list{}.add(withdraw_all{{"a"}}).add(deposit{{"a"}, eur(3)}).run(batch);
    CHECK(failed(results[0]) == errc::database_unreachable);
    CHECK(failed(results[1]) == errc::database_unreachable);
    b.log.before_append = nullptr;
    // Nothing is left of the state that the lost command had made: were it kept, another writer's
    // event would take the place of the one that was lost.
    b.slip_in("a", 7);
    auto const after = run_list{}.add(withdraw_all{{"a"}}).run(batch);
    CHECK(yes(after[0]).version == 4);
    CHECK(b.balance("a") == eur(0));
}

TEST_CASE("a key from outside is an id if it has the form of one", "[dispatch]") {
    recount::command_options by_id;
    by_id.identify_by("018f4e2a-7b3c-7d10-8a55-012345670000");
    CHECK(by_id.key.empty());
    CHECK(by_id.id == recount::uuid_from_string("018f4e2a-7b3c-7d10-8a55-012345670000"));
    for (std::string const key : {"018f4e2a-7b3c-7d10-8a55-012345670001", "row 7",
                                  "00000000-0000-0000-0000-000000000000"}) {
        recount::command_options by_key;
        by_key.identify_by(key);
        CHECK(by_key.key == key);
        CHECK_FALSE(by_key.id);
    }
}
