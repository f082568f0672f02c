// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Batches that are sent behind the one in flight: each commit is in the log once and every hash is
// right, whoever else writes to the same streams and whatever happens to the connection.
#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <thread>

#include <fmt/format.h>

#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>

#include "conformance/log_conformance.hpp"
#include "postgres/appender.hpp"
#include "postgres/store_identity.hpp"
#include "support/postgres.hpp"
#include "support/verified.hpp"

namespace postgres = recount::postgres;
using recount::tests::eventually;
using namespace std::chrono_literals;

namespace {

constexpr int threads = 32;   // so many that half of them go behind the other half

struct store {
    recount::tests::test_database database;
    postgres::log_queries queries{"recount"};
    postgres::session_options options;
    std::unique_ptr<postgres::pool> sessions;
    recount::uuid id;

    store() {
        postgres::migrate({.url = database.url()});
        options.url = database.url();
        options.role = postgres::names_of("main", postgres::database_of(options)).app;
        sessions = std::make_unique<postgres::pool>(options, 8);
        id = postgres::store_identity(options, "main", "recount");
    }
    // Sends behind others, as slow as the machine may be.
    [[nodiscard]] std::unique_ptr<postgres::appender> appender() {
        return std::make_unique<postgres::appender>(
            *sessions, options, id, queries, [](recount::position) {},
            postgres::early_look_options{},
            recount::detail::batcher_limits{.comes_back_in = std::chrono::seconds{1}});
    }
};

// Threads that append to streams of their own, and now and then to some that all write.
class crowd {
public:
    explicit crowd(unsigned seed) : seed_{seed} {}

    // Appends what each of them is to write; a commit that is left in doubt once more.
    void write(postgres::appender& to, std::string const& who, int count, int each) {
        std::vector<std::jthread> running;
        for (int t = 0; t < count; ++t) {
            running.emplace_back([this, &to, t, each, me = fmt::format("{}-{}", who, t)] {
                std::mt19937 random{seed_ + static_cast<unsigned>(t)};
                for (int i = 0; i < each; ++i) {
                    auto const stream = random() % 3 == 0
                                            ? fmt::format("thing-shared-{}", random() % 8)
                                            : fmt::format("thing-{}-{}", me, random() % 8);
                    one(to, conformance::commit_to(stream, 1 + static_cast<int>(random() % 2)));
                }
            });
        }
    }
    [[nodiscard]] std::int64_t events() const { return events_; }
    [[nodiscard]] int failed() const { return failed_; }

private:
    unsigned seed_;
    std::atomic<std::int64_t> events_{0};
    std::atomic<int> failed_{0};

    void one(postgres::appender& to, recount::commit const& what) {
        constexpr int attempts_max = 10;
        for (int attempt = 0; attempt < attempts_max; ++attempt) {
            if (std::holds_alternative<recount::appended>(to.append({&what, 1}).front())) {
                events_ += static_cast<std::int64_t>(what.events.size());
                return;
            }
        }
        ++failed_;
    }
};

std::int64_t events_in(recount::tests::test_database const& database) {
    auto on = database.connect();
    return std::stoll(recount::tests::value(on, "SELECT count(*) FROM recount.log"));
}

}  // namespace

TEST_CASE("batches behind others stand on nothing that may not be written",
          "[postgres][in_flight]") {
    auto const seed = std::random_device{}();
    CAPTURE(seed);
    store where;
    crowd writers{seed};
    auto const mine = where.appender();
    auto const other = where.appender();   // as another program has it
    CHECK(eventually([&] {
        std::jthread elsewhere{[&] { writers.write(*other, "b", threads, 100); }};
        writers.write(*mine, "a", threads, 100);
        elsewhere.join();
        return mine->sent_behind() > 0;
    }));
    CHECK(writers.failed() == 0);
    CHECK(events_in(where.database) == writers.events());
    recount::tests::check_verified(where.database);
}

TEST_CASE("the answer is waited for eagerly by one who has been alone for a while",
          "[postgres][in_flight]") {
    store where;
    auto const append = where.appender();
    auto const several = [&](int appends, std::size_t commits_each) {
        for (int i = 0; i < appends; ++i) {
            std::vector<recount::commit> all;
            while (all.size() < commits_each) all.push_back(conformance::commit_to("thing-1"));
            static_cast<void>(append->append(all));
        }
        return append->eager();
    };
    CHECK(several(3, 1) == 0);
    CHECK(several(10, 1) == 10);
    CHECK(several(5, 2) == 15);   // of one caller, too
    CHECK(eventually([&] {
        // Several start anew: when they are gone, it takes a while again.
        crowd{1}.write(*append, "c", threads, 20);
        auto const before = append->eager();
        return several(1, 1) == before && several(3, 1) > before;
    }));
}

TEST_CASE("batches whose connection is lost are in the log once", "[postgres][in_flight]") {
    auto const seed = std::random_device{}();
    CAPTURE(seed);
    store where;
    crowd writers{seed};
    auto const append = where.appender();
    std::atomic<int> killed{0};
    std::jthread const killer{[&](std::stop_token const& stop) {
        auto on = where.database.connect();
        while (!stop.stop_requested()) {
            auto const seen = append->sent_behind();
            auto const more = [&] {
                return append->sent_behind() > seen || stop.stop_requested();
            };
            if (!eventually(more)) return;
            killed += std::stoi(recount::tests::value(
                on, "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM "
                    "pg_stat_activity WHERE datname = current_database() AND state = 'active' "
                    "AND pid <> pg_backend_pid() AND query LIKE '%.append%'"));
        }
    }};
    CHECK(eventually(
        [&] {
            writers.write(*append, fmt::format("round-{}", killed.load()), threads, 25);
            return killed > 10;
        },
        60s));
    CHECK(writers.failed() == 0);
    CHECK(events_in(where.database) == writers.events());
    recount::tests::check_verified(where.database);
}

TEST_CASE("what one thread appends is in the order in which it did", "[postgres][in_flight]") {
    store where;
    auto const append = where.appender();
    constexpr int each = 100;
    std::array<std::vector<recount::position>, threads> at;
    auto const write = [&](std::size_t thread) {
        for (int i = 0; i < each; ++i) {
            auto const one = conformance::commit_to(fmt::format("thing-{}-{}", thread, i % 7));
            auto const done = append->append({&one, 1}).front();
            if (auto const* good = std::get_if<recount::appended>(&done)) {
                at[thread].push_back(good->first);
            }
        }
    };
    std::size_t rounds = 0;
    CHECK(eventually([&] {
        ++rounds;
        std::vector<std::jthread> running;
        for (std::size_t t = 0; t < at.size(); ++t) running.emplace_back(write, t);
        running.clear();   // joins
        return append->sent_behind() > 0;
    }));
    for (auto const& positions : at) {
        CHECK(positions.size() == rounds * each);
        CHECK(std::is_sorted(positions.begin(), positions.end()));
    }
}
