// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The rows that a preview shows while events come in and tables follow them.
#include <functional>
#include <stdexcept>

#include <recount/app/application.hpp>
#include <recount/projection/memory_row_store.hpp>

#include "support/catch.hpp"
#include "support/ledger_domain.hpp"
#include "support/wrapped_log.hpp"

namespace {

using namespace ledger;
using recount::restructure;
using recount::uuid;

// It throws what is not of the framework.
struct strict {
    using row = greatest_row;
    using events = recount::types<deposited>;
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i) {
        if (e.amount > eur(1'000)) throw std::runtime_error{"so much there never was"};
        r[std::string{i.stream}].greatest = e.amount;
    }
};
RECOUNT_PROJECTION(strict, "strict", 1)

struct busy_bank {
    std::shared_ptr<recount::tests::wrapped_log> log =
        std::make_shared<recount::tests::wrapped_log>();
    recount::application app{parts(), log, std::make_shared<recount::memory_row_store>()};
    uuid first, twice;

    static recount::application_parts parts() {
        recount::application_parts made;
        made.add<account>();
        made.add<balances>();
        made.add<strict>();
        made.add<greatest>();
        return made;
    }
    busy_bank() {
        app.dispatch(open{{"a"}}).value();
        app.dispatch(open{{"b"}}).value();
        first = app.dispatch(deposit{{"a"}, eur(100)}).value().events.front();
        twice = app.dispatch(deposit{{"a"}, eur(200)}).value().events.front();
        app.catch_up();
    }
    void pay(std::string const& to, std::int64_t cents) {
        app.dispatch(deposit{{to}, eur(cents)}).value();
    }
    [[nodiscard]] recount::preview_projection balances_in(restructure const& plan) {
        auto seen = app.preview(plan);
        CHECK(seen.projections.front().projection == "balances");
        return std::move(seen.projections.front());
    }
    [[nodiscard]] std::string row_now() {
        return recount::describe::to_json(*app.row<balances>({"a"})).str();
    }
    // Once, as soon as the plan is judged and rows are told.
    void while_rows_are_told(std::function<void()> what) {
        reads_ = 0;
        log->before_read_stream = [this, what] {
            if (++reads_ == 2) what();
        };
    }

private:
    int reads_ = 0;
};

restructure struck(uuid const& x) {
    return restructure{"recorded twice"}.because("a test").by("ada").exclude(x);
}

}  // namespace

TEST_CASE("a table that is behind what came in since shows what would become of it",
          "[correction]") {
    busy_bank bank;
    bank.pay("a", 7);
    bank.pay("b", 9);
    auto const plan = struck(bank.twice);
    auto const one = bank.balances_in(plan);
    CHECK(one.behind == 0);
    CHECK(one.problem.empty());
    REQUIRE(one.rows.size() == 1);
    CHECK(one.rows.front().before == bank.row_now());
    CHECK(one.rows.front().after.find(R"("minor":100)") != std::string::npos);
    CHECK(bank.app.preview(plan).projections.back().rows.size() == 1);
    // What is corrected is not in the table yet.
    auto const last = bank.log->inner.read_feed(bank.log->head().position - 1).events.front().id;
    CHECK(bank.balances_in(struck(last)).behind == 2);
    // Nor is another correction of the stream.
    bank.app.apply(struck(bank.twice));
    auto const later = bank.balances_in(struck(bank.first));
    CHECK(later.behind == 3);
    CHECK(later.rows.empty());
}

TEST_CASE("a table that goes on while its rows are told is told as it is then", "[correction]") {
    busy_bank bank;
    bank.while_rows_are_told([&] {
        bank.pay("a", 7);
        bank.app.catch_up();
    });
    auto const one = bank.balances_in(struck(bank.twice));
    bank.log->before_read_stream = {};
    CHECK(one.problem.empty());
    REQUIRE(one.rows.size() == 1);
    CHECK(one.rows.front().before == bank.row_now());
    CHECK(bank.row_now().find(R"("minor":307)") != std::string::npos);
    CHECK(one.rows.front().after.find(R"("minor":107)") != std::string::npos);
}

TEST_CASE("a table that another correction has changed meanwhile is said to have moved",
          "[correction]") {
    busy_bank bank;
    bank.while_rows_are_told([&] {
        bank.app.apply(struck(bank.first));
        bank.app.catch_up();
    });
    auto const one = bank.balances_in(struck(bank.twice));
    bank.log->before_read_stream = {};
    CHECK(one.rows.empty());
    CHECK(one.problem.find("preview it again") != std::string::npos);
}

TEST_CASE("a projection whose handler throws at what a plan says is shown with that",
          "[correction]") {
    busy_bank bank;
    auto const payload = recount::describe::to_json(deposited{{"a"}, eur(5'000)});
    auto const seen = bank.app.preview(restructure{"mistyped"}.because("a test").by("ada").replace(
        bank.twice, {"account.deposited", 1, payload, {}}));
    REQUIRE(seen.projections.size() == 3);
    CHECK(seen.projections[0].rows.size() == 1);
    CHECK(seen.projections[1].projection == "strict");
    CHECK(seen.projections[1].problem.find("so much there never was") != std::string::npos);
    CHECK(seen.projections[1].rows.empty());
    CHECK(seen.projections[2].problem.empty());
    CHECK(seen.projections[2].rows.size() == 1);
}
