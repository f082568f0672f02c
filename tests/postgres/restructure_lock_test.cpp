// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Restructures beside each other and beside a busy stream, and what becomes of one whose connection
// is lost.
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include <recount/postgres/log.hpp>
#include <recount/restructure/payload.hpp>
#include <recount/restructure/standstill.hpp>

#include "conformance/restructure_conformance.hpp"
#include "support/caught.hpp"
#include "support/postgres.hpp"
#include "support/postgres_proxy.hpp"
#include "support/verified.hpp"

using namespace conformance;
using recount::errc;
using recount::error;
using recount::uuid;
using recount::tests::eventually;
using recount::tests::mishap;
namespace history = recount::history;
namespace postgres = recount::postgres;

namespace {

struct store_of_two {
    recount::tests::test_database database;
    recount::tests::postgres_proxy proxy;
    std::unique_ptr<postgres::log> here;
    std::unique_ptr<postgres::log> there;  // as another process

    // `options` of the connections, as they stand in a URL.
    explicit store_of_two(std::string const& options = {}) : proxy{migrated(database)} {
        here = postgres::log::open({.url = proxy.url() + options});
        there = postgres::log::open({.url = database.url() + options});
    }
    static recount::tests::test_database const& migrated(
        recount::tests::test_database const& database) {
        postgres::migrate({.url = database.url()});
        return database;
    }
    // The server process that holds the lock of restructures; 0: none.
    [[nodiscard]] int holder() const {
        auto on = database.connect();
        auto const pid = recount::tests::value(
            on, "SELECT coalesce(max(pid), 0) FROM pg_locks WHERE locktype = 'advisory' "
                "AND granted AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = "
                "hashtextextended('recount.restructures.\"recount\"', 0)");
        return std::stoi(pid);
    }
    // Ends that process: the lock is gone with it.
    void lose_lock() const {
        auto const pid = holder();
        REQUIRE(pid != 0);
        recount::tests::terminate(database, pid);
    }
};

// Appends to a stream from many threads, until it dies.
class busy {
public:
    busy(recount::log& log, std::string const& stream, int writers) {
        for (int w = 0; w < writers; ++w) {
            running_.emplace_back([&log, stream, this] {
                while (!stop_) {
                    auto const done = log.append_batch(std::vector{commit_to(stream)});
                    auto const code = code_of(done.front());
                    // A machine that is slow enough is slow for them, too.
                    if (code && code != errc::timed_out) ++failed_;
                    ++written_;
                }
            });
        }
    }
    ~busy() { end(); }
    void end() {
        stop_ = true;
        for (auto& one : running_) {
            if (one.joinable()) one.join();
        }
    }
    [[nodiscard]] int written() const { return written_; }
    [[nodiscard]] int failed() const { return failed_; }

private:
    std::atomic<bool> stop_{false};
    std::atomic<int> written_{0};
    std::atomic<int> failed_{0};
    std::vector<std::thread> running_;
};

struct correcting {
    int applied = 0;
    int conflicts = 0;
    std::vector<std::string> others{};                     // what else it was refused for
    std::vector<std::pair<uuid, std::string>> previews{};  // of what was applied
};

// Previews and applies a new content for x, `rounds` times.
correcting correct_again(recount::log& log, uuid const& x, int rounds, int from) {
    correcting done;
    for (int i = 0; i < rounds; ++i) {
        auto const plan = correction().replace(x, content(from + i));
        try {
            auto const seen = history::judge(log, plan).hash;
            history::append_options options;
            options.preview = seen;
            auto const applied = history::append_plan(log, plan, options);
            ++done.applied;
            done.previews.emplace_back(options.id, seen);
            if (applied.events.size() != 1) done.others.emplace_back("more than one event");
        } catch (error const& refused) {
            if (refused.code() == errc::conflict) {
                ++done.conflicts;
            } else {
                done.others.emplace_back(refused.what());
            }
        }
    }
    return done;
}

error refusal_of(recount::log& log, recount::restructure const& plan,
                 history::append_options const& options) {
    return recount::tests::caught(
        [&] { static_cast<void>(history::append_plan(log, plan, options)); });
}

}  // namespace

TEST_CASE("a busy stream does not keep an operator from correcting it", "[postgres][restructure]") {
    // The stream grows without bounds, and instrumented code reads it slowly.
    store_of_two store{"&options=-c%20statement_timeout%3D60000"};
    auto const x = tell(*store.here, "account-a", 10);
    auto const y = tell(*store.here, "account-a", 20);
    busy writers{*store.here, "account-a", 16};
    REQUIRE(eventually([&] { return writers.written() > 100; }));
    correcting one;
    correcting two;
    // Both at once, one slot each: each goes through at the first try.
    std::thread other{[&] { two = correct_again(*store.there, y, 10, 1'000); }};
    one = correct_again(*store.here, x, 10, 2'000);
    other.join();
    auto const meanwhile = writers.written();
    writers.end();
    CHECK(one.others.empty());
    CHECK(two.others.empty());
    CHECK(one.applied == 10);
    CHECK(two.applied == 10);
    CHECK(meanwhile > 100);
    CHECK(writers.failed() == 0);
    auto const view = history::read_corrected(*store.there, stream("account-a")).events;
    CHECK(view.at(0).payload == R"({"amount":2009})");
    CHECK(view.at(1).payload == R"({"amount":1009})");
    recount::tests::check_verified(store.database);
}

TEST_CASE("of two who correct the same, what was previewed is applied, or it is a conflict",
          "[postgres][restructure]") {
    store_of_two store;
    auto const x = tell(*store.here, "account-a", 10);
    busy writers{*store.here, "account-a", 4};
    correcting one;
    correcting two;
    std::thread other{[&] { two = correct_again(*store.there, x, 15, 1'000); }};
    one = correct_again(*store.here, x, 15, 2'000);
    other.join();
    writers.end();
    CHECK(one.others.empty());
    CHECK(two.others.empty());
    CHECK(one.applied + one.conflicts == 15);
    CHECK(two.applied + two.conflicts == 15);
    // Each conflict is one of the other's that came between a preview and its append.
    CHECK(one.conflicts <= two.applied);
    CHECK(two.conflicts <= one.applied);
    auto previews = one.previews;
    previews.insert(previews.end(), two.previews.begin(), two.previews.end());
    for (auto const& [id, seen] : previews) {
        auto const row = store.there->find_event(id);
        REQUIRE(row.has_value());
        auto const says = history::payload_from_log(row->payload, row->position);
        REQUIRE(says.has_value());
        CHECK(says->preview == seen);
    }
    auto const notes = history::read_annotated(*store.there, stream("account-a")).slots.at(0).notes;
    CHECK(notes.size() == previews.size());
    recount::tests::check_verified(store.database);
}

TEST_CASE("a restructure whose lock dies with its server process is made anew",
          "[postgres][restructure]") {
    store_of_two store;
    auto const x = tell(*store.here, "account-a", 10);
    int made = 0;
    history::append_options options;
    options.check = [&](history::judged_plan const&) {
        if (++made == 1) store.lose_lock();
    };
    auto const done = history::append_plan(*store.here, correction().exclude(x), options);
    CHECK(made == 2);
    CHECK(done.last == 2);
    CHECK_FALSE(done.repeated);
    CHECK(store.here->head().position == 2);
    CHECK(store.holder() == 0);
}

TEST_CASE("what another corrected while the lock was lost is a conflict",
          "[postgres][restructure]") {
    store_of_two store;
    auto const x = tell(*store.here, "account-a", 10);
    auto const plan = correction().replace(x, content(11));
    bool first = true;
    history::append_options options;
    options.preview = history::judge(*store.here, plan).hash;
    options.check = [&](history::judged_plan const&) {
        if (!std::exchange(first, false)) return;
        store.lose_lock();
        apply(*store.there, correction().replace(x, content(12)));
    };
    CHECK(refusal_of(*store.here, plan, options).code() == errc::conflict);
    CHECK(store.here->head().position == 2);
}

TEST_CASE("a restructure whose connection is lost anywhere is written once",
          "[postgres][restructure]") {
    store_of_two store;
    auto const x = tell(*store.here, "account-a", 10);
    int written = 1;
    for (auto const what :
         {mishap::cut_before, mishap::cut_within, mishap::cut_after, mishap::cut_within_answer}) {
        for (auto const* words : {"^COMMIT", ".append(", "lock_restructures", "^BEGIN"}) {
            CAPTURE(static_cast<int>(what), words);
            history::append_options const options;
            auto const plan = correction().replace(x, content(written));
            store.proxy.meet(what, words);
            auto const done = history::append_plan(*store.here, plan, options);
            CHECK(store.proxy.happened() >= 1);
            store.proxy.calm();
            CHECK(done.last == ++written);
            CHECK_FALSE(done.repeated);
            CHECK(history::append_plan(*store.here, plan, options).repeated);
            CHECK(store.there->head().position == written);
        }
    }
    recount::tests::check_verified(store.database);
}

TEST_CASE("what a check refuses is refused, whatever became of the lock meanwhile",
          "[postgres][restructure]") {
    store_of_two store;
    auto const x = tell(*store.here, "account-a", 10);
    int asked = 0;
    history::append_options options;
    options.check = [&](history::judged_plan const&) {
        ++asked;
        store.lose_lock();
        REQUIRE(eventually([&] { return store.holder() == 0; }));
        throw error{errc::refused, "an invariant would break"};
    };
    auto const no = refusal_of(*store.here, correction().exclude(x), options);
    CHECK(no.code() == errc::refused);
    CHECK(asked == 1);
    CHECK(store.here->head().position == 1);
}

TEST_CASE("a check that takes too long stops the writers once", "[postgres][restructure]") {
    store_of_two store;
    auto const x = tell(*store.here, "account-a", 10);
    int asked = 0;
    history::append_options options;
    options.check = [&](history::judged_plan const&) {
        if (++asked < recount::limits::restructure_makings_max) {
            tell(*store.there, "account-a", 1);
            return;
        }
        // Nobody can append now, until the server has had enough of it.
        CHECK(eventually([&] { return store.holder() == 0; }, std::chrono::minutes{2}));
    };
    auto const no = refusal_of(*store.here, correction().exclude(x), options);
    CHECK(no.code() == errc::timed_out);
    CHECK(std::string{no.what()}.find("takes too long") != std::string::npos);
    CHECK(asked == recount::limits::restructure_makings_max);
    tell(*store.there, "account-a", 1);
    CHECK(store.here->head().position == recount::limits::restructure_makings_max + 1);
}

TEST_CASE("a program that is stopped while it restructures does not stop the others for long",
          "[postgres][restructure]") {
    recount::tests::test_database database;
    postgres::migrate({.url = database.url()});
    auto const there = postgres::log::open({.url = database.url()});
    auto const x = tell(*there, "account-a", 10);
    auto proxy = std::make_unique<recount::tests::postgres_proxy>(database);
    auto const here = postgres::log::open({.url = proxy->url()});
    // Its rows are written, and it holds the position lock: nothing more is heard of it.
    proxy->meet(mishap::silence_after, ".append(");
    std::thread stopped{[&] {
        try {
            static_cast<void>(history::append_plan(*here, correction().exclude(x)));
        } catch (error const&) {   // when the proxy is gone
        }
    }};
    REQUIRE(eventually([&] { return proxy->happened() == 1; }));
    auto const began = std::chrono::steady_clock::now();
    while (code_of(there->append_batch(std::vector{commit_to("account-b")}).front())) {
    }
    // As long as for any program that is stopped in an append, and not as long as a plan may take.
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::minutes{1});
    proxy.reset();
    stopped.join();
    CHECK(there->read_stream(stream("account-b")).events.size() == 1);
}

TEST_CASE("operators who wait do not take the sessions of the log", "[postgres][restructure]") {
    recount::tests::test_database database;
    postgres::migrate({.url = database.url()});
    auto const log = postgres::log::open({.url = database.url(), .sessions_max = 1});
    std::vector<uuid> slots;
    for (int i = 0; i < 8; ++i) slots.push_back(tell(*log, fmt::format("account-{}", i), 10));
    std::atomic<int> applied{0};
    std::vector<std::thread> operators;
    for (auto const& x : slots) {
        operators.emplace_back([&, x] {
            auto const code = error_of(
                [&] { return history::append_plan(*log, correction().exclude(x)); });
            if (!code) ++applied;
        });
    }
    for (auto& one : operators) one.join();
    CHECK(applied == 8);
    CHECK(log->head().position == 16);
}

TEST_CASE("a restructure marks the streams that it touches, and only those",
          "[postgres][restructure]") {
    store_of_two store;
    auto const x = tell(*store.here, "account-a", 10);
    tell(*store.here, "account-b", 10);
    tell(*store.here, "account-c", 10);
    auto on = store.database.connect();
    auto const corrected = [&] {
        return recount::tests::value(on,
                                     "SELECT coalesce(string_agg(name, ' ' ORDER BY name), '') "
                                     "FROM recount.streams WHERE corrected");
    };
    CHECK(corrected().empty());
    auto fresh = content(5, day(1));
    fresh.type = "account.adjusted";
    fresh.schema_version = 3;
    apply(*store.here, correction().move(x, "account-b").insert(
                           "account-new", history::planned_anchor::end(), {fresh}));
    CHECK(corrected() == "account-a account-b account-new");
    apply(*store.there, correction().replace(x, content(7)));
    CHECK(corrected() == "account-a account-b account-new");
    recount::tests::check_verified(store.database);
}
