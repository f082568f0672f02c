// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Readers of the feed that come and go while writers conflict, roll back, dawdle and have their
// connections killed: nothing is lost, repeated, out of order or left open. The same under the same
// load by the naive way (poll a sequence for what is greater than the last) must lose something, or
// the load would prove nothing.
#include <recount/postgres/log.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "conformance/log_conformance.hpp"
#include "support/postgres.hpp"
#include "support/postgres_proxy.hpp"
#include "support/verified.hpp"

using namespace conformance;
using recount::error;
using recount::errc;
using recount::expectation;
using recount::position;
using recount::tests::eventually;
using recount::tests::run;
using recount::tests::test_database;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

constexpr int library_writers = 8;
constexpr int sql_writers = 8;
constexpr int subscribers = 4;
constexpr int hot_streams = 5;

struct measure {
    std::int64_t events;
    int kills;
    int events_of_a_commit;
};
constexpr measure quick{3'000, 10, 8};
constexpr measure whole{1'000'000, 200, 250};

enum class reading { feed, naive };

// What somebody saw, against what there was to see.
struct verdict {
    std::size_t lost = 0;
    std::size_t repeated = 0;
    std::size_t reordered = 0;
};

verdict judge(std::vector<position> const& seen, std::vector<position> const& there) {
    verdict v;
    for (std::size_t i = 1; i < seen.size(); ++i) {
        if (seen[i] < seen[i - 1]) ++v.reordered;
    }
    auto sorted = seen;
    std::sort(sorted.begin(), sorted.end());
    auto const end = std::unique(sorted.begin(), sorted.end());
    v.repeated = static_cast<std::size_t>(sorted.end() - end);
    std::vector<position> missed;
    std::set_difference(there.begin(), there.end(), sorted.begin(), end,
                        std::back_inserter(missed));
    v.lost = missed.size();
    return v;
}

class fire {
public:
    fire(measure const& of, reading how) : measure_{of}, how_{how} {
        postgres::migrate({.url = database.url()});
        auto on = database.connect();
        run(on, fmt::format("CREATE TABLE public.naive (id bigserial PRIMARY KEY, writer int);"
                            "GRANT ALL ON public.naive, public.naive_id_seq TO recount_{}_app",
                            database.name()));
        app_ = postgres::log::open({.url = database.url()})->names().app;
    }

    test_database const database;

    void burn() {
        for (int w = 0; w < library_writers; ++w) start([this, w] { write_by_library(w); });
        for (int w = 0; w < sql_writers; ++w) start([this, w] { write_by_sql(w); });
        seen_.resize(subscribers);
        std::vector<std::thread> readers;
        for (int s = 0; s < subscribers; ++s) {
            readers.emplace_back([this, s] {
                unless_it_fails([&] { how_ == reading::feed ? follow(s) : poll(s); });
            });
        }
        start([this] { kill_backends(); });
        for (auto& one : running_) one.join();
        over_ = true;
        for (auto& one : readers) one.join();
    }

    // Of subscriber s, who is the same as it was for the others but for what it left out.
    [[nodiscard]] verdict of(int s) const {
        auto on = database.connect();
        run(on, "SET statement_timeout = 0");
        std::string text = "SELECT position FROM recount.log ORDER BY 1";
        if (how_ == reading::naive) text = "SELECT id FROM naive ORDER BY 1";
        if (how_ == reading::feed && s == filtering) {
            text = "SELECT l.position FROM recount.log l JOIN recount.streams s ON s.id = "
                   "l.stream_id WHERE s.category = 'hot' ORDER BY 1";
        }
        auto const rows = on.execute({"test_there", text});
        std::vector<position> there;
        for (std::size_t i = 0; i < rows.size(); ++i) there.push_back(rows.integer(i, 0));
        return judge(seen_[static_cast<std::size_t>(s)], there);
    }

    std::atomic<std::int64_t> conflicts{0};
    std::atomic<std::int64_t> rolled_back{0};
    std::atomic<int> killed{0};
    std::atomic<int> resumed{0};
    std::mutex mutex;
    std::vector<recount::appended> acknowledged;
    std::set<std::string> failures;

    static constexpr int filtering = 1;  // this subscriber wants one category

private:
    measure measure_;
    reading how_;
    std::string app_;
    std::atomic<std::int64_t> written_{0};
    std::atomic<bool> over_{false};
    std::vector<std::thread> running_;
    std::vector<std::vector<position>> seen_;

    // What insist() gave up on is among the failures; the thread ends then.
    template <class Work> static void unless_it_fails(Work const& work) {
        try {
            work();
        } catch (error const&) {
        }
    }
    template <class Work> void start(Work work) {
        running_.emplace_back([work] { unless_it_fails(work); });
    }
    [[nodiscard]] bool goes_on() const {
        return written_ < measure_.events || killed < measure_.kills;
    }

    // Until it works, whatever is killed on the way.
    template <class Call> auto insist(Call const& call) {
        for (;;) {
            try {
                return call();
            } catch (error const& failure) {
                if (failure.code() == errc::conflict) throw;
                if (failure.retryable() || failure.code() == errc::in_doubt) continue;
                std::lock_guard const hold{mutex};
                failures.insert(fmt::format("{} {}", failure.what(), failure.server_text()));
                throw;
            }
        }
    }

    std::shared_ptr<postgres::log> open() {
        return insist([&]() -> std::shared_ptr<postgres::log> {
            return postgres::log::open({.url = database.url()});
        });
    }

    void write_by_library(int who) {
        std::mt19937 random{static_cast<unsigned>(who)};
        auto const log = open();
        while (goes_on()) {
            auto const stream = fmt::format("{}-{}", random() % 2 == 0 ? "hot" : "cold",
                                            random() % hot_streams);
            auto made = commit_to(stream, random() % 2 == 0 ? 1 : measure_.events_of_a_commit);
            if (random() % 4 == 0) {
                auto const version = static_cast<recount::version>(random() % 50);
                made = expecting(made, stream, expectation::exactly(version));
            }
            try {
                // The same again while it is in doubt, so that it is known what became of it.
                auto const done = insist([&] { return log->append(made); });
                written_ += static_cast<std::int64_t>(made.events.size());
                std::lock_guard const hold{mutex};
                acknowledged.push_back(done);
            } catch (error const& failure) {
                if (failure.code() != errc::conflict) return;  // it is among the failures
                ++conflicts;
            }
        }
    }

    // A transaction that takes its number first, dawdles, and is committed or not.
    void write_by_sql(int who) {
        std::mt19937 random{static_cast<unsigned>(100 + who)};
        std::optional<postgres::session> on;
        while (goes_on()) {
            try {
                if (!on) on.emplace(database.connect(app_));
                on->begin();
                run(*on, fmt::format("INSERT INTO naive (writer) VALUES ({}); SELECT pg_sleep({})",
                                     who, 0.002 * static_cast<double>(random() % 4)));
                run(*on,
                    fmt::format("SELECT recount.append_event('cold-sql-{}', NULL, 'x', '{{}}')",
                                random() % hot_streams));
                if (random() % 4 == 0) {
                    run(*on, "SELECT pg_sleep(0.001)");  // holds everybody up
                    on->rollback();
                    ++rolled_back;
                } else {
                    on->commit();
                    ++written_;
                }
            } catch (error const&) {
                on.reset();  // killed; what became of it is for the log to say
            }
        }
    }

    void kill_backends() {
        auto on = database.connect();
        while (killed < measure_.kills) {
            auto const due = measure_.events * killed / measure_.kills;
            if (!eventually([&] { return written_ >= due; }, std::chrono::minutes{10})) return;
            auto const ended = on.execute(
                {"test_kill",
                 "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE "
                 "datname = current_database() AND backend_type = 'client backend' AND pid <> "
                 "pg_backend_pid() ORDER BY state <> 'active', random() LIMIT 1) p"});
            if (!ended.empty()) ++killed;
        }
    }

    // Comes and goes: resumes from its checkpoint, on another log, after some pages.
    void follow(int who) {
        std::mt19937 random{static_cast<unsigned>(200 + who)};
        auto& seen = seen_[static_cast<std::size_t>(who)];
        recount::feed_filter filter;
        if (who == filtering) filter.categories = {"hot"};
        position checkpoint = 0;
        for (bool ended = false; !ended;) {
            auto const log = open();
            ++resumed;
            for (auto pages = 1 + random() % 60; pages > 0; --pages) {
                // Asked first: what is read afterwards is all there will be.
                bool const last = over_;
                auto const page = insist(
                    [&] { return log->read_feed(checkpoint, filter, 1 + random() % 3'000); });
                for (auto const& e : page.events) seen.push_back(e.position);
                checkpoint = page.through;
                if (!page.caught_up) continue;
                if (last) {
                    ended = true;
                    break;
                }
                static_cast<void>(insist(
                    [&] { return log->wait(checkpoint, std::chrono::milliseconds{200}); }));
            }
        }
    }

    void poll(int who) {
        auto& seen = seen_[static_cast<std::size_t>(who)];
        std::optional<postgres::session> on;
        position last = 0;
        for (;;) {
            bool const ended = over_;
            try {
                if (!on) on.emplace(database.connect());
                auto const rows = on->execute(
                    {"test_poll", "SELECT id FROM naive WHERE id > $1::bigint ORDER BY id"},
                    {std::to_string(last)});
                for (std::size_t i = 0; i < rows.size(); ++i) seen.push_back(rows.integer(i, 0));
                if (!seen.empty()) last = seen.back();
                if (ended) return;
            } catch (error const&) {
                on.reset();
            }
        }
    }
};

void check_feed(measure const& of) {
    fire f{of, reading::feed};
    f.burn();
    for (auto const& failure : f.failures) FAIL_CHECK(failure);
    WARN(fmt::format("{} acknowledged commits, {} conflicts, {} rolled back, {} killed, {} resumed",
                     f.acknowledged.size(), f.conflicts.load(), f.rolled_back.load(),
                     f.killed.load(), f.resumed.load()));
    CHECK(f.killed >= of.kills);
    CHECK(f.conflicts > 0);
    CHECK(f.rolled_back > 0);
    auto on = f.database.connect();
    run(on, "SET statement_timeout = 0");
    CHECK(std::stoll(value(on, "SELECT count(*) FROM recount.log")) >= of.events);
    // No gap, and one version after the other in each stream.
    CHECK(value(on, "SELECT count(*) = max(position) FROM recount.log") == "t");
    CHECK(value(on, "SELECT count(*) FROM (SELECT version <> row_number() OVER (PARTITION BY "
                    "stream_id ORDER BY position) AS wrong FROM recount.log) v WHERE wrong") ==
          "0");
    for (int s = 0; s < subscribers; ++s) {
        CAPTURE(s);
        auto const v = f.of(s);
        CHECK(v.lost == 0);
        CHECK(v.repeated == 0);
        CHECK(v.reordered == 0);
    }
    // What was acknowledged is there, once, where it was said to be.
    std::size_t wrong = 0;
    for (std::size_t from = 0; from < f.acknowledged.size(); from += 1'000) {
        postgres::array_literal ids;
        postgres::array_literal firsts;
        auto const end = std::min(from + 1'000, f.acknowledged.size());
        for (auto i = from; i < end; ++i) {
            ids.add_raw(to_string(f.acknowledged[i].events.front().id));
            firsts.add(f.acknowledged[i].first);
        }
        auto const found = on.execute(
            {"test_acknowledged",
             "SELECT count(*) FROM unnest($1::uuid[], $2::bigint[]) AS a(id, p) "
             "JOIN recount.log l ON l.event_id = a.id AND l.ordinal = 0 AND l.position = a.p"},
            {ids.take(), firsts.take()});
        wrong += end - from - static_cast<std::size_t>(found.integer(0, 0));
    }
    CHECK(wrong == 0);
    if (of.events == quick.events) recount::tests::check_verified(f.database);
}

}  // namespace

TEST_CASE("the feed under fire loses, repeats and reorders nothing", "[postgres][fire]") {
    check_feed(quick);
}

TEST_CASE("the feed under fire for 1,000,000 events and 200 kills", "[postgres][fire][full]") {
    check_feed(whole);
}

TEST_CASE("naive polling under the same fire loses events", "[postgres][fire]") {
    fire f{quick, reading::naive};
    f.burn();
    std::size_t lost = 0;
    for (int s = 0; s < subscribers; ++s) lost += f.of(s).lost;
    WARN(fmt::format("naive polling lost {} rows for {} subscribers", lost, subscribers));
    CHECK(lost > 0);
}

TEST_CASE("with all notifications dropped followers are late and miss nothing",
          "[postgres][fire]") {
    test_database const database;
    postgres::migrate({.url = database.url()});
    recount::tests::postgres_proxy proxy{database};
    proxy.drop_notices();
    auto const here = postgres::log::open({.url = database.url()});
    auto const there = postgres::log::open({.url = proxy.url()});
    std::vector<position> seen;
    for (int i = 1; i <= 3; ++i) {
        auto const before = seen.size();
        here->append(commit_to("a-1", 2));
        REQUIRE(eventually([&] {
            auto const after = seen.empty() ? 0 : seen.back();
            static_cast<void>(there->wait(after, std::chrono::seconds{5}));
            for (auto const& e : there->read_feed(after).events) seen.push_back(e.position);
            return seen.size() == before + 2;
        }));
    }
    CHECK(seen == std::vector<position>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("many followers of one log share its connections", "[postgres][fire]") {
    constexpr int followers = 60;
    constexpr position last = 200;
    test_database const database;
    postgres::migrate({.url = database.url()});
    postgres::log_options options;
    options.url = database.url();
    options.program = "test-followers";
    options.sessions_max = 3;
    auto const log = postgres::log::open(options);
    auto const other = postgres::log::open({.url = database.url()});
    log->append(commit_to("a-0", 50));  // to be caught up with
    std::vector<std::vector<position>> seen(followers);
    std::vector<std::thread> running;
    std::atomic<int> most{0};
    for (std::size_t f = 0; f < followers; ++f) {
        running.emplace_back([&, f] {
            position through = 0;
            while (through < last) {
                auto const page = log->read_feed(through, {}, 1 + f);
                for (auto const& e : page.events) seen[f].push_back(e.position);
                through = page.through;
                if (page.caught_up && through < last) {
                    static_cast<void>(log->wait(through, std::chrono::seconds{20}));
                }
            }
        });
    }
    auto on = database.connect();
    for (int i = 0; i < 150; ++i) {
        (i % 2 == 0 ? log : other)->append(commit_to(fmt::format("a-{}", i % 3)));
        most = std::max(most.load(), std::stoi(value(on, "SELECT count(*) FROM pg_stat_activity "
                                                         "WHERE application_name = "
                                                         "'test-followers'")));
    }
    for (auto& one : running) one.join();
    CHECK(most <= 5);   // three, one that appends are sent on, and one that listens
    std::vector<position> all;
    for (position p = 1; p <= last; ++p) all.push_back(p);
    for (auto const& one : seen) CHECK(one == all);
}
