// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Corrections in pages over HTTP: what is kept between two pages makes them cheaper, and no other.
#include <recount/restructure/append.hpp>

#include <array>

#include <fmt/format.h>

#include "site.hpp"
#include "support/random_history.hpp"

using namespace recount::tests;

namespace history = recount::history;

namespace {

// Accounts with deposits, corrected at random.
struct told_site : site {
    std::mt19937_64 random;
    std::vector<std::string> deposits;

    explicit told_site(std::uint64_t seed) : random{seed} {
        for (int a = 0; a < 4; ++a) open(fmt::format("a{}", a));
    }
    std::uint64_t below(std::uint64_t n) { return random() % n; }
    void deposit_some(int count) {
        for (int i = 0; i < count; ++i) {
            auto const done =
                deposit(fmt::format("a{}", below(4)), static_cast<int>(below(100)) + 1);
            deposits.push_back(done.json["events"][0]);
        }
    }
    void correct() {
        auto const event = recount::uuid_from_string(deposits[below(deposits.size())]);
        auto const plan = recount::restructure{"a correction"}.because("it was wrong").by("ada");
        try {
            auto one = plan;
            if (below(2) == 0) {
                one.redate(event, recount::timestamp{recount::duration{
                                      static_cast<std::int64_t>(below(1'000'000'000))}});
            } else {
                one.move(event, fmt::format("account-a{}", below(4)));
            }
            static_cast<void>(history::append_plan(log->inner, one));
        } catch (history::plan_refused const&) {   // it was there already
        }
    }
};

// Without what another page has left.
json fresh(told_site& s, std::string const& target) {
    recount::http::api const other{s.app};
    return json::parse(std::get<recount::http::response>(
                           other.answer(site::request("GET", target))).body);
}

}  // namespace

TEST_CASE("a page of corrections is the same whoever was told the page before", "[http][api]") {
    auto const seed = seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    told_site s{seed};
    s.deposit_some(20);
    for (int i = 0; i < 20; ++i) {
        s.correct();
        s.deposit_some(1);
    }
    for (std::string const form : {"changes", "append_only"}) {
        for (std::string const filter : {"", "&stream=account-a1", "&type=account.deposited"}) {
            std::int64_t from = 1;
            for (int pages = 0;; ++pages) {
                auto const target = fmt::format("events?as={}&limit={}&from={}{}", form,
                                                1 + s.below(7), from, filter);
                CAPTURE(target);
                auto const found = s.get(target).json;
                REQUIRE(found == fresh(s, target));
                if (found["next"] > found["known_at"]) break;
                REQUIRE(found["next"] > from);
                from = found["next"];
                // What comes between two pages is told in the next one.
                if (pages % 3 == 0) s.correct();
                if (pages % 4 == 0) s.deposit_some(1);
                REQUIRE(pages < 1'000);
            }
        }
    }
}

TEST_CASE("the next page of corrections does not read the corrected streams again",
          "[http][api]") {
    told_site s{7};
    s.deposit_some(40);
    while (s.log->head().position < 80) s.correct();
    auto const page = [&](std::int64_t from) {
        return s.get(fmt::format("events?as=changes&limit=5&from={}", from)).json;
    };
    auto const whole = fresh(s, "events?as=changes&limit=1000");
    s.log->stream_reads = 0;
    std::int64_t from = 1;
    std::size_t told = 0;
    int pages = 0;
    for (; from <= whole["known_at"]; ++pages) {
        auto const found = page(from);
        told += found["changes"].size();
        from = found["next"];
    }
    CHECK(told == whole["changes"].size());
    CHECK(pages > 10);
    CHECK(s.log->stream_reads <= 4);   // each of the four accounts once
    // Others that follow, and come by turns, do not push each other out.
    s.log->stream_reads = 0;
    std::array<std::int64_t, 3> ends{1, 1, 1};
    for (bool more = true; more;) {
        more = false;
        for (auto& at : ends) {
            if (at > whole["known_at"]) continue;
            at = page(at)["next"];
            more = true;
        }
    }
    CHECK(s.log->stream_reads <= 3 * 4);
}
