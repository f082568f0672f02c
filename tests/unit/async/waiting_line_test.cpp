// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/async/waiting_line.hpp>

#include "support/caught.hpp"

using recount::errc;
using recount::detail::waiting_line;
using recount::detail::waiting_work;
using recount::detail::work_line;
using recount::detail::work_line_options;
using recount::tests::caught;
using verdict = waiting_line::verdict;

namespace {

struct told {
    int number;
    std::exception_ptr failure;
};

// Work that notes whether it was done or failed.
class numbered : public waiting_work {
public:
    numbered(int number, std::vector<told>& to) : number_{number}, to_{&to} {}
    void fail(std::exception_ptr why) noexcept override { to_->push_back({number_, why}); }
    void done() { to_->push_back({number_, nullptr}); }
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
    std::vector<told>* to_;
};

std::vector<int> numbers(std::vector<waiting_line::work> const& taken) {
    std::vector<int> list;
    for (auto const& one : taken) list.push_back(static_cast<numbered&>(*one).number());
    return list;
}

errc code_of(told const& one) {
    return caught([&] { std::rethrow_exception(one.failure); }).code();
}

struct line_of_three {
    std::vector<told> answers;
    waiting_line line{3};
    line_of_three() {
        for (int i = 1; i <= 3; ++i) {
            waiting_line::work one = std::make_unique<numbered>(i, answers);
            CHECK(line.put(static_cast<waiting_line::ticket>(i), one) == verdict::waits);
            CHECK(one == nullptr);
        }
    }
};

// A thread that waits in its first batch until it may go on.
struct held_line {
    std::mutex mutex;
    std::condition_variable changed;
    bool held = true;
    bool begun = false;
    std::vector<std::size_t> batches;
    std::vector<told> answers;   // by the thread of the line, or with nothing in it

    std::unique_ptr<work_line> open(std::size_t waiting_max, std::size_t batch_max) {
        work_line_options options{"test_limit", waiting_max, batch_max, 1};
        return std::make_unique<work_line>(std::move(options), [this] {
            return [this](std::vector<work_line::work> batch) {
                std::unique_lock hold{mutex};
                begun = true;
                changed.notify_all();
                changed.wait(hold, [&] { return !held; });
                batches.push_back(batch.size());
                for (auto const& one : batch) static_cast<numbered&>(*one).done();
            };
        });
    }
    void until_begun() {
        std::unique_lock hold{mutex};
        changed.wait(hold, [&] { return begun; });
    }
    void go_on() {
        std::lock_guard const hold{mutex};
        held = false;
        changed.notify_all();
    }
    work_line::withdrawal submit(work_line& to, int number) {
        auto const as = to.next_withdrawal();
        to.submit(as, std::make_unique<numbered>(number, answers));
        return as;
    }
};

}  // namespace

TEST_CASE("what waits is taken in order, a batch at a time", "[async][waiting_line]") {
    line_of_three w;
    CHECK(numbers(w.line.take(2)) == std::vector<int>{1, 2});
    CHECK(numbers(w.line.take(2)) == std::vector<int>{3});
    CHECK(w.line.take(2).empty());
}

TEST_CASE("a full line lets nothing in, and leaves the work to its owner",
          "[async][waiting_line]") {
    line_of_three w;
    waiting_line::work one = std::make_unique<numbered>(4, w.answers);
    CHECK(w.line.put(4, one) == verdict::full);
    CHECK(one != nullptr);
    CHECK(w.line.size() == 3);
    static_cast<void>(w.line.take(1));
    CHECK(w.line.put(4, one) == verdict::waits);
}

TEST_CASE("a closed line gives out what it has and lets nothing in", "[async][waiting_line]") {
    line_of_three w;
    w.line.close();
    waiting_line::work one = std::make_unique<numbered>(4, w.answers);
    static_cast<void>(w.line.take(1));
    CHECK(w.line.put(4, one) == verdict::closed);
    CHECK(numbers(w.line.take(9)) == std::vector<int>{2, 3});
}

TEST_CASE("work is withdrawn by its ticket until it is taken", "[async][waiting_line]") {
    line_of_three w;
    auto const mine = w.line.withdraw(2);
    REQUIRE(mine != nullptr);
    CHECK(static_cast<numbered&>(*mine).number() == 2);
    CHECK(w.line.withdraw(2) == nullptr);
    CHECK(numbers(w.line.take(9)) == std::vector<int>{1, 3});
    CHECK(w.line.withdraw(1) == nullptr);
}

TEST_CASE("what comes in while a batch is performed is the next batch", "[async][work_line]") {
    held_line held;
    auto line = held.open(100, 4);
    held.submit(*line, 1);
    held.until_begun();
    for (int i = 2; i <= 7; ++i) held.submit(*line, i);
    CHECK(line->waiting() == 6);
    held.go_on();
    line.reset();  // finishes what waits
    CHECK(held.batches == std::vector<std::size_t>{1, 4, 2});
    REQUIRE(held.answers.size() == 7);
    for (int i = 0; i < 7; ++i) {
        CHECK(held.answers[static_cast<std::size_t>(i)].number == i + 1);
        CHECK(held.answers[static_cast<std::size_t>(i)].failure == nullptr);
    }
}

TEST_CASE("one too many fails at once, and may be tried again", "[async][work_line]") {
    held_line held;
    auto line = held.open(2, 4);
    held.submit(*line, 1);
    held.until_begun();
    for (int i = 2; i <= 4; ++i) held.submit(*line, i);
    REQUIRE(held.answers.size() == 1);
    CHECK(held.answers[0].number == 4);
    auto const e = caught([&] { std::rethrow_exception(held.answers[0].failure); });
    CHECK(e.code() == errc::limit_exceeded);
    CHECK(e.retryable());
    CHECK(std::string{e.what()} == "test_limit is 2, and as many wait already");
    held.go_on();
    line.reset();
    CHECK(held.answers.size() == 4);
}

TEST_CASE("withdrawn work fails as stopped, and what is on its way is done", "[async][work_line]") {
    held_line held;
    auto line = held.open(10, 4);
    auto const first = held.submit(*line, 1);
    held.until_begun();
    auto const second = held.submit(*line, 2);
    first();   // too late
    second();
    second();
    REQUIRE(held.answers.size() == 1);
    CHECK(held.answers[0].number == 2);
    CHECK(code_of(held.answers[0]) == errc::stopped);
    held.go_on();
    line.reset();
    second();  // outlives the line
    REQUIRE(held.answers.size() == 2);
    CHECK(held.answers[1].number == 1);
    CHECK(held.answers[1].failure == nullptr);
}

TEST_CASE("a line without room, batch or thread is refused", "[async][work_line]") {
    auto const make = [] { return [](std::vector<work_line::work>) {}; };
    for (auto const& wrong : {work_line_options{"l", 0, 1, 1}, work_line_options{"l", 1, 0, 1},
                              work_line_options{"l", 1, 1, 0}}) {
        auto const e = caught([&] { work_line const none{wrong, make}; });
        CHECK(e.code() == errc::invalid_argument);
    }
}

TEST_CASE("who were answered together are waited for while they come back", "[waiting]") {
    using recount::detail::linger;
    linger wait;
    auto now = linger::clock::time_point{};
    auto const look = [&](std::size_t waiting) {
        now += linger::next_comes_in;
        return wait.expects_more(waiting, now);
    };
    SECTION("nobody was answered yet") {
        wait.begin(now);
        CHECK_FALSE(look(1));
    }
    SECTION("a lone one") {
        wait.answered(1);
        wait.begin(now);
        CHECK_FALSE(look(1));
    }
    SECTION("until all are back") {
        wait.answered(4);
        wait.begin(now);
        CHECK(look(1));
        CHECK(look(3));
        CHECK_FALSE(look(4));
    }
    SECTION("until nobody has come since the last look, or some have been withdrawn") {
        wait.answered(4);
        for (std::size_t const then : {2U, 1U, 0U}) {
            wait.begin(now);
            CHECK(look(2));
            CHECK_FALSE(look(then));
        }
    }
    SECTION("not for long") {
        wait.answered(1'000'000);
        wait.begin(now);
        auto const begun = now;
        std::size_t waiting = 1;
        while (look(waiting)) ++waiting;
        CHECK(now - begun == linger::longest);
    }
}
