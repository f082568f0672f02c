// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "log/group_commit.hpp"

#include <atomic>
#include <condition_variable>
#include <set>
#include <thread>

#include "support/catch.hpp"

using recount::append_result;
using recount::appended;
using recount::commit;
using recount::detail::group_commit;

namespace {

// Answers each commit with its place in all that was written, and can be held up.
struct writer {
    std::mutex mutex;
    std::condition_variable changed;
    bool held = false;
    int writes_begun = 0;
    std::vector<std::size_t> sizes;
    recount::position end = 0;
    bool failing = false;

    std::vector<append_result> operator()(std::span<commit const* const> commits) {
        std::unique_lock hold{mutex};
        ++writes_begun;
        changed.notify_all();
        changed.wait(hold, [&] { return !held; });
        sizes.push_back(commits.size());
        if (failing) throw recount::error{recount::errc::database_unreachable, "gone"};
        std::vector<append_result> results;
        for (std::size_t i = 0; i < commits.size(); ++i) {
            appended one;
            one.first = one.last = ++end;
            one.events.push_back({"", 0, commits[i]->id});
            results.emplace_back(std::move(one));
        }
        return results;
    }

    void hold_up(bool now) {
        std::lock_guard const hold{mutex};
        held = now;
        changed.notify_all();
    }
    void until_begun(int writes) {
        std::unique_lock hold{mutex};
        changed.wait(hold, [&] { return writes_begun >= writes; });
    }
};

}  // namespace

TEST_CASE("a lone append is written at once", "[group_commit]") {
    writer to;
    group_commit group{std::ref(to)};
    std::vector<commit> const commits(3);
    auto const results = group.append(commits);
    REQUIRE(results.size() == 3);
    CHECK(std::get<appended>(results[2]).first == 3);
    CHECK(std::get<appended>(results[1]).events[0].id == commits[1].id);
    CHECK(group.append({}).empty());
    CHECK(to.sizes == std::vector<std::size_t>{3});
}

TEST_CASE("appends that come in during a write are written together", "[group_commit]") {
    writer to;
    group_commit group{std::ref(to)};
    to.hold_up(true);
    std::atomic<int> right{0};
    auto const append = [&](std::size_t count) {
        std::vector<commit> const commits(count);
        auto const results = group.append(commits);
        bool good = results.size() == count;
        for (std::size_t i = 0; good && i < count; ++i) {
            good = std::get<appended>(results[i]).events[0].id == commits[i].id;
        }
        if (good) ++right;
    };
    std::vector<std::thread> threads;
    threads.emplace_back(append, 1);
    to.until_begun(1);
    for (std::size_t i = 1; i <= 5; ++i) threads.emplace_back(append, i);
    while (group.waiting() < 5) std::this_thread::yield();
    to.hold_up(false);
    for (auto& one : threads) one.join();
    CHECK(right == 6);
    CHECK(to.sizes == std::vector<std::size_t>{1, 15});
    CHECK(group.waiting() == 0);
}

TEST_CASE("a group is no larger than one batch", "[group_commit]") {
    writer to;
    group_commit group{std::ref(to)};
    to.hold_up(true);
    std::vector<std::thread> threads;
    commit wide;
    wide.events.resize(30'000, {recount::stream_name{"a-1"}, "t", 1, {}, {}});
    auto const append = [&] { static_cast<void>(group.append({&wide, 1})); };
    threads.emplace_back(append);
    to.until_begun(1);
    for (int i = 0; i < 5; ++i) threads.emplace_back(append);
    while (group.waiting() < 5) std::this_thread::yield();
    to.hold_up(false);
    for (auto& one : threads) one.join();
    CHECK(to.sizes == std::vector<std::size_t>{1, 2, 2, 1});
}

TEST_CASE("a write that throws fails every caller of its group and no other", "[group_commit]") {
    writer to;
    group_commit group{std::ref(to)};
    to.failing = true;
    CHECK_THROWS_AS(group.append(std::vector<commit>(2)), recount::error);
    to.failing = false;
    CHECK(group.append(std::vector<commit>(2)).size() == 2);
}

TEST_CASE("every append is written once, whoever writes it", "[group_commit]") {
    writer to;
    group_commit group{std::ref(to)};
    std::mutex mutex;
    std::set<recount::position> seen;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i) {
                auto const results = group.append(std::vector<commit>(1));
                std::lock_guard const hold{mutex};
                seen.insert(std::get<appended>(results[0]).first);
            }
        });
    }
    for (auto& one : threads) one.join();
    CHECK(seen.size() == 1'600);
    CHECK(to.end == 1'600);
}
