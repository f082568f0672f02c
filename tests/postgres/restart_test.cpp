// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The server is stopped and started under load: appends and reads wait or fail cleanly, and go on
// by themselves when it is back.
#include <signal.h>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>

#include <recount/postgres/cluster.hpp>
#include <recount/postgres/log.hpp>

#include "conformance/log_conformance.hpp"
#include "postgres/cluster/process.hpp"
#include "postgres/cluster/server.hpp"
#include "support/postgres.hpp"

using namespace conformance;
using recount::errc;
using recount::tests::eventually;
namespace postgres = recount::postgres;

namespace {

constexpr int writers = 4;
constexpr int readers = 2;
// Generous: of a machine ten times slower than this one takes.
constexpr std::chrono::seconds longest_call{120};

struct load {
    postgres::log& log;
    std::atomic<bool> over{false};
    std::array<std::atomic<int>, writers + readers> successes{};
    std::atomic<int> failures{0};
    std::mutex mutex;
    std::set<std::string> unclean;                       // what a failure was that it should not be
    std::map<recount::uuid, recount::appended> written;  // acknowledged
    std::vector<std::thread> running;

    explicit load(postgres::log& on) : log{on} {
        for (std::size_t w = 0; w < writers; ++w) {
            running.emplace_back([this, w] { write(w); });
        }
        for (std::size_t r = writers; r < writers + readers; ++r) {
            running.emplace_back([this, r] { read(r); });
        }
    }
    ~load() { end(); }

    void end() {
        over = true;
        for (auto& one : running) one.join();
        running.clear();
    }

    // Everybody got something done since the call.
    [[nodiscard]] bool all_go_on() {
        std::array<int, writers + readers> before{};
        for (std::size_t i = 0; i < before.size(); ++i) before[i] = successes[i];
        return eventually([&] {
            for (std::size_t i = 0; i < before.size(); ++i) {
                if (successes[i] == before[i]) return false;
            }
            return true;
        }, longest_call);
    }

    template <class Call> void attempt(std::size_t who, Call const& call) {
        auto const began = std::chrono::steady_clock::now();
        try {
            call();
            ++successes[who];
        } catch (recount::error const& failure) {
            ++failures;
            bool const clean = failure.retryable() &&
                               (failure.code() == errc::database_unreachable ||
                                failure.code() == errc::in_doubt ||
                                failure.code() == errc::timed_out);
            std::lock_guard const hold{mutex};
            if (!clean) unclean.insert(fmt::format("{} {}", failure.what(), failure.sqlstate()));
        }
        std::lock_guard const hold{mutex};
        if (std::chrono::steady_clock::now() - began > longest_call) unclean.insert("too long");
    }

    void write(std::size_t who) {
        auto next = commit_to(fmt::format("a-{}", who), 2);
        while (!over) {
            attempt(who, [&] {
                auto const done = log.append(next);  // the same again until it is known
                {
                    std::lock_guard const hold{mutex};
                    written.emplace(next.id, done);
                }
                next = commit_to(fmt::format("a-{}", who), 2);
            });
        }
    }

    void read(std::size_t who) {
        recount::position seen = 0;
        while (!over) {
            attempt(who, [&] {
                auto const head = log.head().position;
                if (head < seen) throw recount::error{errc::corrupted, "the log went back"};
                seen = head;
                static_cast<void>(log.read_stream(stream("a-0")));
            });
        }
    }
};

}  // namespace

TEST_CASE("a server that is stopped and started under load is waited for", "[postgres][restart]") {
    recount::tests::temporary_folder const folder;
    postgres::cluster_options options;
    options.name = "bank";
    options.folder = folder.path();
    auto const cluster = postgres::private_cluster::start(options);
    postgres::migrate({.url = cluster.url()});
    auto const log = postgres::log::open({.url = cluster.url()});
    load on{*log};
    REQUIRE(on.all_go_on());
    // In good order, by force, and as in a crash.
    for (int const how : {SIGINT, SIGQUIT, SIGKILL}) {
        CAPTURE(how);
        auto const layout = postgres::detail::layout_of(folder.path());
        auto const server = postgres::detail::find_server(layout);
        REQUIRE(server.has_value());
        auto const failed_before = on.failures.load();
        ::kill(server->process, how);
        REQUIRE(eventually([&] { return !postgres::detail::running(server->process); },
                           longest_call));
        // It stays away for so long that nobody's patience lasts.
        REQUIRE(eventually([&] { return on.failures > failed_before; }, longest_call));
        auto const again = postgres::private_cluster::start(options);
        CHECK(on.all_go_on());
    }
    on.end();
    for (auto const& what : on.unclean) FAIL_CHECK(what);
    std::map<recount::uuid, recount::position> found;
    recount::position next = 1;
    for (auto const& e : everything(*log)) {
        CHECK(e.position == next++);
        found.emplace(e.id, e.position);
    }
    CHECK(on.written.size() > 3);
    for (auto const& [id, done] : on.written) {
        CHECK(found[recount::event_id(id, 0)] == done.first);
        CHECK(found[recount::event_id(id, 1)] == done.last);
    }
    // Beside what was acknowledged at most the last attempt of each writer.
    CHECK(found.size() <= 2 * (on.written.size() + writers));
}
