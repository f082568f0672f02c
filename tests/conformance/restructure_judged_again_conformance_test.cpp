// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a check has said of a plan is true of the streams when it is appended: if others append to
// them meanwhile it is asked again, the last time while nobody can.
#include <atomic>
#include <thread>
#include <utility>

#include <recount/restructure/standstill.hpp>

#include "conformance/restructure_conformance.hpp"

using namespace conformance;
using namespace recount;
using history::append_plan;

namespace {

// Refuses what would leave less than nothing in account-a.
void check_covered(history::judged_plan const& judged, std::int64_t taken_away) {
    auto const& rows = judged.seen.rows.at("account-a");
    if (total(rows) < taken_away) throw error{errc::refused, "less than nothing would be left"};
}

}  // namespace

TEST_CASE("a check is asked again if its streams have got events since", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        tell(log, "account-a", 100);
        auto const twice = tell(log, "account-a", 100);
        int asked = 0;
        history::append_options options;
        options.check = [&](history::judged_plan const& judged) {
            check_covered(judged, 100);
            if (++asked == 1) tell(store.other(), "account-a", -150);
        };
        auto const no =
            error_of([&] { return append_plan(log, correction().exclude(twice), options); });
        REQUIRE(no.has_value());
        CHECK(no->code() == errc::refused);
        CHECK(asked == 1);
        CHECK(total(history::read_corrected(log, stream("account-a")).events) == 50);
        check_whole(log);
    }
}

TEST_CASE("a stream that comes to be while a plan is judged is seen by its check",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-b", 10);
        std::vector<std::size_t> rows_seen;
        history::append_options options;
        options.check = [&](history::judged_plan const& judged) {
            rows_seen.push_back(judged.seen.rows.at("account-a").size());
            if (rows_seen.size() == 1) tell(store.other(), "account-a", 1);
        };
        auto const done = append_plan(log, correction().move(x, "account-a"), options);
        CHECK(rows_seen == std::vector<std::size_t>{0, 1});
        CHECK(done.first == 3);
        CHECK(corrected_ids(store.other(), "account-a").size() == 2);
    }
}

TEST_CASE("events of other streams are no reason to ask a check again", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        int asked = 0;
        history::append_options options;
        options.check = [&](history::judged_plan const&) {
            ++asked;
            tell(store.other(), "account-b", 1);
        };
        CHECK(append_plan(log, correction().exclude(x), options).last == 3);
        CHECK(asked == 1);
    }
}

TEST_CASE("a stream that never rests is corrected all the same", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 1'000);
        REQUIRE(store.other().head().position == 1);   // opened here, not in another thread
        int asked = 0;
        std::thread late;
        std::atomic<position> late_at{0};
        history::append_options options;
        options.check = [&](history::judged_plan const& judged) {
            CHECK(judged.seen.rows.at("account-a").size() == static_cast<std::size_t>(++asked));
            if (asked < limits::restructure_makings_max) {
                tell(store.other(), "account-a", -1);
                return;
            }
            // Nobody can append now: this one comes behind the restructure, however fast it is.
            late = std::thread{[&] {
                while (late_at == 0) {
                    auto const results = store.other().append_batch(
                        std::vector{commit_to("account-a")});
                    auto const* const done = std::get_if<appended>(&results.front());
                    if (done != nullptr) late_at = done->first;
                }
            }};
        };
        auto const done = append_plan(log, correction().exclude(x), options);
        late.join();
        CHECK(asked == limits::restructure_makings_max);
        CHECK(done.first == 1 + limits::restructure_makings_max);
        CHECK(late_at == done.last + 1);
        check_whole(log);
    }
}

TEST_CASE("what makes a restructure may ask that nobody appends meanwhile", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        tell(log, "account-a", 1);
        commit one;
        one.of_framework = true;
        one.events.push_back(event("$note-x"));
        bool first = true;
        auto const done = log.append_restructure([&] {
            if (std::exchange(first, false)) throw wants_standstill{};
            return one;
        });
        CHECK(done.first == 2);
        CHECK(log.append_restructure([&] { return one; }).repeated);
    }
}

TEST_CASE("a restructure that expects what is not so is a conflict", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        tell(log, "account-a", 1);
        auto const wrong = expecting(commit_to("account-a"), "account-a", expectation::exactly(7));
        auto const no = error_of([&] { return log.append_restructure([&] { return wrong; }); });
        REQUIRE(no.has_value());
        CHECK(no->code() == errc::conflict);
        CHECK(log.head().position == 1);
    }
}
