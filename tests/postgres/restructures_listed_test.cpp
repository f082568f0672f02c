// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The restructures of a log are listed page by page without a look at the rest of the log.
#include <fmt/format.h>

#include <recount/correction/restructured.hpp>
#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/restructure/append.hpp>

#include "conformance/log_conformance.hpp"
#include "postgres/log_queries.hpp"
#include "support/executed_plan.hpp"

namespace postgres = recount::postgres;
using recount::position;
using recount::uuid;

namespace {

constexpr int commits = 3'000;

// Restructures of two streams each, among very many other events.
struct corrected_log {
    recount::tests::test_database database;
    std::unique_ptr<postgres::log> log;
    std::vector<uuid> restructures;   // oldest first

    corrected_log() {
        postgres::migrate({.url = database.url()});
        log = postgres::log::open({.url = database.url()});
        for (int part = 0; part < 3; ++part) {
            for (int i = 0; i < 3; ++i) correct(fmt::format("{}-{}", part, i));
            fill(part);
        }
    }

    void fill(int part) {
        std::vector<recount::commit> all;
        for (int i = 0; i < commits / 3; ++i) {
            all.push_back(conformance::commit_to(fmt::format("thing-{}-{}", part, i % 50)));
        }
        for (auto const& done : log->append_batch(all)) conformance::success(done);
    }
    void correct(std::string const& name) {
        auto const from = log->append(conformance::commit_to("thing-from-" + name));
        log->append(conformance::commit_to("thing-to-" + name));
        recount::history::append_options options;
        auto plan = recount::restructure{"moved"}.because("it was of the other").by("ada");
        plan.move(from.events.front().id, "thing-to-" + name);
        static_cast<void>(recount::history::append_plan(*log, plan, options));
        restructures.push_back(options.id);
    }
    [[nodiscard]] std::vector<uuid> listed(std::size_t limit) const {
        std::vector<uuid> ids;
        for (std::optional<position> after = 0; after;) {
            auto const page = recount::list_restructures(*log, *after, limit);
            CHECK(page.restructures.size() <= limit);
            for (auto const& r : page.restructures) {
                CHECK(r.streams.size() == 2);
                ids.push_back(r.what.restructure);
            }
            after = page.next;
        }
        return ids;
    }
};

}  // namespace

TEST_CASE("restructures are listed in pages, and the rest of the log is not read", "[postgres]") {
    corrected_log const world;
    for (std::size_t const limit : {1, 2, 4, 9, 100}) {
        CAPTURE(limit);
        CHECK(world.listed(limit) == world.restructures);
    }
    auto const statement = postgres::log_queries{"recount"}.feed_of_restructures;
    for (bool const analyzed : {false, true}) {
        auto on = world.database.connect();
        if (analyzed) recount::tests::run(on, "ANALYZE recount.log, recount.streams");
        for (auto const* const parameters : {"0, 100", "0, 2", "1500, 100", "2500, 1"}) {
            CAPTURE(analyzed, parameters);
            auto session = world.database.connect();
            auto const touched = recount::tests::rows_touched(session, statement, parameters);
            CHECK(touched > 0);
            CHECK(touched <= 600);   // 18 rows, in each node of the plan; the log has 3,036
        }
    }
}

TEST_CASE("a page of restructures ends where a commit ends, and passes over what is none",
          "[postgres]") {
    corrected_log const world;
    recount::feed_filter const only{
        .types = {std::string{recount::history::restructured_type}}};
    auto const head = world.log->head().position;
    position after = 0;
    std::size_t found = 0;
    int pages = 0;
    for (;; ++pages) {
        auto const page = world.log->read_feed(after, only, 3);
        for (auto const& e : page.events) CHECK(e.type == recount::history::restructured_type);
        found += page.events.size();
        CHECK(page.head == head);
        if (page.caught_up) {
            CHECK(page.through == head);
            break;
        }
        REQUIRE(page.events.size() == 4);   // two commits of two
        CHECK(page.through == page.events.back().commit_last);
        REQUIRE(page.through > after);
        after = page.through;
    }
    CHECK(found == 18);
    CHECK(pages == 4);
    CHECK(world.log->read_feed(head, only, 3).through == head);
    CHECK(world.log->read_feed(head, only, 3).events.empty());
}
